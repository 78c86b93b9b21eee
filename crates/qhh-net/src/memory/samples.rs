//! What sampling the fields will take: memory and work.

use qhh_core::circuit::MAX_PORTS;
use qhh_core::integrate::lanes::LANES;
use qhh_core::quantum::bath::Bath;

use super::modes::{active, lines_of, longest_lags};
use crate::engine::heisenberg::gates::AtStart;
use crate::engine::heisenberg::graph::{ModeGraph, Node};
use crate::engine::heisenberg::wanted;
use crate::engine::wigner;
use crate::engine::wigner::before::Before;
use crate::engine::wigner::noise::Blocks;
use crate::network::{Drive, Feedback, Fluctuations, Network, Quantum};
use crate::outcome::MeanTrajectory;

/// What sampling takes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SamplesSize {
    /// Bytes kept whatever the number of threads.
    pub kept: f64,
    /// Bytes for each thread.
    pub each_thread: f64,
    /// Steps of one neuron in one sample, those before the run included.
    pub sample_steps: f64,
}

/// What sampling a network's fields takes; none where it samples none.
pub(super) fn size(network: &Network) -> Option<SamplesSize> {
    let quantum = network.quantum.filter(|quantum| quantum.fluctuations == Fluctuations::Wigner)?;
    let (_, active) = active(network);
    let n_nodes = active.len() as f64;
    let n_steps = network.n_steps() as f64;
    let looks = n_steps / network.steps_per_sample() as f64 + 1.0;
    let recorded = network.record.neurons.len() as f64;
    let laid = before(network, &quantum);
    let before = laid.steps;
    let steps = (before as f64 + n_steps + 1.0).min(1e15);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 1e15")]
    let blocks = Blocks::new(laid.own, steps as usize);
    let length = blocks.length as f64;
    let fields: f64 = active.iter().map(|&neuron| lines_of(network, neuron)).sum();
    let injected = network.sources.iter().filter(|source| !matches!(source.drive, Drive::Current(_)));
    let injected: f64 = injected.map(|source| source.targets.len() as f64 * 64.0 * n_steps).sum();
    let lanes = LANES as f64;
    // Noises as single numbers, and one before it is turned; waves under way of two ports; sums of four powers.
    let noise = 4.0 * lanes * (blocks.rows() as f64 * fields + length);
    let lags = longest_lags(network);
    let ring = |&neuron: &usize| f64::from(lags[neuron]) + 4.0 * 64.0;
    let under_way = 8.0 * lanes * 2.0 * active.iter().map(ring).sum::<f64>();
    let sums = 32.0 * recorded * looks;
    // Voltages and records, and once more while vectors grow.
    let whole = 32.0 * network.record.trajectories as f64 * recorded * looks;
    let driven: f64 = network.sources.iter().map(|source| (source.targets.len() as f64).min(n_nodes)).sum();
    Some(SamplesSize {
        kept: MeanTrajectory::bytes_per_step(Feedback::Mean) as f64 * n_steps * n_nodes
            + 16.0 * n_steps * driven
            // Amplitudes of every field below the cutoff.
            + 4.0 * length * fields
            + sums
            + whole
            + 48.0 * recorded * looks,
        each_thread: noise
            + under_way
            + injected
            + f64::from(wigner::BATCH) * sums
            + (MAX_PORTS * 65) as f64 * 128.0,
        sample_steps: quantum.samples as f64 * n_nodes * (n_steps + before as f64),
    })
}

/// The time before the run.
fn before(network: &Network, quantum: &Quantum) -> Before {
    let graph = ModeGraph::new(network, &wanted(network));
    let held = AtStart { g: 0.0, gates: None };
    let of = |node: &Node| AtStart::of(network, node.neuron).unwrap_or_else(|| held.clone());
    let g: Vec<AtStart> = graph.nodes.iter().map(of).collect();
    let bath = Bath { hbar: quantum.hbar, thermal_energy: quantum.thermal_energy, cutoff: quantum.cutoff };
    Before::new(&graph, &g, &graph.recorded(network), bath, network.simulation.step)
}
