//! Command lines, and what is said of those that are none.

use std::error::Error as _;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::{env, process};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use qhh_format::yaml::suggestion;

use crate::args::{Cli, Command};
use crate::exit::Exit;
use crate::output;

/// The command of a command line. Mistakes, `--help` and `--version` end the process.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Command {
    let args: Vec<OsString> = args.into_iter().collect();
    let error = match parsed::<Cli>(&args) {
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
            if let Some(set) = named.filter(|_| known.contains(&"--set")).and_then(|_| instead(&typed, &args)) {
                let message = format!("`{call}` has no option `{name}`: that is a value of the network file");
                output::error(&message, Some(&format!("write `--set {set}`")));
                process::exit(Exit::BadInput as i32)
            }
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
        (ErrorKind::ValueValidation, _, Some(option)) => {
            let Some(rule) = error.source().and_then(|cause| rule(&cause.to_string())) else { error.exit() };
            let (name, value) = (option.split(' ').next().unwrap_or(&option), word(ContextKind::InvalidValue));
            let message = format!("`{name}` {rule}, got `{}`", value.unwrap_or_default());
            output::error(&message, Some("write digits alone, such as `1`"));
            process::exit(Exit::BadInput as i32)
        }
        (ErrorKind::MissingRequiredArgument, ..) if args.get(1).is_some_and(|name| name == "new") => {
            output::error("`qhh new` writes a template: name one", Some("`qhh new --list` lists them"));
            process::exit(Exit::BadInput as i32)
        }
        _ => error.exit(),
    }
}

/// Columns of help where neither a terminal nor `COLUMNS` says how many there are.
const COLUMNS: usize = 80;

/// Reads a command line; its help is as wide as the terminal of any of the streams.
pub(crate) fn parsed<P: Parser>(args: &[OsString]) -> Result<P, clap::Error> {
    let mut program = P::command();
    let is_shown = io::stdout().is_terminal() || io::stderr().is_terminal() || io::stdin().is_terminal();
    if !is_shown && env::var_os("COLUMNS").is_none() {
        program = program.term_width(COLUMNS);
    }
    P::from_arg_matches(&program.try_get_matches_from(args)?)
}

/// What a number must be, where the parser of numbers says why one is none.
fn rule(cause: &str) -> Option<&'static str> {
    match cause {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            Some("must be a whole number, not below zero")
        }
        "number would be zero for non-zero type" => Some("must be at least 1"),
        "number too large to fit in target type" => Some("is too large a number"),
        _ => None,
    }
}

/// Values of a network file that are taken for options, their paths, and the unit of a bare number.
const VALUES: [(&str, &str, &str); 11] = [
    ("duration", "simulation.duration", " ms"),
    ("step", "simulation.step", " ms"),
    ("dt", "simulation.step", " ms"),
    ("method", "simulation.method", ""),
    ("hbar", "quantum.hbar", ""),
    ("temperature", "quantum.temperature", ""),
    ("cutoff", "quantum.cutoff", ""),
    ("fluctuations", "quantum.fluctuations", ""),
    ("modes", "quantum.modes", ""),
    ("samples", "quantum.samples", ""),
    ("every", "record.every", " ms"),
];

/// What `--set` takes in place of an option that is a value of the network file, with what was typed behind it.
fn instead(typed: &str, args: &[OsString]) -> Option<String> {
    let name = typed.split('=').next().unwrap_or(typed);
    let (_, path, unit) = VALUES.iter().find(|(known, ..)| name.strip_prefix("--") == Some(known))?;
    let args: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let place = args.iter().position(|arg| arg.split('=').next() == Some(name))?;
    let beside = args[place].split_once('=').map(|(_, value)| value);
    let value =
        beside.or_else(|| args.get(place + 1).copied().filter(|next| !next.starts_with('-'))).unwrap_or("..");
    let unit = if value.parse::<f64>().is_ok() { unit } else { "" };
    Some(if unit.is_empty() && !value.contains(' ') {
        format!("{path}={value}")
    } else {
        format!("{path}=\"{value}{unit}\"")
    })
}

/// Says what is wrong, and where the right is listed.
fn refuse(message: &str, call: &str) -> ! {
    output::error(message, Some(&format!("`{call} --help` lists them")));
    process::exit(Exit::BadInput as i32)
}
