//! Between a hub and the vault.

use crate::app::Headers;
use eaves_domain::claim::HubIntroduction;
use eaves_domain::envelope::{Document, Envelope};
use eaves_domain::link::ChainHead;
use eaves_domain::{Base64Url, Digest, HubId, Timestamp};
use serde::{Deserialize, Serialize};

/// An unclaimed hub introduces itself. The vault keeps one introduction; a new one replaces it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pairing {
    /// SHA-256 of `ClaimCode::vault_token`.
    pub token_hash: Digest,
    /// When the code ends.
    pub expires_us: Timestamp,
    /// What the app is shown in exchange for the token.
    pub introduction: HubIntroduction,
}

/// Asks for a bearer token; signed by the hub's key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionRequest {
    /// Which hub.
    pub hub: HubId,
    /// When it was signed; refused when more than ten minutes off.
    pub issued_us: Timestamp,
    /// 16 random bytes; refused when seen before.
    pub nonce: Base64Url,
}

impl Document for SessionRequest {
    const PAYLOAD_TYPE: &'static str = "application/vnd.eaves.hub-session.v1+json";
}

/// A hub's bearer token.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Opaque.
    pub token: String,
    /// When it ends.
    pub expires_us: Timestamp,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Where a device's chain ends in the vault.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The head.
    pub head: ChainHead,
}

/// The next link of a chain. A recording's bodies were put before; the vault checks their digests against it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkUpload {
    /// The link.
    pub link: Envelope,
    /// The age headers, when the link is a recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Headers>,
}
