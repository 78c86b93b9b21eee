//! The command line of `qhh resume`, and its manual.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use qhh::CheckpointInterval;

use super::{EXIT_CODES, RunningArgs};

const RESUME_MANUAL: &str = "\
A run keeps its state in NAME.unfinished beside the place of its results, every ten minutes unless \
--checkpoint-every says otherwise, and a last time when it is stopped; `qhh learn` and `qhh fit` keep there what their runs \
gave. What comes out is the same to the bit, on any number of threads. Two states of a run are kept, so that a damaged one \
does no harm.

Examples:
  qhh run chain.yaml --checkpoint-every 5min
  qhh resume chain
  qhh resume results/* --threads 8";

/// Arguments of `qhh resume`.
#[derive(Debug, Args)]
#[command(after_help = format!("{RESUME_MANUAL}\n\n{EXIT_CODES}"))]
pub(crate) struct ResumeArgs {
    /// Folders: NAME or NAME.unfinished of a run, a learning task or a fit, or the folder of a sweep.
    #[arg(required = true, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub(crate) folders: Vec<PathBuf>,

    /// How often to keep the state from now on [default: as the run was started].
    #[arg(long = "checkpoint-every", value_name = "TIME", help_heading = "Running")]
    pub(crate) every: Option<CheckpointInterval>,

    /// Open report.html when the run is done.
    #[arg(long, help_heading = "Results")]
    pub(crate) open: bool,

    #[command(flatten)]
    pub(crate) running: RunningArgs,
}
