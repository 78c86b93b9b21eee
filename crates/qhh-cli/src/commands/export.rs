//! `qhh export`: a network, or the spikes of a run, for other programs.

use std::path::Path;

use qhh::text::no_place_in_sonata;
use qhh::{Error, Export, Purpose, RunResult};

use super::load;
use crate::args::ExportArgs;
use crate::failure::Failure;
use crate::output;

/// Reads the file and writes it in the format, to its place or to standard output.
pub(crate) fn export(args: &ExportArgs) -> Result<(), Failure> {
    let out = args.out.as_deref().filter(|out| out.as_os_str() != "-");
    let options = args.network.options(Purpose::Graph);
    if args.file.is_dir() {
        if !options.set.is_empty() {
            let message = format!("{} holds results, in which nothing can be set", args.file.display());
            return Err(Error::Usage { message, remedy: "set it in the network file and run it again" }.into());
        }
        return spikes(args, out);
    }
    let network = load(&args.file, &options)?;
    let Some(out) = out else {
        return output::print(&network.export(args.to)?).map_err(Failure::Output);
    };
    let left_out = network.export_into(args.to, out, args.force)?;
    if !left_out.is_empty() {
        output::warn(&format!("{}: {}", args.file.display(), no_place_in_sonata(&left_out)));
    }
    Ok(())
}

/// Writes the spikes of a folder of results.
fn spikes(args: &ExportArgs, out: Option<&Path>) -> Result<(), Failure> {
    let Some(out) = out.filter(|_| args.to == Export::Sonata) else {
        let message = format!("{} holds results, of which only spikes are exported", args.file.display());
        let remedy = match args.to {
            Export::Sonata => "add `--out spikes.h5`, the file that they go into",
            _ => "write `--to sonata --out spikes.h5`, or give a network file, such as the folder's network.yaml",
        };
        return Err(Error::Usage { message, remedy }.into());
    };
    Ok(RunResult::open(&args.file)?.write_sonata_spikes(out, args.force)?)
}
