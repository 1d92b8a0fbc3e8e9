//! A disk in memory that can fail and be unplugged at any single step (tests only).
//!
//! It models what a file system promises and nothing more: bytes are durable after `sync`, names after `sync_dir`.
//! After [`FaultyDisk::power_cut`], bytes that were not synced survive as an arbitrary prefix, possibly as zeros,
//! and names that were not synced may or may not have changed.

use super::{Disk, DiskFile};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// What the next steps do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The step fails and has done nothing.
    FailsUndone,
    /// The step fails, yet what it does is done.
    FailsDone,
    /// This step and all later ones fail undone: the process is dead.
    Dead,
}

#[derive(Default)]
struct Node {
    bytes: Vec<u8>,
    durable_len: usize,
}

#[derive(Default)]
struct State {
    nodes: Vec<Arc<Mutex<Node>>>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    dirs: Vec<PathBuf>,
    steps: u64,
    fault: Option<(u64, Fault)>,
    dead: bool,
    capacity: Option<u64>,
}

/// The disk. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct FaultyDisk(Arc<Mutex<State>>);

impl FaultyDisk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Steps taken so far. Reading is no step.
    pub(crate) fn steps(&self) -> u64 {
        self.state().steps
    }

    /// The step with number `at` (from 0) suffers `fault`.
    pub(crate) fn inject(&self, at: u64, fault: Fault) {
        self.state().fault = Some((at, fault));
    }

    /// Room for this many bytes in all files together.
    pub(crate) fn set_capacity(&self, bytes: Option<u64>) {
        self.state().capacity = bytes;
    }

    /// Bytes in all files together.
    pub(crate) fn used(&self) -> u64 {
        self.state().used()
    }

    /// Whether an injected fault has killed the process.
    pub(crate) fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// Another disk with what is on this one now: what a process leaves that is killed in this moment.
    pub(crate) fn copy(&self) -> Self {
        let state = self.state();
        let copied = |node: &Arc<Mutex<Node>>| {
            let node = node.lock().unwrap();
            Arc::new(Mutex::new(Node { bytes: node.bytes.clone(), durable_len: node.durable_len }))
        };
        let copy = State {
            nodes: state.nodes.iter().map(copied).collect(),
            names: state.names.clone(),
            durable_names: state.durable_names.clone(),
            dirs: state.dirs.clone(),
            ..State::default()
        };
        Self(Arc::new(Mutex::new(copy)))
    }

    /// Nothing fails any more.
    pub(crate) fn heal(&self) {
        self.state().fault = None;
    }

    /// All paths.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.state().names.keys().cloned().collect()
    }

    /// The machine loses power and starts again. `chance(n)` yields a number below n.
    pub(crate) fn power_cut(&self, mut chance: impl FnMut(usize) -> usize) {
        let mut state = self.state();
        // Names: each change that was not synced happened or did not, independently.
        let mut names = state.durable_names.clone();
        let changed: Vec<PathBuf> = state
            .names
            .keys()
            .chain(state.durable_names.keys())
            .filter(|path| state.names.get(*path) != state.durable_names.get(*path))
            .cloned()
            .collect();
        for path in changed {
            if chance(2) == 0 {
                match state.names.get(&path) {
                    Some(node) => names.insert(path, *node),
                    None => names.remove(&path),
                };
            }
        }
        for node in &state.nodes {
            let mut node = node.lock().unwrap();
            let loose = node.bytes.len() - node.durable_len;
            let kept = node.durable_len + chance(loose + 1);
            node.bytes.truncate(kept);
            if loose > 0 && chance(3) == 0 {
                // The length was written, the blocks were not.
                let from = node.durable_len;
                node.bytes[from..].fill(0);
            }
            node.durable_len = node.bytes.len();
        }
        state.durable_names = names.clone();
        state.names = names;
        state.dead = false;
        state.fault = None;
    }

    /// Runs one step under the fault that is due, if any.
    fn step<T>(&self, done: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state();
        let now = state.steps;
        state.steps += 1;
        if state.dead {
            return Err(io::Error::other("dead"));
        }
        match state.fault {
            Some((at, fault)) if at == now => match fault {
                Fault::FailsUndone => Err(io::Error::other("injected")),
                Fault::FailsDone => done(&mut state).and(Err(io::Error::other("injected"))),
                Fault::Dead => {
                    state.dead = true;
                    Err(io::Error::other("dead"))
                }
            },
            _ => done(&mut state),
        }
    }
}

impl State {
    fn used(&self) -> u64 {
        self.names.values().map(|n| self.nodes[*n].lock().unwrap().bytes.len() as u64).sum()
    }

    fn node(&self, path: &Path) -> io::Result<Arc<Mutex<Node>>> {
        let index = self.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(self.nodes[*index].clone())
    }
}

impl Disk for FaultyDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Ok(self.state().node(path)?.lock().unwrap().bytes.clone())
    }

    fn read_at(&self, path: &Path, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let bytes = self.read(path)?;
        let from = (offset as usize).min(bytes.len());
        let to = from.saturating_add(len).min(bytes.len());
        Ok(bytes[from..to].to_vec())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let node = self.step(|state| {
            if state.names.contains_key(path) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            assert!(state.dirs.iter().any(|d| Some(d.as_path()) == path.parent()), "no folder for {path:?}");
            let node = Arc::new(Mutex::new(Node::default()));
            state.nodes.push(node.clone());
            let index = state.nodes.len() - 1;
            state.names.insert(path.to_owned(), index);
            Ok(node)
        })?;
        Ok(Box::new(FaultyFile { disk: self.clone(), node }))
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.step(|state| {
            let node = state.node(path)?;
            let mut node = node.lock().unwrap();
            node.durable_len = node.bytes.len();
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|state| {
            let node = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
            state.names.insert(to.to_owned(), node);
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(|state| state.names.remove(path).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into()))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        let files = state.names.keys().filter(|p| p.parent() == Some(dir));
        let dirs = state.dirs.iter().filter(|d| d.parent() == Some(dir));
        Ok(files.chain(dirs).filter_map(|p| p.file_name()?.to_str().map(str::to_owned)).collect())
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.step(|state| {
            if !state.dirs.iter().any(|d| d == dir) {
                state.dirs.push(dir.to_owned());
            }
            Ok(())
        })
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.step(|state| {
            let changed: Vec<_> = state.names.iter().filter(|(p, _)| p.parent() == Some(dir)).collect();
            let mut durable: BTreeMap<PathBuf, usize> = state
                .durable_names
                .iter()
                .filter(|(p, _)| p.parent() != Some(dir))
                .map(|(p, n)| (p.clone(), *n))
                .collect();
            durable.extend(changed.into_iter().map(|(p, n)| (p.clone(), *n)));
            state.durable_names = durable;
            Ok(())
        })
    }

    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        let state = self.state();
        Ok(state.capacity.map_or(u64::MAX, |capacity| capacity.saturating_sub(state.used())))
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    node: Arc<Mutex<Node>>,
}

impl DiskFile for FaultyFile {
    fn append(&mut self, pieces: &[&[u8]]) -> io::Result<()> {
        let node = self.node.clone();
        self.disk.step(|state| {
            let total: usize = pieces.iter().map(|p| p.len()).sum();
            let room = state.capacity.map_or(u64::MAX, |capacity| capacity.saturating_sub(state.used()));
            let mut node = node.lock().unwrap();
            if total as u64 > room {
                // Like a real disk: what fits is written.
                let all = pieces.concat();
                node.bytes.extend_from_slice(&all[..room as usize]);
                return Err(io::ErrorKind::StorageFull.into());
            }
            pieces.iter().for_each(|piece| node.bytes.extend_from_slice(piece));
            Ok(())
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        let node = self.node.clone();
        self.disk.step(|_| {
            let mut node = node.lock().unwrap();
            node.durable_len = node.bytes.len();
            Ok(())
        })
    }
}
