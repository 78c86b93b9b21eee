//! The command lines of `qhh learn` and `qhh predict`, and their manuals.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::EXIT_CODES;
use super::task::{KeptRunningArgs, ReadingArgs, ResultsArgs};

const LEARN_MANUAL: &str = "\
Files written; a folder that exists is whole:
  summary.json     scores of the network and its baselines, and what its features are good for
  scores.csv       the scores as a table
  predictions.csv  truth and prediction of the first seed
  model.json       the trained model of the first seed, for `qhh predict`
  network.yaml     the network with every default spelled out
  input.yaml       the network file as you wrote it
  task.yaml        the task as it was typed
  report.html      a page to look at, complete in itself
  features_seed1.csv, targets_seed1.csv   what was learned from, for every seed, with --export
  SHA256SUMS       checksums of all these, for `qhh verify`

Examples, with the files that `qhh new learning` writes:
  qhh learn learning.yaml
  qhh learn learning.yaml --set task.narma.steps=300 --set seeds=3 --out short
  qhh learn --schema > task.schema.json";

const PREDICT_MANUAL: &str = "\
The table has a row for each prediction: the number of the data's row (or sequence) that is predicted, from 0, and \
the prediction. A series predicted some rows ahead (`horizon`) has its last predictions beyond the data. Nothing is \
predicted from the first rows of a series, which the task left out (`washout`).

Examples:
  qhh learn sunspots.yaml
  qhh predict sunspots new_sunspots.csv
  qhh predict digits/model.json scans.csv --out -";

/// Arguments of `qhh learn`.
#[derive(Debug, Args)]
#[command(after_help = format!("{LEARN_MANUAL}\n\n{EXIT_CODES}"))]
pub(crate) struct LearnArgs {
    /// Task file.
    #[arg(value_name = "TASK", value_hint = ValueHint::FilePath, required_unless_present = "schema")]
    pub(crate) task: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    /// Print the JSON schema of the task file, for editors.
    #[arg(long, conflicts_with_all = ["task", "set", "out", "force", "export", "no_report", "open"])]
    pub(crate) schema: bool,

    #[command(flatten)]
    pub(crate) results: ResultsArgs,

    /// Also write the network's features, the inputs, targets, parts and folds of every seed as tables.
    #[arg(long, help_heading = "Results")]
    pub(crate) export: bool,

    #[command(flatten)]
    pub(crate) running: KeptRunningArgs,
}

/// Arguments of `qhh predict`.
#[derive(Debug, Args)]
#[command(after_help = format!("{PREDICT_MANUAL}\n\n{EXIT_CODES}"))]
pub(crate) struct PredictArgs {
    /// Folder that `qhh learn` has written, or the model.json in it.
    #[arg(value_name = "MODEL", value_hint = ValueHint::AnyPath)]
    pub(crate) model: PathBuf,

    /// CSV file with the model's inputs as columns.
    #[arg(value_name = "DATA", value_hint = ValueHint::FilePath)]
    pub(crate) data: PathBuf,

    /// Network file [default: network.yaml beside the model].
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) network: Option<PathBuf>,

    /// Table to write, - for standard output.
    #[arg(short, long, value_name = "FILE", default_value = "predictions.csv", value_hint = ValueHint::FilePath)]
    pub(crate) out: PathBuf,

    /// Replace a file of that name.
    #[arg(long)]
    pub(crate) force: bool,

    /// Worker threads, 0 for one a core; the predictions are the same for any number.
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,

    /// No progress.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}
