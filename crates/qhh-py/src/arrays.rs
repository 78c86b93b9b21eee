//! NumPy arrays, copied or as views of memory that a Python object owns.

use numpy::ndarray::ArrayView1;
use numpy::{Element, PyArray1, PyArray2};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};
use qhh::qhh_results::tables::{Columns, Values};

/// A read-only view of numbers that `owner` owns.
pub(crate) fn view<'py, T: Element>(owner: Bound<'py, PyAny>, values: &[T]) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the array keeps `owner`, a frozen object, alive, and the numbers of a result are in vectors that it never
    // lets go of and that nothing changes.
    #[expect(unsafe_code, reason = "the library has no safe way to share memory")]
    let array = unsafe { PyArray1::borrow_from_array(&ArrayView1::from(values), owner) };
    array.call_method("setflags", (), Some(&[("write", false)].into_py_dict(array.py())?))?;
    Ok(array.into_any())
}

/// `[row][column]` of equally long rows.
pub(crate) fn matrix<'py>(
    py: Python<'py>,
    rows: &[&[f64]],
    columns: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let numbers: Vec<f64> = rows.concat();
    let array = numpy::ndarray::Array2::from_shape_vec((rows.len(), columns), numbers);
    let array = array.map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
    Ok(PyArray2::from_owned_array(py, array))
}

/// A table by its name as a dict from columns to arrays, or lists of texts.
pub(crate) fn table<'py>(
    py: Python<'py>,
    tables: &[(String, Columns)],
    name: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let Some((_, columns)) = tables.iter().find(|(of, _)| of == name) else {
        let names: Vec<&str> = tables.iter().map(|(name, _)| name.as_str()).collect();
        return Err(PyKeyError::new_err(format!("{name}: there are {}", names.join(", "))));
    };
    let found = PyDict::new(py);
    for of in &columns.0 {
        found.set_item(&of.name, column(py, &of.values)?)?;
    }
    Ok(found)
}

/// The cells of a column: an array, or a list of texts.
fn column<'py>(py: Python<'py>, values: &Values) -> PyResult<Bound<'py, PyAny>> {
    Ok(match values {
        Values::Text(cells) => cells.clone().into_pyobject(py)?.into_any(),
        Values::Number(cells) => PyArray1::from_slice(py, cells).into_any(),
        Values::Single(cells) => PyArray1::from_slice(py, cells).into_any(),
        Values::Count(cells) => PyArray1::from_slice(py, cells).into_any(),
        Values::Optional(cells) => {
            PyArray1::from_iter(py, cells.iter().map(|cell| cell.unwrap_or(f64::NAN))).into_any()
        }
    })
}
