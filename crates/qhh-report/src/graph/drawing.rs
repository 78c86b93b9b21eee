//! What is drawn of a network: nodes and the arrows between them.

use std::collections::BTreeMap;

use qhh_core::units::Dimension;
use qhh_net::Network;
use qhh_net::coupling::connections::ConnectionValues;
use qhh_net::coupling::topology::{Link, Topology};
use qhh_net::network::{Direction, Pattern};

use crate::figures::label;
use qhh_results::number::{count, counted, quantity};

/// Populations drawn one by one, at most, and arrows between them.
const MOST_POPULATIONS: usize = 40;
const MOST_ARROWS: usize = 150;
/// Entries named at one arrow, at most.
const MOST_LABELS: usize = 3;

/// How much of a network is shown one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Every neuron and every waveguide.
    Neurons,
    /// Populations and entries, with their counts.
    Populations,
}

/// Nodes and the arrows between them.
pub(crate) struct Drawing {
    pub(crate) nodes: Vec<Node>,
    /// One at most from a node to another, or to itself.
    pub(crate) arrows: Vec<Arrow>,
    /// Nodes that stand in rows of the given width.
    pub(crate) grids: Vec<(Vec<usize>, usize)>,
    pub(crate) level: Level,
}

/// A neuron or a population.
pub(crate) struct Node {
    /// Name.
    pub(crate) name: String,
    /// A name for little room.
    pub(crate) short: String,
    /// What stands below the name; may be empty.
    pub(crate) note: String,
    /// Number of its colour: that of its population.
    pub(crate) colour: usize,
}

/// The waveguides from one node to another.
#[derive(Debug, Clone)]
pub(crate) struct Arrow {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Whether waves come back through any.
    pub(crate) two_way: bool,
    /// The shortest delay between two neurons, in the network's units; none between populations.
    pub(crate) delay: Option<f64>,
    /// What stands beside it, line by line.
    pub(crate) labels: Vec<String>,
    /// What it is, in full.
    pub(crate) title: String,
}

impl Drawing {
    /// What is drawn of a network at a level.
    pub(crate) fn new(network: &Network, topology: &Topology, level: Level) -> Self {
        match level {
            Level::Neurons => Self::neurons(network),
            Level::Populations => Self::populations(network, topology),
        }
    }

    fn neurons(network: &Network) -> Self {
        let each = network.populations.iter().enumerate();
        let nodes = each.flat_map(|(colour, population)| (0..population.count).map(move |index| (colour, index)));
        let nodes = nodes.enumerate().map(|(neuron, (colour, index))| Node {
            name: label(network, neuron),
            short: index.to_string(),
            note: String::new(),
            colour,
        });
        let mut arrows = Arrows::default();
        for entry in &network.waveguides {
            let mut values = ConnectionValues::new(network, entry);
            let two_way = entry.direction == Direction::TwoWay;
            network.for_each_connection(entry, |arm| {
                let delay = values.delay(arm.item);
                let told = quantity(network.units, delay, Dimension::TIME, 4);
                let towards = if two_way { '↔' } else { '→' };
                let (from, to) = (label(network, arm.from), label(network, arm.to));
                let title = format!("{}: {from} {towards} {to}, {told}", entry.name);
                let arrow = arrows.add(arm.from, arm.to, two_way, &title);
                arrow.delay = Some(arrow.delay.map_or(delay, |shortest| shortest.min(delay)));
            });
        }
        let grids = network.waveguides.iter().filter_map(|entry| match entry.pattern {
            Pattern::Grid { width, .. } => Some((entry.from.iter().collect(), width)),
            _ => None,
        });
        Self { nodes: nodes.collect(), arrows: arrows.finish(), grids: grids.collect(), level: Level::Neurons }
    }

    fn populations(network: &Network, topology: &Topology) -> Self {
        let nodes = network.populations.iter().enumerate().map(|(colour, population)| Node {
            name: population.name.clone(),
            short: population.name.clone(),
            note: counted(population.count, "neuron"),
            colour,
        });
        let mut arrows = Arrows::default();
        for link in &topology.links {
            let entry = &network.waveguides[link.entry];
            let title = titled(network, link);
            let arrow = arrows.add(link.from, link.to, entry.direction == Direction::TwoWay, &title);
            arrow.labels.push(format!("{} × {}", entry.name, count(link.arms)));
        }
        let mut arrows = arrows.finish();
        if network.populations.len() > MOST_POPULATIONS || arrows.len() > MOST_ARROWS {
            return Self::whole(network, topology);
        }
        for arrow in &mut arrows {
            let more = arrow.labels.len().saturating_sub(MOST_LABELS);
            if more > 0 {
                arrow.labels.truncate(MOST_LABELS);
                arrow.labels.push(format!("and {} more", count(more)));
            }
        }
        Self { nodes: nodes.collect(), arrows, grids: Vec::new(), level: Level::Populations }
    }

    /// One node for everything, where even the populations are too many.
    fn whole(network: &Network, topology: &Topology) -> Self {
        let name = counted(network.populations.len(), "population");
        let note = counted(network.n_neurons(), "neuron");
        let waveguides = counted(topology.n_arms, "waveguide");
        let arrow = Arrow {
            from: 0,
            to: 0,
            two_way: topology.n_two_way > 0,
            delay: None,
            labels: vec![waveguides.clone()],
            title: waveguides,
        };
        let nodes = vec![Node { short: name.clone(), name, note, colour: 0 }];
        let arrows = if topology.n_arms > 0 { vec![arrow] } else { Vec::new() };
        Self { nodes, arrows, grids: Vec::new(), level: Level::Populations }
    }
}

/// `axon: 999 waveguides (random) from relay to relay, 1 ms to 2 ms`.
pub(crate) fn titled(network: &Network, link: &Link) -> String {
    let entry = &network.waveguides[link.entry];
    format!(
        "{}: {} ({}) from {} to {}, {}",
        entry.name,
        counted(link.arms, "waveguide"),
        entry.pattern.name(),
        network.populations[link.from].name,
        network.populations[link.to].name,
        range(network, link.delays)
    )
}

/// `1 ms`, or `1 ms to 2 ms`.
pub(super) fn range(network: &Network, (low, high): (f64, f64)) -> String {
    let time = |value| quantity(network.units, value, Dimension::TIME, 4);
    if low == high { time(low) } else { format!("{} to {}", time(low), time(high)) }
}

/// Arrows by their ends.
#[derive(Default)]
struct Arrows(BTreeMap<(usize, usize), Arrow>);

impl Arrows {
    fn add(&mut self, from: usize, to: usize, two_way: bool, title: &str) -> &mut Arrow {
        let new = Arrow { from, to, two_way: false, delay: None, labels: Vec::new(), title: String::new() };
        let arrow = self.0.entry((from, to)).or_insert(new);
        arrow.two_way |= two_way;
        if !arrow.title.is_empty() {
            arrow.title.push('\n');
        }
        arrow.title.push_str(title);
        arrow
    }

    fn finish(self) -> Vec<Arrow> {
        self.0.into_values().collect()
    }
}
