//! Watching something that takes long.

use std::ops::ControlFlow;

pub use qhh_net::engine::{Progress, Stage};

/// Watches a run, a sweep or learning, on the thread that does it. Every method has a default that does nothing.
///
/// `()` watches nothing; a closure of [`Progress`] takes progress alone.
pub trait RunObserver {
    /// A run begins; of one whose errors are estimated, or that learns, there are several, one after the other. `name` is
    /// the network's, with what is special about the run.
    fn begin(&mut self, name: &str) {
        let _ = name;
    }

    /// How far the run is: before its first window of steps and after each. [`ControlFlow::Break`] cancels it. To cancel it
    /// from elsewhere, and between two calls, use a [`crate::CancelToken`].
    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        let _ = progress;
        ControlFlow::Continue(())
    }

    /// The run that began last ended.
    fn end(&mut self) {}

    /// Something that does not end the work but should be known.
    fn warning(&mut self, message: &str) {
        let _ = message;
    }

    /// What is going to happen: where a run continues, how long it will take.
    fn note(&mut self, message: &str) {
        let _ = message;
    }
}

impl RunObserver for () {}

impl<F: FnMut(Progress) -> ControlFlow<()>> RunObserver for F {
    fn progress(&mut self, progress: Progress) -> ControlFlow<()> {
        self(progress)
    }
}
