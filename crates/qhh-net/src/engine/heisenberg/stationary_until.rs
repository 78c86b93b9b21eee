//! Until when responses stay as they started.
//!
//! The stationary response is a fixed point of the step. As long as a neuron's conductances stay where they were at the
//! start, and nothing but stationary waves arrives, there is nothing to step: a network costs nothing before something
//! moves it, and a linear one nothing at all.

use qhh_core::stop;

use super::Mean;
use super::graph::ModeGraph;

/// Conductances that moved by this much, relative, still count as those of the start: responses are then off by about as
/// much, as where they are not followed further.
const CUT: f64 = 1e-10;

/// For each node, the step up to whose start its responses to noise are those of the start.
pub(super) fn until(graph: &ModeGraph, mean: &Mean) -> Vec<usize> {
    let mut until: Vec<usize> = (0..graph.nodes.len()).map(|node| alone(mean, node)).collect();
    // A change arrives no sooner than its waveguide's delay. In a loop once more around, until none is earlier.
    let mut changes = true;
    while changes {
        changes = false;
        for &node in &graph.order {
            for arm in &graph.nodes[node].arms {
                let arrives = until[graph.rows[arm.row].0].saturating_add(arm.samples().0);
                if arrives < until[node] {
                    (until[node], changes) = (arrives, graph.has_loops());
                }
            }
        }
    }
    until
}

/// The same with nothing arriving: until the last step whose conductances, those of its middle and of the one before,
/// are the first's; where gates respond, its voltages too.
fn alone(mean: &Mean, node: usize) -> usize {
    stop::check();
    let voltages = match mean.gates.get(node) {
        None => mean.n_steps,
        // They begin to respond.
        Some(gates) if gates.start.is_none() => 0,
        Some(_) => {
            let v = mean.courses[node].voltages();
            let moved = |v: &[f64]| (v[1] - v[0]).abs() > CUT * v[0].abs().max(f64::MIN_POSITIVE);
            let first = v[0];
            (0..mean.n_steps).find(|&step| moved(&[first, v[step + 1]])).unwrap_or(mean.n_steps)
        }
    };
    voltages.min(of_conductances(mean, node))
}

fn of_conductances(mean: &Mean, node: usize) -> usize {
    let course = &mean.courses[node];
    let first = course.open(0);
    let moved =
        |half: usize| course.open(half).iter().zip(first).any(|(g, first)| (g - first).abs() > CUT * first);
    (1..=mean.n_steps).find(|&half| moved(half)).map_or(mean.n_steps, |half| half - 1)
}
