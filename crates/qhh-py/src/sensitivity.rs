//! `qhh.Sensitivity`: what a number of a run depends on.

use pyo3::prelude::*;

use crate::values::to_python;

/// The derivatives of one number of a run by everything in its network, as `Network.sensitivity` finds them.
#[pyclass(frozen, module = "qhh")]
#[derive(Debug)]
pub(crate) struct Sensitivity(qhh::Sensitivity);

impl Sensitivity {
    pub(crate) fn new(found: qhh::Sensitivity) -> Self {
        Self(found)
    }
}

#[pymethods]
impl Sensitivity {
    /// The number, named as a measure is.
    #[getter]
    fn of(&self) -> &str {
        &self.0.tables().of
    }

    /// Its value in this run.
    #[getter]
    fn value(&self) -> f64 {
        self.0.value()
    }

    /// Its unit; empty without one.
    #[getter]
    fn unit(&self) -> &str {
        &self.0.tables().unit
    }

    /// The derivative by each number of the file, a dict each, those first whose change of one per cent does most: `entry`,
    /// `value`, `unit`, `slope` (in `self.unit` over `unit`), `of_one_percent`, `by_differences`.
    #[getter]
    fn entries<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.entries())
    }

    /// The derivative by each parameter of each neuron, in the units of the network: `neuron`, `population`, `index`,
    /// `parameter`, `value`, `slope`, `of_one_percent`.
    #[getter]
    fn neurons<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.neurons())
    }

    /// The derivative by each waveguide, in the units of the network: `waveguides`, `item`, `from`, `from_population`,
    /// `from_index`, `to`, `to_population`, `to_index`, `transmission`, `weight`, `gain`, `delay`.
    #[getter]
    fn waveguides<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.waveguides())
    }

    /// `entries` as a pandas DataFrame; with `table` "neurons" or "waveguides" those.
    #[pyo3(signature = (table="entries"))]
    fn to_pandas<'py>(&self, py: Python<'py>, table: &str) -> PyResult<Bound<'py, PyAny>> {
        let rows = match table {
            "neurons" => self.neurons(py)?,
            "waveguides" => self.waveguides(py)?,
            "entries" => self.entries(py)?,
            other => {
                let message = format!("there is no table {other:?}: entries, neurons or waveguides");
                return Err(pyo3::exceptions::PyValueError::new_err(message));
            }
        };
        py.import("qhh._frames")?.getattr("rows_to_pandas")?.call1((rows,))
    }

    /// The report: an HTML page, complete in itself.
    fn report(&self) -> String {
        self.0.report()
    }

    fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("qhh._values")?.getattr("framed")?.call1((self.0.report(),))
    }

    fn __repr__(&self) -> String {
        format!("<qhh.Sensitivity of {}: {} entries>", self.of(), self.0.entries().len())
    }
}
