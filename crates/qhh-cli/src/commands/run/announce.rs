//! What is printed of a finished run.

use std::path::Path;

use qhh::{RunResult, Verification};
use qhh_results::short;

use super::headline::headline;
use super::{asked, sparkline};
use crate::failure::Failure;
use crate::{open, output};

/// Figures printed at most; `summary.json` has all.
const MOST_PRINTED: usize = 24;

/// Prints what came out, after an empty line if something was `printed` before, and warns of checks that do not hold. A
/// tolerance that is not reached is a failure, printed last.
pub(in crate::commands) fn announce(
    result: &RunResult,
    out: &Path,
    (quiet, opens): (bool, bool),
    printed: bool,
) -> Result<(), Failure> {
    let name = result.name();
    for check in result.failed_checks() {
        output::warn(&format!(
            "{name}: {}: the defect is {}, {} ({}){}",
            check.name,
            short(check.defect),
            check.expected(short),
            check.meaning,
            check.remedy(result.net()).map_or_else(String::new, |remedy| format!(": {remedy}"))
        ));
    }
    // Of numbers that are extrapolations, not of mistakes: quiet runs leave it to the page and the summary.
    for doubt in result.outcome().warnings.iter().filter(|_| !quiet) {
        output::note(&format!("note: {name}: {doubt}"));
    }
    let summary = result.outcome_summary();
    for note in asked::missing(&summary) {
        output::note(&note);
    }
    let mut text = format!("{}\n", out.display());
    if !quiet {
        let mut rows = headline(result.net(), &summary);
        rows.extend(asked::rows(result, &summary));
        rows.extend(sparkline::row(result).map(|row| ("voltage", row)));
        rows.extend(page(out).map(|row| ("page", row)));
        text += &output::aligned(&rows);
        text += &result.verification().map_or_else(String::new, errors);
        text += &verdict(result);
        if printed {
            text.insert(0, '\n');
        }
    }
    output::print(&text).map_err(Failure::Output)?;
    if opens {
        open::report(out);
    }
    let judged = result.require_tolerance();
    if let (Err(_), Some(verification)) = (&judged, result.verification()) {
        let tolerance = verification.tolerance.unwrap_or_default();
        for figure in verification.beyond().take(MOST_PRINTED) {
            let error = figure.relative.map_or_else(|| "unknown".to_owned(), short);
            output::note(&format!("{name}: {}: relative error {error}, tolerance {tolerance}", figure.name));
        }
    }
    Ok(judged?)
}

/// Where the page is, if there is one.
pub(in crate::commands) fn page(out: &Path) -> Option<String> {
    let page = out.join(qhh_results::REPORT);
    page.is_file().then(|| format!("open {}", page.display()))
}

/// Whether the physics holds, and how long it took.
fn verdict(result: &RunResult) -> String {
    let took = output::elapsed(result.cost().wall_seconds);
    let failed: Vec<&str> = result.failed_checks().map(|check| &*check.name).collect();
    // Those that state something and cannot fail are not counted.
    let all = result.outcome().checks.iter().filter(|check| check.expected_below.is_finite()).count();
    let text = match failed.as_slice() {
        [] if all == 0 => format!("ran in {took}"),
        [] => format!("{all} of {all} checks hold, in {took}"),
        [one] => format!("1 of {all} checks fails, in {took}: {one}"),
        several => format!("{} of {all} checks fail, in {took}: {}", several.len(), several.join(", ")),
    };
    output::verdict(failed.is_empty(), &text)
}

/// The figures with their errors, as lines.
fn errors(verification: &Verification) -> String {
    let worst = verification.worst(MOST_PRINTED);
    let mut rows: Vec<(&str, String)> = worst.iter().map(|figure| (figure.name.as_str(), figure.text())).collect();
    rows.extend(worst.iter().filter_map(|figure| {
        let value = short(figure.twice_cutoff?);
        Some(("with twice the cutoff", format!("{} {value} {}", figure.name, figure.unit).trim_end().to_owned()))
    }));
    if let Some([own, other]) = verification.threads {
        rows.push(("threads", format!("{own} and {other} give the same bits")));
    }
    let all = verification.figures.len();
    if all > worst.len() {
        rows.push(("more", format!("the {} of {all} with the largest errors; summary.json has all", worst.len())));
    }
    format!("  numerical errors (half the step; an estimate):\n{}", output::aligned(&rows))
}
