//! From the derivatives by everything to that along one change of a network.

use qhh_core::circuit::{Circuit, Initial};

use super::{ArmSlopes, Gradient, NeuronSlopes, SourceSlopes};
use crate::coupling::connections::ConnectionValues;
use crate::engine::compile::own_draws;
use crate::network::{Drive, Network, ParameterValues, Population, Waveguides};

/// A network in the middle, and one to either side of it.
type Sides<'a> = [&'a Network; 2];

/// A change of everything that goes into a run of a network, to first order: a way for numbers to be followed along
/// ([`super::Tape::tangent`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// By how much each number changes, in the place of the derivative by it.
    pub(super) of: Gradient,
}

impl Direction {
    /// The way from one network to another: of the same neurons, waveguides and sources as `network`, near which it is
    /// followed, with other values. None where they differ in more than that, or in what random currents are drawn from,
    /// with other random numbers for each target.
    pub fn between(network: &Network, from: &Network, to: &Network) -> Option<Self> {
        let n_steps = usize::try_from(network.n_steps()).unwrap_or(usize::MAX);
        let arms = |entry| vec![ArmSlopes::default(); network.n_arms(entry)];
        let mut of = Gradient {
            neurons: vec![NeuronSlopes::default(); network.n_neurons()],
            waveguides: network.waveguides.iter().map(arms).collect(),
            sources: SourceSlopes::of_all(network, n_steps),
        };
        differences((network, from, to), true, &mut |_, change| {
            match change {
                Change::Neuron(neuron, change) => *of.neurons.get_mut(neuron)? = change,
                Change::Arm(entry, item, change) => *of.waveguides.get_mut(entry)?.get_mut(item)? = change,
                Change::Drive(source, drives) => of.sources.get_mut(source)?.follow(network, drives),
                Change::Factor(source, target, change) => {
                    *of.sources.get_mut(source)?.factors.get_mut(target)? = change;
                }
            }
            Some(())
        })?;
        Some(Self { of })
    }
}

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
        networks: (&Network, &Network, &Network),
        each: &mut dyn FnMut(Option<usize>, f64),
    ) -> Option<()> {
        differences(networks, !self.waveguides.is_empty(), &mut |item, change| {
            let changed = match change {
                Change::Neuron(neuron, change) => self.neurons.get(neuron)?.dot(&change)?,
                Change::Arm(entry, item, change) => self.waveguides.get(entry)?.get(item)?.dot(&change),
                Change::Drive(source, drives) => self.of_drives(networks.0, source, drives),
                Change::Factor(source, target, change) => self.sources.get(source)?.factors.get(target)? * change,
            };
            each(item, changed);
            Some(())
        })
    }
}

/// By how much one item differs from one network to another.
enum Change<'a> {
    Neuron(usize, NeuronSlopes),
    /// Entry of the waveguides, and place within it.
    Arm(usize, usize, ArmSlopes),
    /// All that a source feeds.
    Drive(usize, [&'a Drive; 2]),
    /// Source, place of the target, and by how much the factor differs.
    Factor(usize, usize, f64),
}

/// Shows every item that differs from one network to another, both of the shape of the first, with its place where
/// [`Gradient::changes`] counts it. None where they differ in something that has no such way, or where `see` has none.
fn differences<'a>(
    (network, from, to): (&Network, &'a Network, &'a Network),
    arms: bool,
    see: &mut dyn FnMut(Option<usize>, Change<'a>) -> Option<()>,
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
                let change = NeuronSlopes::between((&before.0, &before.1), (&after.0, &after.1))?;
                see(Some(item), Change::Neuron(neuron, change))?;
            }
        }
    }
    for (place, entry) in network.waveguides.iter().enumerate().filter(|_| arms) {
        let [a, b] = sides.map(|side| side.waveguides.get(place));
        let (a, b) = (a?, b?);
        if a != b || from.simulation.seed_of_structure() != to.simulation.seed_of_structure() {
            let count = network.n_arms(entry);
            if from.n_arms(a) != count || to.n_arms(b) != count {
                return None;
            }
            let (mut before, mut after) = (ConnectionValues::new(from, a), ConnectionValues::new(to, b));
            for item in 0..count {
                let change = ArmSlopes {
                    transmission: after.transmission(item) - before.transmission(item),
                    weight: after.weight(item) - before.weight(item),
                    gain: after.gain(item) - before.gain(item),
                    delay: after.delay(item) - before.delay(item),
                };
                if change != ArmSlopes::default() {
                    see(Some(item), Change::Arm(place, item, change))?;
                }
            }
        }
    }
    if from.sources.len() != network.sources.len() || to.sources.len() != network.sources.len() {
        return None;
    }
    for place in 0..network.sources.len() {
        of_source((network, sides), place, see)?;
    }
    Some(())
}

fn of_source<'a>(
    (network, sides): (&Network, Sides<'a>),
    place: usize,
    see: &mut dyn FnMut(Option<usize>, Change<'a>) -> Option<()>,
) -> Option<()> {
    let [a, b] = sides.map(|side| &side.sources[place]);
    let source = &network.sources[place];
    if a.targets != source.targets || a.targets != b.targets {
        return None;
    }
    if a.drive != b.drive {
        if own_draws(&source.drive).is_some() {
            return None;
        }
        see(None, Change::Drive(place, [&a.drive, &b.drive]))?;
    }
    if a.scale != b.scale {
        let seed = network.simulation.seed_of_structure();
        let (mut before, mut after) = (a.factors(seed), b.factors(seed));
        for target in 0..source.targets.len() {
            let change = after(target) - before(target);
            if change != 0.0 {
                see(Some(target), Change::Factor(place, target, change))?;
            }
        }
    }
    Some(())
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

/// Adds a change times the slope along it; a slope that is no number counts only along its own.
fn add(sum: &mut f64, slope: f64, change: f64) {
    if change != 0.0 {
        *sum += slope * change;
    }
}

impl ArmSlopes {
    fn dot(&self, change: &Self) -> f64 {
        let mut sum = 0.0;
        add(&mut sum, self.transmission, change.transmission);
        add(&mut sum, self.weight, change.weight);
        add(&mut sum, self.gain, change.gain);
        add(&mut sum, self.delay, change.delay);
        sum
    }
}

impl NeuronSlopes {
    /// By how much the parameters of a neuron differ; none of neurons of another kind, or started otherwise.
    fn between((a, start_a): (&Circuit, &Initial), (b, start_b): (&Circuit, &Initial)) -> Option<Self> {
        let same_gates = a.channels.iter().map(|of| &of.gating).eq(b.channels.iter().map(|of| &of.gating));
        let n_ports = [a, b].map(|circuit| circuit.ports().count());
        if !same_gates || n_ports[0] != n_ports[1] || a.sense.is_some() != b.sense.is_some() {
            return None;
        }
        let mut change = Self { capacitance: b.capacitance - a.capacitance, ..Self::default() };
        let channels = a.channels.iter().zip(b.channels.iter());
        change.channels.extend(
            channels.map(|(a, b)| {
                (b.conductance - a.conductance, b.reversal.unwrap_or(0.0) - a.reversal.unwrap_or(0.0))
            }),
        );
        let ports = a.ports().zip(b.ports());
        change
            .ports
            .extend(ports.map(|((_, a), (_, b))| (b.capacitance - a.capacitance, b.impedance - a.impedance)));
        if let (Some(a), Some(b)) = (a.sense, b.sense) {
            // Of a reference that follows the other parameters the slope is 0: it is in theirs.
            let reference = b.reference.unwrap_or(0.0) - a.reference.unwrap_or(0.0);
            change.sense = [b.impedance - a.impedance, b.response_time - a.response_time, reference];
        }
        change.gates = vec![0.0; a.n_gates()];
        match (start_a, start_b) {
            (Initial::Rest, Initial::Rest) => {}
            (Initial::Given { voltage: v_a, gates: a }, Initial::Given { voltage: v_b, gates: b })
                if v_a.is_some() == v_b.is_some() =>
            {
                change.voltage = v_b.unwrap_or(0.0) - v_a.unwrap_or(0.0);
                for (place, change) in change.gates.iter_mut().enumerate() {
                    match [a, b].map(|gates| gates.get(place).copied().flatten()) {
                        [Some(a), Some(b)] => *change = b - a,
                        [None, None] => {}
                        _ => return None,
                    }
                }
            }
            _ => return None,
        }
        Some(change)
    }

    /// How much the number changes along a change of the parameters; none of a neuron of another kind.
    fn dot(&self, change: &Self) -> Option<f64> {
        let counts = |of: &Self| (of.channels.len(), of.ports.len(), of.gates.len());
        if counts(self) != counts(change) {
            return None;
        }
        let mut sum = 0.0;
        add(&mut sum, self.capacitance, change.capacitance);
        for (slope, change) in self.channels.iter().zip(&change.channels) {
            add(&mut sum, slope.0, change.0);
            add(&mut sum, slope.1, change.1);
        }
        for (slope, change) in self.ports.iter().zip(&change.ports) {
            add(&mut sum, slope.0, change.0);
            add(&mut sum, slope.1, change.1);
        }
        for (slope, change) in self.sense.iter().zip(&change.sense) {
            add(&mut sum, *slope, *change);
        }
        add(&mut sum, self.voltage, change.voltage);
        for (slope, change) in self.gates.iter().zip(&change.gates) {
            add(&mut sum, *slope, *change);
        }
        Some(sum)
    }
}
