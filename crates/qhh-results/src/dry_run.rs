//! What a dry run of one of several ranks found, and what it predicts of more of them.

use serde::Serialize;

/// One rank's part of a run, built and stepped by itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DryRun {
    /// Name of the network.
    pub network: String,
    /// Version of the program.
    pub version: String,
    /// Number of the rank, from 0.
    pub rank: usize,
    /// Ranks that the network is divided among.
    pub ranks: usize,
    /// Ranks that ran side by side, the slowest of which counts.
    pub per_machine: usize,
    /// Threads of the rank.
    pub threads: usize,
    /// Neurons that it steps.
    pub neurons: usize,
    /// Waveguides that end at them.
    pub waveguides: usize,
    /// Ports of other ranks that it hears.
    pub heard_ports: usize,
    /// Ranks that it receives from.
    pub neighbours: usize,
    /// Steps that it made.
    pub steps: u64,
    /// Steps in a window, after which ranks exchange waves.
    pub window: u64,
    /// Seconds in which its part was built.
    pub build_seconds: f64,
    /// Seconds that it computed for a step, messages packed and unpacked.
    pub step_seconds: f64,
    /// Bytes of waves that it would have sent.
    pub sent_bytes: u64,
    /// The same if every port had sent something in every window.
    pub most_sent_bytes: u64,
    /// Resident memory of a rank at most, in bytes.
    pub peak_memory_bytes: u64,
    /// The same neurons a rank on more and more ranks.
    pub scaling: Vec<ScalingRow>,
    /// What the prediction supposes, a sentence each.
    pub assumptions: Vec<String>,
}

/// A run on so many ranks, as predicted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ScalingRow {
    /// Ranks.
    pub ranks: usize,
    /// Neurons of all of them.
    pub neurons: f64,
    /// Seconds that a rank computes for a step.
    pub computing_seconds: f64,
    /// Seconds that it sends and receives for a step.
    pub exchange_seconds: f64,
    /// Bytes that it sends in a step.
    pub sent_bytes: f64,
    /// Memory of a rank in bytes.
    pub memory_bytes: f64,
}

impl ScalingRow {
    /// Time of one rank alone over that of each of these, if nothing of the exchange is hidden behind computing.
    pub fn efficiency(self) -> f64 {
        self.computing_seconds / (self.computing_seconds + self.exchange_seconds)
    }
}

impl DryRun {
    /// Steps of neurons in a second.
    pub fn speed(&self) -> f64 {
        self.neurons as f64 / self.step_seconds
    }

    /// All of it as JSON.
    ///
    /// # Panics
    /// Never: it is plain data.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("it is plain data") + "\n"
    }

    /// Part of what could have been sent that was.
    pub fn activity(&self) -> f64 {
        if self.most_sent_bytes == 0 { 1.0 } else { self.sent_bytes as f64 / self.most_sent_bytes as f64 }
    }
}
