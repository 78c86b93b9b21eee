//! `qhh compare`: several runs on one page.

use qhh::{Error, RunResult};

use crate::args::CompareArgs;
use crate::failure::Failure;
use crate::output;

/// Reads the folders and writes the page.
pub(crate) fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let results = args.folders.iter().map(RunResult::open).collect::<Result<Vec<_>, _>>()?;
    let page = qhh::compare(&results);
    qhh_results::write_text(&page, &args.out, args.force).map_err(Error::Folder)?;
    output::print(&format!("{}\n", args.out.display())).map_err(Failure::Output)
}
