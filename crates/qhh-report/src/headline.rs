//! The few numbers that come first.

use qhh_core::units::{Dimension, UnitSystem};

use super::figures::variance::VarianceParts;
use super::figures::{conversion, label};
use super::jitter;
use qhh_results::FinishedRun;
use qhh_results::number::{clock, count, counted, number, quantity};

/// One number with its name and what belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Tile {
    /// Name: `First spike`.
    pub(crate) name: &'static str,
    /// The number with its unit; a dash where there is none.
    pub(crate) value: String,
    /// When, where, how much of it.
    pub(crate) note: String,
    /// The bare number, for differences; in the units shown.
    pub(crate) number: Option<f64>,
    /// What it is a number of.
    pub(crate) dimension: Dimension,
}

/// The largest variance of a run, in its own units.
struct LargestVariance {
    value: f64,
    /// The part of vacuum, or the standard error of the whole where samples tell it.
    part: Attribution,
    time: f64,
    neuron: usize,
}

enum Attribution {
    Vacuum(f64),
    Error(f64),
}

/// Spikes, first spike, peak voltage, largest variance and run time, in the given units.
pub(crate) fn tiles(run: &FinishedRun, units: UnitSystem) -> Vec<Tile> {
    let (network, outcome) = (&run.network, &run.outcome);
    let factor = |dimension| conversion(network.units, units, dimension);
    let show = |value: f64, dimension| quantity(units, value, dimension, 4);
    let moment = |t: f64, neuron: usize| {
        let at = format!("at {}", show(t * factor(Dimension::TIME), Dimension::TIME));
        if network.n_neurons() > 1 { format!("{at}, {}", label(network, neuron)) } else { at }
    };
    let tile = |name, value: Option<f64>, dimension, note: String| {
        let number = value.map(|value| value * factor(dimension));
        let value = number.map_or_else(|| "–".to_owned(), |value| show(value, dimension));
        Tile { name, value, note, number, dimension }
    };
    let counted_at_all = network.has_spikes();
    let silent = if counted_at_all {
        let mut firing: Vec<usize> = outcome.spikes.iter().map(|spike| spike.neuron).collect();
        firing.sort_unstable();
        firing.dedup();
        match (network.n_neurons(), firing.len()) {
            (1, _) => String::new(),
            (all, firing) => format!("from {} of {} neurons", count(firing), count(all)),
        }
    } else {
        "no threshold given".to_owned()
    };
    let n_spikes = outcome.spikes.len();
    let spikes = if counted_at_all {
        Tile { value: count(n_spikes), ..tile("Spikes", Some(n_spikes as f64), Dimension::NUMBER, silent) }
    } else {
        tile("Spikes", None, Dimension::NUMBER, silent)
    };
    let first = outcome.spikes.first();
    let mut first_note: Vec<String> = match first {
        Some(spike) if network.n_neurons() > 1 => vec![label(network, spike.neuron)],
        Some(_) => Vec::new(),
        None => vec!["no spike".to_owned()],
    };
    let sampled = first.and_then(|spike| {
        let spikes = &run.outcome.ensemble.as_ref()?.spikes;
        spikes.iter().find(|own| own.neuron == spike.neuron && own.time == spike.time)
    });
    let jitter =
        first.and_then(|spike| jitter::of_spike(run, spike.neuron, spike.time)).map(|spike| spike.deviation);
    let jitter = jitter.or_else(|| sampled.map(|spike| spike.jitter).filter(|jitter| jitter.is_finite()));
    first_note.extend(jitter.map(|deviation| {
        let deviation = quantity(units, deviation * factor(Dimension::TIME), Dimension::TIME, 2);
        format!("jitter {deviation}")
    }));
    first_note
        .extend(sampled.map(|spike| format!("in {}\u{a0}% of the samples", number(100.0 * spike.probability, 3))));
    let first_note = first_note.join(", ");
    let peak = outcome.extremes.iter().max_by(|a, b| a.highest.0.total_cmp(&b.highest.0));
    let mut tiles = vec![
        spikes,
        tile("First spike", first.map(|spike| spike.time), Dimension::TIME, first_note),
        tile(
            "Peak voltage",
            peak.map(|p| p.highest.0),
            Dimension::VOLTAGE,
            peak.map_or_else(String::new, |p| moment(p.highest.1, p.neuron)),
        ),
    ];
    if let Some(largest) = largest_variance(run) {
        let part = match largest.part {
            Attribution::Vacuum(vacuum) => format!("vacuum {}\u{a0}%", number(100.0 * vacuum / largest.value, 3)),
            Attribution::Error(error) => {
                let dimension = Dimension::VOLTAGE_SQUARED;
                format!("±\u{a0}{}", quantity(units, error * factor(dimension), dimension, 2))
            }
        };
        let held = if network.gates_are_held() { ", gates held" } else { "" };
        let note = format!("{part}, {}{held}", moment(largest.time, largest.neuron));
        tiles.push(tile("Largest variance", Some(largest.value), Dimension::VOLTAGE_SQUARED, note));
    }
    let wall = run.cost.wall_seconds;
    tiles.push(Tile {
        value: clock(wall),
        number: Some(wall),
        ..tile(
            "Run time",
            None,
            Dimension::NUMBER,
            counted(usize::try_from(outcome.n_steps).unwrap_or(usize::MAX), "step"),
        )
    });
    tiles
}

fn largest_variance(run: &FinishedRun) -> Option<LargestVariance> {
    let times = &run.outcome.traces.times;
    let of_each = run.outcome.variances.iter().filter_map(|variance| {
        let parts = VarianceParts::of(variance);
        let (k, value) = parts.total.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let time = times.get(k).copied().unwrap_or(variance.cutoff.time);
        let samples = run.outcome.ensemble.iter().flat_map(|ensemble| &ensemble.neurons);
        let samples = samples.into_iter().find(|of| of.neuron == variance.neuron);
        let error = samples.and_then(|of| of.variance_error.get(k).copied());
        let part = error.map_or(Attribution::Vacuum(parts.vacuum[k]), Attribution::Error);
        Some(LargestVariance { value, part, time, neuron: variance.neuron })
    });
    of_each.filter(|largest| largest.value > 0.0).max_by(|a, b| a.value.total_cmp(&b.value))
}
