//! How work is done, and how its folder is written.

use std::path::Path;

use qhh_core::stop::Stopped;
use qhh_results::unfinished::Unfinished;
use qhh_results::{FolderLock, Format, ResultsError};

use crate::{CancelToken, CheckpointInterval, Error};

/// How a run is made; the numbers do not depend on it.
#[derive(Debug, Clone, Default)]
pub struct RunSettings {
    /// Worker threads, 0 for one a core.
    pub threads: usize,
    /// Ends the run from another thread.
    pub cancel: CancelToken,
    /// Whether the numerical errors of the figures are estimated: by runs at half the step, with more field modes, with
    /// twice the cutoff and on another number of threads.
    pub estimate_error: bool,
    /// Largest relative error that the figures may have, for [`crate::RunResult::require_tolerance`].
    pub tolerance: Option<f64>,
}

/// How a folder of results is written.
#[derive(Debug, Clone)]
pub struct FolderSettings {
    /// Format of the tables.
    pub format: Format,
    /// Whether report.html is written.
    pub report: bool,
    /// Whether an earlier run's folder may be replaced, and states of one that was stopped be dropped.
    pub force: bool,
    /// How often the state of the run is kept, for [`crate::resume`].
    pub checkpoint_interval: CheckpointInterval,
}

impl Default for FolderSettings {
    /// CSV and report.html; replaces nothing; states every ten minutes.
    fn default() -> Self {
        let checkpoint_interval = CheckpointInterval::default();
        Self { format: Format::CSV, report: true, force: false, checkpoint_interval }
    }
}

impl FolderSettings {
    /// Keeps others away from the folder `out`, where results may go.
    pub(crate) fn claim(&self, out: &Path) -> Result<FolderLock, Error> {
        self.claim_by(FolderLock::new, out)
    }

    /// The same for a fit.
    pub(crate) fn claim_for_fit(&self, out: &Path) -> Result<FolderLock, Error> {
        self.claim_by(FolderLock::of_fit, out)
    }

    fn claim_by(
        &self,
        lock: fn(&Path, bool) -> Result<FolderLock, ResultsError>,
        out: &Path,
    ) -> Result<FolderLock, Error> {
        self.format.require().map_err(Error::Folder)?;
        let claim = lock(out, self.force).map_err(Error::Folder)?;
        Unfinished::none_at(out, self.force).map_err(Error::Folder)?;
        Ok(claim)
    }
}

impl RunSettings {
    /// Does work that the token cancels.
    pub(crate) fn within<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.cancel.run(work).unwrap_or_else(|Stopped| Err(Error::Cancelled))
    }
}
