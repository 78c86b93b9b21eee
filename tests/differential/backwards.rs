//! The derivative of a number of a run, worked out backwards, against differences of runs: by every parameter of every
//! population, waveguide and source.

use std::ops::ControlFlow;

use qhh_core::quantum::State;
use qhh_net::coupling::connections::ConnectionValues;
use qhh_net::engine::adjoint::{Gradient, Tape};
use qhh_net::network::{Delay, Drive, Parameter, ParameterValues, Population, PortPlace, StartValue, Variation};
use qhh_net::{Network, RunOptions};

use crate::{generate, n_networks};

/// What is changed, by a part of itself.
#[derive(Debug, Clone, Copy)]
pub enum Handle {
    /// A parameter of one neuron of a population.
    Neuron(usize, usize, Parameter),
    /// A parameter of all neurons of a population that has none of their own, so that a start at rest follows.
    Population(usize, Parameter),
    Transmission(usize, usize),
    Weight(usize, usize),
    Gain(usize, usize),
    Delay(usize, usize),
    /// The current of a source into the target of this place.
    Factor(usize, usize),
    /// The size of everything that a source feeds.
    Source(usize),
}

/// How much each voltage counts: of some neurons at some times, drawn by a simple rule.
pub fn weights(network: &Network, number: usize) -> (Vec<usize>, Vec<Vec<f64>>) {
    let steps = usize::try_from(network.n_steps()).unwrap();
    let watched: Vec<usize> = (0..network.n_neurons()).filter(|n| (n * 7 + number) % 3 != 1).collect();
    let of = |neuron: usize| {
        let weight = |k: usize| {
            let draw = (k * 2_654_435_761 + neuron * 40_503 + number * 977) % 1009;
            if draw.is_multiple_of(11) || k == steps { draw as f64 / 1009.0 - 0.5 } else { 0.0 }
        };
        (0..=steps).map(weight).collect()
    };
    let slopes = watched.iter().map(|&neuron| of(neuron)).collect();
    (watched, slopes)
}

pub fn tape(network: &Network, watched: &[usize], threads: usize) -> Tape {
    let checked = network.clone().checked().unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let options = RunOptions { threads, ..RunOptions::default() };
    Tape::record(&checked, watched, options, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn number_of(network: &Network, (watched, weights): &(Vec<usize>, Vec<Vec<f64>>)) -> f64 {
    let tape = tape(network, watched, 1);
    let of = |(neuron, weights): (&usize, &Vec<f64>)| {
        tape.voltages(*neuron).iter().zip(weights).map(|(v, weight)| v * weight).sum::<f64>()
    };
    watched.iter().zip(weights).map(of).sum()
}

/// The value of a parameter in a circuit and a start.
fn value(network: &Network, neuron: usize, parameter: Parameter) -> Option<f64> {
    let (circuit, initial) = network.neuron(neuron)?;
    match parameter {
        Parameter::Capacitance => Some(circuit.capacitance),
        Parameter::Conductance(place) => circuit.channels.get(place).map(|channel| channel.conductance),
        Parameter::Reversal(place) => circuit.channels.get(place)?.reversal,
        Parameter::PortCapacitance(PortPlace::Output) => circuit.output.map(|port| port.capacitance),
        Parameter::PortImpedance(PortPlace::Output) => circuit.output.map(|port| port.impedance),
        Parameter::PortCapacitance(PortPlace::Input(k)) => {
            circuit.inputs.iter().nth(k).map(|port| port.capacitance)
        }
        Parameter::PortImpedance(PortPlace::Input(k)) => circuit.inputs.iter().nth(k).map(|port| port.impedance),
        Parameter::Initial(which) => {
            let (v, gates) = initial.resolve(&circuit, network.rate_units()).ok()?;
            match which {
                StartValue::Voltage => Some(v),
                StartValue::Gate(k) => gates.get(k).copied(),
            }
        }
    }
}

fn varied(population: &Population, parameter: Parameter) -> bool {
    population.varied.iter().any(|of| of.parameter == parameter)
}

/// The network with the values of an entry listed one by one, none of them at the end of what it may be.
pub fn listed(network: &Network) -> Network {
    let mut listed = network.clone();
    for (entry, own) in network.waveguides.iter().zip(&mut listed.waveguides) {
        let count = network.n_arms(entry);
        let mut values = ConnectionValues::new(network, entry);
        let mut all = |of: &dyn Fn(&mut ConnectionValues<'_>, usize) -> f64| {
            ParameterValues::Each((0..count).map(|item| of(&mut values, item)).collect())
        };
        own.delay = Delay::Time(all(&|values, item| values.delay(item).max(1.01 * generate::STEP)));
        own.transmission = all(&|values, item| values.transmission(item).min(0.999));
        own.weight = all(&|values, item| values.weight(item));
        own.gain = all(&|values, item| values.gain(item));
    }
    listed
}

fn scale_item(spread: &mut ParameterValues, item: usize, factor: f64) {
    let ParameterValues::Each(values) = spread else { panic!("the values are listed") };
    let scaled = values.iter().enumerate().map(|(k, x)| if k == item { x * factor } else { *x });
    *spread = ParameterValues::Each(scaled.collect());
}

fn item(spread: &ParameterValues, item: usize) -> f64 {
    let ParameterValues::Each(values) = spread else { panic!("the values are listed") };
    values[item]
}

impl Handle {
    /// The network with this `factor` times what it was.
    pub fn turned(self, network: &Network, factor: f64) -> Network {
        let mut turned = network.clone();
        match self {
            Self::Neuron(population, index, parameter) => {
                let first = network.first_of(&network.populations[population].name).unwrap();
                let of = |k: usize| {
                    value(network, first + k, parameter).unwrap() * if k == index { factor } else { 1.0 }
                };
                let own = &mut turned.populations[population];
                let values = ParameterValues::Each((0..own.count).map(of).collect());
                own.varied.retain(|of| of.parameter != parameter);
                own.varied.push(Variation { parameter, values });
            }
            Self::Population(population, parameter) => {
                let own = &mut turned.populations[population];
                let first = network.first_of(&own.name).unwrap();
                let changed = value(network, first, parameter).unwrap() * factor;
                parameter.set(changed, &mut own.circuit, &mut own.initial);
            }
            Self::Transmission(k, item) => scale_item(&mut turned.waveguides[k].transmission, item, factor),
            Self::Weight(k, item) => scale_item(&mut turned.waveguides[k].weight, item, factor),
            Self::Gain(k, item) => scale_item(&mut turned.waveguides[k].gain, item, factor),
            Self::Delay(k, item) => {
                let Delay::Time(spread) = &mut turned.waveguides[k].delay else { panic!("they are listed") };
                scale_item(spread, item, factor);
            }
            Self::Factor(source, place) => {
                let seed = network.simulation.seed_of_structure();
                let own = &mut turned.sources[source];
                let of = |(k, neuron): (usize, usize)| {
                    let own = network.sources[source].factor_into(neuron, seed).unwrap();
                    if k == place { own * factor } else { own }
                };
                own.scale = Some(ParameterValues::Each(own.targets.iter().enumerate().map(of).collect()));
            }
            Self::Source(source) => {
                let drive = &mut turned.sources[source].drive;
                let Some(State::Coherent(alpha)) = drive.state_mut() else { panic!("it is coherent") };
                *alpha *= factor;
            }
        }
        turned
    }

    /// What it is now, times the derivative by it: the derivative by the factor.
    fn slope(self, network: &Network, gradient: &Gradient) -> f64 {
        let of_neuron = |neuron: usize, parameter: Parameter| {
            let has_output = network.neuron(neuron).is_some_and(|(circuit, _)| circuit.output.is_some());
            gradient.neurons[neuron].by(parameter, has_output) * value(network, neuron, parameter).unwrap()
        };
        let of_arm = |k: usize, item: usize| &gradient.waveguides[k][item];
        let entry = |k: usize| &network.waveguides[k];
        match self {
            Self::Neuron(population, index, parameter) => {
                let first = network.first_of(&network.populations[population].name).unwrap();
                of_neuron(first + index, parameter)
            }
            Self::Population(population, parameter) => {
                let own = &network.populations[population];
                let first = network.first_of(&own.name).unwrap();
                (first..first + own.count).map(|neuron| of_neuron(neuron, parameter)).sum()
            }
            Self::Transmission(k, at) => of_arm(k, at).transmission * item(&entry(k).transmission, at),
            Self::Weight(k, at) => of_arm(k, at).weight * item(&entry(k).weight, at),
            Self::Gain(k, at) => of_arm(k, at).gain * item(&entry(k).gain, at),
            Self::Delay(k, at) => {
                let Delay::Time(spread) = &entry(k).delay else { panic!("they are listed") };
                of_arm(k, at).delay * item(spread, at)
            }
            Self::Factor(source, place) => {
                let neuron = network.sources[source].targets.at(place);
                let factor = network.sources[source].factor_into(neuron, network.simulation.seed_of_structure());
                gradient.sources[source].factors[place] * factor.unwrap()
            }
            Self::Source(source) => {
                let turned = self.turned(network, 2.0);
                let drive = |of: &'_ Network| of.sources[source].drive.clone();
                gradient.of_drives(network, source, [&drive(network), &drive(&turned)])
            }
        }
    }

    /// Whether the number may have a corner here: where a delay is a whole number of steps, and where weights add up to the
    /// number of arms.
    fn is_corner(self) -> bool {
        matches!(self, Self::Delay(..) | Self::Weight(..))
    }

    /// By differences: of fourth order where it is smooth; at a corner the mean of both sides, of second order.
    fn difference(self, network: &Network, weights: &(Vec<usize>, Vec<Vec<f64>>)) -> (f64, f64) {
        let central = |by: f64| {
            let at = |factor: f64| number_of(&self.turned(network, factor), weights);
            (at(1.0 + by) - at(1.0 - by)) / (2.0 * by)
        };
        if self.is_corner() {
            let (far, near, nearest) = (central(2e-5), central(1e-5), central(5e-6));
            let (coarse, fine) = (2.0 * near - far, 2.0 * nearest - near);
            return (fine, (fine - coarse).abs());
        }
        let (far, near, nearest) = (central(8e-5), central(4e-5), central(2e-5));
        let (coarse, fine) = ((4.0 * near - far) / 3.0, (4.0 * nearest - near) / 3.0);
        (fine, (fine - coarse).abs())
    }
}

/// Something of everything there is.
pub fn handles(network: &Network, number: usize) -> Vec<Handle> {
    let mut handles = Vec::new();
    for (k, population) in network.populations.iter().enumerate() {
        let first = network.first_of(&population.name).unwrap();
        let index = number % population.count;
        let mut parameters = vec![Parameter::Capacitance];
        for place in 0..population.circuit.channels.len() {
            parameters.extend([Parameter::Conductance(place), Parameter::Reversal(place)]);
        }
        for place in [PortPlace::Output, PortPlace::Input(0), PortPlace::Input(1)] {
            parameters.extend([Parameter::PortCapacitance(place), Parameter::PortImpedance(place)]);
        }
        for parameter in parameters {
            if value(network, first, parameter).is_none() {
                continue;
            }
            handles.push(Handle::Neuron(k, index, parameter));
            if !varied(population, parameter) {
                handles.push(Handle::Population(k, parameter));
            }
        }
        let voltage = Parameter::Initial(StartValue::Voltage);
        if value(network, first, voltage).is_some_and(|v| v.abs() > 1e-3) {
            handles.push(Handle::Neuron(k, index, voltage));
        }
        handles.push(Handle::Neuron(k, index, Parameter::Initial(StartValue::Gate(0))));
    }
    for (k, entry) in network.waveguides.iter().enumerate() {
        let count = network.n_arms(entry);
        for at in [number % count.max(1), (number / 2) % count.max(1)].into_iter().take(count.min(2)) {
            handles.extend([Handle::Transmission(k, at), Handle::Weight(k, at), Handle::Delay(k, at)]);
            if item(&entry.gain, at) > 1.001 {
                handles.push(Handle::Gain(k, at));
            }
        }
    }
    for (k, source) in network.sources.iter().enumerate() {
        match &source.drive {
            Drive::Current(_) => handles.push(Handle::Factor(k, number % source.targets.len())),
            drive if matches!(drive.state(), Some(State::Coherent(_))) => handles.push(Handle::Source(k)),
            _ => {}
        }
    }
    handles
}

#[test]
fn numbers_backwards_have_the_slopes_of_differences_of_runs() {
    let mut compared = 0;
    for number in 0..n_networks() {
        let network = listed(&generate::network(number));
        let weights = weights(&network, number);
        let mut forwards = tape(&network, &weights.0, 1);
        let gradient = forwards.backwards(&weights.1, true, &mut |_| ControlFlow::Continue(())).unwrap();
        let again = forwards.backwards(&weights.1, true, &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(gradient, again, "network {number}: twice");
        let on_two =
            tape(&network, &weights.0, 2).backwards(&weights.1, true, &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(gradient, on_two, "network {number}: on two threads");
        let handles = handles(&network, number);
        let largest = handles.iter().map(|h| h.slope(&network, &gradient).abs()).fold(0.0, f64::max);
        for handle in handles {
            let slope = handle.slope(&network, &gradient);
            let (difference, uncertain) = handle.difference(&network, &weights);
            let off = (slope - difference).abs();
            assert!(
                off <= 1e-6 * difference.abs() + 1e-9 * largest + 3.0 * uncertain,
                "network {number}: {handle:?} has the slope {slope}, by differences {difference} +- {uncertain}"
            );
            // Some are too steep for differences.
            compared += usize::from(uncertain < 1e-5 * difference.abs() && difference != 0.0);
        }
    }
    println!("{compared} slopes known to five digits");
    assert!(compared > 5 * n_networks(), "{compared} comparisons say something");
}
