//! `qhh.SweepResult`: a row for each run of a sweep.

use std::path::PathBuf;

use pyo3::prelude::*;

use crate::errors::raised;
use crate::values::to_python;

/// What a sweep came to: a row for each run, in the order of the design.
#[pyclass(frozen, module = "qhh")]
#[derive(Debug)]
pub(crate) struct SweepResult(qhh::SweepResult);

impl SweepResult {
    pub(crate) fn new(result: qhh::SweepResult) -> Self {
        Self(result)
    }
}

#[pymethods]
impl SweepResult {
    /// The table as a dict: `axes` (path, unit), `measures` (name, unit) and `rows`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, self.0.table())
    }

    /// The table as a pandas DataFrame: the varied values by path, seed, status, and the measures by name.
    fn to_pandas<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("qhh._frames")?.getattr("sweep_to_pandas")?.call1((self.to_dict(py)?,))
    }

    /// The measures as an xarray Dataset, a dimension for each varied value of a full grid, one for repeats where there are
    /// several; a single dimension `run` of other designs.
    fn to_xarray<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("qhh._frames")?.getattr("sweep_to_xarray")?.call1((self.to_dict(py)?,))
    }

    /// Raises :class:`qhh.RunError` unless every run has its measures.
    fn require_all(&self, py: Python<'_>) -> PyResult<()> {
        self.0.require_all().map_err(|error| raised(py, &error))
    }

    /// The folder of the results; None of a sweep in memory.
    #[getter]
    fn folder(&self) -> Option<PathBuf> {
        self.0.folder().map(ToOwned::to_owned)
    }

    /// The report: an HTML page, complete in itself.
    fn report(&self) -> &str {
        self.0.report()
    }

    fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("qhh._values")?.getattr("framed")?.call1((self.0.report(),))
    }

    fn __len__(&self) -> usize {
        self.0.table().rows.len()
    }

    fn __repr__(&self) -> String {
        format!("<qhh.SweepResult: {} rows>", self.0.table().rows.len())
    }
}
