//! What the subcommands do. Reports go to standard output, alarms too: they are the result, not a failure of the tool.

mod export;
mod folder;
mod verify;
mod verify_pack;

use crate::{Choice, Command, Source};
use anyhow::{Context as _, Result, anyhow};
use eaves_domain::link::LinkKind;
use eaves_domain::{DeviceId, Timestamp};
use eaves_open::archive::Archive;
use eaves_open::{Finding, Identity, KitSecret, State, VerifiedLink, open_file};
use folder::Folder;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

/// How it went.
pub(crate) enum Outcome {
    /// Everything that was looked at is in order.
    Clean,
    /// Something is missing, changed or not proved.
    Alarms,
}

impl Outcome {
    fn of(alarm_count: usize) -> Self {
        if alarm_count == 0 { Self::Clean } else { Self::Alarms }
    }
}

/// Runs one subcommand.
pub(crate) fn run(command: Command) -> Result<Outcome> {
    match command {
        Command::Open { file, identity_file, out } => open(&file, &identity_file, &out),
        Command::List { source, choice } => list(&source, &choice),
        Command::Export { source, choice, out } => {
            export::run(&open_archive(&source)?, &Selection::new(&choice)?, &out)
        }
        Command::Verify { pack: Some(pack), log_key, .. } => verify_pack::run(&pack, log_key.as_deref()),
        Command::Verify { source, .. } => {
            verify::run(&open_archive(&source.context("give an audit pack, or --archive and --kit-file")?)?)
        }
        Command::Identities { source } => identities(&source),
    }
}

/// One line of the report.
fn say(line: &str) -> Result<()> {
    writeln!(io::stdout().lock(), "{line}").context("could not write the report")
}

/// One line to standard error.
pub(crate) fn complain(line: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr().lock(), "eaves-open: {line}");
}

fn open(file: &Path, identity_file: &Path, out: &Path) -> Result<Outcome> {
    let text = Zeroizing::new(std::fs::read_to_string(identity_file).context("could not read the identity file")?);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let identity =
        Identity::parse(line.context("the identity file is empty")?).context("could not read the identity")?;
    let sealed = std::fs::read(file).context("could not read the sealed file")?;
    let plaintext = open_file(&sealed, &identity).context("could not open the sealed file")?;
    export::write_new(out, &plaintext)?;
    complain("opened; without the signed link that names it, nothing says who sealed this file");
    Ok(Outcome::Clean)
}

fn open_archive(source: &Source) -> Result<Archive<Folder>> {
    let mut text = Zeroizing::new(String::new());
    if source.kit_file == Path::new("-") {
        io::stdin().lock().take(4_096).read_to_string(&mut text).context("could not read the kit")?;
    } else {
        text.push_str(&std::fs::read_to_string(&source.kit_file).context("could not read the kit file")?);
    }
    let kit = KitSecret::parse(text.trim()).context("could not read the recovery kit")?;
    Archive::open(Folder::new(&source.archive), &kit).context("could not open the archive with this kit")
}

fn list(source: &Source, choice: &Choice) -> Result<Outcome> {
    let archive = open_archive(source)?;
    let selection = Selection::new(choice)?;
    let mut alarm_count = archive.problems().len();
    for device in archive.devices().into_iter().filter(|device| selection.has_device(&archive, *device)) {
        let name = archive.device_name(device).unwrap_or_else(|| "(name not readable)".to_owned());
        say(&format!("{name}  {device}"))?;
        let reading = archive.chain(device, now());
        alarm_count += reading.findings.len();
        for one in reading.links.iter().filter(|one| selection.has_span(one)) {
            say(&format!("  {}", describe(one)))?;
        }
        for finding in &reading.findings {
            say(&format!("  ALARM {}", describe_finding(finding)))?;
        }
    }
    for problem in archive.problems() {
        say(&format!("ALARM {}: {}", problem.path, problem.error))?;
    }
    Ok(Outcome::of(alarm_count))
}

fn identities(source: &Source) -> Result<Outcome> {
    let archive = open_archive(source)?;
    say("# Secret: whoever has these lines opens the parts. Save them to a file for `age --decrypt --identity`.")?;
    for (scope, epoch, identity) in archive.identities() {
        say(&format!("# {scope}, epoch {epoch}"))?;
        say(&identity.reveal_text())?;
    }
    for problem in archive.problems() {
        complain(&format!("{}: {}", problem.path, problem.error));
    }
    Ok(Outcome::of(archive.problems().len()))
}

/// One link in a line.
fn describe(one: &VerifiedLink) -> String {
    let link = &one.link;
    let seconds = link.end_us.since_us(link.start_us) as f64 / 1e6;
    let what = match (&link.kind, one.state) {
        (LinkKind::Gap { cause }, _) => format!("gap: {}", kebab(cause)),
        (LinkKind::Recording { cut: true, .. }, State::Kept) => "recording, cut".to_owned(),
        (LinkKind::Recording { .. }, State::Kept) => "recording".to_owned(),
        (LinkKind::Recording { .. }, State::Erased) => "erased by a member".to_owned(),
        (LinkKind::Recording { .. }, State::Expired) => "expired".to_owned(),
    };
    format!("{}  {seconds:5.1} s  {what}", format_time(link.start_us))
}

/// One finding in a line.
fn describe_finding(finding: &Finding) -> String {
    let index = finding.index.map(|index| format!("link {index}: ")).unwrap_or_default();
    let when = finding.span.map(|(start, _)| format!(" (around {})", format_time(start))).unwrap_or_default();
    format!("{index}{}{when}", finding.error)
}

/// The name of a cause in the wire format.
fn kebab(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// RFC 3339 in UTC, to the second.
fn format_time(time: Timestamp) -> String {
    match u64::try_from(time.as_us()).ok().and_then(|us| UNIX_EPOCH.checked_add(Duration::from_micros(us))) {
        // The formatter knows years up to 9999.
        Some(at) if time.as_us() < 253_402_300_800_000_000 => humantime::format_rfc3339_seconds(at).to_string(),
        _ => format!("{} us", time.as_us()),
    }
}

fn parse_time(text: &str) -> Result<Timestamp> {
    let at = humantime::parse_rfc3339_weak(text).map_err(|_| anyhow!("not a time in UTC: {text}"))?;
    let since = at.duration_since(UNIX_EPOCH).map_err(|_| anyhow!("a time before 1970: {text}"))?;
    Ok(Timestamp(i64::try_from(since.as_micros()).context("a time too far away")?))
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Which recordings are asked for.
struct Selection {
    device: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Selection {
    fn new(choice: &Choice) -> Result<Self> {
        let time = |text: &Option<String>| text.as_deref().map(parse_time).transpose();
        Ok(Self { device: choice.device.clone(), from: time(&choice.from)?, to: time(&choice.to)? })
    }

    fn has_device(&self, archive: &Archive<Folder>, device: DeviceId) -> bool {
        self.device.as_ref().is_none_or(|wanted| {
            *wanted == device.to_hex() || archive.device_name(device).is_some_and(|name| name == *wanted)
        })
    }

    fn has_span(&self, one: &VerifiedLink) -> bool {
        self.from.is_none_or(|from| one.link.end_us > from) && self.to.is_none_or(|to| one.link.start_us < to)
    }
}
