//! Where each neuron is stepped: neurons of one kind side by side, in an order that the file's does not change.
//!
//! Populations are taken by name and packed kind by kind into blocks of a given number of lanes, so that populations
//! with the same channels and ports share one kernel however small they are.

use std::collections::BTreeMap;
use std::ops::Range;

use qhh_core::integrate::group::Kind;

use crate::network::Network;

/// Places of all neurons.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    /// Numbers of the neurons of each block, lane by lane.
    pub(crate) blocks: Vec<Box<[u32]>>,
    /// Place of each neuron: block times lanes plus lane.
    places: Vec<u32>,
    lanes: usize,
}

impl Layout {
    /// The layout for blocks of `lanes` neurons.
    pub(crate) fn new(network: &Network, lanes: usize) -> Self {
        let mut first = 0;
        let mut kinds: BTreeMap<Kind, Vec<(&str, usize, usize)>> = BTreeMap::new();
        for population in &network.populations {
            let kind = Kind::of(&population.circuit, network.simulation.baths);
            kinds.entry(kind).or_default().push((population.name.as_str(), first, population.count));
            first += population.count;
        }
        let mut layout = Self { blocks: Vec::new(), places: vec![0; first], lanes };
        for mut populations in kinds.into_values() {
            populations.sort_unstable();
            let mut members: Vec<u32> = Vec::with_capacity(lanes);
            for (_, first, count) in populations {
                for neuron in first..first + count {
                    layout.places[neuron] = index(layout.blocks.len() * lanes + members.len());
                    members.push(index(neuron));
                    if members.len() == lanes {
                        layout.blocks.push(members.as_slice().into());
                        members.clear();
                    }
                }
            }
            if !members.is_empty() {
                layout.blocks.push(members.into());
            }
        }
        layout
    }

    /// Some of the blocks alone; where a neuron is of others is not known in it.
    pub(crate) fn part(&self, blocks: Range<usize>) -> Self {
        Self { blocks: self.blocks[blocks].to_vec(), places: Vec::new(), lanes: self.lanes }
    }

    /// Block and lane of a neuron.
    pub(crate) fn place(&self, neuron: usize) -> (usize, usize) {
        let place = self.places[neuron] as usize;
        (place / self.lanes, place % self.lanes)
    }
}

/// A number that fits by the limits of a network.
pub(crate) fn index(value: usize) -> u32 {
    u32::try_from(value).expect("a network has fewer than 2^32 of everything")
}
