//! Adiabatic variance of the node voltage, line by line and part by part.
//!
//! ```text
//! Var V(t) = (hbar/pi) int_0^{w_c} dw w coth(hbar w/2kT) Re z(w; g(t)) + sum over sources
//! Re z = |z|^2 (G_eff + sum_p Re Y_p)
//! ```
//!
//! so that each line has its own share: `g_i |z|^2` for a channel (`G_eff |z|^2` for the channels together under the
//! shared-mode rule) and `Re Y_p |z|^2` for a port. The vacuum part is the integral without coth, the thermal part
//! the rest. A source mode whose response is `u` adds its own vacuum `|u|^2`, and its state
//! `2 n |u|^2 + 2 Re(m u^2)` ([`crate::state`]); `u = I_zpf e(t) z* e^{-iwt}`.
//!
//! The conductances are those of the instant. During a spike, when they change within the membrane's memory, this
//! departs from the exact variance by up to a tenth.
//!
//! Paper: the variance and the source's share, with shared modes. Ours: independent baths, ports, the parts.

use num_complex::Complex64;

use super::bath::{Bath, Node, sinh_nodes};
use crate::channel::Conductances;
use crate::circuit::{BathRule, Circuit, MAX_PORTS, PortRole};
use crate::name::Name;
use crate::state::State;

/// A noise line of one neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// A channel's.
    Channel(Name),
    /// The one bath the channels share under the shared-mode rule.
    Channels,
    /// A port's waveguide.
    Port(PortRole),
    /// The line through which gates measure the voltage.
    Sense,
}

impl LineKind {
    /// Name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Channel(name) => name.text(),
            Self::Channels => "channels",
            Self::Port(role) => role.name(),
            Self::Sense => "sense",
        }
    }
}

/// Vacuum and thermal part of one line's share in a variance.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Share {
    /// With the line in vacuum.
    pub vacuum: f64,
    /// What temperature adds.
    pub thermal: f64,
}

/// Variance of one circuit under one bath; built once, evaluated for each set of conductances.
#[derive(Debug, Clone)]
pub struct AdiabaticVariance {
    rule: BathRule,
    /// Conductance of the sense line.
    sense: f64,
    lines: Vec<LineKind>,
    nodes: Vec<Spectrum>,
}

/// What does not depend on the conductances, at one frequency.
#[derive(Debug, Clone, Copy)]
struct Spectrum {
    /// Capacitance and ports.
    reactive: Complex64,
    /// `Re Y_p` of the ports, output first; 0 where there is none.
    ports: [f64; MAX_PORTS],
    /// `(hbar/pi) w dw`.
    vacuum: f64,
    /// `(hbar/pi) w (coth - 1) dw`.
    thermal: f64,
    /// The same at the temperature of the sense line.
    sensed: f64,
}

impl AdiabaticVariance {
    /// Prepares the integral for `circuit`; `smallest_conductance` is the lowest `G_eff` it must cover.
    pub fn new(circuit: &Circuit, rule: BathRule, bath: Bath, smallest_conductance: f64) -> Self {
        let channels: Vec<LineKind> = if rule.is_one_bath(circuit) {
            vec![LineKind::Channels]
        } else {
            circuit.channels.iter().map(|channel| LineKind::Channel(channel.name)).collect()
        };
        let ports = circuit.ports().map(|(role, _)| LineKind::Port(role));
        let sensed = bath.of_line(circuit.sense_thermal_energy());
        let spectrum = |node: &Node| {
            let mut real = circuit.ports().map(|(_, port)| port.admittance(node.omega).re);
            let weight = node.weight / std::f64::consts::PI;
            Spectrum {
                reactive: circuit.reactive_admittance(node.omega),
                ports: std::array::from_fn(|_| real.next().unwrap_or(0.0)),
                vacuum: bath.vacuum_energy(node.omega) * weight,
                thermal: bath.excess_energy(node.omega) * weight,
                sensed: sensed.excess_energy(node.omega) * weight,
            }
        };
        let nodes = bath.nodes(slowest_rate(circuit, smallest_conductance).min(sensed.matsubara()));
        Self {
            rule,
            sense: circuit.sense_conductance(),
            lines: channels.into_iter().chain(ports).chain(circuit.sense.map(|_| LineKind::Sense)).collect(),
            nodes: nodes.iter().map(spectrum).collect(),
        }
    }

    /// The lines, in the order of [`AdiabaticVariance::shares`].
    pub fn lines(&self) -> &[LineKind] {
        &self.lines
    }

    /// Share of each line in the variance of V at conductances `g`, in mV² (`hodgkin-huxley` units).
    pub fn shares(&self, g: &Conductances) -> Vec<Share> {
        let g_eff = self.rule.effective_conductance(g);
        let (mut channel, mut sensed) = (Share::default(), 0.0);
        let mut ports = [Share::default(); MAX_PORTS];
        for node in &self.nodes {
            let z2 = 1.0 / ((g_eff + node.reactive.re).powi(2) + node.reactive.im.powi(2));
            let (vacuum, thermal) = (z2 * node.vacuum, z2 * node.thermal);
            channel.vacuum += vacuum;
            channel.thermal += thermal;
            sensed += z2 * node.sensed;
            for (port, conductance) in ports.iter_mut().zip(node.ports) {
                port.vacuum += vacuum * conductance;
                port.thermal += thermal * conductance;
            }
        }
        let of_channel = |g: f64| Share { vacuum: g * channel.vacuum, thermal: g * channel.thermal };
        let (mut channels, mut ports) = (g.iter(), ports.into_iter());
        self.lines
            .iter()
            .map(|line| match line {
                LineKind::Channel(_) => of_channel(channels.next().copied().unwrap_or_default()),
                LineKind::Channels => of_channel(g_eff),
                LineKind::Port(_) => ports.next().unwrap_or_default(),
                LineKind::Sense => Share { vacuum: self.sense * channel.vacuum, thermal: self.sense * sensed },
            })
            .collect()
    }
}

/// Response of V to the mode of a current source of angular frequency `omega` whose coefficient of `a` is `amplitude`
/// ([`crate::source::SteppedMode::amplitude`]): `I_zpf e(t) z* e^{-iwt}`.
pub fn mode_response(circuit: &Circuit, g_eff: f64, omega: f64, amplitude: Complex64) -> Complex64 {
    circuit.impedance(g_eff, omega).conj() * amplitude
}

/// What a source mode adds to Var V: its own vacuum `|u|^2`, and what its state adds to that.
pub fn mode_variance(state: &State, u: Complex64) -> (f64, f64) {
    (u.norm_sqr(), state.covariance(u, u))
}

/// A lower bound on the decay rates of the circuit: the inverse of the sum of its open-circuit time constants.
pub fn slowest_rate(circuit: &Circuit, g_eff: f64) -> f64 {
    // Without any conductance to ground the slowest rate is 0; a floor keeps the grid finite.
    let resistance = 1.0 / g_eff.max(1e-12);
    let ports = circuit.ports().map(|(_, port)| port.capacitance * (port.impedance + resistance)).sum::<f64>();
    1.0 / (circuit.capacitance * resistance + ports)
}

/// Defect of the sum rule `int_0^inf Re z dw = pi/(2C)`, relative: that of `[phi, V] = i hbar/C`.
///
/// Integrated to a frequency far above every rate, the tail `Re z = G_inf/(C w)^2` added in closed form.
pub fn commutator_defect(circuit: &Circuit, g_eff: f64) -> f64 {
    let c = circuit.capacitance;
    let at_infinity =
        circuit.ports().fold(g_eff + circuit.sense_conductance(), |g, (_, port)| g + 1.0 / port.impedance);
    let fastest = circuit
        .ports()
        .fold(at_infinity / c, |rate, (_, port)| rate.max(1.0 / (port.capacitance * port.impedance)));
    let upper = 1e7 * fastest;
    let sum: f64 = sinh_nodes(slowest_rate(circuit, g_eff), upper)
        .iter()
        .map(|node| node.weight * circuit.impedance(g_eff, node.omega).re)
        .sum();
    let tail = at_infinity / (c * c * upper);
    ((sum + tail) * 2.0 * c / std::f64::consts::PI - 1.0).abs()
}
