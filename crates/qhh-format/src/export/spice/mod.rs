//! The mean field of a network as a netlist for SPICE.
//!
//! Every population is a subcircuit of its membrane, its channels as behavioural sources and the capacitors of its ports; a
//! gate is a capacitor of 1 F whose voltage is the gate. Behind each port stands its impedance and, where anything
//! arrives, a source of twice the arriving wave. A waveguide is an ideal line of 50 ohm between a copy of the wave that leaves
//! and a matched load; one that is lossless, goes both ways and is alone at ports of one impedance is itself a line between
//! them. Numbers are in SI units, but for networks in `raw` units, whose numbers stay as they are.

mod neuron;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use qhh_core::gates::RateUnits;
use qhh_core::units::UnitSystem;
use qhh_net::network::{Drive, Method, Network};
use qhh_net::{Link, PortAt, links};

/// Largest time step and the edge of a jump, in ms.
const LARGEST_STEP: f64 = 0.02;
const EDGE: f64 = 1e-6;
/// Impedance of the lines that stand for waveguides.
const LINE: f64 = 50.0;

/// What a unit of the network is in the netlist's.
#[derive(Debug, Clone, Copy)]
struct Scale {
    voltage: f64,
    time: f64,
    capacitance: f64,
    /// Millivolts and inverse milliseconds of the network's units.
    rates: RateUnits,
}

impl Scale {
    fn of(network: &Network) -> Self {
        let (voltage, time, capacitance) = match network.units {
            UnitSystem::HodgkinHuxley => (1e-3, 1e-3, 1e-6),
            UnitSystem::Si | UnitSystem::Raw => (1.0, 1.0, 1.0),
        };
        Self { voltage, time, capacitance, rates: network.rate_units() }
    }

    fn current(self) -> f64 {
        self.capacitance * self.voltage / self.time
    }

    fn conductance(self) -> f64 {
        self.capacitance / self.time
    }

    fn impedance(self) -> f64 {
        self.time / self.capacitance
    }

    /// A millisecond in the netlist's time.
    fn millisecond(self) -> f64 {
        self.time / self.rates.milliseconds
    }
}

/// A number to 15 digits, short.
fn number(value: f64) -> String {
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    if rounded != 0.0 && !(1e-3..1e6).contains(&rounded.abs()) {
        format!("{rounded:e}")
    } else {
        rounded.to_string()
    }
}

/// The netlist of a checked network.
///
/// # Errors
/// What it has that a netlist cannot express.
pub(super) fn netlist(network: &Network) -> Result<String, String> {
    if network.simulation.method != Method::Langevin {
        return Err("`method: adiabatic`, which solves no circuit in time: write `method: langevin`".to_owned());
    }
    let scale = Scale::of(network);
    let mut text = format!("* {}\n", network.name.replace(char::is_whitespace, " "));
    text.push_str("* Mean field alone: the quantum noise is not in this file.\n");
    text.push_str(match network.units {
        UnitSystem::Raw => "* Units: the network's own numbers.\n",
        _ => "* Units: SI.\n",
    });
    text.push_str(".options reltol=1e-5 gmin=1e-15\n");
    for place in 0..network.populations.len() {
        neuron::subcircuit(&mut text, network, place, scale);
    }
    for number in 0..network.n_neurons() {
        neuron::instance(&mut text, network, number, scale);
    }
    // The network's own step says what its dynamics needs; the trapezoidal rule takes half of it to be as accurate.
    let simulation = &network.simulation;
    let steps = [0.5 * simulation.step * scale.time, simulation.duration * scale.time / 1000.0];
    let mut largest_step = steps.into_iter().fold(LARGEST_STEP * scale.millisecond(), f64::min);
    for neuron in 0..network.n_neurons() {
        for (k, fed) in network.sources_into(neuron).enumerate() {
            let omega = source::omega(&fed.drive) / scale.time;
            if omega > 0.0 {
                largest_step = largest_step.min(0.05 / omega);
            }
            source::feed(&mut text, network, (neuron, k), &fed, scale);
        }
    }
    waves(&mut text, network, scale);
    text.push_str(".save");
    for neuron in 0..network.n_neurons() {
        let _ = write!(text, " v(v{neuron})");
    }
    let duration = network.simulation.duration * scale.time;
    let (step, end) = (number(largest_step), number(duration));
    let _ = writeln!(text, "\n.tran {step} {end} 0 {step} uic\n.end");
    Ok(text)
}

/// Ports of an ideal line: those that one lossless two-way arm joins, with nothing else at either and one impedance.
fn lines(
    all: &[Link],
    impedance: &BTreeMap<PortAt, f64>,
    packets: &BTreeSet<PortAt>,
) -> BTreeSet<(PortAt, PortAt)> {
    let mut ends: BTreeMap<PortAt, usize> = BTreeMap::new();
    for port in all.iter().flat_map(|link| [link.from, link.to]) {
        *ends.entry(port).or_default() += 1;
    }
    let alone = |port: &PortAt| ends[port] == 2 && !packets.contains(port);
    let whole = all.iter().filter(|link| {
        let alike = impedance[&link.from] == impedance[&link.to] && link.from != link.to;
        (link.amplitude - 1.0).abs() < 1e-12 && alone(&link.from) && alone(&link.to) && alike
    });
    let delays: BTreeMap<(PortAt, PortAt), f64> = whole.map(|link| ((link.from, link.to), link.delay)).collect();
    let both = |((from, to), delay): (&(PortAt, PortAt), &f64)| delays.get(&(*to, *from)) == Some(delay);
    delays.iter().filter(|way| both(*way)).map(|way| *way.0).collect()
}

/// What is behind the capacitors of ports: `p3_1` is the foot of the capacitor of port 1 of neuron 3, `a3_1` twice the
/// wave that arrives there, `b3_1` twice the one that leaves.
fn waves(text: &mut String, network: &Network, scale: Scale) {
    let at = |port: PortAt| format!("{}_{}", port.neuron, port.slot);
    let mut impedance = BTreeMap::new();
    let mut arriving: BTreeMap<PortAt, Vec<String>> = BTreeMap::new();
    for neuron in 0..network.n_neurons() {
        let Some((circuit, _)) = network.neuron(neuron) else { continue };
        for (slot, (_, port)) in circuit.ports().enumerate() {
            impedance.insert(PortAt { neuron, slot }, port.impedance);
        }
        for fed in network.sources_into(neuron) {
            let Drive::Packet(packet) = &*fed.drive else { continue };
            let slot = usize::from(circuit.output.is_some()) + packet.input;
            let port = PortAt { neuron, slot };
            let hbar = network.quantum.map_or(0.0, |quantum| quantum.hbar);
            let wave = source::packet(packet, hbar, impedance[&port], scale);
            arriving.entry(port).or_default().push(wave);
        }
    }
    let packets: BTreeSet<PortAt> = arriving.keys().copied().collect();
    let all = links(network);
    let lines = lines(&all, &impedance, &packets);
    let mut leaving = BTreeSet::new();
    let mut joined = BTreeSet::new();
    for (k, link) in all.iter().enumerate() {
        let delay = number(link.delay * scale.time);
        let (from, to) = (at(link.from), at(link.to));
        if lines.contains(&(link.from, link.to)) {
            if joined.insert(link.from) && joined.insert(link.to) {
                let z = number(impedance[&link.from] * scale.impedance());
                let _ = writeln!(text, "T{k} p{from} 0 p{to} 0 Z0={z} TD={delay}");
            }
            continue;
        }
        if link.amplitude == 0.0 {
            continue;
        }
        leaving.insert(link.from);
        let _ = writeln!(
            text,
            "Rb{k} b{from} c{k} {LINE}\nT{k} c{k} 0 d{k} 0 Z0={LINE} TD={delay}\nRd{k} d{k} 0 {LINE}"
        );
        arriving.entry(link.to).or_default().push(format!("{}*V(d{k})", number(2.0 * link.amplitude)));
    }
    for (&port, &z) in &impedance {
        if joined.contains(&port) {
            continue;
        }
        let (name, z) = (at(port), number(z * scale.impedance()));
        let arrives = arriving.get(&port);
        if let Some(waves) = arrives {
            let _ = writeln!(text, "Ba{name} a{name} 0 V={}", waves.join("+"));
        }
        let behind = if arrives.is_some() { format!("a{name}") } else { "0".to_owned() };
        let _ = writeln!(text, "Rp{name} p{name} {behind} {z}");
        if leaving.contains(&port) {
            let less = if arrives.is_some() { format!("-V(a{name})") } else { String::new() };
            let _ = writeln!(text, "Bb{name} b{name} 0 V=2*V(p{name}){less}");
        }
    }
}
