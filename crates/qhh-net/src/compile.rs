//! From the resolved network to blocks of flat arrays that the engine steps; no names, no graph.

use qhh_core::integrate::adiabatic::Adiabatic;
use qhh_core::integrate::lanes::LANES;
use qhh_core::integrate::langevin::Group;

use crate::check::tone;
use crate::engine::block::{Block, Motion};
use crate::network::{Method, Network, Population};
use crate::record::NeuronRecorder;

/// The blocks of a network in the order of its neurons: [`LANES`] neurons of one population each.
///
/// The network must have passed [`Network::check`].
pub(crate) fn blocks(network: &Network) -> Vec<Block> {
    let mut into: Vec<(usize, usize)> = (network.sources.iter().enumerate())
        .flat_map(|(source, s)| s.targets.iter().map(move |&neuron| (neuron, source)))
        .collect();
    into.sort_unstable();
    let mut blocks = Vec::new();
    let mut first = 0;
    for population in &network.populations {
        for start in (0..population.count).step_by(LANES) {
            let size = LANES.min(population.count - start);
            blocks.push(block(network, population, first + start, size, &into));
        }
        first += population.count;
    }
    blocks
}

fn block(network: &Network, population: &Population, first: usize, size: usize, into: &[(usize, usize)]) -> Block {
    let (circuit, dt, units) = (population.circuit, network.simulation.step, network.rate_units());
    let baths = network.simulation.baths;
    let start = population
        .initial
        .resolve(&circuit, units)
        .unwrap_or_else(|error| unreachable!("a checked network starts somewhere: {error}"));
    let from = into.partition_point(|pair| pair.0 < first);
    let to = into.partition_point(|pair| pair.0 < first + size);
    let feeds: Vec<(usize, usize)> =
        into[from..to].iter().map(|&(neuron, source)| (neuron - first, source)).collect();
    let motion = match network.simulation.method {
        Method::Langevin => {
            let group = Group::new(&[circuit], baths);
            let state = group.state(&[start], dt, units);
            Motion::Langevin { group: Box::new(group), state: Box::new(state), feeds }
        }
        Method::Adiabatic => Motion::Adiabatic(
            (0..size)
                .map(|lane| {
                    let of_lane = feeds.iter().filter(|feed| feed.0 == lane);
                    let tones: Vec<_> =
                        of_lane.filter_map(|feed| tone(&network.sources[feed.1].drive, 1.0)).collect();
                    let neuron = Adiabatic::new(circuit, baths, units, dt, &tones);
                    let state = neuron.state(start.1);
                    (neuron, state)
                })
                .collect(),
        ),
    };
    let recorded = network.record.neurons.iter().filter(|&&neuron| (first..first + size).contains(&neuron));
    let recorders = recorded.map(|&neuron| (neuron - first, NeuronRecorder::new(network, neuron))).collect();
    Block { first, size, motion, recorders, spikes: Vec::new() }
}
