//! `qhh.Recording`: a run of the mean field on tape.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use numpy::{PyArray1, PyArray2, PyArray3, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::arrays::matrix;
use crate::work;

/// A run of the mean field that can be gone through backwards, as `Network.record` gives it: `voltages`, and from the slopes
/// of any number by them its derivatives by entries of the file.
#[pyclass(frozen, module = "qhh")]
pub(crate) struct Recording {
    /// Going backwards needs it alone.
    inner: Mutex<qhh::Recording>,
    neurons: Vec<usize>,
}

impl Recording {
    pub(crate) fn new(recording: qhh::Recording) -> Self {
        Self { neurons: recording.neurons().to_vec(), inner: Mutex::new(recording) }
    }

    fn inner(&self) -> MutexGuard<'_, qhh::Recording> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("neurons", &self.neurons).finish_non_exhaustive()
    }
}

#[pymethods]
impl Recording {
    /// Names of the neurons whose voltages are kept, in the order of `voltages`.
    #[getter]
    fn neurons(&self) -> Vec<String> {
        let inner = self.inner();
        self.neurons.iter().map(|neuron| inner.network().net().neuron_name(*neuron)).collect()
    }

    /// Voltages, shape [neuron, 1 + steps], in the network's unit: at the start and after each step.
    #[getter]
    fn voltages<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let inner = self.inner();
        let rows: Vec<&[f64]> = self.neurons.iter().map(|neuron| inner.voltages(*neuron)).collect();
        let columns = rows.first().map_or(0, |row| row.len());
        matrix(py, &rows, columns)
    }

    /// Times of the voltages, shape [1 + steps], in the network's unit.
    #[getter]
    fn times<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let inner = self.inner();
        let step = inner.network().net().simulation.step;
        let n = self.neurons.first().map_or(0, |neuron| inner.voltages(*neuron).len());
        PyArray1::from_iter(py, (0..n).map(|k| k as f64 * step))
    }

    /// The derivatives of a number by the entries of the file at `paths`, each in the unit it has there, shape [path].
    /// `slopes` are those of the number by `voltages`, of the same shape.
    #[pyo3(signature = (slopes, paths, *, progress=None))]
    fn gradient<'py>(
        &self,
        py: Python<'py>,
        slopes: PyReadonlyArray2<'py, f64>,
        paths: Vec<String>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let slopes: Vec<Vec<f64>> = slopes.as_array().rows().into_iter().map(|row| row.to_vec()).collect();
        let gradient = work::work(py, 0, progress, |settings, observer| {
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            self.inner().gradient(&slopes, &paths, settings, observer)
        })?;
        Ok(PyArray1::from_vec(py, gradient))
    }

    /// The derivatives of all voltages by the entries of the file at `paths`, each in the unit it has there, shape
    /// [path, neuron, 1 + steps]. One run forwards and its derivative for each path: `gradient` suits many paths.
    #[pyo3(signature = (paths, *, progress=None))]
    fn tangents<'py>(
        &self,
        py: Python<'py>,
        paths: Vec<String>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyArray3<f64>>> {
        let tangents = work::work(py, 0, progress, |settings, observer| {
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            self.inner().tangents(&paths, settings, observer)
        })?;
        Ok(PyArray3::from_vec3(py, &tangents)?)
    }

    fn __repr__(&self) -> String {
        format!("<qhh.Recording of {} neurons>", self.neurons.len())
    }
}
