//! Sources: what is fed into neurons.

use qhh_core::circuit::{Circuit, PortRole};
use qhh_core::port::Port;
use qhh_core::quantum::{Gaussian, State};
use qhh_core::source::{Current, ModeSource, Packet};

use super::neurons::Neurons;
use super::random;
use super::values::ParameterValues;

/// A source and the neurons it feeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Name.
    pub name: String,
    /// Neurons fed, ascending. Each receives the full current.
    pub targets: Neurons,
    /// What is fed.
    pub drive: Drive,
    /// Factor on a classical current for each target, in their order; 1 for all if none.
    pub scale: Option<ParameterValues>,
}

/// What a source feeds.
#[derive(Debug, Clone, PartialEq)]
pub enum Drive {
    /// A classical current.
    Current(Current),
    /// The paper's quantum source.
    Mode(ModeSource),
    /// A wavepacket on the line of an input port.
    Packet(PacketSource),
}

impl Source {
    /// A source that feeds the whole current to each of `targets`, which ascend.
    pub fn new(name: &str, targets: impl Into<Neurons>, drive: Drive) -> Self {
        Self { name: name.to_owned(), targets: targets.into(), drive, scale: None }
    }

    /// Factor on the current into the target of this place.
    pub fn factor(&self, place: usize, seed: u64) -> f64 {
        self.factors(seed)(place)
    }

    /// [`Source::factor`] for many places.
    pub(crate) fn factors(&self, seed: u64) -> impl FnMut(usize) -> f64 {
        let count = self.targets.len();
        let mut random = random::stream(seed, &format!("sources.{}.scale", self.name));
        move |place| self.scale.as_ref().map_or(1.0, |scale| scale.value(place, count, &mut random))
    }

    /// Factor on the current into a neuron; none if it is not fed.
    pub fn factor_into(&self, neuron: usize, seed: u64) -> Option<f64> {
        Some(self.factor(self.targets.place_in_ascending(neuron)?, seed))
    }
}

/// A wavepacket into an input port at which no waveguide ends.
#[derive(Debug, Clone, PartialEq)]
pub struct PacketSource {
    /// The mode of the line.
    pub packet: Packet,
    /// Place of the port among the neuron's input ports.
    pub input: usize,
    /// State of the mode.
    pub state: State,
}

impl PacketSource {
    /// Place among all ports, and the port, of a circuit that it arrives at.
    pub(crate) fn port_of(&self, circuit: &Circuit) -> Option<(usize, Port)> {
        let ports = circuit.ports().enumerate();
        let mut at = ports.filter(|(_, (role, _))| *role == PortRole::Input(self.input));
        at.next().map(|(slot, (_, port))| (slot, port))
    }

    /// Mean power wave at time `t`, in the root of an energy per time: over the root of the impedance it is the same
    /// in every line it is fed into.
    pub(crate) fn mean_at(&self, hbar: f64, t: f64) -> f64 {
        self.packet.mean_at(t, self.state.moments().mean, hbar, 1.0)
    }
}

impl Drive {
    /// State of a quantum source; none of a classical current.
    pub fn state(&self) -> Option<&State> {
        match self {
            Self::Current(_) => None,
            Self::Mode(mode) => Some(&mode.state),
            Self::Packet(packet) => Some(&packet.state),
        }
    }

    /// State of a quantum source, to be changed; none of a classical current.
    pub fn state_mut(&mut self) -> Option<&mut State> {
        match self {
            Self::Current(_) => None,
            Self::Mode(mode) => Some(&mut mode.state),
            Self::Packet(packet) => Some(&mut packet.state),
        }
    }

    /// Key of the source's entry in the network file that says what it feeds.
    pub fn entry(&self) -> &'static str {
        if matches!(self, Self::Packet(_)) { "wavepacket" } else { "current" }
    }
}

/// A Gaussian state of the modes of several quantum sources.
#[derive(Debug, Clone, PartialEq)]
pub struct JointState {
    /// Name.
    pub name: String,
    /// Places of the sources among the network's, in the order of the state's modes; each feeds one neuron.
    pub sources: Vec<usize>,
    /// The state, without displacement.
    pub state: Gaussian,
}
