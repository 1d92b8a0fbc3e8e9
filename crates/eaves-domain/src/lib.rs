//! The nouns and rules of a household, as plain values.
//!
//! Everything that is signed in Eaves has its type here: the [`roster`] (who, where, with which keys, under which
//! rules), the [`link`] (one entry of a device's signed chain: a recording or an announced gap), the [`command`], the
//! state of the [`home`] and the [`live`] key. All of them travel in one [`envelope`], whose bytes are verified as they were sent.
//!
//! This crate knows no clock, randomness, file, socket, database or async runtime (invariant A4). Whoever needs the
//! time passes it in as a [`Timestamp`]; whoever needs a random id makes sixteen random bytes and passes those.
//!
//! Trust: nothing in here trusts its input. Every document is refused unless its signature, its household and its
//! place in its chain are right, and each refusal says which of these failed.

pub mod claim;
pub mod command;
pub mod digest;
pub mod encoding;
pub mod envelope;
pub mod home;
pub mod id;
pub mod invite;
pub mod link;
pub mod live;
pub mod retention;
pub mod roster;
pub mod time;

pub use digest::Digest;
pub use encoding::Base64Url;
pub use id::{
    CommandId, DeviceId, GrantId, HouseholdId, HubId, InviteId, MemberId, RecordingId, ReviewerId, RoomId, RunId,
    ScopeId,
};
pub use time::{Days, Timestamp};
