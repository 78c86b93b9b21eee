//! Networks as graphs: drawn by hand, and as large as they come.

use qhh_net::Network;
use qhh_net::coupling::topology::{Fan, Topology};
use qhh_net::network::{Direction, ParameterValues, Pattern, Population, Waveguides};

use crate::models::{constant, one_neuron, relay_circuit};
use qhh_core::circuit::Initial;

/// Populations of the given sizes, named `a`, `b` and so on, and no waveguides.
fn neurons(counts: &[usize]) -> Network {
    let mut network = one_neuron(relay_circuit(), Initial::Rest, constant(0.0, 0.0, 1.0), 10.0, 0.01);
    let named = counts.iter().zip("abcdefgh".chars());
    network.populations =
        named.map(|(&count, name)| Population::new(&name.to_string(), count, relay_circuit())).collect();
    network
}

/// The same with an entry from `from` to `to`.
fn joined(
    counts: &[usize],
    from: std::ops::Range<usize>,
    to: std::ops::Range<usize>,
    pattern: Pattern,
) -> Network {
    let mut network = neurons(counts);
    network.waveguides.push(Waveguides::new("axon", from, to, pattern, 1.0));
    network
}

fn pairs(n: usize, pairs: &[(u32, u32)]) -> Topology {
    let mut network = joined(&[n], 0..n, 0..n, Pattern::Pairs(pairs.into()));
    network.waveguides[0].allow_self = true;
    Topology::of(&network)
}

#[test]
fn without_waveguides_every_neuron_is_isolated() {
    let topology = Topology::of(&neurons(&[3, 2]));
    assert_eq!((topology.n_neurons, topology.n_arms, topology.isolated), (5, 0, 5));
    assert_eq!((topology.components.len(), topology.layers.len(), topology.longest_path()), (0, 0, 0));
    assert_eq!((topology.delays, topology.fan_in), (None, Fan::default()));
}

#[test]
fn components_layers_and_fans_are_those_of_the_drawing() {
    // A diamond with a short cut, a pair, and one apart: 0 -> {1, 2} -> 3, 0 -> 3; 5 -> 4; 6.
    let topology = pairs(7, &[(0, 1), (0, 2), (1, 3), (2, 3), (0, 3), (5, 4)]);
    assert_eq!(topology.components, [4, 2]);
    assert_eq!(topology.isolated, 1);
    assert_eq!(topology.layers, [2, 3, 1]);
    assert_eq!(topology.longest_path(), 2);
    assert_eq!((topology.loops.len(), topology.cycles.len()), (0, 0));
    assert_eq!(topology.fan_in, Fan { least: 0, mean: 6.0 / 7.0, most: 3 });
    assert_eq!(topology.fan_out, Fan { least: 0, mean: 6.0 / 7.0, most: 3 });
    assert_eq!(topology.delays, Some((1.0, 1.0)));
}

#[test]
fn feedback_loops_come_largest_first_each_with_a_shortest_way_round() {
    // 0 -> 1 -> 2 -> 3 -> 0 with the short cut 1 -> 3, then 3 -> 4, 4 -> 5 -> 4, and 6 -> 6.
    let topology = pairs(7, &[(0, 1), (1, 2), (2, 3), (3, 0), (1, 3), (3, 4), (4, 5), (5, 4), (6, 6)]);
    assert_eq!(topology.loops, [4, 2, 1]);
    assert_eq!(topology.cycles, [vec![0, 1, 3], vec![4, 5], vec![6]]);
    assert_eq!(topology.layers, [5, 2], "the loops count as one neuron each");
    assert_eq!(topology.components, [6, 1]);
    assert_eq!(topology.isolated, 0);
}

#[test]
fn waveguides_are_counted_by_entry_and_populations() {
    let mut network = joined(&[2, 3], 0..5, 0..5, Pattern::AllToAll);
    let mut back = Waveguides::new("back", vec![4], vec![0], Pattern::OneToOne, 0.5);
    back.direction = Direction::TwoWay;
    network.waveguides.push(back);
    let topology = Topology::of(&network);
    let links: Vec<_> = topology.links.iter().map(|l| (l.entry, l.from, l.to, l.arms, l.delays.0)).collect();
    assert_eq!(
        links,
        [(0, 0, 0, 2, 1.0), (0, 0, 1, 6, 1.0), (0, 1, 0, 6, 1.0), (0, 1, 1, 6, 1.0), (1, 1, 0, 1, 0.5)]
    );
    assert_eq!((topology.n_arms, topology.n_two_way), (21, 1));
    assert_eq!(topology.delays, Some((0.5, 1.0)));
}

#[test]
fn delays_are_those_of_the_arms_not_of_their_distribution() {
    let mut network = joined(&[4], 0..4, 0..4, Pattern::Chain);
    network.waveguides[0].delay = qhh_net::network::Delay::Time(ParameterValues::Each([3.0, 2.0, 7.0].into()));
    assert_eq!(Topology::of(&network).delays, Some((2.0, 7.0)));
    network.waveguides[0].delay = qhh_net::network::Delay::Time(ParameterValues::Normal {
        mean: 5.0,
        deviation: 1.0,
        low: 0.0,
        high: f64::INFINITY,
    });
    let (least, most) = Topology::of(&network).delays.unwrap();
    assert!(0.0 < least && least < most && most.is_finite(), "{least} to {most}");
}

/// The stack of a recursive search would not last a tenth of the way.
#[test]
fn a_chain_and_a_ring_of_300_000_neurons_are_no_matter() {
    let n = 300_000;
    let chain = Topology::of(&joined(&[n], 0..n, 0..n, Pattern::Chain));
    assert_eq!((chain.longest_path(), chain.layers.len()), (n - 1, n));
    assert_eq!((chain.components.as_slice(), chain.loops.len()), ([n].as_slice(), 0));
    let ring = Topology::of(&joined(&[n], 0..n, 0..n, Pattern::Ring));
    assert_eq!((ring.loops.as_slice(), ring.layers.as_slice()), ([n].as_slice(), [n].as_slice()));
    assert!(ring.cycles[0].iter().copied().eq(0..n));
    assert_eq!(ring.longest_path(), 0);
}

/// Ten senders each, drawn at random: only those few that nobody drew are outside the one large loop.
#[test]
fn a_web_of_two_million_waveguides_is_one_loop() {
    let n = 200_000;
    let topology = Topology::of(&joined(&[n], 0..n, 0..n, Pattern::FixedFanIn { k: 10 }));
    assert_eq!(
        (topology.n_arms, topology.components.as_slice(), topology.loops.len()),
        (10 * n, [n].as_slice(), 1)
    );
    let outside = (n - topology.loops[0]) as f64 / n as f64;
    assert!((2e-5..1e-4).contains(&outside), "{outside} of all are outside, exp(-10) expected");
}
