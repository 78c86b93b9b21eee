//! From the first window of a run to its outcome, on one process or on several.

use std::sync::Mutex;

use rayon::ThreadPool;

use super::delay_lines::{DelayLines, Slab};
use super::exchange::Exchange;
use super::inflow::Inflow;
use super::outbox::{Inbox, Outbox};
use super::share::{Departures, Share};
use super::spikes::merged;
use super::state::{self, Checkpoint, Observer, State, StateWriter};
use super::workers::Workers;
use super::{Divergence, Progress, RunError, RunOptions, Stage, Stepper, WindowPlan};
use super::{advance, compile, heisenberg, pool, wigner, window};
use crate::coupling::Coupling;
use crate::coupling::scattering::{Impedances, PortAt, Rows, lag};
use crate::network::{Fluctuations, Network, Precision};
use crate::outcome::{Finished, Fluctuated, MeanTrajectory, Outcome, Sent, Spike, Waves, Wiring};
use crate::ranks::Ranks;

/// A network about to run.
pub(super) struct Drive<'a> {
    pub(super) network: &'a Network,
    pub(super) options: RunOptions,
    pub(super) ranks: &'a dyn Ranks,
    pub(super) share: Share,
}

/// A run under way.
pub(super) struct Stepped<B> {
    pub(super) blocks: Vec<B>,
    pub(super) lines: DelayLines,
    pub(super) done: u64,
    /// Steps in a window.
    pub(super) window: u64,
    /// Steps for which what each row of the delay lines sent is under way at most.
    pub(super) longest: Vec<usize>,
    pub(super) pool: Option<ThreadPool>,
}

impl<B> Stepped<B> {
    pub(super) fn width(&self) -> usize {
        usize::try_from(self.window).unwrap_or(usize::MAX)
    }
}

impl Drive<'_> {
    /// Runs these blocks, those of the share; the outcome on rank 0.
    pub(super) fn run<B: Stepper>(
        self,
        blocks: Vec<B>,
        Checkpoint { mean_field, fluctuations: kept }: Checkpoint,
        observer: &mut dyn Observer,
    ) -> Result<Option<Outcome>, RunError> {
        let mut stepped = self.begin(blocks)?;
        let Self { network, ref share, .. } = self;
        let total = network.n_steps();
        self.restore(mean_field, total, &mut stepped)?;
        let lost = self.step_through(&mut stepped, total, observer)?;
        let fluctuates = self.fluctuates();
        let Stepped { blocks, lines, done, window, pool, .. } = stepped;
        let facts = share.coupling.scattering.facts;
        let in_flight = if lost.is_none() { self.in_flight(&lines, total) } else { vec![0.0; blocks.len()] };
        drop(lines);
        let (mut own, mut waves) = (Finished::default(), Vec::with_capacity(blocks.len()));
        for (block, in_flight) in blocks.into_iter().zip(in_flight) {
            let finished = block.finish(network);
            waves.push(Waves { in_flight, ..finished.waves });
            own.append(finished);
        }
        // In the order of blocks, so that sums depend neither on threads nor on ranks.
        let waves = self.ranks.along(Waves::default(), |below| waves.into_iter().fold(below, Waves::and));
        let amplified = network.has_amplifiers();
        // What amplifiers do is of interest only once it was too much.
        let growth = (facts.n_arms > 0 && amplified == lost.is_some())
            .then(|| share.coupling.largest_singular_value(network, self.ranks).0);
        let mut spikes = merged(self.ranks, std::mem::take(&mut own.spikes));
        let mut gathered = self.gathered(own);
        if let Some(place) = lost {
            let Some(finished) = gathered else { return Err(RunError::Stopped { time: 0.0 }) };
            let wiring = Wiring { facts, waves: None, growth };
            let so_far = |steps| Some(Outcome::until(network, (finished, spikes), &wiring, steps));
            return Err(self.not_finite(place, (done, window), growth, so_far));
        }
        let mut courses = Vec::new();
        if let Some(finished) = &mut gathered {
            courses = std::mem::take(&mut finished.courses);
            courses.sort_by_key(|course: &MeanTrajectory| course.neuron);
        }
        if fluctuates {
            self.share(&mut courses, &mut spikes);
        }
        let workers = Workers { ranks: self.ranks, pool: pool.as_ref() };
        let fluctuated = match network.quantum.map(|quantum| (quantum.fluctuations, quantum)) {
            Some((Fluctuations::Heisenberg, quantum)) => {
                heisenberg::run(network, &quantum, courses, &spikes, workers, kept.as_deref(), observer)?
            }
            Some((Fluctuations::Wigner, quantum)) => {
                wigner::run(network, &quantum, &courses, &spikes, workers, kept.as_deref(), observer)?
            }
            _ => Fluctuated::default(),
        };
        let Some(finished) = gathered else { return Ok(None) };
        let wiring = Wiring { facts, waves: Some(waves), growth };
        Ok(Some(match &pool {
            None => Outcome::gather(network, finished, spikes, fluctuated, &wiring, false),
            Some(pool) => pool.install(|| Outcome::gather(network, finished, spikes, fluctuated, &wiring, true)),
        }))
    }

    /// Whether fluctuations are computed beside the mean field, in tasks.
    fn fluctuates(&self) -> bool {
        self.network.quantum.is_some_and(|quantum| quantum.fluctuations.in_tasks())
    }

    /// These blocks, those of the share, before the first step.
    pub(super) fn begin<B>(&self, blocks: Vec<B>) -> Result<Stepped<B>, RunError> {
        // Blocks of neurons share the threads, and so do field modes and samples, of which there are always many.
        let pool = pool(self.options.threads, if self.fluctuates() { usize::MAX } else { blocks.len() });
        let pool = self.agreed(pool, RunError::StateMismatch)?;
        let (network, share, total) = (self.network, &self.share, self.network.n_steps());
        let window = window(network.n_neurons(), &share.coupling.scattering.facts, self.options.longest_window);
        // What is under way for longer than the run never arrives.
        let under_way = |lag: &u32| usize::try_from(total.min((*lag).into())).unwrap_or(usize::MAX);
        let longest: Vec<usize> = share.longest.iter().map(under_way).collect();
        let lines = DelayLines::new(&longest, usize::try_from(window).unwrap_or(usize::MAX));
        Ok(Stepped { blocks, lines, done: 0, window, longest, pool })
    }

    /// Steps to the step `total`, or through the window after which a state is no finite number: the first such neuron by
    /// block and lane.
    pub(super) fn step_through<B: Stepper>(
        &self,
        stepped: &mut Stepped<B>,
        total: u64,
        observer: &mut dyn Observer,
    ) -> Result<Option<u64>, RunError> {
        let Self { network, ranks, share, .. } = self;
        let stepping = stepped.pool.as_ref().filter(|_| stepped.blocks.len() > 1);
        let threads = stepped.pool.as_ref().map_or(1, ThreadPool::current_num_threads);
        let scratch: Vec<Mutex<B::Scratch>> = (0..threads).map(|_| Mutex::default()).collect();
        let (dt, window, width) = (network.simulation.step, stepped.window, stepped.width());
        let mut inflow = Inflow::new(network);
        let border = &share.coupling.scattering.border;
        let (own_rows, neighbours) = (border.own_rows(), &border.neighbours);
        let mut exchange = Exchange::new(*ranks, border, network.simulation.precision == Precision::F32);
        let progress = |done: u64| Progress { stage: Stage::MeanField, done, total, time: done as f64 * dt };
        let stops = ranks.leads() && observer.progress(progress(stepped.done)).is_break();
        self.go_on(stops, stepped.done)?;
        while stepped.done < total {
            let n_steps = usize::try_from(window.min(total - stepped.done)).unwrap_or(width);
            inflow.fill(stepped.done, n_steps);
            let scattering = &share.coupling.scattering;
            let plan = WindowPlan { network, scattering, first: stepped.done, n_steps, inflow: &inflow };
            let mut slab = stepped.lines.take(stepped.done / window, stepping);
            let (history, blocks) = (stepped.lines.history(), &mut stepped.blocks);
            // Blocks that other ranks hear go first, so that the others are stepped while their waves are on the way.
            let mut step = |slab: &mut Slab, heard: bool| {
                let below = slab.fresh(width).split(own_rows.start);
                let own = below.1.split(own_rows.len()).0;
                let all = || {
                    advance(blocks, &plan, history, own, &scratch, &|block| share.is_heard(block.rows()) == heard)
                };
                match stepping {
                    None => all(),
                    Some(pool) => pool.install(all),
                }
            };
            let lost = if neighbours.is_empty() {
                step(&mut slab, false)
            } else {
                let heard = step(&mut slab, true);
                let mut others = None;
                exchange.window((*ranks, neighbours), (&mut slab, n_steps, width), |slab| {
                    others = step(slab, false);
                });
                [heard, others].into_iter().flatten().min_by_key(|neuron| share.order(*neuron))
            };
            stepped.lines.put(slab);
            stepped.done += n_steps as u64;
            let lost = ranks.least(lost.map_or(u64::MAX, |neuron| share.order(neuron)));
            if lost < u64::MAX {
                return Ok(Some(lost));
            }
            self.tell(observer, progress(stepped.done), stepped)?;
        }
        Ok(None)
    }

    /// What each rank made of something, if all made it; otherwise its own error, or `other` where another failed.
    pub(super) fn agreed<T>(&self, made: Result<T, RunError>, other: RunError) -> Result<T, RunError> {
        let all = self.ranks.least(made.is_ok().into()) == 1;
        made.and_then(|made| if all { Ok(made) } else { Err(other) })
    }

    /// Whether the run goes on, as rank 0 decides.
    fn go_on(&self, stops: bool, done: u64) -> Result<(), RunError> {
        let stops = self.ranks.broadcast(vec![stops.into()]) == [1];
        if stops { Err(RunError::Stopped { time: done as f64 * self.network.simulation.step }) } else { Ok(()) }
    }

    /// Tells the observer of rank 0 how far the run is, and hands over the state if it is wanted.
    fn tell<B: Stepper>(
        &self,
        observer: &mut dyn Observer,
        progress: Progress,
        stepped: &Stepped<B>,
    ) -> Result<(), RunError> {
        let (ranks, leads) = (self.ranks, self.ranks.leads());
        let (mut stops, mut wanted) = (false, false);
        if leads {
            (stops, wanted) = state::asked(observer, progress);
        }
        let decided = ranks.broadcast(vec![stops.into(), wanted.into()]);
        if decided[1] == 1 {
            let own = |sink: &mut StateWriter<'_>| self.save(sink, stepped);
            if leads {
                // Each is received once, whether or not the state is written to its end.
                let next = std::cell::Cell::new(1);
                let inbox = || {
                    let from = next.replace(next.get() + 1);
                    (from < ranks.size()).then(|| Inbox::new(ranks, from))
                };
                let write = |sink: &mut StateWriter<'_>| {
                    self.save_head(sink, stepped)?;
                    own(sink)?;
                    while let Some(mut inbox) = inbox() {
                        let written = sink.put_all(&mut inbox);
                        inbox.end();
                        written?;
                    }
                    Ok(())
                };
                observer.keep(&State::new(progress, &write));
                // It has failed, and been told.
                while let Some(inbox) = inbox() {
                    inbox.end();
                }
            } else {
                let mut outbox = Outbox::new(ranks, 0);
                own(&mut StateWriter::new(&mut outbox)).expect("an outbox takes every write");
                outbox.end();
            }
        }
        if decided[0] == 1 { Err(RunError::Stopped { time: progress.time }) } else { Ok(()) }
    }

    /// By block, the sum over its rows of the squares of what is under way, each row with its part of its splitter's wave,
    /// over impedances.
    pub(super) fn in_flight(&self, lines: &DelayLines, done: u64) -> Vec<f64> {
        let Coupling { layout, blocks, scattering } = &self.share.coupling;
        let departures = Departures::new(&self.share.coupling, self.ranks);
        let (impedances, first) = (Impedances::new(self.network), scattering.border.own_rows().start);
        // Energy over the last steps of a row; what left between two steps is on its way in part.
        let under_way = |row: usize, delay: f64| {
            let (whole, part) = lag(delay);
            let of = |steps: u32| lines.energy(first + row, done, steps.into());
            if part == 0.0 { of(whole) } else { (1.0 - part) * of(whole) + part * of(whole + 1) }
        };
        let of_block = |(rows, block): (&Rows, usize)| {
            let mut energy = 0.0;
            for (slot, start) in rows.iter().enumerate().filter_map(|(slot, row)| Some((slot, (*row)?))) {
                for (lane, neuron) in layout.neurons(block).enumerate() {
                    let row = start as usize + lane;
                    let sum = departures.mean(row, |delay| under_way(row, delay));
                    let port = PortAt { neuron, slot };
                    energy += scattering.split[row] * sum / impedances.at(port);
                }
            }
            energy
        };
        scattering.senders.iter().zip(blocks.clone()).map(of_block).collect()
    }

    /// What the blocks of all ranks hand over, but for their waves, on rank 0.
    fn gathered(&self, own: Finished) -> Option<Finished> {
        let (network, ranks) = (self.network, self.ranks);
        if ranks.rank() > 0 {
            ranks.send(0, postcard::to_stdvec(&Sent::from(own)).expect("what blocks hand over is plain data"));
            return None;
        }
        let mut all = own;
        for rank in 1..ranks.size() {
            let sent: Sent = postcard::from_bytes(&ranks.receive(rank)).expect("ranks are of one program");
            all.append(sent.received(network, |neuron| self.course(neuron)));
        }
        Some(all)
    }

    /// The course of a neuron, before the run.
    fn course(&self, neuron: usize) -> MeanTrajectory {
        let (circuit, _) = self.network.neuron(neuron).expect("ranks have neurons there are");
        compile::course(self.network, neuron, circuit)
    }

    /// Gives the mean field that fluctuations are computed beside to all ranks; rank 0 has it.
    fn share(&self, courses: &mut Vec<MeanTrajectory>, spikes: &mut Vec<Spike>) {
        let workers = Workers { ranks: self.ranks, pool: None };
        if self.ranks.size() == 1 {
            return;
        }
        *spikes = workers.broadcast(|| std::mem::take(spikes));
        // One by one: together they may be as large as all the rest.
        let neurons: Vec<usize> = workers.broadcast(|| courses.iter().map(|course| course.neuron).collect());
        *courses = if workers.leads() {
            let course = |course: MeanTrajectory| workers.broadcast(|| course.into_kept());
            let kept = std::mem::take(courses).into_iter().map(course);
            neurons.iter().zip(kept).map(|(neuron, kept)| self.course(*neuron).with_kept(kept)).collect()
        } else {
            let kept = || workers.broadcast(|| unreachable!("rank 0 makes it"));
            neurons.iter().map(|neuron| self.course(*neuron).with_kept(kept())).collect()
        };
    }

    /// The error of a run whose neuron at `place` left the numbers in its last window; `so_far` is what so many steps before it
    /// came to.
    pub(super) fn not_finite(
        &self,
        place: u64,
        (done, width): (u64, u64),
        growth: Option<f64>,
        so_far: impl FnOnce(u64) -> Option<Outcome>,
    ) -> RunError {
        let network = self.network;
        let neuron = self.share.neuron(place);
        let steps = (done - 1) / width * width;
        let (from, time) = (steps as f64 * network.simulation.step, done as f64 * network.simulation.step);
        let likely = Divergence::of(network, growth, neuron, (from, time));
        let so_far = if steps > 0 { so_far(steps).map(Box::new) } else { None };
        RunError::NotFinite { neuron: network.neuron_name(neuron), from, time, likely, so_far }
    }
}
