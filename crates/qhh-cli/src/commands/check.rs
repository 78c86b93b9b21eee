//! `qhh check`: validates files and estimates what a run takes.

use std::path::Path;

use qhh::text::{counted, extent};
use qhh::{Error, Experiment, Fit, LearningTask, Network, Purpose, ResourceEstimate, Sweep};
use qhh_core::units::Dimension;
use qhh_format::yaml::{FileKind, file_kind};
use qhh_results::short;

use super::load;
use crate::args::CheckArgs;
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::output;

/// Checks every file.
pub(crate) fn check(args: &CheckArgs) -> Exit {
    exit::worst(args.files.iter().map(|file| check_one(file, args)))
}

fn check_one(file: &Path, args: &CheckArgs) -> Result<(), Failure> {
    match file_kind(file) {
        Some(FileKind::Task | FileKind::Fit) if args.ranks.is_some() => Err(Failure::Error(Error::Usage {
            message: format!("{}: learning and fits do not run on several ranks", file.display()),
            remedy: "give `--ranks` with network files",
        })),
        Some(FileKind::Task) => check_task(file, args),
        Some(FileKind::Fit) => check_fit(file, args),
        Some(FileKind::Network) | None => check_network(file, args),
    }
}

/// Checks a network with its experiment.
fn check_network(file: &Path, args: &CheckArgs) -> Result<(), Failure> {
    let network = load(file, &args.network.options(args.ranks.map_or(Purpose::Run, Purpose::OneRank)))?;
    let resources = network.resources();
    let mut facts = would_run(&network, &resources);
    // Ranks have the memory of their own machines.
    let fits = if args.ranks.is_some() { Ok(()) } else { network.require_memory(&resources, 0) };
    if let Some(ranks) = args.ranks {
        facts.extend(network.on_ranks(ranks.get(), args.bandwidth)?.facts(args.bandwidth));
    }
    let experiment = would_sweep(file, &network)?;
    let warnings = network.warnings().len() + experiment.as_ref().map_or(0, |(_, warnings)| *warnings);
    facts.extend(experiment.map(|(told, _)| ("experiment", told)));
    let verdict = if fits.is_ok() { sound("can run", warnings) } else { "cannot run on this machine".to_owned() };
    tell(file, &facts, (fits.is_ok(), &verdict))?;
    Ok(fits?)
}

/// Prints what was found of a file, and the verdict: whether it is good, and in words.
fn tell(
    file: &Path,
    facts: &[(impl AsRef<str>, String)],
    (is_good, verdict): (bool, &str),
) -> Result<(), Failure> {
    let text = format!("{}\n{}{}", file.display(), output::aligned(facts), output::verdict(is_good, verdict));
    output::print(&text).map_err(Failure::Output)
}

/// That something can be done, and how much was warned of.
fn sound(what: &str, warnings: usize) -> String {
    if warnings == 0 { what.to_owned() } else { format!("{what}, with {}", counted(warnings, "warning")) }
}

/// Checks a learning task with its network and data.
fn check_task(file: &Path, args: &CheckArgs) -> Result<(), Failure> {
    let task = LearningTask::load(file, &args.network.options(Purpose::Run))?;
    for warning in task.warnings() {
        output::warn(&format!("{}: {warning}", task.network_file().display()));
    }
    let of_task = task.task_warnings();
    for warning in of_task {
        output::warn(&format!("{}: {warning}", file.display()));
    }
    let facts: Vec<_> = task.facts().into_iter().map(|(topic, text)| (topic.to_lowercase(), text)).collect();
    tell(file, &facts, (true, &sound("can learn", task.warnings().len() + of_task.len())))
}

/// Checks a fit with its network and data.
fn check_fit(file: &Path, args: &CheckArgs) -> Result<(), Failure> {
    let fit = Fit::load(file, &args.network.options(Purpose::Run))?;
    let warnings = fit.network().warnings();
    for warning in &warnings {
        output::warn(&format!("{}: {warning}", fit.network().file().display()));
    }
    tell(file, &fit.facts()?, (true, &sound("can be fitted", warnings.len())))
}

/// What a sweep of its experiment would do, if it has one, and the number of its warnings.
fn would_sweep(file: &Path, network: &Network) -> Result<Option<(String, usize)>, Failure> {
    if !network.has_experiment()? {
        return Ok(None);
    }
    let sweep = Sweep::of(network, &Experiment::new())?;
    let warnings = sweep.experiment_warnings();
    for warning in warnings {
        output::warn(&format!("{}: {warning}", file.display()));
    }
    let runs = counted(sweep.n_rows(), sweep.noun());
    let told = format!("{runs} by `qhh sweep`, {} measured", counted(sweep.n_measures(), "number"));
    Ok(Some((told, warnings.len())))
}

/// Number of waveguides, and of the entries that lay them.
fn waveguides(network: &qhh_net::Network) -> String {
    match network.waveguides.as_slice() {
        [] => "none".to_owned(),
        entries => {
            let count = entries.iter().map(|entry| network.n_arms(entry)).sum::<usize>();
            let entries =
                if entries.len() == 1 { "1 entry".to_owned() } else { format!("{} entries", entries.len()) };
            format!("{} in {entries}", counted(count, "waveguide"))
        }
    }
}

/// What a run of this network would do.
fn would_run(network: &Network, resources: &ResourceEstimate) -> Vec<(&'static str, String)> {
    let network = network.net();
    let time =
        |value: f64| format!("{} {}", short(value), network.units.symbol(Dimension::TIME)).trim_end().to_owned();
    let record = &network.record;
    let n_samples = network.n_steps() / network.steps_per_sample() + 1;
    let n_columns = record.neurons.len() * record.observables.len();
    let neurons = counted(network.n_neurons(), "neuron");
    let populations = counted(network.populations.len(), "population");
    let mut facts = vec![
        ("name", network.name.clone()),
        ("neurons", format!("{neurons} in {populations}, {}", counted(network.sources.len(), "source"))),
        ("waveguides", waveguides(network)),
        ("steps", format!("{} of {}", network.n_steps(), time(network.simulation.step))),
        ("samples", format!("{n_samples}, one every {}", time(record.every))),
        ("recorded", format!("{} from {}", counted(n_columns, "column"), counted(record.neurons.len(), "neuron"))),
        ("time", resources.time()),
        ("memory", extent(resources.memory_bytes(1))),
        ("results", format!("{} as CSV", extent(resources.result_bytes))),
    ];
    facts.extend(resources.facts());
    facts
}
