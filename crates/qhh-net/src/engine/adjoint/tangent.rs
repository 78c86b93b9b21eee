//! Forwards through a run along one change of the network: how its voltages change, to first order.
//!
//! The run on tape is made again, window by window, and the change goes through the derivative of each step beside it
//! ([`qhh_core::integrate::adjoint`]); changes of waves travel from senders to receivers, and those of amplitudes and delays
//! act on the waves that were sent. It is the derivative that the way backwards is the transpose of.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use std::ops::ControlFlow;
use std::sync::Mutex;

use pulp::{Simd, WithSimd};
use qhh_core::circuit::{Circuit, MAX_PORTS};
use qhh_core::gates::Gates;
use qhh_core::integrate::adjoint::{Forwards, Incoming, Moved, Sensitivity, Slopes};
use qhh_core::integrate::lanes::Lanes;
use qhh_core::integrate::window::DriveLanes;
use qhh_core::stop;
use rayon::ThreadPool;

use super::block::{Block, injected};
use super::chain::NeuronSlopes;
use super::direction::Direction;
use super::later::Sent;
use super::{Tape, within};
use crate::coupling::scattering::{OfArm, along_arms, lag};
use crate::engine::delay_lines::{DelayLines, History, SlabWriter};
use crate::engine::inflow::Inflow;
use crate::engine::neuron_block::Scratch;
use crate::engine::state::{Observer, stoppable};
use crate::engine::{Progress, RunError, Stage, Stepper, WindowPlan, compile, for_each_block};
use crate::network::Network;

/// A block, and a change that goes through it.
struct Following<'a> {
    block: &'a mut Block,
    /// Of the state.
    change: Sensitivity,
    parameters: Slopes,
    /// Of the wave at the end of the window before, by receiving port.
    carried: Vec<Lanes>,
    /// Of the factor of each source into each lane: those of plain feeds, then those of random ones.
    factors: Vec<f64>,
    /// Of the watched voltages.
    voltages: Vec<Vec<f64>>,
}

/// Working memory of one thread.
#[derive(Default)]
struct Room {
    forwards: Scratch<{ qhh_core::integrate::lanes::LANES }, f64>,
    incoming: Incoming,
    moved: Moved,
    row: Vec<f64>,
    joined: Vec<f64>,
    random: Vec<DriveLanes>,
    values: Vec<Lanes>,
}

/// What all blocks know of a window.
struct WindowAlong<'a> {
    plan: &'a WindowPlan<'a>,
    direction: &'a Direction,
    /// Waves that were sent, and how those before the window change.
    sent: Sent<'a>,
    before: History<'a>,
    /// How what each arm does to waves changes.
    arms: &'a [OfArm],
}

impl Tape {
    /// How the watched voltages change along a direction, to first order: a list for each watched neuron, in their order,
    /// with as many entries as [`Tape::voltages`]. `direction` is one of the network that ran. The run is made once more
    /// for each direction.
    ///
    /// # Errors
    /// [`RunError::Stopped`] by the observer.
    pub fn tangent(
        &mut self,
        direction: &Direction,
        observer: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Vec<Vec<f64>>, RunError> {
        stoppable(&mut { observer }, |observer| self.followed(direction, observer))
    }

    fn followed(&mut self, direction: &Direction, observer: &mut dyn Observer) -> Result<Vec<Vec<f64>>, RunError> {
        let threads = self.pool.as_ref().map_or(1, ThreadPool::current_num_threads);
        let scratch: Vec<Mutex<Room>> = (0..threads).map(|_| Mutex::default()).collect();
        let windows = self.windows();
        let most = self.n_steps + self.width;
        let Self { network, coupling, blocks, waves, pool, width, n_steps, watched, .. } = self;
        let (network, width, scattering, pool) = (&*network, *width, &coupling.scattering, pool.as_ref());
        let lags = scattering.arms.longest_lags(scattering.n_senders());
        let lags: Vec<usize> = lags.into_iter().map(|lag| (lag as usize).min(most)).collect();
        let mut later = DelayLines::new(&lags, width);
        let mut by_name: Vec<_> = network.waveguides.iter().zip(&direction.of.waveguides).collect();
        by_name.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        let by_name: Vec<_> = by_name.into_iter().map(|(_, of)| of.as_slice()).collect();
        let impedance = |port: crate::coupling::scattering::PortAt| {
            direction.of.neurons.get(port.neuron).and_then(|of| of.ports.get(port.slot)).map_or(0.0, |of| of.1)
        };
        let arms = along_arms(network, &coupling.layout, scattering, &by_name, impedance);
        let starts = compile::Starts::new(network);
        let begun = |neuron: u32| starts.of(neuron as usize);
        let place = |neuron: u32| starts.population(neuron as usize);
        let start = |block| Following::new(block, network, direction, &begun, &place);
        let mut parts: Vec<Following<'_>> = blocks.iter_mut().map(start).collect();
        let mut inflow = Inflow::new(network);
        for (number, (first, steps)) in windows.into_iter().enumerate() {
            stop::check();
            inflow.fill(first, steps);
            let plan = WindowPlan { network, scattering, first, n_steps: steps, inflow: &inflow };
            let mut slab = later.take(number as u64, pool);
            let (sent, before) = (waves.before(number), later.history());
            let window = WindowAlong { plan: &plan, direction, sent, before, arms: &arms };
            within(pool, || {
                let rows = |part: &Following<'_>| part.block.cells.rows();
                for_each_block(&mut parts, &rows, slab.fresh(width), &scratch, &|part, fresh, room| {
                    part.window(&window, fresh, room);
                    None::<()>
                })
            });
            later.put(slab);
            let done = first + steps as u64;
            let time = done as f64 * network.simulation.step;
            let progress = Progress { stage: Stage::MeanField, done, total: *n_steps as u64, time };
            if observer.progress(progress).is_break() {
                return Err(RunError::Stopped { time });
            }
        }
        let mut changes = vec![Vec::new(); watched.len()];
        for part in parts {
            for ((_, place, _), voltages) in part.block.watched.iter().zip(part.voltages) {
                changes[*place] = voltages;
            }
        }
        Ok(changes)
    }
}

impl<'a> Following<'a> {
    /// At the start of the run. `begun` is what each neuron starts from, `place` its population.
    fn new(
        block: &'a mut Block,
        network: &Network,
        direction: &Direction,
        begun: &dyn Fn(u32) -> (Circuit, (f64, Gates)),
        place: &dyn Fn(u32) -> usize,
    ) -> Self {
        block.restart();
        let cells = &block.cells;
        let (dt, units) = (network.simulation.step, network.rate_units());
        let mut parameters = cells.group.level();
        let (mut start, mut starts) = (Vec::new(), Vec::new());
        for (lane, &neuron) in cells.neurons.iter().enumerate() {
            let (circuit, begun) = begun(neuron);
            let mut change = direction.of.neurons.get(neuron as usize).cloned().unwrap_or_default();
            if change != NeuronSlopes::default() {
                change.followed(&circuit, &network.populations[place(neuron)], begun.0, units);
            }
            parameters.capacitance.0[lane] = change.capacitance;
            let channels = parameters.conductance.iter_mut().zip(&mut parameters.reversal);
            for ((conductance, reversal), change) in channels.zip(&change.channels) {
                (conductance.0[lane], reversal.0[lane]) = *change;
            }
            for ((capacitance, impedance), change) in parameters.ports.iter_mut().zip(&change.ports) {
                (capacitance.0[lane], impedance.0[lane]) = *change;
            }
            for (sense, change) in parameters.sense.iter_mut().zip(change.sense) {
                sense.0[lane] = change;
            }
            starts.push(begun);
            start.push((change.voltage, change.gates));
        }
        let plain = cells.feeds.iter().map(|feed| (feed.source, feed.lane));
        let random = cells.random.iter();
        let random = random.flat_map(|of| of.lanes.iter().map(move |(lane, ..)| (of.source, *lane)));
        let factor = |(source, lane): (u32, u32)| {
            let (targets, of) =
                (&network.sources[source as usize].targets, direction.of.sources.get(source as usize));
            let place = targets.place_in_ascending(cells.neurons[lane as usize] as usize);
            place.and_then(|place| of?.factors.get(place)).copied().unwrap_or_default()
        };
        let change = cells.group.begun(&starts, &start, &parameters, dt, units);
        let voltages = block.watched.iter().map(|(lane, ..)| vec![change.v.0[*lane]]).collect();
        Self {
            factors: plain.chain(random).map(factor).collect(),
            carried: vec![Lanes::default(); cells.waves.arrived.len()],
            change,
            parameters,
            voltages,
            block,
        }
    }

    fn window(&mut self, window: &WindowAlong<'_>, mut fresh: SlabWriter<'_>, room: &mut Room) {
        let plan = window.plan;
        let start = self.block.cells.state.clone();
        window.sent.received(&mut self.block.cells, plan, &mut room.forwards);
        room.forwards.course.detailed = true;
        self.block.cells.step(plan, &mut room.forwards);
        pulp::Arch::new().dispatch(Arriving { part: self, window, room });
        self.packets(window, room);
        self.currents(window, room);
        let Room { forwards, incoming, moved, .. } = room;
        let cells = &self.block.cells;
        let along = Forwards {
            dt: plan.network.simulation.step,
            units: plan.network.rate_units(),
            start: &start,
            course: &forwards.course,
            drive: &forwards.drive,
            arriving: std::array::from_fn(|p| forwards.arriving[p].as_slice()),
            incoming,
        };
        cells.group.along(&mut self.change, &self.parameters, moved, &along);
        for ((lane, ..), voltages) in self.block.watched.iter().zip(&mut self.voltages) {
            voltages.extend(moved.v[1..].iter().map(|v| v.0[*lane]));
        }
        let lanes = cells.neurons.len();
        let leaving = moved.leaving.iter().zip(&cells.waves.senders).filter(|(_, row)| row.is_some());
        for (port, (leaving, _)) in leaving.enumerate() {
            for lane in 0..lanes {
                let (row, active) = fresh.row(port * lanes + lane);
                *active = leaving.iter().any(|wave| wave.0[lane] != 0.0);
                if *active {
                    row.iter_mut().zip(leaving).for_each(|(to, wave)| *to = wave.0[lane]);
                }
            }
        }
    }

    /// Adds how packets change, and with the impedance of the line the voltage of their waves.
    fn packets(&self, window: &WindowAlong<'_>, room: &mut Room) {
        let first = usize::try_from(window.plan.first).unwrap_or(usize::MAX);
        for packet in &self.block.cells.packets {
            let (slot, lane) = (packet.slot as usize, packet.lane as usize);
            let waves = &window.plan.inflow.packets[packet.source as usize];
            let changes = window.direction.of.sources.get(packet.source as usize).map(|of| of.waves.as_slice());
            let changes = changes.and_then(|of| of.get(first..)).unwrap_or_default();
            let of_root = 0.5 * self.parameters.ports[slot].1.0[lane] / packet.root;
            let incoming = &mut room.incoming.waves[slot];
            incoming.resize(window.plan.n_steps + 1, Lanes::default());
            for (k, (to, wave)) in incoming.iter_mut().zip(waves).enumerate() {
                to.0[lane] += packet.root * changes.get(k).copied().unwrap_or_default() + of_root * wave;
            }
        }
    }

    /// How injected currents change.
    fn currents(&self, window: &WindowAlong<'_>, room: &mut Room) {
        let Room { incoming, random: alone, values, .. } = room;
        let (cells, plan) = (&self.block.cells, window.plan);
        let currents = &mut incoming.currents;
        currents.clear();
        currents.resize(plan.n_steps, DriveLanes::default());
        let first = usize::try_from(plan.first).unwrap_or(usize::MAX);
        let mut factors = self.factors.iter();
        for (feed, change) in cells.feeds.iter().zip(&mut factors) {
            let (source, lane) = (feed.source as usize, feed.lane as usize);
            let changes = window.direction.of.sources.get(source).and_then(|of| of.currents.get(first..));
            for (k, (to, segment)) in currents.iter_mut().zip(&plan.inflow.currents[source].segments).enumerate() {
                let own = changes.and_then(|of| of.get(k)).copied().unwrap_or_default();
                to.mean.0[lane] += feed.factor * own[0] + change * segment.mean;
                to.slope.0[lane] += feed.factor * own[1] + change * segment.slope;
            }
        }
        for random in &cells.random {
            injected(random, plan, alone, values);
            for (&(lane, factor, _), change) in random.lanes.iter().zip(&mut factors) {
                // A factor of 0 shows no current.
                if factor == 0.0 || *change == 0.0 {
                    continue;
                }
                let lane = lane as usize;
                for (to, own) in currents.iter_mut().zip(&*alone) {
                    to.mean.0[lane] += change / factor * own.mean.0[lane];
                    to.slope.0[lane] += change / factor * own.slope.0[lane];
                }
            }
        }
    }
}

/// How the waves that arrive in a window change. A type of its own, so that it is compiled for the machine's vectors.
struct Arriving<'a, 'b, 'w> {
    part: &'a mut Following<'b>,
    window: &'a WindowAlong<'w>,
    room: &'a mut Room,
}

impl WithSimd for Arriving<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { part, window, room: Room { incoming, row, joined, .. } } = self;
        let (cells, n_steps) = (&part.block.cells, window.plan.n_steps);
        let arms = &window.plan.scattering.arms;
        let until = window.plan.first + n_steps as u64;
        let mut port = 0;
        for slot in 0..MAX_PORTS {
            let waves = &mut incoming.waves[slot];
            waves.clear();
            let Some(first) = cells.waves.receivers[slot] else { continue };
            waves.resize(n_steps + 1, Lanes::default());
            waves[0] = part.carried[port];
            for lane in 0..cells.neurons.len() {
                row.clear();
                row.resize(n_steps, 0.0);
                for arm in arms.of(first as usize + lane) {
                    let (whole, at) = lag(arms.delays.get(arm));
                    if u64::from(whole) > until {
                        continue;
                    }
                    let (sender, x) = (arms.senders()[arm], arms.amplitudes()[arm]);
                    let OfArm { amplitude, delay } = window.arms[arm];
                    // Between two steps a wave is a straight line; at a step the slope is the mean of those before and
                    // after.
                    let (earlier, slope) = if at == 0.0 { (whole - 1, 0.5) } else { (whole, 1.0) };
                    window.before.add(sender, (whole, at), x, row, (&mut true, joined));
                    let of_waves = [
                        ((whole, at), amplitude),
                        ((whole + 1, 0.0), slope * x * delay),
                        ((earlier, 0.0), -slope * x * delay),
                    ];
                    for (lag, factor) in of_waves.into_iter().filter(|(_, factor)| *factor != 0.0) {
                        window.sent.add(sender, lag, factor, row, joined);
                    }
                }
                for (to, wave) in waves[1..].iter_mut().zip(&*row) {
                    to.0[lane] = *wave;
                }
            }
            part.carried[port] = waves[n_steps];
            port += 1;
        }
    }
}
