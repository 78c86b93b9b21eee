//! Where responses start: stationary, as if the lines had always been connected and the conductances never changed.
//!
//! A line acts on the network by what leaves its own neuron's ports. So a wave of size 1 that leaves a port is followed
//! through all that it reaches, loops solved on the way ([`super::loops`]), and serves all lines of the neuron.

use std::borrow::Cow;
use std::sync::OnceLock;

use qhh_core::circuit::MAX_PORTS;
use qhh_core::quantum::heisenberg::{MODES, ModeState, Propagator, Stationary, Wave};
use qhh_core::stop;

use super::elimination::Factors;
use super::graph::{ArmIn, ModeGraph, positions};
use super::loops::{Loops, turned};
use super::{LineDrive, Mean, NoiseLine};

/// What the starts of all responses share at some frequencies.
pub(super) struct Start<'a> {
    pub(super) graph: &'a ModeGraph,
    pub(super) mean: &'a Mean,
    pub(super) loops: &'a Loops,
    pub(super) omega: [f64; MODES],
    /// Made when first needed: what is silent at the start has no use for it.
    factors: OnceLock<Vec<Factors<'a>>>,
    /// By node, where they serve all origins; none where each origin makes those of its reach.
    parts: Option<Vec<StationaryNode>>,
}

/// Wave that left through a row in response to a line.
type Left = (usize, usize, Wave);

/// Where the responses of everything in reach begin.
pub(super) struct StationaryStart {
    /// The nodes in reach.
    pub(super) nodes: Vec<usize>,
    /// `[node in reach][line]`
    pub(super) states: Vec<ModeState>,
    pub(super) left: Vec<Left>,
    /// The largest residual of a loop, relative.
    pub(super) defect: f64,
}

impl<'a> Start<'a> {
    pub(super) fn new(graph: &'a ModeGraph, mean: &'a Mean, loops: &'a Loops, omega: [f64; MODES]) -> Self {
        Self { graph, mean, loops, omega, factors: OnceLock::new(), parts: None }
    }

    /// The same with memory for every node, so that each further origin costs less.
    pub(super) fn of_all(graph: &'a ModeGraph, mean: &'a Mean, loops: &'a Loops, omega: [f64; MODES]) -> Self {
        let start = Self::new(graph, mean, loops, omega);
        let parts = (0..graph.nodes.len()).map(|node| StationaryNode::new(&start, node)).collect();
        Self { parts: Some(parts), ..start }
    }

    pub(super) fn factors(&self) -> &[Factors<'a>] {
        self.factors.get_or_init(|| self.loops.factors(self.graph, self.mean, &self.omega))
    }

    /// Where the responses of the nodes in reach of `origin` to its lines begin.
    pub(super) fn begin(&self, origin: usize, lines: &[NoiseLine]) -> StationaryStart {
        let graph = self.graph;
        let reach = Reach::new(self, origin);
        let own = reach.places[origin].expect("it reaches itself");
        let mut begun = StationaryStart {
            nodes: Vec::new(),
            states: vec![ModeState::default(); reach.nodes.len() * lines.len()],
            left: Vec::new(),
            defect: 0.0,
        };
        // What each line makes the neuron send alone, by port.
        let mut sent = vec![[Wave::default(); MAX_PORTS]; lines.len()];
        for (number, line) in lines.iter().enumerate() {
            let (state, of_line) = self.sends(&reach.part(own).stationary, origin, line);
            begun.states[own * lines.len() + number] = state;
            sent[number] = of_line;
        }
        let mut waves = vec![Wave::default(); reach.nodes.len() * MAX_PORTS * lines.len()];
        for slot in 0..MAX_PORTS {
            if sent.iter().all(|sent| sent[slot] == Wave::default()) {
                continue;
            }
            let unit = self.unit(&reach, own, slot);
            begun.defect = begun.defect.max(unit.defect);
            for (states, of_unit) in begun.states.chunks_exact_mut(lines.len()).zip(&unit.states) {
                states.iter_mut().zip(&sent).for_each(|(state, sent)| state.add_product(sent[slot], of_unit));
            }
            for (waves, of_unit) in waves.chunks_exact_mut(lines.len()).zip(&unit.waves) {
                waves.iter_mut().zip(&sent).for_each(|(wave, sent)| wave.add_product(sent[slot], *of_unit));
            }
        }
        for (number, line) in lines.iter().enumerate() {
            for (place, &node) in reach.nodes.iter().enumerate() {
                for (slot, row) in graph.nodes[node].rows.iter().enumerate() {
                    let Some(row) = *row else { continue };
                    let mut wave = waves[(place * MAX_PORTS + slot) * lines.len() + number];
                    wave.re = wave.re - line.splits(graph, row);
                    begun.left.push((row, number, wave));
                }
            }
        }
        begun.nodes = reach.nodes;
        begun
    }

    /// The state of a line's own neuron and what leaves its ports, the network's answer left out.
    pub(super) fn sends(
        &self,
        stationary: &Stationary,
        origin: usize,
        line: &NoiseLine,
    ) -> (ModeState, [Wave; MAX_PORTS]) {
        let current = line.drive.stationary_current(self.mean, origin, &self.omega);
        let mut arriving = [Wave::default(); MAX_PORTS];
        if let LineDrive::Port(slot) = line.drive {
            arriving[slot] = Wave::real(1.0);
        }
        let state = stationary.response(current, &arriving);
        let mut sent = [Wave::default(); MAX_PORTS];
        for (slot, row) in self.graph.nodes[origin].rows.iter().enumerate() {
            let Some(row) = *row else { continue };
            sent[slot] = Propagator::leaving(&state, slot, arriving[slot]);
            sent[slot].re = sent[slot].re + line.splits(self.graph, row);
        }
        (state, sent)
    }

    /// Follows a wave of size 1 that leaves the node at place `own` through port `slot`.
    fn unit(&self, reach: &Reach<'_>, own: usize, slot: usize) -> Unit {
        let graph = self.graph;
        let n = reach.nodes.len();
        let mut unit = Unit {
            states: vec![ModeState::default(); n],
            waves: vec![Wave::default(); n * MAX_PORTS],
            defect: 0.0,
        };
        let source = own * MAX_PORTS + slot;
        let none = Wave::default();
        let mut place = 0;
        while place < n {
            let in_loop = graph.nodes[reach.nodes[place]].in_loop;
            let end = place + in_loop.map_or(1, |of| graph.loops[of].len());
            if let Some(of) = in_loop {
                let rows = self.loops.rows(of);
                let at = |row: usize| reach.wave(graph.rows[row]);
                let mut sent = vec![none; rows.len()];
                // What comes from outside, handed on by each; nothing does to the loop that it leaves from.
                for place in if (place..end).contains(&own) { 0..0 } else { place..end } {
                    let arriving = reach.arriving(place, &unit.waves);
                    let state = reach.part(place).stationary.response(none, &arriving);
                    for (slot, row) in graph.nodes[reach.nodes[place]].rows.iter().enumerate() {
                        if let Some(unknown) = row.and_then(|row| self.loops.unknown(row)) {
                            sent[unknown] = Propagator::leaving(&state, slot, arriving[slot]);
                        }
                    }
                }
                rows.iter().zip(&mut sent).filter(|(row, _)| at(**row) == source).for_each(|(_, sent)| {
                    sent.re = sent.re + 1.0;
                });
                unit.defect = unit.defect.max(self.factors()[of].solve(&mut sent));
                rows.iter().zip(&sent).for_each(|(&row, wave)| unit.waves[at(row)] = *wave);
            }
            for place in place..end {
                stop::check();
                let of_node = &graph.nodes[reach.nodes[place]];
                let arriving = reach.arriving(place, &unit.waves);
                let state = reach.part(place).stationary.response(none, &arriving);
                for (slot, row) in of_node.rows.iter().enumerate() {
                    let at = place * MAX_PORTS + slot;
                    // Waves that come back are known from the loop's solution.
                    if row.is_some_and(|row| self.loops.unknown(row).is_none()) {
                        unit.waves[at] = Propagator::leaving(&state, slot, arriving[slot]);
                        if at == source {
                            unit.waves[at].re = unit.waves[at].re + 1.0;
                        }
                    }
                }
                unit.states[place] = state;
            }
            place = end;
        }
        unit
    }
}

/// The responses to a wave of size 1 that leaves a port.
struct Unit {
    /// By place.
    states: Vec<ModeState>,
    /// By place and port.
    waves: Vec<Wave>,
    defect: f64,
}

/// The nodes that waves of an origin reach.
struct Reach<'a> {
    nodes: Vec<usize>,
    places: Vec<Option<usize>>,
    /// By place, or by node where they serve all origins.
    parts: Cow<'a, [StationaryNode]>,
}

/// One neuron at some frequencies.
#[derive(Clone)]
pub(super) struct StationaryNode {
    pub(super) stationary: Stationary,
    /// Waveguides that arrive: port, node and port that the wave comes from, and what it is multiplied by.
    pub(super) arms: Vec<(usize, (usize, usize), Wave)>,
}

impl StationaryNode {
    pub(super) fn new(start: &Start<'_>, node: usize) -> Self {
        stop::check();
        let of_node = &start.graph.nodes[node];
        let arm = |arm: &ArmIn| (arm.slot, start.graph.rows[arm.row], turned(arm, &start.omega, start.mean.dt));
        let admittances = start.mean.admittances(node, &start.omega);
        let stationary = Stationary::new(&of_node.circuit, &start.omega, &admittances);
        Self { stationary, arms: of_node.arms.iter().map(arm).collect() }
    }
}

impl<'a> Reach<'a> {
    fn new(start: &'a Start<'_>, origin: usize) -> Self {
        let graph = start.graph;
        let nodes = graph.reach(origin);
        let places = positions(graph.nodes.len(), &nodes);
        let parts = match &start.parts {
            Some(parts) => Cow::Borrowed(parts.as_slice()),
            None => Cow::Owned(nodes.iter().map(|&node| StationaryNode::new(start, node)).collect()),
        };
        Self { nodes, places, parts }
    }

    fn part(&self, place: usize) -> &StationaryNode {
        match &self.parts {
            Cow::Borrowed(of_all) => &of_all[self.nodes[place]],
            Cow::Owned(own) => &own[place],
        }
    }

    /// Where the wave of a port is.
    fn wave(&self, (node, slot): (usize, usize)) -> usize {
        self.places[node].expect("all of a loop is reached") * MAX_PORTS + slot
    }

    /// What arrives at the ports of a place.
    fn arriving(&self, place: usize, waves: &[Wave]) -> [Wave; MAX_PORTS] {
        let mut arriving = [Wave::default(); MAX_PORTS];
        for (slot, (from, port), turned) in &self.part(place).arms {
            // What does not come from within reach is no response to the origin.
            if let Some(from) = self.places[*from] {
                arriving[*slot].add_product(*turned, waves[from * MAX_PORTS + port]);
            }
        }
        arriving
    }
}
