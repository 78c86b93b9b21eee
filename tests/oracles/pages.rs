//! The pages of the shipped networks in a browser, as the program writes them.

use std::path::Path;

use crate::browser;
use crate::place::{Place, run_shipped};
#[cfg(unix)]
use crate::session::Session;

/// A page, and the commands that write it.
struct Written {
    name: String,
    commands: Vec<Vec<String>>,
    file: String,
}

impl Written {
    /// The report of one command into the folder `name`.
    fn report(name: &str, command: &[&str], file: &Path) -> Self {
        let command = [command, &[file.to_str().unwrap(), "--out", name]].concat();
        Self { name: name.to_owned(), commands: vec![owned(&command)], file: format!("{name}/report.html") }
    }

    /// The comparison of several reports.
    fn comparison(name: &str, of: &[&Self]) -> Self {
        let mut commands: Vec<_> = of.iter().flat_map(|one| one.commands.clone()).collect();
        let folders: Vec<&str> = of.iter().map(|one| one.name.as_str()).collect();
        let file = format!("{name}.html");
        commands.push(owned(&[&["compare"], &folders[..], &["--out", &file]].concat()));
        Self { name: name.to_owned(), commands, file }
    }
}

fn owned(command: &[&str]) -> Vec<String> {
    command.iter().map(|&word| word.to_owned()).collect()
}

/// Pages of all kinds: of networks, a comparison, sweeps, learning, a fit, a sensitivity.
fn all_pages() -> Vec<Written> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks");
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "yaml") {
            let name = file.file_stem().unwrap().to_str().unwrap();
            let mut written = Written::report(name, &[], &file);
            written.commands = vec![owned(&[&run_shipped(&file)[..], &["--out", name]].concat())];
            pages.push(written);
        }
    }
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(pages.len() > 15, "only {} shipped networks", pages.len());
    let one = |name: &str, command: &[&str], file: &str| Written::report(name, command, &folder.join(file));
    // Two axes and repeats, words on an axis, a threshold.
    for sweep in ["volleys", "jitter_and_hbar", "critical_transmission"] {
        pages.push(one(sweep, &["sweep"], &format!("experiments/{sweep}.yaml")));
    }
    // A series, classes, capacities.
    let series = ["learn", "--set", "task.function.steps=300", "--set", "seeds=2"];
    let origin = ["run", "--set", "record.budget_of=[\"receiver.spikes[0]\", \"receiver.voltage at 8 ms\"]"];
    let lossy = one("lossy", &["run", "--set", "waveguides.axon.transmission=0.7"], "chain.yaml");
    let shipped = |name: &str| one(name, &["run"], &format!("{name}.yaml"));
    let papers = ["paper_three_channel", "paper_single_channel", "paper_three_channel_independent"].map(shipped);
    pages.extend([
        one("series", &series, "learning/function.yaml"),
        one("classes", &["learn"], "../tests/faults/q10-logistic-two-classes/task.yaml"),
        one("capacity", &["learn", "--set", "seeds=1"], "learning/capacity.yaml"),
        one("fit", &["fit"], "fit/recover.yaml"),
        one("sensitivity", &["sensitivity", "--of", "relay[4].first_spike"], "chain.yaml"),
        one("origin", &origin, "noise_budget.yaml"),
        Written::comparison("compare", &papers.each_ref()),
        Written::comparison("apart", &[&shipped("chain"), &lossy]),
        lossy,
    ]);
    pages
}

/// Names and texts of the pages that are looked at.
fn pages() -> Vec<(String, String)> {
    let place = Place::with(&[]);
    let pages = all_pages();
    let mut ran: Vec<&[String]> = Vec::new();
    let pages: Vec<(String, String)> = browser::tried(&pages)
        .map(|page| {
            for command in &page.commands {
                if !ran.contains(&&command[..]) {
                    place.done(&command.iter().map(String::as_str).collect::<Vec<_>>());
                    ran.push(command);
                }
            }
            (page.name.clone(), place.read(&page.file))
        })
        .collect();
    // With a folder named by `QHH_KEEP_PAGES` the pages stay there to be looked at.
    if let Some(folder) = std::env::var_os("QHH_KEEP_PAGES") {
        for (name, html) in &pages {
            std::fs::write(Path::new(&folder).join(format!("{name}.html")), html).unwrap();
        }
    }
    pages
}

/// On screens of two widths by day and by night, and on paper.
pub(crate) fn the_pages_of_the_shipped_networks_are_sound_in_a_browser() {
    let pages = pages();
    let named: Vec<(&str, &str)> = pages.iter().map(|(name, html)| (name.as_str(), html.as_str())).collect();
    let mut found = browser::findings(&named);
    #[cfg(unix)]
    found.extend(cut_on_paper(&named));
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

/// What is wider than the paper, where pages are printed.
#[cfg(unix)]
fn cut_on_paper(pages: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut browser = Session::new();
    browser.on_paper();
    let mut found = Vec::new();
    for (name, html) in pages {
        let file = folder.path().join(format!("{name}.html"));
        std::fs::write(&file, html).unwrap();
        browser.open(&format!("file://{}", file.display()));
        let loaded =
            format!("String(document.readyState === 'complete' && location.href.endsWith('/{name}.html'))");
        browser.until(&loaded, "true");
        let cut = browser.value(
            "(async () => {
               await window.qhh?.ready;
               window.qhh?.drawAll();
               dispatchEvent(new Event('beforeprint'));
               const wide = [...document.querySelectorAll('table, pre, .plot, .tiles, .heat, svg, h1, p')]
                 .filter((one) => one.getClientRects().length && one.getBoundingClientRect().right > innerWidth + 1);
               return wide.map((one) => `${one.localName}.${one.className.baseVal ?? one.className}: ${one.textContent.trim().slice(0, 40)}`).join('; ');
             })()",
        );
        if !cut.is_empty() {
            found.push(format!("{name} on paper is cut: {cut}"));
        }
    }
    found.extend(browser.faults());
    found
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
