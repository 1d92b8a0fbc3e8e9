//! Paths. `{…}` are path parameters; ids are 32 hexadecimal digits.
//!
//! | method and path | who | body → answer |
//! |---|---|---|
//! | GET `/api/v1/state` | anybody | → [`crate::app::State`] |
//! | POST `/api/v1/claim/hub` | claim token | [`crate::app::ClaimHub`] → [`eaves_domain::claim::HubIntroduction`] |
//! | POST `/api/v1/claim/register` | claim token | [`crate::app::ClaimRegister`] → [`crate::app::Registration`] |
//! | POST `/api/v1/claim/finish` | claim token | [`crate::app::ClaimFinish`] → [`crate::app::SignedIn`] + cookie |
//! | POST `/api/v1/login/start` | anybody | [`crate::app::LoginStart`] → [`crate::app::LoginChallenge`] |
//! | POST `/api/v1/login/finish` | that login | [`crate::app::LoginFinish`] → [`crate::app::SignedIn`] + cookie |
//! | POST `/api/v1/login/kit/start` | anybody | [`crate::app::KitStart`] → [`crate::app::KitChallenge`] |
//! | POST `/api/v1/login/kit/finish` | that login | [`crate::app::KitFinish`] → [`crate::app::SignedIn`] + cookie |
//! | POST `/api/v1/logout` | session | → 204 |
//! | GET `/api/v1/sessions` | session | → [`crate::app::Sessions`] |
//! | DELETE `/api/v1/sessions/{session}` | session | → 204 |
//! | POST `/api/v1/sessions/end-others` | session | → 204 |
//! | GET `/api/v1/ways-in` | session | → [`crate::app::WaysIn`] |
//! | POST `/api/v1/ways-in/password/start` | session | [`crate::app::PasswordStart`] → [`crate::app::Registration`] |
//! | PUT `/api/v1/ways-in/password` | session | [`crate::app::PasswordReplace`] → 204; every other session ends |
//! | PUT `/api/v1/ways-in/kit` | session | [`crate::app::KitReplace`] → 204 |
//! | GET `/api/v1/roster?from=1` | session | → [`crate::app::RosterChain`] |
//! | PUT `/api/v1/roster` | session (owner) | [`crate::app::RosterUpdate`] → 204, 409 when not the next |
//! | GET `/api/v1/devices/{device}/links?fromUs=&toUs=&limit=` or `?fromIndex=&toIndex=` | session | → [`crate::app::Links`] |
//! | GET `/api/v1/recordings/{recording}/headers` | session | → [`crate::app::Headers`] |
//! | GET `/api/v1/recordings/{recording}/parts/{part}` | session | → octets, `Range` supported |
//! | POST `/api/v1/commands` | session | [`eaves_domain::envelope::Envelope`] → 202 [`crate::app::CommandState`] |
//! | GET `/api/v1/commands/{command}` | session | → [`crate::app::CommandState`] |
//! | GET `/api/v1/storage` | session | → [`crate::app::Storage`] |
//! | GET `/api/v1/events` | session | → server-sent events of [`crate::app::Event`] |
//! | GET `/api/v1/live/{device}` | session | WebSocket, see [`crate::channel`] |
//! | POST `/hub/v1/pairing` | pairing secret | [`crate::hub::Pairing`] → 204 |
//! | POST `/hub/v1/session` | signed | [`eaves_domain::envelope::Envelope`] of [`crate::hub::SessionRequest`] → [`crate::hub::Session`] |
//! | GET `/hub/v1/roster?from=1` | hub | → [`crate::app::RosterChain`] |
//! | GET `/hub/v1/devices/{device}/head` | hub | → [`crate::hub::Head`] |
//! | PUT `/hub/v1/recordings/{recording}/parts/{part}` | hub | octets → 204 (idempotent) |
//! | POST `/hub/v1/links` | hub | [`crate::hub::LinkUpload`] → 204 (idempotent), 409 [`crate::hub::Head`] |
//! | POST `/hub/v1/commands/{command}/result` | hub | [`crate::app::CommandOutcome`] → 204 |
//! | GET `/hub/v1/channel` | hub | WebSocket, see [`crate::channel`] |
//!
//! State-changing app routes require the header [`CSRF_HEADER`] and a same-origin `Origin`. The session cookie is
//! `HttpOnly; SameSite=Strict; Path=/` (and `Secure`, with the `__Host-` prefix, except on loopback http). Hub routes
//! take `Authorization: Bearer <token>`.

/// Every state-changing request of the app carries this header with value `1`; no form and no foreign page can.
pub const CSRF_HEADER: &str = "x-eaves";
/// Prefix of the app's routes.
pub const APP: &str = "/api/v1";
/// Prefix of the hub's routes.
pub const HUB: &str = "/hub/v1";
