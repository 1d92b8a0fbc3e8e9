//! `eaves-open verify`: checks everything that an archive holds, and says in words what that proves and what not.

use super::folder::Folder;
use super::{Outcome, describe_finding, format_time, now, say};
use anyhow::Result;
use eaves_domain::DeviceId;
use eaves_domain::link::{LinkKind, PartKind};
use eaves_open::archive::{Anchor, Archive};
use eaves_open::{State, VerifiedLink};

/// Verifies the archive.
pub(super) fn run(archive: &Archive<Folder>) -> Result<Outcome> {
    let mut alarm_count = 0;
    let mut alarm = |line: &str| {
        alarm_count += 1;
        say(&format!("ALARM {line}"))
    };
    say(&format!(
        "Household {}, written {}.",
        archive.manifest().household,
        format_time(archive.manifest().exported_us)
    ))?;
    say(&format!(
        "Rosters: {} versions, each signed by an owner of the one before. {}",
        archive.history().versions().count(),
        match archive.anchor() {
            Anchor::OwnKey => "The first is signed with the key of this kit's own member.",
            Anchor::NamedLater =>
                "The first is signed by another owner, whom this kit cannot vouch for; a version names this kit's member.",
        },
    ))?;
    for problem in archive.problems() {
        alarm(&format!("{}: {}", problem.path, problem.error))?;
    }
    for device in archive.missing_devices() {
        alarm(&format!("device {device} is named by a roster and has no folder here"))?;
    }
    for device in archive.devices() {
        verify_device(archive, device, &mut alarm)?;
    }
    say("")?;
    say(if alarm_count == 0 { "No alarm." } else { "There are alarms: see above." })?;
    say(
        "What this proves: the recordings named without alarm were sealed by a hub of this household, are unchanged, and \
         stand in the order in which that hub signed them; what is missing between them is announced with a cause, was \
         erased by the signed wish of a member, or had reached the end of its time.",
    )?;
    say(
        "What it does not prove: that nothing newer exists than the last link shown here, and that the camera showed \
         what it seemed to. A folder cannot know of a link that was never put in it.",
    )?;
    Ok(Outcome::of(alarm_count))
}

fn verify_device(
    archive: &Archive<Folder>,
    device: DeviceId,
    alarm: &mut impl FnMut(&str) -> Result<()>,
) -> Result<()> {
    let reading = archive.chain(device, now());
    let name = archive.device_name(device).unwrap_or_else(|| "(name not readable)".to_owned());
    let count = |is_wanted: &dyn Fn(&VerifiedLink) -> bool| reading.links.iter().filter(|one| is_wanted(one)).count();
    let is_gap = |one: &VerifiedLink| matches!(one.link.kind, LinkKind::Gap { .. });
    say("")?;
    say(&format!(
        "{name} ({device}): {} recordings, {} erased, {} expired, {} gaps.",
        count(&|one| !is_gap(one) && one.state == State::Kept),
        count(&|one| one.state == State::Erased),
        count(&|one| one.state == State::Expired),
        count(&is_gap),
    ))?;
    match (reading.links.first(), reading.links.last()) {
        (Some(first), Some(last)) => say(&format!(
            "  Links {} to {}, {} to {}.{}",
            first.link.index,
            last.link.index,
            format_time(first.link.start_us),
            format_time(last.link.end_us),
            if first.link.index == 0 { "" } else { " What came before the first is not in this archive." },
        ))?,
        // A camera that was never reached looks the same, so this alone is no alarm; but it is said.
        _ => say("  No link: nothing was ever recorded here, or all of it was left out.")?,
    }
    for finding in &reading.findings {
        alarm(&describe_finding(finding))?;
    }
    for one in &reading.links {
        for kind in PartKind::ALL {
            if let Err(error) = archive.part(one, kind) {
                alarm(&format!("{}: {error}", archive.part_path(one, kind)))?;
            }
        }
    }
    Ok(())
}
