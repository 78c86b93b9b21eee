//! What the files of a sweep say of one another.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::SweepFolder;
use super::folder::{EXPERIMENT, JOURNAL, MANIFEST};
use super::journal::Journal;
use crate::ResultsError;
use qhh_format::hash::sha256;

/// What is wrong with the sweep in `folder`, in sentences: another experiment or data than its manifest tells, runs that
/// are not finished, runs whose physics does not hold.
pub(crate) fn faults(folder: &Path) -> Result<Vec<String>, ResultsError> {
    let manifest = SweepFolder::manifest(folder)?;
    let hash = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map(sha256).map_err(ResultsError::reading(&path))
    };
    let mut faults = Vec::new();
    let files = manifest.data_sha256.iter().map(|(name, sum)| (name.as_str(), sum));
    for (name, sum) in files.chain([(EXPERIMENT, &manifest.experiment_sha256)]) {
        if hash(name)? != *sum {
            faults.push(format!("{name} is not the file that {MANIFEST} tells of: its hash is another"));
        }
    }
    let finished = Journal::read(&folder.join(JOURNAL))?;
    let done: BTreeSet<usize> = finished.iter().map(|run| run.number).filter(|run| *run < manifest.runs).collect();
    if done.len() < manifest.runs {
        let (done, all) = (done.len(), manifest.runs);
        faults.push(format!("{done} of {all} runs are finished; `qhh resume` goes on with the others"));
    }
    let failing = finished.iter().filter(|run| run.failed_checks > 0).count();
    if failing > 0 {
        faults.push(format!("{failing} runs have checks of the physics that fail: column `failed_checks`"));
    }
    Ok(faults)
}
