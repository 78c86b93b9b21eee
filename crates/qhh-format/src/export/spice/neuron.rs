//! Neurons: a subcircuit for each population, an instance for each neuron.

use std::fmt::Write as _;

use qhh_core::circuit::BathRule;
use qhh_core::gates::{Particle, RateUnits};
use qhh_core::gating::{Formula, Gate, Law, RANGE};
use qhh_net::network::{Network, Population};

use super::{Scale, number};

/// Name of the subcircuit of the population at a place.
fn named(place: usize, population: &Population) -> String {
    format!("p{place}_{}", plain(&population.name))
}

/// What every SPICE takes in a name.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// The subcircuit of the population at a place: node, and the foot of each port's capacitor. `x0` and so on are its gates.
pub(super) fn subcircuit(text: &mut String, network: &Network, place: usize, scale: Scale) {
    let population = &network.populations[place];
    let circuit = &population.circuit;
    let ports = circuit.ports().count();
    let nodes: Vec<String> = (0..ports).map(|port| format!("f{port}")).collect();
    let nodes = nodes.join(" ");
    let _ =
        writeln!(text, ".subckt {} v {nodes} params: {}", named(place, population), parameters(circuit).join(" "));
    text.push_str("C v 0 {c} IC={v0}\n");
    let mut first = 0;
    let mut conducting = Vec::new();
    for (place, channel) in circuit.channels.iter().enumerate() {
        let _ = writeln!(text, "* {}", channel.name);
        let mut open = format!("{{g{place}}}");
        for (k, gate) in channel.gating.gates().iter().enumerate() {
            for _ in 0..gate.power {
                let _ = write!(open, "*V(x{})", first + k);
            }
            moving(text, gate, first + k, circuit.sense.is_some(), scale);
        }
        first += channel.gating.gates().len();
        conducting.push(open);
    }
    match network.simulation.baths {
        BathRule::Independent => {
            for (place, open) in conducting.iter().enumerate() {
                let _ = writeln!(text, "Bg{place} v 0 I={open}*(V(v)-{{e{place}}})");
            }
        }
        BathRule::SharedMode => {
            let roots: Vec<String> = conducting.iter().map(|open| format!("sqrt({open})")).collect();
            let _ = writeln!(text, "Bg v 0 I=sqrt({})*({})*V(v)", conducting.join("+"), roots.join("+"));
        }
    }
    for port in 0..ports {
        let _ = writeln!(text, "Cp{port} v f{port} {{cp{port}}} IC={{v0}}");
    }
    if circuit.sense.is_some() {
        text.push_str("Vref ref 0 {vref}\nRsense v ref {zs}\nCm m 0 1 IC={v0}\nBm 0 m I=(V(v)-V(m))/{ts}\n");
    }
    text.push_str(".ends\n");
}

/// Parameters of a subcircuit, each with a default, which instances replace.
fn parameters(circuit: &qhh_core::circuit::Circuit) -> Vec<String> {
    let mut names = vec!["c=1".to_owned(), "v0=0".to_owned()];
    for place in 0..circuit.channels.len() {
        names.extend([format!("g{place}=0"), format!("e{place}=0")]);
    }
    names.extend((0..circuit.n_gates()).map(|gate| format!("x{gate}_0=0")));
    names.extend((0..circuit.ports().count()).map(|port| format!("cp{port}=1")));
    if circuit.sense.is_some() {
        names.extend(["zs=1", "ts=1", "vref=0"].map(str::to_owned));
    }
    names
}

/// An instance with a neuron's own values; its node is `v3`, the feet of its ports `p3_0` and so on.
pub(super) fn instance(text: &mut String, network: &Network, neuron: usize, scale: Scale) {
    let (Some((place, _)), Some((circuit, initial))) = (network.place_of(neuron), network.neuron(neuron)) else {
        return;
    };
    // A checked network has a start.
    let Ok((start, gates)) = initial.resolve(&circuit, scale.rates) else { return };
    let _ = writeln!(text, "* {}", network.neuron_name(neuron));
    let nodes: Vec<String> = (0..circuit.ports().count()).map(|port| format!("p{neuron}_{port}")).collect();
    let nodes = nodes.join(" ");
    let _ = write!(text, "X{neuron} v{neuron} {nodes} {}", named(place, &network.populations[place]));
    let mut values =
        vec![("c".to_owned(), circuit.capacitance * scale.capacitance), ("v0".to_owned(), start * scale.voltage)];
    for (place, channel) in circuit.channels.iter().enumerate() {
        values.push((format!("g{place}"), channel.conductance * scale.conductance()));
        values.push((format!("e{place}"), channel.reversal.unwrap_or(0.0) * scale.voltage));
    }
    values.extend(gates.iter().enumerate().map(|(gate, value)| (format!("x{gate}_0"), *value)));
    let ports = circuit.ports().enumerate();
    values.extend(ports.map(|(slot, (_, port))| (format!("cp{slot}"), port.capacitance * scale.capacitance)));
    if let Some(sense) = &circuit.sense {
        values.push(("zs".to_owned(), sense.impedance * scale.impedance()));
        values.push(("ts".to_owned(), sense.response_time * scale.time));
        values.push(("vref".to_owned(), sense.reference.unwrap_or(0.0) * scale.voltage));
    }
    for (name, value) in values {
        let _ = write!(text, " {name}={}", number(value));
    }
    text.push('\n');
}

/// A gate: a capacitor of 1 F, or a voltage where it follows the membrane at once.
fn moving(text: &mut String, gate: &Gate, place: usize, sensed: bool, scale: Scale) {
    let RateUnits { millivolts, .. } = scale.rates;
    let node = if sensed { "V(m)" } else { "V(v)" };
    let mv = format!("({node}*{})", number(millivolts / scale.voltage));
    let bounded = format!("min(max({mv},{}),{})", RANGE.0, RANGE.1);
    let x = format!("V(x{place})");
    let per_time = number(gate.speed() / scale.millisecond());
    let _ = writeln!(text, "* gate {}", gate.name);
    let drift = match &gate.law {
        Law::HodgkinHuxley(particle) => {
            let (opening, closing) = papers(*particle, &mv);
            format!("({opening})*(1-{x})-({closing})*{x}")
        }
        Law::Rates { opening, closing } => {
            format!("({})*(1-{x})-({})*{x}", spelled(opening, &bounded), spelled(closing, &bounded))
        }
        Law::Relaxing { steady, time_constant } => {
            format!("(({})-{x})/({})", spelled(steady, &bounded), spelled(time_constant, &bounded))
        }
        Law::Instant { steady } => {
            let _ = writeln!(text, "Bx{place} x{place} 0 V={}", spelled(steady, &bounded));
            return;
        }
    };
    let _ =
        writeln!(text, "Cx{place} x{place} 0 1 IC={{x{place}_0}}\nBx{place} 0 x{place} I={per_time}*({drift})");
}

/// Opening and closing rates of Hodgkin and Huxley's particles, in 1/ms.
fn papers(particle: Particle, mv: &str) -> (String, String) {
    match particle {
        Particle::N => {
            (format!("0.1*{}", linoid(&format!("(({mv}+55)/10)"))), format!("0.125*exp(-({mv}+65)/80)"))
        }
        Particle::M => (linoid(&format!("(({mv}+40)/10)")), format!("4*exp(-({mv}+65)/18)")),
        Particle::H => (format!("0.07*exp(-({mv}+65)/20)"), format!("1/(1+exp(-({mv}+35)/10))")),
    }
}

/// `x/(1 - e^-x)`, through its removable singularity.
fn linoid(x: &str) -> String {
    format!("(abs({x})<1e-5 ? 1+0.5*{x} : {x}/(1-exp(-{x})))")
}

/// A formula for a behavioural source. Powers of a negative number differ among simulators, so that whole ones are
/// written as products.
fn spelled(formula: &Formula, voltage: &str) -> String {
    formula.written(voltage, &|name, of| match (name, of) {
        ("pow", [base, exponent]) => match exponent.parse::<u8>() {
            Ok(0) => "1".to_owned(),
            Ok(times @ 1..=12) => format!("({})", vec![base.as_str(); usize::from(times)].join("*")),
            _ => format!("pow({base},{exponent})"),
        },
        ("linoid", [x]) => linoid(x),
        ("sigmoid", [x]) => format!("(1/(1+exp(-{x})))"),
        (name, of) => format!("{name}({})", of.join(",")),
    })
}
