//! The command line of `qhh sweep`, and its manual.

#![allow(rustdoc::broken_intra_doc_links, reason = "these texts are help, and neurons have brackets")]

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use qhh::{Experiment, Shard};
use qhh_format::yaml::Addition;
use qhh_results::tables::Format;

use super::{EXIT_CODES, NetworkArgs, ReportArgs, RunningArgs, format};

const SWEEP_MANUAL: &str = "\
What is varied and measured stands in the `experiment` block of the file, or in the options above; options override the block.

Values of --vary, with or without units:
  PATH=1,2,5              these; a list with commas inside goes into brackets: [[1, 2], [3, 4]]
  PATH=0.1:1.0:0.05       from the first to the last in steps
  PATH=linear:0.1:1:19    so many from the first to the last
  PATH=log:1:100:20       the same at even ratios
  PATH=0.1:1              anything in between, for --design random and sobol

Measures, of the network, a population, relay[3], or relay[0..3]:
  spikes, fired, first_spike, last_spike, last_neuron, rate, interval, spread
  jitter, firing_probability, sample_spikes               of the noise of spikes
  QUANTITY.max, .min, .mean, .last, .at(TIME)             any that `record` knows, and area_K, area_Na
Of an entry of waveguides, axon.speed: passage, speed, velocity, passed.
Of a mode of outgoing waves, echo.purity: photons, squeezing, smallest_variance, purity.
Of two, left+right.negativity: negativity, mutual_information. Of the network: energy_sent, energy_arrived, energy_lost.

Files written into the folder:
  results.csv       a row for each run: values, seed, status, measures
  report.html       curves with their standard errors, maps, links to runs
  experiment.yaml   the file with its experiment, options in place: gives the same table again
  input.yaml        the file as you wrote it
  manifest.json, points.journal   what makes a stopped sweep go on where it was
  runs              the folder of each run, with --keep-runs
  SHA256SUMS        checksums of all these, for `qhh verify`

Examples, with files that `qhh new sweep` and `qhh new chain` write:
  qhh sweep sweep.yaml
  qhh sweep chain.yaml --vary waveguides.axon.transmission=0.1:1:0.1 --measure fired
  qhh sweep chain.yaml --vary neurons.relay.output.capacitance=\"0.2 uF:1 uF:0.1 uF\" --out width
  qhh sweep chain.yaml --set waveguides.axon.delay=\"{uniform: [1 ms, 3 ms]}\" --repeats 5 --out drawn
  qhh sweep chain.yaml --find waveguides.axon.transmission=0.1:1 --where \"fired >= 6\" --out edge

On several machines, each part by itself, in any order:
  qhh sweep sweep.yaml --shard 1/2 --out part-1
  qhh sweep sweep.yaml --shard 2/2 --out part-2
  qhh sweep sweep.yaml --merge part-1 part-2";

/// Arguments of `qhh sweep`.
#[derive(Debug, Args)]
#[command(after_help = format!("{SWEEP_MANUAL}\n\n{EXIT_CODES}"))]
pub(crate) struct SweepArgs {
    /// Network file; - reads it from standard input.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    #[command(flatten)]
    pub(crate) experiment: ExperimentArgs,

    /// Folder of the results [default: the network's name and -sweep]; a sweep that was stopped goes on there.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Results")]
    pub(crate) out: Option<PathBuf>,

    /// Begin anew in place of an earlier sweep.
    #[arg(long, help_heading = "Results")]
    pub(crate) force: bool,

    /// Keep the results' folder of each run, as `qhh run` writes it.
    #[arg(long, help_heading = "Results")]
    pub(crate) keep_runs: bool,

    /// Format of the table, and of the runs' tables.
    #[arg(long, value_parser = format(), default_value = "csv", help_heading = "Results")]
    pub(crate) format: Format,

    /// Run one part of the sweep, such as 2/8, into a folder of its own; --merge puts parts together.
    #[arg(long, value_name = "I/N", conflicts_with = "merge", help_heading = "Parts")]
    pub(crate) shard: Option<Shard>,

    /// Put the parts together that --shard left in these folders; nothing is run.
    #[arg(long, value_name = "DIR", num_args = 1.., value_hint = ValueHint::DirPath, help_heading = "Parts")]
    pub(crate) merge: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) report: ReportArgs,

    #[command(flatten)]
    pub(crate) running: RunningArgs,
}

/// What is varied and measured.
#[derive(Debug, Args)]
#[command(next_help_heading = "Experiment")]
pub(crate) struct ExperimentArgs {
    /// Vary a value of the file by its path; may be repeated for more axes.
    #[arg(long, value_name = "PATH=VALUES", value_parser = Addition::vary)]
    vary: Vec<Addition>,

    /// How points are laid between several axes [default: grid].
    #[arg(long, value_enum)]
    design: Option<Design>,

    /// Number of points of a random or sobol design.
    #[arg(long, value_name = "N")]
    points: Option<u32>,

    /// Runs of each point, each with a seed of its own [default: 1].
    #[arg(long, value_name = "N")]
    repeats: Option<u32>,

    /// What to sum each run up by, such as relay[4].spikes; may be repeated [default: spikes].
    #[arg(long, value_name = "MEASURE")]
    measure: Vec<String>,

    /// Search a threshold along this value: between two ends, or around the file's own value.
    #[arg(long, value_name = "PATH[=FROM:TO]")]
    find: Option<String>,

    /// The condition that begins or ceases to hold there, such as "relay[4].spikes >= 1".
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<String>,

    /// How closely to find it [default: a thousandth of the ends' distance, or of the file's own value].
    #[arg(long, value_name = "WIDTH")]
    tolerance: Option<String>,
}

impl ExperimentArgs {
    /// What they add to the file's own experiment.
    pub(crate) fn experiment(&self) -> Experiment {
        let name =
            |design: Design| design.to_possible_value().map_or_else(String::new, |v| v.get_name().to_owned());
        Experiment {
            vary: self.vary.clone(),
            design: self.design.map(name),
            points: self.points,
            repeats: self.repeats,
            measures: self.measure.clone(),
            find: self.find.clone(),
            condition: self.condition.clone(),
            tolerance: self.tolerance.clone(),
        }
    }
}

/// How points are laid between axes.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Design {
    /// Every value of each axis with every value of the others.
    Grid,
    /// The first values of all axes together, then the second, and so on.
    Zip,
    /// Drawn evenly.
    Random,
    /// A scrambled Sobol sequence.
    Sobol,
}
