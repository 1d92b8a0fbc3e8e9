//! `eaves-open verify <folder>`: checks an audit pack, and says in words what that proves and what not.

use super::folder::Folder;
use super::{Outcome, format_time, say};
use anyhow::{Context as _, Result};
use eaves_domain::roster::{Role, Roster};
use eaves_domain::{MemberId, Timestamp};
use eaves_open::{PackReport, Pinned, RosterHistory, verify_pack};
use eaves_tlog::chain::Read;
use eaves_tlog::details::Who;
use eaves_tlog::note::VerifierKey;
use std::path::Path;

/// Verifies the pack.
pub(super) fn run(pack: &Path, log_key: Option<&str>) -> Result<Outcome> {
    let log = log_key.map(VerifierKey::parse).transpose().context("could not read the log's key")?;
    let report = verify_pack(&Folder::new(pack), &Pinned { log, owner: None })
        .context("there is no list of files that could be checked: audit-pack")?;
    head(&report)?;
    for read in &report.reading.entries {
        say(&format!("  {}", describe(read, report.rosters.as_ref())))?;
    }
    say("")?;
    for problem in &report.problems {
        say(&format!("ALARM {} {}", problem.what, problem.fault))?;
    }
    for path in &report.unchecked {
        say(&format!("{path}: what its maker says; nothing here checks it."))?;
    }
    say(if report.is_clean() { "No alarm." } else { "There are alarms: see above." })?;
    proves(&report)?;
    Ok(Outcome::of(report.problems.len()))
}

fn head(report: &PackReport) -> Result<()> {
    let list = &report.list;
    say(&format!("Household {}, pack made {}.", list.household, format_time(list.exported_us)))?;
    say(&format!(
        "Log {}, key {}. {}",
        list.log.name(),
        list.log.to_text(),
        if report.is_log_pinned {
            "It is the key that you gave."
        } else {
            "The pack says so itself: compare it with what the household's app shows, or give it with --log-key."
        },
    ))?;
    if let Some(checkpoint) = &report.checkpoint {
        say(&format!(
            "Newest checkpoint: {} entries of all households. Older ones checked: {}.",
            checkpoint.size, report.older
        ))?;
    }
    match report.seen_at() {
        Some(at) => {
            let names: Vec<_> = report.cosignatures.iter().map(|one| one.witness.as_str()).collect();
            say(&format!("Witnesses: {}, last at {}.", names.join(", "), format_time(at)))?;
        }
        None => say("Witnesses: none. Nobody but the log's keeper says when this was there.")?,
    }
    match &report.rosters {
        Some(rosters) => say(&format!(
            "Rosters: {} versions, each signed by an owner of the one before. The first vouches for itself.",
            rosters.versions().count(),
        ))?,
        None => say("Rosters: none that count. Who is who is not known.")?,
    }
    let forgotten = report.reading.entries.iter().filter(|read| read.details.is_none()).count();
    say(&format!(
        "Entries of this household: {}, of which {forgotten} with details that are forgotten. Receipts: {}.",
        report.reading.entries.len(),
        report.receipts,
    ))
}

/// One entry in a line.
fn describe(read: &Read, rosters: Option<&RosterHistory>) -> String {
    let what = match &read.details {
        None => "(details forgotten)".to_owned(),
        Some(details) => {
            let what = serde_json::to_string(&details.what).unwrap_or_default();
            format!("{}: {what}", person(details.who, read.line.at_us, rosters))
        }
    };
    format!("{:>6}  {}  {what}", read.line.sequence, format_time(read.line.at_us))
}

/// Who, with the role that the roster of that time gives them.
fn person(who: Who, at: Timestamp, rosters: Option<&RosterHistory>) -> String {
    match who {
        Who::Member { member } => {
            let then = rosters.and_then(|rosters| {
                let named = |roster: &&Roster| roster.member(member).is_some();
                let until_then = rosters.versions().rev().filter(|roster| roster.issued_us <= at).find(named);
                until_then.or_else(|| rosters.versions().find(named))
            });
            member_words(member, then)
        }
        Who::Hub { hub } => format!("hub {hub}"),
        Who::Reviewer { reviewer } => format!("reviewer {reviewer}"),
        Who::Vault => "the vault, by the household's rules".to_owned(),
        Who::Operator => "whoever runs the vault".to_owned(),
        Who::Stranger => "a stranger".to_owned(),
        _ => "somebody of a kind that this reader does not know".to_owned(),
    }
}

fn member_words(member: MemberId, roster: Option<&Roster>) -> String {
    match roster.and_then(|roster| roster.member(member)).map(|line| line.role) {
        Some(Role::Owner) => format!("owner {member}"),
        Some(Role::Adult) => format!("adult {member}"),
        Some(Role::Guest) => format!("guest {member}"),
        None => format!("member {member}, whom no roster here names"),
    }
}

fn proves(report: &PackReport) -> Result<()> {
    say(
        "What this proves, where there is no alarm: these are all the entries that the log's keeper wrote down for this \
         household up to the checkpoint, in their order and unchanged; the log did not show the older checkpoints another \
         history.",
    )?;
    if report.seen_at().is_some() {
        say("They were there when the named witness signed: the log's keeper alone cannot have written them later.")?;
    }
    say("What it does not prove: that what was written is true, that nothing happened without being written down, and \
         that nothing was written after the checkpoint. Names are not in a pack; ids are those of the household's roster.")
}
