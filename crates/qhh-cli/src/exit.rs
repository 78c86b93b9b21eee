//! Exit codes, and the failures they stand for: the one place that turns the one into the other.

use std::io;
use std::process::ExitCode;

use qhh_io::results::ResultsError;
use qhh_io::yaml::LoadError;
use qhh_net::RunError;
use qhh_net::check::Mistake;

use crate::diagnostics;

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
    /// Stopped by Ctrl-C, as shells have it: 128 and the number of the signal.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What ended a command.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A network file with problems.
    Load(Box<LoadError>),
    /// A network that reads well and cannot run.
    Mistakes { file: String, mistakes: Vec<Mistake> },
    /// Files or folders that were asked for and cannot be had.
    Request(ResultsError),
    /// Anything else that was asked for and cannot be had.
    Usage { message: String, help: &'static str },
    /// The run itself.
    Run { name: String, cause: RunError },
    /// The results of a run that went well could not be written.
    Writing(ResultsError),
    /// Standard output cannot be written.
    Output(io::Error),
    /// Ctrl-C.
    Interrupted,
}

impl Failure {
    fn exit(&self) -> Exit {
        match self {
            Self::Load(_)
            | Self::Mistakes { .. }
            | Self::Request(_)
            | Self::Usage { .. }
            | Self::Run { cause: RunError::Invalid(_), .. } => Exit::BadInput,
            Self::Run { .. } | Self::Writing(_) | Self::Output(_) => Exit::Failed,
            Self::Interrupted => Exit::Interrupted,
        }
    }
}

/// The exit code of a command's result; a failure is printed.
pub(crate) fn of(result: Result<(), Failure>) -> Exit {
    match result {
        Ok(()) => Exit::Done,
        Err(failure) => {
            diagnostics::print(&failure);
            failure.exit()
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
