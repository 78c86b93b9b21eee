//! `qhh check`: everything but the run.

use std::path::Path;

use qhh_core::units::Dimension;
use qhh_format::yaml::{Loaded, Template};
use qhh_results::short;

use super::sweep::Prepared;
use super::{aligned, counted, load, threads};
use crate::args::CheckArgs;
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::output;
use crate::room::{self, Room, extent};

/// Checks every file.
pub(crate) fn check(args: &CheckArgs) -> Exit {
    exit::worst(args.files.iter().map(|file| check_one(file, args)))
}

fn check_one(file: &Path, args: &CheckArgs) -> Result<(), Failure> {
    let loaded = load(file, &args.network.reading(), room::memory)?;
    let mut told = would_run(&loaded);
    told.extend(would_sweep(file, args)?);
    output::print(&format!("{}\n{}", file.display(), aligned(&told))).map_err(Failure::Output)
}

/// What a sweep of its experiment would do, if it has one.
fn would_sweep(file: &Path, args: &CheckArgs) -> Result<Option<(&'static str, String)>, Failure> {
    let template =
        Template::load(file, &args.network.reading(), &[]).map_err(|error| Failure::Load(Box::new(error)))?;
    if template.experiment().is_none() {
        return Ok(None);
    }
    let prepared = Prepared::new(&template)?;
    for warning in &prepared.warnings {
        output::warn(&format!("{}: {warning}", file.display()));
    }
    let runs = counted(prepared.points.len(), prepared.noun());
    Ok(Some((
        "experiment",
        format!("{runs} by `qhh sweep`, {} measured", counted(prepared.measures.len(), "number")),
    )))
}

/// What a run of this network would do.
fn would_run(loaded: &Loaded) -> Vec<(&'static str, String)> {
    let network = &*loaded.network;
    let time =
        |value: f64| format!("{} {}", short(value), network.units.symbol(Dimension::TIME)).trim_end().to_owned();
    let room = Room::of(network);
    let record = &network.record;
    let n_samples = network.n_steps() / network.steps_per_sample() + 1;
    let n_columns = record.neurons.len() * record.observables.len();
    let neurons = counted(network.n_neurons(), "neuron");
    let populations = counted(network.populations.len(), "population");
    let mut told = vec![
        ("name", network.name.clone()),
        ("neurons", format!("{neurons} in {populations}, {}", counted(network.sources.len(), "source"))),
        ("steps", format!("{} of {}", network.n_steps(), time(network.simulation.step))),
        ("samples", format!("{n_samples}, one every {}", time(record.every))),
        ("recorded", format!("{} from {}", counted(n_columns, "column"), counted(record.neurons.len(), "neuron"))),
        ("memory", extent(room.memory(threads(0), &loaded.resolved))),
        ("results", format!("{} as CSV", extent(room.result_bytes()))),
    ];
    told.extend(room.told());
    told
}
