//! `qhh.Result`: what a run came to.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use numpy::PyArray2;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use qhh::qhh_results::tables::Columns;

use crate::arrays::{matrix, table, view};
use crate::errors::raised;
use crate::settings::folder;
use crate::values::to_python;

/// What a run came to. Numbers are in the network's units (:meth:`unit`).
///
/// `result["relay[3].g_K"]` are the samples of one quantity of one neuron at the times :attr:`time`, a view of the result's
/// memory; `result["voltage"]`, or `result.voltage`, those of all neurons that recorded it, shape [neuron, time].
#[pyclass(frozen, name = "Result", module = "qhh")]
#[derive(Debug)]
pub(crate) struct RunResult {
    run: qhh::RunResult,
    /// Its tables, once somebody has wanted one.
    tables: OnceLock<Vec<(String, Columns)>>,
}

impl RunResult {
    pub(crate) fn new(run: qhh::RunResult) -> Self {
        Self { run, tables: OnceLock::new() }
    }

    pub(crate) fn run(&self) -> &qhh::RunResult {
        &self.run
    }

    /// The result in a folder, as any object.
    pub(crate) fn open_any<'py>(py: Python<'py>, folder: &Path) -> PyResult<Bound<'py, PyAny>> {
        Ok(Self::open(py, folder.to_owned())?.into_pyobject(py)?.into_any())
    }

    /// All tables, made once.
    fn all_tables(&self, py: Python<'_>) -> PyResult<&[(String, Columns)]> {
        if let Some(tables) = self.tables.get() {
            return Ok(tables);
        }
        let tables = py.detach(|| self.run.tables()).map_err(|error| raised(py, &error))?;
        Ok(self.tables.get_or_init(|| tables))
    }

    /// Samples of one quantity of one neuron: their names, with a dot between. A quantity may have a dot itself.
    fn trace(&self, name: &str) -> Option<&[f64]> {
        name.match_indices('.').find_map(|(at, _)| self.run.trace(&name[..at], &name[at + 1..]))
    }

    /// Rows of one quantity: names of the neurons, and their samples.
    fn rows(&self, quantity: &str) -> (Vec<String>, Vec<&[f64]>) {
        let traces = self.run.traces().filter(|trace| trace.quantity == quantity);
        traces.map(|trace| (trace.neuron, trace.values)).unzip()
    }
}

#[pymethods]
impl RunResult {
    /// Reads the folder of a run.
    #[staticmethod]
    fn open(py: Python<'_>, folder: PathBuf) -> PyResult<Self> {
        let run = py.detach(|| qhh::RunResult::open(&folder)).map_err(|error| raised(py, &error))?;
        Ok(Self::new(run))
    }

    /// Writes the folder of the run, byte for byte the command line's but for what the run cost.
    #[pyo3(signature = (out, *, format="csv", report=true, force=false))]
    fn save(&self, py: Python<'_>, out: PathBuf, format: &str, report: bool, force: bool) -> PyResult<()> {
        let settings = folder(format, report, force, "never")?;
        py.detach(|| self.run.save(&out, &settings)).map_err(|error| raised(py, &error))
    }

    /// Name of the network.
    #[getter]
    fn name(&self) -> &str {
        self.run.name()
    }

    /// The network that ran, as a network file with every default spelled out.
    #[getter]
    fn network_yaml(&self) -> &str {
        self.run.network_yaml()
    }

    /// Times of the samples, shape [time].
    #[getter]
    fn time<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(slf.clone().into_any(), slf.get().run.time())
    }

    /// Names of the quantities that were recorded.
    #[getter]
    fn quantities(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for trace in self.run.traces() {
            if !names.contains(&trace.quantity) {
                names.push(trace.quantity);
            }
        }
        names
    }

    /// Names of the neurons that recorded a quantity, in the order of the rows of `result[quantity]`.
    #[pyo3(signature = (quantity="voltage"))]
    fn neurons(&self, quantity: &str) -> Vec<String> {
        self.rows(quantity).0
    }

    /// Unit of a quantity, of "time", or of "spikes" (their times); empty for plain numbers.
    fn unit(&self, quantity: &str) -> PyResult<&'static str> {
        self.run.unit(quantity).ok_or_else(|| PyKeyError::new_err(quantity.to_owned()))
    }

    fn __getitem__<'py>(slf: &Bound<'py, Self>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let (py, this) = (slf.py(), slf.get());
        if let Some(values) = this.trace(name) {
            return view(slf.clone().into_any(), values);
        }
        let (neurons, rows) = this.rows(name);
        if neurons.is_empty() {
            return Err(PyKeyError::new_err(format!("{name}: recorded are {}", this.quantities().join(", "))));
        }
        Ok(matrix(py, &rows, this.run.time().len())?.into_any())
    }

    fn __contains__(&self, name: &str) -> bool {
        self.trace(name).is_some() || self.quantities().contains(&name)
    }

    /// Samples of the voltage of every neuron that recorded it, shape [neuron, time].
    #[getter]
    fn voltage<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::__getitem__(slf, "voltage")
    }

    /// Spikes in the order of time: a structured array with the fields `neuron` (its number), `population` (its place among
    /// the network's), `index` (within the population) and `time`.
    #[getter]
    fn spikes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let (spikes, populations) = (&self.run.outcome().spikes, &self.run.net().populations);
        let number = |of: usize| i64::try_from(of).unwrap_or(i64::MAX);
        // Numbers of the neurons at which the populations end.
        let ends: Vec<usize> = populations
            .iter()
            .scan(0, |end, of| {
                *end += of.count;
                Some(*end)
            })
            .collect();
        let place = |neuron: usize| {
            let population = ends.partition_point(|end| *end <= neuron);
            [neuron, population, neuron + populations[population].count - ends[population]].map(number)
        };
        let places: Vec<[i64; 3]> = spikes.iter().map(|spike| place(spike.neuron)).collect();
        let column = |of: usize| numpy::PyArray1::from_iter(py, places.iter().map(|place| place[of]));
        let times = numpy::PyArray1::from_iter(py, spikes.iter().map(|spike| spike.time));
        let made = py.import("qhh._values")?.getattr("spikes")?;
        made.call1((column(0), column(1), column(2), times))
    }

    /// Names of the populations, in the order of `spikes["population"]`.
    #[getter]
    fn populations(&self) -> Vec<String> {
        self.run.net().populations.iter().map(|of| of.name.clone()).collect()
    }

    /// Name of a neuron by its number.
    fn neuron_name(&self, number: usize) -> String {
        self.run.neuron_name(number)
    }

    /// Variance of the voltage by line, each of shape [neuron, time] over :attr:`variance_neurons`: a dict with `potassium`,
    /// `output` and so on, and `total`. A neuron that lacks a line has zeros there. Empty without fluctuations.
    #[getter]
    fn variance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let (variances, n_samples) = (&self.run.outcome().variances, self.run.time().len());
        let mut names: Vec<&str> = Vec::new();
        for line in variances.iter().flat_map(|of| &of.lines) {
            if !names.contains(&line.line.as_str()) {
                names.push(&line.line);
            }
        }
        let found = PyDict::new(py);
        let add = |name: &str, value: &dyn Fn(&qhh::qhh_net::outcome::LineVariance) -> bool| -> PyResult<()> {
            let rows: Vec<Vec<f64>> = variances
                .iter()
                .map(|of| {
                    let lines: Vec<_> = of.lines.iter().filter(|line| value(line)).collect();
                    (0..n_samples)
                        .map(|k| lines.iter().map(|line| line.vacuum[k] + line.thermal[k] + line.state[k]).sum())
                        .collect()
                })
                .collect();
            let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
            found.set_item(name, matrix(py, &rows, n_samples)?)
        };
        for name in names {
            add(name, &|line| line.line == name)?;
        }
        if !variances.is_empty() {
            add("total", &|_| true)?;
        }
        py.import("qhh._values")?.getattr("Variances")?.call1((found,))
    }

    /// Names of the neurons of :attr:`variance`, row by row.
    #[getter]
    fn variance_neurons(&self) -> Vec<String> {
        self.run.outcome().variances.iter().map(|of| self.run.neuron_name(of.neuron)).collect()
    }

    /// States of the modes of outgoing waves by name, each a :class:`qhh.State`; empty unless the network looks at some.
    #[getter]
    fn states<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, of) = (slf.py(), slf.get());
        let states = py.detach(|| of.run.states());
        let wigner = slf.getattr("_wigner")?;
        py.import("qhh._states")?.getattr("states")?.call1((to_python(py, &states)?, wigner))
    }

    /// Wigner function of the mode at a place among the states, at all pairs of points, shape [x, p]; None of a state too
    /// large to be computed.
    fn _wigner<'py>(
        &self,
        py: Python<'py>,
        mode: usize,
        x: Vec<f64>,
        p: Vec<f64>,
    ) -> PyResult<Option<Bound<'py, PyArray2<f64>>>> {
        let states = self.run.outcome().states.as_ref();
        let Some(values) = py.detach(|| states.and_then(|states| states.wigner_at(mode, &x, &p))) else {
            return Ok(None);
        };
        let rows: Vec<&[f64]> = values.chunks(p.len().max(1)).collect();
        matrix(py, &rows, p.len()).map(Some)
    }

    /// Names of the tables that the run has rows for.
    #[getter]
    fn tables(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        Ok(self.all_tables(py)?.iter().map(|(name, _)| name.clone()).collect())
    }

    /// A table as a dict from columns to arrays, or lists of texts: `result.table("firing_rates")["mean_rate"]`.
    fn table<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyDict>> {
        table(py, self.all_tables(py)?, name)
    }

    /// A table as a pandas DataFrame.
    fn to_pandas<'py>(slf: &Bound<'py, Self>, table: &str) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        py.import("qhh._frames")?.getattr("to_pandas")?.call1((slf.get().table(py, table)?,))
    }

    /// Traces, variances and spikes as an xarray Dataset with units in the attributes; it goes to netCDF and Zarr and back.
    fn to_xarray<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("qhh._frames")?.getattr("to_xarray")?.call1((slf,))
    }

    /// The run for Neurodata Without Borders, as a `pynwb.NWBFile`, written to `path` if that is given: recorded quantities
    /// and the variance by line as time series with their units, spikes as a table of units, the network file as the script.
    /// What the file does not have is named in its notes.
    ///
    /// `session_start` is a datetime with a time zone, now unless given. Archives want the `experimenter` ("Last, First") and
    /// the `institution`. Raises ValueError of a network in raw units: NWB takes seconds.
    #[pyo3(signature = (path=None, *, session_start=None, experimenter=None, institution=None))]
    fn to_nwb<'py>(
        slf: &Bound<'py, Self>,
        path: Option<PathBuf>,
        session_start: Option<Bound<'py, PyAny>>,
        experimenter: Option<String>,
        institution: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let made = slf.py().import("qhh._nwb")?.getattr("to_nwb")?;
        made.call1((slf, path, session_start, experimenter, institution))
    }

    fn _write_sonata_spikes(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| self.run.write_sonata_spikes(&path, true)).map_err(|error| raised(py, &error))
    }

    /// All of summary.json, as a dict.
    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &py.detach(|| self.run.summary()))
    }

    /// What must hold of the run and does not: names of the checks.
    #[getter]
    fn failed_checks(&self) -> Vec<String> {
        self.run.failed_checks().map(|check| check.name.to_string()).collect()
    }

    /// The report: an HTML page, complete in itself.
    fn report(&self, py: Python<'_>) -> String {
        py.detach(|| self.run.report())
    }

    fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("qhh._values")?.getattr("framed")?.call1((self.report(py),))
    }

    fn __repr__(&self) -> String {
        let outcome = self.run.outcome();
        format!(
            "<qhh.Result {:?}: {} neurons, {} spikes, {} samples>",
            self.run.name(),
            outcome.n_neurons,
            outcome.spikes.len(),
            self.run.time().len()
        )
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("qhh._values")?.getattr("packed")?.call1((slf,))
    }
}
