//! What the files of a study say of one another.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value as Json;

use super::summary::Summary;
use super::write::{SCORES, TASK, header, scores};
use super::{MODEL, model};
use crate::hash::sha256;
use crate::results::ResultsError;
use crate::results::files::{NETWORK, SUMMARY};
use crate::yaml;

/// What of the summary is held against other files.
#[derive(Deserialize)]
struct Told {
    version: String,
    network_sha256: String,
    findings: Summary,
}

/// Whether the folder is that of a study.
pub(crate) fn is_at(folder: &Path) -> bool {
    [TASK, SCORES].iter().any(|file| folder.join(file).is_file())
}

/// What is wrong with the study in `folder`, in sentences: another network or other scores than its summary tells, a
/// model that is damaged or of another network.
pub(crate) fn faults(folder: &Path) -> Result<Vec<String>, ResultsError> {
    let text = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).map_err(ResultsError::reading(&path))
    };
    let told: Told = serde_json::from_str(&text(SUMMARY)?)
        .map_err(|cause| ResultsError::foreign(&folder.join(SUMMARY), cause.to_string()))?;
    let mut faults = Vec::new();
    let network = text(NETWORK)?;
    if sha256(network.strip_prefix(header(&told.version).as_str()).unwrap_or(&network)) != told.network_sha256 {
        faults.push(format!("{NETWORK} is not the network that {SUMMARY} tells of: its hash is another"));
    }
    if text(SCORES)? != scores(&told.findings) {
        faults.push(format!("{SCORES} is not what {SUMMARY} tells"));
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
