//! The network file and its data files: when one of them has changed.
//!
//! Folders are watched rather than files, because editors save by putting a new file in the place of the old one. Whether
//! anything changed depends on what the files hold: a touch, or a save of the same text, runs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use qhh::Error;
use qhh::qhh_format::hash::sha256;

use crate::Event;

/// Files that are followed.
pub(crate) struct Files {
    main: PathBuf,
    /// What each held when it was looked at last; none of a file that could not be read.
    digests: BTreeMap<PathBuf, Option<String>>,
    /// Whether the network could not be read: any other file may be what it lacks.
    is_lacking: bool,
    folders: BTreeSet<PathBuf>,
    watcher: RecommendedWatcher,
}

impl Files {
    /// Those of the network file `main`.
    pub(crate) fn new(main: &Path, sender: Sender<Event>) -> Result<Self, Error> {
        let usage = |message, remedy| Error::Usage { message, remedy };
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading is no change. An error may have swallowed one.
            let paths = match event {
                Ok(event) if is_reading(event.kind) => return,
                Ok(event) if !event.need_rescan() => event.paths,
                _ => Vec::new(),
            };
            let _ = sender.send(Event::Touched(paths));
        });
        let watcher = watcher.map_err(|cause| {
            usage(format!("cannot watch files: {cause}"), "free some of what the system allows for watching files")
        })?;
        if !main.is_file() {
            let message = format!("{}: there is no such file", main.display());
            return Err(usage(message, "give the path of a network file"));
        }
        let (digests, folders) = (BTreeMap::new(), BTreeSet::new());
        let mut files = Self { main: main.to_owned(), digests, is_lacking: false, folders, watcher };
        files.add(main).map_err(|cause| {
            usage(
                format!("cannot watch the folder of {}: {cause}", main.display()),
                "copy the file to a local disk",
            )
        })?;
        Ok(files)
    }

    /// The network file.
    pub(crate) fn main(&self) -> &Path {
        &self.main
    }

    /// Follows the data files of a network that was read, and of one that could not be read those from before.
    pub(crate) fn follow(&mut self, data: Option<Vec<PathBuf>>) {
        self.is_lacking = data.is_none();
        let Some(data) = data else { return };
        self.digests.retain(|path, _| *path == self.main || data.contains(path));
        for path in data {
            // A folder that cannot be watched reports no changes; the others are followed all the same.
            let _ = self.add(&path);
        }
    }

    fn add(&mut self, path: &Path) -> notify::Result<()> {
        self.digests.entry(path.to_owned()).or_insert_with(|| digest(path));
        // Of a link both the folder that it lies in and that of what it leads to.
        for path in [Some(path.to_owned()), path.canonicalize().ok()].into_iter().flatten() {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new(".")).to_owned();
            if !self.folders.contains(&folder) {
                self.watcher.watch(&folder, RecursiveMode::NonRecursive)?;
                self.folders.insert(folder);
            }
        }
        Ok(())
    }

    /// Whether a file holds something else than before, after changes at `paths`; all are looked at where those are
    /// unknown.
    pub(crate) fn are_other(&mut self, paths: &[PathBuf]) -> bool {
        let names: BTreeSet<_> = paths.iter().filter_map(|path| path.file_name()).collect();
        let is_meant = |path: &Path| {
            let target = path.canonicalize().ok();
            let own = [Some(path), target.as_deref()].into_iter().flatten().filter_map(Path::file_name);
            names.is_empty() || own.into_iter().any(|name| names.contains(name))
        };
        let mut other = false;
        for (path, known) in &mut self.digests {
            if is_meant(path) {
                let now = digest(path);
                other |= now != *known;
                *known = now;
            }
        }
        other || (self.is_lacking && paths.iter().any(|path| may_be_data(path)))
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("digests", &self.digests).finish_non_exhaustive()
    }
}

/// Whether an event is about reading alone.
fn is_reading(kind: EventKind) -> bool {
    matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

/// Whether a network file may name it as a data file.
fn may_be_data(path: &Path) -> bool {
    path.extension().is_some_and(|end| ["csv", "mtx", "yaml"].iter().any(|known| end.eq_ignore_ascii_case(known)))
}

/// Checksum of what a file holds; none if it cannot be read.
fn digest(path: &Path) -> Option<String> {
    std::fs::read(path).ok().map(sha256)
}
