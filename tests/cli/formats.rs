//! Every table in every format: written, read back, verified, and read by pandas and polars.

use std::fs;

use qhh_results::tables::format::FORMATS;
use serde_json::json;

use crate::place::Place;
use crate::python;

/// Field modes with all their tables, and a second spike that some neurons lack: cells without a number.
const NETWORK: &str = "
name: relay
simulation: {duration: 24, step: 0.02}
quantum: {hbar: 1, fluctuations: heisenberg, modes: 256}
neurons:
  relay:
    count: 3
    membrane: {capacitance: 1}
    channels:
      potassium: {conductance: 36, reversal: -77}
      sodium: {conductance: 120, reversal: 50}
      chloride: {conductance: 0.3, reversal: -54.387}
    output: {capacitance: 0.3, impedance: 3}
    input: {capacitance: 1, impedance: 3}
sources:
  kick: {into: 'relay[0]', current: {shape: pulse, amplitude: 40, start: 1, duration: 2}}
  signal:
    into: 'relay[0]'
    wavepacket: {carrier: 6, envelope: gaussian, centre: 4, width: 0.5}
    state: {squeezed: {r: 1}}
waveguides:
  axon: {from: relay, pattern: chain, delay: 1, transmission: 0.8}
record: {every: 0.5, quantities: [voltage, variance, noise_budget, covariance, wave_out, snapshot]}
";

fn with_every_format(network: &str) -> Place {
    let place = Place::with(&[]);
    fs::write(place.path("relay.yaml"), network).unwrap();
    for format in FORMATS {
        assert!(format.is_built(), "tests are built with the format {}", format.name);
        place.done(&["run", "relay.yaml", "--format", format.name, "--out", format.name, "--quiet"]);
    }
    place
}

/// Names of the tables in a folder of a format.
fn tables(place: &Place, format: &str) -> Vec<String> {
    let end = format!(".{format}");
    place.names(format).iter().filter_map(|name| name.strip_suffix(&end).map(str::to_owned)).collect()
}

#[test]
fn every_format_has_every_table_and_damage_to_it_is_found() {
    let place = with_every_format(NETWORK);
    let csv = tables(&place, "csv");
    assert!(csv.len() >= 9, "{csv:?}");
    for format in FORMATS {
        assert_eq!(tables(&place, format.name), csv, "{}", format.name);
        place.done(&["verify", format.name]);
        place.done(&["compare", "csv", format.name, "--force"]);
    }
    for format in FORMATS {
        let file = format!("{}/traces.{}", format.name, format.name);
        let whole = fs::read(place.path(&file)).unwrap();
        for damaged in [&whole[..whole.len() / 2], &whole[..8], &[][..]] {
            fs::write(place.path(&file), damaged).unwrap();
            let ended = place.qhh(&["verify", format.name]);
            let said = ended.stdout + &ended.stderr;
            assert_eq!(ended.code, Some(3), "{said}");
            assert!(said.contains(&format!("traces.{}", format.name)) && !said.contains("panicked"), "{said}");
        }
    }
}

#[test]
fn a_sweep_and_learning_write_their_tables_in_every_format() {
    let place = Place::with(&["axon.yaml"]);
    for format in FORMATS {
        let out = format!("sweep-{}", format.name);
        let vary = ["--vary", "sources.kick.current.amplitude=6 uA,10 uA", "--keep-runs"];
        let args =
            [&["sweep", "axon.yaml", "--format", format.name, "--out", &out, "--quiet"][..], &vary].concat();
        place.done(&args);
        assert!(place.path(&format!("{out}/results.{}", format.name)).is_file());
        assert!(place.path(&format!("{out}/runs/1/spikes.{}", format.name)).is_file());
        place.done(&["verify", &out]);
    }
}

/// pandas and polars read the same numbers, texts and gaps from each format.
#[test]
fn pandas_and_polars_read_every_table_of_every_format() {
    let place = with_every_format(NETWORK);
    let names = tables(&place, "csv");
    let folders: Vec<String> =
        FORMATS.iter().map(|format| place.path(format.name).display().to_string()).collect();
    let question = json!([{ "folders": folders, "formats": FORMATS.iter().map(|format| format.name).collect::<Vec<_>>(),
                            "tables": names }]);
    let Some(answers) = python::ask("tables.py", "pandas, polars, pyarrow", &question) else { return };
    let rows = answers[0].as_object().unwrap();
    for name in &names {
        let lines = place.read(&format!("csv/{name}.csv")).lines().count() - 1;
        assert_eq!(rows[name].as_u64(), Some(lines as u64), "{name}");
    }
}
