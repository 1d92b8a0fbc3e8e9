//! Session tokens and the cookie they travel in. Only a token's SHA-256 is ever stored.

use eaves_domain::{Base64Url, Digest, Timestamp};

/// A session ends so long after it began.
pub const SESSION_US_MAX: i64 = 24 * 3_600_000_000;
/// A session ends so long after it was last used.
pub const IDLE_US_MAX: i64 = 3_600_000_000;
/// A session may do what needs a fresh proof for so long after one.
pub const STRONG_US: i64 = 600_000_000;
/// A session from a recovery may not do it before so long after it began.
pub const POWERS_WAIT_US: i64 = 24 * 3_600_000_000;
/// That it was used is noted at most so often.
pub const TOUCH_US: i64 = 60_000_000;
/// A hub's session ends so long after it began.
pub const HUB_SESSION_US_MAX: i64 = 12 * 3_600_000_000;

/// 256 random bits.
pub struct Token(String);

impl Token {
    /// A token of these bytes.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(Base64Url(bytes.to_vec()).to_text())
    }

    /// What is stored.
    pub fn digest(&self) -> Digest {
        digest(&self.0)
    }

    /// What the owner of the session holds.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// What is stored of a token.
pub fn digest(token: &str) -> Digest {
    Digest::of(token.as_bytes())
}

/// Whether a session that `started` and was last `used` then still holds.
pub fn is_live(started: Timestamp, used: Timestamp, now: Timestamp) -> bool {
    now.since_us(started) < SESSION_US_MAX && now.since_us(used) < IDLE_US_MAX
}

/// The cookie's name: with the prefix that makes browsers insist on `Secure` and `Path=/`, unless this is plain http.
pub const fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { "__Host-eaves" } else { "eaves" }
}

/// A `Set-Cookie` value that hands out `token`.
pub fn cookie(token: &str, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    let max_age = SESSION_US_MAX / 1_000_000;
    format!("{}={token}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}", cookie_name(is_secure))
}

/// A `Set-Cookie` value that takes the token away.
pub fn no_cookie(is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{secure}", cookie_name(is_secure))
}

/// The token in a `Cookie` header.
pub fn token_of(header: &str, is_secure: bool) -> Option<&str> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == cookie_name(is_secure)).then_some(value))
}
