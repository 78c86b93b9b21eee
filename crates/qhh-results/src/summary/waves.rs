//! Energy of the waves, how fast spikes pass, and the table of the voltage in space and time.

use qhh_net::outcome::{Conduction, Pace, SpaceTime, WaveBalance};
use serde::{Deserialize, Serialize};

/// Where the energy of the waves went, over the whole run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WavesSummary {
    /// Sent into waveguides by ports.
    pub sent: f64,
    /// Arrived at ports through waveguides.
    pub arrived: f64,
    /// Under way when the run ended, as it was sent.
    pub in_flight: f64,
    /// Lost on the way: what was sent and neither arrived nor is under way; below zero where amplifiers added more.
    pub lost: f64,
    /// Whether amplifiers may have added to it.
    pub amplified: bool,
}

impl WavesSummary {
    /// Sums up a balance.
    /// Of the balance of a run.
    pub fn new(waves: &WaveBalance) -> Self {
        let WaveBalance { sent, arrived, in_flight, amplified } = *waves;
        Self { sent, arrived, in_flight, lost: sent - arrived - in_flight, amplified }
    }

    /// The balance it sums up.
    pub(crate) fn balance(&self) -> WaveBalance {
        let Self { sent, arrived, in_flight, amplified, .. } = *self;
        WaveBalance { sent, arrived, in_flight, amplified }
    }
}

/// How fast spikes pass through the waveguides of one entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConductionSummary {
    /// Name of the entry.
    pub waveguides: String,
    /// Waveguides both of whose ends fired, the receiver after the sender.
    pub passed: usize,
    /// Waveguides whose sender fired.
    pub fired: usize,
    /// Mean time from the sender's first spike to the receiver's first one after it; null, like all below, where no
    /// spike passed.
    pub mean: Option<f64>,
    /// Shortest such time.
    pub shortest: Option<f64>,
    /// Longest.
    pub longest: Option<f64>,
    /// Mean delay of the waveguides that were passed.
    pub delay: Option<f64>,
    /// Mean length over mean time, where lengths are given.
    pub velocity: Option<f64>,
}

impl ConductionSummary {
    pub(super) fn new(conduction: &Conduction) -> Self {
        let Conduction { waveguides, passed, fired, pace } = conduction.clone();
        Self {
            waveguides,
            passed,
            fired,
            mean: pace.map(|pace| pace.mean),
            shortest: pace.map(|pace| pace.range.0),
            longest: pace.map(|pace| pace.range.1),
            delay: pace.map(|pace| pace.delay),
            velocity: pace.and_then(|pace| pace.velocity),
        }
    }

    /// What it sums up.
    pub(crate) fn conduction(&self) -> Conduction {
        let Self { waveguides, passed, fired, mean, shortest, longest, delay, velocity } = self.clone();
        let pace = match (mean, shortest, longest, delay) {
            (Some(mean), Some(shortest), Some(longest), Some(delay)) => {
                Some(Pace { mean, range: (shortest, longest), delay, velocity })
            }
            _ => None,
        };
        Conduction { waveguides, passed, fired, pace }
    }
}

/// What `space_time.csv` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceTimeSummary {
    /// Number of neurons.
    pub neurons: usize,
    /// Number of times.
    pub times: usize,
}

impl SpaceTimeSummary {
    pub(super) fn new(space_time: &SpaceTime) -> Self {
        Self { neurons: space_time.neurons.len(), times: space_time.times.len() }
    }
}
