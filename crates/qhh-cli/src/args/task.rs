//! Options that learning tasks and fits share.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use qhh::{CheckpointInterval, LoadOptions};
use qhh_format::yaml::Override;

use super::{RunningArgs, TablesArgs};

/// How a task file is read.
#[derive(Debug, Args)]
pub(crate) struct ReadingArgs {
    /// Set any value of the file by its path, such as name=second; may be repeated.
    #[arg(short, long = "set", value_name = "PATH=VALUE", value_parser = Override::parse)]
    set: Vec<Override>,

    /// Let the file and its network read files outside their folder: absolute paths, `..` and links that lead out.
    #[arg(long)]
    allow_outside: bool,
}

impl ReadingArgs {
    pub(crate) fn options(&self) -> LoadOptions {
        LoadOptions { set: self.set.clone(), allow_outside: self.allow_outside, ..LoadOptions::default() }
    }
}

/// Where what comes out of it goes.
#[derive(Debug, Args)]
pub(crate) struct ResultsArgs {
    /// Folder of the results [default: the name in the file].
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Results")]
    pub(crate) out: Option<PathBuf>,

    /// Replace earlier results.
    #[arg(long, help_heading = "Results")]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) tables: TablesArgs,
}

/// How it is worked on.
#[derive(Debug, Args)]
pub(crate) struct KeptRunningArgs {
    #[command(flatten)]
    pub(crate) running: RunningArgs,

    /// How often to keep what runs gave, for `qhh resume`: 30s, 5min, 2h on the clock, or never.
    #[arg(long = "checkpoint-every", value_name = "TIME", default_value = CheckpointInterval::DEFAULT, help_heading = "Running")]
    pub(crate) every: CheckpointInterval,
}
