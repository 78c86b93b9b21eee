//! Finished runs, a line each: a checksum, a space, JSON. Lines are only ever appended; one that a killed program left
//! half-written fails its checksum and counts as not there.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ResultsError;
use qhh_format::hash::sha256;

/// Characters of a checksum.
const DIGITS: usize = 16;

/// What became of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// Number of the run in the design.
    pub number: usize,
    /// How it ended.
    pub status: Status,
    /// Its measures in their order; no number where there is none.
    #[serde(with = "numbers")]
    pub values: Vec<f64>,
    /// Checks of the physics that do not hold.
    pub failed_checks: usize,
    /// Why it has no measures; empty if it has.
    pub error: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Well.
    Done,
    /// Its values make no network that can run.
    Invalid,
    /// The run itself failed.
    Failed,
    /// A searched condition holds at both ends.
    Everywhere,
    /// A searched condition holds at neither end.
    Nowhere,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Done, Self::Invalid, Self::Failed, Self::Everywhere, Self::Nowhere];

    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Invalid => "invalid",
            Self::Failed => "failed",
            Self::Everywhere => "everywhere",
            Self::Nowhere => "nowhere",
        }
    }
}

/// The journal of a sweep, which no other program writes while it is open.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// What is finished by a journal that is only looked at.
    pub(super) fn read(path: &Path) -> Result<Vec<Finished>, ResultsError> {
        fs::read(path).map(|bytes| read_lines(&bytes)).map_err(ResultsError::reading(path))
    }

    /// Opens a journal that is there, and reads what is finished.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Finished>), ResultsError> {
        let opened = File::options().read(true).append(true).open(path);
        let mut file = opened.map_err(ResultsError::reading(path))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(ResultsError::Busy { path: path.parent().unwrap_or(path).to_owned() });
            }
            // Some file systems know no locks.
            Err(TryLockError::Error(_)) | Ok(()) => {}
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(ResultsError::reading(path))?;
        let finished = read_lines(&bytes);
        // A line cut off must not take the next one with it.
        if !bytes.is_empty() && !bytes.ends_with(b"\n") {
            file.seek(SeekFrom::End(0))
                .and_then(|_| file.write_all(b"\n"))
                .map_err(ResultsError::writing(path))?;
        }
        Ok((Self { file, path: path.to_owned() }, finished))
    }

    /// Appends a finished run; it is there even if the program is killed the moment after.
    pub(super) fn append(&mut self, finished: &Finished) -> Result<(), ResultsError> {
        let json = serde_json::to_string(finished).map_err(|cause| ResultsError::Summary { cause })?;
        let line = format!("{} {json}\n", checksum(&json));
        self.file.write_all(line.as_bytes()).map_err(ResultsError::writing(&self.path))
    }

    /// Makes what is there outlast a power cut.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

fn read_lines(bytes: &[u8]) -> Vec<Finished> {
    // Not `lines`: a line cut off behind a `\r` would count only once it is ended.
    String::from_utf8_lossy(bytes).split('\n').filter_map(read_line).collect()
}

fn read_line(line: &str) -> Option<Finished> {
    let (sum, json) = line.split_once(' ')?;
    (sum == checksum(json)).then(|| serde_json::from_str(json).ok()).flatten()
}

fn checksum(text: &str) -> String {
    sha256(text)[..DIGITS].to_owned()
}

/// Numbers of which some are none.
mod numbers {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        let known: Vec<Option<f64>> = values.iter().map(|value| value.is_finite().then_some(*value)).collect();
        known.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        let known = Vec::<Option<f64>>::deserialize(deserializer)?;
        Ok(known.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(number: usize) -> Finished {
        let values = vec![0.1 + 0.2, f64::NAN, -7.0];
        Finished { number, status: Status::Done, values, failed_checks: 0, error: String::new() }
    }

    #[test]
    fn a_line_cut_off_anywhere_counts_as_not_there_and_harms_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.journal");
        std::fs::write(&path, "").unwrap();
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.append(&finished(3)).unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, [&whole[..], &whole[..cut]].concat()).unwrap();
            let (mut journal, read) = Journal::open(&path).unwrap();
            // But for its end of line the second is whole.
            assert_eq!(read.len(), 1 + usize::from(cut + 1 == whole.len()), "cut at {cut}");
            assert_eq!((read[0].number, read[0].values[0].to_bits()), (3, (0.1f64 + 0.2).to_bits()));
            assert!(read[0].values[1].is_nan());
            journal.append(&finished(4)).unwrap();
            drop(journal);
            assert_eq!(Journal::open(&path).unwrap().1.last().map(|one| one.number), Some(4), "cut at {cut}");
        }
    }

    #[test]
    fn a_journal_at_work_is_not_opened_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.journal");
        std::fs::write(&path, "").unwrap();
        let first = Journal::open(&path).unwrap();
        assert!(matches!(Journal::open(&path), Err(ResultsError::Busy { .. })));
        drop(first);
        assert!(Journal::open(&path).is_ok());
    }
}
