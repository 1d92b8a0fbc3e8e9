//! Failures: RFC 9457 problem documents with permanent codes.

use eaves_domain::Base64Url;
use serde::{Deserialize, Serialize};

/// What went wrong, by kind: HTTP status, retry and log level follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Code {
    /// 400: the request is not what this route takes.
    InvalidRequest,
    /// 401: no session, or it ended.
    SignedOut,
    /// 401: the sign-in did not succeed. The same for every reason.
    SignInFailed,
    /// 401: the claim code is wrong, used or too old.
    ClaimRefused,
    /// 401: the invitation is unknown, used, taken back or too old.
    InviteRefused,
    /// 409: somebody signs in with that name already.
    NameTaken,
    /// 403: this member may not do this.
    NotAllowed,
    /// 403: the request did not come from the app itself.
    CrossSite,
    /// 400: the body holds results of the PRF extension, which must never leave the page.
    PrfResultRefused,
    /// 403: this needs a fresh proof: see `/api/v1/step-up/start`.
    StepUpNeeded,
    /// 403: this session came from a recovery, and may not do this before `powersFromUs`.
    PowersWait,
    /// 404: there is no such thing, or you may not know of it.
    NotFound,
    /// 409: the box has been claimed already.
    AlreadyClaimed,
    /// 409: somebody else changed it first; read it again.
    Conflict,
    /// 409: it is the last way in, or the last that opens without paper.
    LastWayIn,
    /// 409: passkeys need a name for the vault, see `origin` in the configuration.
    NeedsAName,
    /// 410: it was erased.
    Erased,
    /// 413: too large.
    TooLarge,
    /// 416: that range is not there.
    BadRange,
    /// 422: a signed document was refused.
    DocumentRefused,
    /// 428: the vault is guarded, and whoever it does not know brings work first; see `proofOfWork`.
    ProofOfWorkNeeded,
    /// 422: a command was signed too long ago, or a clock is wrong.
    OutOfTime,
    /// 429: too many attempts; see `retryAfterS`.
    TooManyAttempts,
    /// 503: the hub is not connected.
    HubAway,
    /// 503: busy; try again.
    Busy,
    /// 507: the vault's disk is full.
    DiskFull,
    /// 500: a bug or a broken disk.
    Internal,
}

impl Code {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::PrfResultRefused => 400,
            Self::SignedOut | Self::SignInFailed | Self::ClaimRefused | Self::InviteRefused => 401,
            Self::NotAllowed | Self::CrossSite | Self::StepUpNeeded | Self::PowersWait => 403,
            Self::NotFound => 404,
            Self::AlreadyClaimed | Self::Conflict | Self::LastWayIn | Self::NeedsAName | Self::NameTaken => 409,
            Self::Erased => 410,
            Self::TooLarge => 413,
            Self::BadRange => 416,
            Self::DocumentRefused | Self::OutOfTime => 422,
            Self::ProofOfWorkNeeded => 428,
            Self::TooManyAttempts => 429,
            Self::Internal => 500,
            Self::HubAway | Self::Busy => 503,
            Self::DiskFull => 507,
        }
    }
}

/// The body of every failure, `application/problem+json`. It never holds internal text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// `urn:eaves:problem:<code>`.
    pub r#type: String,
    /// The permanent code.
    pub code: Code,
    /// One sentence, constant per code or per refused rule.
    pub title: String,
    /// The HTTP status, again.
    pub status: u16,
    /// Seconds after which trying again makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// The work to bring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof_of_work: Option<ProofOfWork>,
}

/// Work that is asked for: find a nonce so that SHA-256(challenge ‖ nonce as 8 bytes, most significant first) begins with
/// `bits` zero bits, and ask again with the header [`crate::route::WORK_HEADER`]. `docs/spec/proof-of-work.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProofOfWork {
    /// Good once, for two minutes.
    pub challenge: Base64Url,
    /// Leading zero bits.
    pub bits: u8,
}
