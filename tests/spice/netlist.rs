//! A resolved network as a netlist for ngspice.
//!
//! The numbers go in bare, in the network's own coherent units: where ngspice says volt and second it means that
//! network's unit of voltage and time. A gate is a capacitor of 1 whose voltage is the gate. A port is its capacitor,
//! its impedance and, behind it, a source of twice the arriving wave; what leaves it goes through matched ideal lines,
//! one for each waveguide. A lossless two-way waveguide between equal impedances, alone at both ports, is one true
//! line in place of both impedances. Nothing here is shared with the program but the plain data it reads: shares of
//! splitters and combiners are worked out anew.

use std::collections::HashMap;

use qhh_core::circuit::BathRule;
use qhh_core::source::Shape;
use qhh_net::network::{Drive, Method, Network};

use super::guides::{Guides, PortAt};
use super::sources::{self, Clock};

/// Parts of a millisecond: the largest step, and the edge of a current that jumps.
const LARGEST_STEP: f64 = 0.02;
const EDGE: f64 = 1e-6;
/// Relative tolerance of voltages and currents.
const TOLERANCE: f64 = 1e-5;

pub fn node((neuron, slot): PortAt) -> String {
    format!("{neuron}_{slot}")
}

/// The netlist of `network`, which writes time and the voltage of each neuron, side by side, to `table`. Steps are as
/// large as `part` of the usual ones; the relative tolerance goes with its square.
///
/// # Errors
/// What the network has that the netlist cannot say.
pub fn netlist(network: &Network, part: f64, table: &str) -> Result<String, String> {
    let simulation = &network.simulation;
    if simulation.method != Method::Langevin {
        return Err("only the langevin method can".to_owned());
    }
    let units = network.rate_units();
    let (time, duration) = (1.0 / units.milliseconds, simulation.duration);
    let tolerance = 1e-6 / units.millivolts;
    let guides = Guides::new(network);
    let clock = Clock { duration, edge: EDGE * time };
    let mut largest_step = (LARGEST_STEP * time).min(duration / 1000.0);
    let mut lines = vec![
        network.name.replace(char::is_whitespace, " "),
        format!(
            ".options reltol={} abstol={tolerance} vntol={tolerance} chgtol={tolerance} gmin=1e-15",
            TOLERANCE * part * part
        ),
    ];
    for neuron in 0..network.n_neurons() {
        membrane(network, neuron, &mut lines);
        for (k, fed) in network.sources_into(neuron).enumerate() {
            let omega = match &fed.source.drive {
                Drive::Current(current) => match current.shape {
                    Shape::Sine { omega, .. } => omega,
                    _ => 0.0,
                },
                Drive::Mode(mode) => mode.omega,
                Drive::Packet(packet) => packet.packet.carrier,
            };
            largest_step = largest_step.min(0.05 / omega);
            lines.extend(sources::feed(&format!("{neuron}_{k}"), neuron, &fed.drive, fed.factor, clock));
        }
    }
    waves(network, &guides, &mut lines);
    let largest_step = part * largest_step;
    let voltages: Vec<_> = (0..network.n_neurons()).map(|neuron| format!("v(v{neuron})")).collect();
    let voltages = voltages.join(" ");
    lines.extend([
        format!(".save {voltages}"),
        ".control".to_owned(),
        "set wr_singlescale".to_owned(),
        "set numdgt=10".to_owned(),
        format!("tran {largest_step} {duration} 0 {largest_step} uic"),
        format!("wrdata {table} {voltages}"),
        "quit".to_owned(),
        ".endc".to_owned(),
        ".end\n".to_owned(),
    ]);
    Ok(lines.join("\n"))
}

/// Membrane, channels and port capacitors; `v3` is the node of neuron 3, `p3_1` the foot of its port 1's capacitor.
fn membrane(network: &Network, neuron: usize, lines: &mut Vec<String>) {
    let units = network.rate_units();
    let (circuit, initial) = network.neuron(neuron).unwrap();
    let (start, gates) = initial.resolve(&circuit, units).unwrap();
    let gate = |place: usize| gates.get(place).copied().unwrap_or_default();
    let (n, m, h) = (gate(0), gate(1), gate(2));
    let v = format!("v{neuron}");
    lines.push(format!("C{neuron} {v} 0 {} IC={start}", circuit.capacitance));
    let opens = [format!("*V(n{neuron})^4"), format!("*V(m{neuron})^3*V(h{neuron})"), String::new()];
    let channels = ["K", "Na", "Cl"].iter().zip(opens).zip(circuit.channels.iter().map(Some));
    let channels: Vec<_> = channels
        .filter_map(|((name, opens), channel)| {
            channel.map(|c| (name, format!("{}{opens}", c.conductance), c.reversal.unwrap_or(0.0)))
        })
        .collect();
    match network.simulation.baths {
        BathRule::Independent => {
            for (name, g, e) in channels {
                lines.push(format!("B{name}{neuron} {v} 0 I={g}*(V({v})-({e}))"));
            }
        }
        BathRule::SharedMode => {
            let all: Vec<&str> = channels.iter().map(|(_, g, _)| g.as_str()).collect();
            let roots: Vec<String> = all.iter().map(|g| format!("sqrt({g})")).collect();
            lines.push(format!("B{neuron} {v} 0 I=sqrt({})*({})*V({v})", all.join("+"), roots.join("+")));
        }
    }
    let mv = format!("(V({v})*{})", units.millivolts);
    // x/(1 - e^-x), through its singularity.
    let ratio = |x: String| format!("(abs({x})<1e-5 ? 1+0.5*{x} : {x}/(1-exp(-{x})))");
    let gates = [
        ("n", n, format!("0.1*{}", ratio(format!("(({mv}+55)/10)"))), format!("0.125*exp(-({mv}+65)/80)")),
        ("m", m, ratio(format!("(({mv}+40)/10)")), format!("4*exp(-({mv}+65)/18)")),
        ("h", h, format!("0.07*exp(-({mv}+65)/20)"), format!("1/(1+exp(-({mv}+35)/10))")),
    ];
    for (gate, start, opening, closing) in gates {
        let rate =
            format!("{}*(({opening})*(1-V({gate}{neuron}))-({closing})*V({gate}{neuron}))", units.milliseconds);
        lines.push(format!("C{gate}{neuron} {gate}{neuron} 0 1 IC={start}"));
        lines.push(format!("B{gate}{neuron} 0 {gate}{neuron} I={rate}"));
    }
    for (slot, (_, port)) in circuit.ports().enumerate() {
        let at = node((neuron, slot));
        lines.push(format!("Cp{at} {v} p{at} {} IC={start}", port.capacitance));
    }
}

/// What is behind the port capacitors: `a3_1` is twice the wave that arrives at port 1 of neuron 3, `b3_1` twice the
/// one that leaves it, `d7` a wave at the far end of way 7.
fn waves(network: &Network, guides: &Guides, lines: &mut Vec<String>) {
    let mut arriving = packets(network, guides);
    let mut at_lines = Vec::new();
    let mut senders = Vec::new();
    let mut ways = 0;
    for guide in &guides.all {
        if guides.is_line(guide) {
            let (from, to, z) = (node(guide.output), node(guide.input), guides.impedances[&guide.output]);
            lines.push(format!("Tp{from} p{from} 0 p{to} 0 Z0={z} TD={}", guide.delay));
            at_lines.extend([guide.output, guide.input]);
            continue;
        }
        let there = (guide.output, guide.input);
        for (from, to) in std::iter::once(there).chain(guide.two_way.then_some((there.1, there.0))) {
            let source = node(from);
            lines.extend([
                format!("Rb{ways} b{source} c{ways} 1"),
                format!("T{ways} c{ways} 0 d{ways} 0 Z0=1 TD={}", guide.delay),
                format!("Rd{ways} d{ways} 0 1"),
            ]);
            let amplitude = guides.amplitude(guide, from, to);
            arriving.entry(to).or_default().push(format!("2*({amplitude})*V(d{ways})"));
            senders.push(from);
            ways += 1;
        }
    }
    senders.sort_unstable();
    senders.dedup();
    for (&port, impedance) in &guides.impedances {
        let at = node(port);
        if at_lines.contains(&port) {
            continue;
        }
        let wave = arriving.get(&port).map(|terms| {
            lines.push(format!("Ba{at} a{at} 0 V={}", terms.join("+")));
            format!("a{at}")
        });
        let behind = wave.as_deref().unwrap_or("0");
        lines.push(format!("Rp{at} p{at} {behind} {impedance}"));
        if senders.contains(&port) {
            let less = wave.map_or(String::new(), |wave| format!("-V({wave})"));
            lines.push(format!("Bb{at} b{at} 0 V=2*V(p{at}){less}"));
        }
    }
}

/// What arrives at ports without a waveguide, doubled.
fn packets(network: &Network, guides: &Guides) -> HashMap<PortAt, Vec<String>> {
    let mut arriving: HashMap<PortAt, Vec<String>> = HashMap::new();
    let hbar = network.quantum.map_or(0.0, |quantum| quantum.hbar);
    for neuron in 0..network.n_neurons() {
        for fed in network.sources_into(neuron) {
            let Drive::Packet(packet) = &fed.source.drive else { continue };
            let (circuit, _) = network.neuron(neuron).unwrap();
            let port = (neuron, usize::from(circuit.output.is_some()) + packet.input);
            arriving.entry(port).or_default().push(sources::packet(packet, hbar, guides.impedances[&port]));
        }
    }
    arriving
}
