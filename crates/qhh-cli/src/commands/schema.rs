//! `qhh schema`: the JSON schema of the network file.

use qhh_format::yaml;

use crate::failure::Failure;
use crate::output;

/// Prints it.
pub(crate) fn schema() -> Result<(), Failure> {
    output::print(&format!("{:#}\n", yaml::schema())).map_err(Failure::Output)
}
