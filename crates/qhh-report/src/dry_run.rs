//! The page of a dry run: what one rank took, and what is predicted of more of them.

use minijinja::{Value, context};
use qhh_results::dry_run::DryRun;
use qhh_results::number::{bytes, count, counted, number};

use super::chart::{Arrangement, AxisSpec, Colour, Figure, Height, Mark, Panel, Series};
use super::render;

/// The page as HTML.
pub(super) fn html(of: &DryRun) -> String {
    let tile = |name: &str, value: String, note: String| context! { name, value, note };
    let window = format!("{} steps in windows of {}", of.steps, of.window);
    let sent = format!("{} % of what {} steps can send", number(100.0 * of.activity(), 3), of.steps);
    let tiles = vec![
        tile("Neurons", count(of.neurons), format!("and {} waveguides of this rank", count(of.waveguides))),
        tile("Memory", size(of.peak_memory_bytes as f64), "resident at most".to_owned()),
        tile("Built in", seconds(of.build_seconds), format!("on {}", counted(of.threads, "thread"))),
        tile("Speed", format!("{} / s", number(of.speed(), 3)), format!("neuron-steps, {window}")),
        tile("Heard", count(of.heard_ports), format!("ports of {}", counted(of.neighbours, "rank"))),
        tile("Sent", size(of.sent_bytes as f64), sent),
    ];
    let rows = of.scaling.iter().map(|row| {
        context! {
            ranks => count(row.ranks),
            neurons => number(row.neurons, 3),
            computing => seconds(row.computing_seconds),
            exchange => seconds(row.exchange_seconds),
            sent => size(row.sent_bytes),
            memory => size(row.memory_bytes),
            efficiency => format!("{} %", number(100.0 * row.efficiency(), 3)),
        }
    });
    render(
        "dry_run.html",
        &context! {
            title => format!("{}: rank {} of {}", of.network, of.rank, of.ranks),
            caption => of.scaling.last().map(|last| format!(
                "{} ranks are predicted to work at {} % of the speed that each has alone.",
                count(last.ranks),
                number(100.0 * last.efficiency(), 3)
            )),
            description => "One rank's part of a run, built and stepped without the others: nothing was sent.",
            version => of.version.as_str(),
            tiles,
            finding => Value::from_safe_string(scaling(of).html()),
            rows => rows.collect::<Vec<_>>(),
            assumptions => of.assumptions.clone(),
        },
    )
}

/// Efficiency over the number of ranks.
fn scaling(of: &DryRun) -> Figure<'static> {
    let points = of.scaling.iter().map(|row| (row.ranks as f64, 100.0 * row.efficiency())).collect();
    let panel = Panel {
        heading: String::new(),
        x: AxisSpec { logarithmic: true, ..AxisSpec::new("Ranks", "") },
        y: AxisSpec::new("Efficiency", "%").ranging(0.0, 105.0),
        series: vec![Series::new("Efficiency", Colour::Palette(0), Mark::Joined(points))],
        height: Height::Tall,
    };
    Figure {
        id: "weak-scaling".to_owned(),
        title: "Weak scaling".to_owned(),
        caption:
            "Predicted speed of each rank, as a part of that of one alone, where every rank has as many neurons."
                .to_owned(),
        panels: vec![panel],
        arrangement: Arrangement::Stacked,
    }
}

fn seconds(of: f64) -> String {
    let (value, unit) = match of {
        _ if of >= 1.0 => (of, "s"),
        _ if of >= 1e-3 => (1e3 * of, "ms"),
        _ => (1e6 * of, "us"),
    };
    format!("{} {unit}", number(value, 3))
}

fn size(of: f64) -> String {
    let (value, unit) = bytes(of);
    format!("{} {unit}", number(value, 3))
}
