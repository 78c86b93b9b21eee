//! A folder that appears whole or not at all: a temporary sibling, then one rename.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use qhh_format::yaml::Attachment;
use tempfile::TempDir;

use super::ResultsError;
use super::files::{DERIVATIVES, INPUT, JOURNAL, NETWORK, SUMMARY, is_reserved};

/// Whether the folder of a run's results stands at `out`.
pub fn is_whole(out: &Path) -> bool {
    RUN.iter().all(|file| out.join(file).is_file())
}

/// Moves the folder of an earlier run at `out` to the first of `out.1`, `out.2` and so on that is free, and returns that
/// place; none, and nothing is moved, where no such folder stands or a run that was stopped waits beside it.
///
/// # Errors
/// [`ResultsError`] if it cannot be moved.
pub fn keep_aside(out: &Path) -> Result<Option<PathBuf>, ResultsError> {
    let beside = |end: &str| {
        let mut name = out.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let free = |path: &PathBuf| fs::symlink_metadata(path).is_err();
    let is_folder = fs::symlink_metadata(out).is_ok_and(|there| there.is_dir());
    if !is_folder || !is_whole(out) || !free(&beside(".unfinished")) {
        return Ok(None);
    }
    let aside = (1..=u64::MAX).map(|number| beside(&format!(".{number}"))).find(free);
    let Some(aside) = aside else { return Ok(None) };
    fs::rename(out, &aside).map_err(ResultsError::writing(out))?;
    sync_folder(parent(out)).map_err(ResultsError::writing(out))?;
    Ok(Some(aside))
}

/// Refuses what [`write_text`] would refuse for a file that is there, before the work that makes the text.
///
/// # Errors
/// [`ResultsError::Exists`] if a file is there without `force`.
pub fn check_no_file(out: &Path, force: bool) -> Result<(), ResultsError> {
    if !force && fs::symlink_metadata(out).is_ok() {
        return Err(ResultsError::Exists { path: out.to_owned() });
    }
    Ok(())
}

/// Writes text as a file that appears whole or not at all; `force` may replace a file of that name.
///
/// # Errors
/// [`ResultsError`] if a file is there without `force`, or if it cannot be written.
pub fn write_text(text: &str, out: &Path, force: bool) -> Result<(), ResultsError> {
    write_whole(out, force, |file| file.write_all(text.as_bytes()))
}

/// [`write_text`] of whatever `fill` writes.
///
/// # Errors
/// As [`write_text`].
pub fn write_whole(
    out: &Path,
    force: bool,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), ResultsError> {
    let Some(name) = out.file_name() else { return Err(ResultsError::NoName { path: out.to_owned() }) };
    let write = || -> io::Result<()> {
        let mut builder = tempfile::Builder::new();
        let prefix = hidden(name);
        builder.prefix(&prefix);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(parent(out))?;
        fill(file.as_file_mut())?;
        file.as_file().sync_all()?;
        if force {
            file.persist(out)?
        } else {
            file.persist_noclobber(out)?
        };
        Ok(())
    };
    write().map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => ResultsError::Exists { path: out.to_owned() },
        _ => ResultsError::CannotWrite { path: out.to_owned(), cause },
    })
}

/// Writes a folder that appears whole or not at all; `fill` puts files into it. With `replaces` it may replace an empty folder,
/// or one that has files of these names.
///
/// # Errors
/// [`ResultsError`] if a folder is there that may not be replaced, or if it cannot be written.
pub fn write_folder(
    out: &Path,
    replaces: Option<&'static [&'static str]>,
    fill: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), ResultsError> {
    let staging = StagingFolder::replacing(out, replaces)?;
    fill(staging.path()).map_err(ResultsError::writing(out))?;
    staging.publish()
}

/// A folder in the making; gone with everything in it unless published.
#[derive(Debug)]
pub(crate) struct StagingFolder {
    // Dropped in this order: the folder, then the parents made for it.
    folder: TempDir,
    parents: MadeParents,
    out: PathBuf,
    replaces: Option<Mark>,
}

/// Files by which a folder is known to be of this program's making, so that another may replace it.
pub(crate) type Mark = &'static [&'static str];

const RUN: Mark = &[SUMMARY, NETWORK];

/// Files each of which shows that a folder may be of this program's making: of a run, learning or a fit; of a sweep; of
/// derivatives; of a circuit for SONATA.
const KNOWN: [&str; 4] = [SUMMARY, JOURNAL, DERIVATIVES, "circuit_config.json"];

pub(super) fn replaceable(force: bool) -> Option<Mark> {
    force.then_some(RUN)
}

impl StagingFolder {
    /// Starts the folder of a run beside `out`, making its parents; with `force` it may replace another.
    pub(crate) fn new(out: &Path, force: bool) -> Result<Self, ResultsError> {
        Self::replacing(out, replaceable(force))
    }

    /// [`StagingFolder::new`] of a folder that may replace an empty one, or one with such files.
    pub(crate) fn replacing(out: &Path, replaces: Option<Mark>) -> Result<Self, ResultsError> {
        check_free(out, replaces)?;
        nearest_folder(out)?;
        let parents = MadeParents::make(parent(out)).map_err(ResultsError::writing(parent(out)))?;
        let name = out.file_name().unwrap_or_default();
        let folder = temporary(parent(out), hidden(name)).map_err(ResultsError::writing(out))?;
        Ok(Self { folder, parents, out: out.to_owned(), replaces })
    }

    /// Where to write.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Moves the folder to its place; with `force`, in exchange for the one that stands there.
    pub(crate) fn publish(mut self) -> Result<(), ResultsError> {
        check_free(&self.out, self.replaces)?;
        let error = || ResultsError::writing(&self.out);
        sync_folder(self.folder.path()).map_err(error())?;
        if self.out.exists() {
            let name = self.out.file_name().unwrap_or_default();
            let aside = temporary(parent(&self.out), hidden(name)).map_err(error())?;
            let old = aside.path().join("old");
            fs::rename(&self.out, &old).map_err(error())?;
            if let Err(cause) = fs::rename(self.folder.path(), &self.out) {
                let back = fs::rename(&old, &self.out);
                if back.is_err() {
                    // Better a stray folder than a lost one.
                    let _ = aside.keep();
                }
                return Err(error()(cause));
            }
        } else {
            fs::rename(self.folder.path(), &self.out).map_err(|cause| match cause.kind() {
                io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
                    ResultsError::Exists { path: self.out.clone() }
                }
                _ => error()(cause),
            })?;
        }
        let _ = self.folder.keep();
        self.parents.keep();
        sync_folder(parent(&self.out)).map_err(ResultsError::writing(&self.out))
    }
}

/// Folders made on the way to a results' folder; removed again, innermost first, unless kept.
#[derive(Debug)]
pub(super) struct MadeParents(Vec<PathBuf>);

impl MadeParents {
    pub(super) fn make(folder: &Path) -> io::Result<Self> {
        let missing: Vec<_> =
            folder.ancestors().take_while(|a| !a.as_os_str().is_empty() && !a.exists()).collect();
        let mut made = Self(Vec::new());
        for folder in missing.into_iter().rev() {
            match fs::create_dir(folder) {
                Ok(()) => made.0.push(folder.to_owned()),
                // Another run made it meanwhile.
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(made)
    }

    pub(super) fn keep(&mut self) {
        self.0.clear();
    }
}

impl Drop for MadeParents {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // Fails where another run has put something in, and then it must stay.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Nothing stands at `out`, or an earlier folder that may be replaced.
pub(super) fn check_free(out: &Path, replaces: Option<Mark>) -> Result<(), ResultsError> {
    if out.file_name().is_none() {
        return Err(ResultsError::NoName { path: out.to_owned() });
    }
    let Ok(there) = fs::symlink_metadata(out) else { return Ok(()) };
    let empty = || fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none());
    let has = |file: &&str| out.join(file).is_file();
    let path = out.to_owned();
    match replaces {
        Some(mark) if there.is_dir() && (empty() || mark.iter().all(has)) => Ok(()),
        None if there.is_dir() && (empty() || KNOWN.iter().any(has)) => Err(ResultsError::Exists { path }),
        _ => Err(ResultsError::NotReplaceable { path }),
    }
}

/// The innermost folder on the way to `out` that exists.
pub(super) fn nearest_folder(out: &Path) -> Result<PathBuf, ResultsError> {
    let nearest = parent(out).ancestors().find(|a| a.as_os_str().is_empty() || fs::symlink_metadata(a).is_ok());
    match nearest {
        None => Ok(PathBuf::from(".")),
        Some(path) if path.as_os_str().is_empty() => Ok(PathBuf::from(".")),
        Some(path) if path.is_dir() => Ok(path.to_owned()),
        Some(path) => Err(ResultsError::NotAFolder { path: path.to_owned() }),
    }
}

pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// `.chain.` for `chain`.
fn hidden(name: &std::ffi::OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    prefix
}

/// A temporary folder with the rights an ordinary one gets.
fn temporary(folder: &Path, prefix: impl AsRef<std::ffi::OsStr>) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    builder.tempdir_in(folder)
}

/// Makes the names in a folder last through a power cut; systems that cannot open folders do without.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Writes the network file as its author wrote it, if somebody did.
pub(crate) fn write_input(folder: &Path, input: &str) -> Result<(), ResultsError> {
    if input.is_empty() { Ok(()) } else { write_file(&folder.join(INPUT), input.as_bytes()) }
}

/// Copies a file that a network refers to into the folder, under its name in the network file.
pub(crate) fn copy_attachment(folder: &Path, attachment: &Attachment) -> Result<(), ResultsError> {
    let Attachment { source, name } = attachment;
    let refuse = |reason| ResultsError::Attachment { path: source.clone(), name: name.clone(), reason };
    let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || !inside {
        return Err(refuse("it would lie outside the results' folder"));
    }
    let target = folder.join(name);
    if is_reserved(name) || target.exists() {
        return Err(refuse("the results have a file of that name, rename yours"));
    }
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(ResultsError::writing(parent))?;
    }
    write_file(&target, &fs::read(source).map_err(ResultsError::reading(source))?)
}

/// Writes a file that is not there yet, down to the disk.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ResultsError> {
    let mut file = File::create_new(path).map_err(ResultsError::writing(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(ResultsError::writing(path))
}
