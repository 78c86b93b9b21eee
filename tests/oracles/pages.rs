//! The pages of the shipped networks in a browser, as the program writes them.

use std::path::Path;

use crate::browser;
use crate::place::{Place, run_shipped};

pub(crate) fn the_pages_of_the_shipped_networks_are_sound_in_a_browser() {
    let place = Place::with(&[]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "yaml") {
            place.done(&run_shipped(&file));
            names.push(file.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    place.done(&["compare", "paper_three_channel", "paper_single_channel", "paper_three_channel_independent"]);
    // Two axes and repeats, words on an axis, a threshold.
    assert!(names.len() > 15, "{names:?}");
    let sweeps = ["volleys", "jitter_and_hbar", "critical_transmission"];
    for sweep in sweeps {
        let file = folder.join(format!("experiments/{sweep}.yaml"));
        place.done(&["sweep", file.to_str().unwrap(), "--out", sweep]);
        names.push(sweep.to_owned());
    }
    let mut pages: Vec<(&str, String)> =
        names.iter().map(|name| (name.as_str(), place.read(&format!("{name}/report.html")))).collect();
    pages.push(("compare", place.read("compare.html")));
    // With a folder named by `QHH_KEEP_PAGES` the pages stay there to be looked at.
    if let Some(folder) = std::env::var_os("QHH_KEEP_PAGES") {
        for (name, html) in &pages {
            std::fs::write(Path::new(&folder).join(format!("{name}.html")), html).unwrap();
        }
    }
    let pages: Vec<(&str, &str)> = pages.iter().map(|(name, html)| (*name, html.as_str())).collect();
    browser::assert_sound(&pages);
}

/// A map of three by three uneven values: every cell says the values of its row of the table.
pub(crate) fn tips_of_a_map_are_rows_of_the_table() {
    let place = Place::with(&[]);
    let text = "
name: map
simulation: {duration: 3 ms}
neurons:
  cell:
    membrane: {capacitance: 1 uF}
    channels:
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
sources:
  step: {into: cell, current: {shape: constant, amplitude: 1 uA, start: 1 ms}}
experiment:
  vary:
    sources.step.current.amplitude: [0 uA, 1 uA, 4 uA]
    sources.step.current.start: [0 ms, 0.3 ms, 2 ms]
  measures: [cell.voltage.max]
";
    std::fs::write(place.path("map.yaml"), text).unwrap();
    place.done(&["sweep", "map.yaml", "--out", "map"]);
    let table = place.read("map/results.csv");
    let rows: Vec<Vec<f64>> = table
        .lines()
        .skip(1)
        .map(|row| row.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect())
        .collect();
    let header: Vec<&str> = table.lines().next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|title| title.starts_with(name)).unwrap();
    let columns = ["sources.step.current.amplitude", "sources.step.current.start", "cell.voltage.max"].map(column);
    let middles = [1.0, 3.0, 5.0].map(|k| k / 6.0);
    let at: Vec<(&str, f64, f64)> =
        middles.iter().flat_map(|x| middles.map(|y| ("measure-0-map", *x, y))).collect();
    let tips = browser::tips(&place.read("map/report.html"), &at);
    // Without its unit.
    let number = |value: &str| value.split('\u{a0}').next()?.parse::<f64>().ok();
    let mut seen = Vec::new();
    for tip in &tips {
        let told: Vec<f64> =
            tip.iter().map(|(_, value)| number(value).unwrap_or_else(|| panic!("{tip:?}"))).collect();
        let row = rows.iter().position(|row| row[columns[0]] == told[0] && row[columns[1]] == told[1]);
        let row = row.unwrap_or_else(|| panic!("{tip:?} is no row of\n{table}"));
        let value = rows[row][columns[2]];
        assert!((told[2] - value).abs() <= 6e-6 * value.abs(), "{tip:?}, the table says {value}");
        seen.push(row);
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 9, "every cell is another row: {tips:?}");
}
