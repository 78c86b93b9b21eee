//! Thermal noise of a chain at rest against ngspice's `.noise`: the classical limit of field modes.
//!
//! At rest the conductances stand still and every line is a resistor, whose noise ngspice takes to be 4 kT R at every
//! frequency (Johnson, Nyquist); hbar is so small that ours is too. `.noise` integrates the spectral density of each
//! voltage from a resistor at a time up to a cutoff, so several cutoffs compare the spectrum band by band, and each
//! line by itself. What ports receive through waveguides carries no noise of its own but that of the loss.

use std::collections::HashMap;
use std::f64::consts::TAU;
use std::process::Command;

use qhh_net::network::Network;

use crate::models;
use crate::require::note;
use crate::spice::guides::Guides;
use crate::spice::netlist::node;

/// `k_B` times the 27 C that ngspice is told, in its own units.
const THERMAL_ENERGY: f64 = 1.380_649e-23 * 300.15;
/// Ours, in the network's units. Linear circuits scale.
const OURS: f64 = 3.0;
/// rad/ms.
const CUTOFFS: [f64; 5] = [0.1, 0.5, 2.0, 10.0, 60.0];
/// Relative to the variance.
const ALLOWED: f64 = 1e-5;

/// The circuits with resistors for channels, and `.noise` of each neuron up to each cutoff.
fn netlist(network: &Network) -> String {
    let guides = Guides::new(network);
    let mut lines = vec![
        network.name.clone(),
        ".options temp=27 reltol=1e-6 gmin=1e-20".to_owned(),
        // An input is asked for, and does nothing.
        "Vin in 0 dc 0 ac 1".to_owned(),
        "Rin in 0 1 noisy=0".to_owned(),
    ];
    for neuron in 0..network.n_neurons() {
        let (circuit, initial) = network.neuron(neuron).unwrap();
        let (_, gates) = initial.resolve(&circuit, network.rate_units()).unwrap();
        let g = circuit.conductances(&gates);
        lines.push(format!("C{neuron} v{neuron} 0 {}", circuit.capacitance));
        for (name, g) in [("potassium", g[0]), ("sodium", g[1]), ("chloride", g[2])] {
            lines.push(format!("R{name}{neuron} v{neuron} 0 {}", 1.0 / g));
        }
        for (slot, (role, port)) in circuit.ports().enumerate() {
            let (at, z) = (node((neuron, slot)), port.impedance);
            lines.push(format!("Cp{at} v{neuron} p{at} {}", port.capacitance));
            // Behind the impedance is twice the arriving wave: the noise of a resistor of its own, so that it can be taken
            // off what leaves.
            let arriving = guides.all.iter().enumerate().find(|(_, guide)| guide.input == (neuron, slot));
            let (noisy, wave) = arriving.map_or((1.0, String::new()), |(way, guide)| {
                let amplitude = guides.amplitude(guide, guide.output, guide.input);
                (1.0 - guide.power(), format!("2*({amplitude})*V(d{way})+"))
            });
            lines.extend([
                format!("Rp{at} p{at} a{at} {z} noisy=0"),
                format!("R{}{neuron} l{at} 0 {}", role.name(), z * noisy),
                format!("Ba{at} a{at} 0 V={wave}V(l{at})"),
            ]);
        }
    }
    for (way, guide) in guides.all.iter().enumerate() {
        // Twice the wave that leaves.
        let from = node(guide.output);
        lines.extend([
            format!("Bb{way} b{way} 0 V=2*V(p{from})-V(a{from})"),
            format!("Rb{way} b{way} c{way} 1 noisy=0"),
            format!("T{way} c{way} 0 d{way} 0 Z0=1 TD={}", guide.delay),
            format!("Rd{way} d{way} 0 1 noisy=0"),
        ]);
    }
    lines.extend([".control".to_owned(), "set numdgt=10".to_owned()]);
    for (k, cutoff) in CUTOFFS.iter().enumerate() {
        for neuron in 0..network.n_neurons() {
            lines.extend([
                // Whole decades, so that the last point is the cutoff.
                format!("noise v(v{neuron}) Vin dec 400 {} {} 1", 1e-8 * cutoff / TAU, cutoff / TAU),
                format!("echo = {k} {neuron}"),
                "print all".to_owned(),
            ]);
        }
    }
    lines.extend(["quit", ".endc", ".end\n"].map(ToOwned::to_owned));
    lines.join("\n")
}

/// Variances by cutoff, neuron and resistor, over `k_B T`; the empty name is all of them.
fn ngspice(network: &Network) -> HashMap<(usize, usize, String), f64> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("noise.cir"), netlist(network)).unwrap();
    let done = Command::new("ngspice").args(["-n", "-b", "noise.cir"]).current_dir(&folder).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let mut found = HashMap::new();
    let mut at = (0, 0);
    for line in said.lines() {
        let Some((name, value)) = line.split_once("= ") else { continue };
        if name.is_empty() {
            let (cutoff, neuron) = value.split_once(' ').unwrap();
            at = (cutoff.trim().parse().unwrap(), neuron.trim().parse().unwrap());
        } else if let Some(device) = name.trim().strip_prefix("onoise_total") {
            let root: f64 = value.trim().parse().unwrap();
            found.insert((at.0, at.1, device.trim_start_matches("_r").to_owned()), root * root / THERMAL_ENERGY);
        }
    }
    assert!(!found.is_empty(), "ngspice: {said}{}", String::from_utf8_lossy(&done.stderr));
    found
}

pub fn hot_lines_are_the_resistors_of_ngspice() {
    let mut network = models::passive_chain(2, 2.0, 0.01);
    network.sources.clear();
    network.waveguides[0].transmission = 0.6.into();
    let theirs = ngspice(&network);
    for (k, &cutoff) in CUTOFFS.iter().enumerate() {
        let outcome = models::run(&models::with_modes(network.clone(), 1e-5, OURS, cutoff, 96));
        for variance in &outcome.variances {
            let neuron = variance.neuron;
            let by_name = |name: &str| OURS * theirs[&(k, neuron, name.to_owned())];
            let own = |line: &str| by_name(&format!("{line}{neuron}"));
            let lines = ["potassium", "sodium", "chloride", "output", "input"];
            let others = by_name("") - lines.iter().map(|line| own(line)).sum::<f64>();
            for sample in [0, variance.n_samples() - 1] {
                let total = variance.total(sample);
                let mut worst = (total - by_name("")).abs() / total;
                for line in &variance.lines {
                    let ours = line.vacuum[sample] + line.thermal[sample];
                    let theirs = if line.line == "other neurons" { others } else { own(&line.line) };
                    worst = worst.max((ours - theirs).abs() / total);
                }
                note!("neuron {neuron}, up to {cutoff} rad/ms: {total:.6} mV², off by {worst:.1e} of it");
                assert!(worst < ALLOWED, "neuron {neuron}, up to {cutoff}: ours {variance:?}, ngspice {theirs:?}");
            }
        }
    }
    // Far above the circuit's own rates all that is left to say is the equipartition theorem: Var V = kT/C.
    let whole = OURS * theirs[&(CUTOFFS.len() - 1, 0, String::new())];
    assert!((0.95..1.0).contains(&(whole / OURS)), "{whole}");
}
