//! Whether a folder is still what its run, study or sweep left, and whether what it holds holds together.

use std::fmt;
use std::path::Path;

use qhh_net::outcome::Check;
use serde_json::Value;

use super::checksums::{self, FileFault};
use super::files::{CHECKSUMS, DERIVATIVES, NETWORK, SUMMARY};
use super::number::short;
use super::{Incomplete, OutcomeSummary, ResultsError, fitting, read, sweep};
use crate::learning;
use crate::sweep::OpenRuns;
use qhh_format::hash::sha256;

/// What was found in a folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Number of files that are, byte for byte, what was left.
    pub intact: usize,
    /// What is wrong with the files, in sentences that name them.
    pub faults: Vec<String>,
    /// What is not there yet, though nothing is damaged, and how to complete it.
    pub open: Option<OpenRuns>,
    /// Checks of the physics that were made anew, from the tables.
    pub checks: Vec<Check>,
    /// Checks that only the run itself could make, as it found them.
    pub kept: Vec<Check>,
}

impl Verdict {
    /// Whether every file is as it was, nothing is to come and every check holds.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty() && self.open.is_none() && self.checks.iter().chain(&self.kept).all(Check::holds)
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Changed => "has been changed or damaged: its checksum differs",
            Self::Missing => "is missing",
            Self::Foreign => "was not written by the run",
        })
    }
}

/// Verifies a folder: the checksums of its files, and what they say of one another. Of a run also the physics of what its
/// tables hold ([`qhh_net::Outcome::recheck`]).
///
/// # Errors
/// [`ResultsError`] if there is no folder of results to verify. Damage is no error but part of the verdict.
pub fn verify(folder: &Path) -> Result<Verdict, ResultsError> {
    if !folder.is_dir() {
        return Err(ResultsError::no_folder(folder));
    }
    let left = Left::at(folder)?;
    let mut verdict = Verdict { intact: 0, faults: Vec::new(), open: None, checks: Vec::new(), kept: Vec::new() };
    let is_complete = !matches!(left, Left::Sweep) || folder.join(CHECKSUMS).exists();
    match checksums::compare(folder) {
        // Checksums come with the table of a sweep, in the end.
        _ if !is_complete => {}
        Ok((intact, faults)) => {
            verdict.intact = intact;
            verdict.faults.extend(faults.into_iter().map(|(name, fault)| format!("{name} {fault}")));
        }
        Err(cause) => verdict.faults.push(cause.to_string()),
    }
    let looked = match left {
        Left::Sweep => sweep::faults(folder).map(|(faults, open)| {
            verdict.faults.extend(faults);
            verdict.open = open;
            if !is_complete && open.is_none() {
                verdict.faults.push(format!("{CHECKSUMS} is missing"));
            }
        }),
        Left::Study => learning::faults(folder).map(|faults| verdict.faults.extend(faults)),
        Left::Run => look_at_run(folder, &mut verdict),
        Left::Sensitivity | Left::Fit => Ok(()),
    };
    if let Err(cause) = looked {
        verdict.faults.push(cause.to_string());
    }
    Ok(verdict)
}

/// What left its results in a folder.
enum Left {
    Run,
    Study,
    Sweep,
    Sensitivity,
    Fit,
}

impl Left {
    fn at(folder: &Path) -> Result<Self, ResultsError> {
        if sweep::SweepFolder::is_at(folder) {
            return Ok(Self::Sweep);
        }
        if folder.join(DERIVATIVES).is_file() {
            return Ok(Self::Sensitivity);
        }
        if folder.join(fitting::FITTED).is_file() {
            return Ok(Self::Fit);
        }
        for file in [SUMMARY, NETWORK] {
            if !folder.join(file).is_file() {
                return Err(ResultsError::Missing { folder: folder.to_owned(), file: file.to_owned() });
            }
        }
        Ok(if learning::is_at(folder) { Self::Study } else { Self::Run })
    }
}

/// What a run's files say of one another, and the physics of its tables.
fn look_at_run(folder: &Path, verdict: &mut Verdict) -> Result<(), ResultsError> {
    let read::Opened { run, summary, .. } = read::open(folder)?;
    if let Some(Incomplete { until, reason }) = &run.incomplete {
        verdict.faults.push(format!("the run is incomplete: it ended at t = {}: {reason}", short(*until)));
    }
    if sha256(&run.network_yaml) != summary.network_sha256 {
        verdict.faults.push(format!("{NETWORK} does not have the hash that {SUMMARY} gives"));
    }
    let anew = OutcomeSummary::new(&run.network, &run.outcome);
    for entry in differing(&summary.outcome, &anew) {
        verdict.faults.push(format!("{SUMMARY}: `outcome.{entry}` is not what the tables come to"));
    }
    verdict.checks = run.outcome.recheck(&run.network);
    let once_only = |check: &&Check| verdict.checks.iter().all(|anew| anew.name != check.name);
    verdict.kept = run.outcome.checks.iter().filter(once_only).cloned().collect();
    Ok(())
}

/// Entries in which two summaries of an outcome differ.
fn differing(kept: &OutcomeSummary, anew: &OutcomeSummary) -> Vec<String> {
    // As JSON, where a defect that is no number equals itself.
    let value = |of| serde_json::to_value(of).unwrap_or(Value::Null);
    let (Value::Object(kept), Value::Object(anew)) = (value(kept), value(anew)) else { return Vec::new() };
    anew.into_iter().filter(|(name, value)| kept.get(name) != Some(value)).map(|(name, _)| name).collect()
}
