//! SONATA: edges that h5py wrote, in every layout (`tests/data/sonata`), are a pattern; a circuit that is written is read back.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use qhh_format::export::write_circuit;
use qhh_format::sonata::{Edges, Hdf5Error};
use qhh_format::yaml::{self, Loaded};
use qhh_net::network::{Delay, ParameterValues, Pattern};

use crate::fixtures::CELLS;
use crate::joined::gives_itself_back;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/sonata")
}

fn text(entry: &str) -> String {
    format!("{CELLS}{{from: relay, to: relay, pattern: {{file: {entry}}}}}\n")
}

fn load(folder: &Path, entry: &str) -> Loaded {
    yaml::load_text(&folder.join("net.yaml"), &text(entry), &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(folder: &Path, text: &str) -> String {
    let error = yaml::load_text(&folder.join("net.yaml"), text, &[]).unwrap_err();
    let told = error.problems.iter().map(|problem| {
        let line = problem.place.as_ref().unwrap().line;
        format!("{line}: {}\n   {}", problem.message, problem.help.as_deref().unwrap_or(""))
    });
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn lists_are_read_however_they_are_laid_out() {
    let files =
        [("contiguous", 40), ("tree", 40), ("single", 40), ("pages", 1100), ("growing", 300), ("packed", 300)];
    for (name, n_edges) in files {
        let loaded = load(&data(), &format!("{name}.h5"));
        let axon = &loaded.network.waveguides[0];
        let ends = |k: u32| (7 * k % 12, (7 * k + 1 + k % 5) % 12);
        assert_eq!(axon.pattern, Pattern::Pairs((0..n_edges).map(ends).collect()), "{name}");
        let delays = (0..n_edges).map(|k| 1.0 + f64::from(k % 16) / 8.0).collect();
        assert_eq!(axon.delay, Delay::Time(ParameterValues::Each(delays)), "{name}");
        let weights = (0..n_edges).map(|k| if k % 3 == 0 { -0.5 } else { 1.0 }).collect();
        assert_eq!(axon.weight, ParameterValues::Each(weights), "{name}");
        assert_eq!(gives_itself_back(&loaded), ["waveguides-axon.h5"]);
        assert_eq!(loaded.warnings, []);
    }
}

#[test]
fn one_of_many_populations_is_read_by_its_name() {
    for number in [0, 8, 23, 39] {
        let entry = format!("{{path: many.h5, population: population_number_{number}}}");
        let text = text(&entry).replace("}}}", "}}, delay: 1 ms}");
        let loaded = yaml::load_text(&data().join("net.yaml"), &text, &[]).unwrap();
        let pairs = [(number % 12, (number + 1) % 12)];
        assert_eq!(loaded.network.waveguides[0].pattern, Pattern::Pairs(pairs.into()));
    }
}

#[test]
fn attributes_of_groups_and_types_are_those_of_their_edges() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(data().join("groups.h5"), folder.path().join("groups.h5")).unwrap();
    let types = "edge_type_id weight note\n7 0.5 \"of the first\"\n8 -1 NULL\n9 NULL NULL\n";
    fs::write(folder.path().join("types.csv"), types).unwrap();
    let loaded = load(folder.path(), "{path: groups.h5, population: one, edge_types: types.csv}");
    let axon = &loaded.network.waveguides[0];
    assert_eq!(axon.pattern, Pattern::Pairs([(3, 0), (1, 2), (2, 3), (0, 1)].into()));
    assert_eq!(axon.delay, Delay::Time(ParameterValues::Each([3.0, 1.5, 2.5, 4.0].into())));
    assert_eq!(axon.weight, ParameterValues::Each([0.5, -1.0, -1.0, 0.5].into()));
    assert_eq!(gives_itself_back(&loaded), ["waveguides-axon.h5", "waveguides-axon.edge_types.csv"]);
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    let warning = "waveguides.axon.pattern.file.path: `groups.h5` has attributes of edges that are not taken: note, \
                   syn_weight: those that are taken are delay, transmission, weight";
    assert_eq!(warnings, [warning]);
    // Seconds, where the network has them.
    let si = text("{path: groups.h5, population: one}").replace("simulation", "units: si\nsimulation");
    let loaded = yaml::load_text(&folder.path().join("net.yaml"), &si, &[]).unwrap();
    let delays = [3e-3, 1.5e-3, 2.5e-3, 4e-3];
    assert_eq!(loaded.network.waveguides[0].delay, Delay::Time(ParameterValues::Each(delays.into())));
}

#[test]
fn mistakes_in_files_of_edges_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["mistakes.h5", "groups.h5"] {
        fs::copy(data().join(name), folder.path().join(name)).unwrap();
    }
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("text.h5", b"from,to\n0,1\n");
    let whole = fs::read(data().join("tree.h5")).unwrap();
    write("cut.h5", &whole[..whole.len() / 2]);
    write("pairs.csv", b"from,to,delay\n0,1,1\n");
    write("no_ids.csv", b"type weight\n7 0.5\n");
    write("words.csv", b"edge_type_id weight\n7 half\n");
    write("ragged.csv", b"edge_type_id weight\n7\n");
    write_circuit_of_two(folder.path());
    let mistake = |name: &str| format!("{{path: mistakes.h5, population: {name}}}");
    let entries = ["text.h5", "cut.h5", "circuit/nodes.h5", "none.h5", "groups.h5"].map(str::to_owned);
    let populations = [
        "lzff",
        "lzf",
        "as_floats",
        "as_table",
        "no_targets",
        "unequal",
        "beyond",
        "below_zero",
        "itself",
        "negative_delay",
        "no_number",
        "no_delay",
        "partly",
        "not_in_group",
    ];
    let with_types = ["no_ids.csv", "words.csv", "ragged.csv", "none.csv"]
        .map(|types| format!("{{path: groups.h5, population: one, edge_types: {types}}}"));
    let of_csv = ["{path: pairs.csv, population: one}", "{path: pairs.csv, edge_types: words.csv}"];
    let entries = entries.into_iter().chain(populations.map(mistake)).chain(with_types);
    let entries = entries.chain(of_csv.map(str::to_owned)).chain(["[edges.h5]".to_owned()]);
    let mut messages: Vec<String> = entries
        .map(|entry| {
            format!("{entry}\n{}", refusal(folder.path(), &text(&entry)).replace(&*shown(folder.path()), ""))
        })
        .collect();
    let raw = text("{path: groups.h5, population: one}").replace("simulation", "units: raw\nsimulation");
    let raw = raw.replace(" ms", "").replace(" uF", "").replace(" mS", "").replace(" kOhm", "");
    messages.push(refusal(folder.path(), &raw));
    insta::assert_snapshot!(messages.join("\n"));
}

fn shown(folder: &Path) -> String {
    format!("{}/", folder.display())
}

/// A circuit of two neurons without waveguides, in the folder `circuit`.
fn write_circuit_of_two(folder: &Path) {
    let text = CELLS.replace("count: 12", "count: 2").replace("waveguides:\n  axon: ", "");
    let circuit = folder.join("circuit");
    fs::create_dir(&circuit).unwrap();
    write_circuit(&yaml::load_text(Path::new("net.yaml"), &text, &[]).unwrap().network, &circuit).unwrap();
}

#[test]
fn a_circuit_that_was_written_gives_its_waveguides_back() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = "{from: relay, to: relay, pattern: {random: {probability: 0.3}}, delay: {uniform: [1 ms, 2 ms]}, \
                 transmission: 0.7, weight: {uniform: [-1, 1]}}\n  short: {from: relay, pattern: ring, delay: 0.5 ms}\n";
    let first = yaml::load_text(Path::new("net.yaml"), &format!("{CELLS}{drawn}"), &[]).unwrap();
    write_circuit(&first.network, folder.path()).unwrap();
    let again = load(folder.path(), "{path: edges.h5, population: axon}");
    let ends = |loaded: &Loaded| {
        let network = &loaded.network;
        let mut ends = Vec::new();
        network.for_each_connection(&network.waveguides[0], |arm| ends.push((arm.from, arm.to)));
        ends
    };
    assert!(ends(&first).len() > 20);
    assert_eq!(ends(&first), ends(&again));
    let values = |loaded: &Loaded| {
        let network = &loaded.network;
        let mut of = qhh_net::coupling::connections::ConnectionValues::new(network, &network.waveguides[0]);
        let mut values = Vec::new();
        network.for_each_connection(&network.waveguides[0], |arm| {
            values.push([of.delay(arm.item), of.transmission(arm.item), of.weight(arm.item)]);
        });
        values
    };
    assert_eq!(values(&first), values(&again));
    assert_eq!(again.warnings.len(), 1, "gain is not taken");
    let types = fs::read_to_string(folder.path().join("edge_types.csv")).unwrap();
    assert_eq!(types.lines().nth(1), Some("0 axon NULL false qhh:waveguide"));
    let config = fs::read_to_string(folder.path().join("circuit_config.json")).unwrap();
    assert!(config.contains("\"short\""), "{config}");
}

/// What another program reads of them is tested in Python; here, that nothing is wrong with the bytes that this one reads.
#[test]
fn a_file_of_spikes_has_what_was_given() {
    let mut bytes = std::io::Cursor::new(Vec::new());
    qhh_format::sonata::write_spikes(&mut bytes, "ports", &[3, 1], &[0.5, 1.5]).unwrap();
    let none = None::<&[u8]>.map(|bytes| bytes.take(0));
    let missing = Edges::read(&bytes.into_inner(), None, none).unwrap_err();
    let expected = Hdf5Error::Missing { path: "edges".to_owned(), known: vec!["spikes".to_owned()] };
    assert_eq!(missing, expected.into());
}
