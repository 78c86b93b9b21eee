//! Watches a run for the program: progress, and states to be kept.

use std::ops::ControlFlow;

use qhh_net::engine::{Observer, Progress, State};

use crate::cost::Stopwatch;
use crate::keeper::Keeper;
use crate::progress::Reporter;

/// Observes one run.
pub(crate) struct Watcher<'a, 'k> {
    reporter: Reporter,
    stopwatch: &'a Stopwatch,
    keeper: Option<&'a mut Keeper<'k>>,
    /// Seconds until the first step.
    built: Option<f64>,
}

impl<'a, 'k> Watcher<'a, 'k> {
    pub(crate) fn new(reporter: Reporter, stopwatch: &'a Stopwatch, keeper: Option<&'a mut Keeper<'k>>) -> Self {
        Self { reporter, stopwatch, keeper, built: None }
    }

    /// The seconds that went by before the first step, and the keeper.
    pub(crate) fn finish(self) -> (f64, Option<&'a mut Keeper<'k>>) {
        self.reporter.finish();
        (self.built.unwrap_or(0.0), self.keeper)
    }
}

impl Observer for Watcher<'_, '_> {
    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        self.built.get_or_insert_with(|| self.stopwatch.seconds());
        self.reporter.update(progress);
        ControlFlow::Continue(())
    }

    fn wants_state(&mut self, progress: Progress) -> bool {
        self.keeper.as_mut().is_some_and(|keeper| keeper.is_due(progress))
    }

    fn keep(&mut self, state: &State<'_>) {
        if let Some(keeper) = &mut self.keeper {
            keeper.keep(state, self.stopwatch.spent());
        }
    }
}
