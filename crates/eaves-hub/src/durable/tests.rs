//! A replaced file is whole, whatever step failed.

use super::faulty::{Fault, FaultyDisk};
use super::*;
use proptest::prelude::*;

const DIR: &str = "/d";
const FILE: &str = "/d/f";

fn disk_with_old() -> FaultyDisk {
    let disk = FaultyDisk::default();
    disk.create_dir(Path::new(DIR)).unwrap();
    replace(&disk, Path::new(FILE), b"old").unwrap();
    disk
}

#[test]
fn replaced_file_holds_the_new_content() {
    let disk = disk_with_old();
    replace(&disk, Path::new(FILE), b"new").unwrap();
    disk.power_cut(|n| n - 1);
    assert_eq!(disk.read(Path::new(FILE)).unwrap(), b"new");
}

proptest! {
    #[test]
    fn whatever_step_fails_the_file_is_whole_and_old_or_new(
        step in 0u64..8,
        fault in prop_oneof![Just(Fault::FailsUndone), Just(Fault::FailsDone), Just(Fault::Dead)],
        luck in proptest::collection::vec(any::<usize>(), 16),
    ) {
        let disk = disk_with_old();
        disk.inject(disk.steps() + step, fault);
        let result = replace(&disk, Path::new(FILE), b"a new and longer content");
        let mut luck = luck.into_iter().cycle();
        disk.power_cut(|n| luck.next().unwrap() % n);
        let content = disk.read(Path::new(FILE)).unwrap();
        if result.is_ok() {
            prop_assert_eq!(content.as_slice(), b"a new and longer content");
        } else {
            prop_assert!(content == b"old" || content == b"a new and longer content", "torn: {content:?}");
        }
        // And the next attempt works, whatever lies around.
        replace(&disk, Path::new(FILE), b"third").unwrap();
        prop_assert_eq!(disk.read(Path::new(FILE)).unwrap(), b"third".to_vec());
    }
}

#[test]
fn real_disk_keeps_files_private_and_reads_ranges() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let disk = RealDisk::default();
    let dir = folder.path().join("a/b");
    disk.create_dir(&dir).unwrap();
    let path = dir.join("f");
    replace(&disk, &path, b"0123456789").unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(disk.read_at(&path, 4, 3).unwrap(), b"456");
    assert_eq!(disk.read_at(&path, 8, 30).unwrap(), b"89");
    assert_eq!(disk.list(&dir).unwrap(), ["f"]);
    assert!(disk.free_bytes(&dir).unwrap() > 0);
    assert!(disk.create(&path).is_err(), "a name that is taken is not taken again");
    let mut file = disk.create(&dir.join("g")).unwrap();
    file.append(&[b"ab", b"", b"cd"]).unwrap();
    file.append(&[]).unwrap();
    file.sync().unwrap();
    assert_eq!(disk.read(&dir.join("g")).unwrap(), b"abcd");
}
