//! Opaque ids: sixteen random bytes, written as 32 lower-case hexadecimal digits.
//!
//! They are random on purpose: an id tells its reader nothing, not even when the thing was made.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// Reads exactly 32 lower-case hexadecimal digits.
            pub fn from_hex(text: &str) -> Option<Self> {
                if text.bytes().any(|b| b.is_ascii_uppercase()) {
                    return None;
                }
                let mut out = [0; 16];
                hex::decode_to_slice(text, &mut out).ok()?;
                Some(Self(out))
            }

            /// The 32 hexadecimal digits.
            pub fn to_hex(self) -> String {
                hex::encode(self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.to_hex())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.to_hex())
            }
        }

        impl std::str::FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::from_hex(text).ok_or("expected 32 lower-case hexadecimal digits")
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.to_hex())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::from_hex(&text).ok_or_else(|| D::Error::custom("expected 32 lower-case hexadecimal digits"))
            }
        }
    };
}

id!(
    /// A household: the tenant.
    HouseholdId
);
id!(
    /// A person with an account in the household.
    MemberId
);
id!(
    /// A room: the unit of audience, key and rules.
    RoomId
);
id!(
    /// A camera, doorbell or satellite.
    DeviceId
);
id!(
    /// The role in the home.
    HubId
);
id!(
    /// What is sealed, kept and erased as one.
    RecordingId
);
id!(
    /// One unbroken connection to a device; recordings of one run follow each other without a gap.
    RunId
);
id!(
    /// A signed command; also its nonce.
    CommandId
);
id!(
    /// An invitation into a household.
    InviteId
);
id!(
    /// A household's permission for one reviewer.
    GrantId
);
id!(
    /// Somebody who may be granted a look, from outside the household.
    ReviewerId
);
id!(
    /// What a shared identity belongs to: a room, or the household itself (then it equals the [`HouseholdId`]).
    ScopeId
);

impl From<RoomId> for ScopeId {
    fn from(room: RoomId) -> Self {
        Self(room.0)
    }
}

impl From<HouseholdId> for ScopeId {
    fn from(household: HouseholdId) -> Self {
        Self(household.0)
    }
}
