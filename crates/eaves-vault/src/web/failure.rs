//! Failures as answers: the one place where a kind of failure becomes a status and a text.

use crate::auth::throttle::Wait;
use crate::log::LogError;
use crate::store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eaves_api::problem::{Code, Problem, ProofOfWork};

/// Why a request did not do what was asked. It holds no internal text and nothing that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    code: Code,
    title: Option<&'static str>,
    retry_after_s: Option<u32>,
    work: Option<ProofOfWork>,
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self { code, title: None, retry_after_s: None, work: None }
    }
}

impl Failure {
    /// A signed document was refused for a reason that has a constant sentence.
    pub(crate) fn refused(title: &'static str) -> Self {
        Self { title: Some(title), ..Code::DocumentRefused.into() }
    }

    /// Whether it is that somebody tried too often.
    pub(crate) fn is_wait(&self) -> bool {
        self.code == Code::TooManyAttempts
    }

    /// Strangers must bring work now.
    pub(crate) fn work(work: ProofOfWork) -> Self {
        Self { work: Some(work), ..Code::ProofOfWorkNeeded.into() }
    }
}

impl From<Wait> for Failure {
    fn from(wait: Wait) -> Self {
        Self { retry_after_s: wait.seconds, ..Code::TooManyAttempts.into() }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::DiskFull => Code::DiskFull,
            StoreError::TooLarge => Code::TooLarge,
            StoreError::Conflict => Code::Conflict,
            _ => Code::Internal,
        };
        match code {
            Code::Internal => tracing::error!(%error, "the store failed"),
            Code::DiskFull => tracing::warn!("the disk is full"),
            _ => {}
        }
        code.into()
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Store(error) => error.into(),
            LogError::NotFound => Code::NotFound.into(),
            error => {
                tracing::error!(%error, "the log failed");
                Code::Internal.into()
            }
        }
    }
}

impl From<crate::Error> for Failure {
    fn from(error: crate::Error) -> Self {
        tracing::error!(%error, "a request failed");
        Code::Internal.into()
    }
}

fn title(code: Code) -> &'static str {
    match code {
        Code::InvalidRequest => "The request is not what this address takes.",
        Code::SignedOut => "There is no session, or it ended.",
        Code::SignInFailed => "The sign-in did not succeed.",
        Code::ClaimRefused => "The claim code is wrong, used or too old.",
        Code::InviteRefused => "The invitation is unknown, used, taken back or too old.",
        Code::NameTaken => "Somebody signs in with that name already.",
        Code::NotAllowed => "This member may not do this.",
        Code::CrossSite => "The request did not come from the app itself.",
        Code::PrfResultRefused => "Results of the PRF extension must stay in the page.",
        Code::StepUpNeeded => "This needs a fresh proof that it is you.",
        Code::PowersWait => "After a recovery this has to wait.",
        Code::LastWayIn => "It is the last way in.",
        Code::NeedsAName => "Passkeys need a name for the vault.",
        Code::NotFound => "There is no such thing here.",
        Code::AlreadyClaimed => "The box has an owner already.",
        Code::Conflict => "Somebody else changed it first.",
        Code::Erased => "It was erased.",
        Code::TooLarge => "That is too large.",
        Code::BadRange => "That range is not there.",
        Code::DocumentRefused => "A signed document was refused.",
        Code::ProofOfWorkNeeded => "The vault is under attack: bring the work that is asked for.",
        Code::OutOfTime => "The command was signed too long ago, or a clock is wrong.",
        Code::TooManyAttempts => "Too many attempts.",
        Code::HubAway => "The hub is not connected.",
        Code::Busy => "The vault is busy.",
        Code::DiskFull => "The disk of the vault is full.",
        _ => "Something broke in the vault.",
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self { code, retry_after_s, .. } = self;
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let name = serde_json::to_value(code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        let problem = Problem {
            r#type: format!("urn:eaves:problem:{name}"),
            code,
            title: self.title.unwrap_or_else(|| title(code)).to_owned(),
            status: status.as_u16(),
            retry_after_s,
            proof_of_work: self.work,
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// What most handlers return.
pub(crate) type Answer<T> = Result<T, Failure>;
