//! Development only: a simulated home, and the makers of the vectors.
//!
//! Nothing in here is linked into a program. Keys grow from small numbers, so that a test can be repeated and a vector
//! read; sealing takes its randomness from the operating system, as it does in the home.

pub mod home;
pub mod log;
pub mod member;
pub mod pack;
pub mod vectors;
