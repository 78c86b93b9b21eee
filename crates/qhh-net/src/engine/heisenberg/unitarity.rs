//! Whether what leaves the network's ports is a field again: `[b, b*] = 1` of every outgoing wave before the run, from the
//! responses to all lines, at frequencies from the lowest to the highest.

use std::f64::consts::PI;

use qhh_core::circuit::MAX_PORTS;
use qhh_core::integrate::lanes::Lanes;
use qhh_core::quantum::bath::Node as Frequency;
use qhh_core::quantum::heisenberg::{MODES, ModeState, Propagator, Wave};

use super::Mean;
use super::graph::ModeGraph;
use super::line::{LineDrive, NoiseLine};
use super::loops::Loops;
use super::stationary::Start;
use crate::outcome::{Check, UNMEASURED};

/// The check of the ports whose waves are those of open lines: free ones, and joined ones where there are no loops.
pub(super) fn check(
    (graph, loops): (&ModeGraph, &Loops),
    mean: &Mean,
    lines: &[Vec<NoiseLine>],
    frequencies: &[Frequency],
) -> Check {
    let last = frequencies.len().saturating_sub(1);
    let omega = std::array::from_fn(|lane| frequencies[lane * last / (MODES - 1)].omega);
    let mut sums = vec![[Lanes::<MODES>::default(); MAX_PORTS]; graph.nodes.len()];
    let start = Start::of_all(graph, mean, loops, omega);
    for (origin, lines) in lines.iter().enumerate() {
        let begun = start.begin(origin, lines);
        let mut add = |node: usize, slot: usize, line: &NoiseLine, wave: Wave| {
            sums[node][slot] = sums[node][slot] + wave.norm_sqr() * line.commutator;
        };
        for &(row, number, wave) in &begun.left {
            let (node, slot) = graph.rows[row];
            add(node, slot, &lines[number], wave);
        }
        for (states, &node) in begun.states.chunks(lines.len().max(1)).zip(&begun.nodes) {
            for slot in free(graph, node) {
                for (line, state) in lines.iter().zip(states) {
                    add(node, slot, line, leaving(line, node, slot, state));
                }
            }
        }
    }
    let mut defect = 0.0f64;
    for (node, sums) in sums.iter().enumerate() {
        let of_node = &graph.nodes[node];
        // What goes round a loop is inside of a resonator, whose field is its modes' and not that of an open line.
        let open = |slot: usize| !graph.has_loops() && of_node.rows[slot].is_some();
        let known = |slot: usize| open(slot) || free(graph, node).any(|free| free == slot);
        for (slot, (_, port)) in of_node.circuit.ports().enumerate().filter(|(slot, _)| known(*slot)) {
            let unit = port.impedance / (4.0 * PI);
            defect = sums[slot].0.iter().fold(defect, |worst, sum| worst.max((sum / unit - 1.0).abs()));
        }
    }
    let check = Check {
        name: "unitarity: [b, b*] = 1 of what leaves at the start".into(),
        meaning:
            "largest defect over ports, joined (without loops) or free, at sixteen frequencies up to the cutoff: \
                  all that enters, losses and channels included, leaves as fields again"
                .into(),
        defect,
        expected_below: 1e-9,
    };
    if mean.is_complete() { check } else { check.stated(UNMEASURED) }
}

/// Ports of a node that nothing is joined to.
fn free(graph: &ModeGraph, node: usize) -> impl Iterator<Item = usize> {
    let of_node = &graph.nodes[node];
    let joined = |slot: usize| of_node.rows[slot].is_some() || of_node.arms.iter().any(|arm| arm.slot == slot);
    (0..of_node.circuit.ports().count()).filter(move |slot| !joined(*slot))
}

/// What leaves through a port to which nothing is joined, so that only its own line arrives there.
fn leaving(line: &NoiseLine, node: usize, slot: usize, state: &ModeState) -> Wave {
    let own = matches!(line.drive, LineDrive::Port(port) if port == slot) && line.origin == node;
    Propagator::leaving(state, slot, if own { Wave::real(1.0) } else { Wave::default() })
}
