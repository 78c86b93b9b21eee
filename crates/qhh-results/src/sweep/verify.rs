//! What the files of a sweep say of one another.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use super::Shard;
use super::SweepFolder;
use super::folder::{EXPERIMENT, MANIFEST};
use super::journal::Journal;
use crate::ResultsError;
use crate::files::{INPUT, JOURNAL};
use qhh_format::hash::sha256;

/// Runs of a sweep that are to come, or the part of it that a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenRuns {
    /// Runs that are finished.
    pub done: usize,
    /// Runs that are to be.
    pub all: usize,
    /// The part of a sweep that it is.
    pub part: Option<Shard>,
}

impl OpenRuns {
    /// How to complete it.
    pub fn remedy(self) -> &'static str {
        if self.done < self.all {
            "`qhh resume` goes on with the others"
        } else {
            "the table is made of all parts together: give them to `qhh sweep` with `--merge`"
        }
    }
}

impl fmt::Display for OpenRuns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, all, part } = self;
        match part {
            Some(part) if done < all => write!(f, "{done} of the {all} runs of part {part} are finished"),
            Some(part) => write!(f, "this is part {part} of a sweep, all {all} runs of it finished"),
            None => write!(f, "{done} of {all} runs are finished"),
        }
    }
}

/// What is wrong with the sweep in `folder`, in sentences: another experiment or data than its manifest tells, runs that
/// whose physics does not hold; and what is not finished of it.
pub(crate) fn faults(folder: &Path) -> Result<(Vec<String>, Option<OpenRuns>), ResultsError> {
    let manifest = SweepFolder::manifest(folder)?;
    let hash = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map(sha256).map_err(ResultsError::reading(&path))
    };
    let mut faults = Vec::new();
    let files = manifest.data_sha256.iter().map(|(name, sum)| (name.as_str(), sum));
    for (name, sum) in files.chain([(EXPERIMENT, &manifest.experiment_sha256), (INPUT, &manifest.input_sha256)]) {
        if hash(name)? != *sum {
            faults.push(format!("{name} does not have the hash that {MANIFEST} gives"));
        }
    }
    let finished = Journal::read(&folder.join(JOURNAL))?;
    let done: BTreeSet<usize> = finished.iter().map(|run| run.number).filter(|run| *run < manifest.runs).collect();
    let part = manifest.intent.shard;
    let own = |run: &usize| part.is_none_or(|part| part.has(*run));
    let all = (0..manifest.runs).filter(own).count();
    let open = (done.len() < manifest.runs).then(|| {
        let done = done.iter().copied().filter(own).count();
        OpenRuns { done, all, part }
    });
    let failing = finished.iter().filter(|run| run.failed_checks > 0).count();
    if failing > 0 {
        faults.push(format!("{failing} runs have checks of the physics that fail: column `failed_checks`"));
    }
    Ok((faults, open))
}
