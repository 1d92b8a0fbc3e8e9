//! Makes the files of `vectors/` that are not there yet. What is there is the contract and stays as it is: to replace a
//! file, delete it first, so that the change is seen.

use std::io::{self, Write as _};
use std::path::Path;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let mut out = io::stdout().lock();
    // The bodies and the page that describes them belong together.
    let has_parts = root.join("sealed-part.json").exists();
    for file in eaves_testkit::vectors::all() {
        let path = root.join(&file.path);
        let is_kept = path.exists() || (has_parts && file.path.starts_with("sealed-part"));
        if !is_kept {
            std::fs::create_dir_all(path.parent().unwrap_or(&root))?;
            std::fs::write(&path, &file.bytes)?;
        }
        writeln!(out, "{} {}", if is_kept { "kept" } else { "made" }, file.path)?;
    }
    Ok(())
}
