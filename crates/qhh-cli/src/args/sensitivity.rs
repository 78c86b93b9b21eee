//! Arguments of `qhh sensitivity`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{EXIT_CODES, NetworkArgs, RunningArgs, TablesArgs};

const MANUAL: &str = "\
One run forwards and one backwards give the derivative of a number by every value of the network at once. Numbers \
that have one: first_spike, last_spike, interval, smooth_spikes; voltage with .max, .min, .mean, .last, .at(TIME) or \
.mean(FROM, TO).

Files written:
  sensitivity.csv  the derivative by each number of the file, ranked by what one per cent more of it adds
  neurons.csv      by each parameter of each neuron
  waveguides.csv   by each waveguide
  report.html      a page to look at

Examples, with the file that `qhh new chain` writes:
  qhh sensitivity chain.yaml --of \"relay[4].first_spike\"
  qhh sensitivity chain.yaml --of \"relay[2].voltage.at(12 ms)\" --differences";

/// Arguments of `qhh sensitivity`.
#[derive(Debug, Args)]
#[command(after_help = format!("{MANUAL}\n\n{EXIT_CODES}"))]
pub(crate) struct SensitivityArgs {
    /// Network file; - reads it from standard input.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,

    /// The number, named as a measure is, such as relay[4].first_spike.
    #[arg(long, value_name = "MEASURE")]
    pub(crate) of: String,

    /// Check each derivative by two runs with the value a little less and a little more.
    #[arg(long)]
    pub(crate) differences: bool,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    /// Folder of the results [default: the network's name, with -sensitivity].
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Results")]
    pub(crate) out: Option<PathBuf>,

    /// Replace the folder if it is there.
    #[arg(long, help_heading = "Results")]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) tables: TablesArgs,

    #[command(flatten)]
    pub(crate) running: RunningArgs,
}
