//! What the fuzz targets run: every reader of bytes that we did not write. Each must return, whatever it is given.
//! Not part of the interface.

use crate::archive::Manifest;
use crate::{ChainEntry, Ending, Header, Identity, KitSecret, header_bytes, open_body, open_file, open_name};
use eaves_domain::claim::ClaimCode;
use eaves_domain::command::Command;
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::link::Link;
use eaves_domain::live::{FrameHeader, LiveKey};
use eaves_domain::roster::Roster;
use std::sync::LazyLock;
use zeroize::Zeroizing;

static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity::from_seed(Zeroizing::new([10; 32])));

/// The header parser.
pub fn header(bytes: &[u8]) {
    if let Some(count) = header_bytes(bytes) {
        assert!(count <= bytes.len());
    }
    if let Ok(header) = Header::parse(bytes) {
        let _ = header.open(&IDENTITY);
    }
}

/// The part reader, whole and cut.
pub fn part(bytes: &[u8]) {
    let _ = open_file(bytes, &IDENTITY);
    let _ = open_name(bytes, &IDENTITY);
    if let Some((header, body)) = header_bytes(bytes).and_then(|count| bytes.split_at_checked(count)) {
        let _ = open_body(header, body, &IDENTITY, Ending::MayBeCut);
    }
}

/// The envelope, as every document.
pub fn envelope(bytes: &[u8]) {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(bytes) else { return };
    let nobody = [PublicKey([0; 32]), PublicKey([1; 32])];
    assert!(envelope.verify::<Roster>(&nobody).is_err());
    let _ = envelope.peek::<Command>();
    let _ = envelope.peek::<LiveKey>();
    let _ = Roster::accept_first(&envelope, None);
}

/// The link and the entry around it.
pub fn link(bytes: &[u8]) {
    let _ = ChainEntry::parse(bytes);
    if let Ok(link) = serde_json::from_slice::<Link>(bytes) {
        let _ = link.check();
        let again = serde_json::to_vec(&link).expect("what was read can be written");
        assert_eq!(serde_json::from_slice::<Link>(&again).ok(), Some(link));
    }
}

/// The roster.
pub fn roster(bytes: &[u8]) {
    if let Ok(roster) = serde_json::from_slice::<Roster>(bytes) {
        let again = serde_json::to_vec(&roster).expect("what was read can be written");
        assert_eq!(serde_json::from_slice::<Roster>(&again).ok(), Some(roster));
    }
}

/// The header of a live frame.
pub fn frame(bytes: &[u8]) {
    if let Some(header) = FrameHeader::parse(bytes) {
        assert_eq!(bytes.get(..FrameHeader::BYTES), Some(header.to_bytes().as_slice()));
    }
}

/// The archive's manifest.
pub fn manifest(bytes: &[u8]) {
    let _ = Manifest::parse(bytes);
}

/// The list of an audit pack.
pub fn pack_list(bytes: &[u8]) {
    if let Ok(list) = crate::PackList::parse(bytes) {
        assert!(bytes.starts_with(list.to_text().as_bytes()), "one way to write a list");
    }
}

/// What people type.
pub fn texts(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = Identity::parse(text);
    if let Ok(kit) = KitSecret::parse(text) {
        assert!(KitSecret::parse(&kit.reveal_text()).is_ok());
    }
    if let Some(code) = ClaimCode::from_text(text) {
        assert!(ClaimCode::from_text(&code.to_text()).is_some());
    }
}
