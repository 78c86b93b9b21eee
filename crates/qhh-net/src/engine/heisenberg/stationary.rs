//! Where responses start: stationary, as if the lines had always been connected and the conductances never changed.
//!
//! Without loops one sweep in the graph's order finds it. With loops the waves that arrive solve
//! `A = A_0 + M(w) A`, densely for small networks, by repeated sweeps for large ones.

use nalgebra::{DMatrix, DVector};
use qhh_core::circuit::MAX_PORTS;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::heisenberg::{MODES, ModeState, Propagator, Wave};

use super::graph::ModeGraph;
use super::task::positions;
use super::{Line, LineDrive, Mean};

/// Ports up to which loops are solved densely.
const DENSE: usize = 160;
/// Sweeps at most where they are not.
const SWEEPS: usize = 2000;

/// What the start of a task depends on.
struct Start<'a> {
    graph: &'a ModeGraph,
    reach: &'a [usize],
    propagators: &'a [Propagator],
    /// Conductance of each node in reach.
    g: &'a [f64],
    omega: &'a [f64; MODES],
    dt: f64,
}

/// Wave that left through a row in response to a line.
type Left = (usize, usize, Wave);

/// Where the responses of everything in reach begin.
pub(super) struct Begun {
    /// `[node in reach][line]`
    pub(super) states: Vec<ModeState>,
    pub(super) left: Vec<Left>,
    /// The largest relative change of the last sweep.
    pub(super) defect: f64,
}

/// How the nodes in reach of `origin` move at these frequencies, and where their responses to its lines begin.
pub(super) fn begin(
    graph: &ModeGraph,
    mean: &Mean,
    origin: usize,
    lines: &[Line],
    omega: [f64; MODES],
) -> (Vec<Propagator>, Begun) {
    let reach = &graph.nodes[origin].reach;
    let of = |&node: &usize| Propagator::new(&graph.nodes[node].circuit, omega, mean.dt);
    let propagators: Vec<Propagator> = reach.iter().map(of).collect();
    let g: Vec<f64> = reach.iter().map(|&node| mean.at_start(node)).collect();
    let start = Start { graph, reach, propagators: &propagators, g: &g, omega: &omega, dt: mean.dt };
    let begun = solve(&start, origin, lines, mean);
    (propagators, begun)
}

fn solve(start: &Start<'_>, origin: usize, lines: &[Line], mean: &Mean) -> Begun {
    let (graph, reach) = (start.graph, start.reach);
    let places = positions(graph.nodes.len(), reach);
    let mut states = vec![ModeState::default(); reach.len() * lines.len()];
    let mut left = Vec::new();
    let dense = graph.has_loops.then(|| Loops::new(start, &places)).flatten();
    let mut defect = 0.0f64;
    for (number, line) in lines.iter().enumerate() {
        let mut sweep = Sweep {
            start,
            places: &places,
            origin,
            line,
            current: line.drive.stationary_current(mean, origin),
            waves: vec![Wave::default(); graph.rows.len()],
            states: vec![ModeState::default(); reach.len()],
        };
        sweep.once(None);
        if let Some(loops) = &dense {
            let arriving = loops.solve(&sweep);
            sweep.once(Some((loops, &arriving)));
        } else if graph.has_loops {
            let mut change = 1.0;
            for _ in 0..SWEEPS {
                let before = sweep.waves.clone();
                sweep.once(None);
                change = largest_change(&before, &sweep.waves);
                if change < 1e-14 {
                    break;
                }
            }
            defect = defect.max(change);
        }
        for (place, state) in sweep.states.iter().enumerate() {
            states[place * lines.len() + number] = *state;
        }
        let rows = reach.iter().flat_map(|&node| graph.nodes[node].rows).flatten();
        left.extend(rows.map(|row| (row, number, sweep.waves[row])));
    }
    Begun { states, left, defect }
}

fn largest_change(before: &[Wave], after: &[Wave]) -> f64 {
    let (mut change, mut size) = (0.0f64, 0.0f64);
    for (a, b) in before.iter().zip(after) {
        for lane in 0..MODES {
            change = change.max((a.get(lane) - b.get(lane)).norm());
            size = size.max(b.get(lane).norm());
        }
    }
    if size > 0.0 { change / size } else { 0.0 }
}

/// One line's stationary response, made sweep by sweep.
struct Sweep<'a> {
    start: &'a Start<'a>,
    places: &'a [Option<usize>],
    origin: usize,
    line: &'a Line,
    current: f64,
    /// What left through each row.
    waves: Vec<Wave>,
    states: Vec<ModeState>,
}

impl Sweep<'_> {
    /// What arrives at a port through one arm, phase and amplitude included.
    fn turned(&self, amplitude: f64, lag: f64, wave: Wave) -> Wave {
        let start = self.start;
        Wave::from_fn(|lane| Complex64::from_polar(amplitude, start.omega[lane] * lag * start.dt) * wave.get(lane))
    }

    /// Goes through all nodes in order; with `given`, what arrives at the ports in loops is given.
    fn once(&mut self, given: Option<(&Loops, &[Wave])>) {
        let (graph, line) = (self.start.graph, self.line);
        for (place, &node) in self.start.reach.iter().enumerate() {
            let of_node = &graph.nodes[node];
            let mut arriving = [Wave::default(); MAX_PORTS];
            if let Some((loops, waves)) = given {
                for (slot, arriving) in arriving.iter_mut().enumerate() {
                    if let Some(port) = loops.port(node, slot) {
                        *arriving = waves[port];
                    }
                }
            } else {
                for arm in &of_node.arms {
                    if self.places[graph.rows[arm.row].0].is_some() {
                        let mut wave = self.waves[arm.row];
                        wave.re = wave.re + line.splits(graph, arm.row);
                        let wave = self.turned(arm.amplitude, arm.lag, wave);
                        arriving[arm.slot].add_product(Wave::real(1.0), wave);
                    }
                }
            }
            let own = node == self.origin;
            if let (true, LineDrive::Port(slot)) = (own, &line.drive) {
                arriving[*slot].re = arriving[*slot].re + 1.0;
            }
            let current = Wave::real(if own { self.current } else { 0.0 });
            let state = self.start.propagators[place].stationary(self.start.g[place], current, &arriving);
            for (slot, row) in of_node.rows.iter().enumerate().filter_map(|(slot, row)| Some((slot, (*row)?))) {
                self.waves[row] = Propagator::leaving(&state, slot, arriving[slot]);
            }
            self.states[place] = state;
        }
    }
}

/// The waves that arrive at every port, as a linear system for each frequency.
struct Loops {
    ports: Vec<(usize, usize)>,
    inverses: Vec<DMatrix<Complex64>>,
}

impl Loops {
    fn new(start: &Start<'_>, places: &[Option<usize>]) -> Option<Self> {
        let graph = start.graph;
        let mut ports = Vec::new();
        for &node in start.reach {
            let slots = (0..MAX_PORTS).filter(|&slot| graph.nodes[node].receives(slot));
            ports.extend(slots.map(|slot| (node, slot)));
        }
        if ports.len() > DENSE {
            return None;
        }
        let mut loops = Self { ports, inverses: Vec::new() };
        let n = loops.ports.len();
        let mut matrices = vec![DMatrix::<Complex64>::identity(n, n); MODES];
        for (column, &(node, slot)) in loops.ports.iter().enumerate() {
            let place = places[node]?;
            let mut arriving = [Wave::default(); MAX_PORTS];
            arriving[slot] = Wave::real(1.0);
            let state = start.propagators[place].stationary(start.g[place], Wave::default(), &arriving);
            for (row, &(to, to_slot)) in loops.ports.iter().enumerate() {
                let from_here = |arm: &&super::graph::ArmIn| arm.slot == to_slot && graph.rows[arm.row].0 == node;
                for arm in graph.nodes[to].arms.iter().filter(from_here) {
                    let out = graph.rows[arm.row].1;
                    let wave = Propagator::leaving(&state, out, arriving[out]);
                    for (lane, matrix) in matrices.iter_mut().enumerate() {
                        let turned = Complex64::from_polar(arm.amplitude, start.omega[lane] * arm.lag * start.dt);
                        matrix[(row, column)] -= turned * wave.get(lane);
                    }
                }
            }
        }
        for matrix in matrices {
            loops.inverses.push(matrix.try_inverse()?);
        }
        Some(loops)
    }

    fn port(&self, node: usize, slot: usize) -> Option<usize> {
        self.ports.iter().position(|port| *port == (node, slot))
    }

    /// What arrives at each port, given what the line sends when nothing arrives.
    fn solve(&self, sweep: &Sweep<'_>) -> Vec<Wave> {
        let graph = sweep.start.graph;
        // What the line itself sends, all ports open.
        let mut alone = Sweep {
            start: sweep.start,
            places: sweep.places,
            origin: sweep.origin,
            line: sweep.line,
            current: sweep.current,
            waves: vec![Wave::default(); sweep.waves.len()],
            states: sweep.states.clone(),
        };
        alone.once(Some((self, &vec![Wave::default(); self.ports.len()])));
        let mut first = vec![Wave::default(); self.ports.len()];
        for (port, &(node, slot)) in self.ports.iter().enumerate() {
            for arm in graph.nodes[node].arms.iter().filter(|arm| arm.slot == slot) {
                if sweep.places[graph.rows[arm.row].0].is_some() {
                    let mut wave = alone.waves[arm.row];
                    wave.re = wave.re + sweep.line.splits(graph, arm.row);
                    first[port].add_product(Wave::real(1.0), sweep.turned(arm.amplitude, arm.lag, wave));
                }
            }
        }
        let mut arriving = vec![Wave::default(); self.ports.len()];
        for lane in 0..MODES {
            let vector = DVector::from_iterator(first.len(), first.iter().map(|wave| wave.get(lane)));
            let solved = &self.inverses[lane] * vector;
            arriving.iter_mut().zip(solved.iter()).for_each(|(wave, value)| wave.put(lane, *value));
        }
        arriving
    }
}
