//! Paths. `{…}` are path parameters; ids are 32 hexadecimal digits.
//!
//! | method and path | who | body → answer |
//! |---|---|---|
//! | GET `/api/v1/state` | anybody | → [`crate::app::State`] |
//! | POST `/api/v1/claim/hub` | claim token | [`crate::app::ClaimHub`] → [`eaves_domain::claim::HubIntroduction`] |
//! | POST `/api/v1/claim/register` | claim token | [`crate::app::ClaimRegister`] → [`crate::app::Registration`] |
//! | POST `/api/v1/claim/finish` | claim token | [`crate::app::ClaimFinish`] → [`crate::app::SignIn`] + cookie |
//! | POST `/api/v1/join/invite` | invite token | [`crate::people::JoinInvite`] → [`crate::people::InviteFound`] |
//! | POST `/api/v1/join/register` | invite token | [`crate::people::JoinRegister`] → [`crate::app::Registration`] |
//! | POST `/api/v1/join/finish` | invite token | [`crate::people::JoinFinish`] → [`crate::people::Joined`] + cookie |
//! | GET `/api/v1/join` | newcomer | → [`crate::people::JoinState`] |
//! | DELETE `/api/v1/join` | newcomer | → 204: does not want to come in after all |
//! | POST `/api/v1/login/start` | anybody | [`crate::app::LoginStart`] → [`crate::app::LoginChallenge`] |
//! | POST `/api/v1/login/finish` | that login | [`crate::app::LoginFinish`] → [`crate::app::SignIn`] (+ cookie) |
//! | POST `/api/v1/login/kit/start` | anybody | [`crate::app::KitStart`] → [`crate::app::KitChallenge`] |
//! | POST `/api/v1/login/kit/finish` | that login | [`crate::app::KitFinish`] → [`crate::app::SignIn`] (+ cookie) |
//! | POST `/api/v1/login/second` | that login | [`crate::app::SecondAnswer`] → [`crate::app::SignIn`] + cookie, 202 while an approval waits |
//! | POST `/api/v1/login/approval` | that login | [`crate::app::ApprovalStart`] → [`crate::app::ApprovalNumber`] |
//! | POST `/api/v1/passkeys/login/start` | anybody | → [`crate::app::PasskeyChallenge`] |
//! | POST `/api/v1/passkeys/login/finish` | that login | [`crate::app::PasskeyFinish`] → [`crate::app::SignIn`] + cookie |
//! | POST `/api/v1/logout?forget=false` | session | → 204; `forget=true`: this browser is no longer known either |
//! | GET `/api/v1/sessions` | session | → [`crate::app::Sessions`] |
//! | DELETE `/api/v1/sessions/{session}` | session | → 204 |
//! | POST `/api/v1/sessions/end-others` | session | → 204 |
//! | POST `/api/v1/sessions/end-all` | session | → 204 |
//! | POST `/api/v1/step-up/start` | session | [`crate::app::StepUpStart`] → [`crate::app::StepUpChallenge`] |
//! | POST `/api/v1/step-up/finish` | session | [`crate::app::StepUpFinish`] → [`crate::app::Powers`] |
//! | GET `/api/v1/approvals` | session | → [`crate::app::Approvals`] |
//! | POST `/api/v1/approvals/{approval}` | session | [`crate::app::ApprovalAnswer`] → 204 |
//! | DELETE `/api/v1/approvals/{approval}` | session | → 204: that is not me |
//! | DELETE `/api/v1/recovery/{member}` | session | → 204: stops a recovery that waits, their own or as an adult anybody's |
//! | GET `/api/v1/notices?after=` | session | → [`crate::app::Notices`] |
//! | GET `/api/v1/passkeys` | session | → [`crate::app::PasskeyList`] |
//! | POST `/api/v1/passkeys/register/start` | session, strong | → [`crate::app::PasskeyRegistration`] |
//! | POST `/api/v1/passkeys/register/finish` | session, strong | [`crate::app::PasskeyRegister`] → [`crate::app::Passkey`] |
//! | PUT `/api/v1/passkeys/{credential}` | session, strong | [`crate::app::PasskeyChange`] → 204 |
//! | DELETE `/api/v1/passkeys/{credential}` | session, strong | → 204, 409 when it is the last way in |
//! | POST `/api/v1/totp/start` | session, strong | → [`crate::app::TotpSecret`] |
//! | PUT `/api/v1/totp` | session, strong | [`crate::app::TotpConfirm`] → 204; every other session ends |
//! | DELETE `/api/v1/totp` | session, strong | → 204 |
//! | POST `/api/v1/recovery-codes` | session, strong | → [`crate::app::RecoveryCodes`] |
//! | GET `/api/v1/ways-in` | session | → [`crate::app::WaysIn`] |
//! | POST `/api/v1/ways-in/password/start` | session, strong | [`crate::app::PasswordStart`] → [`crate::app::Registration`] |
//! | PUT `/api/v1/ways-in/password` | session, strong | [`crate::app::PasswordReplace`] → 204; every other session ends |
//! | PUT `/api/v1/ways-in/kit` | session, strong | [`crate::app::KitReplace`] → 204 |
//! | DELETE `/api/v1/ways-in/kit` | session, strong | → 204, 409 when it is the last way in |
//! | DELETE `/api/v1/ways-in/password` | session, strong | → 204, 409 when it is the last way in |
//! | GET `/api/v1/roster?from=1` | session | → [`crate::app::RosterChain`] |
//! | PUT `/api/v1/roster` | session (owner), strong when it loosens | [`crate::app::RosterUpdate`] → 204, 409 when not the next |
//! | POST `/api/v1/invites` | session (owner), strong | [`crate::people::InviteMake`] → 204 |
//! | GET `/api/v1/invites` | session (owner) | → [`crate::people::Invites`] |
//! | DELETE `/api/v1/invites/{invite}` | session (owner) | → 204; also says no to who asked |
//! | POST `/api/v1/hubs/waiting` | session (owner) + claim token | [`crate::app::ClaimHub`] → [`eaves_domain::claim::HubIntroduction`] |
//! | GET `/api/v1/devices/{device}/links?fromUs=&toUs=&limit=` or `?fromIndex=&toIndex=` | session | → [`crate::app::Links`] |
//! | GET `/api/v1/recordings/{recording}/headers` | session | → [`crate::app::Headers`] |
//! | GET `/api/v1/recordings/{recording}/parts/{part}` | session | → octets, `Range` supported |
//! | POST `/api/v1/commands` | session, strong when it loosens or erases more than 100 | [`eaves_domain::envelope::Envelope`] → 202 [`crate::app::CommandState`] |
//! | GET `/api/v1/commands/{command}` | session | → [`crate::app::CommandState`] |
//! | GET `/api/v1/storage` | session | → [`crate::app::Storage`] |
//! | GET `/api/v1/log?size=0&from=0&at=&limit=` | session | → [`crate::app::LogPage`] |
//! | GET `/api/v1/log/receipt?sequence=` | session | → a `.tlog-proof` |
//! | GET `/log/v1/checkpoint` | anybody | → a signed note |
//! | GET `/log/v1/tile/{*tile}` | anybody | → octets, see `docs/spec/log.md` |
//! | GET `/api/v1/views` | session | → [`crate::app::Views`] |
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
//! *Strong* means: the session began or stepped up within the last ten minutes, and is not one from a recovery that still
//! has to wait; otherwise 403 `step-up-needed` or `powers-wait`. A browser that signed in before shows it by a second
//! cookie, which makes it a known device: the second step of the password, and alone with the kit.
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
/// Carries a proof of work, `<challenge>.<nonce in decimal>`, where [`crate::problem::Code::ProofOfWorkNeeded`] asked for it.
pub const WORK_HEADER: &str = "eaves-work";
