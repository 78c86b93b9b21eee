//! Networks drawn as graphs.

use qhh_core::circuit::Initial;
use qhh_core::units::UnitSystem;
use qhh_net::Network;
use qhh_net::coupling::topology::Topology;
use qhh_net::network::{Direction, Pattern, Waveguides};
use qhh_report::graph::{Level, dot, svg};

use crate::examples::HOSTILE;
use crate::models::relay_circuit;
use crate::runs::{network, population};

/// Populations of these names and sizes, joined within and among one another.
pub(crate) fn joined(name: &str, populations: &[(&str, usize)], entries: Vec<Waveguides>) -> Network {
    let populations = populations.iter().map(|&(name, n)| population(name, n, relay_circuit(), Initial::Rest));
    let mut network = network(name, UnitSystem::HodgkinHuxley, 40.0, populations.collect());
    network.waveguides = entries;
    network
}

/// An entry within one range of neurons.
pub(crate) fn within(name: &str, neurons: std::ops::Range<usize>, pattern: Pattern) -> Waveguides {
    Waveguides::new(name, neurons.clone(), neurons, pattern, 1.0)
}

fn between(name: &str, from: std::ops::Range<usize>, to: std::ops::Range<usize>, pattern: Pattern) -> Waveguides {
    Waveguides::new(name, from, to, pattern, 2.0)
}

fn pairs(pairs: &[(u32, u32)]) -> Pattern {
    Pattern::Pairs(pairs.into())
}

/// A network of every shape, by name.
fn shapes() -> Vec<Network> {
    let mut two_way = joined("two way", &[("relay", 5)], vec![within("axon", 0..5, Pattern::Chain)]);
    two_way.waveguides[0].direction = Direction::TwoWay;
    let mut itself = within("own", 0..2, Pattern::OneToOne);
    itself.allow_self = true;
    let world = Pattern::SmallWorld { neighbours: 4, rewire: 0.15 };
    vec![
        joined("chain", &[("relay", 6)], vec![within("axon", 0..6, Pattern::Chain)]),
        joined("long chain", &[("relay", 40)], vec![within("axon", 0..40, Pattern::Chain)]),
        joined("ring", &[("relay", 12)], vec![within("axon", 0..12, Pattern::Ring)]),
        joined("small ring", &[("relay", 3)], vec![within("axon", 0..3, Pattern::Ring)]),
        two_way,
        joined(
            "rings",
            &[("left", 8), ("right", 5)],
            vec![within("a", 0..8, Pattern::Ring), within("b", 8..13, Pattern::Ring)],
        ),
        joined(
            "feedforward",
            &[("cell", 17)],
            vec![within("f", 0..17, Pattern::Feedforward { layers: vec![4, 6, 5, 2], fan_out: Some(2) })],
        ),
        joined("dense layers", &[("in", 20), ("out", 20)], vec![between("f", 0..20, 20..40, Pattern::AllToAll)]),
        joined("fan", &[("one", 1), ("many", 60)], vec![between("f", 0..1, 1..61, Pattern::AllToAll)]),
        joined(
            "grid",
            &[("sheet", 48)],
            vec![within("near", 0..48, Pattern::Grid { width: 8, neighbours: 4, wrap: false })],
        ),
        joined(
            "torus",
            &[("sheet", 25)],
            vec![within("near", 0..25, Pattern::Grid { width: 5, neighbours: 4, wrap: true })],
        ),
        joined("small world", &[("cell", 60)], vec![within("w", 0..60, world)]),
        joined("random", &[("e", 24), ("i", 6)], vec![within("r", 0..30, Pattern::FixedFanIn { k: 3 })]),
        joined(
            "microcircuit",
            &[("retina", 3), ("relay", 4), ("cortex", 5), ("motor", 1)],
            vec![
                between("optic", 0..3, 3..7, Pattern::AllToAll),
                between("radiation", 3..7, 7..12, pairs(&[(0, 0), (1, 1), (1, 2), (2, 3), (3, 4)])),
                between("feedback", 7..12, 3..7, pairs(&[(0, 1), (4, 2)])),
                within("lateral", 7..12, pairs(&[(0, 1), (1, 2), (3, 4)])),
                between("out", 7..12, 12..13, pairs(&[(2, 0), (4, 0)])),
                between("short cut", 0..3, 12..13, pairs(&[(1, 0)])),
            ],
        ),
        joined(
            "pieces",
            &[("a", 9), ("b", 12)],
            vec![
                within("c", 0..4, Pattern::Chain),
                within("d", 4..7, Pattern::Ring),
                within("self", 7..8, Pattern::OneToOne),
                itself,
                within("e", 9..15, pairs(&[(0, 2), (1, 2), (2, 3), (3, 4), (4, 2), (3, 5)])),
            ],
        ),
        joined(
            "large",
            &[("excitatory", 8000), ("inhibitory", 2000), ("thalamus", 100)],
            vec![
                between("drive", 10_000..10_100, 0..10_000, Pattern::FixedFanIn { k: 5 }),
                within("recurrent", 0..8000, Pattern::FixedFanIn { k: 10 }),
                between("brake", 0..8000, 8000..10_000, Pattern::FixedFanIn { k: 10 }),
                between("inhibit", 8000..10_000, 0..8000, Pattern::FixedFanIn { k: 4 }),
                within("slow", 0..8000, Pattern::Random { probability: 0.0001 }),
            ],
        ),
        joined("one large", &[("relay", 5000)], vec![within("axon", 0..5000, Pattern::Chain)]),
        joined(
            "crowded",
            &["a"; 60].map(|name| (name, 10)),
            vec![within("axon", 0..600, Pattern::FixedFanIn { k: 3 })],
        ),
        joined("alone", &[("cell", 5)], vec![]),
    ]
}

/// With a folder named by `QHH_KEEP_PAGES` the drawings stay there to be looked at.
#[test]
fn every_shape_is_drawn_within_its_picture() {
    for network in shapes() {
        let topology = Topology::of(&network);
        let svg = svg(&network, &topology);
        if let Some(folder) = std::env::var_os("QHH_KEEP_PAGES") {
            let file = std::path::Path::new(&folder).join(format!("{}.svg", network.name.replace(' ', "-")));
            std::fs::write(file, &svg).expect("the folder of QHH_KEEP_PAGES exists");
        }
        let name = &network.name;
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
        let size: Vec<f64> =
            attribute(&svg, "viewBox").unwrap().split(' ').map(|number| number.parse().unwrap()).collect();
        assert!(size[2] <= 1400.0 && size[3] <= 1300.0, "{name}: {size:?}");
        if Level::drawn(&topology) == Level::Neurons {
            let joined: std::collections::BTreeSet<_> = arms(&network).into_iter().collect();
            assert_eq!(svg.matches("class=\"arrow\"").count(), joined.len(), "{name}");
            let marked = svg.matches("class=\"node p").count() + svg.matches("class=\"dot p").count();
            let keys = if network.populations.len() > 1 { network.populations.len() } else { 0 };
            assert_eq!(marked, network.n_neurons() + keys, "{name}");
        }
        assert!(svg.len() < 300_000, "{name}: {} bytes", svg.len());
    }
}

fn attribute<'a>(svg: &'a str, name: &str) -> Option<&'a str> {
    svg.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next())
}

fn arms(network: &Network) -> Vec<(usize, usize)> {
    let mut arms = Vec::new();
    for entry in &network.waveguides {
        network.for_each_connection(entry, |arm| arms.push((arm.from, arm.to)));
    }
    arms
}

#[test]
fn a_large_network_is_drawn_by_population_with_its_counts() {
    let network = shapes().into_iter().find(|network| network.name == "large").unwrap();
    let topology = Topology::of(&network);
    assert_eq!(Level::drawn(&topology), Level::Populations);
    let svg = svg(&network, &topology).replace('\u{202f}', " ");
    for told in ["8000 neurons", "2000 neurons", "drive × 40 000", "recurrent × 80 000", "inhibit × 32 000"] {
        assert!(svg.contains(told), "{told}: {svg}");
    }
    assert_eq!(svg.matches("class=\"arrow\"").count(), 5, "two entries share an arrow");
    let dot = dot(&network, &topology);
    assert!(dot.contains("p2 -> p0 [label=\"drive\\n40 000 waveguides\"") && dot.contains("longest=2"), "{dot}");
}

#[test]
fn a_dot_file_lists_every_neuron_and_waveguide() {
    let mut network = joined("chain", &[("relay", 3), ("last", 1)], vec![within("axon", 0..4, Pattern::Chain)]);
    network.waveguides[0].transmission = 0.5.into();
    network.waveguides[0].direction = Direction::TwoWay;
    let dot = dot(&network, &Topology::of(&network));
    let lines: Vec<&str> = dot.lines().collect();
    assert_eq!(lines[0], "digraph \"chain\" {");
    assert!(dot.contains("n0 [label=\"relay[0]\", population=\"relay\","), "{dot}");
    assert!(dot.contains("n3 [label=\"last\", population=\"last\","), "{dot}");
    assert!(dot.contains("n2 -> n3 [entry=\"axon\", delay=1, transmission=0.5, dir=both];"), "{dot}");
    assert_eq!((dot.matches("->").count(), lines[lines.len() - 1]), (3, "}"));
}

#[test]
fn no_name_becomes_markup_of_a_drawing() {
    let mut network = joined("x", &[("relay", 2), ("other", 1)], vec![within("axon", 0..3, Pattern::Chain)]);
    for name in [&mut network.name, &mut network.waveguides[0].name] {
        HOSTILE.clone_into(name);
    }
    network.populations[0].name = format!("{HOSTILE}\u{7}");
    let topology = Topology::of(&network);
    let svg = svg(&network, &topology);
    assert!(!svg.contains("<script") && !svg.contains("<img") && !svg.contains('\u{7}'), "{svg}");
    let dot = dot(&network, &topology);
    assert!(dot.lines().all(|line| line.matches('"').count() % 2 == 0 || line.contains("\\\"")), "{dot}");
}
