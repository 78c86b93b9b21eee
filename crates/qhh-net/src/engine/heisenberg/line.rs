//! The lines that noise comes from, and the modes of sources: what each drives, and how strongly.

use std::f64::consts::PI;
use std::sync::Arc;

use qhh_core::circuit::PortRole;
use qhh_core::name::Name;
use qhh_core::quantum::State;
use qhh_core::quantum::bath::Bath;
use qhh_core::quantum::heisenberg::{MODES, Wave};
use qhh_core::source::ModeSource;
use qhh_core::time_grid::{Span, TimeGrid};

use super::graph::{ModeGraph, PortNoise};
use super::packets::PacketWaves;
use super::{Mean, with_changes};
use crate::network::{Drive, Network};

/// Size of the largest quantum against `kT` where quanta are to have no size.
const SMALLEST: f64 = 1e-9;

/// What one line drives.
#[derive(Debug, Clone)]
pub(crate) struct NoiseLine {
    /// Node it belongs to.
    pub(crate) origin: usize,
    pub(crate) drive: LineDrive,
    pub(crate) of: LineOrigin,
    /// Square of the drive at the strength `hbar w dw` of a field, against the unit drive's.
    pub(crate) strength: f64,
    /// The same as commutators count it.
    pub(crate) commutator: f64,
}

/// What a unit of a line does to its neuron.
#[derive(Debug, Clone)]
pub(crate) enum LineDrive {
    /// A current, `sqrt g` of the channel of this place.
    Channel(usize),
    /// A current, `sqrt G_eff`.
    Channels,
    /// A wave of size 1 that arrives at this port.
    Port(usize),
    /// A wave of size 1 that leaves through this port, past the neuron.
    Splitter(usize),
    /// A wave of size 1 on the sense line of this conductance: a current, and what the record lacks.
    Sense(f64),
    /// A wave of size 1 that is added to the record of the voltage.
    Idler,
    /// A current with the envelope of a source's mode.
    Current(ModeSource, f64),
    /// A wave with an envelope that arrives at this port.
    Packet { slot: usize, waves: Arc<PacketWaves> },
}

/// Where noise comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum LineOrigin {
    /// A channel's bath.
    Channel(Name),
    /// The channels' common bath.
    Channels,
    /// What enters at a port, by origin.
    Port(PortRole, PortNoise),
    /// What the outputs of a splitter share.
    Splitter(PortRole),
    /// What arrives on the sense line.
    Sense,
    /// What the amplifier behind it adds.
    Idler,
    Source,
}

impl NoiseLine {
    /// Whether it is of the sense line, or of the idler behind it: these may have a temperature of their own.
    pub(crate) fn is_sensed(&self) -> bool {
        matches!(self.drive, LineDrive::Sense(_) | LineDrive::Idler)
    }

    /// Wave that the line adds to what leaves through a row.
    pub(crate) fn splits(&self, graph: &ModeGraph, row: usize) -> f64 {
        match self.drive {
            LineDrive::Splitter(slot) if graph.rows[row] == (self.origin, slot) => 1.0,
            _ => 0.0,
        }
    }
}

impl LineDrive {
    /// The current at the stages of some steps; left empty where there is none.
    pub(crate) fn current(&self, mean: &Mean, node: usize, first: usize, n: usize, current: &mut Vec<[f64; 2]>) {
        let at = [qhh_core::integrate::langevin::STAGE, 1.0];
        match self {
            Self::Channel(_) | Self::Channels => {
                let each = with_changes(first, n, |half| self.conductance(mean, node, half));
                current.extend(
                    each.map(|(middle, change)| at.map(|at| (middle + change * (at - 0.5)).max(0.0).sqrt())),
                );
            }
            Self::Current(mode, factor) => current.extend((first..first + n).map(|step| {
                let (t, dt) = (step as f64 * mean.dt, mean.dt);
                let whole = Span { from: step as f64, to: (step + 1) as f64 };
                let on = mode.on(TimeGrid::new(dt)).span().common(whole).map_or(0.0, Span::length);
                let change = mode.envelope_at(t + dt) - mode.envelope_at(t);
                at.map(|at| factor * on * (mode.envelope_at(t + 0.5 * dt) + change * (at - 0.5)))
            })),
            Self::Sense(conductance) => current.resize(n, [2.0 * conductance; 2]),
            Self::Port(_) | Self::Splitter(_) | Self::Idler | Self::Packet { .. } => {}
        }
    }

    /// The current before the start; that of the gates included which what is added to the record moves.
    pub(crate) fn stationary_current(&self, mean: &Mean, node: usize, omega: &[f64; MODES]) -> Wave {
        let own = match self {
            Self::Channel(_) | Self::Channels => {
                let ends = self.conductance(mean, node, 0) + self.conductance(mean, node, 1);
                (0.5 * ends).max(0.0).sqrt()
            }
            Self::Sense(conductance) => 2.0 * conductance,
            _ => 0.0,
        };
        let mut current = Wave::real(own);
        if self.recorded() != 0.0 {
            current.add_product(Wave::real(-self.recorded()), mean.gate_admittances(node, omega));
        }
        current
    }

    /// What a unit adds to the record of the voltage.
    pub(crate) fn recorded(&self) -> f64 {
        match self {
            Self::Sense(_) => -1.0,
            Self::Idler => 1.0,
            _ => 0.0,
        }
    }

    fn conductance(&self, mean: &Mean, node: usize, half: usize) -> f64 {
        match self {
            Self::Channel(place) => mean.courses[node].conductance(*place, half),
            _ => mean.together(node, half),
        }
    }
}

/// The noise lines of a node.
pub(crate) fn of_node(graph: &ModeGraph, mean: &Mean, node: usize) -> Vec<NoiseLine> {
    let of_node = &graph.nodes[node];
    let line = |drive, of, strength, commutator| NoiseLine { origin: node, drive, of, strength, commutator };
    let channel = |drive, of| line(drive, of, 1.0 / PI, 1.0 / PI);
    let mut lines = Vec::new();
    if mean.baths.is_one_bath(&of_node.circuit) {
        lines.push(channel(LineDrive::Channels, LineOrigin::Channels));
    } else {
        let each = of_node.circuit.channels.iter().enumerate();
        lines.extend(each.map(|(k, of)| channel(LineDrive::Channel(k), LineOrigin::Channel(of.name))));
    }
    for (slot, (role, port)) in of_node.circuit.ports().enumerate() {
        let (noise, unit) = (of_node.noise[slot], port.impedance / (4.0 * PI));
        // A lossless waveguide lets nothing in but what it carries.
        if noise.total() > 1e-12 {
            let of = LineOrigin::Port(role, noise);
            lines.push(line(LineDrive::Port(slot), of, unit * noise.total(), unit * noise.commutator()));
        }
        if of_node.splits[slot] {
            lines.push(line(LineDrive::Splitter(slot), LineOrigin::Splitter(role), -unit, -unit));
        }
    }
    if let Some(sense) = of_node.circuit.sense {
        let unit = sense.impedance / (4.0 * PI);
        lines.push(line(LineDrive::Sense(1.0 / sense.impedance), LineOrigin::Sense, unit, unit));
        // It moves nothing but gates.
        if mean.responds() {
            lines.push(line(LineDrive::Idler, LineOrigin::Idler, unit, -unit));
        }
    }
    lines
}

/// The mode of a quantum source, as a line.
pub(crate) struct SourceMode<'a> {
    /// Number of the mode: one for all neurons that a current feeds, one for each that has a packet of its own.
    pub(crate) source: usize,
    /// Place of the source in the network.
    pub(crate) place: usize,
    pub(crate) name: &'a str,
    pub(crate) line: NoiseLine,
    pub(crate) omega: f64,
    /// Response to `a` against that to the unit drive.
    pub(crate) scale: f64,
    pub(crate) state: &'a State,
    /// Whether the mode's vacuum is that of a line and counted there.
    pub(crate) in_line: bool,
    /// Thermal quanta of the line's that the state takes the place of: those that a packet picks out of it.
    pub(crate) replaced: f64,
}

/// The modes of the sources that reach a recorded neuron, one for each source and neuron it feeds.
pub(crate) fn sources<'a>(
    network: &'a Network,
    bath: Bath,
    graph: &ModeGraph,
    mean: &Mean,
) -> Vec<SourceMode<'a>> {
    let bath = with_quanta(bath);
    let mut modes: Vec<SourceMode<'a>> = Vec::new();
    let mut number = 0;
    for (at, source) in network.sources_by_name() {
        number += 1;
        let waves = match &source.drive {
            Drive::Packet(packet) => Some(PacketWaves::new(packet.packet, bath, mean.dt, mean.n_steps)),
            _ => None,
        };
        for (place, neuron) in source.targets.iter().enumerate() {
            let Some(origin) = graph.node_of(neuron) else { continue };
            let line = |drive| NoiseLine { origin, drive, of: LineOrigin::Source, strength: 0.0, commutator: 0.0 };
            match &source.drive {
                Drive::Current(_) => {}
                Drive::Mode(mode) => modes.push(SourceMode {
                    source: number,
                    place: at,
                    name: &source.name,
                    line: line(LineDrive::Current(
                        mode.clone(),
                        source.factor(place, network.simulation.seed_of_structure()),
                    )),
                    omega: mode.omega,
                    scale: mode.zero_point,
                    state: &mode.state,
                    in_line: false,
                    replaced: 0.0,
                }),
                Drive::Packet(packet) => {
                    let circuit = &graph.nodes[origin].circuit;
                    let (Some((slot, port)), Some(waves)) = (packet.port_of(circuit), &waves) else { continue };
                    number += 1;
                    modes.push(SourceMode {
                        source: number,
                        place: at,
                        name: &source.name,
                        line: line(LineDrive::Packet { slot, waves: Arc::clone(waves) }),
                        omega: packet.packet.carrier,
                        scale: packet.packet.wave(bath.hbar, port.impedance),
                        state: &packet.state,
                        in_line: true,
                        replaced: bath.quanta_in(packet.packet.carrier, packet.packet.bandwidth()),
                    });
                }
            }
        }
    }
    modes
}

/// Quanta so small that nothing of the heat is lost, in place of none of a size: without hbar a packet's mode has no wave, and
/// `hbar n(w)` is `kT/w` all the same.
fn with_quanta(bath: Bath) -> Bath {
    let hbar = if bath.hbar > 0.0 { bath.hbar } else { SMALLEST * bath.thermal_energy / bath.cutoff };
    Bath { hbar, ..bath }
}
