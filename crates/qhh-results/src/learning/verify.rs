//! What the files of a study say of one another.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value as Json;

use super::write::{SCORES, TASK, header, scores};
use super::{MODEL, model};
use crate::ResultsError;
use crate::files::{NETWORK, SUMMARY};
use crate::tables::format::FORMATS;
use crate::tables::read_columns;
use qhh_format::hash::sha256;
use qhh_format::yaml;
use qhh_lab::learn::study::Summary;

/// What of the summary is held against other files.
#[derive(Deserialize)]
struct RecordedScores {
    version: String,
    network_sha256: String,
    findings: Summary,
}

/// Whether the folder is that of a study.
pub(crate) fn is_at(folder: &Path) -> bool {
    folder.join(TASK).is_file() || FORMATS.iter().any(|format| folder.join(format.file(SCORES)).is_file())
}

/// What is wrong with the study in `folder`, in sentences: another network or other scores than its summary tells, a
/// model that is damaged or of another network.
pub(crate) fn faults(folder: &Path) -> Result<Vec<String>, ResultsError> {
    let text = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).map_err(ResultsError::reading(&path))
    };
    let told: RecordedScores = serde_json::from_str(&text(SUMMARY)?)
        .map_err(|cause| ResultsError::foreign(&folder.join(SUMMARY), cause.to_string()))?;
    let mut faults = Vec::new();
    let network = text(NETWORK)?;
    if sha256(network.strip_prefix(header(&told.version).as_str()).unwrap_or(&network)) != told.network_sha256 {
        faults.push(format!("{NETWORK} does not have the hash that {SUMMARY} gives"));
    }
    let scores = scores(&told.findings);
    let kinds = scores.0.iter().map(|column| column.values.kind()).collect::<Vec<_>>();
    let (path, found) = read_columns(folder, SCORES, &|path, names| {
        let problem = || ResultsError::foreign(path, format!("its columns are `{}`", names.join(",")));
        if names == scores.names() { Ok(kinds.clone()) } else { Err(problem()) }
    })?;
    if found != scores {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        faults.push(format!("{name} does not have the scores of {SUMMARY}"));
    }
    if folder.join(MODEL).is_file() {
        match model::read::<Json>(&folder.join(MODEL)) {
            Err(cause) => faults.push(cause.to_string()),
            Ok((_, hash)) => {
                let loaded = yaml::load(&folder.join(NETWORK), &[]);
                if loaded.ok().and_then(|loaded| loaded.fingerprint().ok()) != Some(hash) {
                    faults.push(format!("{MODEL} was trained with another network than {NETWORK}"));
                }
            }
        }
    }
    Ok(faults)
}
