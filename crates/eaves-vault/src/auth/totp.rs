//! One-time passwords of authenticator apps (RFC 6238): SHA-1, six digits, thirty seconds, one step either way.

use eaves_domain::Timestamp;
use totp_rs::{Algorithm, Builder, Totp};

/// Bytes of a secret.
pub const SECRET_BYTES: usize = 20;

const STEP_S: u64 = 30;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn totp(secret: &[u8]) -> Totp {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1);
    builder.with_step_duration(STEP_S).with_secret(secret.to_vec()).build_noncompliant()
}

/// The time step that `code` is for, if it is a right one now. The caller sees to it that each step is good once.
pub fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<u64> {
    if code.len() != 6 || !code.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let seconds = u64::try_from(now.as_us()).ok()? / 1_000_000;
    totp(secret).check(code, seconds)
}

/// A secret in base 32 (RFC 4648, no padding), as apps take it.
pub fn to_text(secret: &[u8]) -> String {
    let mut text = String::with_capacity(secret.len().div_ceil(5) * 8);
    for group in secret.chunks(5) {
        let mut bytes = [0; 8];
        bytes[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(bytes);
        for at in 0..(group.len() * 8).div_ceil(5) {
            let index = usize::try_from((bits >> (35 - 5 * at)) & 31).unwrap_or(0);
            text.push(char::from(BASE32[index]));
        }
    }
    text
}

/// What a QR code says. It holds no name: the vault knows none.
pub fn uri(secret: &[u8]) -> String {
    format!("otpauth://totp/Eaves?secret={}&issuer=Eaves&algorithm=SHA1&digits=6&period={STEP_S}", to_text(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    #[test]
    fn it_is_what_rfc_6238_says() {
        // Appendix B, the last six of eight digits.
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(step_of(SECRET, code, at(seconds)), Some(u64::try_from(seconds).unwrap() / 30));
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_one_late_and_no_more() {
        let step = |seconds| step_of(SECRET, "287082", at(seconds));
        assert_eq!([step(-1), step(0), step(89), step(90)], [None, Some(1), Some(1), None]);
    }

    #[test]
    fn what_is_no_code_is_none() {
        for code in ["", "28708", "2870820", "28708a", "287 082", "２８７０８２"] {
            assert_eq!(step_of(SECRET, code, at(59)), None, "{code}");
        }
    }

    #[test]
    fn secrets_are_written_as_rfc_4648_says() {
        for (bytes, text) in
            [("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(to_text(bytes.as_bytes()), text);
        }
        assert!(uri(SECRET).contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"));
    }
}
