//! Points on several threads: many small runs side by side, few large ones with threads inside.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use qhh_core::stop;

/// How threads are shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers {
    /// Points under way at once.
    pub at_once: usize,
    /// Threads of each.
    pub threads: usize,
}

impl Workers {
    /// So many threads for so many points: one each while there are enough points, else several for each.
    pub fn new(threads: usize, points: usize) -> Self {
        Self { at_once: threads, threads: 1 }.at_most(points, threads)
    }

    /// No more than so many points at once, as where memory is short; their threads get the rest.
    #[must_use]
    pub fn at_most(self, points: usize, threads: usize) -> Self {
        let at_once = self.at_once.min(points).max(1);
        Self { at_once, threads: (threads / at_once).max(1) }
    }
}

/// Takes every point through `run`, which is also told how many threads it may use, and hands each answer to `done` on
/// the thread that called, as they come. [`ControlFlow::Break`] from `done` starts no more points; the answers of those
/// under way still come.
///
/// # Panics
/// If `run` does.
pub fn each<P: Sync, R: Send>(
    points: &[P],
    workers: Workers,
    run: impl Fn(&P, usize) -> R + Sync,
    mut done: impl FnMut(&P, R) -> ControlFlow<()>,
) {
    let (next, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    // Workers wait for whoever takes the answers, so that none pile up.
    let (sender, answers) = mpsc::sync_channel(workers.at_once);
    thread::scope(|scope| {
        for _ in 0..workers.at_once.min(points.len()) {
            let (sender, next, ended, run) = (sender.clone(), &next, &ended, &run);
            let tokens = stop::current();
            scope.spawn(move || {
                tokens.adopt();
                while !ended.load(Ordering::Relaxed) {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(point) = points.get(place) else { break };
                    let answer = catch_unwind(AssertUnwindSafe(|| run(point, workers.threads)));
                    if sender.send((place, answer)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (place, answer) in answers {
            // Here, so that what cancels the work of a point cancels all.
            let answer = answer.unwrap_or_else(|panic| {
                ended.store(true, Ordering::Relaxed);
                resume_unwind(panic)
            });
            if done(&points[place], answer).is_break() {
                ended.store(true, Ordering::Relaxed);
            }
        }
    });
}
