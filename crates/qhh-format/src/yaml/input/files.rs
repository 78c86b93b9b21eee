//! Data files as they are opened: from the disk each time, or, of a template, once for all that is made of it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What is known of the data files of one network file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files(Option<Arc<Mutex<Contents>>>);

/// What was read of each.
type Contents = BTreeMap<PathBuf, Arc<[u8]>>;

/// A data file being read.
pub(crate) enum Opened {
    Disk(File),
    Memory(Cursor<Arc<[u8]>>),
}

impl Files {
    /// Files that are kept once they have been read: every clone sees the same bytes, whatever becomes of the files.
    pub(crate) fn kept() -> Self {
        Self(Some(Arc::default()))
    }

    /// Whether a file has been read and kept.
    pub(crate) fn has(&self, path: &Path) -> bool {
        let kept = self.0.as_ref().map(|kept| kept.lock().unwrap_or_else(PoisonError::into_inner));
        kept.is_some_and(|kept| kept.contains_key(path))
    }

    pub(crate) fn open(&self, path: &Path) -> io::Result<Opened> {
        let Some(kept) = &self.0 else { return File::open(path).map(Opened::Disk) };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = kept.get(path) {
            return Ok(Opened::Memory(Cursor::new(Arc::clone(bytes))));
        }
        let mut bytes = Vec::new();
        File::open(path)?.read_to_end(&mut bytes)?;
        let bytes: Arc<[u8]> = bytes.into();
        kept.insert(path.to_owned(), Arc::clone(&bytes));
        Ok(Opened::Memory(Cursor::new(bytes)))
    }
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Disk(file) => file.read(buffer),
            Self::Memory(bytes) => bytes.read(buffer),
        }
    }
}
