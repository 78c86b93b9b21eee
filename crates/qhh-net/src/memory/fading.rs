//! How far waves go before they are too small to be followed.
//!
//! From neuron to neuron a wave changes by what its waveguide lets through, and by what the neuron sends for what arrives;
//! ways that split and meet again bring no more than one way would. Field modes leave a neuron out where nothing larger
//! than a small part of the line's own response arrives.

use qhh_core::circuit::MAX_PORTS;
use qhh_core::quantum::bath::Bath;
use qhh_core::quantum::heisenberg::{MODES, Propagator, Stationary, Wave};

use crate::engine::heisenberg::CUT;
use crate::engine::heisenberg::gates::AtStart;
use crate::network::{Network, Quantum};

/// Waveguides in a row that waves are followed through, for each group of [`MODES`] of so many frequencies.
pub(super) fn hops(network: &Network, quantum: &Quantum, active: &[usize], modes: usize) -> Vec<usize> {
    let bath = Bath { hbar: quantum.hbar, thermal_energy: quantum.thermal_energy, cutoff: quantum.cutoff };
    let slowest = slowest(network, active);
    let passed = network.waveguides.iter().map(|entry| entry.transmission.range().1 * entry.gain.range().1);
    let passed = passed.fold(0.0, f64::max).sqrt();
    let of_chunk = |chunk: &[qhh_core::quantum::bath::Node]| {
        let omega = std::array::from_fn(|lane| chunk[lane.min(chunk.len() - 1)].omega);
        let handed = network.populations.iter().map(|population| {
            let circuit = &population.circuit;
            let started = population.initial.resolve(circuit, network.rate_units());
            let g = started.map_or(0.0, |(_, gates)| {
                network.simulation.baths.effective_conductance(&circuit.conductances(&gates))
            });
            handed_on(&Stationary::new(circuit, &omega, &Wave::real(g)), circuit.ports().count())
        });
        let factor = passed * handed.fold(0.0, f64::max);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, or more than any")]
        if factor < 1.0 { (CUT.ln() / factor.ln()).ceil() as usize } else { usize::MAX }
    };
    if slowest.is_finite() && slowest > 0.0 {
        bath.some_nodes(slowest, modes).chunks(MODES).map(of_chunk).collect()
    } else {
        vec![usize::MAX; modes.div_ceil(MODES)]
    }
}

/// The largest wave that leaves a port for one of size 1 that arrives at another.
fn handed_on(stationary: &Stationary, n_ports: usize) -> f64 {
    let mut largest = 0.0f64;
    for into in 0..n_ports.min(MAX_PORTS) {
        let mut arriving = [Wave::default(); MAX_PORTS];
        arriving[into] = Wave::real(1.0);
        let state = stationary.response(Wave::default(), &arriving);
        for out in (0..n_ports).filter(|out| *out != into) {
            let leaving = Propagator::leaving(&state, out, arriving[out]);
            largest = leaving.norm_sqr().0.into_iter().fold(largest, f64::max);
        }
    }
    largest.sqrt()
}

/// The slowest decay of any of the neurons, at the conductances it starts with.
fn slowest(network: &Network, active: &[usize]) -> f64 {
    let of = |&neuron: &usize| {
        let (circuit, _) = network.neuron(neuron)?;
        Some(AtStart::of(network, neuron)?.slowest(&circuit))
    };
    active.iter().filter_map(of).fold(f64::INFINITY, f64::min)
}
