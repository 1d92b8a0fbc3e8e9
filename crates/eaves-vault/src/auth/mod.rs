//! Who may sign in: one core behind every door.

pub mod approval;
pub mod attempts;
pub mod challenges;
pub mod client;
pub mod known_device;
pub mod lockbox;
pub mod loosening;
pub mod opaque;
pub mod passkey;
pub mod place;
pub mod recovery_code;
pub mod second_step;
pub mod session;
pub mod spray;
pub mod throttle;
pub mod totp;
pub mod ways;
pub mod work;

/// Fresh random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], crate::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| crate::Error::NoRandomness)?;
    Ok(bytes)
}

/// Compares secrets by their digests, so that the time taken says nothing about them.
pub(crate) fn is_same_secret(a: &[u8], b: &[u8]) -> bool {
    eaves_domain::Digest::of(a).0 == eaves_domain::Digest::of(b).0
}
