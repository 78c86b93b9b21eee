//! What can go wrong: one enum, each with the place and the remedy where there are some.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use qhh_format::task::DataError;
use qhh_format::yaml::{LoadError, OverrideError, Problem};
use qhh_lab::learn::LearnError;
use qhh_net::RunError;
use qhh_net::engine::Divergence;
use qhh_results::ResultsError;
use qhh_results::learning::ModelError;
use serde::Serialize;

/// Why something could not be done.
///
/// `Display` says what is wrong, [`Error::remedy`] what to do about it, [`Error::mistakes`] where it stands in a file.
/// Remedies put options into backticks: `out`, `force`, `threads`, `resume`. `Debug` is what is wrong and the remedy, so that
/// a `main` that returns it prints both.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A network or task with mistakes; nothing was run.
    #[error(transparent)]
    Network(#[from] Box<LoadError>),
    /// It would not fit into the memory or onto the disk; nothing was run.
    #[error("{message}")]
    Resources {
        /// What it would take, and what is free.
        message: String,
        /// What takes less.
        remedy: &'static str,
    },
    /// Something that cannot be had; nothing was run.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Files or folders that cannot be read, or where results cannot go; nothing was run.
    #[error(transparent)]
    Folder(ResultsError),
    /// A table of data that cannot be used.
    #[error(transparent)]
    Data(DataError),
    /// A trained model that cannot be used.
    #[error(transparent)]
    Model(ModelError),
    /// Learning or predicting failed.
    #[error("{name}: {cause}")]
    Learn {
        /// Name of the task.
        name: String,
        /// Why.
        cause: LearnError,
    },
    /// A run failed.
    #[error("{name}: {cause}")]
    Run {
        /// Name of the network.
        name: String,
        /// Why; of a state that became infinite with what came before.
        cause: RunError,
    },
    /// A run failed; what came before is in a folder, marked incomplete.
    #[error("{name}: {cause}")]
    Broken {
        /// Name of the network.
        name: String,
        /// Why.
        cause: Box<RunError>,
        /// The folder.
        place: PathBuf,
    },
    /// Results of a run that went well could not be written.
    #[error("the run went well, but {0}")]
    Writing(ResultsError),
    /// The same; the last state of the run is kept, or without one what it takes to run it again.
    #[error("the run went well, but {cause}")]
    KeptWriting {
        /// Why.
        cause: ResultsError,
        /// Where the results were to go: give this to `resume`.
        out: PathBuf,
        /// Whether a state is kept.
        has_state: bool,
    },
    /// Some runs of a sweep have no measures; the table and the others are there.
    #[error("{message}")]
    Points {
        /// How many, and why the first.
        message: String,
    },
    /// The results are there and are not as good as required: a tolerance is not reached, a folder does not hold.
    #[error("{message}")]
    CheckFailed {
        /// What fails.
        message: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Cancelled; the work under way left nothing behind.
    #[error("cancelled: the run under way left nothing behind")]
    Cancelled,
    /// A run, or learning, was cancelled, and its state is kept, or without one what it takes to begin it anew.
    #[error("cancelled: `resume` goes on with {}", out.display())]
    RunCancelled {
        /// Where the results were to go: give this to `resume`.
        out: PathBuf,
        /// Whether a state is kept.
        has_state: bool,
    },
    /// A sweep was cancelled, and what is finished is kept.
    #[error("cancelled: {done} of {runs} runs are kept in {}", out.display())]
    SweepCancelled {
        /// Runs that are finished.
        done: usize,
        /// Runs in all.
        runs: usize,
        /// The folder of the sweep.
        out: PathBuf,
    },
}

/// What an error comes to, for whoever has to answer with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Bad input, or something that cannot be had; nothing was run.
    Input,
    /// A run failed, or its results could not be written.
    Run,
    /// Results are there and not as good as required.
    Check,
    /// Cancelled.
    Cancelled,
}

/// One thing wrong with a network or task, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// The file as it was named; `network` of one that was built or read from a text.
    pub file: PathBuf,
    /// Line, from 1; none where no line is to blame, as for a missing entry or a value set from outside.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// Path of the entry, `neurons.relay.output`; empty for the file as a whole.
    pub path: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        match (self, self.remedy()) {
            // Every mistake has its own beside it.
            (Self::Network(_), _) | (_, None) => Ok(()),
            (_, Some(remedy)) => write!(f, "\n  help: {remedy}"),
        }
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        Self::Network(Box::new(error))
    }
}

impl From<OverrideError> for Error {
    fn from(error: OverrideError) -> Self {
        Self::Usage {
            message: error.to_string(),
            remedy: "write PATH=VALUE, with the keys of a network file in the path",
        }
    }
}

impl Error {
    /// What it comes to.
    pub fn kind(&self) -> ErrorKind {
        match self {
            // A run that fails is none of the input's fault; everything else that ends learning is.
            Self::Learn { cause: LearnError::Run(cause), .. } if !matches!(cause, RunError::Invalid(_)) => {
                ErrorKind::Run
            }
            Self::Network(_)
            | Self::Resources { .. }
            | Self::Usage { .. }
            | Self::Folder(_)
            | Self::Data(_)
            | Self::Model(_)
            | Self::Learn { .. }
            | Self::Run { cause: RunError::Invalid(_), .. } => ErrorKind::Input,
            Self::Run { .. }
            | Self::Points { .. }
            | Self::Writing(_)
            | Self::Broken { .. }
            | Self::KeptWriting { .. } => ErrorKind::Run,
            Self::CheckFailed { .. } => ErrorKind::Check,
            Self::Cancelled | Self::RunCancelled { .. } | Self::SweepCancelled { .. } => ErrorKind::Cancelled,
        }
    }

    /// What is wrong with a network or task, in the order of its file; empty for every other error.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let Self::Network(error) = self else { return Vec::new() };
        let mistake = |problem: &Problem| Mistake {
            file: error.file.clone(),
            line: problem.place.as_ref().map(|place| place.line),
            column: problem.place.as_ref().map(|place| place.column),
            path: problem.path.clone(),
            message: problem.message.clone(),
            remedy: problem.help.clone(),
        };
        error.problems.iter().map(mistake).collect()
    }

    /// What to do about it; of a network with mistakes the remedy of the first.
    pub fn remedy(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Network(error) => error.problems.first()?.help.as_deref().map(Cow::Borrowed),
            Self::Resources { remedy, .. } | Self::Usage { remedy, .. } | Self::CheckFailed { remedy, .. } => {
                Some(Cow::Borrowed(remedy))
            }
            Self::Folder(cause) | Self::Writing(cause) => of_folder(cause).map(Cow::Borrowed),
            Self::Data(error) => Some(error.remedy().into()),
            Self::Learn { cause, .. } => cause.remedy().map(Cow::Borrowed),
            Self::Model(cause) => of_model(cause).map(Cow::Borrowed),
            Self::Run { cause, .. } => of_run(cause).map(Cow::Borrowed),
            Self::Broken { cause, .. } => of_run(cause).map(Cow::Borrowed),
            Self::KeptWriting { out, has_state, .. } => {
                let how = if *has_state { "writes them" } else { "runs it again and writes them" };
                Some(format!("once that is mended, `resume {}` {how}", out.display()).into())
            }
            _ => None,
        }
    }
}

fn of_folder(error: &ResultsError) -> Option<&'static str> {
    match error {
        ResultsError::Exists { .. } => Some("choose another place with `out`, or replace it with `force`"),
        ResultsError::NotReplaceable { .. } => {
            Some("choose another place with `out`; `force` replaces results of an earlier run only")
        }
        ResultsError::OtherExperiment { .. } => {
            Some("choose another place with `out`, or begin anew with `force`, which drops what is there")
        }
        ResultsError::Unfinished { .. } => {
            Some("go on with it with `resume`, drop it with `force`, or choose another place with `out`")
        }
        ResultsError::NothingUnfinished { .. } => {
            Some("give the folder NAME or NAME.unfinished of a run that was stopped, or the folder of a sweep")
        }
        ResultsError::OtherVersion { .. } => {
            Some("go on with the version that began it, or run it anew with `force`")
        }
        ResultsError::OtherNetwork { .. } => Some("put its network back as it was, or run it anew with `force`"),
        ResultsError::BrokenDown { .. } => Some("mend the network, and run it anew with `force`"),
        ResultsError::Busy { .. } => Some("wait for it to end, or choose another place with `out`"),
        ResultsError::NoName { .. } | ResultsError::NotAFolder { .. } | ResultsError::CannotWrite { .. } => {
            Some("choose another place with `out`")
        }
        ResultsError::IsFile { .. } => {
            Some("give the folder that `qhh run` has written; `qhh check` looks at a network file")
        }
        ResultsError::Missing { .. } | ResultsError::Foreign { .. } => {
            Some("a folder that `qhh run` has written holds summary.json, network.yaml and its tables")
        }
        _ => None,
    }
}

fn of_model(error: &ModelError) -> Option<&'static str> {
    match error {
        ModelError::Unreadable { .. } => {
            Some("give a folder that `qhh learn` has written, or the model.json in it")
        }
        ModelError::OtherNetwork { .. } => Some("give the network that it was trained with, or train it anew"),
        ModelError::Damaged { .. } => Some("copy it again from where it was written, or train it anew"),
        _ => None,
    }
}

fn of_run(error: &RunError) -> Option<&'static str> {
    match error {
        RunError::NotFinite { likely: Divergence::Gain { .. }, .. } => {
            Some("lower `gain`, or `transmission`, or open the loop")
        }
        RunError::NotFinite { likely: Divergence::Drive { .. }, .. } => {
            Some("lower the source's `amplitude`; was its unit meant?")
        }
        RunError::NotFinite { .. } => {
            Some("try a smaller `simulation.step`, and look at capacitances and conductances")
        }
        RunError::Threads { .. } => Some("ask for fewer `threads`"),
        _ => None,
    }
}
