//! What a run costs: time on the clock, processor time, memory.

use std::fs;
use std::time::Instant;

use cpu_time::ProcessTime;
use qhh_net::Outcome;
use qhh_results::Cost;
use qhh_results::unfinished::Spent;

/// Measures from its making on.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    wall: Instant,
    /// None where the system does not provide it.
    processor: Option<ProcessTime>,
    /// What was spent before it was made.
    before: Spent,
}

impl Stopwatch {
    /// Starts, with what was spent on the same run before.
    pub(crate) fn start(before: Spent) -> Self {
        Self { wall: Instant::now(), processor: ProcessTime::try_now().ok(), before }
    }

    /// What has been spent so far, in all.
    pub(crate) fn spent(&self) -> Spent {
        let processor = self.processor.and_then(|start| start.try_elapsed().ok());
        Spent {
            wall_seconds: self.before.wall_seconds + self.seconds(),
            cpu_seconds: self.before.cpu_seconds + processor.map_or(0.0, |time| time.as_secs_f64()),
        }
    }

    /// Seconds on the clock since it was made.
    pub(crate) fn seconds(&self) -> f64 {
        self.wall.elapsed().as_secs_f64()
    }

    /// The cost since the start of a run that gave `outcome` on so many threads, with the seconds of
    /// building and, where they are known, those of the mean field.
    pub(crate) fn cost(
        &self,
        outcome: &Outcome,
        threads: usize,
        (build_seconds, mean_field_seconds): (f64, Option<f64>),
    ) -> Cost {
        let Spent { wall_seconds, cpu_seconds } = self.spent();
        let stepping = wall_seconds - build_seconds;
        let neuron_steps = outcome.n_steps as f64 * outcome.n_neurons as f64;
        Cost {
            wall_seconds,
            build_seconds,
            mean_field_seconds,
            cpu_seconds,
            neuron_steps_per_second: if stepping > 0.0 { neuron_steps / stepping } else { 0.0 },
            peak_memory_bytes: peak_memory(),
            threads,
            ranks: None,
        }
    }
}

/// Largest resident memory of this process so far, in bytes; 0 on systems without `/proc`.
pub(crate) fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    kilobytes.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024
}
