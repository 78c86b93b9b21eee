//! Figures of fluctuations side by side: what more than one of the runs has, with differences from the first.

use minijinja::Value;
use qhh_core::units::Dimension;
use qhh_net::network::Observable;

use super::super::figures::{Group, Subject, budget, responses};
use super::super::{ensemble, jitter};
use super::side_by_side::{Cell, Row, Table, Unit};
use qhh_results::{FinishedRun, ModeSummary, StatesSummary};

/// Spikes of a neuron, origins of its noise, modes and pairs in a table, at most.
const MOST_SPIKES: usize = 6;
const MOST_ORIGINS: usize = 10;
const MOST_MODES: usize = 12;
const MOST_PAIRS: usize = 20;

/// The tables that have rows, for the template.
pub(super) fn tables(runs: &[&FinishedRun], groups: &[Group<'_>]) -> Vec<Value> {
    let Some(units) = runs.first().map(|run| run.network.units) else { return Vec::new() };
    let tables =
        [spikes(runs.len(), groups), budgets(runs.len(), groups), answers(runs.len(), groups), states(runs)];
    tables.into_iter().filter_map(|table| table.told(units)).collect()
}

/// `relay[0]: what` where several neurons are compared.
fn named(group: &Group<'_>, what: &str) -> String {
    if group.heading.is_empty() { what.to_owned() } else { format!("{}: {what}", group.heading) }
}

fn spikes(runs: usize, groups: &[Group<'_>]) -> Table {
    let mut rows = Vec::new();
    for group in groups {
        for k in 0..MOST_SPIKES {
            let time = |subject: &Subject<'_>| subject.factor(Dimension::TIME);
            // The time in the run's own units finds it again.
            let spike = |subject: &Subject<'_>| {
                let own = subject.run.outcome.spikes.iter().filter(|spike| spike.neuron == subject.neuron);
                own.map(|spike| spike.time).nth(k)
            };
            let row = |what: &str, unit, cell: &dyn Fn(&Subject<'_>) -> Option<Cell>| {
                Row::of(named(group, &format!("spike {}, {what}", k + 1)), runs, group, unit, cell)
            };
            let jittered = |subject: &Subject<'_>| {
                let linear =
                    jitter::of_spike(subject.run, subject.neuron, spike(subject)?).map(|spike| spike.deviation);
                let linear = linear
                    .map(|deviation| Cell { note: "linear response", ..Cell::exact(time(subject) * deviation) });
                linear.or_else(|| {
                    let of = subject.counted().nth(k)?;
                    Cell::sampled(time(subject) * of.jitter, time(subject) * of.jitter_error, "samples")
                })
            };
            let both = |subject: &Subject<'_>| jittered(subject).is_some() || subject.counted().nth(k).is_some();
            if group.subjects.iter().filter(|subject| both(subject)).count() < 2 {
                continue;
            }
            rows.push(row("time", Unit::Of(Dimension::TIME), &|s| Some(Cell::exact(time(s) * spike(s)?))));
            rows.push(row("jitter", Unit::Of(Dimension::TIME), &jittered));
            rows.push(row("linear response of the samples", Unit::Of(Dimension::TIME), &|subject| {
                let of = subject.counted().nth(k)?;
                Cell::sampled(time(subject) * of.linear_jitter, time(subject) * of.linear_jitter_error, "samples")
            }));
            rows.push(row("fires in", Unit::Named("%"), &|subject| {
                let of = subject.counted().nth(k)?;
                Cell::sampled(100.0 * of.probability, 100.0 * of.probability_error, "")
            }));
        }
        let counted = |what: &str, value: &dyn Fn(&Subject<'_>) -> Option<Cell>| {
            Row::of(named(group, what), runs, group, Unit::Of(Dimension::NUMBER), value)
        };
        rows.push(counted("spikes made by noise", &|subject| {
            let samples = subject.run.outcome.ensemble.as_ref()?.samples;
            let of = subject.samples()?;
            Cell::sampled(of.made, ensemble::made_error(of, samples), "")
        }));
        rows.push(counted("spikes erased by noise", &|subject| {
            let own: Vec<_> = subject.counted().cloned().collect();
            Cell::sampled(subject.samples()?.erased, ensemble::erased_error(&own), "")
        }));
    }
    Table {
        title: "Jitter and firing",
        lead: "Spread of the time of each spike, by linear response or from samples, and how often samples have it.",
        rows,
    }
}

fn budgets(runs: usize, groups: &[Group<'_>]) -> Table {
    let mut rows = Vec::new();
    let quantities = budget::observables(groups);
    for (observable, group) in quantities.iter().flat_map(|of| groups.iter().map(move |group| (*of, group))) {
        let mut parts: Vec<(String, Row)> = Vec::new();
        let unit = Unit::Of(Dimension::VOLTAGE_SQUARED);
        let named = |group: &Group<'_>, what: &str| match observable {
            Observable::Voltage => named(group, what),
            wave => named(group, &format!("{}, {what}", wave.name())),
        };
        let mut total = Row::new(named(group, "all origins"), runs, unit);
        for subject in &group.subjects {
            let shares = budget::shares(subject, observable);
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
            for share in &shares {
                let known = parts.iter().position(|(name, _)| *name == share.name);
                let at = known.unwrap_or_else(|| {
                    parts.push((share.name.clone(), Row::new(named(group, &share.name), runs, unit)));
                    parts.len() - 1
                });
                parts[at].1.cells[subject.colour] = Some(Cell::exact(mean(&share.values)));
            }
            if !shares.is_empty() {
                total.cells[subject.colour] =
                    Some(Cell::exact(shares.iter().map(|share| mean(&share.values)).sum()));
            }
        }
        // An origin that a run with a budget does not have brings nothing in there.
        for (_, row) in &mut parts {
            for (cell, total) in row.cells.iter_mut().zip(&total.cells) {
                if cell.is_none() && total.is_some() {
                    *cell = Some(Cell::exact(0.0));
                }
            }
        }
        let size = |row: &Row| row.cells.iter().flatten().map(|cell| cell.value.abs()).fold(0.0, f64::max);
        let mut parts: Vec<Row> = parts.into_iter().map(|(_, row)| row).collect();
        parts.sort_by(|a, b| size(b).total_cmp(&size(a)));
        parts.truncate(MOST_ORIGINS);
        if total.cells.iter().any(Option::is_some) {
            rows.extend(parts);
            rows.push(total);
        }
    }
    Table {
        title: "Noise budgets",
        lead: "Variance of the voltage, and of recorded waves, by the line that its noise comes from, the mean over the run; the largest origins.",
        rows,
    }
}

fn answers(runs: usize, groups: &[Group<'_>]) -> Table {
    let mut rows = Vec::new();
    for source in responses::sources(groups) {
        for group in groups {
            let unit = Unit::Of(Dimension::VOLTAGE);
            rows.push(Row::of(named(group, source), runs, group, unit, |subject| {
                let values = responses::magnitude(subject, source)?;
                Some(Cell::exact(values.into_iter().fold(0.0, f64::max)))
            }));
        }
    }
    Table {
        title: "Responses to sources",
        lead: "Largest |u| over the run of each voltage to the mode of each source.",
        rows,
    }
}

fn states(runs: &[&FinishedRun]) -> Table {
    let each: Vec<Option<StatesSummary>> =
        runs.iter().map(|run| Some(StatesSummary::new(&run.network, run.outcome.states.as_ref()?))).collect();
    let all = || each.iter().flatten();
    let names = in_order(all().flat_map(|states| &states.modes).map(|mode| mode.name.as_str()));
    let pairs = in_order(all().flat_map(|states| &states.pairs).map(|pair| &pair.modes));
    let number = Unit::Of(Dimension::NUMBER);
    let mut rows = Vec::new();
    for name in names.into_iter().take(MOST_MODES) {
        let mut push = |what: &str, unit, value: &dyn Fn(&ModeSummary) -> Option<f64>| {
            let cell = |states: &Option<StatesSummary>| {
                let mode = states.as_ref()?.modes.iter().find(|mode| mode.name == name)?;
                value(mode).map(Cell::exact)
            };
            rows.push(Row { name: format!("{name}: {what}"), cells: each.iter().map(cell).collect(), unit });
        };
        push("mean |⟨b⟩|", number, &|mode| Some(mode.mean[0].hypot(mode.mean[1])));
        push("photons", number, &|mode| Some(mode.photons));
        push("squeezing", Unit::Named("dB"), &|mode| mode.squeezing_db);
        push("purity", number, &|mode| mode.purity);
        push("fidelity with input", number, &|mode| mode.input.as_ref()?.fidelity);
        push("negativity volume", number, &|mode| mode.input.as_ref()?.negativity_volume);
    }
    for names in pairs.into_iter().take(MOST_PAIRS) {
        let cell = |states: &Option<StatesSummary>| {
            let pair = states.as_ref()?.pairs.iter().find(|pair| pair.modes == *names)?;
            pair.log_negativity.map(Cell::exact)
        };
        rows.push(Row {
            name: format!("{}, {}: logarithmic negativity", names[0], names[1]),
            cells: each.iter().map(cell).collect(),
            unit: Unit::Named("nats"),
        });
    }
    // What is zero in every run says nothing.
    rows.retain(|row| row.cells.iter().flatten().any(|cell| cell.value.abs() > 1e-12));
    Table { title: "Output modes", lead: "Of modes that go by the same name.", rows }
}

/// Each once, as they first come.
fn in_order<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.fold(Vec::new(), |mut found, item| {
        if !found.contains(&item) {
            found.push(item);
        }
        found
    })
}
