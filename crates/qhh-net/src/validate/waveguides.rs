//! What waveguides must obey: ports where they end, delays of a step or more, passivity, lines of their own both ways.

use std::collections::BTreeMap;
use std::ops::Range;

use qhh_core::circuit::MAX_PORTS;
use qhh_core::units::Dimension;

use super::Mistakes;
use crate::coupling::connections::{Connection, ConnectionValues};
use crate::coupling::{Coupling, lanes};
use crate::network::{
    Delay, Direction, Method, Network, Neurons, ParameterValues, Part, Population, Side, Waveguides,
};
use crate::ranks::Alone;

/// A neuron and the slot of its input port; none for its output port, whose slot is 0.
type PortEnd = (usize, Option<usize>);

/// By how much the largest singular value may pass 1: rounding.
const PASSIVE: f64 = 1e-9;

/// Neurons whose ports are looked at together.
const STRETCH: usize = 1 << 20;

/// The input ports of a population, as they are written.
fn ports(population: &Population) -> String {
    let ports: Vec<String> = population.inputs.iter().map(|port| format!("`port: {port}`")).collect();
    ports.join(" or ")
}

impl Network {
    pub(super) fn check_waveguides(&self, mistakes: &mut Mistakes) {
        let before = mistakes.0.len();
        for entry in &self.waveguides {
            self.check_entry(entry, mistakes);
        }
        if self.simulation.method == Method::Adiabatic && !self.waveguides.is_empty() {
            mistakes
                .add("simulation.method", "the adiabatic method knows no waveguides: choose `method: langevin`");
        }
        if mistakes.0.len() > before || self.waveguides.is_empty() {
            return;
        }
        self.check_two_way(mistakes);
        self.check_passive(mistakes);
    }

    fn check_entry(&self, entry: &Waveguides, mistakes: &mut Mistakes) {
        let path = |rest: &str| format!("waveguides.{}.{rest}", entry.name);
        let before = mistakes.0.len();
        self.check_ends(entry, mistakes);
        if mistakes.0.len() > before {
            return;
        }
        if let Err(error) = entry.pattern.check(entry.ends()) {
            mistakes
                .add(&path("pattern"), format!("the pattern `{}` does not fit: {error}", entry.pattern.name()));
            return;
        }
        let (delay, length) = match &entry.delay {
            Delay::Time(delay) => (delay, None),
            Delay::Length { length, velocity } => {
                mistakes.positive(&path("velocity"), "the velocity", *velocity);
                (length, Some(*velocity))
            }
        };
        let key = if length.is_some() { "length" } else { "delay" };
        let values = [
            (key, delay),
            ("transmission", &entry.transmission),
            ("weight", &entry.weight),
            ("gain", &entry.gain),
        ];
        let listed = values.iter().any(|(_, spread)| spread.listed().is_some());
        let n_arms = if listed { self.n_arms(entry) } else { 0 };
        for (key, spread) in values {
            if !spread.is_finite() {
                mistakes.add(&path(key), format!("every {key} must be a finite number"));
            }
            if let Some(count) = spread.listed().filter(|&count| count != n_arms) {
                mistakes.add(
                    &path(key),
                    format!(
                        "{count} values are listed for {n_arms} waveguides: give one for each, or one for all"
                    ),
                );
            }
        }
        if mistakes.0.len() > before {
            return;
        }
        self.check_delays(entry, key, mistakes);
        if entry.transmission.range().0 < 0.0 {
            mistakes.add(&path("transmission"), "a power transmission must not be negative");
        }
        let gain = entry.gain.range().0;
        if gain < 1.0 {
            mistakes.add(
                &path("gain"),
                format!("the gain of an amplifier is at least 1, got {gain}: losses are the `transmission`"),
            );
        }
        if entry.direction == Direction::TwoWay && entry.gain.range().1 > 1.0 {
            mistakes.add(&path("gain"), "an amplifier works one way: choose `direction: isolated`");
        }
    }

    /// Both ends: neurons there are, with the ports they need.
    fn check_ends(&self, entry: &Waveguides, mistakes: &mut Mistakes) {
        let path = |rest: &str| format!("waveguides.{}.{rest}", entry.name);
        for (key, neurons) in [("from", &entry.from), ("to", &entry.to)] {
            if neurons.greatest().is_some_and(|neuron| neuron >= self.n_neurons()) {
                mistakes.add(&path(key), "no such neuron");
                return;
            }
            if neurons.is_empty() {
                mistakes.add(&path(key), "no neuron is named");
            }
        }
        // One neuron of each population stands for all.
        let mut first = 0;
        for population in &self.populations {
            let own = first..first + population.count;
            let name = &population.name;
            if entry.from.meets(&own) && population.circuit.output.is_none() {
                mistakes.add(
                    &path("from"),
                    format!(
                        "`{name}` has no output port for a waveguide to leave: add `output: {{capacitance: 0.3 uF, impedance: 3 kOhm}}` to \
                         `neurons.{name}`"
                    ),
                );
            }
            if entry.to.meets(&own) && self.input_slot(first, entry.port.as_deref()).is_none() {
                let (key, message) = match &entry.port {
                    _ if population.inputs.is_empty() => (
                        "to",
                        format!(
                            "`{name}` has no input port for a waveguide to arrive: add `input: {{capacitance: 1 uF, impedance: 3 kOhm}}` to \
                             `neurons.{name}`"
                        ),
                    ),
                    None => ("to", format!("`{name}` has several input ports: add {}", ports(population))),
                    Some(port) => {
                        ("port", format!("`{name}` has no input port `{port}`: write {}", ports(population)))
                    }
                };
                mistakes.add(&path(key), message);
            }
            first += population.count;
        }
    }

    fn check_delays(&self, entry: &Waveguides, key: &str, mistakes: &mut Mistakes) {
        let step = self.simulation.step;
        let show = |time: f64| self.units.display(time, Dimension::TIME);
        let bounds = entry.delay_range();
        let drawn = match &entry.delay {
            Delay::Time(spread) | Delay::Length { length: spread, .. } => {
                matches!(spread, ParameterValues::Normal { .. } | ParameterValues::Uniform { .. })
            }
        };
        // What is drawn within bounds that reach too low may still be fine: look at the draws themselves.
        let mut least = bounds.0;
        if drawn && least < step {
            let mut values = ConnectionValues::new(self, entry);
            least = f64::INFINITY;
            self.for_each_connection(entry, |Connection { item, .. }| {
                least = least.min(values.delay(item));
            });
        }
        if least < step * (1.0 - 1e-9) {
            mistakes.add(
                &format!("waveguides.{}.{key}", entry.name),
                format!(
                    "a delay of {} is shorter than a step of {}: lengthen it, or shorten `simulation.step`",
                    show(least),
                    show(step)
                ),
            );
        }
        let longest = bounds.1.min(self.simulation.duration.max(step)) / step;
        if longest > f64::from(u32::MAX / 4) {
            mistakes.add(
                &format!("waveguides.{}.{key}", entry.name),
                "a delay is longer than 2^30 steps: choose a larger step",
            );
        }
    }

    /// A two-way line needs both its ports for itself: what travels back must know where to go.
    fn check_two_way(&self, mistakes: &mut Mistakes) {
        if self.waveguides.iter().all(|entry| entry.direction == Direction::Isolated) {
            return;
        }
        // By port of a stretch of neurons, so that this takes little of any network: arms, two standing for more, and whether
        // one of them is two-way.
        let place = |neuron: usize, input: Option<usize>| neuron % STRETCH * MAX_PORTS + input.unwrap_or(0);
        let mut seen: Vec<(u8, bool)> = Vec::new();
        let mut shared: BTreeMap<PortEnd, (usize, Option<&str>)> = BTreeMap::new();
        for first in (0..self.n_neurons()).step_by(STRETCH) {
            let stretch = first..self.n_neurons().min(first + STRETCH);
            seen.clear();
            seen.resize(stretch.len() * MAX_PORTS, (0, false));
            self.for_each_end(&stretch, |(neuron, input), two_way| {
                if stretch.contains(&neuron) {
                    let at = &mut seen[place(neuron, input)];
                    *at = ((at.0 + 1).min(2), at.1 || two_way.is_some());
                }
            });
            if seen.contains(&(2, true)) {
                self.for_each_end(&stretch, |(neuron, input), two_way| {
                    if stretch.contains(&neuron) && seen[place(neuron, input)] == (2, true) {
                        let at = shared.entry((neuron, input)).or_default();
                        *at = (at.0 + 1, at.1.or(two_way));
                    }
                });
            }
        }
        let mut named = Vec::new();
        for ((neuron, input), (arms, entry)) in shared {
            let entry = entry.unwrap_or_default();
            // Once for each entry.
            if !named.contains(&entry) {
                named.push(entry);
                let role = if input.is_some() { "input" } else { "output" };
                mistakes.add(
                    &format!("waveguides.{entry}.direction"),
                    format!(
                        "the {role} port of `{}` has {arms} waveguides, one of them two-way: a two-way line must be \
                         the only one at both its ports; choose `isolated`, or join fewer",
                        self.neuron_name(neuron)
                    ),
                );
            }
        }
    }

    /// Calls `see` with both ends of every arm that has one among some neurons, and its entry if that is two-way.
    fn for_each_end<'a>(&'a self, neurons: &Range<usize>, mut see: impl FnMut(PortEnd, Option<&'a str>)) {
        let (neurons, seed) = (Neurons::from(neurons.clone()), self.simulation.seed_of_structure());
        let part = Part { of: Some((&neurons, Side::Either)), numbered: false };
        for entry in &self.waveguides {
            let two_way = (entry.direction == Direction::TwoWay).then_some(entry.name.as_str());
            entry.for_each_of(seed, part, |Connection { from, to, .. }| {
                let input = self.input_slot(to, entry.port.as_deref());
                see((from, None), two_way);
                see((to, Some(input.unwrap_or(0))), two_way);
            });
        }
    }

    /// Without amplifiers the scattering matrix must be a contraction.
    fn check_passive(&self, mistakes: &mut Mistakes) {
        let above = |entry: &&Waveguides| entry.transmission.range().1 > 1.0;
        // Splitters and combiners are contractions by themselves.
        let Some(entry) = self.waveguides.iter().find(above) else { return };
        if self.has_amplifiers() {
            mistakes.add(
                &format!("waveguides.{}.transmission", entry.name),
                "a transmission above 1 is an amplifier without noise: ask for it with `gain`",
            );
            return;
        }
        let coupling = Coupling::new(self, lanes(self));
        let (largest, port) = coupling.largest_singular_value(self, &Alone);
        if largest > 1.0 + PASSIVE {
            let port = port.map_or_else(String::new, |port| {
                format!(
                    "; a wave that leaves through a port of `{}` arrives with up to {:.4} times its power",
                    self.neuron_name(port.neuron),
                    largest * largest
                )
            });
            mistakes.add(
                &format!("waveguides.{}.transmission", entry.name),
                format!(
                    "the network would make power from nothing: the largest singular value of its scattering matrix \
                     is {largest:.6}, above 1{port}. Keep every transmission at most 1, or ask for an amplifier with \
                     `gain`"
                ),
            );
        }
    }
}
