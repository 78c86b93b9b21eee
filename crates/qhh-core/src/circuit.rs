//! One neuron as a circuit: membrane capacitance, channels to ground, ports to waveguides.
//!
//! ```text
//! C dV/dt = I_ext - sum_i g_i (V - E_i) - sum_p I_p
//! Y(w)    = G_eff + i w C + sum_p i w C_p / (1 + i w C_p Z_p)
//! ```
//!
//! with `I_p` the current into port `p` ([`crate::port`]) and `G_eff` the conductance of the channels under the
//! bath rule ([`BathRule`]). Time stepping is [`crate::integrate`]'s business, noise is [`crate::quantum`]'s.
//!
//! Paper: T. Gonzalez-Raya, E. Solano, M. Sanz, Quantum 4, 224 (2020) (three channels, output port, shared mode);
//! Phys. Rev. Applied 12, 014037 (2019) (single channel). Ours: batteries, the input port, independent baths.

use num_complex::Complex64;

use crate::CircuitError;
pub use crate::channel::Channels;
use crate::channel::{Channel, Conductances, MAX_CHANNELS};
use crate::error::{above_zero, finite, not_negative};
use crate::gates::{Gates, RateUnits};
use crate::gating::{Gate, Origin};
use crate::name::Name;
use crate::port::Port;
use crate::sense::Sense;

/// How the noise lines of the channels are quantized, which fixes the conductance they show together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BathRule {
    /// One bath per channel: `G_eff = g_K + g_Na + g_Cl` (Kirchhoff, Johnson and Nyquist). Ours, and the default.
    #[default]
    Independent,
    /// Paper: the lines share one set of modes, so that
    /// `G_eff = sqrt(g_K + g_Na + g_Cl) (sqrt g_K + sqrt g_Na + sqrt g_Cl)`.
    SharedMode,
}

impl BathRule {
    /// Conductance of the channels together, in the unit of `g`.
    #[inline]
    pub fn effective_conductance(self, g: &Conductances) -> f64 {
        self.together(g.iter().copied())
    }

    /// The same of the channels' conductances one by one.
    #[inline]
    pub fn together(self, g: impl Iterator<Item = f64> + Clone) -> f64 {
        let total = g.clone().fold(0.0, |sum, g| sum + g);
        match self {
            Self::Independent => total,
            Self::SharedMode => total.sqrt() * g.fold(0.0, |sum, g| sum + g.sqrt()),
        }
    }

    /// Whether the channels of a circuit have one bath together.
    pub fn is_one_bath(self, circuit: &Circuit) -> bool {
        self == Self::SharedMode && circuit.channels.len() > 1
    }
}

/// One neuron's circuit. All values in one coherent unit system (mS, mV, uF, kOhm, ms in `hodgkin-huxley` units).
#[derive(Debug, Clone, PartialEq)]
pub struct Circuit {
    /// Membrane capacitance C.
    pub capacitance: f64,
    /// The channels to ground.
    pub channels: Channels,
    /// Where the spike leaves (`C_r`, `Z_out`).
    pub output: Option<Port>,
    /// Where waveguides arrive (`C_s`, `Z_s`).
    pub inputs: Inputs,
    /// How gates measure the voltage; they follow it itself if none.
    pub sense: Option<Sense>,
}

/// Most input ports of a neuron.
pub const MAX_INPUTS: usize = 4;
/// Most ports of a neuron: the output and the inputs.
pub const MAX_PORTS: usize = 1 + MAX_INPUTS;

/// The input ports of a neuron, none to [`MAX_INPUTS`] of them, in the order given.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Inputs {
    ports: [Option<Port>; MAX_INPUTS],
}

impl Inputs {
    /// No input port.
    pub const NONE: Self = Self { ports: [None; MAX_INPUTS] };

    /// One input port.
    pub const fn one(port: Port) -> Self {
        let mut ports = [None; MAX_INPUTS];
        ports[0] = Some(port);
        Self { ports }
    }

    /// The given ports; `None` if there are more than [`MAX_INPUTS`].
    pub fn several(ports: &[Port]) -> Option<Self> {
        let mut inputs = Self::NONE;
        (ports.len() <= MAX_INPUTS).then(|| {
            inputs.ports.iter_mut().zip(ports).for_each(|(place, port)| *place = Some(*port));
            inputs
        })
    }

    /// The ports in order.
    pub fn iter(&self) -> impl Iterator<Item = Port> + '_ {
        self.ports.iter().map_while(|port| *port)
    }

    /// Number of ports.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ports[0].is_none()
    }

    /// The port of the given place, to be changed.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut Port> {
        self.ports.get_mut(place)?.as_mut()
    }
}

impl From<Option<Port>> for Inputs {
    fn from(port: Option<Port>) -> Self {
        port.map_or(Self::NONE, Self::one)
    }
}

impl Circuit {
    /// Checks every value: capacitances and impedances above zero, conductances not negative, all finite.
    ///
    /// # Errors
    /// The first [`CircuitError`] found.
    pub fn check(&self) -> Result<(), CircuitError> {
        above_zero("membrane capacitance", self.capacitance)?;
        self.sense.iter().try_for_each(Sense::check)?;
        if self.channels.len() > MAX_CHANNELS {
            return Err(CircuitError::TooManyChannels { count: self.channels.len() });
        }
        for channel in self.channels.iter() {
            let quantity = match channel.name {
                Name::POTASSIUM => "potassium conductance",
                Name::SODIUM => "sodium conductance",
                Name::CHLORIDE => "chloride conductance",
                _ => "channel conductance",
            };
            not_negative(quantity, channel.conductance)?;
            finite("reversal potential", channel.reversal.unwrap_or(0.0))?;
        }
        self.ports().try_for_each(|(_, port)| port.check())
    }

    /// Whether its channels are the papers', all three or potassium alone, which have a kernel of their own.
    pub fn papers(&self) -> Option<Papers> {
        let origins = || self.channels.iter().map(|channel| channel.gating.origin());
        let is = |wanted: &[Origin]| origins().eq(wanted.iter().copied());
        if !self.channels.iter().all(|channel| channel.gating.is_papers()) {
            None
        } else if is(&[Origin::Potassium, Origin::Sodium, Origin::Leak]) {
            Some(Papers::Three)
        } else if is(&[Origin::Potassium]) {
            Some(Papers::Single)
        } else {
            None
        }
    }

    /// The gates in order, each with the place of its channel.
    pub fn gates(&self) -> impl Iterator<Item = (usize, &Gate)> {
        self.channels
            .iter()
            .enumerate()
            .flat_map(|(place, channel)| channel.gating.gates().iter().map(move |gate| (place, gate)))
    }

    /// Number of gates.
    pub fn n_gates(&self) -> usize {
        self.channels.iter().map(|channel| channel.gating.gates().len()).sum()
    }

    /// Every gate at its steady state at voltage `v`.
    pub fn steady(&self, v: f64, units: RateUnits) -> Gates {
        self.gates().map(|(_, gate)| gate.steady(v * units.millivolts)).collect()
    }

    /// The gates after `dt` at the held voltage `v`; `dt` may be negative.
    #[must_use]
    pub fn relaxed(&self, gates: &Gates, v: f64, dt: f64, units: RateUnits) -> Gates {
        let (millivolts, dt) = (v * units.millivolts, dt * units.milliseconds);
        let mut moved = gates.clone();
        self.gates().zip(moved.iter_mut()).for_each(|((_, gate), x)| *x = gate.relaxed(*x, millivolts, dt));
        moved
    }

    /// The channels with their own part of the gates.
    pub(crate) fn opened<'a>(&'a self, gates: &'a [f64]) -> impl Iterator<Item = (&'a Channel, &'a [f64])> {
        self.channels.iter().scan(0, |first, channel| {
            let from = *first;
            *first += channel.gating.gates().len();
            Some((channel, gates.get(from..*first).unwrap_or_default()))
        })
    }

    /// The ports the circuit has, output first.
    pub fn ports(&self) -> impl Iterator<Item = (PortRole, Port)> + '_ {
        let output = self.output.map(|port| (PortRole::Output, port));
        let inputs = self.inputs.iter().enumerate().map(|(place, port)| (PortRole::Input(place), port));
        output.into_iter().chain(inputs)
    }

    /// Whether any channel has a battery (a reversal potential, be it 0).
    pub fn has_batteries(&self) -> bool {
        self.channels.iter().any(|channel| channel.reversal.is_some())
    }

    /// Conductances of the channels at the given gates.
    #[inline]
    pub fn conductances(&self, gates: &[f64]) -> Conductances {
        self.opened(gates).map(|(channel, x)| channel.conductance * channel.gating.open(x)).collect()
    }

    /// Current through the channels from node to ground at voltage `v`: `sum_i g_i (V - E_i)`.
    pub fn channel_current(&self, g: &Conductances, v: f64) -> f64 {
        g.total() * v - self.battery_current(g)
    }

    /// Current the batteries push into the node: `sum_i g_i E_i`.
    pub fn battery_current(&self, g: &Conductances) -> f64 {
        self.channels.iter().zip(g.iter()).fold(0.0, |sum, (channel, g)| sum + g * channel.reversal.unwrap_or(0.0))
    }

    /// The same circuit with the reference of its sense line given, if it has one.
    ///
    /// # Errors
    /// [`CircuitError::NoRest`] where the neuron rests nowhere without the line.
    pub fn referred(mut self, units: RateUnits) -> Result<Self, CircuitError> {
        if let Some(sense) = self.sense.filter(|sense| sense.reference.is_none()) {
            let alone = Self { sense: None, ..self };
            let reference = Some(alone.rest(units)?.voltage);
            self = Self { sense: Some(Sense { reference, ..sense }), ..alone };
        }
        Ok(self)
    }

    /// Whether gates follow a voltage that nothing measures for them, which leaves out the noise of that measurement where
    /// they respond to fluctuations.
    pub fn has_unmeasured_gates(&self) -> bool {
        self.sense.is_none() && self.channels.iter().any(Channel::is_gated)
    }

    /// Conductance of the sense line; 0 without one.
    pub fn sense_conductance(&self) -> f64 {
        self.sense.map_or(0.0, |sense| 1.0 / sense.impedance)
    }

    /// `k_B T` of the sense line, where it has one of its own.
    pub fn sense_thermal_energy(&self) -> Option<f64> {
        self.sense.and_then(|sense| sense.thermal_energy)
    }

    /// Mean current into the sense line at a voltage of the node; none where the reference is not given.
    pub fn sense_current(&self, v: f64) -> f64 {
        let current = |sense: Sense| Some((v - sense.reference?) / sense.impedance);
        self.sense.and_then(current).unwrap_or(0.0)
    }

    /// Admittance of capacitance, ports and sense line at angular frequency `omega`, the channels left out.
    pub fn reactive_admittance(&self, omega: f64) -> Complex64 {
        let own = Complex64::new(self.sense_conductance(), omega * self.capacitance);
        self.ports().fold(own, |y, (_, port)| y + port.admittance(omega))
    }

    /// Impedance `z(w) = 1/Y(w)` of the node at angular frequency `omega` and channel conductance `g_eff`.
    ///
    /// Infinite where there is no path to ground at all (`g_eff = 0` at `omega = 0`).
    pub fn impedance(&self, g_eff: f64, omega: f64) -> Complex64 {
        (g_eff + self.reactive_admittance(omega)).inv()
    }
}

/// Which side of the neuron a port is on. The circuit is the same; the network tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortRole {
    /// Where the spike leaves.
    Output,
    /// Where waveguides arrive: the input port of this place among the neuron's.
    Input(usize),
}

impl PortRole {
    /// Name in files: `output`, `input`, `input 2` and so on.
    pub fn name(self) -> &'static str {
        match self {
            Self::Output => "output",
            Self::Input(0) => "input",
            Self::Input(1) => "input 2",
            Self::Input(2) => "input 3",
            Self::Input(_) => "input 4",
        }
    }
}

/// The papers' neurons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Papers {
    /// The potassium memristor alone (Phys. Rev. Applied 12, 014037).
    Single,
    /// Potassium and sodium memristors and a chloride resistor (Quantum 4, 224).
    Three,
}

/// State a neuron starts from.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Initial {
    /// The rest point, ports included ([`crate::rest`]); a millivolt above it where none is stable.
    #[default]
    Rest,
    /// Values as given: an omitted voltage is that of [`Initial::Rest`], an omitted gate is at its steady state there.
    Given {
        /// Voltage of the node.
        voltage: Option<f64>,
        /// Values of gates, in the circuit's order; none, or no place at all, for those that are steady.
        gates: Vec<Option<f64>>,
    },
}

impl Initial {
    /// Voltage and gates at `t = 0`.
    ///
    /// # Errors
    /// [`CircuitError::NoRest`] where the neuron should begin at rest and has none.
    pub fn resolve(&self, circuit: &Circuit, units: RateUnits) -> Result<(f64, Gates), CircuitError> {
        let (voltage, given): (_, &[Option<f64>]) = match self {
            Self::Rest => (None, &[]),
            Self::Given { voltage, gates } => (*voltage, gates),
        };
        let v = voltage.map_or_else(|| circuit.rest(units).map(|rest| rest.start(units)), Ok)?;
        let mut gates = circuit.steady(v, units);
        for (gate, given) in gates.iter_mut().zip(given) {
            *gate = given.unwrap_or(*gate);
        }
        Ok((v, gates))
    }
}
