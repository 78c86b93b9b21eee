//! `qhh run --estimate-error`: the same network again, made otherwise, and what that says of the figures.

use qhh_lab::verify;
use qhh_net::{Checked, Network, Outcome, RunError};
use qhh_results::verification::{Figure, Others, Verification, digest, figures};
use qhh_results::{FinishedRun, short};

use super::{aligned, counted};
use crate::failure::Failure;
use crate::output;
use crate::room::{self, Room};

/// Figures printed at most; `summary.json` has all.
const MOST_TOLD: usize = 24;

/// Makes the other runs of a finished one and compares; `simulate` runs a network under a name on so many threads.
pub(super) fn verified(
    run: &FinishedRun,
    tolerance: Option<f64>,
    threads: usize,
    simulate: impl Fn(&Checked, &str, usize) -> Result<Outcome, Failure>,
) -> Result<Verification, Failure> {
    let network = &run.network;
    let of = |other: Network, what: &str, threads| -> Result<Outcome, Failure> {
        room::memory(&other)?;
        let name = other.name.clone();
        let checked = other.checked().map_err(|mistakes| {
            let mistakes: Vec<_> = mistakes.into_iter().map(|m| format!("{}: {}", m.path, m.message)).collect();
            Failure::Run { name: format!("{name}, {what}"), cause: RunError::Invalid(mistakes.join("; ")) }
        })?;
        Room::of(&checked).fluctuations(threads)?;
        simulate(&checked, what, threads)
    };
    let figures_of = |other: Network, what: &str| -> Result<Vec<Figure>, Failure> {
        of(other, what, threads).map(|outcome| figures(network, &outcome))
    };
    let other_threads = if threads == 1 { 2 } else { threads - 1 };
    let again = of(network.clone(), &format!("on {}", counted(other_threads, "thread")), other_threads)?;
    let same = digest(&again) == digest(&run.outcome);
    drop(again);
    let half_step = figures_of(verify::half_step(network), "half the step")?;
    let more_modes =
        run.outcome.frequencies.map(|n| figures_of(verify::more_modes(network, n), "twice the modes"));
    let twice_cutoff = verify::twice_cutoff(network).map(|other| figures_of(other, "twice the cutoff"));
    let others = Others {
        half_step,
        more_modes: more_modes.transpose()?,
        twice_cutoff: twice_cutoff.transpose()?,
        threads: same.then_some([threads, other_threads]),
    };
    Ok(Verification::new(network, figures(network, &run.outcome), &others, tolerance))
}

/// The figures with their errors, as lines.
pub(super) fn told(verification: &Verification) -> String {
    let worst = verification.worst(MOST_TOLD);
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
    format!("  numerical errors (half the step; an estimate):\n{}", aligned(&rows))
}

/// Whether the tolerance was reached and threads do not matter.
pub(super) fn judge(name: &str, verification: &Verification) -> Result<(), Failure> {
    if verification.threads.is_none() {
        let message = format!("{name}: another number of threads gives other numbers, which must not be");
        return Err(Failure::NotAsAsked {
            message,
            help: "keep the network file: this is a mistake of the program",
        });
    }
    let beyond: Vec<_> = verification.beyond().collect();
    let Some(tolerance) = verification.tolerance.filter(|_| !beyond.is_empty()) else { return Ok(()) };
    for figure in beyond.iter().take(MOST_TOLD) {
        let error = figure.relative.map_or_else(|| "unknown".to_owned(), short);
        output::note(&format!("{name}: {}: relative error {error}, asked for {tolerance}", figure.name));
    }
    let message = format!("{name}: {} beyond the tolerance of {tolerance}", counted(beyond.len(), "figure"));
    let help = "choose a smaller `simulation.step`, or more `quantum.modes` or `quantum.samples`";
    Err(Failure::NotAsAsked { message, help })
}
