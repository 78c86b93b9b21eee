//! What the program does, a module for each command.

pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod graph;
pub(crate) mod learn;
pub(crate) mod new;
pub(crate) mod predict;
pub(crate) mod run;
pub(crate) mod schema;

use std::path::Path;

use qhh_io::yaml::{self, Loaded};
use qhh_net::Network;

use crate::args::NetworkArgs;
use crate::failure::Failure;
use crate::output;

/// Loads and checks one network file; prints the loader's warnings. One that `fits` refuses is refused before anything
/// of its size is made.
fn load(file: &Path, args: &NetworkArgs, fits: fn(&Network) -> Result<(), Failure>) -> Result<Loaded, Failure> {
    let failed = |error| Failure::Load(Box::new(error));
    let draft = yaml::draft(file, &args.overrides()).map_err(failed)?;
    fits(draft.network())?;
    let loaded = draft.check().map_err(failed)?;
    for warning in &loaded.warnings {
        output::warn(&format!("{}: {warning}", file.display()));
    }
    Ok(loaded)
}

/// Names and values in two columns, indented.
fn aligned(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|row| row.0.len()).max().unwrap_or(0);
    rows.iter().fold(String::new(), |text, (name, value)| text + &format!("  {name:width$}  {value}\n"))
}

/// A count and its noun: `1 neuron`, `6 neurons`.
fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
