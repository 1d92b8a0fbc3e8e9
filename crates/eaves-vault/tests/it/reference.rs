//! `docs/ref/openapi.json` is made from the table of routes. `EAVES_UPDATE=1 cargo test -p eaves-vault reference` remakes it.

use axum::http::Method;
use eaves_vault::web::routes::{Bound, Limiter, Route, Strong, Who, routes};
use serde_json::{Map, Value, json};
use std::path::Path;

fn parameters(route: &Route) -> Vec<Value> {
    let names = route.path.split('/').filter_map(|piece| piece.strip_prefix('{')?.strip_suffix('}'));
    names
        .map(|name| {
            let schema = match name {
                "credential" => json!({ "type": "string", "pattern": "^([0-9a-f]{2})+$" }),
                "part" => json!({ "enum": ["media", "card", "poster"] }),
                "*tile" => json!({ "type": "string" }),
                _ => json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" }),
            };
            json!({ "name": name.trim_start_matches('*'), "in": "path", "required": true, "schema": schema })
        })
        .collect()
}

fn security(route: &Route) -> (Value, &'static str) {
    match route.who {
        Who::Anybody => (json!([]), "anybody"),
        Who::ClaimToken => (json!([]), "who shows the token of a claim code"),
        Who::InviteToken => (json!([]), "who shows the token of an invitation"),
        Who::Newcomer => (json!([{ "session": [] }]), "somebody with a session who waits to be let in"),
        Who::Attempt => (json!([]), "who started this sign-in"),
        Who::Session => (json!([{ "session": [] }]), "a member with a session"),
        Who::Owner => (json!([{ "session": [] }]), "an owner with a session"),
        Who::Hub => (json!([{ "hub": [] }]), "a hub with a session"),
        Who::SignedByHub => (json!([]), "a hub that signs the body"),
        Who::PairingSecret => (json!([{ "pairing": [] }]), "a hub with the pairing secret"),
    }
}

fn operation(route: &Route) -> Value {
    let (security, who) = security(route);
    let limited = match route.limiter {
        Limiter::None => "",
        Limiter::Network => " Charged to the network until it succeeds.",
        Limiter::SignIn => {
            " Charged to the known device, or to the name and to the network, until the sign-in succeeds. While the vault is \
             guarded, who is not known brings work."
        }
        Limiter::SecondStep => " Charged to the account and to the network until it succeeds.",
    };
    let strong = match route.strong {
        Strong::No => "",
        Strong::Yes => " Needs a fresh proof.",
        Strong::WhenLoosening => " Needs a fresh proof when it gives somebody more than they had.",
    };
    let socket = if route.is_socket { " Becomes a WebSocket." } else { "" };
    let mut operation = Map::new();
    operation.insert("description".into(), format!("For {who}.{limited}{strong}{socket}").into());
    operation.insert("security".into(), security);
    let mut parameters = parameters(route);
    if route.path.starts_with("/api/") && route.method != Method::GET {
        let schema = json!({ "const": "1" });
        parameters.push(json!({ "name": "x-eaves", "in": "header", "required": true, "schema": schema }));
    }
    if !parameters.is_empty() {
        operation.insert("parameters".into(), parameters.into());
    }
    let media = match route.body {
        Bound::Empty => None,
        Bound::Small | Bound::Json => Some("application/json"),
        Bound::Part => Some("application/octet-stream"),
    };
    if let Some(media) = media {
        operation.insert("requestBody".into(), json!({ "required": true, "content": { (media): {} } }));
    }
    let problem = json!({ "$ref": "#/components/responses/Problem" });
    operation.insert("responses".into(), json!({ "2XX": { "description": "As eaves-api says." }, "default": problem }));
    operation.into()
}

fn page() -> String {
    let mut paths = Map::new();
    for route in routes() {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_lowercase()] = operation(&route);
    }
    let problem = json!({
        "type": "object",
        "required": ["type", "code", "title", "status"],
        "properties": {
            "type": { "type": "string" },
            "code": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "retryAfterS": { "type": "integer" },
            "proofOfWork": { "type": "object", "required": ["challenge", "bits"], "properties": {
                "challenge": { "type": "string" }, "bits": { "type": "integer" } } },
        },
    });
    let page = json!({
        "openapi": "3.1.0",
        "info": { "title": "Eaves vault", "version": env!("CARGO_PKG_VERSION"),
            "description": "Made from the table of routes. The bodies are the types of the crate eaves-api." },
        "paths": paths,
        "components": {
            "responses": { "Problem": { "description": "RFC 9457",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } } },
            "schemas": { "Problem": problem },
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-eaves" },
                "hub": { "type": "http", "scheme": "bearer" },
                "pairing": { "type": "http", "scheme": "bearer" },
            },
        },
    });
    format!("{}\n", serde_json::to_string_pretty(&page).unwrap())
}

#[test]
fn the_reference_is_fresh() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ref/openapi.json");
    if std::env::var_os("EAVES_UPDATE").is_some() {
        std::fs::write(&file, page()).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == page(), "run: EAVES_UPDATE=1 cargo test -p eaves-vault reference");
}

#[test]
fn the_contract_names_every_route() {
    let contract = include_str!("../../../eaves-api/src/route.rs");
    for route in routes() {
        let row = format!("{} `{}", route.method, route.path);
        assert!(contract.contains(&row), "{row}");
    }
}
