//! Data files beside a network file: found within its folder, and remembered for the folder of results.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use qhh_net::Warning;
use sha2::{Digest, Sha256};

use super::{Files, Opened, OverrideOrigin, Source};
use crate::yaml::FileAccess;
use crate::yaml::number_kind::NumberKind;
use crate::yaml::place::Path as EntryPath;
use crate::yaml::wording::clip;

/// Bytes of a data file at most: ten million samples.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// A data file that a network depends on.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    /// Where it was read.
    pub(crate) source: PathBuf,
    /// Name under which the resolved network refers to it.
    pub(crate) name: String,
    /// Keys that stand beside its `path`, with their values.
    pub(crate) beside: Vec<(&'static str, String)>,
    /// Keys of the entry whose values come from it and are not written there.
    pub(crate) fills: Vec<&'static str>,
}

/// Why a data file cannot be used, and what to do.
pub(crate) struct Refused {
    pub(crate) message: String,
    pub(crate) help: String,
}

/// The folder of a network file and the data files used so far, by the entry that uses each.
pub(crate) struct Data<'a> {
    folder: &'a Path,
    owner: &'static str,
    set: &'a [OverrideOrigin],
    reach: FileAccess,
    opened: Files,
    files: RefCell<BTreeMap<String, DataFile>>,
    warnings: RefCell<Vec<Warning>>,
    kinds: RefCell<BTreeMap<String, NumberKind>>,
}

/// What was found out of a network's data while it was read.
pub(crate) struct Found {
    /// The files, by the entry that uses each.
    pub(crate) files: BTreeMap<String, DataFile>,
    /// What should be known of them.
    pub(crate) warnings: Vec<Warning>,
    /// What the numbers stand for that were put in from outside of the file, by their path.
    pub(crate) kinds: BTreeMap<String, NumberKind>,
}

impl<'a> Data<'a> {
    /// Of a file, which is called `owner` in messages.
    pub(crate) fn new(source: &'a Source, owner: &'static str) -> Self {
        let (folder, reach, opened) = (source.folder(), source.reach, source.files.clone());
        let set = &source.set;
        let (files, warnings, kinds) = Default::default();
        Self { folder, owner, set, reach, opened, files, warnings, kinds }
    }

    /// Whether the entry at a path was put in from outside of the file.
    pub(crate) fn is_set(&self, path: &EntryPath) -> bool {
        self.set.iter().any(|origin| origin.path == *path)
    }

    /// Remembers what a number stands for that was put in from outside of the file; the first that is said of it holds.
    pub(crate) fn note(&self, path: &EntryPath, kind: NumberKind) {
        if self.is_set(path) {
            self.kinds.borrow_mut().entry(path.to_string()).or_insert(kind);
        }
    }

    /// Opens a file named in the network file.
    pub(crate) fn open(&self, path: &str) -> Result<(PathBuf, Opened), Refused> {
        let found = self.locate(path)?;
        let file = self.opened.open(&found).map_err(|error| self.unreadable(path, &error))?;
        Ok((found, file))
    }

    /// Remembers a file used by `entry`, such as `waveguides.axon.delay`; returns the name under which it is kept.
    pub(crate) fn keep(&self, entry: &str, source: PathBuf, beside: Vec<(&'static str, String)>) -> String {
        let extension = match &source {
            matrix if is_matrix(matrix) => "mtx",
            tables if is_hdf5(tables) => "h5",
            _ => "csv",
        };
        // Names of entries have no dots, so no two of these are alike.
        let (block, rest) = entry.split_once('.').unwrap_or((entry, ""));
        let block = if block == "sources" { "source" } else { block };
        let name = format!("{block}-{rest}.{extension}");
        let file = DataFile { source, name: name.clone(), beside, fills: Vec::new() };
        self.files.borrow_mut().insert(entry.to_owned(), file);
        name
    }

    /// Remembers something that a file says and that should be known.
    pub(crate) fn warn(&self, warning: Warning) {
        self.warnings.borrow_mut().push(warning);
    }

    /// Notes which keys of its entry a file stands for.
    pub(crate) fn fills(&self, entry: &str, keys: Vec<&'static str>) {
        if let Some(file) = self.files.borrow_mut().get_mut(entry) {
            file.fills = keys;
        }
    }

    fn unreadable(&self, path: &str, error: &std::io::Error) -> Refused {
        Refused {
            message: format!("cannot read `{}`: {error}", clip(path)),
            help: format!("check the path: it starts at the folder of the {}", self.owner),
        }
    }

    /// What was found out.
    pub(crate) fn into_found(self) -> Found {
        let (files, warnings, kinds) =
            (self.files.into_inner(), self.warnings.into_inner(), self.kinds.into_inner());
        Found { files, warnings, kinds }
    }

    /// The file, which must be within the folder of the network, links followed, unless any may be read, and not too
    /// large.
    pub(crate) fn locate(&self, path: &str) -> Result<PathBuf, Refused> {
        let (shown, owner) = (clip(path), self.owner);
        let anywhere = self.reach == FileAccess::Anywhere;
        if path.is_empty() || !(anywhere || is_plain(Path::new(path))) {
            let message = format!("`{shown}` does not stay within the folder of the {owner}");
            let help = format!(
                "copy the file beside the {owner} and give its name alone, or, if you trust the {owner}, add \
                 `--allow-outside`"
            );
            return Err(Refused { message, help });
        }
        let found = self.folder.join(path);
        if self.opened.has(&found) {
            return Ok(found);
        }
        let within = || {
            Ok::<_, std::io::Error>((
                fs::canonicalize(self.folder)?,
                fs::canonicalize(&found)?,
                fs::metadata(&found)?,
            ))
        };
        let (message, help) = match within() {
            Ok((folder, file, _)) if !anywhere && !file.starts_with(&folder) => (
                format!("`{shown}` is a link to a file outside the folder of the {owner}"),
                format!("copy the file itself beside the {owner}, or, if you trust it, add `--allow-outside`"),
            ),
            Ok((_, _, about)) if !about.is_file() => {
                (format!("`{shown}` is no file"), "give the name of a file".to_owned())
            }
            Ok((_, _, about)) if about.len() > MAX_BYTES => (
                format!("`{shown}` has {} MiB, above the limit of {} MiB", about.len() >> 20, MAX_BYTES >> 20),
                "keep fewer rows".to_owned(),
            ),
            Ok(_) => return Ok(found),
            Err(error) => return Err(self.unreadable(path, &error)),
        };
        Err(Refused { message, help })
    }
}

/// Whether a path goes down from where it starts, without `..`.
pub(crate) fn is_plain(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// Name of the copy of a file from outside the folder: its own, behind what tells it from others of that name.
pub(crate) fn copied_name(source: &Path) -> String {
    let digest = Sha256::digest(source.as_os_str().as_encoded_bytes());
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    format!("{:02x}{:02x}{:02x}{:02x}-{name}", digest[0], digest[1], digest[2], digest[3])
}

/// Whether a file is a Matrix Market one, by its name.
pub(crate) fn is_matrix(path: &Path) -> bool {
    has_extension(path, "mtx")
}

/// Whether a file is an HDF5 one, by its name.
pub(crate) fn is_hdf5(path: &Path) -> bool {
    has_extension(path, "h5") || has_extension(path, "hdf5")
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}
