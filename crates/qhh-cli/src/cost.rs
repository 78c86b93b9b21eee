//! What a run costs: time on the clock, processor time, memory.

use std::fs;
use std::time::Instant;

use cpu_time::ProcessTime;
use qhh_io::results::Cost;
use qhh_net::Outcome;

/// Measures from its making on.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    wall: Instant,
    /// None where the system does not tell.
    processor: Option<ProcessTime>,
}

impl Stopwatch {
    /// Starts.
    pub(crate) fn start() -> Self {
        Self { wall: Instant::now(), processor: ProcessTime::try_now().ok() }
    }

    /// The cost since the start of a run that gave `outcome` on so many threads.
    pub(crate) fn cost(&self, outcome: &Outcome, threads: usize) -> Cost {
        let wall_seconds = self.wall.elapsed().as_secs_f64();
        let processor = self.processor.and_then(|start| start.try_elapsed().ok());
        let neuron_steps = outcome.n_steps as f64 * outcome.n_neurons as f64;
        Cost {
            wall_seconds,
            cpu_seconds: processor.map_or(0.0, |time| time.as_secs_f64()),
            neuron_steps_per_second: if wall_seconds > 0.0 { neuron_steps / wall_seconds } else { 0.0 },
            peak_memory_bytes: peak_memory(),
            threads,
        }
    }
}

/// Largest resident memory of this process so far, in bytes; 0 on systems without `/proc`.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    kilobytes.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024
}
