//! Fits: training values of a network itself.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::table;
use crate::errors::raised;
use crate::network::Network;
use crate::settings::folder;
use crate::values::{json_dumps, options, to_python};
use crate::work;

/// What of a network is trained, and for what: a fit file that passed every check.
///
/// Make one with :meth:`load` from a file, :meth:`from_yaml` from a text, or :meth:`from_dict` from a dict with the entries
/// of a fit file.
#[pyclass(frozen, module = "qhh")]
#[derive(Debug)]
pub(crate) struct Fit(qhh::Fit);

#[pymethods]
impl Fit {
    /// Reads a fit file; its network and data are files beside it. `set` maps paths to values put in place of the file's own.
    ///
    /// Raises :class:`qhh.LoadError` with every mistake, its line and its remedy.
    #[staticmethod]
    #[pyo3(signature = (path, set=None, *, allow_outside=false))]
    fn load(
        py: Python<'_>,
        path: PathBuf,
        set: Option<&Bound<'_, PyDict>>,
        allow_outside: bool,
    ) -> PyResult<Self> {
        let options = options(set, allow_outside)?;
        py.detach(|| qhh::Fit::load(&path, &options)).map(Self).map_err(|error| raised(py, &error))
    }

    /// Reads a fit from the text of a fit file; `folder` is where its network and data files are.
    #[staticmethod]
    #[pyo3(signature = (text, set=None, *, folder=None, allow_outside=false))]
    fn from_yaml(
        py: Python<'_>,
        text: &str,
        set: Option<&Bound<'_, PyDict>>,
        folder: Option<PathBuf>,
        allow_outside: bool,
    ) -> PyResult<Self> {
        let options = options(set, allow_outside)?;
        let name = folder.unwrap_or_default().join("fit");
        py.detach(|| qhh::Fit::from_text(&name, text, &options)).map(Self).map_err(|error| raised(py, &error))
    }

    /// A fit from a dict with the entries of a fit file.
    #[staticmethod]
    #[pyo3(signature = (document, set=None, *, folder=None, allow_outside=false))]
    fn from_dict(
        document: &Bound<'_, PyDict>,
        set: Option<&Bound<'_, PyDict>>,
        folder: Option<PathBuf>,
        allow_outside: bool,
    ) -> PyResult<Self> {
        Self::from_yaml(document.py(), &json_dumps(document)?, set, folder, allow_outside)
    }

    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// The network that is fitted, before the fit.
    #[getter]
    fn network(&self) -> Network {
        Network::new(self.0.network().clone())
    }

    /// Fits. With `out` the folder that the command line writes is written as well, and evaluations are kept on the way
    /// every `checkpoint_every` ("10min") for :func:`resume`; `force` replaces earlier results.
    ///
    /// `threads` is 0 for one a core; the numbers do not depend on it. `progress` is True for a bar of tqdm, or a function of
    /// (name, stage, done, total, time, notes). The interpreter is free meanwhile; Ctrl-C ends the fit.
    #[pyo3(signature = (*, threads=0, progress=None, out=None, format="csv", report=true, force=false,
        checkpoint_every="10min"))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn run(
        &self,
        py: Python<'_>,
        threads: usize,
        progress: Option<Py<PyAny>>,
        out: Option<PathBuf>,
        format: &str,
        report: bool,
        force: bool,
        checkpoint_every: &str,
    ) -> PyResult<FitResult> {
        let folder = folder(format, report, force, checkpoint_every)?;
        let fit = self.0.clone();
        let result = work::work(py, threads, progress, move |settings, observer| match &out {
            None => fit.run(settings, observer),
            Some(out) => fit.run_into(out, settings, &folder, observer),
        })?;
        Ok(FitResult(result))
    }

    fn __repr__(&self) -> String {
        format!("<qhh.Fit {:?} of {:?}>", self.0.name(), self.0.network().name())
    }
}

/// What a fit came to. Pairs are before and after, of the best iteration.
#[pyclass(frozen, module = "qhh")]
#[derive(Debug)]
pub(crate) struct FitResult(qhh::FitResult);

impl FitResult {
    pub(crate) fn new(result: qhh::FitResult) -> Self {
        Self(result)
    }
}

#[pymethods]
impl FitResult {
    /// Name of the fit.
    #[getter]
    fn name(&self) -> &str {
        &self.0.tables().name
    }

    /// The network with the best values that were found.
    #[getter]
    fn network(&self) -> Network {
        Network::new(self.0.network().clone())
    }

    /// Trained values, as a list of dicts: `path`, `unit` and `bounds` in the network file, `before`, `after`.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.tables().parameters)
    }

    /// The objective, before and after.
    #[getter]
    fn objective(&self) -> (f64, f64) {
        self.0.tables().objective.into()
    }

    /// The objective of the examples held out; None if there are none.
    #[getter]
    fn validation(&self) -> Option<(f64, f64)> {
        self.0.tables().validation.map(Into::into)
    }

    /// Part of the examples that are classified rightly; None if there are no classes.
    #[getter]
    fn accuracy(&self) -> Option<(f64, f64)> {
        self.0.tables().accuracy.map(Into::into)
    }

    /// The same of the examples held out.
    #[getter]
    fn validation_accuracy(&self) -> Option<(f64, f64)> {
        self.0.tables().validation_accuracy.map(Into::into)
    }

    /// Why it ended.
    #[getter]
    fn ended(&self) -> &str {
        &self.0.tables().ended
    }

    /// All of summary.json, as a dict.
    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, self.0.tables())
    }

    /// Names of its tables.
    #[getter]
    fn tables(&self) -> Vec<String> {
        self.0.tables().tables().into_iter().map(|(name, _)| name).collect()
    }

    /// A table as a dict from columns to arrays: "history", the objective and the trained values after each iteration, or
    /// "fit_traces", voltages of the first example before and after.
    fn table<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyDict>> {
        table(py, &self.0.tables().tables(), name)
    }

    /// A table as a pandas DataFrame.
    #[pyo3(signature = (table="history"))]
    fn to_pandas<'py>(&self, py: Python<'py>, table: &str) -> PyResult<Bound<'py, PyAny>> {
        py.import("qhh._frames")?.getattr("to_pandas")?.call1((self.table(py, table)?,))
    }

    /// The report: an HTML page, complete in itself.
    fn report(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.report())
    }

    fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("qhh._values")?.getattr("framed")?.call1((self.report(py),))
    }

    fn __repr__(&self) -> String {
        let of = self.0.tables();
        let [before, after] = of.objective;
        format!("<qhh.FitResult {:?}: objective {before:.3e} to {after:.3e}>", of.name)
    }
}
