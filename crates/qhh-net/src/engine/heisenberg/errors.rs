//! What field modes leave out, and by how much: frequencies between the nodes, what lies above the cutoff.

use std::f64::consts::PI;

use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::{Bath, Node as Frequency};
use qhh_core::quantum::variance::{AdiabaticVariance, slowest_rate};
use qhh_core::stop;
use qhh_core::units::Dimension;

use super::Mean;
use super::gates::StartGates;
use super::graph::ModeGraph;
use crate::network::Network;
use crate::outcome::checks::worst;
use crate::outcome::{Check, CutoffDependence, CutoffRow, LineVariance, NeuronVariance, UNMEASURED};

/// Cutoffs at which the dependence on it is shown, against the network's own.
const CUTOFF_FACTORS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];

/// Defect of `[phi, V]` from 48 frequencies that is allowed: twice what the spike of a working neuron leaves in 20 ms.
const OF_48: f64 = 0.3;

/// Times that a circuit forgets in, C/G of the instant, within such a run: its spike is most of them.
const FORGOTTEN: f64 = 100.0;

/// `[phi, V] = i hbar/C` from the sums over coefficients, `[recorded node][look]`, below the cutoff, with what is above it
/// from the impedance of the instant. With it the largest defects at the start and at any sample.
///
/// What the conductances were a time `t` ago turns as `e^{i w t}` in the flux against the voltage. Of `n` frequencies, evenly
/// in `s = asinh(w/a)` up to `S`, those above `2 n/(S t)` lie too far apart for that, and the commutator's part there,
/// `(2/pi) atan(S G t/(2 n C))` at conductances G, does not cancel: the defect grows with the times C/G that have passed, and
/// with 1/n. Samples of which nothing can be said, because all of it may be left, are not judged.
pub(super) fn commutator_check(
    (recorded, commutators): (&[usize], &[Vec<f64>]),
    graph: &ModeGraph,
    mean: &Mean,
    cutoff: f64,
    (n_modes, network): (usize, &Network),
) -> (Check, (f64, f64)) {
    let (mut largest, mut at_start) = (0.0f64, 0.0f64);
    // The sample that comes closest to what is allowed there, or goes farthest beyond it.
    let mut judged = (0.0f64, allowed(0.0, n_modes));
    let mut until = mean.n_steps;
    for (target, &node) in recorded.iter().enumerate() {
        let circuit = &graph.nodes[node].circuit;
        let unit = Bath { hbar: 1.0, thermal_energy: 0.0, cutoff };
        let nodes: Vec<(f64, Complex64)> = exact_nodes(graph, mean, unit, node)
            .iter()
            .map(|f| (f.weight, circuit.reactive_admittance(f.omega)))
            .collect();
        let (mut passed, mut before) = (0.0, 0);
        for (look, &step) in mean.looks.iter().enumerate() {
            stop::check();
            let g = mean.at_step(node, step);
            let below: f64 = nodes.iter().map(|(weight, reactive)| weight * (g + reactive).inv().re).sum();
            let above = 1.0 - 2.0 / PI * below * circuit.capacitance;
            let whole = commutators[target][look] * circuit.capacitance + above;
            let defect = (whole - 1.0).abs();
            largest = worst(largest, defect);
            if step == 0 {
                at_start = worst(at_start, defect);
            }
            passed +=
                (before..step).map(|step| mean.at_step(node, step)).sum::<f64>() * mean.dt / circuit.capacitance;
            before = before.max(step);
            let allowed = allowed(passed, n_modes);
            if allowed > 1.0 {
                until = until.min(step);
            } else if defect.is_nan() || defect * judged.1 > judged.0 * allowed {
                judged = (defect, allowed);
            }
        }
    }
    let unresolved = if until < mean.n_steps {
        let time = network.units.display(until as f64 * mean.dt, Dimension::TIME);
        format!(", here until {time} at least: more `modes` in `quantum` reach further")
    } else {
        String::new()
    };
    let check = Check {
        name: "commutator [phi, V] = i hbar/C from the modes".into(),
        meaning: format!(
            "relative defect at the sample where it is largest against what is expected, during spikes too; what is above \
             the cutoff is taken from the impedance of the instant. The flux remembers all that was, so this takes many more \
             frequencies than the variance, and the more the longer the run: it is judged as far as {n_modes} frequencies \
             resolve it{unresolved}"
        )
        .into(),
        defect: judged.0,
        expected_below: judged.1,
    };
    let check = if mean.is_complete() { check } else { Check { defect: largest, ..check }.stated(UNMEASURED) };
    (check, (at_start, largest))
}

/// Defect that `n_modes` frequencies may leave after so many times C/G.
fn allowed(passed: f64, n_modes: usize) -> f64 {
    OF_48 * (48.0 / n_modes as f64).min(1.0) * (passed / FORGOTTEN).max(1.0)
}

/// Largest relative error of the variance with the conductances of any sample held, that the frequencies leave.
pub(super) fn held_error(
    graph: &ModeGraph,
    mean: &Mean,
    bath: Bath,
    recorded: &[usize],
    frequencies: &[Frequency],
) -> f64 {
    let mut error = 0.0f64;
    for &node in recorded {
        let circuit = &graph.nodes[node].circuit;
        let sensed = bath.of_line(circuit.sense_thermal_energy());
        // What does not depend on the conductances.
        let prepared = |of: &Frequency| {
            let (omega, energy) = (of.omega, bath.energy(of.omega));
            // The part of the sense line is at its own temperature.
            let measured = circuit.sense_conductance() * (sensed.energy(omega) - energy);
            (*of, circuit.reactive_admittance(omega).conj(), energy, measured)
        };
        let nodes: Vec<_> = exact_nodes(graph, mean, bath, node).iter().map(prepared).collect();
        let frequencies: Vec<_> = frequencies.iter().map(prepared).collect();
        for &step in &mean.looks {
            stop::check();
            let g = mean.at_step(node, step);
            // Of the start with gates that respond; later the gates are taken to be held, as the conductances are.
            let gates = mean.gates.get(node).and_then(|gates| gates.start.as_ref()).filter(|_| step == 0);
            let part = |&(of, reactive, energy, measured): &(Frequency, Complex64, f64, f64)| {
                let lines = g + reactive;
                let whole = gates.map_or(lines, |gates| lines + gates.admittance(of.omega.into()));
                of.weight * ((lines.re * energy + measured) / whole.norm_sqr())
            };
            let of = |nodes: &[_]| -> f64 { nodes.iter().map(part).sum() };
            let exact = of(&nodes);
            if exact > 0.0 {
                error = error.max((of(&frequencies) / exact - 1.0).abs());
            }
        }
    }
    error
}

/// Frequencies that integrate a node's impedance to rounding at the conductances of any sample.
fn exact_nodes(graph: &ModeGraph, mean: &Mean, bath: Bath, node: usize) -> Vec<Frequency> {
    let least = mean.looks.iter().map(|&step| mean.at_step(node, step)).fold(f64::INFINITY, f64::min);
    let circuit = &graph.nodes[node].circuit;
    let rate = slowest_rate(circuit, least).min(bath.of_line(circuit.sense_thermal_energy()).matsubara());
    let start = mean.gates.get(node).and_then(|gates| gates.start.as_ref());
    let resonances: Vec<_> = start.and_then(StartGates::resonance).into_iter().collect();
    bath.nodes_near(start.map_or(rate, |start| rate.min(start.scale())), &resonances)
}

/// Parts at several cutoffs, at the largest variance: those of the modes, moved by what the adiabatic variance makes of
/// the difference.
pub(super) fn cutoff_dependence(
    graph: &ModeGraph,
    mean: &Mean,
    bath: Bath,
    node: usize,
    variance: &NeuronVariance,
    samples: &[usize],
) -> CutoffDependence {
    let largest = variance.largest();
    let step = mean.looks[samples[largest]];
    let g = mean.courses[node].conductances((step + 1).min(mean.n_steps));
    let of = |part: fn(&LineVariance) -> &Vec<f64>| -> f64 {
        variance.lines.iter().map(|line| part(line)[largest]).sum()
    };
    let adiabatic = |factor: f64| {
        let bath = Bath { cutoff: bath.cutoff * factor, ..bath };
        let circuit = &graph.nodes[node].circuit;
        let shares =
            AdiabaticVariance::new(circuit, mean.baths, bath, mean.baths.effective_conductance(&g)).shares(&g);
        shares.iter().fold((0.0, 0.0), |sum, share| (sum.0 + share.vacuum, sum.1 + share.thermal))
    };
    let here = adiabatic(1.0);
    let (vacuum, thermal, state) = (of(|l| &l.vacuum), of(|l| &l.thermal), of(|l| &l.state));
    let row = |factor: f64| {
        let there = adiabatic(factor);
        CutoffRow {
            cutoff: bath.cutoff * factor,
            vacuum: vacuum + there.0 - here.0,
            thermal: thermal + there.1 - here.1,
            state,
        }
    };
    CutoffDependence { time: step as f64 * mean.dt, rows: CUTOFF_FACTORS.map(row).to_vec() }
}
