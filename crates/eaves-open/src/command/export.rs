//! `eaves-open export`: playable files out of an archive.

use super::folder::Folder;
use super::{Outcome, Selection, describe_finding, format_time, now, say};
use anyhow::{Context as _, Result};
use eaves_domain::DeviceId;
use eaves_domain::link::PartKind;
use eaves_open::VerifiedLink;
use eaves_open::archive::Archive;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

/// Exports what is asked for and reports everything that could not be.
pub(super) fn run(archive: &Archive<Folder>, selection: &Selection, out: &Path) -> Result<Outcome> {
    let mut written_count = 0_usize;
    let mut alarms: Vec<String> =
        archive.problems().iter().map(|problem| format!("{}: {}", problem.path, problem.error)).collect();
    for device in archive.devices().into_iter().filter(|device| selection.has_device(archive, *device)) {
        let folder = out.join(folder_name(archive, device));
        std::fs::create_dir_all(&folder).context("could not make the output folder")?;
        let reading = archive.chain(device, now());
        alarms.extend(reading.findings.iter().map(describe_finding));
        for one in reading.links.iter().filter(|one| selection.has_span(one)) {
            for (kind, extension) in [(PartKind::Media, "mp4"), (PartKind::Poster, "jpg")] {
                match archive.part(one, kind) {
                    Ok(None) => {}
                    Ok(Some(plaintext)) => {
                        write_new(&folder.join(file_name(one, extension)), &plaintext)?;
                        written_count += 1;
                    }
                    Err(error) => alarms.push(format!("{}: {error}", archive.part_path(one, kind))),
                }
            }
        }
    }
    for alarm in &alarms {
        say(&format!("ALARM {alarm}"))?;
    }
    say(&format!("{written_count} files written, {} alarms", alarms.len()))?;
    Ok(Outcome::of(alarms.len()))
}

/// Writes a file that is not there yet.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .with_context(|| format!("could not make {}", path.display()))?;
    file.write_all(bytes).with_context(|| format!("could not write {}", path.display()))
}

/// The device's name where it can be a folder's name, and enough of the id to tell two of one name apart.
fn folder_name(archive: &Archive<Folder>, device: DeviceId) -> String {
    let id = device.to_hex();
    let short = id.get(..8).unwrap_or_default();
    let name: String = archive
        .device_name(device)
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' })
        .take(60)
        .collect();
    if name.is_empty() { short.to_owned() } else { format!("{name}-{short}") }
}

/// Start and index: sorted by time, and never the same twice.
fn file_name(one: &VerifiedLink, extension: &str) -> String {
    format!("{}-{}.{extension}", format_time(one.link.start_us).replace(':', "-"), one.link.index)
}
