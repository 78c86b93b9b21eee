//! Whether a run fits: its memory into the machine's, its tables onto the disk. Told before anything is built.

use std::fs;
use std::path::Path;

use qhh_core::source::{Current, Shape};
use qhh_lab::learn::study::Study;
use qhh_net::network::{Drive, Fluctuations};
use qhh_net::pattern::Pattern;
use qhh_net::spread::Spread;
use qhh_net::topology::Topology;
use qhh_net::{Extent, ModesSize, Network, SamplesSize};
use qhh_results::short;
use serde_json::Value;

use crate::failure::Failure;
use crate::progress::clock;

/// Refuses a network that a run would find no memory for.
pub(crate) fn memory(network: &Network) -> Result<(), Failure> {
    let memory = network.memory();
    let parts = [
        ("neurons", memory.neurons),
        ("waveguides", memory.waveguides),
        ("waves under way", memory.delay_lines.most),
        ("samples and spikes", memory.samples + memory.spikes.driven),
        ("the rest", memory.program + memory.description),
    ];
    let help = "lower a `count` or a pattern's number of waveguides, shorten delays, or record less";
    within_memory(&network.name, &parts, help)
}

/// Refuses a network whose graph would not fit into the memory.
pub(crate) fn graph(network: &Network) -> Result<(), Failure> {
    let (neurons, arms) = Topology::bytes(network);
    let help = "lower a `count` or a pattern's number of waveguides";
    within_memory(&format!("the graph of {}", network.name), &[("neurons", neurons), ("waveguides", arms)], help)
}

/// Refuses learning for whose features there would be no memory.
pub(crate) fn learning(study: &Study, threads: usize) -> Result<(), Failure> {
    let [runs, features] = study.bytes(threads);
    let help = "tell fewer symbols, read fewer `features` or `virtual_nodes`, or take a shorter `history`";
    within_memory(&study.name, &[("runs of the network", runs), ("features", features)], help)
}

fn within_memory(what: &str, parts: &[(&str, f64)], help: &'static str) -> Result<(), Failure> {
    let total: f64 = parts.iter().map(|(_, bytes)| bytes).sum();
    let Some(free) = free_memory().filter(|free| total > *free) else { return Ok(()) };
    let parts: Vec<String> = parts.iter().map(|(what, bytes)| format!("{what} {}", size(*bytes))).collect();
    let message = format!(
        "{what} would take about {} of memory, and {} are free: {}",
        size(total),
        size(free),
        parts.join(", ")
    );
    Err(Failure::Usage { message, help })
}

/// Steps of field modes that a thread makes in a second, about.
const MODE_STEPS_PER_SECOND: f64 = 3e8;
/// Steps of samples that a thread makes in a second, about.
const SAMPLE_STEPS_PER_SECOND: f64 = 2e7;
/// Seconds from which on a run's fluctuations are announced.
const LONG: f64 = 20.0;

/// What a run takes beside its mean field. It is found by going through the whole network, so it is asked for once.
pub(crate) struct Room<'a> {
    network: &'a Network,
    modes: Option<ModesSize>,
    samples: Option<SamplesSize>,
}

impl<'a> Room<'a> {
    /// Of a network that passed its checks.
    pub(crate) fn of(network: &'a Network) -> Self {
        Self { network, modes: network.modes_size(), samples: network.samples_size() }
    }

    /// Memory of fluctuations on so many threads.
    fn beside(&self, threads: usize) -> f64 {
        let bytes = |kept: f64, each_thread: f64| kept + each_thread * threads as f64;
        let modes = self.modes.map_or(0.0, |modes| bytes(modes.kept, modes.each_thread));
        modes + self.samples.map_or(0.0, |samples| bytes(samples.kept, samples.each_thread))
    }

    /// Refuses a run on so many threads whose field modes or samples would find no memory.
    pub(crate) fn fluctuations(&self, threads: usize) -> Result<(), Failure> {
        let (what, help) = if self.samples.is_some() {
            let help = "sample a shorter run or fewer neurons, with a longer step, fewer `--threads`; or take \
                        `fluctuations: heisenberg`";
            ("samples of the fields", help)
        } else if self.modes.is_some() {
            let help = "record fewer neurons, or less often, without `noise_budget` and `covariance`; fewer \
                        `--threads`; or `fluctuations: adiabatic`";
            ("field modes", help)
        } else {
            return Ok(());
        };
        let parts = [("the network", self.network.memory().total().driven), (what, self.beside(threads))];
        within_memory(&self.network.name, &parts, help)
    }

    /// Networks of which so many, each on so many threads, find memory at once.
    pub(crate) fn at_once(&self, threads: usize) -> usize {
        let bytes = self.network.memory().of_run() + self.beside(threads);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of at least 1")]
        free_memory().map_or(usize::MAX, |free| (free / bytes.max(1.0)).max(1.0) as usize)
    }

    /// Bytes of the disk that states for `qhh resume` take at most while a run keeps some: the last two, and one that is
    /// being written.
    pub(crate) fn states_bytes(&self) -> f64 {
        // What belongs to threads is of no use to a run that goes on.
        3.0 * (self.network.memory().of_run() + self.beside(0))
    }

    /// A word for a run whose tables fit onto the disk, but not the states that it would keep. It runs all the same: what
    /// is kept serves a run that is stopped.
    pub(crate) fn states_warning(&self, out: &Path) -> Option<String> {
        self.states_beyond(out, free_disk(out))
    }

    fn states_beyond(&self, out: &Path, free: Option<f64>) -> Option<String> {
        let states = self.states_bytes();
        let left = free? - self.result_bytes().driven;
        (states > left).then(|| {
            format!(
                "{}: states for `qhh resume` may take up to {} at {}, where the tables leave {}; one that does not fit is \
                 told and left out",
                self.network.name,
                size(states),
                out.display(),
                size(left.max(0.0))
            )
        })
    }

    /// Refuses a run whose tables would not fit onto the disk.
    pub(crate) fn disk(&self, out: &Path) -> Result<(), Failure> {
        self.within_disk(out, free_disk(out))
    }

    fn within_disk(&self, out: &Path, free: Option<f64>) -> Result<(), Failure> {
        let bytes = self.result_bytes().driven;
        let Some(free) = free.filter(|free| bytes > *free) else { return Ok(()) };
        let message = format!(
            "the tables of {} would take about {} at {}, where {} are free",
            self.network.name,
            size(bytes),
            out.display(),
            size(free)
        );
        let help = "record fewer neurons or quantities, or less often, or write elsewhere with `--out`";
        Err(Failure::Usage { message, help })
    }

    /// Seconds that fluctuations take on so many threads, about.
    fn seconds(&self, threads: usize) -> f64 {
        let modes = self.modes.map_or(0.0, |modes| (modes.mode_steps + modes.more_steps) / MODE_STEPS_PER_SECOND);
        let samples = self.samples.map_or(0.0, |samples| samples.sample_steps / SAMPLE_STEPS_PER_SECOND);
        (modes + samples) / threads as f64
    }

    /// What a long computation of fluctuations on so many threads is going to take, if it is one.
    pub(crate) fn announcement(&self, threads: usize) -> Option<String> {
        let name = &self.network.name;
        let seconds = Some(self.seconds(threads)).filter(|seconds| *seconds > LONG)?;
        let (what, fewer) = if self.samples.is_some() {
            ("the samples", "fewer `quantum.samples` or a longer step")
        } else {
            ("field modes", "fewer `quantum.modes`, fewer recorded neurons or a longer step")
        };
        Some(format!(
            "{name}: {what} take about {} on {threads} threads and about {} of memory; {fewer} take less",
            clock(seconds),
            size(self.beside(threads))
        ))
    }

    /// The peak of a run, field modes or samples on so many threads included. `resolved` is the network as it was read.
    pub(crate) fn memory(&self, threads: usize, resolved: &Value) -> Extent {
        let reading = LISTED_VALUE * listed_values(resolved) as f64;
        self.network.memory().total().map(|total| (total + self.beside(threads)).max(reading))
    }

    /// Size of the tables and the copied data as text.
    pub(crate) fn result_bytes(&self) -> Extent {
        // A name and a time.
        self.network.expected_spikes().map(|spikes| 28.0 * spikes + self.table_bytes() + self.copied_bytes())
    }

    /// Data files of the network: a time and a current; two places and what is given beside them.
    fn copied_bytes(&self) -> f64 {
        let samples = self.network.sources.iter().map(|source| match &source.drive {
            Drive::Current(Current { shape: Shape::Samples { points }, .. }) => 18.0 * points.len() as f64,
            _ => 0.0,
        });
        let joined = self.network.waveguides.iter().map(|entry| match &entry.pattern {
            Pattern::Pairs(pairs) => {
                let lists = [entry.delay.spread(), &entry.transmission, &entry.weight];
                let listed: usize = lists.into_iter().filter_map(Spread::listed).sum();
                12.0 * pairs.len() as f64 + 8.0 * listed as f64
            }
            _ => 0.0,
        });
        samples.sum::<f64>() + joined.sum::<f64>()
    }

    /// Size of the tables without spikes: numbers have some 18 characters each.
    fn table_bytes(&self) -> f64 {
        let network = self.network;
        let record = &network.record;
        let n_samples = network.n_steps() / network.steps_per_sample() + 1;
        let n_neurons = record.neurons.len() as f64;
        let traces = 18.0 * (1.0 + n_neurons * record.observables.len() as f64);
        let fluctuates = network.quantum.is_some_and(|quantum| quantum.fluctuations != Fluctuations::None);
        let modes = network.sources.iter().filter(|source| !matches!(source.drive, Drive::Current(_)));
        let n_modes = modes.count() as f64;
        // Three channels, two ports and every mode; a row has four numbers and two names.
        let variance = if fluctuates { n_neurons * (5.0 + n_modes) * 65.0 } else { 0.0 };
        let of_modes = self.modes.map_or(0.0, |size| {
            // Time, two neurons, an origin, a number; time, two quantities, a number.
            let budget = if record.noise_budget { size.pairs * 68.0 } else { 0.0 };
            // What other neurons bring in is a line of its own.
            budget + size.covariances * 70.0 + n_neurons * (65.0 + n_modes * 70.0)
        });
        let snapshot = if record.snapshot { 100.0 * network.n_neurons() as f64 } else { 0.0 };
        // A neuron that fires has some 65 characters in the table of firing rates, a silent one 25.
        let rates = if network.has_spikes() { 45.0 * network.n_neurons() as f64 } else { 0.0 };
        n_samples as f64 * (traces + variance + of_modes) + snapshot + rates
    }

    /// Lines for a user about what is kept on the way, and the work of fluctuations.
    pub(crate) fn told(&self) -> Vec<(&'static str, String)> {
        let rounded = |steps: f64| short(format!("{steps:.1e}").parse().unwrap_or(steps));
        let mut told = vec![(
            "states",
            format!("up to {} of the disk, if any are kept for `qhh resume`", size(self.states_bytes())),
        )];
        let takes = || format!("about {} and {} on one thread", clock(self.seconds(1)), size(self.beside(1)));
        if let Some(modes) = self.modes {
            let steps = rounded(modes.mode_steps);
            let work = format!(
                "{steps} steps of one frequency of one line in one neuron, {} frequencies of every line",
                modes.frequencies
            );
            told.push(("field modes", format!("{}: {work}", takes())));
        }
        if let Some(samples) = self.samples {
            let steps = rounded(samples.sample_steps);
            told.push(("samples", format!("{}: {steps} steps of a neuron in a sample", takes())));
        }
        told
    }
}

/// Bytes that a value of a list takes while a network file is read (measured with lists of pairs).
const LISTED_VALUE: f64 = 310.0;

/// Number of values in lists.
fn listed_values(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.len() + list.iter().map(listed_values).sum::<usize>(),
        Value::Object(map) => map.values().map(listed_values).sum(),
        _ => 0,
    }
}

/// Bytes for people, as they are expected and as they may become.
pub(crate) fn extent(of: Extent) -> String {
    let about = format!("about {}", size(of.driven));
    if of.most > 1.1 * of.driven {
        format!("{about}, up to {} if every neuron is active", size(of.most))
    } else {
        about
    }
}

/// A number of bytes for people.
pub(crate) fn size(bytes: f64) -> String {
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    match units.iter().find(|unit| bytes >= unit.0) {
        Some((factor, unit)) => format!("{:.1} {unit}", bytes / factor),
        None => format!("{bytes:.0} bytes"),
    }
}

/// Memory that programs can still have, in bytes; none where the system does not tell.
fn free_memory() -> Option<f64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
}

/// Bytes free on the disk that `out` will be on; none where the system does not tell.
#[cfg(unix)]
fn free_disk(out: &Path) -> Option<f64> {
    let parent = out.ancestors().skip(1).find(|folder| folder.is_dir());
    let about = rustix::fs::statvfs(parent.unwrap_or(Path::new("."))).ok()?;
    Some(about.f_bavail as f64 * about.f_frsize as f64)
}

/// Elsewhere the disk is not asked.
#[cfg(not(unix))]
fn free_disk(_: &Path) -> Option<f64> {
    None
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Room, size};
    use crate::failure::Failure;

    #[test]
    fn tables_larger_than_the_disk_are_refused_with_both_sizes() {
        let text = "
name: pool
simulation: {duration: 10 s, step: 0.01 ms}
neurons:
  cell: {count: 1000, circuit: single-channel, membrane: {capacitance: 1 uF}, channels: {potassium: {conductance: 1 mS}}}
record: {every: 10 ms, of: cell, quantities: [voltage, n]}
";
        let network = qhh_format::yaml::load_text(Path::new("pool.yaml"), text, &[]).unwrap().network;
        let room = Room::of(&network);
        // 1001 rows of 2001 numbers.
        assert!((3.5e7..4e7).contains(&room.table_bytes()), "{}", room.table_bytes());
        assert!(room.within_disk(Path::new("pool"), Some(1e8)).is_ok());
        assert!(room.within_disk(Path::new("pool"), None).is_ok());
        let Err(Failure::Usage { message, help }) = room.within_disk(Path::new("pool"), Some(2.5e7)) else {
            panic!("it would fill the disk")
        };
        assert_eq!(message, "the tables of pool would take about 36.1 MB at pool, where 25.0 MB are free");
        assert!(help.contains("record fewer"), "{help}");

        let states = room.states_bytes();
        assert!((2e8..3e8).contains(&states), "{states}");
        assert_eq!(room.states_beyond(Path::new("pool"), None), None);
        assert_eq!(room.states_beyond(Path::new("pool"), Some(1.1 * (states + room.table_bytes()))), None);
        let warning = room.states_beyond(Path::new("pool"), Some(0.5 * states)).unwrap();
        assert!(warning.contains("pool: states for `qhh resume` may take up to "), "{warning}");
    }

    #[test]
    fn sizes_have_a_fitting_unit() {
        assert_eq!(
            [size(12.0), size(1234.0), size(5.6e6), size(7.8e9), size(4.2e12)],
            ["12 bytes", "1.2 kB", "5.6 MB", "7.8 GB", "4.2 TB"]
        );
    }
}
