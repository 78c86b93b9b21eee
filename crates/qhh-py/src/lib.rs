//! The Python package `qhh`: networks, results, sweeps, learning and fits over the library crate [`qhh`].
//!
//! Python sees plain classes that own their data. Work runs on a thread with the interpreter free ([`work`]); arrays are
//! views of the results' own memory where they can be ([`arrays`]).
//!
//! # Examples
//! ```python
//! import qhh
//!
//! result = qhh.Network.load("axon.yaml").run()
//! print(result.spikes["time"])
//! ```
#![doc = ""]
#![doc = include_str!("../../qhh/doc/flow.svg")]
#![expect(clippy::needless_pass_by_value, reason = "arguments from Python are taken by value")]

mod arrays;
mod connections;
mod errors;
mod fit;
mod learn;
mod network;
mod recording;
mod reservoir;
mod result;
mod sensitivity;
mod settings;
mod sonata;
mod sweep;
mod values;
mod work;

use pyo3::prelude::*;

/// The compiled half of the package.
#[pymodule]
mod _qhh {
    use std::ffi::OsString;
    use std::path::PathBuf;

    use pyo3::prelude::*;

    use crate::errors::raised;
    use crate::values::json_loads;
    use crate::work;

    #[pymodule_export]
    use crate::fit::{Fit, FitResult};
    #[pymodule_export]
    use crate::learn::{LearningResult, LearningTask, Model, Prediction};
    #[pymodule_export]
    use crate::network::Network;
    #[pymodule_export]
    use crate::recording::Recording;
    #[pymodule_export]
    use crate::reservoir::respond;
    #[pymodule_export]
    use crate::result::RunResult;
    #[pymodule_export]
    use crate::sensitivity::Sensitivity;
    #[pymodule_export]
    use crate::sweep::SweepResult;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }

    /// The program `qhh`: does what a command line says and returns its exit code.
    #[pyfunction]
    fn command(py: Python<'_>, args: Vec<OsString>) -> u8 {
        py.detach(|| qhh_cli::main(args))
    }

    /// JSON schema of the network file, as text.
    #[pyfunction]
    fn network_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        json_loads(py, &qhh::network_schema().to_string())
    }

    /// JSON schema of the task file of learning, as text.
    #[pyfunction]
    fn task_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        json_loads(py, &qhh::task_schema().to_string())
    }

    /// JSON schema of the fit file, as text.
    #[pyfunction]
    fn fit_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        json_loads(py, &qhh::fit_schema().to_string())
    }

    /// Problems of a folder of results; empty where its files and the physics in them hold.
    #[pyfunction]
    fn verify(py: Python<'_>, folder: PathBuf) -> PyResult<Vec<String>> {
        let verdict = py.detach(|| qhh::verify(&folder)).map_err(|error| raised(py, &error))?;
        let faults = verdict.faults.iter().cloned();
        let checks = verdict.checks.iter().chain(&verdict.kept).filter(|check| !check.holds());
        Ok(faults.chain(checks.map(|check| format!("{}: {:e}", check.name, check.defect))).collect())
    }

    /// Edges of a SONATA file as a CSV of pairs; their number, and names of attributes that were not taken.
    #[pyfunction]
    fn sonata_pairs(
        py: Python<'_>,
        edges: PathBuf,
        pairs: PathBuf,
        population: Option<String>,
        edge_types: Option<PathBuf>,
        units: &str,
    ) -> PyResult<(usize, Vec<String>)> {
        crate::sonata::pairs(py, &edges, &pairs, population.as_deref(), edge_types.as_deref(), units)
    }

    /// One page that overlays several runs.
    #[pyfunction]
    fn compare(results: Vec<PyRef<'_, crate::result::RunResult>>) -> String {
        qhh::compare(results.iter().map(|result| result.run()))
    }

    /// Goes on with the run, sweep, learning or fit that was stopped, whose results were to go to `folder`, and returns what it
    /// came to: the same bytes as without the stop. Of a run that is finished it returns the result, of finished learning or a
    /// finished fit None.
    #[pyfunction]
    #[pyo3(signature = (folder, *, threads=0, progress=None))]
    fn resume(
        py: Python<'_>,
        folder: PathBuf,
        threads: usize,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'_, PyAny>> {
        let resumed = work::work(py, threads, progress, move |settings, observer| {
            qhh::resume(&folder, settings, None, observer)
        })?;
        match resumed {
            qhh::Resumed::Run { result, .. } => {
                Ok(crate::result::RunResult::new(*result).into_pyobject(py)?.into_any())
            }
            qhh::Resumed::Learning { result, .. } => {
                Ok(crate::learn::LearningResult::new(*result).into_pyobject(py)?.into_any())
            }
            qhh::Resumed::Fit { result, .. } => {
                Ok(crate::fit::FitResult::new(*result).into_pyobject(py)?.into_any())
            }
            qhh::Resumed::Sweep(result) => {
                Ok(crate::sweep::SweepResult::new(*result).into_pyobject(py)?.into_any())
            }
            // Learning and fits leave their task beside the network.
            qhh::Resumed::Whole { out } if !out.join("task.yaml").exists() => {
                crate::result::RunResult::open_any(py, &out)
            }
            _ => Ok(py.None().into_bound(py)),
        }
    }
}
