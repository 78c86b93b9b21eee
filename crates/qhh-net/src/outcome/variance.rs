//! Adiabatic variance of the recorded neurons, from the conductances at their samples.

use qhh_core::quantum::bath::Bath;
use qhh_core::quantum::variance::{AdiabaticVariance, mode_response, mode_variance};
use qhh_core::source::ModeSource;

use super::neuron::NeuronRecord;
use super::{CutoffDependence, CutoffRow, LineVariance, NeuronVariance};
use crate::network::{Drive, Network, Quantum};

/// Cutoffs at which the dependence on it is shown, against the network's own.
const CUTOFF_FACTORS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];

/// Variance of one recorded neuron at its samples.
pub(super) fn of_neuron(
    network: &Network,
    quantum: &Quantum,
    neuron: usize,
    record: &NeuronRecord,
    times: &[f64],
) -> NeuronVariance {
    let (circuit, rule) = (&record.circuit, network.simulation.baths);
    let g: Vec<_> = (0..record.samples.len()).map(|k| record.conductances(k)).collect();
    let g_eff: Vec<f64> = g.iter().map(|g| rule.effective_conductance(g)).collect();
    let smallest = g_eff.iter().copied().fold(f64::INFINITY, f64::min);
    let at_cutoff = |factor: f64| {
        let bath = bath(quantum, factor);
        AdiabaticVariance::new(circuit, rule, bath, smallest)
    };
    let own = at_cutoff(1.0);
    let mut lines: Vec<LineVariance> =
        own.lines().iter().map(|line| LineVariance::empty(line.name().to_owned())).collect();
    for g in &g {
        for (line, share) in lines.iter_mut().zip(own.shares(g)) {
            line.vacuum.push(share.vacuum);
            line.thermal.push(share.thermal);
            line.state.push(0.0);
        }
    }
    for (name, mode) in modes_into(network, neuron) {
        let mut line = LineVariance::empty(format!("source {name}"));
        let on = mode.on(network.grid());
        for (&t, &g_eff) in times.iter().zip(&g_eff) {
            let u = mode_response(circuit, g_eff, mode.omega, on.amplitude(network.grid().place(t)));
            let (vacuum, state) = mode_variance(&mode.state, u);
            line.vacuum.push(vacuum);
            line.thermal.push(0.0);
            line.state.push(state);
        }
        lines.push(line);
    }
    let mut variance =
        NeuronVariance { neuron, lines, cutoff: CutoffDependence { time: times[0], rows: Vec::new() } };
    let largest = variance.largest();
    let source = |part: fn(&LineVariance) -> &Vec<f64>| -> f64 {
        variance.lines[own.lines().len()..]
            .iter()
            .map(|line| part(line)[largest])
            .fold(0.0, |sum, share| sum + share)
    };
    let (source_vacuum, state) = (source(|line| &line.vacuum), source(|line| &line.state));
    let row = |factor: f64| {
        let shares = at_cutoff(factor).shares(&g[largest]);
        CutoffRow {
            cutoff: quantum.cutoff * factor,
            vacuum: shares.iter().map(|share| share.vacuum).sum::<f64>() + source_vacuum,
            thermal: shares.iter().map(|share| share.thermal).sum(),
            state,
        }
    };
    variance.cutoff = CutoffDependence { time: times[largest], rows: CUTOFF_FACTORS.map(row).to_vec() };
    variance
}

/// The bath of a network, its cutoff times `factor`.
pub(super) fn bath(quantum: &Quantum, factor: f64) -> Bath {
    Bath { hbar: quantum.hbar, thermal_energy: quantum.thermal_energy, cutoff: quantum.cutoff * factor }
}

fn modes_into(network: &Network, neuron: usize) -> impl Iterator<Item = (&str, &ModeSource)> {
    network.sources_into(neuron).filter_map(|fed| match &fed.source.drive {
        Drive::Mode(mode) => Some((fed.source.name.as_str(), mode)),
        Drive::Current(_) | Drive::Packet(_) => None,
    })
}

impl LineVariance {
    fn empty(line: String) -> Self {
        Self { line, vacuum: Vec::new(), thermal: Vec::new(), state: Vec::new() }
    }
}
