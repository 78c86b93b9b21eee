//! From what blocks of neurons answer to, to the parameters of the network.

use qhh_core::circuit::{Circuit, Initial};
use qhh_core::gates::{Gates, RateUnits};
use qhh_core::integrate::adjoint::StartSlopes;

use super::block::Block;
use super::reverse::Reverse;
use crate::coupling::Coupling;
use crate::coupling::scattering::{ArmSlopes, OfArm, of_arms};
use crate::engine::compile;
use crate::engine::inflow::Currents;
use crate::network::{Drive, Network, Parameter, Population, PortPlace, StartValue};

/// Derivatives of a number by everything that went into a run of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    /// By the parameters of each neuron, by its number.
    pub neurons: Vec<NeuronSlopes>,
    /// By the values of each waveguide: entries in the order of the network, arms in the order of the entry. Empty if not
    /// wanted.
    pub waveguides: Vec<Vec<ArmSlopes>>,
    /// By what each source feeds, in the order of the network.
    pub sources: Vec<SourceSlopes>,
}

/// Derivatives of a number by the parameters of one neuron. What it starts from follows the parameters where it starts at
/// rest.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NeuronSlopes {
    /// By the capacitance of the membrane.
    pub capacitance: f64,
    /// By conductance and reversal potential of each channel.
    pub channels: Vec<(f64, f64)>,
    /// By capacitance and impedance of each port, output first.
    pub ports: Vec<(f64, f64)>,
    /// By impedance, response time and reference of the sense line.
    pub sense: [f64; 3],
    /// By the voltage at the start, gates that are not given following it.
    pub voltage: f64,
    /// By each gate at the start, the others staying what they are.
    pub gates: Vec<f64>,
}

/// Derivatives of a number by what one source feeds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceSlopes {
    /// By the factor on its current into each target, in their order; of 0 where the source is no current.
    pub factors: Vec<f64>,
    /// By mean and slope (end less start) of the current over each step, all targets together, factors included. Empty of
    /// sources with other random numbers for each target.
    pub currents: Vec<[f64; 2]>,
    /// By the mean power wave of a wavepacket at the start and after each step; empty of others.
    pub waves: Vec<f64>,
}

impl NeuronSlopes {
    /// The derivative by a parameter.
    pub fn by(&self, parameter: Parameter, has_output: bool) -> f64 {
        let port = |place: PortPlace| match place {
            PortPlace::Output => self.ports.first(),
            PortPlace::Input(k) => self.ports.get(k + usize::from(has_output)),
        };
        match parameter {
            Parameter::Capacitance => self.capacitance,
            Parameter::Conductance(place) => self.channels.get(place).map_or(0.0, |of| of.0),
            Parameter::Reversal(place) => self.channels.get(place).map_or(0.0, |of| of.1),
            Parameter::PortCapacitance(place) => port(place).map_or(0.0, |of| of.0),
            Parameter::PortImpedance(place) => port(place).map_or(0.0, |of| of.1),
            Parameter::Initial(StartValue::Voltage) => self.voltage,
            Parameter::Initial(StartValue::Gate(place)) => self.gates.get(place).copied().unwrap_or_default(),
        }
    }

    /// Adds what the start was worth: `of` are the derivatives by voltage and gates, each alone.
    fn start(&mut self, of: StartSlopes, circuit: &Circuit, within: &Population, v: f64, units: RateUnits) {
        let steady = circuit.steady_slopes(v, units);
        let through = (0..steady.len()).filter(|k| follows(within, StartValue::Gate(*k)));
        self.voltage = through.map(|k| of.gates[k] * steady[k]).fold(of.voltage, |sum, of| sum + of);
        self.gates = of.gates;
        if follows(within, StartValue::Voltage) {
            self.rest(self.voltage, circuit, v, units);
        }
    }

    /// Adds what a voltage that is the resting one of `circuit` was worth.
    fn rest(&mut self, worth: f64, circuit: &Circuit, v: f64, units: RateUnits) {
        let rest = circuit.rest_slopes(v, units);
        let channels = rest.conductance.iter().zip(&rest.reversal);
        for (of, (conductance, reversal)) in self.channels.iter_mut().zip(channels) {
            of.0 += worth * conductance;
            of.1 += worth * reversal;
        }
        self.sense[0] += worth * rest.sense[0];
        self.sense[2] += worth * rest.sense[1];
    }

    /// Of changes of the parameters: how the reference of the sense line, the voltage at the start and its gates follow
    /// them where they are not given. The transpose of what becomes of their derivatives.
    pub(super) fn followed(&mut self, circuit: &Circuit, within: &Population, v: f64, units: RateUnits) {
        if let Some((alone, reference)) = referring(circuit, within) {
            self.sense[2] = self.at_rest(&alone, reference, units);
        }
        if follows(within, StartValue::Voltage) {
            self.voltage += self.at_rest(circuit, v, units);
        }
        for (k, (gate, steady)) in self.gates.iter_mut().zip(circuit.steady_slopes(v, units)).enumerate() {
            if follows(within, StartValue::Gate(k)) {
                *gate += steady * self.voltage;
            }
        }
    }

    /// How the resting voltage of `circuit` changes with the parameters.
    fn at_rest(&self, circuit: &Circuit, v: f64, units: RateUnits) -> f64 {
        let rest = circuit.rest_slopes(v, units);
        let channels = self.channels.iter().zip(rest.conductance.iter().zip(&rest.reversal));
        let of_channels =
            channels.map(|(change, (conductance, reversal))| change.0 * conductance + change.1 * reversal);
        of_channels.sum::<f64>() + self.sense[0] * rest.sense[0] + self.sense[2] * rest.sense[1]
    }
}

/// Whether what neurons of a population start from follows their parameters. What differs from neuron to neuron is given
/// to all of them.
fn follows(within: &Population, which: StartValue) -> bool {
    let given = match (&within.initial, which) {
        (Initial::Rest, _) => false,
        (Initial::Given { voltage, .. }, StartValue::Voltage) => voltage.is_some(),
        (Initial::Given { gates, .. }, StartValue::Gate(k)) => gates.get(k).copied().flatten().is_some(),
    };
    !given && !within.varied.iter().any(|of| of.parameter == Parameter::Initial(which))
}

/// The circuit that rests where the sense line of another refers to, and there, if its reference is not given.
fn referring(circuit: &Circuit, within: &Population) -> Option<(Circuit, f64)> {
    within.circuit.sense.filter(|sense| sense.reference.is_none())?;
    let reference = circuit.sense?.reference?;
    Some((Circuit { sense: None, ..circuit.clone() }, reference))
}

impl Gradient {
    /// How much the number changes, to first order, where a source of the network feeds `after` in place of `before`, both
    /// near to its own. Of one with other random numbers for each target it is not known, and 0: see
    /// [`SourceSlopes::factors`].
    pub fn of_drives(&self, network: &Network, source: usize, [before, after]: [&Drive; 2]) -> f64 {
        let Some(of) = self.sources.get(source) else { return 0.0 };
        let (before, after) = (fed(network, before, of), fed(network, after, of));
        let change = before.iter().zip(&after).zip(of.kernel());
        change.fold(0.0, |sum, ((a, b), kernel)| sum + (b[0] - a[0]) * kernel[0] + (b[1] - a[1]) * kernel[1])
    }
}

/// What a drive feeds: mean and slope of its current over each step, or its wave at the start and after each step.
fn fed(network: &Network, drive: &Drive, of: &SourceSlopes) -> Vec<[f64; 2]> {
    if let Drive::Packet(packet) = drive {
        let hbar = network.quantum.map_or(0.0, |quantum| quantum.hbar);
        let at = |step: usize| [packet.mean_at(hbar, step as f64 * network.simulation.step), 0.0];
        return (0..of.waves.len()).map(at).collect();
    }
    let mut currents = Currents::default();
    currents.fill(drive, &drive.on(network.grid()), 0, of.currents.len());
    currents.segments.iter().map(|segment| [segment.mean, segment.slope]).collect()
}

impl SourceSlopes {
    /// Of changes: that of what the source feeds.
    pub(super) fn follow(&mut self, network: &Network, [before, after]: [&Drive; 2]) {
        let each = fed(network, before, self).into_iter().zip(fed(network, after, self));
        let change: Vec<[f64; 2]> = each.map(|(a, b)| [b[0] - a[0], b[1] - a[1]]).collect();
        if self.waves.is_empty() {
            self.currents = change;
        } else {
            self.waves = change.into_iter().map(|[wave, _]| wave).collect();
        }
    }

    /// Sensitivity to what the source feeds, step by step.
    fn kernel(&self) -> impl Iterator<Item = [f64; 2]> {
        self.currents.iter().copied().chain(self.waves.iter().map(|wave| [*wave, 0.0]))
    }

    /// Of all sources of a network, before anything is known of them.
    pub(super) fn of_all(network: &Network, n_steps: usize) -> Vec<Self> {
        let of = |source: &crate::network::Source| {
            let packet = matches!(source.drive, Drive::Packet(_));
            let apart = compile::own_draws(&source.drive).is_some();
            Self {
                factors: vec![0.0; source.targets.len()],
                currents: vec![[0.0; 2]; if packet || apart { 0 } else { n_steps }],
                waves: vec![0.0; if packet { n_steps + 1 } else { 0 }],
            }
        };
        network.sources.iter().map(of).collect()
    }
}

/// Adds what a window was worth of the sources that feed a block.
pub(super) fn add_window(sources: &mut [SourceSlopes], of: &[(u32, Vec<[f64; 2]>)], first: usize) {
    for (source, of) in of {
        let own = &mut sources[*source as usize];
        for (sum, part) in own.currents.iter_mut().skip(first).zip(of) {
            *sum = [sum[0] + part[0], sum[1] + part[1]];
        }
        for (sum, part) in own.waves.iter_mut().skip(first).zip(of) {
            *sum += part[0];
        }
    }
}

/// The derivatives by the network's parameters.
pub(super) fn gradient(
    network: &Network,
    coupling: &Coupling,
    blocks: &[Block],
    reverses: Vec<Reverse>,
    (slopes, arms): (&[Vec<f64>], bool),
    mut sources: Vec<SourceSlopes>,
) -> Gradient {
    let units = network.rate_units();
    let mut neurons = vec![NeuronSlopes::default(); network.n_neurons()];
    let mut each_arm: Vec<OfArm> = Vec::new();
    let starts = compile::Starts::new(network);
    for (block, mut reverse) in blocks.iter().zip(reverses) {
        let numbers = &block.cells.neurons;
        let begun = numbers.iter().map(|&number| starts.of(number as usize));
        let begun: Vec<(Circuit, (f64, Gates))> = begun.collect();
        let start: Vec<(f64, Gates)> = begun.iter().map(|(_, start)| start.clone()).collect();
        let of_start = block.started(&mut reverse, slopes, &start, network);
        let of = &reverse.slopes;
        for (lane, ((&number, (circuit, (v, _))), of_start)) in
            numbers.iter().zip(&begun).zip(of_start).enumerate()
        {
            let neuron = &mut neurons[number as usize];
            neuron.capacitance = of.capacitance.0[lane];
            let channels = of.conductance.iter().zip(&of.reversal);
            neuron.channels = channels.map(|(g, e)| (g.0[lane], e.0[lane])).collect();
            neuron.ports = of.ports.iter().map(|(c, z)| (c.0[lane], z.0[lane])).collect();
            neuron.sense = of.sense.each_ref().map(|of| of.0[lane]);
            let of_population = &network.populations[starts.population(number as usize)];
            neuron.start(of_start, circuit, of_population, *v, units);
            // A reference that is not given is where the neuron rests without the line.
            if let Some((alone, reference)) = referring(circuit, of_population) {
                let worth = std::mem::take(&mut neuron.sense[2]);
                neuron.rest(worth, &alone, reference, units);
            }
        }
        let feeds = block.cells.feeds.iter().map(|feed| (feed.source, feed.lane));
        let random = block.cells.random.iter();
        let random = random.flat_map(|of| of.lanes.iter().map(move |(lane, ..)| (of.source, *lane)));
        for ((source, lane), slope) in feeds.chain(random).zip(&reverse.of_feeds) {
            let targets = &network.sources[source as usize].targets;
            if let Some(place) = targets.place_in_ascending(numbers[lane as usize] as usize) {
                sources[source as usize].factors[place] += slope;
            }
        }
        each_arm.extend(reverse.of_arms);
    }
    let mut waveguides = Vec::new();
    if arms {
        let by_name = of_arms(network, &coupling.layout, &coupling.scattering, &each_arm, |port, slope| {
            if let Some(of) = neurons[port.neuron].ports.get_mut(port.slot) {
                of.1 += slope;
            }
        });
        let mut order: Vec<usize> = (0..network.waveguides.len()).collect();
        order.sort_by(|a, b| network.waveguides[*a].name.cmp(&network.waveguides[*b].name));
        waveguides = vec![Vec::new(); order.len()];
        for (place, of) in order.into_iter().zip(by_name) {
            waveguides[place] = of;
        }
    }
    Gradient { neurons, waveguides, sources }
}
