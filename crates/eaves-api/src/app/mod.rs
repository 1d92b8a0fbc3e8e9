//! Between the app and the vault, by subject.

mod account;
mod claim;
mod household;
mod log;
mod notice;
mod passkey;
mod second_step;
mod sign_in;

pub use account::*;
pub use claim::*;
pub use household::*;
pub use log::*;
pub use notice::*;
pub use passkey::*;
pub use second_step::*;
pub use sign_in::*;
