//! `qhh check`: everything but the run.

use std::path::Path;

use qhh_core::units::Dimension;
use qhh_io::results::short;
use qhh_net::Network;
use qhh_net::network::{Drive, Fluctuations};

use super::{aligned, counted, load};
use crate::args::CheckArgs;
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::output;

/// Checks every file.
pub(crate) fn check(args: &CheckArgs) -> Exit {
    exit::worst(args.files.iter().map(|file| check_one(file, args)))
}

fn check_one(file: &Path, args: &CheckArgs) -> Result<(), Failure> {
    let network = load(file, &args.network)?.network;
    output::print(&format!("{}\n{}", file.display(), aligned(&would_run(&network)))).map_err(Failure::Output)
}

/// What a run of this network would do.
fn would_run(network: &Network) -> Vec<(&'static str, String)> {
    let time =
        |value: f64| format!("{} {}", short(value), network.units.symbol(Dimension::TIME)).trim_end().to_owned();
    let record = &network.record;
    let n_samples = network.n_steps() / network.steps_per_sample() + 1;
    let n_columns = record.neurons.len() * record.observables.len();
    let neurons = counted(network.n_neurons(), "neuron");
    let populations = counted(network.populations.len(), "population");
    vec![
        ("name", network.name.clone()),
        ("neurons", format!("{neurons} in {populations}, {}", counted(network.sources.len(), "source"))),
        ("steps", format!("{} of {}", network.n_steps(), time(network.simulation.step))),
        ("samples", format!("{n_samples}, one every {}", time(record.every))),
        ("recorded", format!("{} from {}", counted(n_columns, "column"), counted(record.neurons.len(), "neuron"))),
        ("results", format!("about {} as CSV, spikes not counted", size(estimated_bytes(network, n_samples)))),
    ]
}

/// Size of the tables: numbers have some 18 characters each.
fn estimated_bytes(network: &Network, n_samples: u64) -> f64 {
    let record = &network.record;
    let n_neurons = record.neurons.len() as f64;
    let traces = 18.0 * (1.0 + n_neurons * record.observables.len() as f64);
    let fluctuates = network.quantum.is_some_and(|quantum| quantum.fluctuations != Fluctuations::None);
    let n_modes = network.sources.iter().filter(|source| matches!(source.drive, Drive::Mode(_))).count();
    // Three channels, two ports and every mode; a row has four numbers and two names.
    let variance = if fluctuates { n_neurons * (5.0 + n_modes as f64) * 65.0 } else { 0.0 };
    n_samples as f64 * (traces + variance)
}

fn size(bytes: f64) -> String {
    let units = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    match units.iter().find(|unit| bytes >= unit.0) {
        Some((factor, unit)) => format!("{:.1} {unit}", bytes / factor),
        None => format!("{bytes:.0} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_a_fitting_unit() {
        assert_eq!(
            [size(12.0), size(1234.0), size(5.6e6), size(7.8e9)],
            ["12 bytes", "1.2 kB", "5.6 MB", "7.8 GB"]
        );
    }
}
