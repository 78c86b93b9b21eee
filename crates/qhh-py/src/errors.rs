//! Errors as Python's exceptions, whose classes are in `qhh._errors`.

use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;
use qhh::{Error, ErrorKind};

use crate::values::to_python;

/// The exception of an error: `LoadError` with the list of mistakes, or `InputError`, `RunError`, `CheckError`.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).unwrap_or_else(|of_import| of_import)
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let classes = py.import("qhh._errors")?;
    let mistakes = error.mistakes();
    if !mistakes.is_empty() {
        let instance = classes.getattr("load_error")?.call1((to_python(py, &mistakes)?,))?;
        return Ok(PyErr::from_value(instance));
    }
    let class = match error.kind() {
        ErrorKind::Input => "InputError",
        ErrorKind::Run => "RunError",
        ErrorKind::Check => "CheckError",
        ErrorKind::Cancelled => return Ok(PyKeyboardInterrupt::new_err(error.to_string())),
    };
    let instance = classes.getattr(class)?.call1((error.to_string(), error.remedy()))?;
    Ok(PyErr::from_value(instance))
}

/// A thread of the program that panicked.
pub(crate) fn panicked() -> PyErr {
    PyRuntimeError::new_err(
        "qhh panicked: this is a mistake of the program, please report it with the network file",
    )
}
