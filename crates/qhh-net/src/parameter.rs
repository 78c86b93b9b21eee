//! Parameters of a neuron that may differ within a population.

use qhh_core::channel::Channel;
use qhh_core::circuit::{Channels, Circuit, Initial};
use qhh_core::port::Port;
use qhh_core::units::Dimension;

use crate::network::Population;
use crate::random;
use crate::spread::Spread;

/// One parameter and its values, neuron by neuron.
#[derive(Debug, Clone, PartialEq)]
pub struct Variation {
    /// What differs.
    pub parameter: Parameter,
    /// Its value for each neuron of the population.
    pub values: Spread,
}

/// A parameter of a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// Capacitance of the membrane.
    Capacitance,
    /// Conductance of a channel.
    Conductance(Ion),
    /// Reversal potential of a channel.
    Reversal(Ion),
    /// Capacitance of a port.
    PortCapacitance(Place),
    /// Impedance of a port.
    PortImpedance(Place),
    /// A value at the start.
    Initial(StartValue),
}

/// A channel by its ion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Ion {
    Potassium,
    Sodium,
    Chloride,
}

/// A port by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The output port.
    Output,
    /// The input port of this place.
    Input(usize),
}

/// A value of the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum StartValue {
    Voltage,
    N,
    M,
    H,
}

impl Ion {
    /// Name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Potassium => "potassium",
            Self::Sodium => "sodium",
            Self::Chloride => "chloride",
        }
    }
}

impl StartValue {
    /// Name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Voltage => "voltage",
            Self::N => "n",
            Self::M => "m",
            Self::H => "h",
        }
    }
}

impl Parameter {
    /// Path below the population's entry in the network file; `inputs` are the names of its input ports.
    pub fn path(self, inputs: &[String]) -> String {
        let port = |place: Place| match place {
            Place::Output => "output".to_owned(),
            // One port may be written as `input` alone, and is then named so.
            Place::Input(0) if inputs.len() == 1 && inputs[0] == "input" => "input".to_owned(),
            Place::Input(k) => format!("inputs.{}", inputs.get(k).map_or("?", String::as_str)),
        };
        match self {
            Self::Capacitance => "membrane.capacitance".to_owned(),
            Self::Conductance(ion) => format!("channels.{}.conductance", ion.name()),
            Self::Reversal(ion) => format!("channels.{}.reversal", ion.name()),
            Self::PortCapacitance(place) => format!("{}.capacitance", port(place)),
            Self::PortImpedance(place) => format!("{}.impedance", port(place)),
            Self::Initial(value) => format!("initial.{}", value.name()),
        }
    }

    /// Physical dimension.
    pub fn dimension(self) -> Dimension {
        match self {
            Self::Capacitance | Self::PortCapacitance(_) => Dimension::CAPACITANCE,
            Self::Conductance(_) => Dimension::CONDUCTANCE,
            Self::Reversal(_) | Self::Initial(StartValue::Voltage) => Dimension::VOLTAGE,
            Self::PortImpedance(_) => Dimension::IMPEDANCE,
            Self::Initial(_) => Dimension::NUMBER,
        }
    }

    /// Puts `value` in its place; nothing where the neuron has no such place.
    pub fn set(self, value: f64, circuit: &mut Circuit, initial: &mut Initial) {
        match self {
            Self::Capacitance => circuit.capacitance = value,
            Self::Conductance(ion) => with_channel(circuit, ion, |channel| channel.conductance = value),
            Self::Reversal(ion) => with_channel(circuit, ion, |channel| channel.reversal = Some(value)),
            Self::PortCapacitance(place) => with_port(circuit, place, |port| port.capacitance = value),
            Self::PortImpedance(place) => with_port(circuit, place, |port| port.impedance = value),
            Self::Initial(which) => {
                let (mut voltage, mut n, mut m, mut h) = match *initial {
                    Initial::Rest => (None, None, None, None),
                    Initial::Given { voltage, n, m, h } => (voltage, n, m, h),
                };
                let place = match which {
                    StartValue::Voltage => &mut voltage,
                    StartValue::N => &mut n,
                    StartValue::M => &mut m,
                    StartValue::H => &mut h,
                };
                *place = Some(value);
                *initial = Initial::Given { voltage, n, m, h };
            }
        }
    }
}

fn with_channel(circuit: &mut Circuit, ion: Ion, change: impl FnOnce(&mut Channel)) {
    match (&mut circuit.channels, ion) {
        (Channels::Three { potassium, .. } | Channels::Single { potassium }, Ion::Potassium) => change(potassium),
        (Channels::Three { sodium, .. }, Ion::Sodium) => change(sodium),
        (Channels::Three { chloride, .. }, Ion::Chloride) => change(chloride),
        (Channels::Single { .. }, _) => {}
    }
}

fn with_port(circuit: &mut Circuit, place: Place, change: impl FnOnce(&mut Port)) {
    match place {
        Place::Output => circuit.output.as_mut().map(change),
        Place::Input(k) => circuit.inputs.get_mut(k).map(change),
    };
}

impl Variation {
    /// Puts the value of neuron `index` of `population` in its place.
    pub(crate) fn apply(
        &self,
        seed: u64,
        population: &Population,
        index: usize,
        circuit: &mut Circuit,
        initial: &mut Initial,
    ) {
        let value = match self.values {
            Spread::Uniform { .. } | Spread::Normal { .. } => {
                let name = format!("neurons.{}.{}", population.name, self.parameter.path(&population.inputs));
                self.values.value(index, population.count, &mut random::stream(seed, &name))
            }
            ref fixed => fixed.value(index, population.count, &mut random::stream(0, "")),
        };
        self.parameter.set(value, circuit, initial);
    }
}
