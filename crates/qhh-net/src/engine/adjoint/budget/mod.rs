//! Noise budgets backwards: the variance of one number of a run, split over every noise line of every neuron.
//!
//! A number with slopes by voltages answers to a fluctuation of any line at any time; the steps of [`super`] backwards
//! have the answers of all lines at once, of the neurons whose answers are not too faint ([`faint`]). [`form`] makes
//! variances of them, exact over frequencies, while the steps come, so that nothing is kept but a few hundred numbers a
//! line. Before the run everything rests where it starts ([`super::before`]), and steps go on until the answers have died
//! out. Where an answer jumps, [`edges`] mends what steps make of it. It is the budget of field modes to the step's error.
//! Ours.
//!
//! What was emitted when: the variance with all noise from `t` on, less that with all from a little later on, is that of the
//! noise in between. It adds up to the whole, and is below zero where earlier noise takes away some of the later.

mod decays;
mod edges;
mod emitted;
mod fading;
mod faint;
mod form;
mod lines;
mod memory;
mod smooth;
mod spectrum;

use std::ops::ControlFlow;
use std::sync::Mutex;

use qhh_core::circuit::Circuit;
use qhh_core::integrate::lanes::{LANES, Lanes};
use qhh_core::stop;
use rayon::ThreadPool;

use emitted::{Answers, At, Bins, Emitted, Kept, Seen};
use fading::Fading;
use faint::Faint;
use form::Form;
use lines::Noises;
pub(super) use smooth::GROUP;
use spectrum::Spectrum;

use super::before::Resting;
use super::block::Block;
use super::later::Later;
use super::reverse::{Own, Reverse, Scratch, WindowBack};
use super::walk::{Walk, Walked};
use super::{Tape, within};
use crate::engine::delay_lines::SlabWriter;
use crate::engine::heisenberg::gates::AtStart;
use crate::engine::inflow::Inflow;
use crate::engine::state::{Observer, stoppable};
use crate::engine::{Progress, RunError, RunOptions, Stage, WindowPlan, compile, for_each_block};
use crate::network::{Feedback, Figure, Network, Quantum};
use crate::outcome::{LineShare, Origins};
use crate::ranks::Ranks;

/// Steps before the run at most, beside so many runs.
const MOST_STEPS: usize = 20_000;
const MOST_RUNS: usize = 10;
/// Stretches of the run that emissions are sorted into, and neurons of which they are kept at most: those that bring most.
const STRETCHES: usize = 60;
const MOST_NEURONS: usize = 10_000;

/// A number of a run: a sum of voltages of one neuron.
#[derive(Debug, Clone, PartialEq)]
pub struct Functional {
    /// The neuron.
    pub neuron: usize,
    /// Slopes by its voltage at some steps, ascending.
    pub slopes: Vec<(usize, f64)>,
}

/// The variances of the numbers that a network, known to be sound, records by their origin; on rank 0 all of them, each
/// computed by one rank.
///
/// # Errors
/// As a run.
pub(crate) fn origins(
    network: &Network,
    options: RunOptions,
    ranks: &dyn Ranks,
    observer: &mut dyn Observer,
) -> Result<Vec<Origins>, RunError> {
    let figures = &network.record.budget_of;
    let mut watched: Vec<usize> = figures.iter().map(|figure| figure.neuron()).collect();
    watched.sort_unstable();
    watched.dedup();
    let Some(quantum) = network.quantum else { return Ok(Vec::new()) };
    let (rank, size) = (ranks.rank(), ranks.size());
    // What one fails in, all give up.
    let all = |made: &Result<_, _>| ranks.least(u64::from(Result::is_ok(made))) == 1;
    let mut tape = None;
    let mut of_all = Vec::new();
    for row in figures.chunks(size) {
        let own = row.get(rank).map(|figure| {
            let tape = match &mut tape {
                Some(tape) => tape,
                none => none.insert(Tape::recorded(network, &watched, (options, true), observer)?),
            };
            tape.origins_of(*figure, &quantum, observer)
        });
        let own: Result<Option<Origins>, RunError> = own.transpose();
        if !all(&own) {
            own?;
            return Err(RunError::Stopped { time: 0.0 });
        }
        of_all.extend(own?);
        for other in 1..row.len() {
            if rank == other {
                let origins = of_all.pop().expect("it is its own");
                ranks.send(0, postcard::to_stdvec::<Origins>(&origins).expect("origins are plain data"));
            } else if rank == 0 {
                of_all.push(postcard::from_bytes(&ranks.receive(other)).expect("ranks are of one program"));
            }
        }
    }
    Ok(of_all)
}

/// A block, its way back and its noise.
struct BudgetBlock<'a> {
    block: &'a mut Block,
    reverse: Reverse,
    noise: Option<Emitted>,
    /// Where it rests before the run.
    resting: Option<Resting>,
    size: f64,
}

/// Working memory of a thread.
#[derive(Default)]
struct Room {
    block: Scratch,
    answers: Answers,
}

/// What does not change from window to window.
struct Common<'a> {
    network: &'a Network,
    noises: Noises,
    forms: Vec<Form>,
    bins: Bins,
    starts: compile::Starts<'a>,
    /// Steps after the run that make up the first group, so that groups end with windows where those are made of them.
    more: usize,
    /// By neuron, the first step whose answers are kept.
    needed: std::collections::BTreeMap<usize, i64>,
}

impl Common<'_> {
    fn circuits(&self, neurons: &[u32]) -> Vec<Circuit> {
        neurons.iter().map(|&neuron| self.starts.of(neuron as usize).0).collect()
    }

    /// The noise of a block, of which so many steps have gone by in silence.
    fn noise(&self, neurons: &[u32]) -> Emitted {
        let lines = self.noises.of_block(neurons, &self.circuits(neurons));
        let n_lines = lines.len();
        let mut noise = Emitted::new(lines, &self.forms, self.bins);
        noise.kept = (neurons.iter().enumerate())
            .filter_map(|(lane, neuron)| {
                let from = *self.needed.get(&(*neuron as usize))?;
                Some(Kept { lane, from, to: None, answers: vec![Vec::new(); n_lines], roots: Vec::new() })
            })
            .collect();
        noise
    }
}

impl Tape {
    /// The variance of a number, whose neuron is watched, by where its noise comes from, with the noise that `quantum` says.
    ///
    /// # Errors
    /// [`RunError::Stopped`] by the observer.
    pub fn origins(
        &mut self,
        figure: Figure,
        quantum: &Quantum,
        observer: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Origins, RunError> {
        stoppable(&mut { observer }, |observer| self.origins_of(figure, quantum, observer))
    }

    pub(crate) fn origins_of(
        &mut self,
        figure: Figure,
        quantum: &Quantum,
        observer: &mut dyn Observer,
    ) -> Result<Origins, RunError> {
        match self.functional(figure) {
            None => Ok(Origins::missing(figure)),
            Some((value, of)) => {
                let origins = self.budget_back(&of, quantum, observer)?;
                Ok(Origins { figure, value: Some(value), ..origins })
            }
        }
    }

    /// A number's value, and its slopes by voltages; none if the run has no such number. Its neuron is watched.
    pub fn functional(&self, figure: Figure) -> Option<(f64, Functional)> {
        let (neuron, dt) = (figure.neuron(), self.network.simulation.step);
        let voltages = self.voltages(neuron);
        match figure {
            Figure::Voltage { time, .. } => {
                let place = time / dt;
                let nearest = place.round();
                // Where a step is meant.
                let place = if (place - nearest).abs() < 1e-6 { nearest } else { place };
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a step of the run")]
                let (step, part) = (place as usize, place.fract());
                let slopes = [(step, 1.0 - part), (step + 1, part)].into_iter().filter(|slope| slope.1 != 0.0);
                let slopes: Vec<(usize, f64)> = slopes.collect();
                let of = |(step, slope): &(usize, f64)| voltages.get(*step).map(|v| slope * v);
                let value = slopes.iter().map(of).sum::<Option<f64>>()?;
                Some((value, Functional { neuron, slopes }))
            }
            Figure::Spike { number, .. } => {
                let spike = *self.spikes(neuron).get(number)?;
                let (k, [before, after]) = self.crossing(&spike)?;
                let slopes = vec![(k, before), (k + 1, after)];
                Some((spike.time, Functional { neuron, slopes }))
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "the stages of a run, one after the other")]
    fn budget_back(
        &mut self,
        figure: &Functional,
        quantum: &Quantum,
        observer: &mut dyn Observer,
    ) -> Result<Origins, RunError> {
        let slopes = self.slopes_of(figure);
        let own = Own::of_all(&slopes);
        let threads = self.pool.as_ref().map_or(1, ThreadPool::current_num_threads);
        let scratch: Vec<Mutex<Room>> = (0..threads).map(|_| Mutex::default()).collect();
        let (windows, total) = (self.windows(), self.n_steps as u64);
        let longest = self.n_steps + MOST_STEPS + MOST_RUNS * self.n_steps;
        let lags = self.longest_lags(longest);
        let mut later = Later::new(&lags, self.width);
        let reach = lags.into_iter().max().unwrap_or(0);
        let Self { network, coupling, transposed, blocks, waves, pool, width, stride, n_steps, .. } = self;
        let (network, width, stride, scattering) = (&*network, *width, *stride, &coupling.scattering);
        let (n_steps, dt) = (*n_steps, network.simulation.step);
        let noises = Noises::new(network, quantum);
        let spectra: Vec<Spectrum> = noises.baths.iter().map(|bath| Spectrum::new(*bath, dt)).collect();
        let last = figure.slopes.last().map_or(0, |slope| slope.0);
        let edges = edges::edges(network, coupling, figure.neuron, &figure.slopes);
        let common = Common {
            network,
            forms: spectra.iter().map(|spectrum| Form::new(spectrum, longest)).collect(),
            noises,
            bins: Bins { count: STRETCHES.min(last.max(1)), last },
            starts: compile::Starts::new(network),
            more: GROUP - 1 - (windows.last().map_or(0, |window| window.1) + GROUP - 1) % GROUP,
            needed: edges::needed(&edges),
        };
        let held = (quantum.feedback == Feedback::Mean).then(Lanes::default);
        let part = |block| {
            let block: &mut Block = block;
            let reverse = block.reverse(false);
            BudgetBlock { block, reverse, noise: None, resting: None, size: 0.0 }
        };
        let mut parts: Vec<BudgetBlock<'_>> = blocks.iter_mut().map(part).collect();
        let (mut fading, mut faint) = (Fading::new(width, reach), Faint::new(n_steps, width));
        let pool = pool.as_ref();
        let walk = Walk {
            network,
            scattering,
            transposed,
            sent: waves,
            pool,
            windows: &windows,
            stride,
            width,
            slopes: &own,
        };
        let through =
            |part: &mut BudgetBlock<'_>, window: &WindowBack<'_>, fresh: SlabWriter<'_>, room: &mut Room| {
                let &WindowPlan { first, n_steps: steps, .. } = window.plan;
                let first = i64::try_from(first).unwrap_or(i64::MAX);
                let at = common.at(first, steps, n_steps - steps - usize::try_from(first).unwrap_or(0));
                let BudgetBlock { block, reverse, .. } = part;
                let counts = block.hears(reverse, window, &mut room.block);
                if counts {
                    block.through(reverse, window, fresh, (false, held), &mut room.block);
                } else {
                    fresh.silence();
                }
                part.take(counts, &common, at, room);
            };
        let mut ended = |parts: &[BudgetBlock<'_>], number: usize| {
            let squares = size(parts);
            fading.take(squares, windows[number].1);
            faint.floor(squares, parts)
        };
        walk.back((&mut parts, &scratch), &mut later, &through, &mut ended, observer)?;
        let mut done = n_steps;
        // Before the run, until nothing is left that counts, nor under way.
        for BudgetBlock { block, reverse, .. } in &mut parts {
            for (lane, place, _) in &block.watched {
                let slope = slopes[*place][0];
                if slope != 0.0 {
                    reverse.sensitivity.v.0[*lane] += slope;
                    reverse.followed.lanes |= 1 << lane;
                }
            }
        }
        let inflow = Inflow::new(network);
        let warm = common.noises.baths.iter().any(|bath| bath.thermal_energy > 0.0);
        let mut first = 0i64;
        while !fading.is_over(warm) && done < longest {
            stop::check();
            let plan = WindowPlan { network, scattering, first: 0, n_steps: width, inflow: &inflow };
            let mut slab = later.take(pool);
            let window = WindowBack {
                plan: &plan,
                sent: waves.before(0),
                stretch: &[],
                later: later.under_way(),
                floor: faint.floor,
                transposed,
                width,
                number: 0,
                slopes: &[],
            };
            first -= i64::try_from(width).unwrap_or(0);
            let at = common.at(first, width, done);
            let all = || {
                for_each_block(
                    &mut parts,
                    &BudgetBlock::arriving,
                    slab.fresh(width),
                    &scratch,
                    &|part, fresh, room| {
                        let counts = part.block.hears(&mut part.reverse, &window, &mut room.block);
                        if counts {
                            part.before(&common, held, &window, fresh, room);
                        } else {
                            fresh.silence();
                        }
                        part.take(counts, &common, at, room);
                        None::<()>
                    },
                )
            };
            within(pool, all);
            later.put(slab);
            done += width;
            let squares = size(&parts);
            fading.before(squares);
            faint.floor(squares, &parts);
            if observer.progress(Progress { stage: Stage::Backwards, done: total, total, time: 0.0 }).is_break() {
                return Err(RunError::Stopped { time: 0.0 });
            }
        }
        let end = common.at(first, 0, done);
        for noise in parts.iter_mut().filter_map(|part| part.noise.as_mut()) {
            noise.end(end);
        }
        Ok(common.budget(&parts, &edges, &spectra, (fading.left(), fading.cut() + faint.part())))
    }

    /// Slopes by voltages, step by step, of the watched neurons.
    fn slopes_of(&self, figure: &Functional) -> Vec<Vec<f64>> {
        let of = |neuron: &usize| {
            let mut slopes = vec![0.0; self.n_steps + 1];
            for &(step, slope) in figure.slopes.iter().filter(|_| *neuron == figure.neuron) {
                slopes[step] += slope;
            }
            slopes
        };
        self.watched().iter().map(of).collect()
    }
}

impl Walked for BudgetBlock<'_> {
    fn block(&mut self) -> &mut Block {
        self.block
    }

    fn arriving(&self) -> (usize, usize) {
        self.block.arriving
    }
}

impl AsMut<Scratch> for Room {
    fn as_mut(&mut self) -> &mut Scratch {
        &mut self.block
    }
}

/// In the order of blocks, whatever thread went through them.
fn size(parts: &[BudgetBlock<'_>]) -> f64 {
    parts.iter().map(|part| part.size).sum()
}

impl BudgetBlock<'_> {
    /// Takes in what a window was worth.
    fn take(&mut self, counts: bool, common: &Common<'_>, at: At<'_>, room: &mut Room) {
        self.size = 0.0;
        let cells = &self.block.cells;
        if !counts {
            if let Some(noise) = &mut self.noise {
                noise.silent(at);
            }
            return;
        }
        let noise = self.noise.get_or_insert_with(|| common.noise(&cells.neurons));
        let resting = self.resting.as_ref();
        let seen = Seen {
            group: &cells.group,
            receivers: &cells.waves.receivers,
            incoming: &room.block.incoming,
            leaving: &room.block.leaving,
            gates: resting.map_or(&room.block.forwards.course.gates, |resting| &resting.gates),
            still: resting.is_some(),
        };
        noise.window(&seen, at, &mut room.answers);
        self.size = noise.size;
    }

    /// Goes through a window before the run, in which it rests.
    fn before(
        &mut self,
        common: &Common<'_>,
        held: Option<Lanes>,
        window: &WindowBack<'_>,
        fresh: SlabWriter<'_>,
        room: &mut Room,
    ) {
        let Self { block, reverse, resting, .. } = self;
        let resting = resting.get_or_insert_with(|| {
            let cells = &block.cells;
            let responds =
                |neuron: u32| AtStart::of(common.network, neuron as usize).is_some_and(|at| at.gates.is_some());
            let responding = held.or_else(|| {
                let each: Vec<bool> = cells.neurons.iter().map(|&neuron| responds(neuron)).collect();
                let one = |lane: usize| if each.get(lane).copied().unwrap_or(true) { 1.0 } else { 0.0 };
                each.contains(&false).then(|| Lanes::<LANES>::from_fn(one))
            });
            if let Some(responding) = responding {
                reverse.sensitivity.hold(responding);
            }
            Resting::new(cells, &block.at_start(), responding, common.network)
        });
        block.at_rest(reverse, window, fresh, &resting.still, &mut room.block);
    }
}

impl Common<'_> {
    fn at(&self, first: i64, n_steps: usize, done: usize) -> At<'_> {
        let done = done + self.more;
        At { dt: self.network.simulation.step, first, n_steps, done, forms: &self.forms, bins: self.bins }
    }

    fn budget(
        &self,
        parts: &[BudgetBlock<'_>],
        edges: &[edges::Edge],
        spectra: &[Spectrum],
        (left, cut): (f64, f64),
    ) -> Origins {
        // Of which number, the caller knows.
        let mut budget = Origins {
            left,
            error: self.forms.iter().map(|form| form.error).fold(0.0, f64::max) + cut,
            times: (0..=self.bins.count)
                .map(|bin| (bin * self.bins.last) as f64 / self.bins.count as f64 * self.network.simulation.step)
                .collect(),
            ..Origins::missing(Figure::Spike { neuron: 0, number: 0 })
        };
        for part in parts {
            let Some(noise) = &part.noise else { continue };
            let neurons = &part.block.cells.neurons;
            let circuits = self.circuits(neurons);
            let (mut totals, mut bins) = (noise.totals.clone(), noise.bins.clone());
            for kept in &noise.kept {
                let of = (neurons[kept.lane] as usize, &circuits[kept.lane]);
                for (line, step, added) in edges::corrections(edges, of, &noise.lines, kept, spectra) {
                    totals[line].0[kept.lane] += added;
                    bins[self.bins.of(step)].0[kept.lane] += added;
                }
            }
            for (lane, (&neuron, circuit)) in neurons.iter().zip(&circuits).enumerate() {
                for (line, total) in noise.lines.iter().zip(&totals) {
                    let variance = total.0[lane];
                    if variance == 0.0 {
                        continue;
                    }
                    for (name, share) in self.noises.parts(line.drive, neuron as usize, circuit) {
                        let line = place_of(&mut budget.lines, name);
                        budget.shares.push(LineShare { neuron, line, variance: share * variance });
                    }
                }
                let emitted: Vec<f64> = bins.iter().map(|bin| bin.0[lane]).collect();
                if emitted.iter().any(|part| *part != 0.0) {
                    budget.emitted.push((neuron, emitted));
                }
            }
        }
        budget.shares.sort_by_key(|share| share.neuron);
        // Names in the order in which they are met, whatever that of the blocks.
        let known = std::mem::take(&mut budget.lines);
        for share in &mut budget.shares {
            share.line = place_of(&mut budget.lines, known[share.line as usize].clone());
        }
        if budget.emitted.len() > MOST_NEURONS {
            let size = |of: &(u32, Vec<f64>)| of.1.iter().sum::<f64>().abs();
            budget.emitted.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.0.cmp(&b.0)));
            budget.emitted.truncate(MOST_NEURONS);
        }
        budget.emitted.sort_by_key(|(neuron, _)| *neuron);
        budget.variance = budget.shares.iter().map(|share| share.variance).sum();
        let noises = parts.iter().filter_map(|part| part.noise.as_ref());
        let left_out: f64 = noises.map(|noise| noise.left_out(&self.forms)).sum();
        if budget.variance > 0.0 {
            budget.error += left_out / budget.variance;
        }
        budget
    }
}

/// Place of a name among those known, a new one at the end.
#[expect(clippy::cast_possible_truncation, reason = "a neuron has a few dozen lines at most")]
fn place_of(names: &mut Vec<String>, name: String) -> u32 {
    let known = names.iter().position(|known| *known == name);
    known.unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    }) as u32
}
