//! The envelope of every signed document: DSSE (github.com/secure-systems-lab/dsse, protocol v1) with Ed25519 (RFC 8032).
//!
//! A document is signed and verified over `PAE(payloadType, payload)`, where `payload` is the exact byte string that
//! travels. Nothing is ever re-serialised to be verified, so two JSON writers that disagree cannot be played off
//! against each other.

use crate::{Base64Url, Digest};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The largest payload that is parsed, in bytes. A roster of a large household is about 100 kB.
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;

/// An Ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// The public half of `key`.
    pub fn of(key: &SigningKey) -> Self {
        Self(key.verifying_key().to_bytes())
    }

    /// The hint that an envelope carries: the first eight bytes of the key's SHA-256, in hexadecimal.
    pub fn key_id(&self) -> String {
        Digest::of(&self.0).to_hex()[..16].to_owned()
    }

    /// Verifies `signature` over `message`, refusing malleable signatures and weak keys.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&self.0) else { return false };
        let Ok(signature) = Signature::from_slice(signature) else { return false };
        key.verify_strict(message, &signature).is_ok()
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({})", self.key_id())
    }
}

impl Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Base64Url(self.0.to_vec()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Base64Url::deserialize(deserializer)?;
        let key = <[u8; 32]>::try_from(bytes.0.as_slice())
            .map_err(|_| serde::de::Error::custom("an Ed25519 public key has 32 bytes"))?;
        Ok(Self(key))
    }
}

/// One signature of an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeSignature {
    /// [`PublicKey::key_id`] of the signer: a hint, never believed.
    pub keyid: String,
    /// The 64-byte Ed25519 signature.
    pub sig: Base64Url,
}

/// A signed document as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Envelope {
    /// The media type of the payload; see [`Document::PAYLOAD_TYPE`].
    pub payload_type: String,
    /// The exact bytes that were signed.
    pub payload: Base64Url,
    /// At least one signature.
    pub signatures: Vec<EnvelopeSignature>,
}

/// A payload type that may be signed.
pub trait Document: Serialize + DeserializeOwned {
    /// The media type that separates this kind of document from every other.
    const PAYLOAD_TYPE: &'static str;
}

/// Why an envelope was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The document is of another kind than the reader expects.
    #[error("the document is of another type")]
    WrongType,
    /// No signature in the envelope was made by a key the reader trusts.
    #[error("the document is not signed by a trusted key")]
    NotSignedByTrusted,
    /// The payload is longer than [`PAYLOAD_BYTES_MAX`].
    #[error("the document is too large")]
    TooLarge,
    /// The payload is signed, but is not a document of its type.
    #[error("the document is malformed")]
    Malformed,
}

/// DSSE's pre-authentication encoding of a type and a payload.
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + payload_type.len() + 32);
    out.extend_from_slice(format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).as_bytes());
    out.extend_from_slice(payload);
    out
}

impl Envelope {
    /// Serialises `document` once and signs those bytes.
    pub fn sign<D: Document>(document: &D, key: &SigningKey) -> Self {
        let payload = serde_json::to_vec(document).expect("documents have string keys and finite numbers only");
        let message = pre_authentication_encoding(D::PAYLOAD_TYPE, &payload);
        Self {
            payload_type: D::PAYLOAD_TYPE.to_owned(),
            payload: Base64Url(payload),
            signatures: vec![EnvelopeSignature {
                keyid: PublicKey::of(key).key_id(),
                sig: Base64Url(key.sign(&message).to_bytes().to_vec()),
            }],
        }
    }

    /// Returns the document if one of `trusted` signed it.
    pub fn verify<D: Document>(&self, trusted: &[PublicKey]) -> Result<D, EnvelopeError> {
        self.verify_signer(trusted).map(|(document, _)| document)
    }

    /// Like [`Envelope::verify`], and says which of `trusted` signed it.
    pub fn verify_signer<D: Document>(&self, trusted: &[PublicKey]) -> Result<(D, PublicKey), EnvelopeError> {
        if self.payload_type != D::PAYLOAD_TYPE {
            return Err(EnvelopeError::WrongType);
        }
        if self.payload.0.len() > PAYLOAD_BYTES_MAX {
            return Err(EnvelopeError::TooLarge);
        }
        let message = pre_authentication_encoding(&self.payload_type, &self.payload.0);
        let signer = trusted
            .iter()
            .find(|key| self.signatures.iter().take(16).any(|s| key.verify(&message, &s.sig.0)))
            .ok_or(EnvelopeError::NotSignedByTrusted)?;
        let document = serde_json::from_slice(&self.payload.0).map_err(|_| EnvelopeError::Malformed)?;
        Ok((document, *signer))
    }

    /// Reads the payload **without** verifying it, to learn which key it claims to be signed by.
    pub fn peek<D: Document>(&self) -> Result<D, EnvelopeError> {
        if self.payload_type != D::PAYLOAD_TYPE {
            return Err(EnvelopeError::WrongType);
        }
        if self.payload.0.len() > PAYLOAD_BYTES_MAX {
            return Err(EnvelopeError::TooLarge);
        }
        serde_json::from_slice(&self.payload.0).map_err(|_| EnvelopeError::Malformed)
    }

    /// SHA-256 of the payload bytes: what the next document of a chain names as its `previous`.
    pub fn payload_digest(&self) -> Digest {
        Digest::of(&self.payload.0)
    }
}
