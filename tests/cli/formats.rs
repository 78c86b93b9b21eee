//! Every table in every format: written, read back and verified. Others read them in `tests/oracles`.

use std::fs;

use qhh_results::tables::format::FORMATS;

use crate::every_table::{tables, with_every_format};
use crate::place::Place;

#[test]
fn every_format_has_every_table_and_damage_to_it_is_found() {
    let place = with_every_format();
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
