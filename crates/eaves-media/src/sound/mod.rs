//! Sound on arrival: AAC is kept as sent, G.711 becomes FLAC.
//!
//! G.711 (RFC 3551 PCMU and PCMA) has no place in MP4 that browsers accept, and neither has PCM in Safari and older
//! Chromium; FLAC in MP4 plays everywhere, loses nothing and halves the size. The encoder is our own: it makes one
//! frame of a fixed length at a time, as the MP4 needs it, in two hundred lines; the `flacenc` crate is
//! built around whole streams and floating-point prediction that brings nothing for telephone sound.

mod flac;
mod g711;

pub(crate) use flac::sample_entry as flac_sample_entry;
pub(crate) use g711::{G711, Law};
