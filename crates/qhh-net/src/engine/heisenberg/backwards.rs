//! Where responses start, seen from the recorded neurons.
//!
//! [`super::stationary`] follows what one neuron sends to all that it reaches: a column of the inverse of the network's
//! linear system. What arrives at one port, for a wave of size 1 that leaves anywhere, is a row of it, found by the
//! transposed system from receivers to senders. A few recorded neurons in a large network take a few of these rows,
//! where every neuron whose noise reaches them would take a column.

use qhh_core::circuit::MAX_PORTS;
use qhh_core::quantum::heisenberg::{Propagator, Stationary, Wave};
use qhh_core::stop;

use super::graph::ModeGraph;
use super::stationary::{Start, StationaryNode};
use super::task::{Arriving, Observation, ResponseSink};
use super::{LineDrive, NoiseLine};

/// Bytes that the rows of one set of frequencies take at most; beyond, columns are made instead.
pub(crate) const MOST_BYTES: usize = 64 << 20;

/// What arrives at the recorded neurons' ports for what leaves anywhere, at some frequencies.
pub(super) struct Arrivals {
    /// Recorded nodes.
    nodes: Vec<usize>,
    /// By recorded node and port: `[row]`, the wave that arrives there for one of size 1 that leaves through the row;
    /// empty where nothing can arrive.
    waves: Vec<[Vec<Wave>; MAX_PORTS]>,
    /// By recorded node.
    stationary: Vec<Stationary>,
    /// The largest residual of a loop, relative.
    defect: f64,
}

/// Bytes that the rows of one set of frequencies take.
pub(super) fn bytes(graph: &ModeGraph, recorded: &[usize]) -> usize {
    let ports: usize = recorded.iter().map(|&node| arriving_slots(graph, node).count()).sum();
    ports * graph.rows.len() * size_of::<Wave>()
}

/// Whether so many sets of frequencies at once have room for their rows.
pub(super) fn has_room(graph: &ModeGraph, recorded: &[usize], n_sets: usize) -> bool {
    bytes(graph, recorded).saturating_mul(n_sets) <= MOST_BYTES
}

/// Ports of a node at which waveguides arrive.
fn arriving_slots(graph: &ModeGraph, node: usize) -> impl Iterator<Item = usize> {
    (0..MAX_PORTS).filter(move |&slot| graph.nodes[node].arms.iter().any(|arm| arm.slot == slot))
}

impl Arrivals {
    /// Of the recorded nodes.
    pub(super) fn new(start: &Start<'_>, recorded: &[usize]) -> Self {
        let parts: Vec<StationaryNode> =
            (0..start.graph.nodes.len()).map(|node| StationaryNode::new(start, node)).collect();
        let answers: Vec<Vec<Answer>> =
            parts.iter().enumerate().map(|(node, part)| answers(start.graph, part, node)).collect();
        let mut defect = 0.0f64;
        let mut of_node = |&node: &usize| {
            let mut waves: [Vec<Wave>; MAX_PORTS] = Default::default();
            for slot in arriving_slots(start.graph, node) {
                let mut back = Back {
                    start,
                    parts: &parts,
                    answers: &answers,
                    to: (node, slot),
                    rows: vec![Wave::default(); start.graph.rows.len()],
                    touched: vec![false; start.graph.rows.len()],
                    defect: 0.0,
                };
                back.run();
                defect = defect.max(back.defect);
                waves[slot] = back.rows;
            }
            waves
        };
        let waves = recorded.iter().map(&mut of_node).collect();
        let stationary = recorded.iter().map(|&node| parts[node].stationary.clone()).collect();
        Self { nodes: recorded.to_vec(), waves, stationary, defect }
    }

    /// Shows a watcher the stationary responses of the recorded nodes to the lines of `origin`, the same at each of
    /// `n_looks` looks. Returns how far they are from stationary, relative.
    pub(super) fn show(
        &self,
        start: &Start<'_>,
        (origin, lines): (usize, &[NoiseLine]),
        n_looks: usize,
        watcher: &mut dyn ResponseSink<'_>,
    ) -> f64 {
        let graph = start.graph;
        let admittances = start.mean.admittances(origin, &start.omega);
        let own = Stationary::new(&graph.nodes[origin].circuit, &start.omega, &admittances);
        let sent: Vec<_> = lines.iter().map(|line| start.sends(&own, origin, line).1).collect();
        let mut seen = Vec::new();
        let recorded = self.nodes.iter().zip(&self.waves).zip(&self.stationary);
        for ((&node, waves), stationary) in recorded.filter(|((node, _), _)| watcher.looks_at(**node)) {
            for (number, (line, sent)) in lines.iter().zip(&sent).enumerate() {
                let mut arriving = [Wave::default(); MAX_PORTS];
                for (arriving, rows) in arriving.iter_mut().zip(waves).filter(|(_, rows)| !rows.is_empty()) {
                    for (row, sent) in graph.nodes[origin].rows.iter().zip(sent) {
                        if let Some(row) = *row {
                            arriving.add_product(rows[row], *sent);
                        }
                    }
                }
                let mut current = Wave::default();
                if node == origin {
                    current = line.drive.stationary_current(start.mean, origin, &start.omega);
                    if let LineDrive::Port(slot) = line.drive {
                        arriving[slot].re = arriving[slot].re + 1.0;
                    }
                }
                let state = stationary.response(current, &arriving);
                seen.push((node, number, state, arriving.map(|wave| vec![wave])));
            }
        }
        for look in 0..n_looks {
            stop::check();
            watcher.open(look..look + 1);
            for (node, line, state, arriving) in &seen {
                let arriving = Arriving::new(arriving, 0);
                watcher.look(Observation { node: *node, line: *line, look, state, arriving });
            }
            watcher.close();
        }
        self.defect
    }
}

/// What a node sends through a row for a wave of size 1 that arrives at a port.
struct Answer {
    slot: usize,
    row: usize,
    wave: Wave,
}

fn answers(graph: &ModeGraph, part: &StationaryNode, node: usize) -> Vec<Answer> {
    stop::check();
    let mut answers = Vec::new();
    for slot in arriving_slots(graph, node) {
        let mut arriving = [Wave::default(); MAX_PORTS];
        arriving[slot] = Wave::real(1.0);
        let state = part.stationary.response(Wave::default(), &arriving);
        for (out, row) in graph.nodes[node].rows.iter().enumerate() {
            if let Some(row) = *row {
                answers.push(Answer { slot, row, wave: Propagator::leaving(&state, out, arriving[out]) });
            }
        }
    }
    answers
}

/// One row of the inverse on its way from receivers to senders.
struct Back<'a, 's> {
    start: &'a Start<'s>,
    /// By node.
    parts: &'a [StationaryNode],
    answers: &'a [Vec<Answer>],
    /// The node and port that it belongs to.
    to: (usize, usize),
    /// By row: what a wave of size 1 that leaves there brings.
    rows: Vec<Wave>,
    /// Rows that bring anything.
    touched: Vec<bool>,
    defect: f64,
}

impl Back<'_, '_> {
    fn run(&mut self) {
        let graph = self.start.graph;
        let mut end = graph.order.len();
        while end > 0 {
            let node = graph.order[end - 1];
            let in_loop = graph.nodes[node].in_loop;
            let begin = end - in_loop.map_or(1, |of| graph.loops[of].len());
            let nodes = &graph.order[begin..end];
            end = begin;
            if !nodes.iter().any(|&node| self.matters(node)) {
                continue;
            }
            if let Some(of) = in_loop {
                self.go_round(of, nodes);
            }
            for &node in nodes {
                let weights = self.weights(node, |_| true);
                self.hand_back(node, &weights, |from| {
                    graph.nodes[from].in_loop.is_none_or(|it| Some(it) != in_loop)
                });
            }
        }
    }

    fn matters(&self, node: usize) -> bool {
        let rows = self.start.graph.nodes[node].rows;
        node == self.to.0 || rows.iter().flatten().any(|&row| self.touched[row])
    }

    /// What a wave of size 1 that arrives at each port of a node brings, by way of some of its rows.
    fn weights(&self, node: usize, through: impl Fn(usize) -> bool) -> [Wave; MAX_PORTS] {
        stop::check();
        let mut weights = [Wave::default(); MAX_PORTS];
        if node == self.to.0 {
            weights[self.to.1] = Wave::real(1.0);
        }
        for answer in self.answers[node].iter().filter(|answer| through(answer.row)) {
            weights[answer.slot].add_product(answer.wave, self.rows[answer.row]);
        }
        weights
    }

    /// Hands what arrives at a node back to the rows of some senders.
    fn hand_back(&mut self, node: usize, weights: &[Wave; MAX_PORTS], of: impl Fn(usize) -> bool) {
        let graph = self.start.graph;
        let arms = graph.nodes[node].arms.iter().zip(&self.parts[node].arms);
        for (arm, (slot, (from, _), turned)) in arms.filter(|(_, (_, (from, _), _))| of(*from)) {
            debug_assert_eq!(graph.rows[arm.row].0, *from);
            self.rows[arm.row].add_product(*turned, weights[*slot]);
            self.touched[arm.row] = true;
        }
    }

    /// The rows of a loop: what their waves bring on all rounds.
    fn go_round(&mut self, of: usize, nodes: &[usize]) {
        let (graph, loops) = (self.start.graph, self.start.loops);
        for &node in nodes {
            // By what leaves the loop at once.
            let weights = self.weights(node, |row| loops.unknown(row).is_none());
            self.hand_back(node, &weights, |from| graph.nodes[from].in_loop == Some(of));
        }
        let rows = loops.rows(of);
        let mut waves: Vec<Wave> = rows.iter().map(|&row| self.rows[row]).collect();
        self.defect = self.defect.max(self.start.factors()[of].solve_transposed(&mut waves));
        for (&row, wave) in rows.iter().zip(waves) {
            self.rows[row] = wave;
            self.touched[row] = true;
        }
    }
}
