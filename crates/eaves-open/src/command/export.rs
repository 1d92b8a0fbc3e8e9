//! `eaves-open export`: playable files out of an archive.

use super::folder::Folder;
use super::{Outcome, Selection, describe_finding, format_time, now, say};
use anyhow::{Context as _, Result};
use eaves_domain::DeviceId;
use eaves_domain::link::{LinkKind, PartKind};
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
                        let cut = matches!(one.link.kind, LinkKind::Recording { cut: true, .. });
                        let whole =
                            if cut && kind == PartKind::Media { whole_fragments(&plaintext) } else { &plaintext };
                        write_new(&folder.join(file_name(one, extension)), whole)?;
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

/// A recording that was cut holds whole chunks, which need not end with a fragment: what no player could show is left
/// out. Boxes are ISO 14496-12 4.2, as the hub writes them: no 64-bit sizes.
fn whole_fragments(media: &[u8]) -> &[u8] {
    let (mut at, mut whole) = (0_usize, 0_usize);
    while let Some([a, b, c, d, kind @ ..]) = media.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let size = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let Some(end) = at.checked_add(size).filter(|end| size >= 8 && *end <= media.len()) else { break };
        if kind != b"moof" {
            whole = end;
        }
        at = end;
    }
    media.get(..whole).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::whole_fragments;

    fn boxed(kind: &[u8; 4], content: usize) -> Vec<u8> {
        let size = u32::try_from(content + 8).unwrap();
        [&size.to_be_bytes(), kind.as_slice(), &vec![7; content]].concat()
    }

    #[test]
    fn a_recording_that_was_cut_ends_with_its_last_whole_fragment() {
        let start = [boxed(b"ftyp", 4), boxed(b"moov", 20), boxed(b"moof", 10), boxed(b"mdat", 30)].concat();
        let next = [boxed(b"moof", 10), boxed(b"mdat", 30)].concat();
        let media = [start.clone(), next].concat();
        assert_eq!(whole_fragments(&media), media);
        for end in start.len()..media.len() {
            assert_eq!(whole_fragments(&media[..end]), start, "{end}");
        }
        assert!(whole_fragments(&[0, 0, 0, 1]).is_empty());
        assert!(whole_fragments(&[0; 16]).is_empty(), "sizes that lie end the walk");
        assert!(whole_fragments(&[255; 16]).is_empty());
    }
}
