//! The table of routes, and the router that is built from it. There is no other way to add a route.

use super::guard::guard;
use super::{
    app_files, channel, claim, commands, events, hub, invites, join, live, login, recordings, roster, sessions,
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
    ($($method:ident $path:literal $who:ident $limiter:ident $body:ident $handler:path;)*) => {
        vec![$({
            let method = Method::$method;
            let handler = on(filter(&method), $handler);
            let is_socket = $path == "/api/v1/live/{device}" || $path == "/hub/v1/channel";
            let (who, limiter, body) = (Who::$who, Limiter::$limiter, Bound::$body);
            (Route { method, path: $path, who, limiter, body, is_socket }, handler)
        }),*]
    };
}

#[rustfmt::skip]
fn table() -> Vec<Entry> {
    table! {
        GET "/api/v1/state" Anybody None Empty claim::state;
        POST "/api/v1/claim/hub" ClaimToken Network Small claim::hub;
        POST "/api/v1/claim/register" ClaimToken Network Small claim::register;
        POST "/api/v1/claim/finish" ClaimToken Network Json claim::finish;
        POST "/api/v1/join/invite" InviteToken Network Small join::invite;
        POST "/api/v1/join/register" InviteToken Network Small join::register;
        POST "/api/v1/join/finish" InviteToken Network Json join::finish;
        GET "/api/v1/join" Newcomer None Empty join::state;
        DELETE "/api/v1/join" Newcomer None Empty join::leave;
        POST "/api/v1/login/start" Anybody SignIn Small login::start;
        POST "/api/v1/login/finish" Attempt None Small login::finish;
        POST "/api/v1/login/kit/start" Anybody SignIn Small login::kit_start;
        POST "/api/v1/login/kit/finish" Attempt None Small login::kit_finish;
        POST "/api/v1/logout" Session None Empty sessions::logout;
        GET "/api/v1/sessions" Session None Empty sessions::list;
        DELETE "/api/v1/sessions/{session}" Session None Empty sessions::end;
        POST "/api/v1/sessions/end-others" Session None Empty sessions::end_others;
        GET "/api/v1/ways-in" Session None Empty sessions::ways_in;
        POST "/api/v1/ways-in/password/start" Session None Small sessions::password_start;
        PUT "/api/v1/ways-in/password" Session None Small sessions::password_replace;
        PUT "/api/v1/ways-in/kit" Session None Small sessions::kit_replace;
        GET "/api/v1/roster" Session None Empty roster::get;
        PUT "/api/v1/roster" Owner None Json roster::put;
        POST "/api/v1/invites" Owner None Json invites::make;
        GET "/api/v1/invites" Owner None Empty invites::list;
        DELETE "/api/v1/invites/{invite}" Owner None Empty invites::take_back;
        POST "/api/v1/hubs/waiting" Owner Network Small claim::waiting_hub;
        GET "/api/v1/devices/{device}/links" Session None Empty recordings::links;
        GET "/api/v1/recordings/{recording}/headers" Session None Empty recordings::headers;
        GET "/api/v1/recordings/{recording}/parts/{part}" Session None Empty recordings::part;
        POST "/api/v1/commands" Session None Json commands::post;
        GET "/api/v1/commands/{command}" Session None Empty commands::get;
        GET "/api/v1/storage" Session None Empty recordings::storage;
        GET "/api/v1/views" Session None Empty live::views;
        GET "/api/v1/events" Session None Empty events::get;
        GET "/api/v1/live/{device}" Session None Empty live::get;
        POST "/hub/v1/pairing" PairingSecret None Small hub::pairing;
        POST "/hub/v1/session" SignedByHub None Small hub::session;
        GET "/hub/v1/roster" Hub None Empty hub::roster;
        GET "/hub/v1/devices/{device}/head" Hub None Empty hub::head;
        PUT "/hub/v1/recordings/{recording}/parts/{part}" Hub None Part hub::part;
        POST "/hub/v1/links" Hub None Json hub::link;
        POST "/hub/v1/commands/{command}/result" Hub None Json hub::result;
        GET "/hub/v1/channel" Hub None Empty channel::get;
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
