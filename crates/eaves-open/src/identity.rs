//! An age identity of type `mlkem768x25519`: a 32-byte X-Wing seed that opens what was sealed to its recipient.

use crate::Error;
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Checksum, Hrp};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable as _, Kem, OpModeR, Serializable as _};
use zeroize::Zeroizing;

const RECIPIENT_HRP: &str = "age1pq";
const IDENTITY_HRP: &str = "age-secret-key-pq-";
/// HPKE `info` of the wrapped file key.
const WRAP_INFO: &[u8] = b"age-encryption.org/mlkem768x25519";

/// Bech32 (BIP 173) without its limit of 90 characters, as age uses it.
enum LongBech32 {}

impl Checksum for LongBech32 {
    type MidstateRepr = u32;
    const CODE_LENGTH: usize = usize::MAX;
    const CHECKSUM_LENGTH: usize = 6;
    const GENERATOR_SH: [u32; 5] = Bech32::GENERATOR_SH;
    const TARGET_RESIDUE: u32 = Bech32::TARGET_RESIDUE;
}

/// An identity. Not `Clone`, not `Serialize`; `Debug` gives nothing away; wiped when dropped.
pub struct Identity {
    seed: Zeroizing<[u8; 32]>,
    recipient: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Identity {
    /// The identity that grows from `seed`.
    pub fn from_seed(seed: Zeroizing<[u8; 32]>) -> Self {
        let public = <XWing as Kem>::sk_to_pk(&private(&seed));
        let hrp = Hrp::parse(RECIPIENT_HRP).expect("lower-case letters and digits");
        let recipient = bech32::encode::<LongBech32>(hrp, &public.to_bytes()).expect("there is no limit on length");
        Self { seed, recipient }
    }

    /// Reads `AGE-SECRET-KEY-PQ-1…`, in upper case as age writes it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.bytes().any(|b| b.is_ascii_lowercase()) {
            return Err(Error::Malformed);
        }
        let checked = CheckedHrpstring::new::<LongBech32>(text).map_err(|_| Error::Malformed)?;
        if !checked.hrp().as_str().eq_ignore_ascii_case(IDENTITY_HRP) {
            return Err(Error::Malformed);
        }
        let mut seed = Zeroizing::new([0; 32]);
        let mut bytes = checked.byte_iter();
        for byte in seed.iter_mut() {
            *byte = bytes.next().ok_or(Error::Malformed)?;
        }
        if bytes.next().is_some() {
            return Err(Error::Malformed);
        }
        Ok(Self::from_seed(seed))
    }

    /// `AGE-SECRET-KEY-PQ-1…`: the secret itself, for a person who takes their archive to another age tool.
    pub fn reveal_text(&self) -> Zeroizing<String> {
        let hrp = Hrp::parse(IDENTITY_HRP).expect("letters and hyphens");
        let text = bech32::encode_upper::<LongBech32>(hrp, self.seed.as_slice()).expect("there is no limit on length");
        Zeroizing::new(text)
    }

    /// The public half, `age1pq1…`.
    pub fn recipient(&self) -> &str {
        &self.recipient
    }

    /// Opens an HPKE-wrapped file key.
    pub(crate) fn unwrap(&self, encapsulated: &[u8], wrapped: &[u8]) -> Result<Zeroizing<[u8; 16]>, Error> {
        let encapsulated = <XWing as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| Error::Malformed)?;
        let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &private(&self.seed),
            &encapsulated,
            WRAP_INFO,
            wrapped,
            b"",
        )
        .map_err(|_| Error::NoKey)?;
        let opened = Zeroizing::new(opened);
        let key = opened.as_slice().try_into().map_err(|_| Error::Malformed)?;
        Ok(Zeroizing::new(key))
    }
}

fn private(seed: &[u8; 32]) -> <XWing as Kem>::PrivateKey {
    <XWing as Kem>::PrivateKey::from_bytes(seed).expect("any 32 bytes are an X-Wing seed")
}
