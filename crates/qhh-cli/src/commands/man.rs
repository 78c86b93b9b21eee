//! `qhh man`: the manual pages of all commands.

use std::path::Path;
use std::{fs, io};

use clap::CommandFactory;
use clap::builder::Resettable;
use clap_mangen::Man;
use qhh::Error;

use crate::args::{Cli, ManArgs};
use crate::failure::Failure;
use crate::output;

/// How paragraphs below the options begin, and the section that manuals have them in.
const SECTIONS: [(&str, &str); 4] = [
    ("Files written", "FILES"),
    ("Exit codes", "EXIT STATUS"),
    ("Example", "EXAMPLES"),
    ("On several machines", "EXAMPLES"),
];
/// The section of other paragraphs.
const NOTES: &str = "NOTES";
/// The order of these sections.
const ORDER: [&str; 4] = ["FILES", "EXIT STATUS", NOTES, "EXAMPLES"];
/// What the writer of pages calls the section below the options.
const BELOW: &str = "EXTRA";

/// Writes a page for the program and one for each command, in place of those that are there.
pub(crate) fn man(args: &ManArgs) -> Result<(), Failure> {
    let write = || {
        fs::create_dir_all(&args.dir)?;
        let mut program = Cli::command().disable_help_subcommand(true);
        program.build();
        program.get_subcommands().chain([&program]).try_for_each(|command| page(command, &args.dir))
    };
    write().map_err(|cause| Error::Usage {
        message: format!("cannot write manual pages into {}: {cause}", args.dir.display()),
        remedy: "give a folder in which you may write",
    })?;
    output::print(&format!("{}\n", args.dir.display())).map_err(Failure::Output)
}

/// Writes the page of a command, with a section for each kind of paragraph below its options.
fn page(command: &clap::Command, folder: &Path) -> io::Result<()> {
    let below = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let man = Man::new(command.clone().after_help(Resettable::Reset));
    let mut text = Vec::new();
    man.render(&mut text)?;
    for name in ORDER {
        let own: Vec<&str> = below.split("\n\n").filter(|paragraph| section_of(paragraph) == name).collect();
        if !own.is_empty() {
            let mut section = Vec::new();
            Man::new(clap::Command::new(name).after_help(own.join("\n\n"))).render_extra_section(&mut section)?;
            let section = String::from_utf8_lossy(&section).replacen(BELOW, &format!("\"{name}\""), 1);
            text.extend(section.bytes());
        }
    }
    fs::write(folder.join(man.get_filename()), text)
}

fn section_of(paragraph: &str) -> &'static str {
    SECTIONS.iter().find(|(begins, _)| paragraph.starts_with(begins)).map_or(NOTES, |(_, name)| name)
}
