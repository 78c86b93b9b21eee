//! What a state that is no number any more most likely comes from. A guess for the message, made after the fact.

use crate::network::Network;

/// The likely cause of a runaway.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum Divergence {
    #[error(
        "amplifiers let a wave arrive with up to {} times its power, so that it grows with every round of a loop",
        times(*power)
    )]
    Gain { power: f64 },
    #[error("the current of `{name}` moves its voltage by {jump:e} in a single step")]
    Drive { name: String, jump: f64 },
    #[error("the step is {steps:.3} times as long as its circuit takes to answer (conductances over capacitance)")]
    Step { steps: f64 },
    #[error("its state outgrew the numbers it is kept in")]
    Range,
}

/// A factor in a few digits.
fn times(factor: f64) -> String {
    if factor < 1e4 { format!("{factor:.3}") } else { format!("{factor:.1e}") }
}

/// Voltage that one step may move by, in the largest voltage that the network names, before the current is suspected.
const LARGEST_JUMP: f64 = 100.0;

impl Divergence {
    /// The cause of what `neuron` suffered between the times `from` and `to`; `growth` is the largest singular value of
    /// the scattering matrix where there are amplifiers.
    pub(super) fn of(network: &Network, growth: Option<f64>, neuron: usize, (from, to): (f64, f64)) -> Self {
        if let Some(growth) = growth.filter(|growth| *growth > 1.0) {
            return Self::Gain { power: growth * growth };
        }
        let Some((circuit, _)) = network.neuron(neuron) else { return Self::Range };
        let step = network.simulation.step;
        let channels = circuit.channels.iter();
        let named = channels.clone().filter_map(|channel| channel.reversal).map(f64::abs);
        let scale = named.fold(network.simulation.spike_threshold.unwrap_or(0.0).abs(), f64::max);
        let scale = if scale > 0.0 { scale } else { 1.0 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the steps of one window")]
        let (from, to) = (network.grid().place(from) as u64, network.grid().place(to) as u64);
        for fed in network.sources_into(neuron) {
            let on = fed.drive.on(network.grid());
            let currents = (from..=to).map(|step| (fed.factor * on.at(step as f64)).abs());
            let jump = currents.fold(0.0, f64::max) * step / circuit.capacitance;
            if jump > LARGEST_JUMP * scale {
                return Self::Drive { name: fed.source.name.clone(), jump };
            }
        }
        let conductance: f64 = channels.map(|channel| channel.conductance).sum();
        let ports =
            circuit.ports().map(|(_, port)| 1.0 / (port.impedance * port.capacitance.min(circuit.capacitance)));
        let steps = step * ports.fold(conductance / circuit.capacitance, f64::max);
        if steps > 1.0 { Self::Step { steps } } else { Self::Range }
    }
}
