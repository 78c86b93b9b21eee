//! What a run takes: memory, disk, and the time of its fluctuations. Estimated before anything is built.

use std::fs;
use std::path::Path;

use qhh_core::source::{Current, Shape};
use qhh_core::units::rounded;
use qhh_lab::learn::study::Study;
use qhh_net::coupling::topology::Topology;
use qhh_net::engine::adjoint::TapeMemory;
use qhh_net::network::{Drive, Fluctuations, ParameterValues, Pattern, Waveguides};
use qhh_net::outcome::Origins;
use qhh_net::{Extent, ModesSize, Network, SamplesSize};
use qhh_results::short;
use serde::Serialize;
use serde_json::Value;

use crate::Error;
use crate::spread::{Spread, spread};
use crate::stepping::{Stepping, is_far};
use crate::text::{clock, size};

/// Refuses a network that a run would find no memory for; of several ranks, those on this machine.
pub(crate) fn for_run(network: &Network) -> Result<(), Error> {
    for_ranks(network, spread(), true)
}

/// Refuses a network of which one of so many ranks would find no memory, spikes of others aside.
pub(crate) fn for_one_rank(network: &Network, ranks: usize) -> Result<(), Error> {
    for_ranks(network, Spread { ranks, here: 1 }, false)
}

/// Refuses ranks, the first of which may be among those on this machine.
fn for_ranks(network: &Network, Spread { ranks, here }: Spread, with_first: bool) -> Result<(), Error> {
    let memory = network.memory();
    let part = here as f64 / ranks as f64;
    // Unless neighbours are side by side, a rank may hear as many ports of others as waveguides end at its own.
    let arms = network.waveguides.iter().filter(|entry| is_far(entry)).map(Waveguides::expected_arms).sum::<f64>();
    let heard = if ranks == 1 { 0.0 } else { arms / network.n_neurons().max(1) as f64 };
    let lines = (part * (1.0 + heard)).min(here as f64);
    let spikes = memory.spikes_of(part, with_first && ranks > 1).driven;
    let parts = [
        ("neurons", part * memory.neurons),
        ("waveguides", part * memory.waveguides),
        ("waves under way", lines * memory.delay_lines.most),
        ("samples and spikes", memory.samples + spikes),
        ("the rest", here as f64 * (memory.program + memory.description)),
    ];
    let sampled = memory.samples + spikes;
    let remedy = if parts.iter().all(|(_, bytes)| *bytes <= sampled) {
        "shorten `simulation.duration`, raise `record.every`, record less, or lower a `count`"
    } else {
        "lower a `count` or a pattern's number of waveguides, shorten delays, or record less"
    };
    let what = match ranks {
        1 => network.name.clone(),
        _ => format!("{} on {here} of {ranks} ranks", network.name),
    };
    within_memory(&what, &parts, remedy)
}

/// Refuses a network whose graph would not fit into the memory.
pub(crate) fn for_graph(network: &Network) -> Result<(), Error> {
    let (neurons, arms) = Topology::bytes(network);
    let remedy = "lower a `count` or a pattern's number of waveguides";
    within_memory(&format!("the graph of {}", network.name), &[("neurons", neurons), ("waveguides", arms)], remedy)
}

/// Refuses learning for whose features there would be no memory.
pub(crate) fn for_learning(study: &Study, threads: usize) -> Result<(), Error> {
    let [runs, features] = study.bytes(threads);
    let remedy = "give fewer symbols, read fewer `features` or `virtual_nodes`, or take a shorter `history`";
    within_memory(&study.name, &[("runs of the network", runs), ("features", features)], remedy)
}

/// Refuses to go backwards through a run that would not fit into the memory; what it takes, in words.
pub(crate) fn for_backwards(network: &Network, n_watched: usize) -> Result<String, Error> {
    let (memory, tape) = (network.memory(), TapeMemory::of(network, n_watched));
    let parts = [
        ("the run", memory.total().most),
        ("waves sent", tape.waves),
        ("kept states", tape.states),
        ("voltages", tape.voltages),
        ("derivatives", tape.slopes),
    ];
    let remedy = "make the run shorter, or the step longer, or ask for a number of fewer neurons";
    within_memory(&format!("{}: going backwards", network.name), &parts, remedy)?;
    let total = memory.total().most + tape.total();
    Ok(format!("the backward pass keeps the run in memory (about {})", size(total)))
}

/// What is said of sleep where a run is gone through backwards, in which no neuron sleeps; nothing where none would.
pub(crate) fn awake(network: &Network) -> &'static str {
    if network.simulation.sleep > 0.0 {
        "; it runs with `sleep: off`, so numbers may differ from those of a run with neurons asleep by the tolerance of `sleep`"
    } else {
        ""
    }
}

/// Refuses to split variances by their origin where that would not fit into the memory; what it takes, in words. None where
/// no number's is recorded.
pub(crate) fn for_origins(network: &Network) -> Result<Option<String>, Error> {
    let figures = &network.record.budget_of;
    if figures.is_empty() {
        return Ok(None);
    }
    let parts = parts_of_origins(network);
    let remedy = "make the run shorter, or the step longer, or leave `budget_of` out";
    within_memory(&format!("{}: `budget_of`", network.name), &parts, remedy)?;
    let total: f64 = parts.iter().map(|(_, bytes)| bytes).sum();
    let runs = backwards(figures.len());
    Ok(Some(format!("`budget_of` takes {runs} and about {} of memory{}", size(total), awake(network))))
}

/// What splitting variances by their origin takes, the run itself first.
fn parts_of_origins(network: &Network) -> [(&'static str, f64); 4] {
    let (memory, tape) = (network.memory(), TapeMemory::of_origins(network, network.record.budget_of.len()));
    [
        ("the run", memory.total().most),
        ("waves sent", tape.waves),
        ("kept states", tape.states),
        ("noise lines", tape.voltages + tape.slopes + Origins::bytes(network)),
    ]
}

fn backwards(runs: usize) -> String {
    if runs == 1 { "one run backwards".to_owned() } else { format!("{runs} runs backwards") }
}

fn within_memory(what: &str, parts: &[(&str, f64)], remedy: &'static str) -> Result<(), Error> {
    let total: f64 = parts.iter().map(|(_, bytes)| bytes).sum();
    let Some(free) = free_memory().filter(|free| total > *free) else { return Ok(()) };
    let parts: Vec<String> = parts.iter().map(|(what, bytes)| format!("{what} {}", size(*bytes))).collect();
    let message = format!(
        "{what} would take about {} of memory, and {} are free: {}",
        size(total),
        size(free),
        parts.join(", ")
    );
    Err(Error::Resources { message, remedy })
}

/// Waveguides that are laid out in a second, about.
const WAVEGUIDES_PER_SECOND: f64 = 3e6;
/// Steps of field modes that a thread makes in a second, about.
const MODE_STEPS_PER_SECOND: f64 = 3e8;
/// Steps of samples that a thread makes in a second, about.
const SAMPLE_STEPS_PER_SECOND: f64 = 2e7;
/// Runs forwards that splitting one variance by its origin takes as long as, about, and one that all of them share: where waves fade
/// on their way, and where they are amplified, so that all neurons count.
const RUNS_OF_AN_ORIGIN: [f64; 2] = [5.0, 14.0];
/// Seconds from which on a run's fluctuations are announced.
const LONG: f64 = 20.0;

/// What a run takes, in bytes and seconds; to about a third.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResourceEstimate {
    /// Name of the network.
    pub name: String,
    /// Peak memory of a run, its fluctuations aside.
    pub mean_field_bytes: Extent,
    /// Memory that reading the network takes, before it runs.
    pub reading_bytes: f64,
    /// Size of the results as CSV: tables and copied data files.
    pub result_bytes: Extent,
    /// Field modes; none where the network follows none.
    pub modes: Option<FluctuationEstimate>,
    /// Samples of the fields; none where the network samples none.
    pub samples: Option<FluctuationEstimate>,
    /// Numbers whose variances are split by their origin, one run backwards each.
    pub origins: usize,
    /// Whether a waveguide amplifies.
    #[serde(skip)]
    is_amplified: bool,
    /// Bytes that these take beside the run; 0 without any.
    pub origin_bytes: f64,
    /// Steps of all neurons.
    pub neuron_steps: f64,
    /// Waveguides, as many as are expected where they are drawn at random.
    pub waveguides: f64,
    /// Steps of all waveguides.
    pub waveguide_steps: f64,
    /// What each of several runs in one program takes by itself, all neurons active, its fluctuations aside.
    of_run: f64,
    /// Seconds that the steps of one run take on one thread.
    #[serde(skip)]
    stepping_seconds: f64,
}

/// What fluctuations take beside the mean field.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FluctuationEstimate {
    /// Bytes whatever the number of threads.
    pub bytes: f64,
    /// Bytes for each thread.
    pub bytes_each_thread: f64,
    /// Steps: of one frequency of one line in one neuron, or of one neuron in one sample.
    pub steps: f64,
    /// Frequencies of every line; 0 of samples.
    pub frequencies: usize,
    /// The most that they may become where waves come back: doubled until the echoes of the start are resolved.
    pub most_frequencies: usize,
    /// Seconds on one thread.
    pub seconds: f64,
}

impl FluctuationEstimate {
    fn of_modes(size: ModesSize) -> Self {
        Self {
            bytes: size.kept,
            bytes_each_thread: size.each_thread,
            steps: size.mode_steps,
            frequencies: size.frequencies,
            most_frequencies: size.most_frequencies,
            seconds: (size.mode_steps + size.more_steps) / MODE_STEPS_PER_SECOND,
        }
    }

    /// Times that it may take what it takes at least.
    fn most_times(self) -> f64 {
        if self.frequencies == 0 { 1.0 } else { self.most_frequencies as f64 / self.frequencies as f64 }
    }

    fn of_samples(size: SamplesSize) -> Self {
        Self {
            bytes: size.kept,
            bytes_each_thread: size.each_thread,
            steps: size.sample_steps,
            frequencies: 0,
            most_frequencies: 0,
            seconds: size.sample_steps / SAMPLE_STEPS_PER_SECOND,
        }
    }
}

impl ResourceEstimate {
    /// Of a network that passed its checks; `resolved` is it as it was read. Field modes are found by going through the
    /// whole network.
    pub(crate) fn new(network: &Network, resolved: &Value) -> Self {
        let (modes, memory) = (network.modes_size(), network.memory());
        let result_bytes = network
            .expected_spikes()
            // A name, two whole numbers and a time.
            .map(|spikes| 33.0 * spikes + table_bytes(network, modes) + copied_bytes(network));
        let n_steps = network.grid().whole_steps(network.simulation.duration) as f64;
        let waveguides = network.waveguides.iter().map(Waveguides::expected_arms).sum::<f64>();
        Self {
            name: network.name.clone(),
            mean_field_bytes: memory.total(),
            reading_bytes: LISTED_VALUE * listed_values(resolved) as f64,
            result_bytes,
            modes: modes.map(FluctuationEstimate::of_modes),
            samples: network.samples_size().map(FluctuationEstimate::of_samples),
            origins: network.record.budget_of.len(),
            is_amplified: network.has_amplifiers(),
            origin_bytes: match network.record.budget_of.len() {
                0 => 0.0,
                _ => parts_of_origins(network)[1..].iter().map(|(_, bytes)| bytes).sum(),
            },
            neuron_steps: network.n_neurons() as f64 * n_steps,
            waveguides,
            waveguide_steps: waveguides * n_steps,
            of_run: memory.of_run(),
            stepping_seconds: Stepping::of(network).seconds(
                network.n_neurons() as f64,
                waveguides,
                memory.delay_lines.most,
            ),
        }
    }

    fn fluctuations(&self) -> impl Iterator<Item = &FluctuationEstimate> {
        self.modes.iter().chain(&self.samples)
    }

    /// Memory of fluctuations on so many threads, in bytes.
    pub fn fluctuation_bytes(&self, threads: usize) -> f64 {
        self.fluctuations().map(|of| of.bytes + of.bytes_each_thread * threads as f64).sum()
    }

    /// Seconds that splitting variances by their origin takes on one thread.
    fn origin_seconds(&self) -> f64 {
        if self.origins == 0 {
            0.0
        } else {
            let runs = RUNS_OF_AN_ORIGIN[usize::from(self.is_amplified)];
            (1.0 + runs * self.origins as f64) * self.stepping_seconds
        }
    }

    /// How long a run takes on one thread, in words: the mean field at its most, fluctuations, and where they come from.
    pub fn time(&self) -> String {
        let seconds = self.stepping_seconds
            + self.waveguides / WAVEGUIDES_PER_SECOND
            + self.fluctuation_seconds(1)
            + self.origin_seconds();
        if seconds < 1.0 {
            return "less than a second on one thread".to_owned();
        }
        format!("up to about {} on one thread", clock(seconds))
    }

    /// Seconds that fluctuations take on so many threads.
    pub fn fluctuation_seconds(&self, threads: usize) -> f64 {
        self.fluctuations().map(|of| of.seconds).sum::<f64>() / threads.max(1) as f64
    }

    /// Peak memory of a run on so many threads, in bytes, reading the network included.
    pub fn memory_bytes(&self, threads: usize) -> Extent {
        // Fluctuations are let go before anything is gone through backwards.
        let beside = self.fluctuation_bytes(threads).max(self.origin_bytes);
        self.mean_field_bytes.map(|total| (total + beside).max(self.reading_bytes))
    }

    /// Bytes of the disk that the states of a run take at most, if any are kept: the last two, and one that is being
    /// written.
    pub fn state_bytes(&self) -> f64 {
        // What belongs to threads is of no use to a run that is resumed.
        3.0 * (self.of_run + self.fluctuation_bytes(0))
    }

    /// Networks of which so many, each on so many threads, find memory at once; at least 1.
    pub fn at_once(&self, threads: usize) -> usize {
        let bytes = self.of_run + self.fluctuation_bytes(threads);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of at least 1")]
        free_memory().map_or(usize::MAX, |free| (free / bytes.max(1.0)).max(1.0) as usize)
    }

    /// Refuses a run on so many threads whose field modes or samples would find no memory.
    ///
    /// # Errors
    /// [`Error::Resources`].
    pub fn require_memory(&self, threads: usize) -> Result<(), Error> {
        let (what, remedy) = if self.samples.is_some() {
            let remedy = "sample a shorter run or fewer neurons, with a longer step, fewer `threads`; or take \
                          `fluctuations: heisenberg`";
            ("samples of the fields", remedy)
        } else if self.modes.is_some() {
            let remedy = "record fewer neurons, or less often, without `noise_budget` and `covariance`; fewer \
                          `threads`; or `fluctuations: adiabatic`";
            ("field modes", remedy)
        } else {
            return Ok(());
        };
        let parts = [("the network", self.mean_field_bytes.driven), (what, self.fluctuation_bytes(threads))];
        within_memory(&self.name, &parts, remedy)
    }

    /// Refuses results at `out` that would not fit onto the disk.
    ///
    /// # Errors
    /// [`Error::Resources`].
    pub fn require_disk(&self, out: &Path) -> Result<(), Error> {
        self.within_disk(out, free_disk(out))
    }

    fn within_disk(&self, out: &Path, free: Option<f64>) -> Result<(), Error> {
        let bytes = self.result_bytes.driven;
        let Some(free) = free.filter(|free| bytes > *free) else { return Ok(()) };
        let message = format!(
            "the tables of {} would take about {} at {}, where {} are free",
            self.name,
            size(bytes),
            out.display(),
            size(free)
        );
        let remedy = "record fewer neurons or quantities, or less often, or write elsewhere with `out`";
        Err(Error::Resources { message, remedy })
    }

    /// A warning for a run whose tables fit onto the disk, but not the states that it would keep. It runs all the same:
    /// what is kept serves a run that is stopped.
    pub(crate) fn states_warning(&self, out: &Path) -> Option<String> {
        self.states_beyond(out, free_disk(out))
    }

    fn states_beyond(&self, out: &Path, free: Option<f64>) -> Option<String> {
        let states = self.state_bytes();
        let left = free? - self.result_bytes.driven;
        (states > left).then(|| {
            format!(
                "{}: states for `qhh resume` may take up to {} at {}, where the tables leave {}; one that does not fit is \
                 told and left out",
                self.name,
                size(states),
                out.display(),
                size(left.max(0.0))
            )
        })
    }

    /// What a long computation of fluctuations on so many threads is going to take, if it is one.
    pub(crate) fn announcement(&self, threads: usize) -> Option<String> {
        let name = &self.name;
        let (seconds, times) =
            (self.fluctuation_seconds(threads), self.modes.map_or(1.0, FluctuationEstimate::most_times));
        // Few networks take the most.
        if seconds.max(times * seconds / 3.0) <= LONG {
            return None;
        }
        let most = if times > 1.0 {
            format!(", where echoes are long up to {},", clock(times * seconds))
        } else {
            String::new()
        };
        let (what, fewer) = if self.samples.is_some() {
            ("the samples", "fewer `quantum.samples` or a longer step")
        } else {
            ("field modes", "fewer `quantum.modes`, fewer recorded neurons or a longer step")
        };
        Some(format!(
            "{name}: {what} take about {}{most} on {threads} threads and about {} of memory; {fewer} take less",
            clock(seconds),
            size(self.fluctuation_bytes(threads))
        ))
    }

    /// States, field modes and samples in words: topic and sentence.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let about = |steps: f64| short(rounded(steps, 2));
        let mut facts = vec![(
            "checkpoints",
            format!(
                "up to {} on disk, if the run is long enough to keep checkpoints for `qhh resume`",
                size(self.state_bytes())
            ),
        )];
        let takes = || {
            format!(
                "about {} and {} on one thread",
                clock(self.fluctuation_seconds(1)),
                size(self.fluctuation_bytes(1))
            )
        };
        if let Some(modes) = self.modes {
            let steps = about(modes.steps);
            let mut work = format!(
                "{steps} steps of one frequency of one line in one neuron, {} frequencies of every line",
                modes.frequencies
            );
            if modes.most_frequencies > modes.frequencies {
                let most = clock(modes.most_times() * self.fluctuation_seconds(1));
                let n = modes.most_frequencies;
                work = format!("{work}; where echoes take more, up to {n} and {most}");
            }
            facts.push(("field modes", format!("{}: {work}", takes())));
        }
        if let Some(samples) = self.samples {
            let steps = about(samples.steps);
            facts.push(("samples", format!("{}: {steps} steps of a neuron in a sample", takes())));
        }
        if self.origins > 0 {
            let (seconds, bytes) = (clock(self.origin_seconds()), size(self.origin_bytes));
            facts.push((
                "budgets",
                format!("about {seconds} and {bytes} on one thread: {}", backwards(self.origins)),
            ));
        }
        facts
    }
}

/// Data files of the network: a time and a current; two places and what is given beside them.
fn copied_bytes(network: &Network) -> f64 {
    let samples = network.sources.iter().map(|source| match &source.drive {
        Drive::Current(Current { shape: Shape::Samples { points }, .. }) => 18.0 * points.len() as f64,
        _ => 0.0,
    });
    let joined = network.waveguides.iter().map(|entry| match &entry.pattern {
        Pattern::Pairs(pairs) => {
            let lists = [entry.delay.spread(), &entry.transmission, &entry.weight];
            let listed: usize = lists.into_iter().filter_map(ParameterValues::listed).sum();
            12.0 * pairs.len() as f64 + 8.0 * listed as f64
        }
        _ => 0.0,
    });
    samples.sum::<f64>() + joined.sum::<f64>()
}

/// Size of the tables without spikes: numbers have some 18 characters each.
fn table_bytes(network: &Network, modes: Option<ModesSize>) -> f64 {
    let record = &network.record;
    let n_samples = network.n_steps() / network.steps_per_sample() + 1;
    let n_neurons = record.neurons.len() as f64;
    let traces = 18.0 * (1.0 + n_neurons * record.observables.len() as f64);
    let fluctuates = network.quantum.is_some_and(|quantum| quantum.fluctuations != Fluctuations::None);
    let n_modes =
        network.sources.iter().filter(|source| !matches!(source.drive, Drive::Current(_))).count() as f64;
    // Three channels, two ports and every mode; a row has four numbers and two names.
    let variance = if fluctuates { n_neurons * (5.0 + n_modes) * 69.0 } else { 0.0 };
    let of_modes = modes.map_or(0.0, |size| {
        // Time, two neurons, an origin, a number; time, two quantities and their neurons, a number.
        let budget = if record.noise_budget { size.pairs * 76.0 } else { 0.0 };
        // What other neurons bring in is a line of its own.
        budget + size.covariances * 80.0 + n_neurons * (69.0 + n_modes * 74.0)
    });
    // Time, neuron, its numbers, sample, voltage and record.
    let trajectories = 65.0 * record.trajectories as f64 * n_neurons;
    let snapshot = if record.snapshot { 105.0 * network.n_neurons() as f64 } else { 0.0 };
    // A neuron that fires has some 70 characters in the table of firing rates, a silent one 30.
    let rates = if network.has_spikes() { 50.0 * network.n_neurons() as f64 } else { 0.0 };
    n_samples as f64 * (traces + variance + of_modes + trajectories) + snapshot + rates
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

/// Memory that programs can still have, in bytes; none where the system does not provide it.
fn free_memory() -> Option<f64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
}

/// Bytes free on the disk that `out` will be on; none where the system does not provide it.
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

    use super::{ResourceEstimate, for_run, free_memory, table_bytes};
    use crate::Error;
    use crate::spread::{self, Spread};

    #[test]
    fn what_one_process_finds_no_memory_for_may_fit_on_several_machines() {
        let text = "
name: pool
simulation: {duration: 10 ms}
neurons:
  cell: {count: 1000000, circuit: single-channel, membrane: {capacitance: 1 uF}, channels: {potassium: {conductance: 1 mS}}}
record: {of: cell.0, quantities: [voltage]}
";
        let Some(free) = free_memory() else { return };
        let mut network =
            qhh_format::yaml::load_text(Path::new("pool.yaml"), text, &[]).unwrap().network.into_network();
        let of_a_million = network.memory().neurons;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let count = (2.0 * free / of_a_million * 1e6) as usize;
        network.populations[0].count = count;
        let refused = |ranks: usize, here: usize| {
            spread::set(Spread { ranks, here });
            let refused = for_run(&network).err();
            spread::set(spread::ALONE);
            refused.map(|error| error.to_string())
        };
        assert!(refused(1, 1).unwrap().contains("pool would take about"));
        assert_eq!(refused(4, 1), None);
        assert!(refused(4, 4).unwrap().contains("pool on 4 of 4 ranks would take about"));
    }

    #[test]
    fn tables_larger_than_the_disk_are_refused_with_both_sizes() {
        let text = "
name: pool
simulation: {duration: 10 s, step: 0.01 ms}
neurons:
  cell: {count: 1000, circuit: single-channel, membrane: {capacitance: 1 uF}, channels: {potassium: {conductance: 1 mS}}}
record: {every: 10 ms, of: cell, quantities: [voltage, n]}
";
        let loaded = qhh_format::yaml::load_text(Path::new("pool.yaml"), text, &[]).unwrap();
        let estimate = ResourceEstimate::new(&loaded.network, &loaded.resolved);
        // 1001 rows of 2001 numbers.
        let tables = table_bytes(&loaded.network, None);
        assert!((3.5e7..4e7).contains(&tables), "{tables}");
        assert!(estimate.within_disk(Path::new("pool"), Some(1e8)).is_ok());
        assert!(estimate.within_disk(Path::new("pool"), None).is_ok());
        let Err(Error::Resources { message, remedy }) = estimate.within_disk(Path::new("pool"), Some(2.5e7))
        else {
            panic!("it would fill the disk")
        };
        assert_eq!(message, "the tables of pool would take about 36.1 MB at pool, where 25.0 MB are free");
        assert!(remedy.contains("record fewer"), "{remedy}");

        let states = estimate.state_bytes();
        assert!((2e8..3e8).contains(&states), "{states}");
        assert_eq!(estimate.states_beyond(Path::new("pool"), None), None);
        assert_eq!(estimate.states_beyond(Path::new("pool"), Some(1.1 * (states + tables))), None);
        let warning = estimate.states_beyond(Path::new("pool"), Some(0.5 * states)).unwrap();
        assert!(warning.contains("pool: states for `qhh resume` may take up to "), "{warning}");
    }
}
