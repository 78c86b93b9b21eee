//! What a page says of waveguides: the graph they make, how spikes pass through them, where their energy goes.

use minijinja::{Value, context};
use qhh_core::units::Dimension;
use qhh_net::coupling::topology::Topology;

use crate::figures::adjacency::adjacency;
use crate::graph::{self, Level};
use qhh_results::number::{count, number, quantity};
use qhh_results::{FinishedRun, WavesSummary};

/// Bytes that the graph may take on the page of a run on several ranks, none of which has all of the network.
const MOST_ON_RANKS: f64 = 20e6;

/// The graph, drawn and in words; none without waveguides, and of a large network on several ranks why not.
pub(super) fn graph(run: &FinishedRun) -> Option<Value> {
    let network = &run.network;
    if network.waveguides.is_empty() {
        return None;
    }
    let (of_neurons, of_arms) = Topology::bytes(network);
    if run.cost.ranks.is_some_and(|cost| cost.ranks > 1) && of_neurons + of_arms > MOST_ON_RANKS {
        let caption = "Left out: it needs all of the network on one machine. `qhh graph` draws it.";
        return Some(context! { caption });
    }
    let topology = Topology::of(network);
    let caption = match Level::drawn(&topology) {
        Level::Neurons => "Every neuron, and an arrow for each waveguide, pointing the way spikes pass.",
        Level::Populations => {
            "Populations, and the waveguides between them by entry, counted: too many to draw each."
        }
    };
    let facts = graph::facts(network, &topology).into_iter();
    let facts: Vec<Value> =
        facts.map(|fact| context! { name => capital(fact.name), lines => fact.lines }).collect();
    Some(context! {
        caption,
        svg => Value::from_safe_string(graph::svg(network, &topology)),
        adjacency => Value::from_safe_string(adjacency(network).html()),
        facts,
    })
}

/// With a capital letter, as topics of a page have.
fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A row for each entry of waveguides that spikes passed.
pub(super) fn conduction(run: &FinishedRun) -> Option<Value> {
    let units = run.network.units;
    let all: Vec<_> = run.outcome.conduction.iter().filter_map(|one| Some((one, one.pace?))).collect();
    let time = |value: f64| quantity(units, value, Dimension::TIME, 4);
    let rows = all.iter().map(|(one, pace)| {
        context! {
            name => one.waveguides.as_str(),
            passed => count(one.passed),
            fired => count(one.fired),
            mean => time(pace.mean),
            shortest => time(pace.range.0),
            longest => time(pace.range.1),
            delay => time(pace.delay),
            velocity => pace.velocity.map_or_else(|| "–".to_owned(), |v| quantity(units, v, Dimension::VELOCITY, 4)),
        }
    });
    let measured = all.iter().any(|(_, pace)| pace.velocity.is_some());
    (!all.is_empty()).then(|| context! { rows => rows.collect::<Vec<Value>>(), measured })
}

/// Where the energy sent into waveguides went.
pub(super) fn energy(run: &FinishedRun) -> Option<Value> {
    let units = run.network.units;
    let waves = WavesSummary::new(run.outcome.waves.as_ref()?);
    let energy = |value: f64| quantity(units, value, Dimension::ENERGY, 4);
    let share = |value: f64| 100.0 * value / waves.sent;
    let row = |name: &str, colour: usize, value: f64| {
        let told = if waves.sent > 0.0 { format!("{}\u{a0}%", number(share(value), 3)) } else { "–".to_owned() };
        // Less than nothing has no width.
        context! { name, colour, energy => energy(value), told, share => share(value).clamp(0.0, 100.0) }
    };
    let mut rows = vec![row("Arrived at a port", 3, waves.arrived)];
    // What is lost is a difference, so rounding alone makes it a little more or less than nothing.
    let lost = if waves.lost.abs() > 1e-9 * waves.sent { waves.lost } else { 0.0 };
    if lost != 0.0 || !waves.amplified {
        let gained = waves.amplified && lost < 0.0;
        rows.push(if gained {
            row("Added by amplifiers, after losses", 5, -lost)
        } else {
            row("Lost on the way", 2, lost.max(0.0))
        });
    }
    rows.push(row("Under way at the end", 1, waves.in_flight));
    Some(context! {
        sent => energy(waves.sent),
        drawn => waves.sent > 0.0 && waves.lost >= -1e-9 * waves.sent,
        rows,
        amplified => waves.amplified,
        lossy => lost > 0.0,
    })
}
