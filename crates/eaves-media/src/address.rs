//! Where a camera is, as somebody typed it, and what to say at its door.

use std::net::IpAddr;
use url::{Host, Url};
use zeroize::Zeroizing;

/// The longest text that is looked at.
const TEXT_MAX: usize = 1_024;

/// User name and password. `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub username: String,
    /// The password; overwritten when dropped.
    pub password: Zeroizing<String>,
}

impl Credentials {
    /// The two as typed.
    pub fn new(username: &str, password: &str) -> Self {
        Self { username: username.to_owned(), password: Zeroizing::new(password.to_owned()) }
    }

    /// Whether a camera leaves the factory with these, so that anybody could guess them.
    pub fn are_default(&self) -> bool {
        const PASSWORDS: &[&str] = &[
            "",
            "0000",
            "1111",
            "111111",
            "1234",
            "12345",
            "123456",
            "12345678",
            "123456789",
            "1234567890",
            "4321",
            "54321",
            "666666",
            "888888",
            "9999",
            "999999",
            "abcd1234",
            "admin",
            "admin1",
            "admin123",
            "admin1234",
            "admin12345",
            "administrator",
            "camera",
            "default",
            "fliradmin",
            "guest",
            "ikwd",
            "jvc",
            "meinsm",
            "pass",
            "pass123",
            "password",
            "root",
            "service",
            "smcadmin",
            "supervisor",
            "system",
            "tlJwpbo6",
            "ubnt",
            "user",
            "wbox123",
        ];
        let password = self.password.to_lowercase();
        password == self.username.to_lowercase() || PASSWORDS.iter().any(|p| p.eq_ignore_ascii_case(&password))
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Why a typed address is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is not a host, `host:port` or an `rtsp://` address.
    #[error("this is not the address of a camera")]
    Invalid,
    /// RTSP over TLS.
    #[error("rtsps (RTSP over TLS) is not supported; use the camera's rtsp address")]
    EncryptedRtsp,
}

/// An `rtsp://` address without user name and password. `Debug` shows nothing of it, since some makers put passwords
/// into the path; [`CameraAddress::to_url`] is for whoever needs it.
#[derive(Clone, PartialEq, Eq)]
pub struct CameraAddress {
    url: Url,
    has_path: bool,
}

impl std::fmt::Debug for CameraAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl CameraAddress {
    /// Reads what somebody typed: a bare host, `host:port`, or an `rtsp://` address, with or without `user:password@`.
    /// Credentials found in the text are given back apart.
    pub fn parse(text: &str) -> Result<(Self, Option<Credentials>), AddressError> {
        let text = text.trim();
        if text.is_empty() || text.len() > TEXT_MAX || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(AddressError::Invalid);
        }
        let rest = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("rtsp") => rest,
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("rtsps") => return Err(AddressError::EncryptedRtsp),
            Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
                return Err(AddressError::Invalid);
            }
            // A password may contain "://"; then there is no scheme.
            _ => text,
        };
        // Passwords are typed as they are, with # and @ in them, so the authority is cut by hand: it ends at the first
        // slash, and the host begins after its last @.
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let (userinfo, host_port) = match authority.rsplit_once('@') {
            Some((userinfo, host_port)) => (Some(userinfo), host_port),
            None => (None, authority),
        };
        let (host, port) = split_port(host_port)?;
        let host = Host::parse(host).map_err(|_| AddressError::Invalid)?;
        if !is_reachable(&host) || path.contains('#') {
            return Err(AddressError::Invalid);
        }
        let url = match port {
            Some(port) => format!("rtsp://{host}:{port}{path}"),
            None => format!("rtsp://{host}{path}"),
        };
        let url = Url::parse(&url).map_err(|_| AddressError::Invalid)?;
        let credentials = userinfo.map(|userinfo| {
            let (name, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
            Credentials::new(&percent_decoded(name), &percent_decoded(password))
        });
        Ok((Self { has_path: path.len() > 1, url }, credentials))
    }

    /// The address as text, with a password only if the camera's maker put it into the path. Private: for sealing
    /// and for the person who typed it, not for a log.
    pub fn to_url(&self) -> String {
        self.url.to_string()
    }

    /// The parsed address.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Whether the text named a path, so that there is nothing to guess.
    pub fn has_path(&self) -> bool {
        self.has_path
    }

    /// The same camera at another path (with its query, if any), which begins with a slash.
    pub(crate) fn at_path(&self, path_and_query: &str) -> Option<Self> {
        let url = self.url.join(path_and_query).ok()?;
        (url.host() == self.url.host()).then_some(Self { url, has_path: true })
    }
}

/// Splits `host`, `host:port`, `[v6]`, `[v6]:port` and a bare v6 address.
fn split_port(text: &str) -> Result<(&str, Option<u16>), AddressError> {
    let bracketed = text.starts_with('[');
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if (bracketed && host.ends_with(']')) || (!bracketed && !host.contains(':')) => {
            (host, Some(port.parse::<u16>().ok().filter(|port| *port != 0).ok_or(AddressError::Invalid)?))
        }
        _ => (text, None),
    };
    if host.is_empty() { Err(AddressError::Invalid) } else { Ok((host, port)) }
}

/// Whether there can be a camera: group and unspecified addresses have none.
fn is_reachable<S: AsRef<str>>(host: &Host<S>) -> bool {
    let ip: IpAddr = match host {
        Host::Ipv4(ip) => (*ip).into(),
        Host::Ipv6(ip) => (*ip).into(),
        Host::Domain(name) => {
            let name = name.as_ref();
            return !name.is_empty()
                && name.len() <= 253
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        }
    };
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    !ip.is_unspecified() && !ip.is_multicast() && !broadcast
}

/// Decodes `%40` and the like; a text that is not percent-encoded UTF-8 is taken as it is.
fn percent_decoded(text: &str) -> String {
    let well_formed = text
        .split('%')
        .skip(1)
        .all(|rest| rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)));
    match percent_encoding::percent_decode_str(text).decode_utf8() {
        Ok(decoded) if well_formed => decoded.into_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> (String, Option<(String, String)>) {
        let (address, credentials) = CameraAddress::parse(text).unwrap();
        (address.to_url(), credentials.map(|c| (c.username.clone(), c.password.to_string())))
    }

    #[test]
    fn what_people_type_is_understood() {
        assert_eq!(parsed("192.168.1.20"), ("rtsp://192.168.1.20".into(), None));
        assert_eq!(parsed(" camera.local:8554 "), ("rtsp://camera.local:8554".into(), None));
        assert_eq!(parsed("RTSP://Camera/Stream1?x=1"), ("rtsp://camera/Stream1?x=1".into(), None));
        assert_eq!(parsed("[fe80::1]:554/a"), ("rtsp://[fe80::1]:554/a".into(), None));
        let secret = ("admin".to_owned(), "p@ss#1:?".to_owned());
        assert_eq!(parsed("rtsp://admin:p@ss#1:?@10.0.0.2/a"), ("rtsp://10.0.0.2/a".into(), Some(secret.clone())));
        assert_eq!(parsed("admin:p%40ss%231%3a%3F@10.0.0.2/a"), ("rtsp://10.0.0.2/a".into(), Some(secret)));
        assert_eq!(parsed("a:100%@h"), ("rtsp://h".into(), Some(("a".into(), "100%".into()))));
    }

    #[test]
    fn nonsense_and_other_schemes_are_refused() {
        for text in ["", "  ", "http://x/", "file:///etc/passwd", "h:0", "h:99999", "h:x", ":554", "a b", "h\tx", "@"] {
            assert_eq!(CameraAddress::parse(text).err(), Some(AddressError::Invalid), "{text:?}");
        }
        for text in ["0.0.0.0", "255.255.255.255", "224.0.0.1", "[::]", "rtsp:///path", "a%00b", "h/#x", "[::1"] {
            assert_eq!(CameraAddress::parse(text).err(), Some(AddressError::Invalid), "{text:?}");
        }
        assert_eq!(CameraAddress::parse("rtsps://h/").err(), Some(AddressError::EncryptedRtsp));
        assert_eq!(CameraAddress::parse(&"a".repeat(2_000)).err(), Some(AddressError::Invalid));
    }

    #[test]
    fn debug_shows_neither_address_nor_credentials() {
        let parsed = CameraAddress::parse("rtsp://someone:secret@nursery.example/user=x_password=y").unwrap();
        let shown = format!("{parsed:?}");
        for word in ["someone", "secret", "nursery", "password", "user"] {
            assert!(!shown.contains(word), "{shown}");
        }
    }

    #[test]
    fn factory_passwords_are_known() {
        assert!(Credentials::new("admin", "12345").are_default());
        assert!(Credentials::new("admin", "").are_default());
        assert!(Credentials::new("Viewer", "viewer").are_default());
        assert!(!Credentials::new("admin", "correct horse battery staple").are_default());
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_accepted_has_no_credentials_left(text in "\\PC{0,60}") {
            if let Ok((address, _)) = CameraAddress::parse(&text) {
                prop_assert_eq!(address.url().scheme(), "rtsp");
                prop_assert_eq!(address.url().username(), "");
                prop_assert_eq!(address.url().password(), None);
                prop_assert!(address.url().host().is_some());
            }
        }

        #[test]
        fn an_accepted_address_reads_back_as_itself(text in "[a-z0-9@:/.%#?\\[\\]=&-]{1,40}") {
            if let Ok((address, _)) = CameraAddress::parse(&text) {
                let (again, credentials) = CameraAddress::parse(&address.to_url()).expect("its own text");
                prop_assert_eq!(again.to_url(), address.to_url());
                prop_assert_eq!(credentials, None);
            }
        }
    }
}
