//! Learning tasks, their results, and trained models.

use std::path::PathBuf;

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use qhh::qhh_format::task::Table;

use crate::errors::raised;
use crate::settings::folder;
use crate::values::{json_dumps, options, to_python};
use crate::work;

/// What a network is to learn: a task file.
#[pyclass(frozen, module = "qhh")]
#[derive(Debug)]
pub(crate) struct LearningTask(qhh::LearningTask);

#[pymethods]
impl LearningTask {
    /// Reads a task file; its network and data are files beside it.
    #[staticmethod]
    #[pyo3(signature = (path, set=None, *, allow_outside=false))]
    fn load(
        py: Python<'_>,
        path: PathBuf,
        set: Option<&Bound<'_, PyDict>>,
        allow_outside: bool,
    ) -> PyResult<Self> {
        let options = options(set, allow_outside)?;
        let task = py.detach(|| qhh::LearningTask::load(&path, &options));
        task.map(Self).map_err(|error| raised(py, &error))
    }

    /// Reads a task from the text of a task file; `folder` is where its network and data files are.
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
        let name = folder.unwrap_or_default().join("task");
        let task = py.detach(|| qhh::LearningTask::from_text(&name, text, &options));
        task.map(Self).map_err(|error| raised(py, &error))
    }

    /// A task from a dict with the entries of a task file.
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

    /// What can be learned but is hardly meant: what the network says, then what the task says.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings().iter().chain(self.0.task_warnings()).map(ToString::to_string).collect()
    }

    /// Trains readouts of the network and its baselines. With `out` the folder that the command line writes is written as
    /// well, with `export` the tables that were learned from too.
    #[pyo3(signature = (*, threads=0, progress=None, out=None, format="csv", report=true, force=false, export=false,
        checkpoint_every="10min"))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn learn(
        &self,
        py: Python<'_>,
        threads: usize,
        progress: Option<Py<PyAny>>,
        out: Option<PathBuf>,
        format: &str,
        report: bool,
        force: bool,
        export: bool,
        checkpoint_every: &str,
    ) -> PyResult<LearningResult> {
        let folder = folder(format, report, force, checkpoint_every)?;
        let task = self.0.clone();
        let result = work::work(py, threads, progress, move |settings, observer| match &out {
            None => task.learn(settings, observer),
            Some(out) => task.learn_into(out, settings, &folder, export, observer),
        })?;
        Ok(LearningResult(result))
    }
}

/// What a study came to: scores of the network and its baselines.
#[pyclass(frozen, module = "qhh")]
#[derive(Debug)]
pub(crate) struct LearningResult(qhh::LearningResult);

impl LearningResult {
    pub(crate) fn new(result: qhh::LearningResult) -> Self {
        Self(result)
    }
}

#[pymethods]
impl LearningResult {
    /// Name of the task.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Scores, and what features are good for, as a dict.
    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.summary)
    }

    /// Truth and prediction of the first seed, as a list of dicts.
    #[getter]
    fn predictions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.predictions)
    }

    /// The report: an HTML page, complete in itself.
    fn report(&self) -> &str {
        &self.0.report
    }

    fn __repr__(&self) -> String {
        let (seeds, features) = (self.0.seeds.len(), self.0.features.len());
        format!("<qhh.LearningResult {:?}: {features} features, {seeds} seeds>", self.0.name)
    }

    fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("qhh._values")?.getattr("framed")?.call1((&self.0.report,))
    }
}

/// A model that learning has left, with its network.
#[pyclass(frozen, module = "qhh")]
pub(crate) struct Model(qhh::Model);

#[pymethods]
impl Model {
    /// Reads a model: the folder that learning has written, or the model.json in it.
    #[staticmethod]
    #[pyo3(signature = (path, network=None))]
    fn open(py: Python<'_>, path: PathBuf, network: Option<PathBuf>) -> PyResult<Self> {
        let model = py.detach(|| qhh::Model::open(&path, network.as_deref()));
        model.map(Self).map_err(|error| raised(py, &error))
    }

    fn __repr__(&self) -> String {
        format!("<qhh.Model of {:?}>", self.0.network().name)
    }

    /// Names of the columns that it predicts from.
    #[getter]
    fn columns(&self) -> Vec<&str> {
        self.0.columns()
    }

    /// Predicts the rows of `data`: a CSV file, a frame or a dict with the model's `columns`, or an array with these columns in
    /// this order.
    #[pyo3(signature = (data, *, threads=0, progress=None))]
    fn predict(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        threads: usize,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Prediction> {
        let predicted = if let Ok(file) = data.extract::<PathBuf>() {
            work::work(py, threads, progress, |settings, observer| self.0.predict(&file, settings, observer))?
        } else {
            let columns = py.import("qhh._values")?.getattr("columns")?.call1((data, self.columns()))?;
            let table = Table::of_columns(columns.extract()?);
            work::work(py, threads, progress, |settings, observer| {
                self.0.predict_table(&table, settings, observer)
            })?
        };
        Ok(Prediction(predicted))
    }
}

/// What a model makes of data: one prediction a row, or one a sequence.
#[pyclass(frozen, module = "qhh")]
#[derive(Debug)]
pub(crate) struct Prediction(qhh::Prediction);

#[pymethods]
impl Prediction {
    /// Number of the row, or sequence, that is predicted first, from 0.
    #[getter]
    fn first(&self) -> usize {
        self.0.first
    }

    /// Predictions of a series; empty of classes.
    #[getter]
    fn values<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.values)
    }

    /// Names of the predicted classes; empty of a series.
    #[getter]
    fn classes(&self) -> Vec<String> {
        self.0.classes.clone()
    }
}
