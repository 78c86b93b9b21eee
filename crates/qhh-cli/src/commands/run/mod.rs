//! `qhh run`: network files, each into a folder of results.

mod headline;
mod job;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use qhh_core::stop;
use qhh_results::Claim;
use qhh_results::unfinished::{RunIntent, Unfinished};

use super::{folder_name, load, threads};
use crate::args::RunArgs;
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::{interrupt, room};
pub(super) use job::{Job, Manner};

/// Runs every file; one that fails does not stop the others.
pub(crate) fn run(args: &RunArgs) -> Exit {
    interrupt::listen();
    let mut runs = Runs { args, taken: HashSet::new(), printed: false };
    exit::worst(args.files.iter().map(|file| runs.run(file)))
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
        args.format.require().map_err(Failure::Request)?;
        if stop::is_requested() {
            return Err(Failure::Interrupted);
        }
        let loaded = load(file, &args.network.reading(), room::memory)?;
        let out = self.target(&loaded.network.name)?;
        let _claim = Claim::new(&out, args.force).map_err(Failure::Request)?;
        Unfinished::none_at(&out, args.force).map_err(Failure::Request)?;
        let intent = RunIntent {
            format: args.format,
            report: args.report.is_wanted(),
            force: args.force,
            set: args.network.set(),
            verify: args.estimate_error,
            tolerance: args.tolerance,
            every: args.every.text().to_owned(),
        };
        let manner =
            Manner { threads: threads(args.running.threads), quiet: args.running.quiet, open: args.report.open };
        let job = Job { loaded, out: &out, intent, every: &args.every, manner, gone_on_from: None };
        let told = job.run(self.printed);
        self.printed = true;
        told
    }

    /// Where the results go.
    fn target(&mut self, name: &str) -> Result<PathBuf, Failure> {
        let out = match &self.args.out {
            Some(out) if self.args.files.len() == 1 => out.clone(),
            Some(parent) => parent.join(folder_name(name)),
            None => PathBuf::from(folder_name(name)),
        };
        if self.taken.insert(out.clone()) {
            return Ok(out);
        }
        let message = format!("{} holds the results of a network of the same name already", out.display());
        Err(Failure::Usage { message, help: "give each network a name of its own" })
    }
}
