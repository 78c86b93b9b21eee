//! `qhh export`: a network for other programs.

use qhh::{Error, Purpose};

use super::load;
use crate::args::ExportArgs;
use crate::failure::Failure;
use crate::output;

/// Reads the file and writes it in the format, into a file or to standard output.
pub(crate) fn export(args: &ExportArgs) -> Result<(), Failure> {
    let text = load(&args.file, &args.network.options(Purpose::Graph))?.export(args.to)?;
    match &args.out {
        Some(file) if file.as_os_str() != "-" => {
            Ok(qhh_results::write_text(&text, file, args.force).map_err(Error::Folder)?)
        }
        _ => output::print(&text).map_err(Failure::Output),
    }
}
