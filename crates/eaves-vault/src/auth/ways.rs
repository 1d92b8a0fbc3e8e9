//! Which ways in a member has, and which of them must stay. Pure.

/// What is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// A password.
    pub password: bool,
    /// A recovery kit.
    pub kit: bool,
    /// Passkeys.
    pub passkeys: usize,
    /// Those of them that open.
    pub opening: usize,
    /// An authenticator app.
    pub totp: bool,
}

impl Ways {
    /// Whether a member with these ways can always come in again:
    /// something that hangs on no device (people delete passkeys without knowing), something for every day that opens, and
    /// a second step for the password on a new device.
    pub const fn are_enough(self) -> bool {
        let lasts = self.password || self.kit;
        let daily = self.password || self.opening > 0;
        let second = self.kit || self.passkeys > 0 || self.totp;
        lasts && daily && second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Ways = Ways { password: true, kit: true, passkeys: 1, opening: 1, totp: true };

    #[test]
    fn the_last_of_password_and_kit_stays() {
        assert!(Ways { password: false, ..ALL }.are_enough());
        assert!(Ways { kit: false, ..ALL }.are_enough());
        assert!(!Ways { password: false, kit: false, ..ALL }.are_enough());
    }

    #[test]
    fn without_a_password_a_passkey_that_opens_stays() {
        assert!(!Ways { password: false, passkeys: 0, opening: 0, ..ALL }.are_enough());
        assert!(!Ways { password: false, opening: 0, ..ALL }.are_enough(), "one that does not open is not enough");
    }

    #[test]
    fn a_password_keeps_a_second_step() {
        let bare = Ways { kit: false, passkeys: 0, opening: 0, totp: false, ..ALL };
        assert!(!bare.are_enough());
        assert!(Ways { kit: true, ..bare }.are_enough() && Ways { totp: true, ..bare }.are_enough());
    }
}
