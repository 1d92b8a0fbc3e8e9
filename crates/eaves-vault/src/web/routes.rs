//! The table of routes, and the router that is built from it. There is no other way to add a route.

use super::guard::guard;
use super::{
    app_files, approvals, channel, claim, commands, events, hub, invites, join, live, log, login, notices, passkeys,
    recordings, roster, second, second_ways, sessions, step_up, ways_in,
};
use crate::vault::Shared;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use eaves_api::JSON_BYTES_MAX;
use std::sync::Arc;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody.
    Anybody,
    /// Who shows the token of a claim code, in the body.
    ClaimToken,
    /// Who shows the token of an invitation, in the body.
    InviteToken,
    /// Somebody with a session who waits to be let in, or has just been.
    Newcomer,
    /// Who started this sign-in.
    Attempt,
    /// A member with a session.
    Session,
    /// An owner with a session.
    Owner,
    /// A hub with a session.
    Hub,
    /// A hub that signs the body.
    SignedByHub,
    /// A hub with the pairing secret.
    PairingSecret,
}

/// Which counters an attempt is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limiter {
    /// None.
    None,
    /// The network's.
    Network,
    /// The handle's or known device's, and the network's; strangers bring work while the vault is guarded.
    SignIn,
    /// The account's for second steps, and the network's.
    SecondStep,
}

/// Whether a session must have shown a fresh proof, which a stolen one cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strong {
    /// No.
    No,
    /// Yes; the guard asks.
    Yes,
    /// When what the body says gives somebody more than they had; the handler asks.
    WhenLoosening,
}

/// How large a body may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// There is none.
    Empty,
    /// A small JSON document.
    Small,
    /// A JSON document.
    Json,
    /// A sealed body, streamed to disk.
    Part,
}

impl Bound {
    /// In bytes; a [`Bound::Part`] is counted by its handler.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Small => 16 << 10,
            Self::Json | Self::Part => JSON_BYTES_MAX,
        }
    }
}

/// One route.
#[derive(Clone, Debug)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The template.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
    /// Which counters it is charged to.
    pub limiter: Limiter,
    /// Whether a session must have shown a fresh proof.
    pub strong: Strong,
    /// How large its body may be.
    pub body: Bound,
    /// Whether it becomes a WebSocket.
    pub is_socket: bool,
}

type Entry = (Route, MethodRouter<Arc<Shared>>);

fn filter(method: &Method) -> MethodFilter {
    match *method {
        Method::POST => MethodFilter::POST,
        Method::PUT => MethodFilter::PUT,
        Method::DELETE => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}

macro_rules! table {
    ($($method:ident $path:literal $who:ident $limiter:ident $strong:ident $body:ident $handler:path;)*) => {
        vec![$({
            let method = Method::$method;
            let handler = on(filter(&method), $handler);
            let is_socket = $path == "/api/v1/live/{device}" || $path == "/hub/v1/channel";
            let (who, limiter, strong, body) = (Who::$who, Limiter::$limiter, Strong::$strong, Bound::$body);
            (Route { method, path: $path, who, limiter, strong, body, is_socket }, handler)
        }),*]
    };
}

#[rustfmt::skip]
fn table() -> Vec<Entry> {
    table! {
        GET "/api/v1/state" Anybody None No Empty claim::state;
        POST "/api/v1/claim/hub" ClaimToken Network No Small claim::hub;
        POST "/api/v1/claim/register" ClaimToken Network No Small claim::register;
        POST "/api/v1/claim/finish" ClaimToken Network No Json claim::finish;
        POST "/api/v1/join/invite" InviteToken Network No Small join::invite;
        POST "/api/v1/join/register" InviteToken Network No Small join::register;
        POST "/api/v1/join/finish" InviteToken Network No Json join::finish;
        GET "/api/v1/join" Newcomer None No Empty join::state;
        DELETE "/api/v1/join" Newcomer None No Empty join::leave;
        POST "/api/v1/login/start" Anybody SignIn No Small login::start;
        POST "/api/v1/login/finish" Attempt None No Small login::finish;
        POST "/api/v1/login/kit/start" Anybody SignIn No Small login::kit_start;
        POST "/api/v1/login/kit/finish" Attempt None No Small login::kit_finish;
        POST "/api/v1/login/second" Attempt SecondStep No Small second::second;
        POST "/api/v1/login/approval" Attempt SecondStep No Small second::ask_approval;
        POST "/api/v1/passkeys/login/start" Anybody SignIn No Empty passkeys::login_start;
        POST "/api/v1/passkeys/login/finish" Attempt None No Small passkeys::login_finish;
        POST "/api/v1/logout" Session None No Empty sessions::logout;
        GET "/api/v1/sessions" Session None No Empty sessions::list;
        DELETE "/api/v1/sessions/{session}" Session None No Empty sessions::end;
        POST "/api/v1/sessions/end-others" Session None No Empty sessions::end_others;
        POST "/api/v1/sessions/end-all" Session None No Empty sessions::end_all;
        POST "/api/v1/step-up/start" Session SecondStep No Small step_up::start;
        POST "/api/v1/step-up/finish" Session None No Small step_up::finish;
        GET "/api/v1/approvals" Session None No Empty approvals::list;
        POST "/api/v1/approvals/{approval}" Session None No Small approvals::answer;
        DELETE "/api/v1/approvals/{approval}" Session None No Empty approvals::deny;
        DELETE "/api/v1/recovery/{member}" Session None No Empty approvals::stop_recovery;
        GET "/api/v1/notices" Session None No Empty notices::list;
        GET "/api/v1/passkeys" Session None No Empty passkeys::list;
        POST "/api/v1/passkeys/register/start" Session None Yes Empty passkeys::register_start;
        POST "/api/v1/passkeys/register/finish" Session None Yes Small passkeys::register_finish;
        PUT "/api/v1/passkeys/{credential}" Session None Yes Small passkeys::change;
        DELETE "/api/v1/passkeys/{credential}" Session None Yes Empty passkeys::remove;
        POST "/api/v1/totp/start" Session None Yes Empty second_ways::totp_start;
        PUT "/api/v1/totp" Session None Yes Small second_ways::totp_confirm;
        DELETE "/api/v1/totp" Session None Yes Empty second_ways::totp_remove;
        POST "/api/v1/recovery-codes" Session None Yes Empty second_ways::recovery_codes;
        GET "/api/v1/ways-in" Session None No Empty ways_in::list;
        POST "/api/v1/ways-in/password/start" Session None Yes Small ways_in::password_start;
        PUT "/api/v1/ways-in/password" Session None Yes Small ways_in::password_replace;
        PUT "/api/v1/ways-in/kit" Session None Yes Small ways_in::kit_replace;
        DELETE "/api/v1/ways-in/password" Session None Yes Empty ways_in::password_remove;
        DELETE "/api/v1/ways-in/kit" Session None Yes Empty ways_in::kit_remove;
        GET "/api/v1/roster" Session None No Empty roster::get;
        PUT "/api/v1/roster" Owner None WhenLoosening Json roster::put;
        POST "/api/v1/invites" Owner None Yes Json invites::make;
        GET "/api/v1/invites" Owner None No Empty invites::list;
        DELETE "/api/v1/invites/{invite}" Owner None No Empty invites::take_back;
        POST "/api/v1/hubs/waiting" Owner Network No Small claim::waiting_hub;
        GET "/api/v1/devices/{device}/links" Session None No Empty recordings::links;
        GET "/api/v1/recordings/{recording}/headers" Session None No Empty recordings::headers;
        GET "/api/v1/recordings/{recording}/parts/{part}" Session None No Empty recordings::part;
        POST "/api/v1/commands" Session None WhenLoosening Json commands::post;
        GET "/api/v1/commands/{command}" Session None No Empty commands::get;
        GET "/api/v1/storage" Session None No Empty recordings::storage;
        GET "/api/v1/log" Session None No Empty log::page;
        GET "/api/v1/log/receipt" Session None No Empty log::receipt;
        GET "/log/v1/checkpoint" Anybody None No Empty log::checkpoint;
        GET "/log/v1/tile/{*tile}" Anybody None No Empty log::tile;
        GET "/api/v1/views" Session None No Empty live::views;
        GET "/api/v1/events" Session None No Empty events::get;
        GET "/api/v1/live/{device}" Session None No Empty live::get;
        POST "/hub/v1/pairing" PairingSecret None No Small hub::pairing;
        POST "/hub/v1/session" SignedByHub None No Small hub::session;
        GET "/hub/v1/roster" Hub None No Empty hub::roster;
        GET "/hub/v1/devices/{device}/head" Hub None No Empty hub::head;
        PUT "/hub/v1/recordings/{recording}/parts/{part}" Hub None No Part hub::part;
        POST "/hub/v1/links" Hub None No Json hub::link;
        POST "/hub/v1/commands/{command}/result" Hub None No Json hub::result;
        GET "/hub/v1/channel" Hub None No Empty channel::get;
    }
}

/// All routes.
pub fn routes() -> Vec<Route> {
    table().into_iter().map(|(route, _)| route).collect()
}

/// The router.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    let mut router = Router::new();
    for (route, handler) in table() {
        let path = route.path;
        let limit = DefaultBodyLimit::max(route.body.bytes());
        let guarding = axum::middleware::from_fn_with_state((shared.clone(), route), guard);
        router = router.route(path, handler.layer(limit).layer(guarding));
    }
    let is_secure = shared.config.is_secure;
    #[cfg(feature = "leaky-for-tests")]
    let router = router.layer(axum::middleware::from_fn_with_state(shared.clone(), super::leaky::leak));
    router
        .fallback(app_files::get)
        .method_not_allowed_fallback(app_files::not_found)
        .with_state(shared.clone())
        .layer(axum::middleware::map_response(move |response| async move { harden(response, is_secure) }))
}

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; \
    manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types eaves";

const HARDENING: [(&str, &str); 7] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), bluetooth=(), payment=()",
    ),
    ("x-frame-options", "DENY"),
];

/// Headers on everything. What says nothing about being kept is not kept.
fn harden(mut response: Response, is_secure: bool) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HARDENING {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
