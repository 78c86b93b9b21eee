//! A network that fails, made as small as it can be while it still fails.

use qhh_core::circuit::Initial;
use qhh_net::network::{Delay, Direction};
use qhh_net::{Network, Neurons};

/// Smaller networks tried at most.
const MOST_TRIES: usize = 300;

/// The smallest network found, and what is wrong with it. `fails` tells what, if anything, is wrong with a network.
pub fn shrink(
    mut network: Network,
    mut problem: String,
    fails: &dyn Fn(&Network) -> Option<String>,
) -> (Network, String) {
    let mut tries = 0;
    loop {
        let smaller = smaller(&network).into_iter().find_map(|smaller| {
            tries += 1;
            let untried = tries > MOST_TRIES || smaller == network;
            if untried { None } else { fails(&smaller).map(|problem| (smaller, problem)) }
        });
        match smaller {
            Some(found) => (network, problem) = found,
            None => return (network, problem),
        }
    }
}

/// Networks with a little less, those with much less first.
fn smaller(network: &Network) -> Vec<Network> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Network)| {
        let mut changed = network.clone();
        change(&mut changed);
        all.push(changed);
    };
    for k in 0..network.waveguides.len() {
        with(&|network| drop(network.waveguides.remove(k)));
    }
    for k in 0..network.sources.len() {
        with(&|network| drop(network.sources.remove(k)));
    }
    for neuron in (0..network.n_neurons()).filter(|_| network.n_neurons() > 1) {
        with(&|network| without(network, neuron));
    }
    let every = network.record.every;
    with(&|network| {
        let samples = (0.5 * network.simulation.duration / every).floor().max(1.0);
        network.simulation.duration = samples * every;
    });
    for k in 0..network.populations.len() {
        for v in 0..network.populations[k].varied.len() {
            with(&|network| drop(network.populations[k].varied.remove(v)));
        }
        with(&|network| network.populations[k].initial = Initial::Rest);
    }
    for k in 0..network.waveguides.len() {
        with(&|network| network.waveguides[k].transmission = 1.0.into());
        with(&|network| network.waveguides[k].weight = 1.0.into());
        with(&|network| network.waveguides[k].gain = 1.0.into());
        with(&|network| network.waveguides[k].direction = Direction::Isolated);
        with(&|network| network.waveguides[k].delay = Delay::Time(1.0.into()));
    }
    for k in 0..network.sources.len() {
        with(&|network| network.sources[k].scale = None);
    }
    all
}

/// The network without a neuron; a pattern may no longer fit, which its check will tell.
fn without(network: &mut Network, neuron: usize) {
    let renumbered = |neurons: &Neurons| -> Neurons {
        let left = neurons.iter().filter(|&other| other != neuron);
        left.map(|other| if other > neuron { other - 1 } else { other }).collect()
    };
    let mut first = 0;
    for population in &mut network.populations {
        if (first..first + population.count).contains(&neuron) {
            population.count -= 1;
            break;
        }
        first += population.count;
    }
    network.populations.retain(|population| population.count > 0);
    for source in &mut network.sources {
        source.targets = renumbered(&source.targets);
    }
    for entry in &mut network.waveguides {
        (entry.from, entry.to) = (renumbered(&entry.from), renumbered(&entry.to));
    }
    network.sources.retain(|source| !source.targets.is_empty());
    network.waveguides.retain(|entry| !entry.from.is_empty() && !entry.to.is_empty());
    network.record.neurons = (0..network.n_neurons()).collect();
}
