//! Many runs: sweeps over a network's values, thresholds, and learning with a network as a reservoir.
//!
//! Knows no YAML, no files and no screen: what varies is handed in as closures from points to networks.

pub mod learn;
pub mod measure;
pub mod objective;
pub mod sweep;
pub mod verify;
