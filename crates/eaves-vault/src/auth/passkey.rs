//! WebAuthn, the vault's half. The only module that knows `webauthn-rs`; JSON goes in and out.
//!
//! The library asks for no discoverable credential and knows no PRF, so the options it makes are completed here, and a test
//! holds what they say. The rest is its work: challenge, origin, user verification, signature, counter.

use eaves_api::app::{PRF_SALT, PasskeyKind};
use eaves_domain::{Base64Url, MemberId};
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url,
    Uuid,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// An assertion or registration is not what was asked for. Why, is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// The vault's name to authenticators.
pub struct RelyingParty {
    webauthn: Webauthn,
    host: String,
}

/// A registration that has started.
pub struct Registration(PasskeyRegistration);

/// A sign-in that has started.
pub struct Assertion(DiscoverableAuthentication);

/// What a registration came to.
#[derive(Debug)]
pub struct Registered {
    /// The credential id.
    pub credential: Vec<u8>,
    /// What to store.
    pub public_half: Vec<u8>,
    /// Where it lives.
    pub kind: PasskeyKind,
    /// Whether its provider keeps copies.
    pub synced: bool,
}

/// What an assertion came to.
#[derive(Debug)]
pub struct Asserted {
    /// What to store from now on: the counter went on.
    pub public_half: Vec<u8>,
    /// Whether its provider keeps copies.
    pub synced: bool,
}

fn ask_for_prf(options: &mut Value) {
    options["extensions"]["prf"] = json!({ "eval": { "first": Base64Url(PRF_SALT.to_vec()).to_text() } });
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}

/// Where a credential lives, as far as its registration says.
fn kind_of(credential: &Value) -> PasskeyKind {
    let transports = credential.get("response").and_then(|response| response.get("transports"));
    let has = |name: &str| transports.and_then(Value::as_array).is_some_and(|all| all.iter().any(|t| t == name));
    if text(credential, "authenticatorAttachment") == "platform" || has("internal") && !has("hybrid") {
        PasskeyKind::ThisDevice
    } else if has("hybrid") {
        PasskeyKind::Phone
    } else if has("usb") || has("nfc") || has("ble") {
        PasskeyKind::SecurityKey
    } else {
        PasskeyKind::Unknown
    }
}

fn is_synced(passkey: &Value) -> bool {
    passkey.pointer("/cred/backup_state").and_then(Value::as_bool).unwrap_or(false)
}

impl RelyingParty {
    /// For pages at `origin`. Nothing when that has no name: an address cannot have passkeys.
    pub fn at(origin: &str) -> Option<Self> {
        let url = Url::parse(origin).ok()?;
        let domain = url.domain()?.to_owned();
        let host = match url.port() {
            Some(port) => format!("{domain}:{port}"),
            None => domain.clone(),
        };
        let webauthn = WebauthnBuilder::new(&domain, &url).ok()?.rp_name("Eaves").build().ok()?;
        Some(Self { webauthn, host })
    }

    /// Host and port of the pages it is for, as in the header `Host`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Starts a registration; authenticators that hold one of `existing` are asked to refuse.
    pub fn register(&self, member: MemberId, existing: &[Vec<u8>]) -> Result<(Value, Registration), Refused> {
        let exclude = existing.to_vec();
        // The vault knows no names; the app fills in the ones that the authenticator shall show.
        let started =
            self.webauthn.start_passkey_registration(Uuid::from_bytes(member.0), "Eaves", "Eaves", Some(exclude));
        let (challenge, state) = started.map_err(|_| Refused)?;
        let mut options = serde_json::to_value(&challenge).map_err(|_| Refused)?["publicKey"].take();
        options["authenticatorSelection"]["residentKey"] = json!("required");
        options["authenticatorSelection"]["requireResidentKey"] = json!(true);
        ask_for_prf(&mut options);
        Ok((options, Registration(state)))
    }

    /// Finishes a registration.
    pub fn registered(&self, state: &Registration, credential: &Value) -> Result<Registered, Refused> {
        let kind = kind_of(credential);
        let credential: RegisterPublicKeyCredential =
            serde_json::from_value(credential.clone()).map_err(|_| Refused)?;
        let passkey = self.webauthn.finish_passkey_registration(&credential, &state.0).map_err(|_| Refused)?;
        let json = serde_json::to_value(&passkey).map_err(|_| Refused)?;
        let public_half = serde_json::to_vec(&json).map_err(|_| Refused)?;
        Ok(Registered { credential: passkey.cred_id().to_vec(), public_half, kind, synced: is_synced(&json) })
    }

    /// Starts a sign-in with any passkey, or with one of `allowed` when that is not empty.
    pub fn challenge(&self, allowed: &[Vec<u8>]) -> Result<(Value, Assertion), Refused> {
        let (challenge, state) = self.webauthn.start_discoverable_authentication().map_err(|_| Refused)?;
        let mut options = serde_json::to_value(&challenge).map_err(|_| Refused)?["publicKey"].take();
        if !allowed.is_empty() {
            let id = |id: &Vec<u8>| json!({ "type": "public-key", "id": Base64Url(id.clone()).to_text() });
            options["allowCredentials"] = allowed.iter().map(id).collect();
        }
        ask_for_prf(&mut options);
        Ok((options, Assertion(state)))
    }

    /// Which credential an assertion says it is of, and of which member, if it says that: an authenticator that was told
    /// which credentials to use need not. Nothing is proved by either.
    pub fn claimed(assertion: &Value) -> Result<(Vec<u8>, Option<MemberId>), Refused> {
        let assertion: PublicKeyCredential = serde_json::from_value(assertion.clone()).map_err(|_| Refused)?;
        let member = match assertion.get_user_unique_id() {
            None | Some([]) => None,
            Some(handle) => Some(MemberId(handle.try_into().map_err(|_| Refused)?)),
        };
        Ok((assertion.get_credential_id().to_vec(), member))
    }

    /// Finishes a sign-in with the passkey whose stored record is `public_half`.
    pub fn asserted(&self, state: Assertion, assertion: &Value, public_half: &[u8]) -> Result<Asserted, Refused> {
        let assertion: PublicKeyCredential = serde_json::from_value(assertion.clone()).map_err(|_| Refused)?;
        let mut passkey: Passkey = serde_json::from_slice(public_half).map_err(|_| Refused)?;
        let result =
            self.webauthn.finish_discoverable_authentication_v2(&assertion, state.0, &passkey).map_err(|_| Refused)?;
        if !result.user_verified() {
            return Err(Refused);
        }
        passkey.update_credential(&result).ok_or(Refused)?;
        let json = serde_json::to_value(&passkey).map_err(|_| Refused)?;
        let public_half = serde_json::to_vec(&json).map_err(|_| Refused)?;
        Ok(Asserted { public_half, synced: is_synced(&json) })
    }
}

/// Whether a JSON text holds a result of the PRF extension, wherever in it. Such a result opens a member secret: it must
/// never leave the page, so a body that holds one is refused before anything reads it.
pub fn holds_prf_result(body: &[u8]) -> bool {
    // Nearly every body is told apart by this alone.
    let mentions = |mark: &[u8]| body.windows(mark.len()).any(|at| at.eq_ignore_ascii_case(mark));
    if !mentions(b"prf") && !mentions(b"hmac") && !mentions(b"\\u") {
        return false;
    }
    serde_json::from_slice::<Value>(body).is_ok_and(|value| is_result(&value))
}

fn is_result(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(is_result),
        Value::Object(members) => members.iter().any(|(name, value)| {
            let is_prf = name == "prf" && value.get("results").is_some_and(|results| !is_empty(results));
            let is_hmac = matches!(name.as_str(), "hmacGetSecret" | "hmac-secret") && !is_empty(value);
            is_prf || is_hmac || is_result(value)
        }),
        _ => false,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::Object(members) => members.values().all(is_empty),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_have_passkeys_and_a_name_can() {
        for (origin, host) in [("http://localhost:8080", "localhost:8080"), ("https://eaves.example", "eaves.example")]
        {
            assert_eq!(RelyingParty::at(origin).unwrap().host(), host);
        }
        for origin in ["http://127.0.0.1:8080", "https://[::1]", "https://192.168.1.5:8443", "nonsense", ""] {
            assert!(RelyingParty::at(origin).is_none(), "{origin}");
        }
    }

    #[test]
    fn what_is_asked_of_authenticators() {
        let party = RelyingParty::at("https://eaves.example").unwrap();
        let (options, _) = party.register(MemberId([7; 16]), &[vec![1, 2, 3]]).unwrap();
        let selection = &options["authenticatorSelection"];
        assert_eq!(selection["residentKey"], "required");
        assert_eq!(selection["requireResidentKey"], true);
        assert_eq!(selection["userVerification"], "required");
        assert_eq!(options["attestation"], "none");
        assert_eq!(options["rp"]["id"], "eaves.example");
        assert_eq!(options["user"]["id"], Base64Url(vec![7; 16]).to_text());
        assert_eq!(options["excludeCredentials"][0]["id"], "AQID");
        let salt = Base64Url(b"eaves/prf/member-secret/v1".to_vec()).to_text();
        assert_eq!(options["extensions"]["prf"]["eval"]["first"], salt);
        let (options, _) = party.challenge(&[]).unwrap();
        assert_eq!(options["userVerification"], "required");
        assert_eq!(options["rpId"], "eaves.example");
        assert_eq!(options["extensions"]["prf"]["eval"]["first"], salt);
        assert_eq!(options["allowCredentials"].as_array().map_or(0, Vec::len), 0, "any passkey");
        assert_ne!(party.challenge(&[]).unwrap().0["challenge"], options["challenge"], "never twice");
        assert_eq!(party.challenge(&[vec![1, 2, 3]]).unwrap().0["allowCredentials"][0]["id"], "AQID");
    }

    #[test]
    fn a_prf_result_is_found_wherever_it_is_and_however_it_is_written() {
        let found = [
            r#"{"prf":{"results":{"first":"AAAA"}}}"#,
            r#"{"assertion":{"clientExtensionResults":{"prf":{"enabled":true,"results":{"first":"AA"}}}}}"#,
            r#"[[{"\u0070rf":{"results":{"second":"AA"}}}]]"#,
            r#"{"a":{"hmacGetSecret":{"output1":"AA"}}}"#,
            r#"{"prf":{"results":"AA"}}"#,
        ];
        for body in found {
            assert!(holds_prf_result(body.as_bytes()), "{body}");
        }
        let honest = [
            r#"{"prf":{"enabled":true}}"#,
            r#"{"prf":{"results":{}}}"#,
            r#"{"prf":{"results":null}}"#,
            r#"{"name":"prf results"}"#,
            r#"{"hmacCreateSecret":true}"#,
            "not json prf",
        ];
        for body in honest {
            assert!(!holds_prf_result(body.as_bytes()), "{body}");
        }
    }
}
