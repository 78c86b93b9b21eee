//! Strongly connected sets of a graph: nodes that all reach one another.
//!
//! Tarjan, SIAM J. Comput. 1, 146 (1972), without recursion and open to a request to stop: a chain of a million neurons
//! is no matter, and neither are a hundred million arms.

use petgraph::Direction::Outgoing;
use petgraph::graph::{DiGraph, NodeIndex};
use qhh_core::stop;

/// The sets, those that are reached before those that reach them.
pub(crate) fn sets(graph: &DiGraph<(), (), u32>) -> Vec<Vec<NodeIndex>> {
    const NEW: u32 = u32::MAX;
    let n = graph.node_count();
    // In which order nodes were found, and the first found that each leads back to.
    let (mut number, mut lowest, mut found) = (vec![NEW; n], vec![0; n], 0);
    let mut is_open = vec![false; n];
    let (mut open, mut way, mut sets) = (Vec::new(), Vec::new(), Vec::new());
    for root in graph.node_indices() {
        let mut next = (number[root.index()] == NEW).then_some(root);
        loop {
            stop::check();
            if let Some(node) = next.take() {
                (number[node.index()], lowest[node.index()]) = (found, found);
                found += 1;
                is_open[node.index()] = true;
                open.push(node);
                way.push((node, graph.first_edge(node, Outgoing)));
            }
            let Some((node, edge)) = way.last_mut() else { break };
            let here = node.index();
            if let Some(arm) = *edge {
                *edge = graph.next_edge(arm, Outgoing);
                let (_, to) = graph.edge_endpoints(arm).expect("an arm of the graph");
                if number[to.index()] == NEW {
                    next = Some(to);
                } else if is_open[to.index()] {
                    lowest[here] = lowest[here].min(number[to.index()]);
                }
                continue;
            }
            way.pop();
            if let Some((before, _)) = way.last() {
                lowest[before.index()] = lowest[before.index()].min(lowest[here]);
            }
            if lowest[here] == number[here] {
                let start = open.iter().rposition(|node: &NodeIndex| node.index() == here).expect("it is open");
                let set = open.split_off(start);
                for node in &set {
                    is_open[node.index()] = false;
                }
                sets.push(set);
            }
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    use petgraph::algo::kosaraju_scc;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sets_are_those_of_another_algorithm_and_receivers_come_first(
            n in 1..25_u32,
            arms in prop::collection::vec((0..25_u32, 0..25_u32), 0..60),
        ) {
            let mut graph = DiGraph::<(), (), u32>::with_capacity(0, 0);
            for _ in 0..n {
                graph.add_node(());
            }
            for (from, to) in &arms {
                graph.add_edge((from % n).into(), (to % n).into(), ());
            }
            let found = sets(&graph);
            let sorted = |mut sets: Vec<Vec<NodeIndex>>| {
                for set in &mut sets {
                    set.sort();
                }
                sets.sort();
                sets
            };
            let mut place = vec![0; n as usize];
            for (k, set) in found.iter().enumerate() {
                for node in set {
                    place[node.index()] = k;
                }
            }
            for (from, to) in arms {
                prop_assert!(place[(to % n) as usize] <= place[(from % n) as usize]);
            }
            prop_assert_eq!(sorted(found), sorted(kosaraju_scc(&graph)));
        }
    }
}
