//! Pieces of work that are done, one after the other: length, bytes, checksum. They are only ever appended; what a killed
//! program left half-written at the end is dropped.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::ResultsError;

const LENGTH: usize = 8;
const CHECKSUM: usize = 32;

/// The journal of a computation, which whoever writes in its folder alone appends to.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal at `path`, or makes it; also the whole pieces that are in it.
    ///
    /// # Errors
    /// [`ResultsError`].
    pub fn open(path: &Path) -> Result<(Self, Vec<Vec<u8>>), ResultsError> {
        let bytes = if path.exists() { fs::read(path).map_err(ResultsError::reading(path))? } else { Vec::new() };
        let (pieces, end) = pieces(&bytes);
        let open = || {
            let mut options = File::options();
            let file = options.create(true).append(true).open(path)?;
            file.set_len(end as u64).map(|()| file)
        };
        let file = open().map_err(ResultsError::writing(path))?;
        Ok((Self { file, path: path.to_owned() }, pieces))
    }

    /// Appends pieces, and makes them last.
    ///
    /// # Errors
    /// [`ResultsError::CannotWrite`].
    pub fn append(&mut self, pieces: &[Vec<u8>]) -> Result<(), ResultsError> {
        let mut bytes = Vec::new();
        for piece in pieces {
            bytes.extend((piece.len() as u64).to_le_bytes());
            bytes.extend(piece);
            bytes.extend(Sha256::digest(piece));
        }
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        written.map_err(ResultsError::writing(&self.path))
    }
}

/// The pieces until the first that is not whole, and where they end.
fn pieces(bytes: &[u8]) -> (Vec<Vec<u8>>, usize) {
    let (mut pieces, mut at) = (Vec::new(), 0);
    while let Some(length) = bytes.get(at..at + LENGTH) {
        let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
        let start = at + LENGTH;
        let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length));
        let Some(piece) = end.and_then(|end| bytes.get(start..end)) else { break };
        let end = start + piece.len();
        let sum = end.checked_add(CHECKSUM).and_then(|last| bytes.get(end..last));
        if sum != Some(Sha256::digest(piece).as_slice()) {
            break;
        }
        pieces.push(piece.to_vec());
        at = end + CHECKSUM;
    }
    (pieces, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_anywhere_or_spoilt_is_dropped_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, none) = Journal::open(&path).unwrap();
        assert!(none.is_empty());
        let written = [vec![1, 2, 3], Vec::new(), vec![7; 40]];
        journal.append(&written).unwrap();
        let whole = fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let (mut journal, read) = Journal::open(&path).unwrap();
            assert!(read.len() < 3 && read[..] == written[..read.len()], "cut at {cut}");
            journal.append(&written[read.len()..]).unwrap();
            assert_eq!(fs::read(&path).unwrap(), whole, "cut at {cut}");
        }
        for spoilt in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[spoilt] ^= 0x80;
            fs::write(&path, &bytes).unwrap();
            let (_, read) = Journal::open(&path).unwrap();
            assert!(read.len() < 3 && read[..] == written[..read.len()], "spoilt at {spoilt}");
        }
    }
}
