//! One rank's part of a run among others that are imagined: built and stepped for a while, to see what it takes.

use std::ops::ControlFlow;
use std::sync::Barrier;
use std::time::Instant;

use super::compile::compiled;
use super::drive::Drive;
use super::share::Share;
use super::{OnBlocks, Progress, RankLoad, RunError, Simulation, Stepper, Windows};
use crate::coupling::{Coupling, lanes};
use crate::network::{Fluctuations, Network};
use crate::ranks::{Imagined, Ranks as _, Reach};

/// What one rank's part of a run took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rehearsal {
    /// What it steps and exchanges; bytes in the steps made if every port had sent something in every window.
    pub load: RankLoad,
    /// What it hears of others, by why.
    pub reach: Reach,
    /// Steps made, and windows that they were made in.
    pub steps: u64,
    /// See `steps`.
    pub windows: u64,
    /// Bytes of waves that it would have sent in them.
    pub sent_bytes: u64,
    /// Bytes of memory for each port of its own or of others whose waves it keeps, messages among them.
    pub row_bytes: f64,
    /// Neurons of its own that sources feed, one for each source, and of a rank on the average.
    pub fed: (f64, f64),
    /// Seconds in which it was built.
    pub build_seconds: f64,
    /// Seconds in which it made a step, messages packed and unpacked: of the last three quarters, in which all memory is in
    /// use.
    pub step_seconds: f64,
}

impl Simulation<'_> {
    /// Builds a rank's part of the network and steps it through the mean field, for so many steps or to its end; nothing comes
    /// of it but what it took. Ranks with the same `start` begin to step together. `observer` is called as by
    /// [`Simulation::run`].
    ///
    /// # Errors
    /// As [`Simulation::run`]; [`RunError::NotFinite`] without what came before.
    pub fn rehearse(
        self,
        rank: &Imagined,
        steps: u64,
        start: &Barrier,
        observer: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Rehearsal, RunError> {
        let start = Start(start);
        let network = &mean_field(self.network);
        let begun = Instant::now();
        let coupling = Coupling::among(network, lanes(network), rank);
        let drive =
            Drive { network, options: self.options, ranks: rank, share: Share::new(coupling.clone(), rank) };
        let rehearsing = Rehearsing { drive, rank, begun, start, steps: steps.min(network.n_steps()), observer };
        compiled(network, &coupling, rehearsing)
    }
}

/// The network without what is computed beside or after its mean field.
fn mean_field(network: &Network) -> Network {
    let mut network = network.clone();
    if let Some(quantum) = network.quantum.as_mut().filter(|quantum| quantum.fluctuations.in_tasks()) {
        quantum.fluctuations = Fluctuations::None;
        network.record.observables.retain(|observable| !observable.is_variance());
    }
    network.modes.clear();
    network.record.budget_of.clear();
    network
}

/// Neurons of a rank that sources feed, and of one of so many on the average.
fn fed(network: &Network, Coupling { layout, blocks, .. }: &Coupling, size: usize) -> (f64, f64) {
    let neurons = layout.neurons_of(blocks.clone());
    let (mut own, mut all) = (0, 0);
    for targets in network.sources.iter().map(|source| &source.targets) {
        own += targets.places_of(&neurons).into_iter().map(|places| places.len()).sum::<usize>();
        all += targets.len();
    }
    (own as f64, all as f64 / size as f64)
}

/// How long steps take, what no rank would do left out.
struct Clock<'a> {
    rank: &'a Imagined,
    /// Steps made when memory is in use.
    warm: u64,
    /// Steps made, and when, from which on they are counted.
    since: (u64, Instant, f64),
}

impl<'a> Clock<'a> {
    fn new(rank: &'a Imagined, steps: u64) -> Self {
        Self { rank, warm: steps / 4, since: (0, Instant::now(), rank.aside()) }
    }

    fn see(&mut self, done: u64) {
        if self.since.0 < self.warm && done >= self.warm && done < 3 * self.warm {
            self.since = (done, Instant::now(), self.rank.aside());
        }
    }

    fn step_seconds(&self, steps: u64) -> f64 {
        let (done, begun, aside) = self.since;
        (begun.elapsed().as_secs_f64() - (self.rank.aside() - aside)) / (steps - done).max(1) as f64
    }
}

/// Waits for the others when it is dropped: once a rank is built, or has failed.
struct Start<'a>(&'a Barrier);

impl Drop for Start<'_> {
    fn drop(&mut self) {
        self.0.wait();
    }
}

struct Rehearsing<'a> {
    drive: Drive<'a>,
    rank: &'a Imagined,
    begun: Instant,
    start: Start<'a>,
    steps: u64,
    observer: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
}

impl OnBlocks for Rehearsing<'_> {
    type Made = Result<Rehearsal, RunError>;

    fn on<B: Stepper>(self, blocks: Vec<B>) -> Self::Made {
        let Self { drive, rank, begun, start, steps, observer } = self;
        let (network, coupling) = (drive.network, drive.share.coupling.clone());
        let mut begin = drive.begin(blocks)?;
        let build_seconds = begun.elapsed().as_secs_f64();
        drop(start);
        let mut windows = Windows::new(network, &coupling.scattering.facts, drive.options.longest_window);
        windows.total = steps;
        let mut clock = Clock::new(rank, steps);
        let lost = drive.step_through(&mut begin, steps, &mut |progress: Progress| {
            clock.see(progress.done);
            observer(progress)
        })?;
        let step_seconds = clock.step_seconds(steps);
        if let Some(place) = lost {
            return Err(drive.not_finite(place, (begin.done, begin.window), None, |_| None));
        }
        // What is under way at the end is added up, as by every rank: that takes memory, too.
        drive.in_flight(&begin.lines, begin.done);
        let border = &coupling.scattering.border;
        let messages = border.neighbours.iter().map(|of| of.heard.len() + of.heeded.len()).sum::<usize>();
        let row_bytes = begin.lines.reserved() as f64 + windows.message(messages) as f64;
        Ok(Rehearsal {
            load: RankLoad::of(&coupling, windows),
            reach: rank.reach(),
            steps,
            windows: windows.count(),
            sent_bytes: rank.sent(),
            row_bytes: row_bytes / border.n_rows().max(1) as f64,
            fed: fed(network, &coupling, rank.size()),
            build_seconds,
            step_seconds,
        })
    }
}
