//! Features of inputs, for readouts that Python trains.

use numpy::PyArray2;
use numpy::PyReadonlyArray3;
use numpy::ndarray::Array2;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use qhh::qhh_lab::learn::dataset::Sequence;
use qhh::qhh_lab::learn::encode::InputRange;

use crate::errors::raised;
use crate::network::Network;
use crate::work;

/// Names of the features and their values.
type Features<'py> = (Vec<String>, Bound<'py, PyArray2<f64>>);

/// Features of every symbol of `sequences`, an array [sequence, symbol, input]: their names, and an array
/// [sequence x symbol, feature]. `settings` are the entries `encode`, `features`, `symbol` and `virtual_nodes` of a task
/// file, `low` and `high` what stands for the ends of an encoding's range.
#[pyfunction]
#[pyo3(signature = (network, settings, inputs, low, high, sequences, seed, *, threads=0, progress=None))]
#[expect(clippy::too_many_arguments, reason = "the class of Python that calls it has them as keywords")]
pub(crate) fn respond<'py>(
    py: Python<'py>,
    network: &Network,
    settings: &str,
    inputs: Vec<String>,
    low: Vec<f64>,
    high: Vec<f64>,
    sequences: PyReadonlyArray3<'py, f64>,
    seed: u64,
    threads: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Features<'py>> {
    let sequences = sequences.as_array();
    if [inputs.len(), low.len(), high.len()] != [sequences.shape()[2]; 3] {
        return Err(PyValueError::new_err("there must be a name and a range for each input"));
    }
    let matrix =
        |of: numpy::ndarray::ArrayView2<'_, f64>| Sequence::from_fn(of.nrows(), of.ncols(), |r, c| of[[r, c]]);
    let sequences: Vec<Sequence> = sequences.outer_iter().map(matrix).collect();
    let (range, inputs) = (InputRange { low, high }, inputs.iter().map(String::as_str).collect::<Vec<_>>());
    let reservoir = qhh::Reservoir::new(network.inner(), settings, &inputs).map_err(|error| raised(py, &error))?;
    let tables = work::work(py, threads, progress, |settings, observer| {
        reservoir.respond(&sequences, &range, seed, settings, observer)
    })?;
    let names = tables.first().map(|table| table.columns.iter().map(|column| column.name.clone()).collect());
    let names: Vec<String> = names.unwrap_or_default();
    let rows: usize = tables.iter().map(|table| table.values.nrows()).sum();
    let mut values = Vec::with_capacity(rows * names.len());
    for table in &tables {
        // nalgebra keeps columns together, NumPy rows.
        values.extend(table.values.transpose().iter());
    }
    let values = Array2::from_shape_vec((rows, names.len()), values);
    let values = values.map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok((names, PyArray2::from_owned_array(py, values)))
}
