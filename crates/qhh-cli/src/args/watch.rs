//! What may be typed behind `qhh watch`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::NetworkArgs;

const MANUAL: &str = "\
The page is served on this machine alone, at an address that is new each time. Save the file, or a data \
file that it names, and the network runs again; what was under way is dropped. Mistakes stand on the page \
with their lines. Nothing is written: `qhh run` leaves a folder of results. Ctrl-C ends.

Example, with the file that `qhh new chain` writes:
  qhh watch chain.yaml --open";

/// Arguments of `qhh watch`.
#[derive(Debug, Args)]
#[command(after_help = MANUAL)]
pub(crate) struct WatchArgs {
    /// Network file.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    /// Open the page in a browser.
    #[arg(long, help_heading = "Running")]
    pub(crate) open: bool,

    /// Worker threads, 0 for one a core; the results are the same for any number.
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0, help_heading = "Running")]
    pub(crate) threads: usize,
}
