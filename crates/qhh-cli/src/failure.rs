//! What can end a command; what is printed of it is [`crate::diagnostics`]'s business, its code [`crate::exit`]'s.

use std::io;
use std::path::PathBuf;

use qhh_format::task::DataError;
use qhh_format::yaml::LoadError;
use qhh_lab::learn::LearnError;
use qhh_net::RunError;
use qhh_results::ResultsError;
use qhh_results::learning::ModelError;

/// What ended a command.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A network file with problems.
    Load(Box<LoadError>),
    /// Files or folders that were asked for and cannot be had.
    Request(ResultsError),
    /// Anything else that was asked for and cannot be had.
    Usage { message: String, help: &'static str },
    /// Data that cannot be used.
    Data(DataError),
    /// A model that cannot be used.
    Model(ModelError),
    /// Learning or predicting itself.
    Learn { name: String, cause: LearnError },
    /// The run itself.
    Run { name: String, cause: RunError },
    /// A run that broke down; what it had come to is kept.
    Broken { name: String, cause: Box<RunError>, place: PathBuf },
    /// The results of a run that went well could not be written.
    Writing(ResultsError),
    /// Standard output cannot be written.
    Output(io::Error),
    /// Some runs of a sweep have no measures; the others are there.
    Points { message: String },
    /// What came out is there, and is not what was asked for.
    NotAsAsked { message: String, help: &'static str },
    /// The results of a run that went well could not be written, but its last state is kept, or without one what it
    /// takes to run it again.
    KeptWriting { cause: ResultsError, out: PathBuf, has_state: bool },
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-C in a run whose state is kept, or without one what it takes to run it again.
    RunInterrupted { out: PathBuf, has_state: bool },
    /// Ctrl-C in a sweep, which keeps what is finished.
    SweepInterrupted { done: usize, runs: usize, out: PathBuf },
}
