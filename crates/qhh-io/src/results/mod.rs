//! The results' folder: what a run leaves, written and read back.

use qhh_net::{Network, Outcome};

/// What a run cost.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Cost {
    /// Seconds on the clock.
    pub wall_seconds: f64,
    /// Seconds of processor time, all threads together.
    pub cpu_seconds: f64,
    /// Steps of one neuron per wall second.
    pub neuron_steps_per_second: f64,
    /// Largest resident memory of the process in bytes; 0 where the system does not tell.
    pub peak_memory_bytes: u64,
    /// Worker threads.
    pub threads: usize,
}

/// A finished run, fresh from the engine or read back from its folder.
#[derive(Debug, Clone)]
pub struct FinishedRun {
    /// The network that ran.
    pub network: Network,
    /// It as text, every default spelled out.
    pub network_yaml: String,
    /// What came out.
    pub outcome: Outcome,
    /// What it cost.
    pub cost: Cost,
    /// Version of the program that ran it.
    pub version: String,
}
