//! Arguments of `qhh dry-run`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use qhh::ranks::{Bandwidth, DryRunSettings};

use super::{EXIT_CODES, NetworkArgs, ReportArgs, RunningArgs};

const MANUAL: &str = "\
One rank's part of a run of `qhh-mpi` is built and stepped here, without MPI and without the other ranks. What these would \
send is made of its own waves, and counted; nothing is sent. So a network that no machine holds can be tried on one.

Examples, with the file that `qhh new chain` writes:
  qhh dry-run chain.yaml --ranks 1000 --set neurons.relay.count=1000000 --set record.of=\"relay[0]\"
  qhh dry-run chain.yaml --ranks 4 --rank 0 --steps 1000 --network 25Gbit --set neurons.relay.count=4000 --out rank-0.html";

/// Arguments of `qhh dry-run`.
#[derive(Debug, Args)]
#[command(after_help = format!("{MANUAL}\n\n{EXIT_CODES}"))]
pub(crate) struct DryRunArgs {
    /// Network file; - reads it from standard input.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,

    /// Processes that the network is divided among.
    #[arg(long, value_name = "N")]
    pub(crate) ranks: NonZeroUsize,

    /// Which of them is run, counted from 0 [default: one in the middle].
    #[arg(long, value_name = "K")]
    rank: Option<usize>,

    /// Ranks that share a machine and its memory: the rank is run N times side by side, and the slowest counts.
    #[arg(long, value_name = "N", default_value = "1")]
    per_machine: NonZeroUsize,

    /// Steps that it makes.
    #[arg(long, value_name = "N", default_value_t = 400)]
    steps: u64,

    /// Speed of the network between the machines, in bits a second.
    #[arg(long = "network", value_name = "SPEED", default_value = Bandwidth::DEFAULT)]
    bandwidth: Bandwidth,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    /// Page to write [default: the network's name, with -dry-run.html].
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Results")]
    pub(crate) out: Option<PathBuf>,

    /// File to write the numbers into as JSON.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Results")]
    pub(crate) json: Option<PathBuf>,

    /// Replace files of these names.
    #[arg(long, help_heading = "Results")]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) report: ReportArgs,

    #[command(flatten)]
    pub(crate) running: RunningArgs,
}

impl DryRunArgs {
    /// Which rank is run, and for how long.
    pub(crate) fn settings(&self) -> DryRunSettings {
        let &Self { ranks, rank, per_machine, steps, bandwidth, .. } = self;
        DryRunSettings { ranks, rank, per_machine, steps, bandwidth }
    }
}
