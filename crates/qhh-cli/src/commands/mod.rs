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

/// Loads and checks one network file, `-` for standard input; prints its warnings.
fn load(file: &Path, options: &LoadOptions) -> Result<Network, Failure> {
    let network = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|cause| Error::Usage {
            message: format!("cannot read standard input: {cause}"),
            remedy: "give a network file in UTF-8",
        })?;
        Network::from_text("standard input", &text, options)?
    } else {
        Network::load_with(file, options)?
    };
    for warning in network.warnings() {
        output::warn(&format!("{}: {warning}", file.display()));
    }
    Ok(network)
}
