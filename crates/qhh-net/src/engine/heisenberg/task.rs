//! All lines of one neuron at a few frequencies, through the whole run and everything they reach.
//!
//! What a task computes depends on nothing but the network, the mean trajectory and its own lines and frequencies, so
//! tasks are shared out among threads as they come and added up in order.

use std::ops::Range;

use qhh_core::circuit::MAX_PORTS;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::heisenberg::{
    Driven, GateStep, Gated, Gating, ModeState, Propagator, Wave, largest_square,
};
use qhh_core::stop;

use super::graph::{ModeGraph, positions};
use super::modes::Coefficients;
use super::rings::{Buffers, Rings};
use super::stationary::{Start, StationaryStart};
use super::{LineDrive, Mean, NoiseLine};

/// Steps in a window at most: the stages of one neuron stay in the first-level cache.
const LONGEST_WINDOW: usize = 32;

/// A wave or state this small beside the line's own neuron's at the start is not followed further: a relative error of
/// the variance of the square of it, and of covariances of it.
pub(crate) const CUT: f64 = 1e-10;

/// What a task needs.
pub(crate) struct Task<'a> {
    pub(crate) graph: &'a ModeGraph,
    pub(crate) mean: &'a Mean,
    /// By node, the step until whose start responses stay as they begin; none do if empty.
    pub(crate) still: &'a [usize],
    /// Where responses start, at the task's frequencies.
    pub(crate) start: &'a Start<'a>,
    /// The node the lines belong to.
    pub(crate) origin: usize,
    pub(crate) lines: &'a [NoiseLine],
    pub(crate) flux: bool,
    pub(crate) buffers: &'a Buffers,
}

/// What is looked at.
pub(super) struct Observation<'a> {
    pub(super) node: usize,
    pub(super) line: usize,
    pub(super) look: usize,
    pub(super) state: &'a ModeState,
    pub(super) arriving: Arriving<'a>,
}

/// What arrives at the ports at one of the times of a window; nothing at those left empty.
#[derive(Clone, Copy)]
pub(super) struct Arriving<'a> {
    waves: &'a [Vec<Wave>; MAX_PORTS],
    time: usize,
}

impl<'a> Arriving<'a> {
    /// The wave of place `time` at each port.
    pub(super) fn new(waves: &'a [Vec<Wave>; MAX_PORTS], time: usize) -> Self {
        Self { waves, time }
    }

    /// Through a port.
    pub(super) fn at(self, slot: usize) -> Wave {
        self.waves[slot].get(self.time).copied().unwrap_or_default()
    }
}

/// Sees responses as they are computed.
pub(super) trait ResponseSink<'a> {
    /// Whether the voltage of a node is looked at.
    fn looks_at(&self, node: usize) -> bool;
    /// Looks of the next window.
    fn open(&mut self, looks: Range<usize>);
    /// State of a node, and what arrives at its ports, in response to a line at the look of the given place.
    fn look(&mut self, seen: Observation<'_>);
    /// The window is over: every node and line has been looked at.
    fn close(&mut self);
    /// Takes in what leaves through the rows it follows.
    fn coefficients(&mut self) -> &mut Coefficients<'a>;
}

/// Phase an arm adds at each frequency, with its amplitude.
struct Arm {
    slot: usize,
    row: usize,
    /// `amplitude e^{i w tau}`, times the parts of the two samples it is between.
    near: Wave,
    far: Wave,
    lag: usize,
    fractional: bool,
}

impl Task<'_> {
    /// Runs it. Returns how far the start is from stationary, relative.
    pub(super) fn run(&self, watcher: &mut dyn ResponseSink<'_>) -> f64 {
        let (graph, mean) = (self.graph, self.mean);
        let StationaryStart { nodes: reach, mut states, left: waves, defect } =
            self.start.begin(self.origin, self.lines);
        let omega = self.start.omega;
        let propagator = |&node: &usize| Propagator::new(&graph.nodes[node].circuit, omega, mean.dt);
        let steps = mean.n_steps > 0;
        let propagators: Vec<Propagator> = reach.iter().filter(|_| steps).map(propagator).collect();
        let (gatings, mut deviations) = self.gates(&reach, &states);
        let places = positions(graph.nodes.len(), &reach);
        // Where nothing is stepped, what arrives matters where it is looked at.
        let arrives = |node: usize| steps || watcher.looks_at(node);
        let of_node = |&node: &usize| if arrives(node) { self.arms(node, &places) } else { Vec::new() };
        let arms: Vec<Vec<Arm>> = reach.iter().map(of_node).collect();
        let window = if steps { graph.window(LONGEST_WINDOW) } else { 0 };
        let mut rings = Rings::new(graph, &reach, self.lines.len(), window, self.buffers);
        let origin = places[self.origin].expect("it reaches itself");
        let cuts: Vec<f64> =
            (0..self.lines.len()).map(|line| CUT * size(&states[origin * self.lines.len() + line])).collect();
        for &(row, line, wave) in &waves {
            rings.begin(row, line, plus_real(wave, self.lines[line].splits(graph, row)), cuts[line]);
        }
        let mut scratch = Scratch::default();
        let mut next_look = 0;
        if mean.looks.first() == Some(&0) {
            watcher.open(0..1);
            for (place, &node) in reach.iter().enumerate() {
                if !watcher.looks_at(node) {
                    continue;
                }
                for line in 0..self.lines.len() {
                    let state = &states[place * self.lines.len() + line];
                    let at = At { node, first: 0, n: 0, looks: 0..0 };
                    self.arrive(&at, &arms[place], line, &rings, &mut scratch.arriving);
                    watcher.look(Observation {
                        node,
                        line,
                        look: 0,
                        state,
                        arriving: Arriving { waves: &scratch.arriving, time: 0 },
                    });
                }
            }
            watcher.close();
            next_look = 1;
        }
        let mut first = 0;
        while first < mean.n_steps {
            let n = window.min(mean.n_steps - first);
            let looks = next_look..next_look + mean.looks[next_look..].partition_point(|&k| k <= first + n);
            watcher.open(looks.clone());
            for (place, &node) in reach.iter().enumerate() {
                stop::check();
                let states = &mut states[place * self.lines.len()..(place + 1) * self.lines.len()];
                let at = At { node, first, n, looks: if watcher.looks_at(node) { looks.clone() } else { 0..0 } };
                let part = NodeStep {
                    propagator: &propagators[place],
                    gating: gatings.get(place),
                    arms: &arms[place],
                    cuts: &cuts,
                };
                let deviations = deviations.get_mut(place).map_or(&mut [][..], Vec::as_mut_slice);
                self.advance(&at, &part, (states, deviations), &mut rings, &mut scratch, watcher);
            }
            watcher.close();
            next_look = looks.end;
            first += n;
        }
        defect
    }

    /// Where gates respond, their constants by place, and their deviations at the start: `[place]`, `[line][gate]`.
    fn gates(&self, reach: &[usize], states: &[ModeState]) -> (Vec<Gating>, Vec<Vec<Wave>>) {
        let omega = &self.start.omega;
        let of = |&node: &usize| self.mean.gates.get(node).map(|gates| gates.gating(omega, self.mean.dt));
        let begun = |(&node, states): (&usize, &[ModeState])| {
            let mut deviations = Vec::new();
            let gates = self.mean.gates.get(node)?;
            let each = states.iter().zip(self.lines);
            each.for_each(|(state, line)| {
                gates.begin(omega, state.v, self.recorded(node, line), &mut deviations);
            });
            Some(deviations)
        };
        let begun = reach.iter().zip(states.chunks(self.lines.len().max(1))).filter_map(begun);
        (reach.iter().filter_map(of).collect(), begun.collect())
    }

    /// What a line adds to the record of a node's voltage.
    fn recorded(&self, node: usize, line: &NoiseLine) -> f64 {
        if node == self.origin { line.drive.recorded() } else { 0.0 }
    }

    fn arms(&self, node: usize, places: &[Option<usize>]) -> Vec<Arm> {
        let arriving = self.graph.nodes[node].arms.iter();
        arriving
            .filter(|arm| places[self.graph.rows[arm.row].0].is_some())
            .map(|arm| {
                let (lag, part) = arm.samples();
                let turned = |lane: usize, part: f64| {
                    Complex64::from_polar(arm.amplitude * part, self.start.omega[lane] * arm.lag * self.mean.dt)
                };
                Arm {
                    slot: arm.slot,
                    row: arm.row,
                    near: Wave::from_fn(|lane| turned(lane, 1.0 - part)),
                    far: if part == 0.0 { Wave::default() } else { Wave::from_fn(|lane| turned(lane, part)) },
                    lag,
                    fractional: part != 0.0,
                }
            })
            .collect()
    }

    fn advance(
        &self,
        at: &At,
        part: &NodeStep<'_>,
        (states, deviations): (&mut [ModeState], &mut [Wave]),
        rings: &mut Rings<'_>,
        scratch: &mut Scratch,
        watcher: &mut dyn ResponseSink<'_>,
    ) {
        let (graph, mean) = (self.graph, self.mean);
        let of_node = &graph.nodes[at.node];
        let own = at.node == self.origin;
        let flux = self.flux && watcher.looks_at(at.node);
        let Scratch { stages, gate_steps, conductances, arriving, leaving, current, along } = scratch;
        if self.still.get(at.node).is_some_and(|&until| at.first + at.n <= until) {
            self.stay(at, part, states, rings, arriving, watcher);
            return;
        }
        stages.clear();
        let n_deviations = deviations.len() / self.lines.len().max(1);
        for (number, (line, state)) in self.lines.iter().zip(states).enumerate() {
            let deviations = &mut deviations[number * n_deviations..(number + 1) * n_deviations];
            if !own && part.is_silent(at, rings, number, (state, deviations)) {
                for row in of_node.rows.iter().flatten() {
                    rings.silence(*row, number, at.first, at.n);
                }
                let none = std::array::from_fn(|_| Vec::new());
                let arriving = Arriving { waves: &none, time: 0 };
                for look in at.looks.clone() {
                    watcher.look(Observation { node: at.node, line: number, look, state, arriving });
                }
                continue;
            }
            if stages.is_empty() {
                conductances.clear();
                conductances.extend(mean.conductances(at.node, at.first, at.n));
                part.propagator.stages(conductances, stages);
                if let Some(gates) = mean.gates.get(at.node) {
                    gates.steps(part.propagator, &mean.courses[at.node], (at.first, at.n), gate_steps);
                }
            }
            current.clear();
            if own {
                line.drive.current(mean, at.node, at.first, at.n, current);
            }
            self.arrive(at, part.arms, number, rings, arriving);
            // Taken out while they are written to.
            let mut out = of_node.rows.map(|row| rings.take(row, number));
            let mut each = out.iter_mut().zip(&mut *leaving);
            let mut windows: [&mut [Wave]; MAX_PORTS] = std::array::from_fn(|slot| match each.next() {
                Some((ring, spare)) if of_node.rows[slot].is_some() => ring.window(at.first, at.n, spare),
                _ => &mut [],
            });
            let mut done = 0;
            for look in at.looks.clone().map(Some).chain([None]) {
                let until = look.map_or(at.n, |look| mean.looks[look] - at.first);
                if until > done {
                    let mut leaving =
                        windows.each_mut().map(|waves| waves.get_mut(done..until).unwrap_or_default());
                    let driven = Driven {
                        stages: &stages[done..until],
                        current: current.get(done..until).unwrap_or_default(),
                        arriving: std::array::from_fn(|slot| arriving[slot].get(done..=until).unwrap_or_default()),
                        flux,
                    };
                    match part.gating {
                        None => part.propagator.advance(state, driven, &mut leaving),
                        Some(gating) => {
                            let n = gating.n_gates();
                            let steps = &gate_steps[done * n..until * n];
                            let recorded = self.recorded(at.node, line);
                            let gated = Gated { gating, steps, deviations, recorded };
                            part.propagator.advance_gated(state, driven, gated, &mut leaving);
                        }
                    }
                    done = until;
                }
                if let Some(look) = look {
                    let arriving = Arriving { waves: arriving, time: done };
                    watcher.look(Observation { node: at.node, line: number, look, state, arriving });
                }
            }
            for ((mut ring, spare), row) in out.into_iter().zip(&mut *leaving).zip(&of_node.rows) {
                let Some(row) = *row else { continue };
                let fixed = line.splits(graph, row);
                let before = ring.at(at.first);
                let waves = ring.window(at.first, at.n, spare);
                if watcher.coefficients().follows(row) {
                    along.clear();
                    along.push(plus_real(before, -fixed));
                    along.extend_from_slice(waves);
                    watcher.coefficients().take(row, number, at.first, along);
                }
                if fixed != 0.0 {
                    for wave in waves.iter_mut() {
                        *wave = plus_real(*wave, fixed);
                    }
                }
                rings.put((row, number), ring, (at.first, at.n), spare, part.cuts[number]);
            }
        }
    }

    /// A window in which everything stays as it began: the rings are full of what left then.
    fn stay(
        &self,
        at: &At,
        part: &NodeStep<'_>,
        states: &[ModeState],
        rings: &mut Rings<'_>,
        arriving: &mut [Vec<Wave>; MAX_PORTS],
        watcher: &mut dyn ResponseSink<'_>,
    ) {
        for (number, (line, state)) in self.lines.iter().zip(states).enumerate() {
            if !at.looks.is_empty() {
                let now = At { n: 0, looks: 0..0, ..*at };
                self.arrive(&now, part.arms, number, rings, arriving);
                for look in at.looks.clone() {
                    let arriving = Arriving { waves: arriving, time: 0 };
                    watcher.look(Observation { node: at.node, line: number, look, state, arriving });
                }
            }
            for row in self.graph.nodes[at.node].rows.iter().flatten() {
                let Some(ring) = rings.ring_mut(*row, number) else { continue };
                ring.loud = ring.loud.map(|_| at.first + at.n);
                if watcher.coefficients().follows(*row) {
                    let wave = plus_real(ring.at(at.first), -line.splits(self.graph, *row));
                    watcher.coefficients().take_still(*row, number, at.first, at.n, wave);
                }
            }
        }
    }

    /// What arrives at a node's ports in response to a line, at the start of a window's steps and the end of the last.
    fn arrive(
        &self,
        at: &At,
        arms: &[Arm],
        line: usize,
        rings: &Rings<'_>,
        arriving: &mut [Vec<Wave>; MAX_PORTS],
    ) {
        arriving.iter_mut().for_each(Vec::clear);
        if at.node == self.origin {
            match &self.lines[line].drive {
                LineDrive::Port(slot) => arriving[*slot].resize(at.n + 1, Wave::real(1.0)),
                LineDrive::Packet { slot, waves } => {
                    arriving[*slot].extend((at.first..=at.first + at.n).map(|step| waves.at(step)));
                }
                _ => {}
            }
        }
        for arm in arms {
            if let Some(ring) = rings.ring(arm.row, line) {
                let sum = &mut arriving[arm.slot];
                ring.add_to(sum, arm.near, (at.first, at.n + 1, arm.lag));
                if arm.fractional {
                    ring.add_to(sum, arm.far, (at.first, at.n + 1, arm.lag + 1));
                }
            }
        }
    }
}

/// A node's turn in a window.
struct At {
    node: usize,
    first: usize,
    n: usize,
    /// Where the node is looked at.
    looks: Range<usize>,
}

/// What a node's steps depend on.
struct NodeStep<'a> {
    propagator: &'a Propagator,
    /// Where gates respond.
    gating: Option<&'a Gating>,
    arms: &'a [Arm],
    /// By line.
    cuts: &'a [f64],
}

impl NodeStep<'_> {
    /// Whether neither the state nor what arrives in a window is large enough to count.
    fn is_silent(
        &self,
        at: &At,
        rings: &Rings<'_>,
        line: usize,
        (state, deviations): (&ModeState, &[Wave]),
    ) -> bool {
        let cut = self.cuts[line];
        let heard = |arm: &Arm| {
            let loud = rings.ring(arm.row, line).and_then(|ring| ring.loud);
            loud.is_some_and(|loud| loud + arm.lag + 1 >= at.first)
        };
        !self.arms.iter().any(heard) && size(state) <= cut && largest_square(deviations) <= cut * cut
    }
}

/// Working memory.
#[derive(Default)]
struct Scratch {
    stages: Vec<[Wave; 2]>,
    gate_steps: Vec<GateStep>,
    conductances: Vec<(f64, f64)>,
    arriving: [Vec<Wave>; MAX_PORTS],
    leaving: [Vec<Wave>; MAX_PORTS],
    current: Vec<[f64; 2]>,
    along: Vec<Wave>,
}

/// The largest of a state's amplitudes.
fn size(state: &ModeState) -> f64 {
    let [a, b, c, d, e] = state.u;
    largest_square(&[state.v, a, b, c, d, e]).sqrt()
}

fn plus_real(mut wave: Wave, value: f64) -> Wave {
    if value != 0.0 {
        wave.re = wave.re + value;
    }
    wave
}
