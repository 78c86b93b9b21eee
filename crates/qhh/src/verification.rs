//! Numerical errors of a run's figures: the same network again, made otherwise, and what that says of them.

use qhh_lab::verify;
use qhh_net::engine::Checkpoint;
use qhh_net::{Network, Outcome, RunError};
use qhh_results::FinishedRun;
use qhh_results::verification::{Figure, Others, Verification, digest, figures};

use crate::simulate::{Simulated, simulate, with_outcome};
use crate::text::counted;
use crate::{Error, ResourceEstimate, RunObserver, resources};

/// Makes the other runs of a finished one and compares.
pub(crate) fn estimate(
    run: &FinishedRun,
    tolerance: Option<f64>,
    threads: usize,
    observer: &mut dyn RunObserver,
) -> Result<Verification, Error> {
    let network = &run.network;
    let other_threads = if threads == 1 { 2 } else { threads - 1 };
    let again =
        outcome(network.clone(), &format!("on {}", counted(other_threads, "thread")), other_threads, observer)?;
    let same = digest(&again) == digest(&run.outcome);
    drop(again);
    let mut figures_of = |other: Network, what: &str| -> Result<Vec<Figure>, Error> {
        outcome(other, what, threads, observer).map(|outcome| figures(network, &outcome))
    };
    let half_step = figures_of(verify::half_step(network), "half the step")?;
    let more_modes =
        run.outcome.frequencies.map(|n| figures_of(verify::more_modes(network, n), "twice the modes"));
    let more_modes = more_modes.transpose()?;
    let twice_cutoff = verify::twice_cutoff(network).map(|other| figures_of(other, "twice the cutoff"));
    let others = Others {
        half_step,
        more_modes,
        twice_cutoff: twice_cutoff.transpose()?,
        threads: same.then_some([threads, other_threads]),
    };
    Ok(Verification::new(network, figures(network, &run.outcome), &others, tolerance))
}

/// What a network made otherwise comes to.
fn outcome(other: Network, what: &str, threads: usize, observer: &mut dyn RunObserver) -> Result<Outcome, Error> {
    resources::for_run(&other)?;
    let name = format!("{}, {what}", other.name);
    let checked = other.checked().map_err(|mistakes| {
        let mistakes: Vec<_> = mistakes.into_iter().map(|m| format!("{}: {}", m.path, m.message)).collect();
        Error::Run { name: name.clone(), cause: RunError::Invalid(mistakes.join("; ")) }
    })?;
    ResourceEstimate::new(&checked, &serde_json::Value::Null).require_memory(threads)?;
    match simulate(&checked, &name, threads, Checkpoint::default(), None, observer)? {
        Simulated::Whole(outcome, _) => Ok(*outcome),
        Simulated::Broken { so_far, cause, .. } => Err(Error::Run { name, cause: with_outcome(cause, so_far) }),
    }
}
