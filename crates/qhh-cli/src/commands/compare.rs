//! `qhh compare`: several runs on one page.

use crate::args::CompareArgs;
use crate::failure::Failure;
use crate::output;

/// Reads the folders and writes the page.
pub(crate) fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let runs = args.folders.iter().map(|folder| qhh_results::read(folder)).collect::<Result<Vec<_>, _>>();
    let page = qhh_report::compare_page(&runs.map_err(Failure::Request)?);
    qhh_results::write_text(&page, &args.out, args.force).map_err(Failure::Request)?;
    output::print(&format!("{}\n", args.out.display())).map_err(Failure::Output)
}
