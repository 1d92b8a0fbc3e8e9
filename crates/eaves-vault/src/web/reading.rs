//! Reading requests: bodies, ids in paths, queries. What does not fit is refused without an echo.

use super::failure::Failure;
use crate::auth::passkey::holds_prf_result;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use eaves_api::problem::Code;
use serde::de::DeserializeOwned;

/// A JSON body. Every one is looked through for what must never leave the page.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        // The only rejections of `Bytes` are a body over its bound and one that breaks off.
        let bytes = Bytes::from_request(request, state).await.map_err(|_| Code::TooLarge)?;
        if holds_prf_result(&bytes) {
            return Err(Code::PrfResultRefused.into());
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|_| Code::InvalidRequest.into())
    }
}

/// The parameters of a path. Something that is no id cannot be found.
pub(crate) struct InPath<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for InPath<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Path(value) = Path::from_request_parts(parts, state).await.map_err(|_| Code::NotFound)?;
        Ok(Self(value))
    }
}

/// The query.
pub(crate) struct InQuery<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for InQuery<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Query(value) = Query::from_request_parts(parts, state).await.map_err(|_| Code::InvalidRequest)?;
        Ok(Self(value))
    }
}
