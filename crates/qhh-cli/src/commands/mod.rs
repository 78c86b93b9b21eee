//! What the program does, a module for each command.

pub(crate) mod channels;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod dry_run;
pub(crate) mod export;
pub(crate) mod fit;
pub(crate) mod graph;
pub(crate) mod learn;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod predict;
pub(crate) mod resume;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod sensitivity;
pub(crate) mod sweep;
pub(crate) mod verify;
pub(crate) mod watch;

use std::io::Read;
use std::path::Path;

use qhh::{Error, LoadOptions, Network};

use crate::failure::Failure;
use crate::output;

/// What standard input is called in messages.
const STANDARD_INPUT: &str = "standard input";

/// The text of standard input where a file is `-`.
fn standard_input(file: &Path) -> Result<Option<String>, Error> {
    if file.as_os_str() != "-" {
        return Ok(None);
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|cause| Error::Usage {
        message: format!("cannot read standard input: {cause}"),
        remedy: "give a network file in UTF-8",
    })?;
    Ok(Some(text))
}

/// Loads and checks one network file, `-` for standard input; prints its warnings.
fn load(file: &Path, options: &LoadOptions) -> Result<Network, Failure> {
    let network = match standard_input(file)? {
        Some(text) => Network::from_text(STANDARD_INPUT, &text, options)?,
        None => Network::load_with(file, options)?,
    };
    for warning in network.warnings() {
        output::warn(&format!("{}: {warning}", file.display()));
    }
    Ok(network)
}
