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

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use qhh_core::circuit::{Circuit, MAX_PORTS};
use qhh_core::stop;

use crate::network::Network;
use crate::scattering::{Link, links};

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
    /// Nodes that its waves reach, itself included, in the graph's order.
    pub(crate) reach: Vec<usize>,
    /// The list of [`ModeGraph::loops`] that it is in.
    pub(crate) in_loop: Option<usize>,
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
    /// Steps that neurons can go alone, `most` at most, and steps that the longest delay reaches back.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a delay is at least a step")]
    pub(crate) fn window(&self, most: usize) -> (usize, usize) {
        if self.lags.0.is_finite() {
            (((self.lags.0 + 1e-6).floor() as usize).clamp(1, most), self.lags.1.ceil() as usize)
        } else {
            (most, 0)
        }
    }

    /// What is needed for the fluctuations of the neurons in `wanted`.
    pub(crate) fn new(network: &Network, wanted: &[usize]) -> Self {
        let links = links(network);
        let mut into: Vec<Vec<u32>> = vec![Vec::new(); network.n_neurons()];
        for (place, link) in links.iter().enumerate() {
            into[link.to.neuron].push(u32::try_from(place).expect("fewer than 2^32 arms"));
        }
        // Wanted neurons and all that reach them.
        let mut active = vec![false; network.n_neurons()];
        let mut open: Vec<usize> = wanted.to_vec();
        while let Some(neuron) = open.pop() {
            if !std::mem::replace(&mut active[neuron], true) {
                open.extend(into[neuron].iter().map(|&arm| links[arm as usize].from.neuron));
            }
        }
        let neurons: Vec<usize> = (0..active.len()).filter(|&n| active[n]).collect();
        let place = |neuron: usize| neurons.binary_search(&neuron).expect("senders of active neurons are active");
        let mut nodes: Vec<Node> = neurons.iter().map(|&neuron| Node::alone(network, neuron)).collect();
        let mut rows = Vec::new();
        let (mut least, mut most) = (f64::INFINITY, 0.0f64);
        let step = network.simulation.step;
        for &neuron in &neurons {
            let to = place(neuron);
            for link in into[neuron].iter().map(|&arm| &links[arm as usize]) {
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
            if let Ok(from) = neurons.binary_search(&link.from.neuron) {
                nodes[from].shared_out[link.from.slot] += link.splitter;
            }
        }
        let mut graph = Self { nodes, rows, order: Vec::new(), loops: Vec::new(), lags: (least, most) };
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

    /// The node of a neuron.
    pub(crate) fn node_of(&self, neuron: usize) -> Option<usize> {
        self.nodes.binary_search_by_key(&neuron, |node| node.neuron).ok()
    }

    /// Longest difference in steps between two ways by which one node's waves reach a recorded node, or, `between` them,
    /// two recorded nodes; rounds of a loop are not counted.
    pub(crate) fn span(&self, recorded: &[usize], between: bool) -> f64 {
        let mut spans = vec![None; self.nodes.len()];
        let mut longest = 0.0f64;
        for (origin, node) in self.nodes.iter().enumerate() {
            spans.fill(None);
            spans[origin] = Some((0.0, 0.0));
            for &to in &node.reach {
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
        let mut receivers = vec![Vec::new(); self.nodes.len()];
        for (to, node) in self.nodes.iter().enumerate() {
            for arm in &node.arms {
                let from = self.rows[arm.row].0;
                graph.add_edge(index[from], index[to], ());
                receivers[from].push(to);
            }
        }
        let components = tarjan_scc(&graph);
        for component in &components {
            let mut nodes: Vec<usize> = component.iter().map(|node| node.index()).collect();
            if nodes.len() > 1 || receivers[nodes[0]].contains(&nodes[0]) {
                nodes.sort_unstable();
                for &node in &nodes {
                    self.nodes[node].in_loop = Some(self.loops.len());
                }
                self.loops.push(nodes);
            }
        }
        self.order = components.iter().rev().flatten().map(|node| node.index()).collect();
        let mut rank = vec![0; self.nodes.len()];
        self.order.iter().enumerate().for_each(|(place, &node)| rank[node] = place);
        for origin in 0..self.nodes.len() {
            stop::check();
            let mut seen = vec![false; self.nodes.len()];
            let mut open = vec![origin];
            let mut reach = Vec::new();
            while let Some(node) = open.pop() {
                if !std::mem::replace(&mut seen[node], true) {
                    reach.push(node);
                    open.extend(&receivers[node]);
                }
            }
            reach.sort_by_key(|&node| rank[node]);
            self.nodes[origin].reach = reach;
        }
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
            noise: [PortNoise { open: 1.0, loss: 0.0, splitter: 0.0, amplifier: 0.0, shared: 0.0 }; MAX_PORTS],
            splits: [false; MAX_PORTS],
            shared_out: [0.0; MAX_PORTS],
            reach: Vec::new(),
            in_loop: None,
        }
    }
}

impl PortNoise {
    fn add(&mut self, arm: &Link) {
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
