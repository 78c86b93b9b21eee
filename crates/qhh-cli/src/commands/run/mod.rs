//! `qhh run`: network files, each into a folder of results.

mod announce;
mod asked;
mod headline;
mod sparkline;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use qhh::{Error, Network, Purpose, RunSettings};
use qhh_core::stop;

use super::load;
use crate::args::RunArgs;
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::interrupt;
use crate::output;
use crate::progress::Console;
pub(super) use announce::{announce, page};

/// Runs every file; one that fails does not stop the others.
pub(crate) fn run(args: &RunArgs) -> Exit {
    interrupt::listen();
    let mut runs = Runs { args, taken: HashSet::new(), printed: false };
    exit::worst(args.files.iter().map(|file| runs.run(file)))
}

/// Moves results that an earlier run left at its default place aside, so that the same file may be run again.
fn keep_earlier(out: &Path) -> Result<(), Failure> {
    if let Some(kept) = qhh_results::keep_aside(out).map_err(Error::Folder)? {
        output::note(&format!("note: the results of the earlier run are now in {}", kept.display()));
    }
    Ok(())
}

struct Runs<'a> {
    args: &'a RunArgs,
    /// Folders of the runs so far: not even `--force` puts two of one call into one folder.
    taken: HashSet<PathBuf>,
    printed: bool,
}

impl Runs<'_> {
    fn run(&mut self, file: &Path) -> Result<(), Failure> {
        let args = self.args;
        args.tables.format.require().map_err(Error::Folder)?;
        if stop::is_requested() {
            return Err(Error::Cancelled.into());
        }
        let network = load(file, &args.network.options(Purpose::Run))?;
        let out = self.target(&network)?;
        if args.out.is_none() && !args.force {
            keep_earlier(&out)?;
        }
        let settings = RunSettings {
            estimate_error: args.estimate_error,
            tolerance: args.tolerance,
            ..args.running.settings()
        };
        let folder = args.tables.folder(args.force, &args.every);
        let printed = std::mem::replace(&mut self.printed, true);
        let quiet = args.running.quiet;
        let result = network.run_into(&out, &settings, &folder, &mut Console::new(quiet))?;
        announce(&result, &out, (quiet, args.tables.report.open), printed)
    }

    /// Where the results go.
    fn target(&mut self, network: &Network) -> Result<PathBuf, Failure> {
        let out = match &self.args.out {
            Some(out) if self.args.files.len() == 1 => out.clone(),
            Some(parent) => parent.join(network.folder_name()),
            None => PathBuf::from(network.folder_name()),
        };
        if self.taken.insert(out.clone()) {
            return Ok(out);
        }
        let message = format!("{} holds the results of a network of the same name already", out.display());
        Err(Error::Usage { message, remedy: "give each network its own `name`" }.into())
    }
}
