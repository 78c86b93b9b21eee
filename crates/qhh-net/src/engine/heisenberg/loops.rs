//! Loops of a network as linear systems: the waves that leave through ports and come back.
//!
//! Within a loop, all that waves can go round together, the waves `L` that leave solve at each frequency
//!
//! ```text
//! (1 - R(w) W(w)) L = b
//! ```
//!
//! with `W` the waveguides (amplitude and phase of their delay) from ports to ports, `R` what neurons send for what
//! arrives, and `b` what is sent without loops. The matrix knows nothing of whose noise `b` is: it is factored once for
//! all of them.

use qhh_core::circuit::MAX_PORTS;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::heisenberg::{MODES, Propagator, Stationary, Wave};
use qhh_core::stop;

use super::Mean;
use super::elimination::{Factors, Plan};
use super::graph::{ArmIn, ModeGraph};

/// The loops of a network, whatever the frequency.
pub(super) struct Loops {
    /// As [`ModeGraph::loops`].
    list: Vec<Loop>,
    /// By row: its unknown in the system of its loop; none if it does not come back.
    unknown: Vec<Option<u32>>,
}

/// One loop.
struct Loop {
    /// Row of each unknown.
    rows: Vec<usize>,
    plan: Plan,
}

impl Loops {
    pub(super) fn new(graph: &ModeGraph) -> Self {
        let mut loops = Self { list: Vec::new(), unknown: vec![None; graph.rows.len()] };
        for nodes in &graph.loops {
            let mut rows: Vec<usize> =
                nodes.iter().flat_map(|&node| inner(graph, node)).map(|arm| arm.row).collect();
            rows.sort_unstable();
            rows.dedup();
            for (unknown, row) in (0..).zip(&rows) {
                loops.unknown[*row] = Some(unknown);
            }
            let of_node = |&node: &usize| {
                let senders = loops.rows_of(graph, node).map(|(unknown, _)| unknown);
                senders.flat_map(move |row| inner(graph, node).map(move |arm| (row, arm.row)))
            };
            let entries = nodes.iter().flat_map(of_node);
            let known = entries.map(|(row, from)| (row, loops.unknown[from].expect("it comes back")));
            let plan = Plan::new(rows.len(), known);
            loops.list.push(Loop { rows, plan });
        }
        loops
    }

    /// Unknown of a row, if its waves come back.
    pub(super) fn unknown(&self, row: usize) -> Option<usize> {
        self.unknown[row].map(|unknown| unknown as usize)
    }

    /// Row of each unknown of a loop.
    pub(super) fn rows(&self, of: usize) -> &[usize] {
        &self.list[of].rows
    }

    /// Unknown and port of each row of a node that comes back.
    fn rows_of<'a>(&'a self, graph: &'a ModeGraph, node: usize) -> impl Iterator<Item = (u32, usize)> + 'a {
        let rows = graph.nodes[node].rows.iter().enumerate();
        rows.filter_map(|(slot, row)| Some((self.unknown[(*row)?]?, slot)))
    }

    /// The systems of all loops at some frequencies, factored.
    pub(super) fn factors(&self, graph: &ModeGraph, mean: &Mean, omega: &[f64; MODES]) -> Vec<Factors<'_>> {
        let entries_of = |nodes: &Vec<usize>| {
            let mut entries = Vec::new();
            for &node in nodes {
                stop::check();
                let admittances = mean.admittances(node, omega);
                let stationary = Stationary::new(&graph.nodes[node].circuit, omega, &admittances);
                for slot in (0..MAX_PORTS).filter(|&slot| inner(graph, node).any(|arm| arm.slot == slot)) {
                    let mut arriving = [Wave::default(); MAX_PORTS];
                    arriving[slot] = Wave::real(1.0);
                    let state = stationary.response(Wave::default(), &arriving);
                    for arm in inner(graph, node).filter(|arm| arm.slot == slot) {
                        let (turned, from) =
                            (turned(arm, omega, mean.dt), self.unknown[arm.row].expect("it comes back"));
                        for (row, out) in self.rows_of(graph, node) {
                            let mut value = Wave::default();
                            value.add_product(turned, Propagator::leaving(&state, out, arriving[out]));
                            entries.push((row, from, value));
                        }
                    }
                }
            }
            entries
        };
        let systems = graph.loops.iter().map(entries_of).zip(&self.list);
        systems.map(|(entries, of)| Factors::new(&of.plan, entries)).collect()
    }
}

/// The waveguides that come to a node from its own loop.
fn inner(graph: &ModeGraph, node: usize) -> impl Iterator<Item = &ArmIn> {
    let of = graph.nodes[node].in_loop;
    let from = |arm: &ArmIn| graph.nodes[graph.rows[arm.row].0].in_loop;
    graph.nodes[node].arms.iter().filter(move |arm| of.is_some() && from(arm) == of)
}

/// What a wave is multiplied by on its way through a waveguide.
pub(super) fn turned(arm: &ArmIn, omega: &[f64; MODES], dt: f64) -> Wave {
    Wave::from_fn(|lane| Complex64::from_polar(arm.amplitude, omega[lane] * arm.lag * dt))
}
