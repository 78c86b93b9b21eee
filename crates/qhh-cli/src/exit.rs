//! Exit codes, and the failures they stand for: the one place that turns the one into the other.

use qhh::ErrorKind;

use crate::diagnostics;
use crate::failure::Failure;

/// How the program ends; of several files the worst counts, which is the largest code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All went well.
    Done = 0,
    /// A run failed.
    Failed = 1,
    /// Bad input or usage: nothing was run.
    BadInput = 2,
    /// The results are there and are not as required: a tolerance is not reached, a folder does not pass `qhh verify`.
    CheckFailed = 3,
    /// Stopped by Ctrl-C, as shells have it: 128 and the number of the signal.
    Interrupted = 130,
}

/// The exit code a failure stands for.
fn code(failure: &Failure) -> Exit {
    match failure {
        Failure::Output(_) => Exit::Failed,
        Failure::Error(error) => match error.kind() {
            ErrorKind::Input => Exit::BadInput,
            ErrorKind::Run => Exit::Failed,
            ErrorKind::Check => Exit::CheckFailed,
            ErrorKind::Cancelled => Exit::Interrupted,
        },
    }
}

/// The exit code of a command's result; a failure is printed.
pub(crate) fn of(result: Result<(), Failure>) -> Exit {
    match result {
        Ok(()) => Exit::Done,
        Err(failure) => {
            diagnostics::print(&failure);
            code(&failure)
        }
    }
}

/// The worst of several results, printing each failure; an interruption ends the series.
pub(crate) fn worst(results: impl Iterator<Item = Result<(), Failure>>) -> Exit {
    let mut worst = Exit::Done;
    for result in results {
        worst = worst.max(of(result));
        if worst == Exit::Interrupted {
            break;
        }
    }
    worst
}
