//! A finished run into its folder.

use std::path::Path;

use qhh_core::stop;

use super::checksums;
use super::files::{NETWORK, REPORT, SUMMARY, network_header};
use super::folder::{StagingFolder, copy_attachment, write_file, write_input};
use super::{FinishedRun, ResultsError, StatesSummary, Summary, fill};
use crate::tables::{Format, TableFolder};
use qhh_format::yaml::Attachment;

/// How the folder of a `T` is written.
#[derive(Debug)]
pub struct WriteOptions<T> {
    /// Format of the tables.
    pub format: Format,
    /// Makes the page to look at; without it there is none.
    pub page: Option<fn(&T) -> String>,
    /// Whether an earlier run's folder may be replaced.
    pub force: bool,
}

impl<T> Clone for WriteOptions<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for WriteOptions<T> {}

impl<T> Default for WriteOptions<T> {
    fn default() -> Self {
        Self { format: Format::CSV, page: None, force: false }
    }
}

/// Writes the folder of `run` at `out`: whole, or not at all; stopped, it leaves nothing behind.
///
/// `resolved` is the network as JSON, for the summary; `attachments` are the files it refers to.
///
/// # Errors
/// [`ResultsError`]; `out` is then as it was before.
pub fn write(
    run: &FinishedRun,
    resolved: &serde_json::Value,
    attachments: &[Attachment],
    options: &WriteOptions<FinishedRun>,
    out: &Path,
) -> Result<(), ResultsError> {
    options.format.require()?;
    let written = stop::unless_stopped(|| {
        let draft = StagingFolder::new(out, options.force)?;
        let folder = draft.path();
        let FinishedRun { network, outcome, .. } = run;
        let tables = TableFolder::Files { path: folder, format: options.format };
        fill::write(&tables, network, outcome)?;
        if let Some(states) = &outcome.states {
            StatesSummary::new(network, states).write(folder)?;
        }
        write_file(&folder.join(NETWORK), network_text(run).as_bytes())?;
        write_input(folder, &run.input)?;
        for attachment in attachments {
            copy_attachment(folder, attachment)?;
        }
        write_file(&folder.join(SUMMARY), Summary::new(run, resolved.clone()).to_json()?.as_bytes())?;
        stop::check();
        if let Some(page) = options.page {
            write_file(&folder.join(REPORT), page(run).as_bytes())?;
        }
        checksums::write(folder)?;
        stop::check();
        draft.publish()
    });
    written.unwrap_or(Err(ResultsError::Stopped))
}

fn network_text(run: &FinishedRun) -> String {
    network_header(&run.version) + &run.network_yaml
}
