//! From the derivatives by everything to that along one change of a network.

use qhh_core::circuit::{Circuit, Initial};

use super::{ArmSlopes, Gradient, NeuronSlopes};
use crate::coupling::connections::ConnectionValues;
use crate::network::{Network, ParameterValues, Population, Source, Waveguides};

/// A network in the middle, and one to either side of it.
type Sides<'a> = [&'a Network; 2];

impl Gradient {
    /// How much the number changes, to first order, from one network near to the gradient's own to another: of the same
    /// neurons, waveguides and sources, with other values. None where they differ in more than that, or in something the
    /// number's dependence on is not known: what random currents are drawn from, with other random numbers for each target.
    ///
    /// The slope of the number along any parameter of a file is so the change between two files, over that of the
    /// parameter.
    pub fn change(&self, network: &Network, from: &Network, to: &Network) -> Option<f64> {
        let mut sum = 0.0;
        self.changes((network, from, to), &mut |_, change| sum += change)?;
        Some(sum)
    }

    /// The same item by item, of those that differ: neurons counted within their population, connections within their
    /// entry, targets within their source; none of what a source is as a whole.
    pub fn changes(
        &self,
        (network, from, to): (&Network, &Network, &Network),
        each: &mut dyn FnMut(Option<usize>, f64),
    ) -> Option<()> {
        let sides = [from, to];
        let mut first = 0;
        for (place, population) in network.populations.iter().enumerate() {
            let [a, b] = sides.map(|side| side.populations.get(place));
            let (a, b) = (a?, b?);
            if a.count != population.count || b.count != population.count {
                return None;
            }
            let neurons = first..first + population.count;
            first = neurons.end;
            if same_neurons(a, b, sides) {
                continue;
            }
            for (item, neuron) in neurons.enumerate() {
                let (before, after) = (from.neuron(neuron)?, to.neuron(neuron)?);
                if before != after {
                    let slopes = self.neurons.get(neuron)?;
                    each(Some(item), slopes.change((&before.0, &before.1), (&after.0, &after.1))?);
                }
            }
        }
        for (place, of) in self.waveguides.iter().enumerate() {
            let [a, b] = sides.map(|side| side.waveguides.get(place));
            let (a, b) = (a?, b?);
            if a != b || sides[0].simulation.seed_of_structure() != sides[1].simulation.seed_of_structure() {
                of_entry(of, sides, (a, b), each)?;
            }
        }
        if from.sources.len() != network.sources.len() || to.sources.len() != network.sources.len() {
            return None;
        }
        for place in 0..network.sources.len() {
            self.of_source(network, place, [&from.sources[place], &to.sources[place]], each)?;
        }
        Some(())
    }

    fn of_source(
        &self,
        network: &Network,
        place: usize,
        [a, b]: [&Source; 2],
        each: &mut dyn FnMut(Option<usize>, f64),
    ) -> Option<()> {
        let of = self.sources.get(place)?;
        if a.targets != network.sources[place].targets || a.targets != b.targets {
            return None;
        }
        if a.drive != b.drive {
            if of.is_apart() {
                return None;
            }
            each(None, self.of_drives(network, place, [&a.drive, &b.drive]));
        }
        if a.scale != b.scale {
            let seed = network.simulation.seed_of_structure();
            let (mut before, mut after) = (a.factors(seed), b.factors(seed));
            for (target, slope) in of.factors.iter().enumerate() {
                let change = after(target) - before(target);
                if change != 0.0 {
                    each(Some(target), slope * change);
                }
            }
        }
        Some(())
    }
}

impl Network {
    /// Whether another network has as many neurons, joined and fed by the same patterns: it may differ in values alone.
    pub fn has_shape_of(&self, other: &Self) -> bool {
        let counts = |of: &Self| of.populations.iter().map(|population| population.count).collect::<Vec<_>>();
        let joined = |of: &Self| {
            let ends = |entry: &Waveguides| (entry.from.clone(), entry.to.clone(), entry.pattern.clone());
            of.waveguides.iter().map(ends).collect::<Vec<_>>()
        };
        let fed = |of: &Self| of.sources.iter().map(|source| source.targets.clone()).collect::<Vec<_>>();
        counts(self) == counts(other) && joined(self) == joined(other) && fed(self) == fed(other)
    }
}

/// Whether the neurons of a population are the same ones to both sides.
fn same_neurons(a: &Population, b: &Population, [from, to]: Sides<'_>) -> bool {
    let drawn = a
        .varied
        .iter()
        .any(|of| matches!(of.values, ParameterValues::Uniform { .. } | ParameterValues::Normal { .. }));
    let seeds = from.simulation.seed_of_structure() == to.simulation.seed_of_structure();
    a.circuit == b.circuit && a.initial == b.initial && a.varied == b.varied && (seeds || !drawn)
}

fn of_entry(
    of: &[ArmSlopes],
    [from, to]: Sides<'_>,
    (a, b): (&Waveguides, &Waveguides),
    each: &mut dyn FnMut(Option<usize>, f64),
) -> Option<()> {
    if from.n_arms(a) != of.len() || to.n_arms(b) != of.len() {
        return None;
    }
    let (mut before, mut after) = (ConnectionValues::new(from, a), ConnectionValues::new(to, b));
    for (item, of) in of.iter().enumerate() {
        let mut sum = None;
        let mut add = |slope: f64, change: f64| {
            if change != 0.0 {
                *sum.get_or_insert(0.0) += slope * change;
            }
        };
        add(of.transmission, after.transmission(item) - before.transmission(item));
        add(of.weight, after.weight(item) - before.weight(item));
        add(of.gain, after.gain(item) - before.gain(item));
        add(of.delay, after.delay(item) - before.delay(item));
        if let Some(sum) = sum {
            each(Some(item), sum);
        }
    }
    Some(())
}

impl NeuronSlopes {
    fn change(&self, (a, start_a): (&Circuit, &Initial), (b, start_b): (&Circuit, &Initial)) -> Option<f64> {
        let ports = |circuit: &Circuit| circuit.ports().map(|(_, port)| port).collect::<Vec<_>>();
        let (ports_a, ports_b) = (ports(a), ports(b));
        let same_gates = a.channels.iter().map(|of| &of.gating).eq(b.channels.iter().map(|of| &of.gating));
        let same = same_gates && ports_a.len() == ports_b.len() && a.sense.is_some() == b.sense.is_some();
        if !same || ports_a.len() != self.ports.len() || a.channels.len() != self.channels.len() {
            return None;
        }
        let mut sum = self.capacitance * (b.capacitance - a.capacitance);
        for ((a, b), of) in a.channels.iter().zip(b.channels.iter()).zip(&self.channels) {
            let reversal = b.reversal.unwrap_or(0.0) - a.reversal.unwrap_or(0.0);
            sum += of.0 * (b.conductance - a.conductance) + of.1 * reversal;
        }
        for ((a, b), of) in ports_a.iter().zip(&ports_b).zip(&self.ports) {
            sum += of.0 * (b.capacitance - a.capacitance) + of.1 * (b.impedance - a.impedance);
        }
        if let (Some(a), Some(b)) = (a.sense, b.sense) {
            sum +=
                self.sense[0] * (b.impedance - a.impedance) + self.sense[1] * (b.response_time - a.response_time);
            // Of a reference that follows the other parameters the slope is 0: it is in theirs.
            sum += self.sense[2] * (b.reference.unwrap_or(0.0) - a.reference.unwrap_or(0.0));
        }
        match (start_a, start_b) {
            (Initial::Rest, Initial::Rest) => {}
            (Initial::Given { voltage: v_a, gates: a }, Initial::Given { voltage: v_b, gates: b })
                if v_a.is_some() == v_b.is_some() =>
            {
                sum += self.voltage * (v_b.unwrap_or(0.0) - v_a.unwrap_or(0.0));
                for (place, slope) in self.gates.iter().enumerate() {
                    match [a, b].map(|gates| gates.get(place).copied().flatten()) {
                        [Some(a), Some(b)] => sum += slope * (b - a),
                        [None, None] => {}
                        _ => return None,
                    }
                }
            }
            _ => return None,
        }
        Some(sum)
    }
}
