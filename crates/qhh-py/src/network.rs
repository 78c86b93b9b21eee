//! `qhh.Network`: a network that passed every check.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use qhh::{Experiment, Export, LoadOptions, Override, RunSettings, Sweep, SweepSettings};

use crate::connections::connections;
use crate::errors::raised;
use crate::recording::Recording;
use crate::result::RunResult;
use crate::sensitivity::Sensitivity;
use crate::settings::{folder, parsed};
use crate::sweep::SweepResult;
use crate::values::{json_dumps, json_loads, options, overrides, to_python, value};
use crate::work;

/// Text, values set, file, and whether data files may lie outside its folder.
type Made = (String, Vec<(String, String)>, String, bool);

/// A network that passed every check and can run.
///
/// Make one with :meth:`load` from a file, :meth:`from_yaml` from a text, or :meth:`from_dict` from a dict with the
/// entries of a network file. It cannot be changed: :meth:`set` gives a changed copy.
///
/// >>> import qhh
/// >>> net = qhh.Network.from_dict({
/// ...     "name": "axon",
/// ...     "simulation": {"duration": "30 ms"},
/// ...     "neurons": {"axon": {
/// ...         "membrane": {"capacitance": "1 uF"},
/// ...         "channels": {
/// ...             "potassium": {"conductance": "36 mS", "reversal": "-77 mV"},
/// ...             "sodium": {"conductance": "120 mS", "reversal": "50 mV"},
/// ...             "chloride": {"conductance": "0.3 mS", "reversal": "-54.387 mV"},
/// ...         },
/// ...     }},
/// ...     "sources": {"step": {"into": "axon", "current": {"shape": "constant", "amplitude": "10 uA", "start": "5 ms"}}},
/// ... })
/// >>> len(net.run().spikes)
/// 2
#[pyclass(frozen, module = "qhh")]
#[derive(Debug, Clone)]
pub(crate) struct Network(qhh::Network);

impl Network {
    pub(crate) fn new(network: qhh::Network) -> Self {
        Self(network)
    }

    /// The library's own.
    pub(crate) fn inner(&self) -> &qhh::Network {
        &self.0
    }
}

#[pymethods]
impl Network {
    /// Reads a network file; `set` maps paths to values put in place of the file's own.
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
        py.detach(|| qhh::Network::load_with(&path, &options)).map(Self).map_err(|error| raised(py, &error))
    }

    /// The network that a pickle holds.
    #[staticmethod]
    fn _from_source(
        py: Python<'_>,
        text: &str,
        set: Vec<(String, String)>,
        file: PathBuf,
        allow_outside: bool,
    ) -> PyResult<Self> {
        let set = set.into_iter().map(|(path, value)| Override { path, value }).collect();
        let options = LoadOptions { set, allow_outside, ..LoadOptions::default() };
        py.detach(|| qhh::Network::from_text(&file, text, &options)).map(Self).map_err(|error| raised(py, &error))
    }

    /// Reads a network from the text of a network file; `folder` is where its data files are.
    ///
    /// >>> qhh.Network.from_yaml("name: empty")  # doctest: +ELLIPSIS
    /// Traceback (most recent call last):
    /// ...
    /// qhh.LoadError: ...
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
        let name = folder.map_or_else(|| PathBuf::from("network"), |folder| folder.join("network"));
        py.detach(|| qhh::Network::from_text(&name, text, &options)).map(Self).map_err(|error| raised(py, &error))
    }

    /// A network from a dict with the entries of a network file. Neurons are numbered in its order.
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

    /// A checked copy with other values: `net.set("neurons.relay.count", 10)`, or a dict of paths and values. A text is
    /// read as YAML: `"10 uA"`, `"[voltage, n]"`; `None` takes an optional entry away.
    ///
    /// Raises :class:`qhh.LoadError` where the copy could not run.
    #[pyo3(signature = (path, value=None))]
    fn set(&self, path: &Bound<'_, PyAny>, value: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let py = path.py();
        let values = if let Ok(dict) = path.cast::<PyDict>() {
            overrides(Some(dict))?
        } else {
            let none = py.None().into_bound(py);
            let value = crate::values::value(value.unwrap_or(&none))?.to_string();
            vec![Override { path: path.cast::<PyString>()?.extract()?, value }]
        };
        py.detach(|| self.0.set_all(&values)).map(Self).map_err(|error| raised(py, &error))
    }

    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// Number of neurons.
    #[getter]
    fn n_neurons(&self) -> usize {
        self.0.net().n_neurons()
    }

    /// Names of the neurons: `relay[3]`.
    #[getter]
    fn neurons(&self) -> Vec<String> {
        (0..self.0.net().n_neurons()).map(|number| self.0.net().neuron_name(number)).collect()
    }

    /// The network as a network file with every default spelled out.
    #[getter]
    fn yaml(&self) -> &str {
        self.0.yaml()
    }

    /// The same as a dict.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json_loads(py, &self.0.resolved().to_string())
    }

    /// What it says that can run but is hardly meant, each with its remedy.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings().iter().map(ToString::to_string).collect()
    }

    /// What a run takes: memory and disk in bytes, fluctuations in seconds on one thread.
    fn resources<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &py.detach(|| self.0.resources()))
    }

    /// Runs it. With `out` the folder that the command line writes is written as well, tables as `format` ("csv", "arrow" or
    /// "parquet"), states for :func:`resume` every `checkpoint_every` ("10min"); `force` replaces an earlier run's.
    ///
    /// `threads` is 0 for one a core; the numbers do not depend on it. `progress` is True for a bar of tqdm, or a function of
    /// (name, stage, done, total, time, notes). The interpreter is free meanwhile; Ctrl-C ends the run.
    ///
    /// `estimate_error` runs it again at half the step, with more modes and so on, and puts the errors of the figures into the
    /// summary; `tolerance` raises :class:`qhh.CheckError` where they are larger.
    #[pyo3(signature = (*, threads=0, progress=None, estimate_error=false, tolerance=None, out=None, format="csv",
        report=true, force=false, checkpoint_every="10min"))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn run(
        &self,
        py: Python<'_>,
        threads: usize,
        progress: Option<Py<PyAny>>,
        estimate_error: bool,
        tolerance: Option<f64>,
        out: Option<PathBuf>,
        format: &str,
        report: bool,
        force: bool,
        checkpoint_every: &str,
    ) -> PyResult<RunResult> {
        let estimate_error = estimate_error || tolerance.is_some();
        let settings = RunSettings { threads, estimate_error, tolerance, ..RunSettings::default() };
        let folder = folder(format, report, force, checkpoint_every)?;
        let network = self.0.clone();
        let result = work::work_with(py, settings, progress, move |settings, observer| {
            let result = match &out {
                None => network.run(settings, observer)?,
                Some(out) => network.run_into(out, settings, &folder, observer)?,
            };
            result.require_tolerance()?;
            Ok(result)
        })?;
        Ok(RunResult::new(result))
    }

    /// Runs it many times: `vary` maps paths to lists of values, or to a text as of `qhh sweep --vary` ("0.1:1:0.05",
    /// "linear:0.1:1:19", "log:1:100:20"). `measures` are what each run is summed up by, such as "relay[4].first_spike".
    /// What is not given is as in the `experiment` block of the network file.
    ///
    /// `find` searches where `where` begins or ceases to hold along a value: find="waveguides.axon.transmission=0.05:1",
    /// where="relay[4].spikes >= 1". A run that fails has its reason in its row.
    #[pyo3(signature = (vary=None, measures=Vec::new(), *, design=None, points=None, repeats=None, find=None, r#where=None,
        tolerance=None, threads=0, progress=None, out=None, format="csv", report=true, force=false, keep_runs=false))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn sweep(
        &self,
        py: Python<'_>,
        vary: Option<&Bound<'_, PyDict>>,
        measures: Vec<String>,
        design: Option<String>,
        points: Option<u32>,
        repeats: Option<u32>,
        find: Option<String>,
        r#where: Option<String>,
        tolerance: Option<String>,
        threads: usize,
        progress: Option<Py<PyAny>>,
        out: Option<PathBuf>,
        format: &str,
        report: bool,
        force: bool,
        keep_runs: bool,
    ) -> PyResult<SweepResult> {
        let mut experiment = Experiment {
            design,
            points,
            repeats,
            measures,
            find,
            condition: r#where,
            tolerance,
            ..Experiment::new()
        };
        for (path, values) in vary.into_iter().flat_map(PyDictMethods::iter) {
            let path: String = path.extract()?;
            let values = if values.is_instance_of::<PyString>() {
                values.extract::<String>()?
            } else {
                let each = values.try_iter()?.map(|one| Ok(value(&one?)?.to_string()));
                each.collect::<PyResult<Vec<String>>>()?.join(",")
            };
            experiment =
                experiment.vary(&format!("{path}={values}")).map_err(|error| raised(py, &error.into()))?;
        }
        let format = parsed(format)?;
        let settings = SweepSettings { format, report, force, keep_runs, ..SweepSettings::default() };
        let network = self.0.clone();
        let result = work::work(py, threads, progress, move |run, observer| {
            let sweep = Sweep::of(&network, &experiment)?;
            for warning in sweep.experiment_warnings() {
                observer.warning(warning);
            }
            match &out {
                None => sweep.run(run, observer),
                Some(out) => sweep.run_into(out, run, &settings, observer),
            }
        })?;
        Ok(SweepResult::new(result))
    }

    /// How the number `of`, named as a measure is ("relay[4].first_spike", "relay.voltage.at(12 ms)"), depends on every value
    /// of the network: one run forwards and one backwards. `differences` checks each entry of the file by two runs.
    #[pyo3(signature = (of, *, differences=false, threads=0, progress=None))]
    fn sensitivity(
        &self,
        py: Python<'_>,
        of: String,
        differences: bool,
        threads: usize,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Sensitivity> {
        let network = self.0.clone();
        let found = work::work(py, threads, progress, move |run, observer| {
            network.sensitivity(&of, differences, run, observer)
        })?;
        Ok(Sensitivity::new(found))
    }

    /// Every number of its file below `neurons`, `sources` and `waveguides`, in the order of the file: `path`, `value` and
    /// `unit`; of a list of numbers, lists.
    #[getter]
    fn numbers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let of = |entry: qhh::NumberEntry| match (entry.values.as_slice(), entry.units.as_slice()) {
            ([value], [unit]) => qhh::json!({"path": entry.path, "value": value, "unit": unit}),
            (values, units) => qhh::json!({"path": entry.path, "value": values, "unit": units}),
        };
        to_python(py, &self.0.numbers().into_iter().map(of).collect::<Vec<_>>())
    }

    /// A checked copy with other numbers at some paths of its file, each in the unit it has there.
    fn set_numbers(&self, py: Python<'_>, numbers: BTreeMap<String, f64>) -> PyResult<Self> {
        let numbers: Vec<(&str, f64)> = numbers.iter().map(|(path, value)| (path.as_str(), *value)).collect();
        py.detach(|| self.0.set_numbers(&numbers)).map(Self).map_err(|error| raised(py, &error))
    }

    /// Runs the mean field and keeps it on tape, with the voltages of some neurons: "relay[3]", "relay[0..3]", "relay".
    #[pyo3(signature = (*neurons, threads=0, progress=None))]
    fn record(
        &self,
        py: Python<'_>,
        neurons: Vec<String>,
        threads: usize,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Recording> {
        let network = self.0.clone();
        let recording = work::work(py, threads, progress, move |run, observer| {
            network.record(&neurons.iter().map(String::as_str).collect::<Vec<_>>(), run, observer)
        })?;
        Ok(Recording::new(recording))
    }

    /// Every waveguide, by entry of the file: a dict of arrays `from` and `to`, numbers of neurons, `delay`, `transmission`,
    /// `weight` and `gain`, with the `port` of the receivers (None for the first) and whether it is `two_way`.
    fn connections<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        connections(py, self.0.net())
    }

    /// The network in a format of other programs: "spice", its mean field as a netlist, "graphml", or "sonata", a folder. As
    /// text, or with `out` written to that place, where `force` replaces what an earlier export left; a warning names what the
    /// format leaves out.
    #[pyo3(signature = (to, out=None, *, force=false))]
    fn export(&self, py: Python<'_>, to: &str, out: Option<PathBuf>, force: bool) -> PyResult<Option<String>> {
        let Some(format) = Export::named(to) else {
            let known = Export::ALL.map(Export::name).join(", ");
            return Err(PyValueError::new_err(format!("there is no format {to:?}: there are {known}")));
        };
        let Some(out) = out else {
            return py.detach(|| self.0.export(format)).map(Some).map_err(|error| raised(py, &error));
        };
        let left_out =
            py.detach(|| self.0.export_into(format, &out, force)).map_err(|error| raised(py, &error))?;
        if !left_out.is_empty() {
            let message = format!("{}: {}", self.0.name(), qhh::text::no_place_in_sonata(&left_out));
            py.import("qhh._errors")?.getattr("warn")?.call1((message,))?;
        }
        Ok(None)
    }

    /// The network as a drawing: SVG, complete in itself.
    fn svg(&self, py: Python<'_>) -> String {
        py.detach(|| qhh::Graph::of(&self.0).svg())
    }

    /// The network in the DOT language.
    fn dot(&self, py: Python<'_>) -> String {
        py.detach(|| qhh::Graph::of(&self.0).dot())
    }

    fn _repr_svg_(&self, py: Python<'_>) -> String {
        self.svg(py)
    }

    fn __repr__(&self) -> String {
        format!("<qhh.Network {:?}: {} neurons>", self.0.name(), self.0.net().n_neurons())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Made)> {
        let (text, set, allow_outside) = self.0.source();
        let set = set.iter().map(|set| (set.path.clone(), set.value.clone())).collect();
        let made = py.import("qhh._values")?.getattr("network")?;
        Ok((made, (text.to_owned(), set, self.0.file().to_string_lossy().into_owned(), allow_outside)))
    }
}
