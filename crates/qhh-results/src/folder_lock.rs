//! The right to make results at one place, held for as long as a run takes.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::ResultsError;
use super::fitting;
use super::folder::{MadeParents, Mark, check_free, nearest_folder, parent, replaceable};

/// A place at which nothing stands that may not be replaced, and where no other run of this program is at work. The lock
/// is a hidden file beside the place: gone with the claim, and without force once its program is, however it ended.
#[derive(Debug)]
pub struct FolderLock {
    // Dropped in this order: the file must be gone before the parents can be.
    _lock: Lock,
    _parents: MadeParents,
}

#[derive(Debug)]
struct Lock {
    path: PathBuf,
    file: File,
}

impl FolderLock {
    /// Claims a place, making the folders on the way to it, which go again if they stay empty.
    ///
    /// With `force`, an earlier run's folder may stand there.
    ///
    /// # Errors
    /// [`ResultsError`] if something is there, if another run is at work there, or if no folder can be made there.
    pub fn new(out: &Path, force: bool) -> Result<Self, ResultsError> {
        Self::replacing(out, replaceable(force))
    }

    /// [`FolderLock::new`] for a fit: with `force`, an earlier fit's folder may stand there.
    ///
    /// # Errors
    /// As [`FolderLock::new`].
    pub fn of_fit(out: &Path, force: bool) -> Result<Self, ResultsError> {
        Self::replacing(out, fitting::replaceable(force))
    }

    fn replacing(out: &Path, replaces: Option<Mark>) -> Result<Self, ResultsError> {
        check_free(out, replaces)?;
        nearest_folder(out)?;
        let parents = MadeParents::make(parent(out)).map_err(ResultsError::writing(parent(out)))?;
        let lock = Lock::of(out)?;
        // Whoever had it before may have published meanwhile.
        check_free(out, replaces)?;
        Ok(Self { _lock: lock, _parents: parents })
    }
}

impl Lock {
    fn of(out: &Path) -> Result<Self, ResultsError> {
        let mut name = OsString::from(".");
        name.push(out.file_name().unwrap_or_default());
        name.push(".lock");
        let path = parent(out).join(name);
        loop {
            let opened = File::options().read(true).write(true).create(true).truncate(false).open(&path);
            let file = opened.map_err(ResultsError::writing(out))?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(ResultsError::Busy { path: out.to_owned() }),
                // Some file systems know no locks.
                Err(TryLockError::Error(_)) => return Ok(Self { path, file }),
                Ok(()) => {}
            }
            // Its last holder removes it: a lock on a file that is gone holds nobody back.
            if is_at(&file, &path).unwrap_or(true) {
                return Ok(Self { path, file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is still held, so that nobody can be between the two.
        let _ = fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

/// Whether a path still leads to an open file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (open, there) = (
        file.metadata()?,
        match fs::metadata(path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(false),
            there => there?,
        },
    );
    Ok((open.dev(), open.ino()) == (there.dev(), there.ino()))
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_claimed_by_one_at_a_time_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("deep/er");
        let claim = FolderLock::new(&out, false).unwrap();
        assert!(matches!(FolderLock::new(&out, false), Err(ResultsError::Busy { .. })));
        assert!(matches!(FolderLock::new(&out, true), Err(ResultsError::Busy { .. })));
        assert!(FolderLock::new(&folder.path().join("deep/other"), false).is_ok());
        drop(claim);
        assert!(!folder.path().join("deep").exists());
        assert!(FolderLock::new(&out, false).is_ok());
    }

    #[test]
    fn a_lock_that_a_killed_program_left_holds_nobody_back() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("chain");
        fs::write(folder.path().join(".chain.lock"), "").unwrap();
        assert!(FolderLock::new(&out, false).is_ok());
        assert!(!folder.path().join(".chain.lock").exists());
    }
}
