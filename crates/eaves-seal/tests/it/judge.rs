//! Opens an age file with the `age` crate, whose header parser and STREAM reader are not ours.

use age_core::format::{FileKey, Stanza};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable as _, Kem, OpModeR};
use std::io::Read as _;

struct Identity(<XWing as Kem>::PrivateKey);

impl age::Identity for Identity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        let [enc] = stanza.args.as_slice() else { return None };
        let enc = <XWing as Kem>::EncappedKey::from_bytes(&BASE64_STANDARD_NO_PAD.decode(enc).ok()?).ok()?;
        let info = b"age-encryption.org/mlkem768x25519";
        let key = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &self.0,
            &enc,
            info,
            &stanza.body,
            b"",
        )
        .ok()?;
        Some(Ok(FileKey::new(Box::new(key.try_into().ok()?))))
    }
}

/// The plaintext, or `None` when age refuses.
pub(crate) fn open(seed: &[u8; 32], file: &[u8]) -> Option<Vec<u8>> {
    let identity = Identity(<XWing as Kem>::PrivateKey::from_bytes(seed).ok()?);
    let mut plaintext = Vec::new();
    let decryptor = age::Decryptor::new(file).ok()?;
    decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).ok()?.read_to_end(&mut plaintext).ok()?;
    Some(plaintext)
}
