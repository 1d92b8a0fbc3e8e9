//! `docs/spec/keys.md`: what grows from a member secret, kits, wrapped secrets, key wraps and names.

use super::expecting;
use crate::home::SimulatedHome;
use crate::member::{SimulatedMember, identity, label, seal};
use eaves_domain::envelope::PublicKey;
use eaves_domain::{Base64Url, HouseholdId, MemberId, ScopeId};
use eaves_open::{KitSecret, Way, WrappedSecret};
use serde_json::{Value, json};

pub(super) fn make() -> Value {
    let home = SimulatedHome::new(80);
    json!({
        "members": members(&home.owner),
        "kits": kits(),
        "wrappedSecrets": wrapped_secrets(&home.owner),
        "keyWraps": key_wraps(&home),
        "names": names(&home),
    })
}

fn members(member: &SimulatedMember) -> Value {
    json!([{
        "secret": Base64Url(member.secret_bytes().to_vec()),
        "identity": member.identity().reveal_text().as_str(),
        "recipient": member.identity().recipient(),
        "signingPublicKey": PublicKey::of(&member.signing_key()),
    }])
}

fn kits() -> Value {
    let secret: [u8; 20] = std::array::from_fn(|i| (i as u8).wrapping_mul(37).wrapping_add(5));
    let kit = KitSecret::from_bytes(secret);
    let text = kit.reveal_text().to_string();
    let full = |text: &str| {
        json!({ "text": text, "secret": Base64Url(secret.to_vec()), "printed": kit.reveal_text().as_str(),
                "signingPublicKey": PublicKey::of(&kit.signing_key()),
                "wrappingKey": Base64Url(kit.wrapping_key().to_vec()) })
    };
    let bad = |text: &str| json!({ "text": text });
    let relaxed = text.to_lowercase().replace('-', "  ").replace('0', "O").replace('1', "i");
    let mut one_digit: Vec<char> = text.chars().collect();
    one_digit[0] = if one_digit[0] == 'A' { 'B' } else { 'A' };
    let one_digit: String = one_digit.into_iter().collect();
    let (body, check) = text.split_at(text.len() - 1);
    let wrong_check = format!("{body}{}", if check == "A" { "B" } else { "A" });
    let either = ["malformed", "mistyped"];
    json!([
        expecting(full(&text), "as printed", &[]),
        expecting(full(&relaxed), "lower case, spaces, O and i", &[]),
        expecting(bad(&one_digit), "a digit mistyped", &["mistyped"]),
        expecting(bad(&wrong_check), "a check digit mistyped", &["mistyped"]),
        expecting(bad(body), "a digit missing", &either),
        expecting(bad(&format!("{text}0")), "a digit too many", &either),
        expecting(
            bad(&text.replacen(|c: char| c.is_ascii_alphanumeric(), "U", 1)),
            "a letter that is no digit",
            &either
        ),
        expecting(bad(""), "nothing", &either),
    ])
}

fn wrapped_secrets(member: &SimulatedMember) -> Value {
    let export_key = [0x42; 64];
    let case = |wrapped: &WrappedSecret, household: HouseholdId, to: MemberId, way: Way, key: &[u8; 32]| {
        json!({ "household": household, "member": to, "wrapped": { "way": way, "nonce": wrapped.nonce, "ciphertext": wrapped.ciphertext },
                "wrappingKey": Base64Url(key.to_vec()), "secret": Base64Url(member.secret_bytes().to_vec()) })
    };
    let kit = member.wrap_for_kit();
    let kit_key = member.kit().wrapping_key();
    let password = member.wrap_for_password(&export_key);
    let password_key = Way::Password.wrapping_key(&export_key);
    let (house, id) = (member.household, member.member);
    let mut password_case = case(&password, house, id, Way::Password, &password_key);
    password_case["exportKey"] = json!(Base64Url(export_key.to_vec()));
    let mut flipped = kit.clone();
    flipped.ciphertext.0[4] ^= 1;
    let mut short = kit.clone();
    short.nonce.0.pop();
    let refused = ["does-not-open", "malformed"];
    json!([
        expecting(case(&kit, house, id, Way::Kit, &kit_key), "by the kit", &[]),
        expecting(password_case, "by the password", &[]),
        expecting(case(&kit, house, id, Way::Password, &kit_key), "moved to another way in", &refused),
        expecting(case(&kit, house, MemberId([1; 16]), Way::Kit, &kit_key), "moved to another member", &refused),
        expecting(case(&kit, HouseholdId([1; 16]), id, Way::Kit, &kit_key), "moved to another household", &refused),
        expecting(case(&kit, house, id, Way::Kit, &password_key), "another key", &refused),
        expecting(case(&flipped, house, id, Way::Kit, &kit_key), "flip in the ciphertext", &refused),
        expecting(case(&short, house, id, Way::Kit, &kit_key), "short nonce", &refused),
    ])
}

fn key_wraps(home: &SimulatedHome) -> Value {
    let member = &home.owner;
    let other = SimulatedMember::new(home.household, 99);
    let seed = home.room_seed();
    let scope = ScopeId::from(home.room);
    let room = identity(seed);
    let case = |wrapped: &Base64Url, scope: ScopeId, epoch: u32, expected: Option<&str>| {
        json!({ "identity": member.identity().reveal_text().as_str(), "household": home.household,
                "member": member.member, "scope": scope, "epoch": epoch, "wrapped": wrapped,
                "expectedRecipient": expected, "sharedIdentity": room.reveal_text().as_str() })
    };
    let good = member.wrap_shared(scope, 1, &seed).wrapped;
    let current = Some(room.recipient());
    let content = |member_id: MemberId, household: HouseholdId, seed: &[u8]| {
        let content = json!({ "household": household, "scope": scope, "epoch": 1, "member": member_id, "seed": Base64Url(seed.to_vec()) });
        Base64Url(seal(member.identity().recipient(), content.to_string().as_bytes()))
    };
    let foreign_seed = member.wrap_shared(scope, 1, &[0x33; 32]).wrapped;
    let not_json = Base64Url(seal(member.identity().recipient(), b"not JSON"));
    let to_other = other.wrap_shared(scope, 1, &seed).wrapped;
    json!([
        expecting(case(&good, scope, 1, current), "of the current epoch", &[]),
        expecting(case(&good, scope, 1, None), "of a past epoch that nobody names any more", &[]),
        expecting(case(&good, ScopeId([1; 16]), 1, current), "found at another room", &["wrong-scope"]),
        expecting(case(&good, scope, 2, current), "found at another epoch", &["wrong-scope"]),
        expecting(
            case(&content(other.member, home.household, &seed), scope, 1, current),
            "says another member",
            &["wrong-scope"]
        ),
        expecting(
            case(&content(member.member, HouseholdId([1; 16]), &seed), scope, 1, current),
            "says another household",
            &["wrong-scope", "wrong-household"]
        ),
        expecting(
            case(&content(member.member, home.household, &seed[..31]), scope, 1, current),
            "31 bytes of seed",
            &["malformed"]
        ),
        expecting(case(&foreign_seed, scope, 1, current), "a seed that the roster does not name", &["wrong-recipient"]),
        expecting(case(&not_json, scope, 1, current), "not JSON", &["malformed"]),
        expecting(case(&to_other, scope, 1, current), "wrapped to another member", &["no-key", "header-changed"]),
    ])
}

fn names(home: &SimulatedHome) -> Value {
    let household = identity(home.household_seed());
    let recipient = household.recipient();
    let case = |sealed: Base64Url, name: &str| json!({ "identity": household.reveal_text().as_str(), "sealed": sealed, "text": name });
    let raw = |plaintext: &[u8]| case(Base64Url(seal(recipient, plaintext)), "");
    let sealed = |name: &str| case(label(recipient, name), name);
    let mut inner_zero = vec![0; 64];
    inner_zero[..5].copy_from_slice(b"A\0BCD");
    json!([
        expecting(sealed("Nursery"), "a name", &[]),
        expecting(sealed("Büro 🛋"), "beyond ASCII", &[]),
        expecting(sealed(&"x".repeat(64)), "64 bytes", &[]),
        expecting(sealed(&"x".repeat(256)), "256 bytes", &[]),
        expecting(sealed(""), "empty", &[]),
        expecting(raw(&inner_zero), "a zero byte within", &["malformed"]),
        expecting(raw(&[0xff; 64]), "not UTF-8", &["malformed"]),
        expecting(raw(&[b'x'; 320]), "longer than 256 bytes", &["malformed", "too-large"]),
    ])
}
