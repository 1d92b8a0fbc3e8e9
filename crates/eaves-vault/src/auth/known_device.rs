//! Known devices: browsers that somebody signed in with before, told by a cookie of their own.
//!
//! The cookie does two things, and for one account only: attempts that carry it are counted apart from those of strangers,
//! so that strangers cannot lock an owner out of a browser they use; and it is the second step beside the password. So a
//! device is known from a *completed* sign-in on, and what takes trust away forgets it.

use eaves_domain::{Base64Url, Digest, HouseholdId, MemberId, Timestamp};

/// A browser that was not used for so long is forgotten.
pub const KNOWN_US_MAX: i64 = 365 * 24 * 3_600_000_000;
/// That it was used is noted at most so often.
pub const TOUCH_US: i64 = 24 * 3_600_000_000;
/// A member has so many at most; the longest unused goes first.
pub const DEVICES_MAX: usize = 64;
/// Bytes of an id.
const ID: usize = 16;
/// Bytes of a secret.
const SECRET: usize = 32;

/// What a browser holds.
pub struct DeviceCookie {
    id: [u8; ID],
    secret: [u8; SECRET],
}

impl std::fmt::Debug for DeviceCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl DeviceCookie {
    /// A new one, of fresh randomness.
    pub const fn of_random(id: [u8; ID], secret: [u8; SECRET]) -> Self {
        Self { id, secret }
    }

    /// The name under which the store knows it.
    pub fn device(&self) -> String {
        hex::encode(self.id)
    }

    /// What is stored of the secret.
    pub fn secret_hash(&self) -> Digest {
        Digest::of(&self.secret)
    }

    /// A `Set-Cookie` value.
    pub fn cookie(&self, is_secure: bool) -> String {
        let text = |bytes: &[u8]| Base64Url(bytes.to_vec()).to_text();
        let (id, secret, flag) = (text(&self.id), text(&self.secret), if is_secure { "; Secure" } else { "" });
        let max_age = KNOWN_US_MAX / 1_000_000;
        format!("{}={id}.{secret}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{flag}", cookie_name(is_secure))
    }

    /// The one in a `Cookie` header.
    pub fn read(header: &str, is_secure: bool) -> Option<Self> {
        let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.into_iter().find(|(name, _)| *name == cookie_name(is_secure))?;
        let (id, secret) = value.split_once('.')?;
        let bytes = |text: &str| Base64Url::from_text(text).map(|bytes| bytes.0);
        Some(Self { id: bytes(id)?.try_into().ok()?, secret: bytes(secret)?.try_into().ok()? })
    }
}

/// The cookie's name: with the prefix that makes browsers insist on `Secure` and `Path=/`, unless this is plain http.
pub const fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { "__Host-eaves-device" } else { "eaves-device" }
}

/// A `Set-Cookie` value that takes the cookie away.
pub fn no_cookie(is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{secure}", cookie_name(is_secure))
}

/// A known device, as the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDevice {
    /// Opaque id.
    pub device: String,
    /// Whose household.
    pub household: HouseholdId,
    /// Which member.
    pub member: MemberId,
    /// SHA-256 of the cookie's secret.
    pub secret_hash: Digest,
    /// A coarse name of browser and system.
    pub client: String,
    /// When it became known.
    pub made: Timestamp,
    /// When somebody last signed in with it.
    pub used: Timestamp,
}

impl KnownDevice {
    /// Whether it is still known and the browser that shows `cookie` is it.
    pub fn is_shown_by(&self, cookie: &DeviceCookie, now: Timestamp) -> bool {
        self.device == cookie.device()
            && super::is_same_secret(&self.secret_hash.0, &cookie.secret_hash().0)
            && now.since_us(self.used) < KNOWN_US_MAX
    }

    /// Whether it is known for this account.
    pub fn is_of(&self, account: Option<(HouseholdId, MemberId)>) -> bool {
        account == Some((self.household, self.member))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(cookie: &DeviceCookie) -> KnownDevice {
        KnownDevice {
            device: cookie.device(),
            household: HouseholdId([1; 16]),
            member: MemberId([2; 16]),
            secret_hash: cookie.secret_hash(),
            client: "Firefox on Android".to_owned(),
            made: Timestamp(0),
            used: Timestamp(0),
        }
    }

    #[test]
    fn the_cookie_comes_back_as_it_was_given_and_nothing_else_is_one() {
        for is_secure in [true, false] {
            let given = DeviceCookie::of_random([1; 16], [2; 32]);
            let set = given.cookie(is_secure);
            assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.contains("Path=/;"), "{set}");
            assert_eq!((set.starts_with("__Host-"), set.contains("Secure")), (is_secure, is_secure));
            let pair = set.split(';').next().unwrap();
            let back = DeviceCookie::read(&format!("eaves=abc; {pair}"), is_secure).unwrap();
            assert_eq!((back.id, back.secret), (given.id, given.secret));
            assert!(DeviceCookie::read(pair, !is_secure).is_none());
        }
        for wrong in ["", "eaves-device=", "eaves-device=AQ.AQ", "eaves-device=!.!", "eaves-devic=a.b"] {
            assert!(DeviceCookie::read(wrong, false).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_browser_is_known_by_its_secret_for_a_year_and_for_one_account() {
        let cookie = DeviceCookie::of_random([1; 16], [2; 32]);
        let known = known(&cookie);
        assert!(known.is_shown_by(&cookie, Timestamp(KNOWN_US_MAX - 1)));
        assert!(!known.is_shown_by(&cookie, Timestamp(KNOWN_US_MAX)));
        assert!(!known.is_shown_by(&DeviceCookie::of_random([1; 16], [3; 32]), Timestamp(0)));
        assert!(!known.is_shown_by(&DeviceCookie::of_random([9; 16], [2; 32]), Timestamp(0)));
        assert!(known.is_of(Some((known.household, known.member))));
        assert!(!known.is_of(Some((known.household, MemberId([9; 16])))) && !known.is_of(None));
    }
}
