//! The part of a network whose noise reaches a recorded neuron, as field modes see it: neurons, arms between their
//! ports, and the vacuum that enters where waves are lost.
//!
//! With `s_k` the amplitudes of a splitter, `c_k` those of a combiner, `eta` and `G` transmission and gain of an arm,
//! a receiving port has noise of its own, in units of the vacuum's,
//!
//! ```text
//! 1 - sum c^2 + sum c^2 (1 - eta + eta G d)     in vacuum,     d = 1 behind a splitter, 1 - s^2 else
//! sum c^2 eta (G - 1)                           of amplifiers (Caves, Phys. Rev. D 26, 1817 (1982))
//! ```
//!
//! The noise that a splitter's outputs share has correlation `1 - s s^T`: the 1 is in `d`, and `-s s^T` is a line of
//! its own whose moments count negative, so that a splitter of any size costs one line. Ours.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use petgraph::graph::DiGraph;
use qhh_core::circuit::{Circuit, MAX_PORTS};
use qhh_core::stop;

use crate::coupling::neighbours::{reached, senders};
use crate::coupling::scattering::{Link, links_where};
use crate::coupling::strong;
use crate::network::Network;

/// Rounds through a loop that are counted as ways of their own.
const ROUNDS: f64 = 8.0;

/// Neurons whose noise matters, and how waves pass between them.
pub(crate) struct ModeGraph {
    pub(crate) nodes: Vec<Node>,
    /// Node and port of each row that waves are kept of.
    pub(crate) rows: Vec<(usize, usize)>,
    /// Nodes in an order in which senders come before receivers wherever there is no loop; those that waves can go to
    /// from one another and back are neighbours in it.
    pub(crate) order: Vec<usize>,
    /// Nodes from each of which waves come back, through all others of its list.
    pub(crate) loops: Vec<Vec<usize>>,
    /// Where waves go, set by set.
    sets: Sets,
    /// Least and greatest delay in steps.
    pub(crate) lags: (f64, f64),
}

/// One neuron.
pub(crate) struct Node {
    pub(crate) neuron: usize,
    pub(crate) circuit: Circuit,
    /// What arrives.
    pub(crate) arms: Vec<ArmIn>,
    /// Row of each port through which something leaves.
    pub(crate) rows: [Option<usize>; MAX_PORTS],
    /// Noise of its own at each port.
    pub(crate) noise: [PortNoise; MAX_PORTS],
    /// Ports with a splitter behind.
    pub(crate) splits: [bool; MAX_PORTS],
    /// Sum of the squares of the amplitudes with which arms leave each port, wherever they lead.
    pub(crate) shared_out: [f64; MAX_PORTS],
    /// The list of [`ModeGraph::loops`] that it is in.
    pub(crate) in_loop: Option<usize>,
}

/// Sets of nodes that waves can go to from one another and back, most of them of one node, in the graph's order.
#[derive(Default)]
struct Sets {
    /// Places of each set's nodes in the graph's order.
    places: Vec<Range<usize>>,
    /// Set of each node.
    of_node: Vec<usize>,
    /// Other sets that waves go to from each, without those between.
    receivers: Vec<Vec<usize>>,
}

/// A waveguide that arrives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArmIn {
    pub(crate) slot: usize,
    /// Row of the port it comes from.
    pub(crate) row: usize,
    /// Of the voltage wave.
    pub(crate) amplitude: f64,
    /// Delay in steps.
    pub(crate) lag: f64,
    /// Square of the amplitude with which it leaves a splitter; none where it is alone.
    pub(crate) split: Option<f64>,
}

/// Noise that enters at a port, in units of the vacuum's; its origins add up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PortNoise {
    /// Of an open line or a combiner's free ends.
    pub(crate) open: f64,
    /// Of lossy arms.
    pub(crate) loss: f64,
    /// Of splitters' free ends.
    pub(crate) splitter: f64,
    /// Of amplifiers: enters as a creation operator.
    pub(crate) amplifier: f64,
    /// The part of the splitters' noise that is correlated with what they send elsewhere.
    pub(crate) shared: f64,
}

impl PortNoise {
    /// All that enters, as symmetrised moments count it.
    pub(crate) fn total(self) -> f64 {
        self.open + self.loss + self.splitter + self.amplifier
    }

    /// All that enters, as commutators count it.
    pub(crate) fn commutator(self) -> f64 {
        self.open + self.loss + self.splitter - self.amplifier
    }
}

impl ArmIn {
    /// Whole steps back of the nearer of the two samples a delay lies between, and the part of the farther one; 0 where
    /// the delay is a whole number of steps.
    pub(crate) fn samples(&self) -> (usize, f64) {
        let whole = self.lag.round();
        let (near, part) =
            if (self.lag - whole).abs() > 1e-6 { (self.lag.floor(), self.lag.fract()) } else { (whole, 0.0) };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of steps")]
        let near = near as usize;
        (near, part)
    }
}

impl ModeGraph {
    /// Steps that neurons can go alone, `most` at most.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a delay is at least a step")]
    pub(crate) fn window(&self, most: usize) -> usize {
        if self.lags.0.is_finite() { ((self.lags.0 + 1e-6).floor() as usize).clamp(1, most) } else { most }
    }

    /// What is needed for the fluctuations of the neurons in `wanted`.
    pub(crate) fn new(network: &Network, wanted: &[usize]) -> Self {
        let neurons = reached(network.n_neurons(), wanted, &senders(network), |_| true);
        let is_active = |neuron: usize| neurons.binary_search(&neuron).is_ok();
        // Arms that leave active neurons count in their splitters, wherever they lead.
        let links = links_where(network, |from, _| is_active(from));
        let place = |neuron: usize| neurons.binary_search(&neuron).expect("senders of active neurons are active");
        let mut nodes: Vec<Node> = neurons.iter().map(|&neuron| Node::alone(network, neuron)).collect();
        let mut rows = Vec::new();
        let (mut least, mut most) = (f64::INFINITY, 0.0f64);
        let step = network.simulation.step;
        let mut into: Vec<Vec<u32>> = vec![Vec::new(); neurons.len()];
        for (arm, link) in links.iter().enumerate() {
            if let Ok(to) = neurons.binary_search(&link.to.neuron) {
                into[to].push(u32::try_from(arm).expect("fewer than 2^32 arms"));
            }
        }
        for (to, arms) in into.iter().enumerate() {
            for link in arms.iter().map(|&arm| &links[arm as usize]) {
                let row = row_of(&mut nodes, &mut rows, place(link.from.neuron), link.from.slot);
                let lag = (link.delay / step).max(1.0);
                (least, most) = (least.min(lag), most.max(lag));
                let slot = link.to.slot;
                let split = link.is_split.then_some(link.splitter);
                nodes[to].arms.push(ArmIn { slot, row, amplitude: link.amplitude, lag, split });
                nodes[to].noise[slot].add(link);
                let from = place(link.from.neuron);
                nodes[from].splits[link.from.slot] |= link.is_split;
            }
        }
        for link in &links {
            nodes[place(link.from.neuron)].shared_out[link.from.slot] += link.splitter;
        }
        let (order, loops, sets) = (Vec::new(), Vec::new(), Sets::default());
        let mut graph = Self { nodes, rows, order, loops, sets, lags: (least, most) };
        graph.sort();
        graph
    }

    /// Row of a port, a new one if nothing was kept of it so far.
    pub(crate) fn keep(&mut self, node: usize, slot: usize) -> usize {
        row_of(&mut self.nodes, &mut self.rows, node, slot)
    }

    /// Whether waves can come back to where they left.
    pub(crate) fn has_loops(&self) -> bool {
        !self.loops.is_empty()
    }

    /// Nodes that a node's waves reach, itself included, in the graph's order.
    ///
    /// Worked out when needed: in a loop each node reaches all, and lists of all would be as many as the square of it.
    pub(crate) fn reach(&self, origin: usize) -> Vec<usize> {
        let Sets { places, of_node, receivers } = &self.sets;
        let mut reach = Vec::new();
        // Receivers come after senders, so the first set that is open has all its senders behind it.
        let mut open = BinaryHeap::from([Reverse(of_node[origin])]);
        let mut last = None;
        while let Some(Reverse(set)) = open.pop() {
            if last.replace(set) != Some(set) {
                reach.extend_from_slice(&self.order[places[set].clone()]);
                open.extend(receivers[set].iter().copied().map(Reverse));
            }
        }
        reach
    }

    /// The node of a neuron.
    pub(crate) fn node_of(&self, neuron: usize) -> Option<usize> {
        self.nodes.binary_search_by_key(&neuron, |node| node.neuron).ok()
    }

    /// Longest difference in steps between two ways by which one node's waves reach a recorded node, or, `between` them,
    /// two recorded nodes; rounds of a loop are not counted.
    pub(crate) fn span(&self, recorded: &[usize], between: bool) -> f64 {
        let mut spans = vec![None; self.nodes.len()];
        let mut longest = 0.0f64;
        for origin in 0..self.nodes.len() {
            stop::check();
            spans.fill(None);
            spans[origin] = Some((0.0, 0.0));
            for to in self.reach(origin) {
                for arm in &self.nodes[to].arms {
                    let Some((least, most)) = spans[self.rows[arm.row].0] else { continue };
                    // In the graph's order: what has no span yet comes later, and back to the origin leads a loop.
                    if to != origin {
                        let (low, high): (f64, f64) = spans[to].unwrap_or((f64::INFINITY, 0.0));
                        spans[to] = Some((low.min(least + arm.lag), high.max(most + arm.lag)));
                    }
                }
            }
            let reached = || recorded.iter().filter_map(|&node| spans[node]);
            let of_one = reached().map(|(least, most)| most - least).fold(0.0, f64::max);
            let of_all = reached().fold((f64::INFINITY, 0.0f64), |(low, high), (l, h)| (low.min(l), high.max(h)));
            longest = longest.max(of_one);
            if between && of_all.1 > of_all.0 {
                longest = longest.max(of_all.1 - of_all.0);
            }
        }
        longest
    }

    /// Nodes of the recorded neurons, ascending.
    pub(crate) fn recorded(&self, network: &Network) -> Vec<usize> {
        network.record.neurons.iter().filter_map(|&neuron| self.node_of(neuron)).collect()
    }

    /// Steps by which what one line sends may arrive earlier on one way than on another: the longest sum of delays on
    /// a way through the network. Round a loop [`ROUNDS`] times, after which echoes have faded.
    pub(crate) fn longest_way(&self) -> f64 {
        if self.has_loops() {
            return ROUNDS * self.lags.1;
        }
        let mut arrived = vec![0.0f64; self.nodes.len()];
        for &node in &self.order {
            let late = self.nodes[node].arms.iter().map(|arm| arrived[self.rows[arm.row].0] + arm.lag);
            arrived[node] = late.fold(0.0, f64::max);
        }
        arrived.into_iter().fold(0.0, f64::max)
    }

    fn sort(&mut self) {
        let mut graph = DiGraph::<(), (), u32>::with_capacity(self.nodes.len(), 0);
        let index: Vec<_> = self.nodes.iter().map(|_| graph.add_node(())).collect();
        for (to, node) in self.nodes.iter().enumerate() {
            for arm in &node.arms {
                graph.add_edge(index[self.rows[arm.row].0], index[to], ());
            }
        }
        let own = |node: usize| self.nodes[node].arms.iter().any(|arm| self.rows[arm.row].0 == node);
        let found = strong::sets(&graph);
        let mut sets = Sets { of_node: vec![0; self.nodes.len()], ..Sets::default() };
        for (number, set) in found.iter().rev().enumerate() {
            let first = self.order.len();
            self.order.extend(set.iter().map(|node| node.index()));
            sets.places.push(first..self.order.len());
            for node in set {
                sets.of_node[node.index()] = number;
            }
        }
        for nodes in &found {
            let mut nodes: Vec<usize> = nodes.iter().map(|node| node.index()).collect();
            if nodes.len() > 1 || own(nodes[0]) {
                nodes.sort_unstable();
                self.loops.push(nodes);
            }
        }
        sets.receivers = vec![Vec::new(); found.len()];
        for edge in graph.raw_edges() {
            let [from, to] = [edge.source(), edge.target()].map(|node| sets.of_node[node.index()]);
            if from != to {
                sets.receivers[from].push(to);
            }
        }
        for receivers in &mut sets.receivers {
            receivers.sort_unstable();
            receivers.dedup();
        }
        for (number, nodes) in self.loops.iter().enumerate() {
            for &node in nodes {
                self.nodes[node].in_loop = Some(number);
            }
        }
        self.sets = sets;
    }
}

fn row_of(nodes: &mut [Node], rows: &mut Vec<(usize, usize)>, node: usize, slot: usize) -> usize {
    *nodes[node].rows[slot].get_or_insert_with(|| {
        rows.push((node, slot));
        rows.len() - 1
    })
}

impl Node {
    fn alone(network: &Network, neuron: usize) -> Self {
        let (circuit, _) = network.neuron(neuron).expect("a neuron of the network");
        Self {
            neuron,
            circuit,
            arms: Vec::new(),
            rows: [None; MAX_PORTS],
            noise: [PortNoise::OPEN; MAX_PORTS],
            splits: [false; MAX_PORTS],
            shared_out: [0.0; MAX_PORTS],
            in_loop: None,
        }
    }
}

impl PortNoise {
    /// Of a port at which no waveguide ends.
    pub(crate) const OPEN: Self = Self { open: 1.0, loss: 0.0, splitter: 0.0, amplifier: 0.0, shared: 0.0 };

    /// Takes in a waveguide that arrives.
    pub(crate) fn add(&mut self, arm: &Link) {
        let free = if arm.is_split { 1.0 } else { 1.0 - arm.splitter };
        self.open -= arm.combiner;
        self.loss += arm.combiner * (1.0 - arm.transmission);
        self.splitter += arm.combiner * arm.transmission * arm.gain * free;
        if arm.is_split {
            self.shared += arm.combiner * arm.transmission * arm.gain;
        }
        self.amplifier += arm.combiner * arm.transmission * (arm.gain - 1.0);
        // What rounding leaves of a full combiner.
        if self.open.abs() < 1e-12 {
            self.open = 0.0;
        }
    }
}

/// Place of each node in `reach`.
pub(super) fn positions(n_nodes: usize, reach: &[usize]) -> Vec<Option<usize>> {
    let mut places = vec![None; n_nodes];
    reach.iter().enumerate().for_each(|(place, &node)| places[node] = Some(place));
    places
}

#[cfg(test)]
mod tests {
    use qhh_core::circuit::{Channels, Inputs};
    use qhh_core::port::Port;

    use super::*;
    use crate::network::{Pattern, Population, TimeStepping, Waveguides};

    fn relays(count: usize) -> Network {
        let port = Port { capacitance: 1.0, impedance: 3.0 };
        let circuit = Circuit {
            capacitance: 1.0,
            channels: Channels::single(36.0, None),
            output: Some(port),
            inputs: Inputs::one(port),
            sense: None,
        };
        Network::new("relays", TimeStepping::new(1.0, 0.01), vec![Population::new("relay", count, circuit)])
    }

    fn joined(count: usize, pairs: &[(u32, u32)]) -> ModeGraph {
        let mut network = relays(count);
        let all: Vec<usize> = (0..count).collect();
        let mut entry = Waveguides::new("w", all.clone(), all.clone(), Pattern::Pairs(pairs.into()), 0.5);
        entry.allow_self = true;
        network.waveguides = vec![entry];
        ModeGraph::new(&network, &all)
    }

    /// Lists of whom each of so many reaches would take 320 GB, and a search that calls itself would run out of stack.
    #[test]
    fn a_loop_of_200_000_neurons_is_one_set() {
        let n = 200_000;
        let mut network = relays(n);
        network.waveguides = vec![Waveguides::new("ring", 0..n, 0..n, Pattern::Ring, 0.5)];
        let graph = ModeGraph::new(&network, &[n / 2]);
        assert_eq!((graph.nodes.len(), graph.loops.len(), graph.loops[0].len()), (n, 1, n));
        assert_eq!(graph.reach(7).len(), n);
    }

    #[test]
    fn a_node_reaches_what_its_waves_come_to_senders_first() {
        // A loop of 1, 2 and 3 between 0 and 5; 4 feeds 5 as well, 6 feeds itself, 7 nobody.
        let graph = joined(8, &[(0, 1), (1, 2), (2, 3), (3, 1), (2, 5), (4, 5), (0, 5), (6, 6)]);
        let sorted = |mut nodes: Vec<usize>| {
            nodes.sort_unstable();
            nodes
        };
        let reach: Vec<_> = (0..8).map(|node| sorted(graph.reach(node))).collect();
        let expected: [&[usize]; 8] =
            [&[0, 1, 2, 3, 5], &[1, 2, 3, 5], &[1, 2, 3, 5], &[1, 2, 3, 5], &[4, 5], &[5], &[6], &[7]];
        assert_eq!(reach, expected);
        assert_eq!((graph.reach(0)[0], graph.reach(0)[4]), (0, 5));
        assert_eq!(sorted(graph.order.clone()), [0, 1, 2, 3, 4, 5, 6, 7]);
        let mut loops = graph.loops.clone();
        loops.sort();
        assert_eq!(loops, [vec![1, 2, 3], vec![6]]);
        for (number, nodes) in graph.loops.iter().enumerate() {
            assert!(nodes.iter().all(|&node| graph.nodes[node].in_loop == Some(number)));
        }
    }
}
