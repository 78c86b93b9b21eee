//! Parameters of a neuron that may differ within a population.

use qhh_core::channel::Channel;
use qhh_core::circuit::{Circuit, Initial};
use qhh_core::port::Port;
use qhh_core::units::Dimension;

/// A parameter of a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// Capacitance of the membrane.
    Capacitance,
    /// Conductance of the channel of this place.
    Conductance(usize),
    /// Reversal potential of the channel of this place.
    Reversal(usize),
    /// Capacitance of a port.
    PortCapacitance(PortPlace),
    /// Impedance of a port.
    PortImpedance(PortPlace),
    /// A value at the start.
    Initial(StartValue),
}

/// A port by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PortPlace {
    /// The output port.
    Output,
    /// The input port of this place.
    Input(usize),
}

/// A value of the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StartValue {
    /// The voltage.
    Voltage,
    /// The gate of this place.
    Gate(usize),
}

impl Parameter {
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

    /// Every parameter of a circuit with its value, those of the start aside.
    pub fn all_of(circuit: &Circuit) -> Vec<(Self, f64)> {
        let mut all = vec![(Self::Capacitance, circuit.capacitance)];
        for (place, channel) in circuit.channels.iter().enumerate() {
            all.push((Self::Conductance(place), channel.conductance));
            all.extend(channel.reversal.map(|reversal| (Self::Reversal(place), reversal)));
        }
        let inputs = circuit.inputs.iter().enumerate().map(|(k, port)| (PortPlace::Input(k), port));
        for (place, port) in circuit.output.iter().map(|port| (PortPlace::Output, *port)).chain(inputs) {
            all.push((Self::PortCapacitance(place), port.capacitance));
            all.push((Self::PortImpedance(place), port.impedance));
        }
        all
    }

    /// Puts `value` in its place; nothing where the neuron has no such place.
    pub fn set(self, value: f64, circuit: &mut Circuit, initial: &mut Initial) {
        match self {
            Self::Capacitance => circuit.capacitance = value,
            Self::Conductance(place) => with_channel(circuit, place, |channel| channel.conductance = value),
            Self::Reversal(place) => with_channel(circuit, place, |channel| channel.reversal = Some(value)),
            Self::PortCapacitance(place) => with_port(circuit, place, |port| port.capacitance = value),
            Self::PortImpedance(place) => with_port(circuit, place, |port| port.impedance = value),
            Self::Initial(which) => {
                let (mut voltage, mut gates) = match std::mem::take(initial) {
                    Initial::Rest => (None, Vec::new()),
                    Initial::Given { voltage, gates } => (voltage, gates),
                };
                match which {
                    StartValue::Voltage => voltage = Some(value),
                    StartValue::Gate(place) if place < circuit.n_gates() => {
                        gates.resize(gates.len().max(place + 1), None);
                        gates[place] = Some(value);
                    }
                    StartValue::Gate(_) => {}
                }
                *initial = Initial::Given { voltage, gates };
            }
        }
    }
}

fn with_channel(circuit: &mut Circuit, place: usize, change: impl FnOnce(&mut Channel)) {
    circuit.channels.get_mut(place).map(change);
}

fn with_port(circuit: &mut Circuit, place: PortPlace, change: impl FnOnce(&mut Port)) {
    match place {
        PortPlace::Output => circuit.output.as_mut().map(change),
        PortPlace::Input(k) => circuit.inputs.get_mut(k).map(change),
    };
}
