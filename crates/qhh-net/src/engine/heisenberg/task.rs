//! All lines of one neuron at a few frequencies, through the whole run and everything they reach.
//!
//! What a task computes depends on nothing but the network, the mean trajectory and its own lines and frequencies, so
//! tasks are shared out among threads as they come and added up in order.

use qhh_core::circuit::MAX_PORTS;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::heisenberg::{Driven, MODES, ModeState, Propagator, Wave};

use super::graph::ModeGraph;
use super::modes::Coefficients;
use super::stationary::{self, Start};
use super::{Line, LineDrive, Mean};

/// Steps in a window at most: the stages of one neuron stay in the first-level cache.
const LONGEST_WINDOW: usize = 32;

/// What a task is told.
pub(crate) struct Task<'a> {
    pub(crate) graph: &'a ModeGraph,
    pub(crate) mean: &'a Mean,
    /// The node the lines belong to.
    pub(crate) origin: usize,
    pub(crate) lines: &'a [Line],
    pub(crate) omega: [f64; MODES],
    pub(crate) flux: bool,
}

/// Sees responses as they are computed.
pub(super) trait Watcher<'a> {
    /// Whether the voltage of a node is looked at.
    fn looks_at(&self, node: usize) -> bool;
    /// State of a node in response to a line at the look of the given place.
    fn look(&mut self, node: usize, line: usize, look: usize, state: &ModeState);
    /// Takes in what leaves through the rows it follows.
    fn coefficients(&mut self) -> &mut Coefficients<'a>;
}

/// Waves under way in response to the lines, for every row in reach: `[row][line][step]` in rings.
struct Rings {
    /// Place of each row of the graph.
    places: Vec<Option<usize>>,
    samples: Vec<Wave>,
    n_lines: usize,
    length: usize,
}

impl Rings {
    fn new(graph: &ModeGraph, reach: &[usize], n_lines: usize, span: usize) -> Self {
        let mut places = vec![None; graph.rows.len()];
        let mut n_rows = 0;
        for row in reach.iter().flat_map(|&node| graph.nodes[node].rows).flatten() {
            places[row] = Some(n_rows);
            n_rows += 1;
        }
        let length = span.next_power_of_two();
        Self { places, samples: vec![Wave::default(); n_rows * n_lines * length], n_lines, length }
    }

    fn ring(&self, row: usize, line: usize) -> Option<&[Wave]> {
        let start = (self.places[row]? * self.n_lines + line) * self.length;
        Some(&self.samples[start..start + self.length])
    }

    fn ring_mut(&mut self, row: usize, line: usize) -> Option<&mut [Wave]> {
        let start = (self.places[row]? * self.n_lines + line) * self.length;
        Some(&mut self.samples[start..start + self.length])
    }
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
    pub(super) fn run(&self, watcher: &mut dyn Watcher<'_>) -> f64 {
        let (graph, mean) = (self.graph, self.mean);
        let reach = &graph.nodes[self.origin].reach;
        let propagators: Vec<Propagator> =
            reach.iter().map(|&node| Propagator::new(&graph.nodes[node].circuit, self.omega, mean.dt)).collect();
        let g0: Vec<f64> = reach.iter().map(|&node| mean.at_start(node)).collect();
        let start = Start { graph, reach, propagators: &propagators, g: &g0, omega: &self.omega, dt: mean.dt };
        let (mut states, waves, defect) = stationary::solve(&start, self.origin, self.lines, mean);
        let places = positions(graph.nodes.len(), reach);
        let arms: Vec<Vec<Arm>> = reach.iter().map(|&node| self.arms(node, &places)).collect();
        let (window, longest) = graph.window(LONGEST_WINDOW);
        let mut rings = Rings::new(graph, reach, self.lines.len(), longest + 2 * window + 2);
        for &(row, line, wave) in &waves {
            let fixed = self.lines[line].splits(graph, row);
            if let Some(ring) = rings.ring_mut(row, line) {
                ring.fill(plus_real(wave, fixed));
            }
        }
        let mut scratch = Scratch::default();
        let mut next_look = 0;
        if mean.looks.first() == Some(&0) {
            for (place, &node) in reach.iter().enumerate() {
                for line in 0..self.lines.len() {
                    if watcher.looks_at(node) {
                        watcher.look(node, line, 0, &states[place * self.lines.len() + line]);
                    }
                }
            }
            next_look = 1;
        }
        let mut first = 0;
        while first < mean.n_steps {
            let n = window.min(mean.n_steps - first);
            let looks = next_look..next_look + mean.looks[next_look..].partition_point(|&k| k <= first + n);
            for (place, &node) in reach.iter().enumerate() {
                let states = &mut states[place * self.lines.len()..(place + 1) * self.lines.len()];
                let at = At { node, first, n, looks: looks.clone() };
                self.advance(&at, &propagators[place], &arms[place], states, &mut rings, &mut scratch, watcher);
            }
            next_look = looks.end;
            first += n;
        }
        defect
    }

    fn arms(&self, node: usize, places: &[Option<usize>]) -> Vec<Arm> {
        let arriving = self.graph.nodes[node].arms.iter();
        arriving
            .filter(|arm| places[self.graph.rows[arm.row].0].is_some())
            .map(|arm| {
                let (lag, part) = arm.samples();
                let turned = |lane: usize, part: f64| {
                    Complex64::from_polar(arm.amplitude * part, self.omega[lane] * arm.lag * self.mean.dt)
                };
                Arm {
                    slot: arm.slot,
                    row: arm.row,
                    near: Wave::from_fn(|lane| turned(lane, 1.0 - part)),
                    far: Wave::from_fn(|lane| turned(lane, part)),
                    lag,
                    fractional: part != 0.0,
                }
            })
            .collect()
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one step, borrowed apart")]
    fn advance(
        &self,
        at: &At,
        propagator: &Propagator,
        arms: &[Arm],
        states: &mut [ModeState],
        rings: &mut Rings,
        scratch: &mut Scratch,
        watcher: &mut dyn Watcher<'_>,
    ) {
        let (graph, mean) = (self.graph, self.mean);
        let of_node = &graph.nodes[at.node];
        let Scratch { stages, conductances, arriving, leaving, current, along } = scratch;
        conductances.clear();
        conductances.extend((at.first..at.first + at.n).map(|step| mean.conductance(at.node, step)));
        stages.clear();
        propagator.stages(conductances, stages);
        for (leaving, row) in leaving.iter_mut().zip(&of_node.rows) {
            leaving.resize(if row.is_some() { at.n } else { 0 }, Wave::default());
        }
        for (number, (line, state)) in self.lines.iter().zip(states).enumerate() {
            let own = at.node == self.origin;
            current.clear();
            let mut steady = [0.0; MAX_PORTS];
            arriving.iter_mut().for_each(Vec::clear);
            if own {
                line.drive.current(mean, at.node, at.first, at.n, current);
                match &line.drive {
                    LineDrive::Port(slot) => steady[*slot] = 1.0,
                    LineDrive::Packet { slot, envelope, .. } => {
                        let of_step = |step: usize| Wave::real(envelope.at(step as f64 * mean.dt));
                        arriving[*slot].extend((at.first..=at.first + at.n).map(of_step));
                    }
                    _ => {}
                }
            }
            for arm in arms {
                let Some(ring) = rings.ring(arm.row, number) else { continue };
                let sum = &mut arriving[arm.slot];
                if sum.is_empty() {
                    sum.resize(at.n + 1, Wave::default());
                }
                gather(arm, ring, at.first, sum);
            }
            let mut done = 0;
            for look in at.looks.clone().map(Some).chain([None]) {
                let until = look.map_or(at.n, |look| mean.looks[look] - at.first);
                if until > done {
                    let [a, b, c, d, e] = &mut *leaving;
                    let mut out: [&mut [Wave]; MAX_PORTS] =
                        [a, b, c, d, e].map(|waves| waves.get_mut(done..until).unwrap_or_default());
                    let waves: [&[Wave]; MAX_PORTS] =
                        std::array::from_fn(|slot| arriving[slot].get(done..=until).unwrap_or_default());
                    let driven = Driven {
                        stages: &stages[done..until],
                        current: current.get(done..until).unwrap_or_default(),
                        arriving: waves,
                        steady,
                        flux: self.flux && watcher.looks_at(at.node),
                    };
                    propagator.advance(state, driven, &mut out);
                    done = until;
                }
                if let Some(look) = look.filter(|_| watcher.looks_at(at.node)) {
                    watcher.look(at.node, number, look, state);
                }
            }
            for (slot, row) in of_node.rows.iter().enumerate().filter_map(|(slot, row)| Some((slot, (*row)?))) {
                let fixed = line.splits(graph, row);
                if watcher.coefficients().follows(row) {
                    along.clear();
                    let before = rings.ring(row, number).map(|ring| ring[at.first & (ring.len() - 1)]);
                    along.extend(before.map(|wave| plus_real(wave, -fixed)));
                    along.extend_from_slice(&leaving[slot]);
                    watcher.coefficients().take(row, number, at.first, along);
                }
                if let Some(ring) = rings.ring_mut(row, number) {
                    let mask = ring.len() - 1;
                    for (k, &wave) in leaving[slot].iter().enumerate() {
                        ring[(at.first + 1 + k) & mask] = plus_real(wave, fixed);
                    }
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
    looks: std::ops::Range<usize>,
}

/// Working memory.
#[derive(Default)]
struct Scratch {
    stages: Vec<[Wave; 2]>,
    conductances: Vec<(f64, f64)>,
    arriving: [Vec<Wave>; MAX_PORTS],
    leaving: [Vec<Wave>; MAX_PORTS],
    current: Vec<[f64; 2]>,
    along: Vec<Wave>,
}

/// Adds what comes through an arm, from the start of step `first` on.
fn gather(arm: &Arm, ring: &[Wave], first: usize, sum: &mut [Wave]) {
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            let mask = ring.len() - 1;
            for (k, sum) in sum.iter_mut().enumerate() {
                // Before the start the ring holds the stationary wave everywhere.
                let near = (first + k).wrapping_sub(arm.lag) & mask;
                sum.add_product(arm.near, ring[near]);
                if arm.fractional {
                    sum.add_product(arm.far, ring[near.wrapping_sub(1) & mask]);
                }
            }
        },
    );
}

fn plus_real(mut wave: Wave, value: f64) -> Wave {
    if value != 0.0 {
        wave.re = wave.re + value;
    }
    wave
}

/// Place of each node in `reach`.
pub(super) fn positions(n_nodes: usize, reach: &[usize]) -> Vec<Option<usize>> {
    let mut places = vec![None; n_nodes];
    reach.iter().enumerate().for_each(|(place, &node)| places[node] = Some(place));
    places
}
