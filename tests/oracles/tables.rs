//! Tables as pandas and polars read them.

use std::path::Path;

use qhh_results::tables::format::FORMATS;
use serde_json::json;

use crate::every_table::{tables, with_every_format};
use crate::place::Place;
use crate::python::ask;

/// pandas and polars read the same numbers, texts and gaps from each format.
pub(crate) fn pandas_and_polars_read_every_table_of_every_format() {
    let place = with_every_format();
    let names = tables(&place, "csv");
    let folders: Vec<String> =
        FORMATS.iter().map(|format| place.path(format.name).display().to_string()).collect();
    let question = json!([{ "folders": folders, "formats": FORMATS.iter().map(|format| format.name).collect::<Vec<_>>(),
                            "tables": names }]);
    let answers = ask("tables.py", &question);
    let rows = answers[0].as_object().unwrap();
    for name in &names {
        let lines = place.read(&format!("csv/{name}.csv")).lines().count() - 1;
        assert_eq!(rows[name].as_u64(), Some(lines as u64), "{name}");
    }
}

/// The first lines of pandas and polars as the documents have them.
pub(crate) fn the_first_lines_of_the_documents_read_the_tables() {
    let place = Place::with(&[]);
    place.done(&["new", "chain"]);
    place.done(&["run", "chain.yaml"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("docs/reading-results.md")).unwrap();
    for (library, first) in [("pandas", "first.loc[5]"), ("polars", "first[5, 'time']")] {
        let block =
            page.split("```python\n").find(|block| block.starts_with(&format!("import {library}"))).unwrap();
        let code = block.split("```").next().unwrap();
        let question = json!([{
            "folder": place.path("."), "code": code, "answer": format!("[float(peak), float({first})]"),
        }]);
        let answer = ask("reading.py", &question);
        let spikes = place.read("chain/spikes.csv");
        let last: f64 = spikes.lines().last().unwrap().split(',').nth(3).unwrap().parse().unwrap();
        let peak = answer[0][0].as_f64().unwrap();
        assert!((30.0..60.0).contains(&peak), "{library}: {peak} mV");
        assert_eq!(
            answer[0][1].as_f64().unwrap().to_bits(),
            last.to_bits(),
            "{library}: the sixth neuron's spike"
        );
    }
}
