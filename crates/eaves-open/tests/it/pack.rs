//! Audit packs: an honest one verifies, and nothing can be taken out, put in or changed, not even by who keeps the log.

use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::link::PartKind;
use eaves_domain::{DeviceId, Digest, HouseholdId};
use eaves_open::archive::Files;
use eaves_open::{PackFault, PackOpening, PackReport, Pinned, verify_pack};
use eaves_testkit::home::SimulatedHome;
use eaves_testkit::log::{SimulatedLog, after_noon, signed_out};
use eaves_testkit::pack::{Contents, Pack, make, sign};
use eaves_tlog::chain::Fault;
use eaves_tlog::details::{Details, What, Who};
use eaves_tlog::entry::Opening;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::LazyLock;

const COUNT: u64 = 8;

struct InMemory<'a>(&'a Pack);

impl Files for InMemory<'_> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let below = self.0.keys().filter_map(|path| path.strip_prefix(&prefix));
        let names: BTreeSet<_> = below.filter_map(|rest| rest.split('/').next()).map(str::to_owned).collect();
        names.into_iter().collect()
    }
}

struct World {
    home: SimulatedHome,
    roster: Envelope,
    log: SimulatedLog,
    pack: Pack,
}

/// A home with eight entries among 300 of others, cosigned by its hub; an older checkpoint and a receipt.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let home = SimulatedHome::new(60);
    let roster = home.owner.sign(&home.roster());
    let mut log = SimulatedLog::new(60);
    let member = Who::Member { member: home.owner.member };
    let mut older = Vec::new();
    let mut receipts = Vec::new();
    for n in 0..COUNT {
        log.strangers(40);
        let (device, from_us, to_us) = (home.camera, after_noon(0), after_noon(60));
        let what = match n {
            0 => What::RosterChanged { version: 1, roster: roster.payload_digest() },
            1 => What::LiveOpened { device, room: home.room },
            2 => What::RecordingOpened { device, from_us, to_us, part: PartKind::Media },
            _ => signed_out().what,
        };
        let (index, opening) = log.write(home.household, &Details { who: member, what }, after_noon(60 * n as i64));
        if n == 2 {
            let note = log.cosigned(home.hub, &home.hub_key(), after_noon(150));
            receipts.push((log.size(), log.receipt(index, &opening, note)));
        }
        if n == 4 {
            older.push((log.size(), log.note()));
        }
    }
    let forgotten = &mut log.households.get_mut(&home.household).unwrap().1[3].1;
    forgotten.forget_details();
    let checkpoint = Some(log.cosigned(home.hub, &home.hub_key(), after_noon(600)));
    let notes = vec![("tests.txt", b"all tests passed\n".to_vec())];
    let contents = Contents { checkpoint, older, receipts, rosters: std::slice::from_ref(&roster), notes };
    let pack = make(&log, home.household, &contents, after_noon(700));
    World { home, roster, log, pack }
});

fn pinned() -> Pinned {
    Pinned { log: Some(WORLD.log.key()), owner: Some(PublicKey::of(&WORLD.home.owner.signing_key())) }
}

fn verify(pack: &Pack) -> Result<PackReport, PackFault> {
    verify_pack(&InMemory(pack), &pinned())
}

/// What is said of a pack that the log's own keeper changed and then listed and signed anew.
fn resigned(change: impl FnOnce(&mut Pack)) -> Vec<(String, PackFault)> {
    let mut pack = WORLD.pack.clone();
    change(&mut pack);
    sign(&mut pack, &WORLD.log, WORLD.home.household, COUNT, after_noon(700));
    faults(&verify(&pack).unwrap())
}

fn faults(report: &PackReport) -> Vec<(String, PackFault)> {
    report.problems.iter().map(|problem| (problem.what.clone(), problem.fault)).collect()
}

fn openings(pack: &mut Pack, change: impl FnOnce(&mut Vec<PackOpening>)) {
    let file = pack.get_mut("openings/0000000000.json").unwrap();
    let mut page: Vec<PackOpening> = serde_json::from_slice(file).unwrap();
    change(&mut page);
    *file = serde_json::to_vec(&page).unwrap();
}

fn has(found: &[(String, PackFault)], fault: Fault) -> bool {
    found.iter().any(|(_, one)| matches!(one, PackFault::Entry(finding) if finding.fault == fault))
}

#[test]
fn an_honest_pack_verifies_and_tells_what_is_in_it() {
    let report = verify(&WORLD.pack).unwrap();
    assert_eq!(faults(&report), []);
    assert_eq!((report.reading.entries.len() as u64, report.receipts, report.older), (COUNT, 1, 1));
    assert_eq!(report.seen_at(), Some(after_noon(600)));
    assert_eq!(report.unchecked, ["notes/tests.txt"]);
    assert!(report.reading.entries[3].details.is_none() && report.is_log_pinned);
    let bare = verify_pack(&InMemory(&WORLD.pack), &Pinned::default()).unwrap();
    assert!(bare.is_clean() && !bare.is_log_pinned);
}

#[test]
fn a_pack_of_another_log_or_first_owner_than_the_one_that_is_trusted_is_refused() {
    let other = Pinned { log: Some(SimulatedLog::new(61).key()), ..pinned() };
    let report = verify_pack(&InMemory(&WORLD.pack), &other).unwrap();
    assert_eq!(faults(&report), [("audit-pack".to_owned(), PackFault::WrongLog)]);
    let other = Pinned { owner: Some(PublicKey([7; 32])), ..pinned() };
    assert!(!verify_pack(&InMemory(&WORLD.pack), &other).unwrap().is_clean());
}

#[test]
fn no_bit_of_the_list_may_change() {
    let list = &WORLD.pack["audit-pack"];
    for bit in 0..list.len() * 8 {
        let mut pack = WORLD.pack.clone();
        pack.get_mut("audit-pack").unwrap()[bit / 8] ^= 1 << (bit % 8);
        let is_refused = verify(&pack).map_or(true, |report| !report.is_clean());
        assert!(is_refused, "bit {bit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn one_bit_changed_anywhere_in_a_pack_fails(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0usize..8,
    ) {
        let mut pack = WORLD.pack.clone();
        let path = pack.keys().nth(which.index(pack.len())).unwrap().clone();
        let file = pack.get_mut(&path).unwrap();
        let index = at.index(file.len());
        file[index] ^= 1 << bit;
        let is_refused = verify(&pack).map_or(true, |report| !report.is_clean());
        prop_assert!(is_refused, "{path}, byte {index}, bit {bit}");
    }

    /// The keeper of the log signs the list anew after the change. What the tree, the chain and the witness cover still
    /// shows it; only what nobody covers (the maker's own notes) is as the keeper likes.
    #[test]
    fn one_bit_changed_by_the_keeper_of_the_log_fails_too(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0usize..8,
    ) {
        let covered: Vec<_> = WORLD.pack.keys().filter(|path| *path != "audit-pack" && !path.starts_with("notes/")).collect();
        let path = covered[which.index(covered.len())].clone();
        let before = WORLD.pack[&path].clone();
        let index = at.index(before.len());
        let mut after = before.clone();
        after[index] ^= 1 << bit;
        let found = resigned(|pack| drop(pack.insert(path.clone(), after.clone())));
        prop_assert!(!found.is_empty() || means_the_same(&path, &before, &after), "{path}, byte {index}, bit {bit}");
    }
}

/// JSON can say the same in two ways, and a line of an unknown key counts for nothing, whatever is in it.
fn means_the_same(path: &str, before: &[u8], after: &[u8]) -> bool {
    let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    if path.starts_with("roster/") {
        let payload = |bytes: &[u8]| read(bytes).map(|envelope| envelope["payload"].clone());
        return payload(before).is_some() && payload(before) == payload(after);
    }
    let is_unknown_witness = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().last().map(str::to_owned);
    path == "checkpoint" && is_unknown_witness(before) != is_unknown_witness(after)
        || path.starts_with("receipts/") && is_unknown_witness(before) != is_unknown_witness(after)
        || path.starts_with("openings/") && read(before) == read(after)
}

#[test]
fn a_file_that_is_missing_or_was_added_is_named() {
    for path in WORLD.pack.keys().filter(|path| *path != "audit-pack") {
        let mut pack = WORLD.pack.clone();
        pack.remove(path);
        assert!(faults(&verify(&pack).unwrap()).contains(&(path.clone(), PackFault::Missing)), "{path}");
    }
    for path in ["more", "tile/0/more", "notes/more/deep.txt", "elsewhere/file"] {
        let mut pack = WORLD.pack.clone();
        pack.insert(path.to_owned(), b"more".to_vec());
        let found = faults(&verify(&pack).unwrap());
        assert!(
            found.iter().any(|(what, fault)| path.starts_with(what) && *fault == PackFault::NotListed),
            "{found:?}"
        );
    }
    let mut pack = WORLD.pack.clone();
    pack.remove("audit-pack");
    assert_eq!(verify(&pack).err(), Some(PackFault::Missing));
    let found = resigned(|pack| drop(pack.insert("elsewhere".to_owned(), b"more".to_vec())));
    assert_eq!(found, [("elsewhere".to_owned(), PackFault::Stray)]);
}

#[test]
fn an_entry_that_the_keeper_left_out_moved_or_made_up_is_named() {
    let found = resigned(|pack| openings(pack, |page| drop(page.remove(4))));
    assert!(has(&found, Fault::Missing) && found[0].0 == "entry 4", "{found:?}");
    let found = resigned(|pack| openings(pack, |page| page.truncate(6)));
    assert!(has(&found, Fault::Missing), "also the last ones: {found:?}");
    let found = resigned(|pack| openings(pack, |page| page.swap(1, 2)));
    assert!(has(&found, Fault::OutOfOrder), "{found:?}");
    let found = resigned(|pack| openings(pack, |page| page[5].index += 1));
    assert!(has(&found, Fault::NotIncluded), "{found:?}");
    let found = resigned(|pack| openings(pack, |page| page[5].opening.nonce.0[0] ^= 1));
    assert!(has(&found, Fault::NotIncluded), "{found:?}");
    let text = |opening: &mut Opening| opening.details.as_mut().unwrap().text.0[20] ^= 1;
    let found = resigned(|pack| openings(pack, |page| text(&mut page[5].opening)));
    assert!(has(&found, Fault::Altered), "{found:?}");
}

#[test]
fn a_rolled_back_or_forked_log_is_named() {
    // An older log than the receipt and the older checkpoint have seen.
    let young = {
        let mut log = SimulatedLog::new(60);
        log.strangers(41);
        log
    };
    let found = resigned(|pack| drop(pack.insert("checkpoint".to_owned(), young.note().to_string().into_bytes())));
    assert!(!found.is_empty());
    // The keeper signs another history of the same size for this pack.
    let mut fork = SimulatedLog::new(60);
    fork.strangers(WORLD.log.size());
    let found = resigned(|pack| {
        pack.retain(|path, _| !path.starts_with("tile/"));
        let tiles = fork.files.iter().filter(|(path, _)| WORLD.pack.contains_key(*path));
        pack.extend(tiles.map(|(path, bytes)| (path.clone(), bytes.clone())));
        pack.insert("checkpoint".to_owned(), fork.note().to_string().into_bytes());
    });
    let is_named =
        |path: &str| found.iter().any(|(what, fault)| what.starts_with(path) && matches!(fault, PackFault::Log(_)));
    assert!(is_named("checkpoints/") && is_named("receipts/"), "{found:?}");
    assert!(has(&found, Fault::NotIncluded));
}

#[test]
fn a_receipt_of_a_neighbour_and_a_roster_of_another_household_are_named() {
    let mut log = WORLD.log.clone();
    let (index, opening) = log.write(HouseholdId([1; 16]), &signed_out(), after_noon(690));
    let size = log.size();
    let receipts = vec![(size, log.receipt(index, &opening, log.note()))];
    let contents = Contents { receipts, rosters: std::slice::from_ref(&WORLD.roster), ..Contents::default() };
    let pack = make(&log, WORLD.home.household, &contents, after_noon(700));
    let found = faults(&verify(&pack).unwrap());
    assert_eq!(found, [("receipts/000.tlog-proof".to_owned(), PackFault::OtherEntry)]);
    let stranger = SimulatedHome::new(90);
    let roster = serde_json::to_vec(&stranger.owner.sign(&stranger.roster())).unwrap();
    let found = resigned(|pack| drop(pack.insert("roster/000001.json".to_owned(), roster)));
    assert!(found.iter().any(|(what, fault)| what == "roster" && matches!(fault, PackFault::Roster(_))), "{found:?}");
}

#[test]
fn an_entry_that_names_another_roster_than_the_packs_own_is_named() {
    let mut log = SimulatedLog::new(60);
    let home = &WORLD.home;
    let what = What::RosterChanged { version: 1, roster: Digest([9; 32]) };
    log.write(home.household, &Details { who: Who::Vault, what }, after_noon(0));
    let contents = Contents { rosters: std::slice::from_ref(&WORLD.roster), ..Contents::default() };
    let found = faults(&verify(&make(&log, home.household, &contents, after_noon(10))).unwrap());
    assert_eq!(found, [("entry 0".to_owned(), PackFault::OtherRoster)]);
}

fn on_disk(pack: &BTreeMap<String, Vec<u8>>) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, bytes) in pack {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    root
}

fn command(root: &tempfile::TempDir, more: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eaves-open"));
    let output = command.arg("verify").arg(root.path()).args(more).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_command_says_what_a_pack_proves_and_what_it_does_not() {
    let root = on_disk(&WORLD.pack);
    let (code, said) = command(&root, &["--log-key", &WORLD.log.key().to_text()]);
    assert_eq!(code, Some(0), "{said}");
    for words in [
        "No alarm.",
        "It is the key that you gave.",
        "owner 3d3d",
        "live-opened",
        "(details forgotten)",
        "What it does not prove",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains(&DeviceId([0; 16]).to_hex()));
    let (code, said) = command(&root, &[]);
    assert!(code == Some(0) && said.contains("The pack says so itself"), "{said}");
    let path = root.path().join("openings/0000000000.json");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100] ^= 1;
    std::fs::write(path, bytes).unwrap();
    let (code, said) = command(&root, &[]);
    assert!(
        code == Some(1) && said.contains("ALARM openings/0000000000.json was changed after the pack was made"),
        "{said}"
    );
    std::fs::remove_file(root.path().join("audit-pack")).unwrap();
    assert_eq!(command(&root, &[]).0, Some(2));
}

#[test]
fn a_tile_that_no_proof_needs_must_be_the_logs_own_all_the_same() {
    let home = WORLD.home.household;
    let mut log = SimulatedLog::new(60);
    log.strangers(600);
    log.write(home, &signed_out(), after_noon(0));
    let mut pack = make(&log, home, &Contents::default(), after_noon(10));
    assert!(!pack.contains_key("tile/0/001"));
    let mut tile = log.files["tile/0/001"].clone();
    pack.insert("tile/0/001".to_owned(), tile.clone());
    sign(&mut pack, &log, home, 1, after_noon(10));
    assert_eq!(faults(&verify(&pack).unwrap()), []);
    tile[77] ^= 4;
    pack.insert("tile/0/001".to_owned(), tile);
    sign(&mut pack, &log, home, 1, after_noon(10));
    let found = faults(&verify(&pack).unwrap());
    assert_eq!(found, [("tile".to_owned(), PackFault::Log(eaves_tlog::Error::NotIncluded))]);
}
