//! Cameras of this hub: what the roster says about each, the worker that keeps it running, and the writer that seals.
//!
//! Each camera has a task that reads it and a thread that seals and writes. Between them is a short queue of whole groups
//! of pictures: a disk that is slow costs footage, which is announced, and never memory or the live picture.

mod feed;
mod plan;
mod source;
mod worker;
mod writer;

pub(crate) use plan::{Change, Plan};
pub use source::{Cameras, RealCameras, Run};
pub(crate) use worker::{Orders, Worker};
