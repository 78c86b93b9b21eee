//! What a network looks like as a directed graph: neurons, and from sender to receiver an arm for each waveguide.
//!
//! Components, feedback loops, layers, fans and delays, each found in time and memory that grow with neurons and arms
//! alone, and without recursion, so that a chain of a million neurons is no matter. How the network runs does not
//! depend on any of it.

use std::collections::BTreeMap;

use petgraph::Directed;
use petgraph::graph::{Graph, NodeIndex};
use petgraph::unionfind::UnionFind;

use crate::coupling::connections::ConnectionValues;
use crate::coupling::strong;
use crate::network::{Delay, Direction, Network};

/// Feedback loops of which an example is given, at most.
pub const MOST_CYCLES: usize = 3;

/// A network as a graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Topology {
    /// Number of neurons.
    pub n_neurons: usize,
    /// Number of arms.
    pub n_arms: usize,
    /// Number of arms through which waves travel back too; they count in one direction here.
    pub n_two_way: usize,
    /// Neurons with no arm at all.
    pub isolated: usize,
    /// Neurons of each set joined by arms in whatever direction, largest first; isolated neurons are in none.
    pub components: Vec<usize>,
    /// Neurons of each feedback loop, largest first: sets whose neurons all reach one another, and single neurons
    /// joined to themselves.
    pub loops: Vec<usize>,
    /// The shortest way round through one neuron of each of the largest loops, sender before receiver.
    pub cycles: Vec<Vec<usize>>,
    /// Neurons of each layer: 0 is reached from none, any other only from earlier ones, by a longest path of as many
    /// arms as its number. The neurons of a loop share a layer; isolated neurons are in none.
    pub layers: Vec<usize>,
    /// Shortest and longest delay of an arm; none without arms.
    pub delays: Option<(f64, f64)>,
    /// Arms that arrive at a neuron.
    pub fan_in: Fan,
    /// Arms that leave a neuron.
    pub fan_out: Fan,
    /// The arms by entry and populations, in the order of the file.
    pub links: Vec<Link>,
}

/// Number of arms at one end of a neuron, over all neurons.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Fan {
    /// Fewest.
    pub least: usize,
    /// Mean.
    pub mean: f64,
    /// Most.
    pub most: usize,
}

/// The arms of one entry from one population to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Place of the entry among the network's waveguides.
    pub entry: usize,
    /// Place of the senders' population.
    pub from: usize,
    /// Place of the receivers'.
    pub to: usize,
    /// Number of arms.
    pub arms: usize,
    /// Shortest and longest delay of them.
    pub delays: (f64, f64),
}

impl Topology {
    /// The graph of `network`, whose patterns must fit ([`Network::check`]).
    ///
    /// Takes about 50 bytes a neuron and 25 an arm while it works.
    ///
    /// # Panics
    /// With 2^32 neurons or arms or more.
    pub fn of(network: &Network) -> Self {
        let laid = ArmGraph::out(network);
        let (graph, n) = (&laid.graph, laid.graph.node_count());
        let isolated = (0..n).filter(|&k| laid.degrees[k] == (0, 0)).count();
        let alone = |node: NodeIndex| laid.degrees[node.index()] == (0, 0);
        // Receivers come before their senders, as the algorithm leaves them.
        let sets = strong::sets(graph);
        let layers = layers(graph, &sets, alone);
        let mut loops: Vec<&[NodeIndex]> =
            sets.iter().map(Vec::as_slice).filter(|set| set.len() > 1 || laid.joins_itself(set[0])).collect();
        let lowest = |set: &[NodeIndex]| set.iter().min().copied();
        loops.sort_by_key(|set| (std::cmp::Reverse(set.len()), lowest(set)));
        let cycles = loops.iter().take(MOST_CYCLES).filter_map(|set| cycle(graph, set)).collect();
        Self {
            n_neurons: n,
            n_arms: graph.edge_count(),
            n_two_way: laid.n_two_way,
            isolated,
            components: laid.components(),
            loops: loops.iter().map(|set| set.len()).collect(),
            cycles,
            layers,
            delays: laid.links.iter().map(|link| link.delays).reduce(wider),
            fan_in: Fan::of(laid.degrees.iter().map(|degree| degree.0)),
            fan_out: Fan::of(laid.degrees.iter().map(|degree| degree.1)),
            links: laid.links,
        }
    }

    /// Bytes that [`Topology::of`] takes while it works, for neurons and for arms; drawn ones as expected.
    pub fn bytes(network: &Network) -> (f64, f64) {
        let arms: f64 = network.waveguides.iter().map(|entry| entry.pattern.expected_arms(entry.ends())).sum();
        (50.0 * network.n_neurons() as f64, 25.0 * arms)
    }

    /// Number of arms of the longest path. With feedback loops it is that between the loops, each taken for one.
    pub fn longest_path(&self) -> usize {
        self.layers.len().saturating_sub(1)
    }
}

impl Fan {
    fn of(counts: impl Iterator<Item = u32>) -> Self {
        let (mut n, mut sum) = (0usize, 0usize);
        let (mut least, mut most) = (usize::MAX, 0);
        for count in counts {
            let count = count as usize;
            (n, sum) = (n + 1, sum + count);
            (least, most) = (least.min(count), most.max(count));
        }
        if n == 0 { Self::default() } else { Self { least, mean: sum as f64 / n as f64, most } }
    }
}

/// A network's arms as a graph, and what can be counted on the way.
struct ArmGraph {
    graph: Graph<(), (), Directed, u32>,
    sets: UnionFind<u32>,
    /// Arms in and out, by neuron.
    degrees: Vec<(u32, u32)>,
    n_two_way: usize,
    links: Vec<Link>,
}

impl ArmGraph {
    fn out(network: &Network) -> Self {
        let n = network.n_neurons();
        let expected: f64 = network.waveguides.iter().map(|entry| entry.pattern.expected_arms(entry.ends())).sum();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "arms that fit in memory")]
        let mut graph = Graph::with_capacity(n, (expected * 1.01) as usize + 16);
        for _ in 0..n {
            graph.add_node(());
        }
        let mut laid =
            Self { graph, sets: UnionFind::new(n), degrees: vec![(0, 0); n], n_two_way: 0, links: Vec::new() };
        let population_of = populations(network);
        let mut links = BTreeMap::new();
        for entry in 0..network.waveguides.len() {
            laid.lay(network, entry, &population_of, &mut links);
        }
        laid.links = links.into_values().collect();
        laid
    }

    fn lay(
        &mut self,
        network: &Network,
        place: usize,
        population_of: &[u32],
        links: &mut BTreeMap<(usize, u32, u32), Link>,
    ) {
        let entry = &network.waveguides[place];
        let mut values = ConnectionValues::new(network, entry);
        let same = match &entry.delay {
            Delay::Time(delay) => delay.same(),
            Delay::Length { length, velocity } => length.same().map(|length| length / velocity),
        };
        // Neighbouring arms mostly join the same two populations.
        let mut last: Option<((usize, u32, u32), Link)> = None;
        network.for_each_connection(entry, |arm| {
            let delay = same.unwrap_or_else(|| values.delay(arm.item));
            let key = (place, population_of[arm.from], population_of[arm.to]);
            match &mut last {
                Some((held, link)) if *held == key => link.count(delay),
                held => {
                    if let Some((key, link)) = held.take() {
                        links.insert(key, link);
                    }
                    let mut link = links.remove(&key).unwrap_or(Link {
                        entry: place,
                        from: key.1 as usize,
                        to: key.2 as usize,
                        arms: 0,
                        delays: (f64::INFINITY, f64::NEG_INFINITY),
                    });
                    link.count(delay);
                    *held = Some((key, link));
                }
            }
            let (from, to) = (index(arm.from), index(arm.to));
            self.graph.add_edge(from.into(), to.into(), ());
            self.sets.union(from, to);
            self.degrees[arm.from].1 += 1;
            self.degrees[arm.to].0 += 1;
            self.n_two_way += usize::from(entry.direction == Direction::TwoWay);
        });
        links.extend(last);
    }

    fn joins_itself(&self, node: NodeIndex) -> bool {
        self.graph.neighbors(node).any(|next| next == node)
    }

    fn components(&self) -> Vec<usize> {
        let mut sizes = vec![0usize; self.degrees.len()];
        for (neuron, degrees) in self.degrees.iter().enumerate() {
            if *degrees != (0, 0) {
                sizes[self.sets.find(index(neuron)) as usize] += 1;
            }
        }
        sizes.retain(|&size| size > 0);
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes
    }
}

impl Link {
    fn count(&mut self, delay: f64) {
        self.arms += 1;
        self.delays = wider(self.delays, (delay, delay));
    }
}

fn wider(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0.min(b.0), a.1.max(b.1))
}

fn index(neuron: usize) -> u32 {
    u32::try_from(neuron).expect("fewer than 2^32 neurons")
}

/// Place of the population of each neuron.
fn populations(network: &Network) -> Vec<u32> {
    let each = network.populations.iter().enumerate();
    each.flat_map(|(place, population)| std::iter::repeat_n(index(place), population.count)).collect()
}

/// Sizes of the layers: every set of neurons one beyond the last of those that send to it.
fn layers(
    graph: &Graph<(), (), Directed, u32>,
    sets: &[Vec<NodeIndex>],
    alone: impl Fn(NodeIndex) -> bool,
) -> Vec<usize> {
    let mut set_of = vec![0u32; graph.node_count()];
    for (place, set) in sets.iter().enumerate() {
        for node in set {
            set_of[node.index()] = index(place);
        }
    }
    let mut layer = vec![0u32; sets.len()];
    let mut sizes = Vec::new();
    for (place, set) in sets.iter().enumerate().rev() {
        if alone(set[0]) {
            continue;
        }
        let here = layer[place] as usize;
        if sizes.len() <= here {
            sizes.resize(here + 1, 0);
        }
        sizes[here] += set.len();
        for next in set.iter().flat_map(|&node| graph.neighbors(node)) {
            let next = set_of[next.index()] as usize;
            if next != place {
                layer[next] = layer[next].max(layer[place] + 1);
            }
        }
    }
    sizes
}

/// The shortest way from the first neuron of a loop back to it.
fn cycle(graph: &Graph<(), (), Directed, u32>, set: &[NodeIndex]) -> Option<Vec<usize>> {
    const NONE: u32 = u32::MAX;
    let start = set.iter().min().copied()?;
    let mut from = vec![NONE; graph.node_count()];
    let mut reached = vec![start];
    let mut next = 0;
    while let Some(&node) = reached.get(next) {
        next += 1;
        // Arms are handed over last first; the first laid reads best.
        let mut neighbours: Vec<NodeIndex> = graph.neighbors(node).collect();
        neighbours.reverse();
        for neighbour in neighbours {
            if neighbour == start {
                let before = |&node: &usize| Some(from[node] as usize).filter(|&k| k != NONE as usize);
                let mut way: Vec<usize> = std::iter::successors(Some(node.index()), before).collect();
                way.reverse();
                return Some(way);
            }
            // Whatever leaves the loop never comes back to it, so it need not be kept within.
            if from[neighbour.index()] == NONE {
                from[neighbour.index()] = index(node.index());
                reached.push(neighbour);
            }
        }
    }
    None
}
