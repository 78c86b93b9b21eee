//! `qhh schema`: the JSON schema of the network file.

use qhh_io::yaml;

use crate::exit::Failure;
use crate::output;

/// Prints it.
pub(crate) fn schema() -> Result<(), Failure> {
    output::print(&format!("{:#}\n", yaml::schema()))
}
