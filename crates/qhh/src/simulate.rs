//! One pass of the engine, watched: its progress, its cost, its states.

use std::ops::ControlFlow;

use qhh_net::engine::{Checkpoint, Observer, Progress, Stage, State};
use qhh_net::{Checked, Outcome, RunError, RunOptions, Simulation};
use qhh_results::Cost;
use qhh_results::unfinished::Spent;

use crate::checkpointer::Checkpointer;
use crate::cost::Stopwatch;
use crate::{Error, RunObserver, ranks};

/// How a run ended that was not cancelled.
pub(crate) enum Simulated {
    Whole(Box<Outcome>, Cost),
    /// It broke down, but came somewhere before.
    Broken {
        until: f64,
        so_far: Box<Outcome>,
        cost: Cost,
        cause: RunError,
    },
}

/// The cause of a run that broke down, with what it had come to.
pub(crate) fn with_outcome(cause: RunError, outcome: Box<Outcome>) -> RunError {
    match cause {
        RunError::NotFinite { neuron, from, time, likely, .. } => {
            RunError::NotFinite { neuron, from, time, likely, so_far: Some(outcome) }
        }
        other => other,
    }
}

/// Runs a network under a name.
pub(crate) fn simulate(
    network: &Checked,
    name: &str,
    threads: usize,
    kept: Checkpoint,
    mut checkpointer: Option<&mut Checkpointer<'_>>,
    observer: &mut dyn RunObserver,
) -> Result<Simulated, Error> {
    let spent = checkpointer.as_ref().map_or_else(Spent::default, |checkpointer| checkpointer.spent());
    let stopwatch = Stopwatch::start(spent);
    observer.begin(name);
    let mut watching = Watching {
        observer,
        stopwatch: &stopwatch,
        checkpointer: checkpointer.as_deref_mut(),
        built: None,
        stepped: 0.0,
    };
    let options = RunOptions { threads, ..RunOptions::default() };
    let leader = ranks::leader();
    let outcome = match &leader {
        None => Simulation::from_checked(network, options).resume(kept, &mut watching),
        Some(leader) => leader.run(network, options, kept, &mut watching),
    };
    let built = watching.built.unwrap_or(0.0);
    let stepped = (watching.stepped - built).max(0.0);
    observer.end();
    let shared = leader.and_then(|leader| leader.cost());
    let cost =
        |outcome: &Outcome| Cost { ranks: shared, ..stopwatch.cost(outcome, threads, (built, Some(stepped))) };
    match outcome {
        Ok(outcome) => {
            let cost = cost(&outcome);
            Ok(Simulated::Whole(Box::new(outcome), cost))
        }
        Err(RunError::Stopped { .. }) => Err(match checkpointer {
            Some(checkpointer) => checkpointer.instead_of(Error::Cancelled, observer),
            None => Error::Cancelled,
        }),
        Err(RunError::NotFinite { neuron, from, time, likely, so_far: Some(so_far) }) => {
            let cost = cost(&so_far);
            let cause = RunError::NotFinite { neuron, from, time, likely, so_far: None };
            Ok(Simulated::Broken { until: from, so_far, cost, cause })
        }
        Err(cause) => Err(Error::Run { name: network.name.clone(), cause }),
    }
}

/// Stands between the engine and whoever watches a run: measures its cost and keeps its states.
struct Watching<'a, 'k> {
    observer: &'a mut dyn RunObserver,
    stopwatch: &'a Stopwatch,
    checkpointer: Option<&'a mut Checkpointer<'k>>,
    /// Seconds until the first step.
    built: Option<f64>,
    /// Seconds until the last step of the mean field so far.
    stepped: f64,
}

impl Observer for Watching<'_, '_> {
    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        let seconds = self.stopwatch.seconds();
        self.built.get_or_insert(seconds);
        if progress.stage == Stage::MeanField {
            self.stepped = seconds;
        }
        let flow = self.observer.progress(progress);
        if let Some(checkpointer) = &mut self.checkpointer {
            checkpointer.stops = flow.is_break();
        }
        flow
    }

    fn wants_state(&mut self, progress: Progress) -> bool {
        self.checkpointer.as_mut().is_some_and(|checkpointer| checkpointer.is_due(progress))
    }

    fn keep(&mut self, state: &State<'_>) {
        if let Some(checkpointer) = &mut self.checkpointer {
            checkpointer.keep(state, self.stopwatch.spent(), self.observer);
        }
    }
}
