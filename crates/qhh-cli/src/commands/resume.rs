//! `qhh resume`: continue what was stopped.

use std::path::Path;
use std::time::Instant;

use qhh::{Error, Resumed};
use qhh_core::stop;

use super::run::announce;
use super::{fit, learn, sweep};
use crate::args::ResumeArgs;
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::progress::Console;
use crate::{interrupt, output};

/// Resumes every folder; one that fails does not stop the others.
pub(crate) fn resume(args: &ResumeArgs) -> Exit {
    interrupt::listen();
    let mut printed = false;
    exit::worst(args.folders.iter().map(|folder| {
        let ended = one(args, folder, printed);
        printed = true;
        ended
    }))
}

fn one(args: &ResumeArgs, folder: &Path, printed: bool) -> Result<(), Failure> {
    if stop::is_requested() {
        return Err(Error::Cancelled.into());
    }
    let (quiet, begun) = (args.running.quiet, Instant::now());
    let settings = args.running.settings();
    match qhh::resume(folder, &settings, args.every.as_ref(), &mut Console::new(quiet))? {
        Resumed::Run { out, result } => announce(&result, &out, (quiet, args.open), printed),
        Resumed::Whole { out } => {
            if !quiet {
                output::note(&format!("{} is whole: nothing is left to do", out.display()));
            }
            Ok(())
        }
        Resumed::Sweep(result) => sweep::announce(&result, (quiet, args.open), begun),
        Resumed::Fit { out, result } => fit::announce(&result, &out, (quiet, args.open), begun),
        Resumed::Learning { out, result } => learn::announce(&result, &out, (quiet, args.open), begun),
        _ => Ok(()),
    }
}
