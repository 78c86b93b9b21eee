//! The commands of `qhh-mpi`: those whose work can be shared out among machines.

use std::ffi::OsString;

use clap::{Parser, Subcommand};
use qhh::Error;
use qhh_core::stop::Stopped;

use crate::args::{DryRunArgs, EXIT_CODES, ResumeArgs, RunArgs};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::{commands, interrupt, usage};

const MANUAL: &str = "\
Start it as your MPI starts programs; results are the same bytes as those of `qhh` for any number of ranks:
  mpirun -n 4 qhh-mpi run network.yaml --threads 8
  mpirun -n 4 qhh-mpi resume network
A rank of many is tried without mpirun:
  qhh-mpi dry-run network.yaml --ranks 1000";

/// Run one network on several machines, with MPI.
#[derive(Debug, Parser)]
#[command(name = "qhh-mpi", version, max_term_width = 100, after_help = format!("{MANUAL}\n\n{EXIT_CODES}"))]
struct Several {
    #[command(subcommand)]
    work: Work,
}

/// A command line that is understood.
#[derive(Debug)]
pub struct Command(Work);

/// What to do.
#[derive(Debug, Subcommand)]
enum Work {
    /// Run network files, each into a folder of results, as `qhh run` does.
    Run(RunArgs),
    /// Go on with runs that were stopped, on any number of ranks.
    Resume(ResumeArgs),
    /// Try one rank's part of a run here, without the others and without MPI, as `qhh dry-run` does.
    DryRun(DryRunArgs),
}

impl Command {
    /// Whether it takes one process, and no MPI.
    pub fn is_for_one(&self) -> bool {
        matches!(self.0, Work::DryRun(_))
    }
}

/// A command line that is not understood, or that asks for help or the version.
#[derive(Debug)]
pub struct Usage(clap::Error);

impl Usage {
    /// Prints what is wrong, or the help; returns the exit code.
    pub fn print(&self) -> u8 {
        // Whoever has closed the stream wants no more.
        let _ = self.0.print();
        u8::try_from(self.0.exit_code()).unwrap_or(Exit::BadInput as u8)
    }
}

/// Reads a command line, the program's name first.
///
/// # Errors
/// [`Usage`], also of `--help` and `--version`.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, Usage> {
    let args: Vec<OsString> = args.into_iter().collect();
    usage::parsed::<Several>(&args).map(|several| Command(several.work)).map_err(Usage)
}

/// Does what a command line says; the exit code.
pub fn run(command: &Command) -> u8 {
    let exit = interrupt::token().run(|| match &command.0 {
        Work::Run(args) => commands::run::run(args),
        Work::Resume(args) => commands::resume::resume(args),
        Work::DryRun(args) => exit::of(commands::dry_run::dry_run(args)),
    });
    exit.unwrap_or_else(|Stopped| exit::of(Err(Failure::Error(Error::Cancelled)))) as u8
}

/// Leaves Ctrl-C to the process that leads.
pub fn ignore_signals() {
    // Where it cannot be left, it ends this process, and so the job.
    let _ = ctrlc::set_handler(|| {});
}
