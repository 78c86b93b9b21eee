//! Arguments of `qhh fit`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::EXIT_CODES;
use super::task::{KeptRunningArgs, ReadingArgs, ResultsArgs};

const MANUAL: &str = "\
A fit file names a network, which of its values are trained, within which bounds, and what is minimised: the distance \
from a trace or from spike times, a number of spikes, a measure, the cross-entropy of classes. Slopes come from runs \
backwards, those of variances from differences.

Files written; a folder that exists is whole:
  fitted.yaml      the network with the best values, for `qhh run`
  history.csv      the objective and the values after each iteration
  fit_traces.csv   voltages of the first example before and after
  summary.json     what was fitted and what came of it
  report.html      a page to look at
  network.yaml     the network before, with every default spelled out
  input.yaml, task.yaml   the network file as you wrote it, the fit as it was typed

Examples, with the files of `networks/fit`:
  qhh fit recover.yaml
  qhh fit recover.yaml --set seed=2 --out again
  qhh fit --schema > fit.schema.json";

/// Arguments of `qhh fit`.
#[derive(Debug, Args)]
#[command(after_help = format!("{MANUAL}\n\n{EXIT_CODES}"))]
pub(crate) struct FitArgs {
    /// Fit file.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "schema")]
    pub(crate) file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    /// Print the JSON schema of the fit file, for editors.
    #[arg(long, conflicts_with_all = ["file", "set", "out", "force", "no_report", "open"])]
    pub(crate) schema: bool,

    #[command(flatten)]
    pub(crate) results: ResultsArgs,

    #[command(flatten)]
    pub(crate) running: KeptRunningArgs,
}
