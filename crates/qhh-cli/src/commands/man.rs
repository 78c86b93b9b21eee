//! `qhh man`: the manual pages of all commands.

use std::fs;

use clap::CommandFactory;
use qhh::Error;

use crate::args::{Cli, ManArgs};
use crate::failure::Failure;
use crate::output;

/// Writes a page for the program and one for each command, in place of those that are there.
pub(crate) fn man(args: &ManArgs) -> Result<(), Failure> {
    let write = || {
        fs::create_dir_all(&args.dir)?;
        clap_mangen::generate_to(Cli::command(), &args.dir)
    };
    write().map_err(|cause| Error::Usage {
        message: format!("cannot write manual pages into {}: {cause}", args.dir.display()),
        remedy: "give a folder in which you may write",
    })?;
    output::print(&format!("{}\n", args.dir.display())).map_err(Failure::Output)
}
