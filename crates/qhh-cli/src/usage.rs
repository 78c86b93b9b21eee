//! Command lines, and what is said of those that are none.

use std::ffi::OsString;
use std::process;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use qhh_format::yaml::suggestion;

use crate::args::{Cli, Command};
use crate::exit::Exit;
use crate::output;

/// The command of a command line. Mistakes, `--help` and `--version` end the process.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Command {
    let args: Vec<OsString> = args.into_iter().collect();
    let error = match Cli::try_parse_from(&args) {
        Ok(cli) => return cli.command,
        Err(error) => error,
    };
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    };
    let program = Cli::command();
    match (error.kind(), word(ContextKind::InvalidSubcommand), word(ContextKind::InvalidArg)) {
        (ErrorKind::InvalidSubcommand, Some(typed), _) => {
            let known: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
            refuse(&format!("there is no command `{typed}`: {}", suggestion(&typed, &known)), "qhh");
        }
        (ErrorKind::UnknownArgument, _, Some(typed)) if typed.starts_with("--") => {
            let named = args.get(1).and_then(|name| program.find_subcommand(name));
            let of = named.unwrap_or(&program);
            let known: Vec<String> =
                of.get_arguments().filter_map(|arg| arg.get_long()).map(|long| format!("--{long}")).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let call = named.map_or_else(|| "qhh".to_owned(), |command| format!("qhh {}", command.get_name()));
            let name = typed.split('=').next().unwrap_or(&typed);
            refuse(&format!("`{call}` has no option `{name}`: {}", suggestion(name, &known)), &call);
        }
        (ErrorKind::UnknownArgument, _, Some(typed)) if typed.starts_with('-') => {
            let named = args.get(1).and_then(|name| program.find_subcommand(name));
            let call = named.map_or_else(|| "qhh".to_owned(), |command| format!("qhh {}", command.get_name()));
            if typed.parse::<f64>().is_ok() {
                let message = format!("`{typed}` is no option of `{call}`, and numbers here are not below zero");
                refuse(&message, &call);
            }
            refuse(&format!("`{call}` has no option `{typed}`"), &call);
        }
        (ErrorKind::MissingRequiredArgument, ..) if args.get(1).is_some_and(|name| name == "new") => {
            output::error("`qhh new` writes a template: name one", Some("`qhh new --list` lists them"));
            process::exit(Exit::BadInput as i32)
        }
        _ => error.exit(),
    }
}

/// Says what is wrong, and where the right is listed.
fn refuse(message: &str, call: &str) -> ! {
    output::error(message, Some(&format!("`{call} --help` lists them")));
    process::exit(Exit::BadInput as i32)
}
