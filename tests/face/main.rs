//! The library face: what the program does, from Rust.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cancel;
#[path = "../cases/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod cases;
mod fit;
mod many;
mod network;
mod outside;
mod runs;

use std::fs;
use std::path::Path;

use qhh::Network;

const AXON: &str = "
name: axon
simulation: {duration: 30 ms, step: 0.01 ms}
neurons:
  axon:
    membrane: {capacitance: 1 uF}
    channels:
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
sources:
  step: {into: axon, current: {shape: constant, amplitude: 10 uA, start: 5 ms}}
record: {quantities: [voltage, g_K], every: 0.1 ms}
";

fn axon() -> Network {
    Network::from_yaml(AXON).unwrap()
}

/// Names and bytes of the files of a folder; of summary.json without the cost, and without the checksums and the page,
/// which tell it too.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .filter(|(name, _)| !["SHA256SUMS", "report.html"].contains(&name.as_str()))
        .map(|(name, bytes)| {
            if name != "summary.json" {
                return (name, bytes);
            }
            let mut summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            summary.as_object_mut().unwrap().remove("cost").unwrap();
            (name, summary.to_string().into_bytes())
        })
        .collect();
    files.sort();
    files
}
