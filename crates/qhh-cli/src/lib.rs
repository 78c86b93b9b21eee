//! The `qhh` program: flags, progress and exit codes around the libraries. It knows no equation.
//!
//! A library so that the Python package can bring the program along.
//!
//! # Examples
//! ```sh
//! qhh new chain
//! qhh run chain.yaml
//! ```
#![doc = ""]
#![doc = include_str!("../../qhh/doc/flow.svg")]

mod args;
mod commands;
mod diagnostics;
mod exit;
mod failure;
mod interrupt;
mod open;
mod output;
mod progress;
pub mod several;
mod usage;

use std::ffi::OsString;

use qhh::Error;
use qhh_core::stop::Stopped;

use args::Command;
use exit::Exit;
use failure::Failure;

/// Does what a command line says, the program's name first, and returns its exit code. Mistakes of usage, `--help` and
/// `--version` end the process.
pub fn main(args: impl IntoIterator<Item = OsString>) -> u8 {
    let command = usage::parse(args);
    let exit = interrupt::token().run(|| run(&command));
    // Where nothing of the work can be kept: it was read, checked, or only just begun.
    exit.unwrap_or_else(|Stopped| exit::of(Err(Failure::Error(Error::Cancelled)))) as u8
}

fn run(command: &Command) -> Exit {
    match command {
        Command::Run(args) => commands::run::run(args),
        Command::Resume(args) => commands::resume::resume(args),
        Command::Sweep(args) => exit::of(commands::sweep::sweep(args)),
        Command::Watch(args) => commands::watch::watch(args),
        Command::Check(args) => commands::check::check(args),
        Command::DryRun(args) => exit::of(commands::dry_run::dry_run(args)),
        Command::Fit(args) => exit::of(commands::fit::fit(args)),
        Command::Sensitivity(args) => exit::of(commands::sensitivity::sensitivity(args)),
        Command::Export(args) => exit::of(commands::export::export(args)),
        Command::Graph(args) => exit::of(commands::graph::graph(args)),
        Command::New(args) => exit::of(commands::new::new(args)),
        Command::Verify(args) => commands::verify::verify(args),
        Command::Compare(args) => exit::of(commands::compare::compare(args)),
        Command::Learn(args) => exit::of(commands::learn::learn(args)),
        Command::Predict(args) => exit::of(commands::predict::predict(args)),
        Command::Channels(args) => exit::of(commands::channels::channels(args)),
        Command::Schema(args) => exit::of(commands::schema::schema(args)),
        Command::Man(args) => exit::of(commands::man::man(args)),
        Command::Completions(args) => exit::of(commands::completions::completions(args)),
    }
}
