//! Values from Python to network files, and JSON to Python.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};
use qhh::{LoadOptions, Override, Value};

/// A value of a network file: a text is YAML; everything else is written as JSON, which is YAML too.
pub(crate) fn value(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    if object.is_none() {
        return Ok(Value::from("null"));
    }
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Value::from(text.to_cow()?.as_ref()));
    }
    if let Ok(truth) = object.cast::<PyBool>() {
        return Ok(Value::from(truth.is_true()));
    }
    Ok(Value::from(json_dumps(object)?))
}

/// How a file is read: with values by path from a dict, within its folder or beyond.
pub(crate) fn options(set: Option<&Bound<'_, PyDict>>, allow_outside: bool) -> PyResult<LoadOptions> {
    Ok(LoadOptions { set: overrides(set)?, allow_outside, ..LoadOptions::default() })
}

/// Paths and values from a dict.
pub(crate) fn overrides(values: Option<&Bound<'_, PyDict>>) -> PyResult<Vec<Override>> {
    let one = |(path, object): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        Ok(Override { path: path.extract()?, value: value(&object)?.to_string() })
    };
    values.map_or_else(|| Ok(Vec::new()), |values| values.iter().map(one).collect())
}

/// JSON of a Python object; NumPy's numbers and arrays count as lists and numbers.
pub(crate) fn json_dumps(object: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = object.py();
    py.import("qhh._values")?.getattr("dumps")?.call1((object,))?.extract()
}

/// The Python object of a JSON text.
pub(crate) fn json_loads<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.getattr("loads")?.call1((text,))
}

/// The Python object of something serializable.
pub(crate) fn to_python<'py>(py: Python<'py>, of: &impl serde::Serialize) -> PyResult<Bound<'py, PyAny>> {
    let text =
        serde_json::to_string(of).map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
    json_loads(py, &text)
}
