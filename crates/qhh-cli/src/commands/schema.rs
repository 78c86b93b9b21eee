//! `qhh schema`: the JSON schemas of the files that may be typed.

use crate::args::SchemaArgs;
use crate::failure::Failure;
use crate::output;

/// Prints one.
pub(crate) fn schema(args: &SchemaArgs) -> Result<(), Failure> {
    let schema = match args {
        SchemaArgs { task: true, .. } => qhh::task_schema(),
        SchemaArgs { fit: true, .. } => qhh::fit_schema(),
        _ => qhh::network_schema(),
    };
    output::print(&format!("{schema:#}\n")).map_err(Failure::Output)
}
