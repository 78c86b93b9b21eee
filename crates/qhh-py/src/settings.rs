//! How folders of results are written, from Python's words.

use pyo3::PyResult;
use pyo3::exceptions::PyValueError;
use qhh::FolderSettings;

/// How a folder is written.
pub(crate) fn folder(format: &str, report: bool, force: bool, checkpoint_every: &str) -> PyResult<FolderSettings> {
    let checkpoint_interval = checkpoint_every.parse().map_err(PyValueError::new_err)?;
    Ok(FolderSettings { format: parsed(format)?, report, force, checkpoint_interval })
}

/// The format of a name.
pub(crate) fn parsed(format: &str) -> PyResult<qhh::Format> {
    qhh::Format::named(format)
        .ok_or_else(|| PyValueError::new_err(format!("there is no format {format}: csv, arrow and parquet are")))
}
