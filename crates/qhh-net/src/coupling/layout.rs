//! Where each neuron is stepped: neurons of one kind side by side, in an order that the file's does not change.
//!
//! Populations are taken by name and packed kind by kind into blocks of a given number of lanes, so that populations
//! with the same channels and ports share one kernel however small they are. A population's neurons take places one after
//! the other, so nothing here is as large as the network: places and blocks are worked out when they are needed.

use std::collections::BTreeMap;
use std::ops::Range;

use qhh_core::circuit::MAX_PORTS;
use qhh_core::integrate::group::Kind;

use crate::network::{Network, Neurons, PopulationFinder};

/// Places of all neurons. A place is the number of a block times its lanes, plus a lane.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    lanes: usize,
    n_blocks: usize,
    finder: PopulationFinder,
    /// Of each population in the order of the file.
    populations: Vec<Stretch>,
    /// The same in the order of places, those without neurons left out.
    placed: Vec<Stretch>,
}

/// Neurons one after the other, at places one after the other.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    place: usize,
    neuron: usize,
    count: usize,
}

impl Layout {
    /// The layout for blocks of `lanes` neurons.
    pub(crate) fn new(network: &Network, lanes: usize) -> Self {
        let mut kinds: BTreeMap<Kind, Vec<usize>> = BTreeMap::new();
        let mut populations = Vec::with_capacity(network.populations.len());
        let mut neuron = 0;
        for (number, population) in network.populations.iter().enumerate() {
            let kind = Kind::of(&population.circuit, network.simulation.baths);
            kinds.entry(kind).or_default().push(number);
            populations.push(Stretch { place: 0, neuron, count: population.count });
            neuron += population.count;
        }
        let (mut next, mut placed) = (0, Vec::with_capacity(populations.len()));
        for mut of_kind in kinds.into_values() {
            of_kind.sort_unstable_by_key(|number| network.populations[*number].name.as_str());
            for number in of_kind {
                let stretch = &mut populations[number];
                stretch.place = next;
                next += stretch.count;
                placed.extend((stretch.count > 0).then_some(*stretch));
            }
            next = next.next_multiple_of(lanes);
        }
        Self { lanes, n_blocks: next / lanes, finder: PopulationFinder::new(network), populations, placed }
    }

    /// Number of blocks.
    pub(crate) fn n_blocks(&self) -> usize {
        self.n_blocks
    }

    /// Block and lane of a neuron.
    #[inline]
    pub(crate) fn place(&self, neuron: usize) -> (usize, usize) {
        let stretch = self.populations[self.finder.of(neuron)];
        let place = stretch.place + (neuron - stretch.neuron);
        (place / self.lanes, place % self.lanes)
    }

    /// Stretches of consecutive neurons of some blocks, lane by lane.
    fn stretches(&self, blocks: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let places = blocks.start * self.lanes..blocks.end * self.lanes;
        let first = self.placed.partition_point(|of| of.place + of.count <= places.start);
        let within = self.placed[first..].iter().take_while(move |of| of.place < places.end);
        within.map(move |of| {
            let start = places.start.max(of.place) - of.place;
            let end = places.end.min(of.place + of.count) - of.place;
            of.neuron + start..of.neuron + end
        })
    }

    /// Number of neurons in a block.
    pub(crate) fn len(&self, block: usize) -> usize {
        self.stretches(block..block + 1).map(|stretch| stretch.len()).sum()
    }

    /// Numbers of the neurons of a block, lane by lane.
    pub(crate) fn neurons(&self, block: usize) -> impl Iterator<Item = usize> {
        self.stretches(block..block + 1).flatten()
    }

    /// Numbers of the neurons of some blocks, ascending.
    pub(crate) fn neurons_of(&self, blocks: Range<usize>) -> Neurons {
        self.stretches(blocks).collect::<Neurons>().ascending()
    }

    /// Number of the neuron in a lane of a block.
    ///
    /// # Panics
    /// If there is none.
    pub(crate) fn neuron(&self, block: usize, lane: usize) -> usize {
        self.neurons(block).nth(lane).expect("the block has such a lane")
    }

    /// Number of a neuron's port among all that blocks could have, in the order of blocks, slots and lanes.
    pub(crate) fn port_number(&self, neuron: usize, slot: usize) -> u64 {
        let (block, lane) = self.place(neuron);
        self.port_at(block, slot, lane)
    }

    /// Number of the port in a slot and lane of a block.
    pub(crate) fn port_at(&self, block: usize, slot: usize, lane: usize) -> u64 {
        self.first_port(block) + (slot * self.lanes + lane) as u64
    }

    /// Number of the first port of a block.
    pub(crate) fn first_port(&self, block: usize) -> u64 {
        block as u64 * (MAX_PORTS * self.lanes) as u64
    }

    /// Block, slot and lane of a port by its number.
    pub(crate) fn port(&self, number: u64) -> (usize, usize, usize) {
        let number = usize::try_from(number).expect("numbers of ports fit");
        let (block, within) = (number / (MAX_PORTS * self.lanes), number % (MAX_PORTS * self.lanes));
        (block, within / self.lanes, within % self.lanes)
    }
}

/// A number that fits by the limits of a network.
pub(crate) fn index(value: usize) -> u32 {
    u32::try_from(value).expect("a network has fewer than 2^32 of everything")
}

#[cfg(test)]
mod tests {
    use qhh_core::circuit::{Channels, Circuit, Inputs};
    use qhh_core::port::Port;

    use super::Layout;
    use crate::network::{Network, Population, TimeStepping};

    #[test]
    fn neurons_of_a_kind_stand_side_by_side_by_name_whatever_the_order_of_the_file() {
        let port = Port { capacitance: 1.0, impedance: 3.0 };
        let bare = Circuit {
            capacitance: 1.0,
            channels: Channels::single(0.3, None),
            output: None,
            inputs: Inputs::default(),
            sense: None,
        };
        let joined = Circuit { output: Some(port), ..bare.clone() };
        let populations = vec![
            Population::new("c", 5, joined.clone()),
            Population::new("b", 3, bare.clone()),
            Population::new("d", 0, bare.clone()),
            Population::new("a", 6, joined),
            Population::new("e", 2, bare),
        ];
        let network = Network::new("mixed", TimeStepping::new(1.0, 0.1), populations);
        let layout = Layout::new(&network, 4);
        let blocks: Vec<Vec<usize>> =
            (0..layout.n_blocks()).map(|block| layout.neurons(block).collect()).collect();
        let (bare, joined) = (vec![5, 6, 7, 14], vec![8, 9, 10, 11]);
        let expected = vec![joined, vec![12, 13, 0, 1], vec![2, 3, 4], bare, vec![15]];
        let mut sorted = (blocks.clone(), expected);
        sorted.0.sort();
        sorted.1.sort();
        assert_eq!(sorted.0, sorted.1);
        for (block, neurons) in blocks.iter().enumerate() {
            assert_eq!(layout.len(block), neurons.len());
            for (lane, &neuron) in neurons.iter().enumerate() {
                assert_eq!((layout.place(neuron), layout.neuron(block, lane)), ((block, lane), neuron));
                assert_eq!(layout.port(layout.port_number(neuron, 2)), (block, 2, lane));
            }
        }
    }
}
