//! What stands on a page, read from its text.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use qhh_format::yaml::experiment::Experiment;
use qhh_format::yaml::{Reading, Template};
use qhh_report::{compare_page, run_page, sweep_page};
use qhh_results::FinishedRun;
use qhh_results::sweep::{AxisColumn, Finished, MeasureColumn, Status, SweepRow, SweepTable};
use serde_json::Value;

use crate::examples::{self, HOSTILE};

/// Titles of the figures of a page, in order.
pub(crate) fn figures(html: &str) -> Vec<&str> {
    let titles = html.split("<h3>").skip(1);
    titles.map(|rest| rest.split("</h3>").next().unwrap_or_default()).collect()
}

/// The data of a page's figures, by the figure's id.
pub(crate) fn data(html: &str) -> BTreeMap<String, Value> {
    let figures = html.split("<figure class=\"chart\" id=\"").skip(1);
    let figure = |rest: &str| {
        let own = rest.split("</figure>").next()?;
        let json = own.split("<script type=\"application/json\">").nth(1)?.split("</script>").next()?;
        let data = serde_json::from_str(json).expect("the data of a figure are JSON");
        Some((own.split('"').next()?.to_owned(), data))
    };
    figures.filter_map(figure).collect()
}

/// The series of all panels of a figure.
pub(crate) fn series(figure: &Value) -> Vec<&Value> {
    let panels = figure["panels"].as_array().expect("a figure has panels");
    panels.iter().flat_map(|panel| panel["series"].as_array().expect("a panel has series")).collect()
}

/// Names of the series of a figure.
pub(crate) fn names(figure: &Value) -> Vec<&str> {
    series(figure).into_iter().filter_map(|one| one["name"].as_str()).collect()
}

/// The page without its scripts, the plotting library among them, and without the figures' data.
pub(crate) fn without_scripts(html: &str) -> String {
    let mut parts = html.split("<script");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once("</script>").map_or("", |rest| rest.1))
}

/// Bytes of a page without the plotting library and the page's own script.
pub(crate) fn size(html: &str) -> usize {
    let script = html.split("<script>").nth(1).and_then(|rest| rest.split("</script>").next());
    html.len() - script.map_or(0, str::len)
}

/// The page without style, scripts and tags, spaces run together.
pub(crate) fn text(html: &str) -> String {
    let mut text = String::new();
    for part in html.split("<style>") {
        let part = part.split_once("</style>").map_or(part, |rest| rest.1);
        for piece in without_scripts(part).split('<') {
            text.push(' ');
            text.push_str(piece.split_once('>').map_or(piece, |rest| rest.1));
        }
    }
    let plain = text.replace(['\u{a0}', '\u{202f}'], " ").replace("&#x27;", "'").replace("&#x2f;", "/");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_full_run_shows_every_figure() {
    let html = run_page(&examples::paper(false));
    assert_eq!(
        figures(&html),
        [
            "I–V loops of the memristors",
            "Voltage",
            "Voltage and its fluctuations",
            "Variance by line",
            "Parts of the variance",
            "Conductances",
            "Gates",
            "Channel currents",
            "Loop area over successive periods",
            "Waves",
        ]
    );
}

#[test]
fn a_run_without_records_shows_its_spikes_and_no_empty_figure() {
    let html = run_page(&examples::bare());
    assert_eq!(figures(&html), ["Spikes"]);
    let text = text(&html);
    assert!(text.contains("None: the mean field alone."), "{text}");
    assert!(!text.contains("Checks of the physics") && !text.contains("Approximations"), "{text}");
}

#[test]
fn loop_areas_stand_against_frequency_for_both_kinds_of_neuron() {
    let html = run_page(&examples::frequencies());
    assert_eq!(figures(&html)[0], "I–V loops of the last period", "loops that are open come first");
    let figure = &data(&html)["frequency"];
    for name in ["three", "single"] {
        let listed = series(figure).into_iter().any(|one| one["name"] == name && one["listed"] == true);
        assert!(listed, "{name} is missing from the legend");
    }
}

#[test]
fn the_network_is_told_in_plain_words() {
    let chain = text(&run_page(&examples::chain()));
    for words in [
        "relay: 6 three-channel neurons of membrane capacitance 1 µF",
        "potassium 36 mS reversing at −77 mV",
        "an output port (0.3 µF, 3 kΩ) and an input port (1 µF, 3 kΩ)",
        "kick feeds relay[0]: a current pulse of 40 µA, from 5 ms to 7 ms.",
        "solved step by step (method langevin), for 40 ms in steps of 0.01 ms",
        "noise up to a cutoff of 200 rad/ms (31.83 kHz)",
        "at a thermal energy kT of 2 µF mV²",
    ] {
        assert!(chain.contains(words), "{words:?} is not in: {chain}");
    }
    let paper = text(&run_page(&examples::paper(true)));
    for words in [
        "none with a reversal potential",
        "a squeezed state of r = 0.8 and phase 0.6 rad, displaced by amplitude 1 at phase π/2",
        "the channels share one set of modes",
        "at zero temperature",
    ] {
        assert!(paper.contains(words), "{words:?} is not in: {paper}");
    }
}

#[test]
fn axes_carry_the_units_of_the_system() {
    let axes = |html: &str| -> BTreeSet<(String, String)> {
        let figures = data(html);
        let panels = figures.values().flat_map(|figure| figure["panels"].as_array().expect("panels"));
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        panels
            .flat_map(|panel| [&panel["x"], &panel["y"]].map(|axis| (text(&axis["label"]), text(&axis["unit"]))))
            .collect()
    };
    let units = |run: &FinishedRun, units: [&str; 5]| {
        let axes = axes(&run_page(run));
        let labels = ["Voltage", "Time", "Conductance", "Variance", "Injected current"];
        for (label, unit) in labels.into_iter().zip(units) {
            assert!(axes.contains(&(label.to_owned(), unit.to_owned())), "{label} in {unit}: {axes:?}");
        }
    };
    units(&examples::squid(), ["mV", "ms", "mS", "mV²", "µA"]);
    units(&examples::squid_in_si(), ["V", "s", "S", "V²", "A"]);
    units(&examples::paper(false), [""; 5]);
    let raw = without_scripts(&run_page(&examples::paper(false)));
    assert!(!raw.contains("mV") && !raw.contains("(ms)"), "units on a page of bare numbers");
}

#[test]
fn a_long_list_of_spikes_is_cut_and_counted() {
    let run = examples::crowd();
    let n = run.outcome.spikes.len();
    assert!(n > 6000, "{n} spikes are too few for this test");
    let html = run_page(&run);
    let text = text(&html);
    assert!(text.contains("more spikes: see spikes.csv"), "{text}");
    assert_eq!(html.matches("<tr><td class=\"n\">").count(), 200);
    assert!(text.contains("8 of 1000 recorded neurons"), "{text}");
    assert!(size(&html) < 500_000, "{} bytes", size(&html));
}

#[test]
fn checks_say_whether_they_hold() {
    let text = text(&run_page(&examples::squid()));
    assert!(text.contains("3.2 × 10⁻¹³ 1 × 10⁻⁹ ✓ holds"), "{text}");
    assert!(text.contains("2 × 10⁻⁶ 1 × 10⁻⁶ ✗ fails"), "{text}");
}

#[test]
fn no_text_of_a_user_becomes_markup() {
    let run = examples::hostile();
    for html in [run_page(&run), compare_page(&[run.clone(), run])] {
        assert_eq!(html.matches("<script>").count(), 1, "only the page's own script");
        assert!(!html.contains("<img"));
        assert!(!html.contains(HOSTILE));
        assert!(html.contains("&lt;script&gt;alert(1)&lt;"));
    }
}

/// A sweep over two axes, numbers and words, and a searched threshold, where whatever has a name has a hostile one.
fn hostile_sweep() -> (Experiment, SweepTable) {
    let text = "name: a\nsimulation: {duration: 1}\nneurons:\n  cell:\n    circuit: single-channel\n    \
                membrane: {capacitance: 1}\n    channels: {potassium: {conductance: 1}}\nexperiment:\n  \
                vary: {simulation.duration: [1 ms, 2 ms], simulation.method: [langevin, adiabatic]}\n  \
                find: {path: neurons.cell.membrane.capacitance, from: 1, to: 2, where: fired >= 1}\n";
    let template = Template::load_text(std::path::Path::new("a.yaml"), text, &Reading::default(), &[]);
    let experiment = template.ok().and_then(|template| template.experiment().cloned());
    let mut experiment = experiment.expect("the file is sound");
    let hostile = || HOSTILE.to_owned();
    for axis in &mut experiment.axes {
        (axis.path, axis.unit) = (hostile(), hostile());
    }
    let find = experiment.find.as_mut().expect("the file searches");
    (find.path, find.unit) = (hostile(), hostile());
    let axis = |words| AxisColumn { path: hostile(), unit: hostile(), words, logarithmic: false };
    let row = |number: usize| SweepRow {
        place: number,
        repeat: 0,
        seed: 1,
        coordinates: vec![(number / 2) as f64, (number % 2) as f64],
        finished: Finished {
            number,
            status: if number == 3 { Status::Failed } else { Status::Done },
            values: vec![number as f64; if number == 3 { 0 } else { 2 }],
            failed_checks: 0,
            error: hostile(),
        },
        folder: Some(hostile()),
    };
    let measure = || MeasureColumn { name: hostile(), unit: hostile() };
    let axes = vec![axis(None), axis(Some(vec![hostile(), hostile()]))];
    (experiment, SweepTable { axes, measures: vec![measure(), measure()], rows: (0..4).map(row).collect() })
}

#[test]
fn no_text_of_a_sweep_becomes_markup() {
    let (experiment, table) = hostile_sweep();
    let (mut alone, mut repeated) = (table.clone(), table.clone());
    alone.axes.truncate(1);
    alone.rows.iter_mut().for_each(|row| row.coordinates.truncate(1));
    repeated.rows.iter_mut().enumerate().for_each(|(k, row)| {
        (row.place, row.repeat, row.coordinates) = (0, k, vec![0.0, 0.0]);
    });
    let mut line = experiment.clone();
    line.axes.truncate(1);
    for (experiment, table) in [(&experiment, table), (&line, alone), (&experiment, repeated)] {
        let mut network = examples::squid().network;
        (network.name, network.description, network.caption) =
            (HOSTILE.to_owned(), HOSTILE.to_owned(), HOSTILE.to_owned());
        let html = sweep_page(&network, experiment, &table);
        assert!(html.matches("<script>").count() <= 1, "only the page's own script");
        assert!(!html.contains("<img") && !html.contains(HOSTILE));
        assert!(html.matches("&lt;script&gt;alert(1)&lt;").count() > 10, "the names are shown");
    }
}

#[test]
fn a_page_needs_nothing_from_outside() {
    for html in [run_page(&examples::chain()), compare_page(&[examples::chain(), examples::squid()])] {
        // The script names the namespaces of SVG and may load nothing: the browser enforces it.
        assert!(
            html.contains("content=\"default-src 'none'; ") && html.contains("; img-src data:; base-uri 'none'")
        );
        for reach in ["http:", "https:", "src=", "@import", "url("] {
            assert!(!without_scripts(&html).contains(reach), "{reach}");
        }
    }
}

#[test]
fn runs_that_share_a_name_are_numbered_and_their_settings_compared() {
    let html = compare_page(&[examples::paper(false), examples::paper(true)]);
    let text = text(&html);
    assert!(text.contains("paper (1) · paper (2)"), "{text}");
    assert!(text.contains("simulation.baths Independent SharedMode"), "{text}");
    assert!(!text.contains("simulation.step"), "equal settings are no difference: {text}");
    assert!(figures(&html).contains(&"I–V loops of the memristors"));
}

#[test]
fn runs_in_other_units_are_shown_in_those_of_the_first() {
    let text = text(&compare_page(&[examples::squid(), examples::squid_in_si()]));
    assert!(text.contains("everything here is in those of the first, hodgkin-huxley"), "{text}");
    let peak = text.split("Peak voltage").nth(1).and_then(|rest| rest.split("Largest variance").next());
    let peak = peak.expect("a row for the peak");
    let first = peak.split_whitespace().next().expect("a value");
    assert_eq!(peak.matches(&format!("{first} mV")).count(), 2, "{peak}");
}

#[test]
fn runs_without_a_common_neuron_are_compared_by_place() {
    let html = compare_page(&[examples::squid(), examples::chain()]);
    let data = data(&html);
    let drawn = names(&data["voltage"]);
    for name in ["squid axon", "chain"] {
        assert!(drawn.contains(&name), "{name} is not drawn: {drawn:?}");
    }
}

#[test]
fn values_that_are_no_numbers_leave_gaps() {
    let mut run = examples::squid();
    for column in &mut run.outcome.traces.columns {
        column.values[300..400].fill(f64::NAN);
        column.values[500] = f64::INFINITY;
    }
    let html = run_page(&run);
    let data = data(&html);
    let voltage = series(&data["voltage"])[0]["y"].as_array().expect("values");
    let stretches = voltage.split(Value::is_null).filter(|stretch| !stretch.is_empty());
    assert_eq!(stretches.count(), 3, "two gaps part three stretches");
}

/// A page of a thousand samples and twenty columns, in time and size (time in an optimised build alone).
#[test]
fn a_page_is_small_and_made_fast() {
    let run = examples::chain();
    let begun = Instant::now();
    let html = run_page(&run);
    let took = begun.elapsed();
    assert!(
        html.len() - size(&html) < 650_000 && size(&html) < 1_200_000,
        "{} of {} bytes",
        size(&html),
        html.len()
    );
    let allowed = Duration::from_millis(if cfg!(debug_assertions) { 2000 } else { 100 });
    eprintln!("made in {took:?}");
    assert!(took < allowed, "{took:?}");
}
