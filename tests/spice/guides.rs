//! The waveguides of a network, one by one, and what they come to at its ports: worked out anew from the plain data of
//! the network, so that nothing of how the program wires neurons goes into what it is compared with.

use std::collections::{BTreeMap, HashMap};

use qhh_net::coupling::connections::ConnectionValues;
use qhh_net::network::{Direction, Network};

/// Neuron and place among its ports, output first.
pub type PortAt = (usize, usize);

/// Number of waveguides at a side of a port, and the sum of their weights' sizes.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    arms: usize,
    weight: f64,
}

impl Tally {
    fn share(self, weight: f64) -> f64 {
        weight.abs() / (self.arms as f64).max(self.weight)
    }
}

/// A waveguide.
pub struct Guide {
    pub output: PortAt,
    pub input: PortAt,
    pub delay: f64,
    pub weight: f64,
    pub transmission: f64,
    pub gain: f64,
    pub two_way: bool,
}

impl Guide {
    /// Transmission and gain.
    pub fn power(&self) -> f64 {
        self.transmission * self.gain
    }
}

/// The waveguides of a network and what they come to at its ports.
pub struct Guides {
    pub all: Vec<Guide>,
    leaving: HashMap<PortAt, Tally>,
    arriving: HashMap<PortAt, Tally>,
    pub impedances: BTreeMap<PortAt, f64>,
}

impl Guides {
    pub fn new(network: &Network) -> Self {
        let mut impedances = BTreeMap::new();
        for neuron in 0..network.n_neurons() {
            let ports =
                network.neuron(neuron).into_iter().flat_map(|(circuit, _)| circuit.ports().collect::<Vec<_>>());
            impedances.extend(ports.enumerate().map(|(slot, (_, port))| ((neuron, slot), port.impedance)));
        }
        let mut all = Vec::new();
        for entry in &network.waveguides {
            let mut values = ConnectionValues::new(network, entry);
            network.for_each_connection(entry, |arm| {
                let (population, _) = network.locate(arm.to).unwrap();
                let named = |name: &String| population.inputs.iter().position(|input| input == name).unwrap();
                let place = entry.port.as_ref().map_or(0, named);
                all.push(Guide {
                    output: (arm.from, 0),
                    input: (arm.to, usize::from(population.circuit.output.is_some()) + place),
                    delay: values.delay(arm.item),
                    weight: values.weight(arm.item),
                    transmission: values.transmission(arm.item),
                    gain: values.gain(arm.item),
                    two_way: entry.direction == Direction::TwoWay,
                });
            });
        }
        let (mut leaving, mut arriving) = (HashMap::new(), HashMap::new());
        let add = |tallies: &mut HashMap<PortAt, Tally>, port, weight: f64| {
            let tally = tallies.entry(port).or_default();
            tally.arms += 1;
            tally.weight += weight.abs();
        };
        for guide in &all {
            add(&mut leaving, guide.output, guide.weight);
            add(&mut arriving, guide.input, guide.weight);
            if guide.two_way {
                add(&mut leaving, guide.input, guide.weight);
                add(&mut arriving, guide.output, guide.weight);
            }
        }
        Self { all, leaving, arriving, impedances }
    }

    /// Factor on the voltage wave that goes through `guide` this way.
    pub fn amplitude(&self, guide: &Guide, from: PortAt, to: PortAt) -> f64 {
        if guide.weight == 0.0 {
            return 0.0;
        }
        let (splitter, combiner) = self.shares(guide, from, to);
        let power = splitter * combiner * guide.power();
        guide.weight.signum() * (power * self.impedances[&to] / self.impedances[&from]).sqrt()
    }

    /// Parts of the power that the splitter it leaves and the combiner it enters let through.
    pub fn shares(&self, guide: &Guide, from: PortAt, to: PortAt) -> (f64, f64) {
        (self.leaving[&from].share(guide.weight), self.arriving[&to].share(guide.weight))
    }

    /// Whether a waveguide is an ideal line with nothing else at its ends.
    pub fn is_line(&self, guide: &Guide) -> bool {
        let alone = |port| self.leaving[&port].arms == 1 && self.arriving[&port].arms == 1;
        guide.two_way
            && alone(guide.output)
            && alone(guide.input)
            && self.impedances[&guide.output] == self.impedances[&guide.input]
            && (self.amplitude(guide, guide.output, guide.input) - 1.0).abs() < 1e-12
    }
}
