//! An archive folder, opened by the command as a person would: a kit, no server.

use eaves_domain::ScopeId;
use eaves_domain::link::{ChainHead, GapCause, PartKind};
use eaves_domain::roster::Roster;
use eaves_testkit::home::{NOON, S, SimulatedHome, gap};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Folder {
    root: tempfile::TempDir,
    home: SimulatedHome,
}

impl Folder {
    /// Two recordings, a gap between them, and another recording that was cut.
    fn new() -> Self {
        let home = SimulatedHome::new(90);
        let folder = Self { root: tempfile::tempdir().unwrap(), home };
        let home = &folder.home;
        folder.write_json(
            "archive/eaves-archive.json",
            &json!({ "format": 1, "household": home.household, "exportedUs": NOON }),
        );
        folder.write_json("archive/roster/000001.json", &json!(home.owner.sign(&home.roster())));
        folder.write_json(&format!("archive/ways/{}-kit.json", home.owner.member), &json!(home.owner.wrap_for_kit()));
        for (scope, seed) in
            [(ScopeId::from(home.room), home.room_seed()), (ScopeId::from(home.household), home.household_seed())]
        {
            let wrap = home.owner.wrap_shared(scope, 1, &seed);
            folder.write(&format!("archive/keys/{}-1-{}.age", scope.to_hex(), home.owner.member), &wrap.wrapped.0);
        }
        let mut head = ChainHead::EMPTY;
        for n in 0..4_u8 {
            let start = NOON.plus_us(i64::from(n) * 60 * S);
            let name = format!("archive/devices/{}/{n:010}", home.camera);
            let kind = if n == 1 {
                gap(GapCause::CameraStalled)
            } else {
                let media = home.seal_part(PartKind::Media, format!("media {n}").as_bytes());
                let poster = home.seal_part(PartKind::Poster, format!("poster {n}").as_bytes());
                folder.write(&format!("{name}.media.age"), &media.file());
                folder.write(&format!("{name}.poster.age"), &poster.file());
                home.recording(n, start, false, &[&media, &poster])
            };
            let envelope = home.sign_link(&home.link(head, start, kind), &mut head);
            folder.write_json(&format!("{name}.json"), &json!({ "state": "kept", "link": envelope }));
        }
        folder.write("kit.txt", home.owner.kit().reveal_text().as_bytes());
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn device_file(&self, name: &str) -> PathBuf {
        self.path(&format!("archive/devices/{}/{name}", self.home.camera))
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn write_json(&self, name: &str, value: &Value) {
        self.write(name, value.to_string().as_bytes());
    }

    fn run(&self, command: &str, more: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_eaves-open"))
            .arg(command)
            .arg("--archive")
            .arg(self.path("archive"))
            .arg("--kit-file")
            .arg(self.path("kit.txt"))
            .args(more)
            .output()
            .unwrap()
    }

    /// Runs `verify` and expects an alarm that says `words`.
    fn expect_alarm(&self, words: &str) {
        let (code, text) = result(&self.run("verify", &[]));
        assert!(
            text.lines().any(|l| l.starts_with("ALARM") && l.contains(words)),
            "no alarm with {words:?} in: {text}"
        );
        assert_eq!(code, 1);
    }
}

fn result(output: &Output) -> (i32, String) {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), text)
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap())
        .map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap()))
        .collect();
    found.sort();
    found
}

#[test]
fn a_whole_archive_verifies_and_exports() {
    let folder = Folder::new();
    let (code, text) = result(&folder.run("verify", &[]));
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("Crib")
            && text.contains("3 recordings, 0 erased, 0 expired, 1 gaps")
            && text.contains("does not prove")
    );
    let out = folder.path("out");
    let (code, text) = result(&folder.run("export", &["--out", out.to_str().unwrap()]));
    assert_eq!(code, 0, "{text}");
    let device = std::fs::read_dir(&out).unwrap().next().unwrap().unwrap();
    assert!(device.file_name().to_str().unwrap().starts_with("Crib-"));
    let exported = files(&device.path());
    assert_eq!(exported.len(), 6);
    assert!(exported[1].0.ends_with("-0.mp4") && exported[1].1 == b"media 0");
    assert!(exported[0].0.ends_with("-0.jpg") && exported[0].1 == b"poster 0");
    let (code, text) = result(&folder.run("list", &["--device", "Crib"]));
    assert_eq!((code, text.matches("recording").count(), text.matches("camera-stalled").count()), (0, 3, 1), "{text}");
}

#[test]
fn a_span_is_exported_alone() {
    let folder = Folder::new();
    let out = folder.path("out");
    let from = humantime_of(NOON.plus_us(121 * S).as_us());
    let (code, text) = result(&folder.run(
        "export",
        &["--out", out.to_str().unwrap(), "--from", &from, "--to", &humantime_of(NOON.plus_us(179 * S).as_us())],
    ));
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("2 files written"), "{text}");
}

fn humantime_of(us: i64) -> String {
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_micros(us.try_into().unwrap());
    humantime::format_rfc3339_seconds(at).to_string()
}

#[test]
fn printed_identities_open_a_part_by_itself() {
    let folder = Folder::new();
    let (code, text) = result(&folder.run("identities", &[]));
    assert_eq!(code, 0);
    assert!(text.contains(folder.home.room_identity().reveal_text().as_str()));
    folder.write("identity.txt", folder.home.room_identity().reveal_text().as_bytes());
    let output = Command::new(env!("CARGO_BIN_EXE_eaves-open"))
        .arg("open")
        .arg(folder.device_file("0000000000.media.age"))
        .arg("--identity-file")
        .arg(folder.path("identity.txt"))
        .arg("--out")
        .arg(folder.path("media.mp4"))
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(std::fs::read(folder.path("media.mp4")).unwrap(), b"media 0");
}

#[test]
fn everything_missing_or_changed_is_an_alarm_and_the_rest_is_exported() {
    let folder = Folder::new();
    let path = folder.device_file("0000000002.media.age");
    let mut changed = std::fs::read(&path).unwrap();
    *changed.last_mut().unwrap() ^= 1;
    std::fs::write(&path, changed).unwrap();
    std::fs::remove_file(folder.device_file("0000000003.poster.age")).unwrap();
    folder.expect_alarm("0000000002.media.age: the body was changed");
    folder.expect_alarm("0000000003.poster.age: the bytes are missing");
    let out = folder.path("out");
    let (code, text) = result(&folder.run("export", &["--out", out.to_str().unwrap()]));
    assert_eq!(code, 1);
    assert!(text.contains("4 files written, 2 alarms"), "{text}");
}

#[test]
fn a_missing_link_is_an_alarm() {
    let folder = Folder::new();
    std::fs::remove_file(folder.device_file("0000000001.json")).unwrap();
    folder.expect_alarm("missing or was replayed");
}

#[test]
fn a_recording_in_the_place_of_another_is_an_alarm() {
    let folder = Folder::new();
    std::fs::copy(folder.device_file("0000000000.media.age"), folder.device_file("0000000002.media.age")).unwrap();
    folder.expect_alarm("0000000002.media.age: the header was changed, or belongs to another recording");
}

#[test]
fn an_identity_that_no_roster_names_is_an_alarm() {
    let folder = Folder::new();
    let home = &folder.home;
    let wrap = home.owner.wrap_shared(home.room.into(), 1, &[0x33; 32]);
    folder.write(&format!("archive/keys/{}-1-{}.age", home.room, home.owner.member), &wrap.wrapped.0);
    folder.expect_alarm("not the one that the signed roster names");
    folder.expect_alarm("an identity that is not at hand");
}

#[test]
fn a_forged_roster_opens_nothing() {
    let folder = Folder::new();
    let stranger = SimulatedHome::new(17);
    let forged = Roster { household: folder.home.household, ..stranger.roster() };
    folder.write_json("archive/roster/000001.json", &json!(stranger.owner.sign(&forged)));
    let (code, text) = result(&folder.run("verify", &[]));
    assert_eq!(code, 2);
    assert!(text.contains("does not name this member"), "{text}");
}

#[test]
fn a_kit_of_somebody_else_opens_nothing() {
    let folder = Folder::new();
    folder.write("kit.txt", SimulatedHome::new(17).owner.kit().reveal_text().as_bytes());
    assert_eq!(result(&folder.run("list", &[])).0, 2);
    folder.write("kit.txt", b"0000-0000-0000-0000-0000-0000-0000-0000-0000");
    let (code, text) = result(&folder.run("list", &[]));
    assert_eq!(code, 2);
    assert!(text.contains("mistyped"), "{text}");
}
