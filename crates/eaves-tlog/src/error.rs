//! Why something of the log is refused. Codes are permanent: `vectors/log/` and the app know them.

/// Why something is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not in the form that the specification gives.
    #[error("not in the form that the specification gives")]
    Malformed,
    /// Larger than anything that is read.
    #[error("larger than anything that is read")]
    TooLarge,
    /// Of another log.
    #[error("of another log")]
    WrongOrigin,
    /// No key that is trusted has signed it.
    #[error("not signed by a key that is trusted")]
    NotSignedByTrusted,
    /// It carries the name of a trusted key, and the signature is wrong.
    #[error("a signature under the name of a trusted key is wrong")]
    BadSignature,
    /// Fewer witnesses have signed than are asked for.
    #[error("fewer witnesses have signed than are asked for")]
    CosignatureMissing,
    /// The proof does not lead from the entry to the root.
    #[error("the entry is not in the log at that place")]
    NotIncluded,
    /// The newer tree does not continue the older one.
    #[error("the newer log does not continue the older one")]
    NotConsistent,
    /// An opening that does not open this entry.
    #[error("the opening belongs to another entry, or was changed")]
    Altered,
    /// A tile that is needed is not there, or is not as wide as it must be.
    #[error("a tile that is needed is missing")]
    TileMissing,
    /// A place that the tree does not have.
    #[error("the tree has no such place")]
    OutOfRange,
}

impl Error {
    /// The permanent code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLarge => "too-large",
            Self::WrongOrigin => "wrong-origin",
            Self::NotSignedByTrusted => "not-signed-by-trusted",
            Self::BadSignature => "bad-signature",
            Self::CosignatureMissing => "cosignature-missing",
            Self::NotIncluded => "not-included",
            Self::NotConsistent => "not-consistent",
            Self::Altered => "altered",
            Self::TileMissing => "tile-missing",
            Self::OutOfRange => "out-of-range",
        }
    }
}
