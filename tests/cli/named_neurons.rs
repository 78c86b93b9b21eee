//! Columns that name neurons, in every table there is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use qhh_results::tables::Row;
use qhh_results::tables::rows::{ArmSlopeRow, EntryRow, NeuronSlopeRow, TABLES};

use crate::every_table::NETWORK;
use crate::place::Place;

/// Folders that have every table of a run, and those of derivatives.
fn with_every_table() -> (Place, Vec<&'static str>) {
    let place = Place::with(&[]);
    fs::write(place.path("relay.yaml"), NETWORK).unwrap();
    let networks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks");
    fs::copy(networks.join("hysteresis.yaml"), place.path("hysteresis.yaml")).unwrap();
    let run = |file: &str, out: &str, settings: &[&str]| {
        let settings = settings.iter().flat_map(|setting| ["--set", setting]);
        let call = ["run", file, "--out", out, "--quiet", "--no-report"];
        place.done(&call.into_iter().chain(settings).collect::<Vec<_>>());
    };
    run("relay.yaml", "modes", &["sources.signal.state={fock: {n: 1}}"]);
    let sampled = [
        "quantum={hbar: 1, fluctuations: wigner, samples: 20, cutoff: 100}",
        "record={every: 2, quantities: [voltage], trajectories: 2}",
    ];
    run("relay.yaml", "samples", &sampled);
    run("relay.yaml", "end", &["record={every: 2, quantities: [snapshot]}"]);
    run("hysteresis.yaml", "loops", &[]);
    place.done(&["sensitivity", "relay.yaml", "--of", "relay[1].first_spike", "--out", "slopes", "--quiet"]);
    (place, vec!["modes", "samples", "end", "loops", "slopes"])
}

/// The population and the index of the neuron that a cell names, alone or with a quantity of it behind a dot.
fn named(cell: &str) -> Option<(&str, &str)> {
    let (population, rest) = cell.split_once('[')?;
    let (index, rest) = rest.split_once(']')?;
    let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == '_');
    (plain(population) && plain(index) && (rest.is_empty() || rest.starts_with('.')))
        .then_some((population, index))
}

#[test]
fn whatever_column_names_a_neuron_has_its_population_and_index_beside_it() {
    let (place, folders) = with_every_table();
    let mut seen = BTreeSet::new();
    for folder in folders {
        let network = if folder == "loops" { ["three", "single"] } else { ["relay", ""] };
        for name in place.names(folder).iter().filter_map(|file| file.strip_suffix(".csv")) {
            let text = place.read(&format!("{folder}/{name}.csv"));
            let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
            let header = lines.next().unwrap();
            for row in lines {
                for (k, cell) in row.iter().enumerate() {
                    let Some((population, index)) = named(cell) else { continue };
                    let title = header[k];
                    let prefix = if title == "neuron" { String::new() } else { format!("{title}_") };
                    let titles = [format!("{prefix}population"), format!("{prefix}index")];
                    assert_eq!(header.get(k + 1..k + 3).unwrap_or_default(), titles, "behind {title} of {name}");
                    let place = network.iter().position(|known| *known == population).unwrap();
                    assert_eq!(row[k + 1..k + 3], [place.to_string().as_str(), index], "{cell} in {name}");
                }
            }
            seen.insert(name.split_once('-').map_or(name, |(table, _)| table).to_owned());
        }
    }
    for table in TABLES.iter().chain([&EntryRow::TABLE, &NeuronSlopeRow::TABLE, &ArmSlopeRow::TABLE]) {
        assert!(seen.contains(table.name), "no run here has the table {}", table.name);
    }
}
