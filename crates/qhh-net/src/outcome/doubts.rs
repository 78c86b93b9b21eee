//! What of a run cannot be trusted though every check holds: warnings that only its numbers can give.

use qhh_core::units::{Dimension, rounded};

use super::checks::{SPIKE, largest_deviation};
use super::states::COMMUTATOR;
use super::{NeuronVariance, OutputStates};
use crate::Warning;
use crate::network::Network;

/// Bound on the part of the variance that a finite number of field modes leaves out, before a run warns of it. With the
/// conductances moving the part is a tenth of the bound or less: in the first spike of a squid axon 0.31 stand for 5 %, 0.29 for 2 %,
/// 0.07 for 0.3 %.
const MISSED: f64 = 0.1;

/// Voltage within which gates change by a factor e, in mV.
const GATES: f64 = 10.0;

/// Standard deviation, in mV, from which linear response is warned of where gates respond.
const LARGEST: f64 = 1.5 * GATES;

/// What of field modes is doubtful: `error` is the part of the variance that they leave out, `responding` the number of neurons
/// whose gates respond.
pub(super) fn of_modes(
    network: &Network,
    error: f64,
    responding: usize,
    variances: &[NeuronVariance],
) -> Vec<Warning> {
    let mut doubts = Vec::new();
    if error > MISSED {
        let given = network.quantum.is_some_and(|quantum| quantum.modes.is_some());
        let remedy =
            if given { "write `modes: auto`, or a larger number" } else { "write a larger number of `modes`" };
        doubts.push(Warning {
            path: "quantum.modes".to_owned(),
            finding: format!("so few frequencies miss the variance by up to {} of itself", rounded(error, 2)),
            remedy: remedy.to_owned(),
        });
    }
    let deviation = largest_deviation(variances);
    let millivolts = deviation * network.rate_units().millivolts;
    // Beyond the height of a spike a check fails.
    if responding > 0 && millivolts > LARGEST && millivolts <= SPIKE {
        doubts.push(Warning {
            path: "quantum.fluctuations".to_owned(),
            finding: format!(
                "a voltage departs by up to {} (standard deviation), beyond the {} or so within which linear response holds: variances \
                 and jitter may be wrong several-fold",
                network.units.display(rounded(deviation, 3), Dimension::VOLTAGE),
                network.units.display(GATES / network.rate_units().millivolts, Dimension::VOLTAGE)
            ),
            remedy: "use `fluctuations: wigner`".to_owned(),
        });
    }
    doubts
}

/// Whether modes that leave are still modes of a field: where gates respond to a voltage that nothing measures, they are so only
/// nearly.
pub(super) fn of_states(network: &Network, states: &OutputStates) -> Option<Warning> {
    let off = states.defect();
    (network.lacks_noise_of_measurement() && off > COMMUTATOR).then(|| Warning {
        path: "quantum.feedback".to_owned(),
        finding: format!(
            "gates respond and nothing measures the voltage for them: [b, b*] = 1 of a mode that leaves is off by {} %, and its \
             squeezing, purity and entanglement by that or several times that",
            rounded(100.0 * off, 2)
        ),
        remedy: "write `feedback: mean`, or give the neurons a `sense` line".to_owned(),
    })
}
