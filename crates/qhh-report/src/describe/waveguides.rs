//! Waveguides in plain words.

use qhh_core::units::Dimension;
use qhh_net::Neurons;
use qhh_net::network::{Delay, Direction, ParameterValues, Pattern, Waveguides};

use super::{DIGITS, Words};
use crate::figures::traces::listed;
use qhh_results::number::{count, counted, number};

/// Waveguides of an entry that are counted one by one at most: beyond, their expected number will do.
const MOST_COUNTED: f64 = 1e6;
/// Names of neurons told one by one at most.
const MOST_NAMES: usize = 4;

impl Words<'_> {
    /// `axon: 5 waveguides from relay to relay (chain), delay 1 ms, lossless, isolated.`
    pub(super) fn waveguides(&self, waveguides: &Waveguides) -> String {
        let each = |spread, dimension| self.spread(spread, dimension, "waveguide");
        let mut told = vec![match &waveguides.delay {
            Delay::Time(delay) => format!("delay {}", each(delay, Dimension::TIME)),
            Delay::Length { length, velocity } => format!(
                "length {} at {}",
                each(length, Dimension::LENGTH),
                self.value(*velocity, Dimension::VELOCITY)
            ),
        }];
        told.push(match waveguides.transmission.same() {
            Some(1.0) => "lossless".to_owned(),
            _ => format!("power transmission {}", each(&waveguides.transmission, Dimension::NUMBER)),
        });
        for (what, spread) in
            [("weight", &waveguides.weight), ("amplified with a power gain of", &waveguides.gain)]
        {
            if *spread != ParameterValues::Same(1.0) {
                told.push(format!("{what} {}", each(spread, Dimension::NUMBER)));
            }
        }
        let direction = match waveguides.direction {
            Direction::Isolated => "isolated",
            Direction::TwoWay => "two-way",
        };
        let port = waveguides.port.as_ref().map_or(String::new(), |port| format!(", port {port}"));
        format!(
            "{}: {} from {} to {}{port} ({}), {}, {direction}.",
            waveguides.name,
            self.arms(waveguides),
            self.neurons(&waveguides.from),
            self.neurons(&waveguides.to),
            pattern(&waveguides.pattern),
            told.join(", ")
        )
    }

    fn arms(&self, waveguides: &Waveguides) -> String {
        let ends = waveguides.ends();
        let expected = waveguides.pattern.expected_arms(ends);
        if expected <= MOST_COUNTED && waveguides.pattern.check(ends).is_ok() {
            return counted(self.0.n_arms(waveguides), "waveguide");
        }
        format!("about {} waveguides", number(expected, 4))
    }

    fn neurons(&self, neurons: &Neurons) -> String {
        let names = qhh_format::yaml::spell_neurons(self.0, neurons);
        if names.is_empty() {
            "no neuron".to_owned()
        } else if names.len() <= MOST_NAMES {
            listed(&names)
        } else {
            format!("{} neurons", count(neurons.len()))
        }
    }
}

/// A pattern with its values: `fixed-fan-in, k = 10`.
fn pattern(pattern: &Pattern) -> String {
    let values = match pattern {
        Pattern::Chain | Pattern::Ring | Pattern::OneToOne | Pattern::AllToAll | Pattern::Pairs(_) => {
            String::new()
        }
        Pattern::Feedforward { layers, fan_out } => {
            let sizes: Vec<String> = layers.iter().take(MOST_NAMES).map(|&n| count(n)).collect();
            let more = if layers.len() > MOST_NAMES { ", …" } else { "" };
            let fan_out = fan_out.map_or(String::new(), |n| format!(", fan-out {n}"));
            format!(", {} of {}{more} neurons{fan_out}", counted(layers.len(), "layer"), sizes.join(", "))
        }
        Pattern::FixedFanIn { k } => format!(", {} each", counted(*k, "sender")),
        Pattern::Random { probability } => format!(", probability {}", number(*probability, DIGITS)),
        Pattern::SmallWorld { neighbours, rewire } => {
            format!(", {neighbours} neighbours, rewired with probability {}", number(*rewire, DIGITS))
        }
        Pattern::Grid { width, neighbours, wrap } => {
            let edges = if *wrap { ", edges joined" } else { "" };
            format!(", rows of {}, {neighbours} neighbours{edges}", count(*width))
        }
    };
    format!("{}{values}", pattern.name())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::describe::describe;

    #[test]
    fn what_is_joined_and_varied_is_told() {
        let text = "
name: told
simulation: {duration: 5 ms}
neurons:
  relay:
    count: 6
    circuit: single-channel
    membrane: {capacitance: {uniform: [1 uF, 1.2 uF]}}
    channels: {potassium: {conductance: 36 mS}}
    output: {capacitance: 1 uF, impedance: 3 kOhm}
    inputs: {near: {capacitance: 1 uF, impedance: 3 kOhm}, far: {capacitance: 1 uF, impedance: [1, 2, 3, 4, 5, 6]}}
sources:
  bias: {into: relay, current: {shape: constant, amplitude: {linear: [6.3 uA, 20 uA]}}}
waveguides:
  axon: {from: relay, to: relay, port: near, pattern: chain, delay: 1 ms}
  mesh:
    from: relay
    to: relay
    port: far
    pattern: {fixed-fan-in: {k: 2}}
    length: {normal: {mean: 2 m, deviation: 0.5 m, low: 1 m}}
    velocity: 1e3 m/s
    transmission: 0.5
    weight: {uniform: [-1, 1]}
    gain: 4
";
        let network = qhh_format::yaml::load_text(Path::new("told.yaml"), text, &[]).unwrap().network;
        let told: Vec<String> = describe(&network).into_iter().take(3).flat_map(|(_, lines)| lines).collect();
        insta::assert_snapshot!(told.join("\n").replace('\u{a0}', " "), @"
        relay: 6 single-channel neurons of membrane capacitance 1 µF to 1.2 µF (drawn evenly); one channel, potassium 36 mS, none with a reversal potential; an output port (1 µF, 3 kΩ), an input port (1 µF, 3 kΩ) named near and an input port (1 µF, 1 kΩ to 6 kΩ (each neuron its own)) named far. They start at rest.
        bias feeds 6 neurons, from relay[0] to relay[5]: a constant current of 6.3 µA to 20 µA (evenly spaced), throughout.
        axon: 5 waveguides from relay to relay, port near (chain), delay 1 ms, lossless, isolated.
        mesh: 12 waveguides from relay to relay, port far (fixed-fan-in, 2 senders each), length 2 m ± 0.5 m (drawn normally) at 1 m/ms, power transmission 0.5, weight −1 to 1 (drawn evenly), amplified with a power gain of 4, isolated.
        ");
    }
}
