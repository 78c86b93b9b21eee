//! The command line: what may be typed, and the manual that `--help` prints.

mod dry_run;
mod fit;
mod learn;
mod printed;
mod resume;
mod sensitivity;
mod sweep;
mod task;
mod watch;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use qhh::Export;
use qhh::ranks::Bandwidth;
use qhh::{CheckpointInterval, FolderSettings, LoadOptions, Purpose, RunSettings};
use qhh_format::yaml::{FileAccess, Override, Reading};
use qhh_results::tables::Format;
use qhh_results::tables::format::FORMATS;

use crate::interrupt;
pub(crate) use dry_run::DryRunArgs;
pub(crate) use fit::FitArgs;
pub(crate) use learn::{LearnArgs, PredictArgs};
pub(crate) use printed::{ChannelsArgs, SchemaArgs};
pub(crate) use resume::ResumeArgs;
pub(crate) use sensitivity::SensitivityArgs;
pub(crate) use sweep::SweepArgs;
pub(crate) use watch::WatchArgs;

pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    all went well
  1    a run failed, or its results could not be written
  2    bad input or usage: nothing was run
  3    a tolerance was not reached, or a folder does not pass `qhh verify`
  130  stopped by Ctrl-C
With several files the largest counts.";

const FIRST_STEPS: &str = "\
First steps:
  qhh new squid-axon          write squid-axon.yaml, a commented network file
  qhh check squid-axon.yaml   see whether it is sound and what would run
  qhh run squid-axon.yaml     run it; the results are in the folder squid-axon
  qhh run --help              options, files written, examples";

const RUN_MANUAL: &str = "\
Files written, in the network's units; a folder that exists is whole:
  summary.json      what ran, what came out, what it cost
  spikes.csv        neuron and time of every spike
  firing_rates.csv  spikes, rate and intervals of every neuron
  traces.csv        the recorded quantities over time
  variance.csv      vacuum, thermal and state parts of the variance by line, with a quantum block
  hysteresis.csv    areas of the memristors' loops by period, where recorded
  loops.csv         points of these loops
  space_time.csv    voltage of the neurons over time, coarsely, for the picture; with several neurons
  network.yaml      the network with every default spelled out: runs to the same numbers
  input.yaml        the file as you wrote it
  report.html       a page to look at, complete in itself
  SHA256SUMS        checksums of all these, for `qhh verify`

Examples, with the file that `qhh new chain` writes:
  qhh run chain.yaml
  qhh new ring --out - | qhh run -
  qhh run chain.yaml --set neurons.relay.output.capacitance=\"1 uF\" --out wide
  qhh run *.yaml --out results --threads 4
  qhh run chain.yaml --estimate-error --tolerance 0.01
  qhh run chain.yaml --quiet | xargs -I{} cat {}/spikes.csv";

const CHECK_MANUAL: &str = "\
Examples, with the file that `qhh new chain` writes:
  qhh check chain.yaml
  qhh check *.yaml
  qhh check chain.yaml --set simulation.step=\"0.02 ms\"
  qhh check chain.yaml --ranks 4 --network 25Gbit";

const GRAPH_MANUAL: &str = "\
Up to 100 neurons and 600 waveguides are drawn one by one, and up to 100 000 of each listed in DOT; \
of larger networks populations and entries are shown, with their counts.

Examples, with the file that `qhh new chain` writes:
  qhh graph chain.yaml
  qhh graph chain.yaml --svg chain.svg
  qhh graph chain.yaml --dot - | dot -Tpdf > chain.pdf
  qhh graph chain.yaml --set neurons.relay.count=50 --svg long.svg";

const NEW_MANUAL: &str = "\
Examples:
  qhh new --list
  qhh new chain
  qhh new three-channel --out my-neuron.yaml
  qhh new quantum-source --out -";

const VERIFY_MANUAL: &str = "\
What is verified of each folder:
  files    the checksum of each, and that none is missing or new
  summary  that its numbers are those of the tables, its hash that of network.yaml
  physics  every check that the tables allow, computed anew; the others as the run found them

Examples, with a folder that `qhh run` has written:
  qhh verify chain
  qhh verify results/* --quiet";

const COMPARE_MANUAL: &str = "\
Example:
  qhh new squid-axon
  qhh run squid-axon.yaml
  qhh run squid-axon.yaml --set simulation.step=0.005 --out fine
  qhh compare squid-axon fine";

const SCHEMA_MANUAL: &str = "\
Example:
  qhh schema > qhh.schema.json
  An editor with a YAML language server then checks and completes every file that begins with
  # yaml-language-server: $schema=qhh.schema.json";

const COMPLETIONS_MANUAL: &str = "\
Where shells look for them:
  bash  qhh completions bash > ~/.local/share/bash-completion/completions/qhh
  zsh   qhh completions zsh > DIR/_qhh, with DIR in $fpath
  fish  qhh completions fish > ~/.config/fish/completions/qhh.fish";

const MAN_MANUAL: &str = "\
Example:
  qhh man ~/.local/share/man/man1
  man qhh-run";

/// Simulate networks of quantized Hodgkin-Huxley neurons: mean voltages, spikes and quantum fluctuations.
#[derive(Debug, Parser)]
#[command(name = "qhh", version, max_term_width = 100, after_help = format!("{FIRST_STEPS}\n\n{EXIT_CODES}"))]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run network files, each into a folder of results.
    Run(RunArgs),
    /// Go on with runs, sweeps, learning and fits that were stopped.
    Resume(ResumeArgs),
    /// Run a network again and again with other values, and measure each run.
    Sweep(SweepArgs),
    /// Run a network each time its file is saved, on a page that follows.
    Watch(WatchArgs),
    /// Find what a number of a run depends on: its derivative by every value of the network.
    Sensitivity(SensitivityArgs),
    /// Check network files and say what would run, without running it.
    Check(CheckArgs),
    /// Try one rank's part of a run on many machines here, and predict how more of them do.
    DryRun(DryRunArgs),
    /// Say what a network looks like as a graph, and draw it.
    Graph(GraphArgs),
    /// Write a network for other programs: a SPICE netlist, GraphML, a SONATA circuit.
    Export(ExportArgs),
    /// Write a commented network file to start from.
    New(NewArgs),
    /// Verify folders of results: checksums, and the physics of what they hold.
    Verify(VerifyArgs),
    /// Lay the results of several runs over each other, on one page.
    Compare(CompareArgs),
    /// Train values of a network: conductances, delays, transmissions, sources.
    Fit(FitArgs),
    /// Train a readout of a network's features and measure it against baselines.
    Learn(LearnArgs),
    /// Predict with a trained model.
    Predict(PredictArgs),
    /// List the channels that a network file knows by name, with their equations and sources.
    Channels(ChannelsArgs),
    /// Print the JSON schema of the network file, or of a task or fit, for editors.
    #[command(after_help = SCHEMA_MANUAL)]
    Schema(SchemaArgs),
    /// Print the completions for a shell.
    #[command(after_help = COMPLETIONS_MANUAL)]
    Completions(CompletionsArgs),
    /// Write the manual pages of all commands into a folder.
    #[command(after_help = MAN_MANUAL)]
    Man(ManArgs),
}

/// Arguments of `qhh run`.
#[derive(Debug, Args)]
#[command(after_help = format!("{RUN_MANUAL}\n\n{EXIT_CODES}"))]
pub(crate) struct RunArgs {
    /// Network files; one that fails does not stop the others. - reads one from standard input.
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    /// Folder of the results; with several files, the folder theirs go into [default: the network's name].
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Results")]
    pub(crate) out: Option<PathBuf>,

    /// Replace the results of an earlier run. Without it, and without --out, they are kept as NAME.1, NAME.2 and so on; a
    /// folder that --out names is never touched without it.
    #[arg(long, help_heading = "Results")]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) tables: TablesArgs,

    #[command(flatten)]
    pub(crate) running: RunningArgs,

    /// How often to keep the state of the run, for `qhh resume`: 30s, 5min, 2h on the clock, t=100ms of simulated time,
    /// or never.
    #[arg(long = "checkpoint-every", value_name = "TIME", default_value = CheckpointInterval::DEFAULT, help_heading = "Running")]
    pub(crate) every: CheckpointInterval,

    /// Estimate the numerical error of every result: run again at half the step, with more field modes, with twice the
    /// cutoff and on another number of threads.
    #[arg(long, alias = "verify", help_heading = "Errors")]
    pub(crate) estimate_error: bool,

    /// Largest relative error of a result, such as 0.01; a larger one ends with exit code 3.
    #[arg(long, value_name = "X", requires = "estimate_error", value_parser = tolerance, help_heading = "Errors")]
    pub(crate) tolerance: Option<f64>,
}

fn tolerance(text: &str) -> Result<f64, String> {
    let tolerance = text.parse().ok().filter(|x: &f64| x.is_finite() && *x > 0.0);
    tolerance.ok_or_else(|| "a part of a result, above zero: 0.01 for one in a hundred".to_owned())
}

/// How tables are written, and the page beside them.
#[derive(Debug, Args)]
pub(crate) struct TablesArgs {
    /// Format of the tables.
    #[arg(long, value_parser = format(), default_value = "csv", help_heading = "Results")]
    pub(crate) format: Format,

    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

impl TablesArgs {
    /// How the folder of results is written: whether earlier ones may be replaced, and how often states are kept.
    pub(crate) fn folder(&self, force: bool, every: &CheckpointInterval) -> FolderSettings {
        FolderSettings {
            format: self.format,
            report: self.report.is_wanted(),
            force,
            checkpoint_interval: every.clone(),
        }
    }
}

/// What becomes of the page to look at.
#[derive(Debug, Args)]
#[command(next_help_heading = "Results")]
pub(crate) struct ReportArgs {
    /// Leave report.html out.
    #[arg(long)]
    no_report: bool,

    /// Open report.html at the end.
    #[arg(long, conflicts_with = "no_report")]
    pub(crate) open: bool,
}

impl ReportArgs {
    /// Whether the page is written.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.no_report
    }
}

/// Reads the name of a format of tables.
fn format() -> impl TypedValueParser<Value = Format> {
    // Help lists what this build has; the others are refused with the way to build them.
    let value = |format: &Format| PossibleValue::new(format.name).help(format.about).hide(!format.is_built());
    let values = FORMATS.iter().map(value);
    PossibleValuesParser::new(values).map(|name| Format::named(&name).expect("only these are possible"))
}

/// Reads the name of a format of other programs.
fn export() -> impl TypedValueParser<Value = Export> {
    let values = Export::ALL.map(|format| PossibleValue::new(format.name()).help(format.about()));
    PossibleValuesParser::new(values).map(|name| Export::named(&name).expect("only these are possible"))
}

/// How long work is done.
#[derive(Debug, Args)]
pub(crate) struct RunningArgs {
    /// Worker threads, 0 for one a core; the results are the same for any number.
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0, help_heading = "Running")]
    pub(crate) threads: usize,

    /// No progress; print the folder's path alone.
    #[arg(short, long, help_heading = "Running")]
    pub(crate) quiet: bool,
}

impl RunningArgs {
    /// How runs are made that Ctrl-C cancels.
    pub(crate) fn settings(&self) -> RunSettings {
        RunSettings { threads: self.threads, cancel: interrupt::token().clone(), ..RunSettings::default() }
    }
}

/// What changes a network from the command line.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    /// Set any value of the file by its path, such as simulation.duration="80 ms"; may be repeated.
    #[arg(short, long = "set", value_name = "PATH=VALUE", value_parser = Override::parse)]
    set: Vec<Override>,

    /// Seed of every random number, the same as --set simulation.seed=N.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Let the file read data files outside its folder: absolute paths, `..` and links that lead out.
    #[arg(long)]
    allow_outside: bool,
}

impl NetworkArgs {
    /// What a network file is read with, overrides in the order they apply.
    pub(crate) fn reading(&self) -> Reading {
        let seed = self.seed.map(|seed| Override { path: "simulation.seed".to_owned(), value: seed.to_string() });
        let reach = FileAccess::of(self.allow_outside);
        Reading { overrides: self.set.iter().cloned().chain(seed).collect(), reach }
    }

    /// How a network is loaded for a purpose.
    pub(crate) fn options(&self, purpose: Purpose) -> LoadOptions {
        LoadOptions { set: self.reading().overrides, allow_outside: self.allow_outside, purpose }
    }
}

/// Arguments of `qhh check`.
#[derive(Debug, Args)]
#[command(after_help = format!("{CHECK_MANUAL}\n\n{EXIT_CODES}"))]
pub(crate) struct CheckArgs {
    /// Network files, or tasks of `qhh learn`; - reads a network from standard input.
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    /// Predict a run of `qhh-mpi` on so many processes: what they exchange, how long that takes, what each holds.
    #[arg(long, value_name = "N", help_heading = "Several machines")]
    pub(crate) ranks: Option<NonZeroUsize>,

    /// Speed of the network between the machines, in bits a second.
    #[arg(long = "network", value_name = "SPEED", requires = "ranks", default_value = Bandwidth::DEFAULT,
        help_heading = "Several machines")]
    pub(crate) bandwidth: Bandwidth,
}

/// Arguments of `qhh graph`.
#[derive(Debug, Args)]
#[command(after_help = format!("{GRAPH_MANUAL}\n\n{EXIT_CODES}"))]
pub(crate) struct GraphArgs {
    /// Network file.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    /// File to draw the network into, - for standard output in place of the summary.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Drawings")]
    pub(crate) svg: Option<PathBuf>,

    /// File to write the graph into in the DOT language, - for standard output in place of the summary.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Drawings")]
    pub(crate) dot: Option<PathBuf>,

    /// Replace files of these names.
    #[arg(long, help_heading = "Drawings")]
    pub(crate) force: bool,
}

/// Arguments of `qhh export`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ExportArgs {
    /// Network file, or a folder of results for its spikes (`--to sonata`).
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    /// Format.
    #[arg(long, value_parser = export())]
    pub(crate) to: Export,

    /// File to write [default: standard output]; of a SONATA circuit the folder.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub(crate) out: Option<PathBuf>,

    /// Replace a file of that name, or the folder of an earlier circuit.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Arguments of `qhh new`.
#[derive(Debug, Args)]
#[command(after_help = NEW_MANUAL)]
pub(crate) struct NewArgs {
    /// Which network.
    #[arg(value_enum, required_unless_present = "list")]
    pub(crate) template: Option<Template>,

    /// List the templates.
    #[arg(long, conflicts_with_all = ["template", "out", "force"])]
    pub(crate) list: bool,

    /// File to write, - for standard output [default: TEMPLATE.yaml].
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) out: Option<PathBuf>,

    /// Replace a file of that name.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Networks to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// The paper's three-channel neuron under a sine current.
    ThreeChannel,
    /// The paper's single memristor, with its hysteresis.
    SingleChannel,
    /// The full Hodgkin-Huxley neuron: a train of spikes.
    SquidAxon,
    /// A neuron driven by a squeezed quantum source.
    QuantumSource,
    /// A neuron with channels from the library and one written out.
    #[value(alias = "custom")]
    CustomChannel,
    /// A spike that crosses five waveguides.
    Chain,
    /// Layers that fire together, or not.
    Feedforward,
    /// A spike that goes round.
    Ring,
    /// Two neurons under an entangled pair of wavepackets.
    EntangledPair,
    /// Spikes against current, for `qhh sweep`.
    Sweep,
    /// A learning task and its network, for `qhh learn`.
    Learning,
    /// A fit and its network, for `qhh fit`.
    Fit,
}

/// Arguments of `qhh verify`.
#[derive(Debug, Args)]
#[command(after_help = format!("{VERIFY_MANUAL}\n\n{EXIT_CODES}"))]
pub(crate) struct VerifyArgs {
    /// Folders of results.
    #[arg(required = true, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub(crate) folders: Vec<PathBuf>,

    /// Print nothing of folders that hold.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// Arguments of `qhh compare`.
#[derive(Debug, Args)]
#[command(after_help = COMPARE_MANUAL)]
pub(crate) struct CompareArgs {
    /// Folders of results, two or more.
    #[arg(required = true, num_args = 2.., value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub(crate) folders: Vec<PathBuf>,

    /// Page to write.
    #[arg(short, long, value_name = "FILE", default_value = "compare.html", value_hint = ValueHint::FilePath)]
    pub(crate) out: PathBuf,

    /// Replace a file of that name.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Arguments of `qhh man`.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Folder to write qhh.1, qhh-run.1 and so on into; made if it is not there.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
}

/// Arguments of `qhh completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub(crate) shell: Shell,
}
