//! The page to look at: one self-contained HTML file.

use crate::results::FinishedRun;

/// The report of one run.
pub fn run_page(run: &FinishedRun) -> String {
    let _ = run;
    String::new()
}

/// One page that overlays several runs.
pub fn compare_page(runs: &[FinishedRun]) -> String {
    let _ = runs;
    String::new()
}
