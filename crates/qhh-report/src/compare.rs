//! The page that lays several runs over one another.

mod difference;
mod names;
mod quantum;
mod side_by_side;

use std::collections::BTreeMap;

use minijinja::{Value, context};
use qhh_core::units::Dimension;
use qhh_net::network::Observable;

use super::figures::traces::listed;
use super::figures::{Group, Section, Subject, budget, memristor, responses, spread, traces, variance};
use super::headline::{Tile, tiles};
use super::page::{section, verdict_of};
use super::render;
use qhh_format::yaml::leaves;
use qhh_results::FinishedRun;
use qhh_results::number::{clock, count, number, quantity};

use difference::Apart;
pub use names::Compared;

/// Neurons compared in panels of their own.
const MOST_PANELS: usize = 4;
/// Settings listed that differ: those seen at once, and all; the rest are counted.
const FIRST_SETTINGS: usize = 12;
const MOST_SETTINGS: usize = 200;
/// Runs whose parting has a tile.
const MOST_TILES: usize = 4;

/// The page as HTML.
pub(super) fn html(compared: &[Compared<'_>]) -> String {
    let names = names::names(compared);
    let runs: Vec<&FinishedRun> = compared.iter().map(|one| one.run).collect();
    let runs = runs.as_slice();
    let title = match names.len() {
        0 => "No runs to compare".to_owned(),
        1..=3 => names.join(" · "),
        n => format!("{n} runs compared"),
    };
    let pairs = pairs(runs, &names);
    let groups = spread(&pairs, MOST_PANELS);
    let mut sections = sections(runs, &groups);
    let finding = sections[0].figures.remove(0);
    let sections: Vec<Value> = sections.iter().filter_map(section).collect();
    let settings = settings(runs);
    let (mut first, mut further) = (settings.clone().unwrap_or_default(), Vec::new());
    if first.len() > FIRST_SETTINGS {
        further = first.split_off(FIRST_SETTINGS);
        further.truncate(MOST_SETTINGS - FIRST_SETTINGS);
    }
    let legend: Vec<Value> = names
        .iter()
        .zip(runs)
        .enumerate()
        .map(|(k, (name, run))| context! { name => name.as_str(), description => said(run), colour => k % 8 + 1 })
        .collect();
    let mixed = runs.windows(2).any(|pair| pair[0].network.units != pair[1].network.units);
    render(
        "compare.html",
        &context! {
            title,
            caption => in_short(&names, settings.as_deref()),
            version => runs.first().map(|run| run.version.clone()),
            runs => legend,
            tiles => verdict(runs, &names).into_iter().chain(partings(runs, &pairs, &names)).collect::<Vec<Value>>(),
            notices => failures(runs, &names),
            names,
            mixed => mixed.then(|| runs[0].network.units.name()),
            headlines => headlines(runs),
            finding => Value::from_safe_string(finding.html()),
            sections,
            tables => quantum::tables(runs, &groups),
            unread => settings.is_none(),
            more => settings.map_or(0, |all| all.len().saturating_sub(MOST_SETTINGS)),
            settings => rows(&first),
            further => rows(&further),
        },
    )
}

/// Settings for the template.
fn rows(settings: &[Setting]) -> Vec<Value> {
    settings.iter().map(|one| context! { path => one.path.as_str(), values => one.values.clone() }).collect()
}

/// What sets the runs apart, in a sentence.
fn in_short(names: &[String], settings: Option<&[Setting]>) -> String {
    match settings {
        _ if names.len() < 2 => String::new(),
        None => "The text of a network could not be read, so settings are not compared.".to_owned(),
        Some([]) => "The runs have the same settings.".to_owned(),
        Some([only]) if names.len() <= 3 => {
            let each: Vec<String> = only
                .values
                .iter()
                .zip(names)
                .map(|(value, name)| format!("{} in {name}", shortly(value)))
                .collect();
            format!("One setting differs: {} is {}.", only.path, listed(&each))
        }
        Some(all) => {
            let named: Vec<&str> = all.iter().take(3).map(|one| one.path.as_str()).collect();
            let rest = all.len() - named.len();
            let named = named.join(", ");
            match all.len() {
                1 => format!("One setting differs: {named}."),
                n if rest > 0 => format!("{} settings differ: {named} and {} more.", count(n), count(rest)),
                n => format!("{} settings differ: {named}.", count(n)),
            }
        }
    }
}

/// A value in a sentence: a number with few digits, anything else whole.
fn shortly(value: &str) -> String {
    value.parse().map_or_else(|_| value.to_owned(), |value: f64| number(value, 4))
}

/// The checks of all runs as one tile.
fn verdict(runs: &[&FinishedRun], names: &[String]) -> Option<Value> {
    let bounded = |run: &&FinishedRun| run.outcome.checks.iter().filter(|c| c.expected_below.is_finite()).count();
    let all: usize = runs.iter().map(bounded).sum();
    let failing = runs.iter().zip(names).filter_map(|(run, name)| {
        let failed: Vec<&str> =
            run.outcome.checks.iter().filter(|check| !check.holds()).map(|check| &*check.name).collect();
        (!failed.is_empty()).then(|| (failed.len(), format!("{name}: {}", failed.join(", "))))
    });
    let failing: Vec<(usize, String)> = failing.collect();
    let failed: usize = failing.iter().map(|(n, _)| n).sum();
    let note = failing.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("; ");
    (all > 0).then(|| verdict_of((failed, all), note))
}

/// What is said at the top of runs that a reader must not trust.
fn failures(runs: &[&FinishedRun], names: &[String]) -> Vec<Value> {
    let notices = runs.iter().zip(names).flat_map(|(run, name)| {
        let own = super::page::notices(run).into_iter();
        own.filter(|notice| notice.get_attr("kind").is_ok_and(|kind| kind.as_str() == Some("failed"))).map(
            move |notice| {
                let text = notice.get_attr("text").unwrap_or_default();
                context! { kind => "failed", text => format!("{name}: {text}") }
            },
        )
    });
    notices.collect()
}

/// When each of the other runs departs from the first, a tile each.
fn partings(runs: &[&FinishedRun], pairs: &[Group<'_>], names: &[String]) -> Vec<Value> {
    let Some(units) = runs.first().map(|run| run.network.units) else { return Vec::new() };
    let others = names.iter().enumerate().skip(1).take(MOST_TILES);
    let tile = |(k, name): (usize, &String)| {
        let name = format!("{name} departs from {}", names[0]);
        match difference::apart(pairs, k) {
            Some(Apart::From(parting)) => {
                let value = quantity(units, parting.time, Dimension::TIME, 4);
                context! { name, value => format!("at {value}"), note => parting.said(units) }
            }
            Some(Apart::Never(worst)) => context! { name, value => "never", note => difference::agreement(worst) },
            None => context! { name, value => "–", note => "no recorded quantity in common at the same times" },
        }
    };
    others.map(tile).collect()
}

/// What a run says of itself.
fn said(run: &FinishedRun) -> &str {
    let network = &run.network;
    if network.caption.is_empty() { &network.description } else { &network.caption }
}

/// The same neuron in every run: by name where every run shares one with another, else by its place among those
/// recorded.
fn pairs<'a>(runs: &[&'a FinishedRun], names: &[String]) -> Vec<Group<'a>> {
    let Some(units) = runs.first().map(|run| run.network.units) else { return Vec::new() };
    let mut by_name: Vec<(String, Vec<(usize, usize)>)> = Vec::new();
    let mut place: BTreeMap<String, usize> = BTreeMap::new();
    for (k, run) in runs.iter().enumerate() {
        for &neuron in &run.network.record.neurons {
            let name = run.network.neuron_name(neuron);
            let at = *place.entry(name.clone()).or_insert(by_name.len());
            if at == by_name.len() {
                by_name.push((name, Vec::new()));
            }
            by_name[at].1.push((k, neuron));
        }
    }
    let shared: Vec<_> = by_name.into_iter().filter(|slot| slot.1.len() > 1).collect();
    let takes_part = |k: usize| shared.iter().any(|slot| slot.1.iter().any(|member| member.0 == k));
    let slots = if !shared.is_empty() && (0..runs.len()).all(takes_part) {
        shared
    } else {
        let longest = runs.iter().map(|run| run.network.record.neurons.len()).max().unwrap_or(0);
        let of = |place: usize| {
            let at = |(k, run): (usize, &&FinishedRun)| Some((k, *run.network.record.neurons.get(place)?));
            let members: Vec<_> = runs.iter().enumerate().filter_map(at).collect();
            (format!("recorded neuron {}", place + 1), members)
        };
        (0..longest).map(of).filter(|slot| slot.1.len() > 1 || runs.len() == 1).collect()
    };
    let several = slots.len() > 1;
    slots
        .into_iter()
        .map(|(heading, members)| Group {
            heading: if several { heading } else { String::new() },
            subjects: members
                .into_iter()
                .map(|(k, neuron)| Subject { name: names[k].clone(), colour: k, run: runs[k], neuron, units })
                .collect(),
        })
        .collect()
}

fn sections<'a>(runs: &[&'a FinishedRun], groups: &[Group<'a>]) -> Vec<Section<'a>> {
    use Observable as O;
    let recorded = runs.iter().map(|run| run.network.record.neurons.len()).max().unwrap_or(0);
    let lead = if groups.len() < recorded && groups.len() > 1 {
        format!("Panels show {} neurons, evenly chosen.", count(groups.len()))
    } else {
        String::new()
    };
    // One neuron of each run names its units and all its loops.
    let mut each: Vec<Subject<'a>> = groups.iter().flat_map(|g| g.subjects.clone()).collect();
    each.sort_by_key(|subject| subject.colour);
    each.dedup_by_key(|subject| subject.colour);
    let overlay = |id, title, label, observables: &[O]| {
        let mut figure = traces::overlay(id, title, label, observables, groups, recorded);
        for &observable in observables {
            let heading = |group: &Group<'a>| group.heading_of(groups, traces::in_words(observable));
            difference::add(&mut figure, groups, observable.dimension(), &heading, &|s| s.trace(observable));
        }
        figure
    };
    let mut voltage = traces::voltage(groups, recorded);
    let heading = |group: &Group<'a>| group.heading.clone();
    difference::add(&mut voltage, groups, Dimension::VOLTAGE, &heading, &|s| s.trace(O::Voltage));
    let mut parts = variance::parts(groups);
    let heading = |group: &Group<'a>| group.heading_of(groups, "total");
    difference::add(&mut parts, groups, Dimension::VOLTAGE_SQUARED, &heading, &|s| {
        variance::VarianceParts::shown(s).map(|parts| parts.total.into())
    });
    let mut fluctuations = vec![variance::band(groups), parts];
    fluctuations.extend(budget::budgets(groups));
    fluctuations.push(responses::compared(groups));
    let section = |title, figures| Section { title, lead: lead.clone(), figures };
    vec![
        section("Voltage", vec![voltage]),
        section("Quantum fluctuations", fluctuations),
        section(
            "Channels",
            vec![overlay("conductances", "Conductances", "Conductance", &traces::of_channels(groups).1)],
        ),
        section(
            "Memristors",
            vec![
                memristor::last_loops(groups),
                memristor::loops(groups),
                memristor::areas(groups),
                memristor::area_against_frequency(&each),
            ],
        ),
        section("Waves in the lines", vec![overlay("waves", "Waves", "Mean wave", &[O::WaveOut])]),
    ]
}

/// One row for each headline number: its value in every run, and the difference from the first.
fn headlines(runs: &[&FinishedRun]) -> Vec<Value> {
    let Some(units) = runs.first().map(|run| run.network.units) else { return Vec::new() };
    let columns: Vec<Vec<Tile>> = runs.iter().map(|run| tiles(run, units)).collect();
    let mut names: Vec<&'static str> = Vec::new();
    for tile in columns.iter().flatten() {
        if !names.contains(&tile.name) {
            names.push(tile.name);
        }
    }
    let of = |column: &[Tile], name: &str| column.iter().find(|tile| tile.name == name).cloned();
    let row = |name: &&'static str| {
        let first = of(&columns[0], name).and_then(|tile| tile.number);
        let cells = columns.iter().enumerate().map(|(k, column)| {
            let tile = of(column, name);
            let change = tile.as_ref().and_then(|tile| Some((tile.number? - first?, tile.dimension)));
            let change = change.filter(|_| k > 0).map(|(change, dimension)| {
                let change_is_none = change == 0.0;
                let sign = if change > 0.0 { "+" } else { "" };
                let change = match *name {
                    "Run time" if change < 0.0 => format!("\u{2212}{}", clock(-change)),
                    "Run time" => clock(change),
                    _ => quantity(units, change, dimension, 4),
                };
                if change_is_none { "same".to_owned() } else { format!("{sign}{change}") }
            });
            context! {
                value => tile.as_ref().map_or_else(|| "–".to_owned(), |tile| tile.value.clone()),
                note => tile.map(|tile| tile.note),
                change,
            }
        });
        context! { name => *name, cells => cells.collect::<Vec<Value>>() }
    };
    names.iter().map(row).collect()
}

/// A setting that differs, and its value in each run.
#[derive(Debug, Clone)]
struct Setting {
    path: String,
    values: Vec<String>,
}

/// Settings that differ, by their path in the resolved network; `None` where a network's text cannot be read.
fn settings(runs: &[&FinishedRun]) -> Option<Vec<Setting>> {
    let trees = runs.iter().map(|run| leaves(&run.network_yaml)).collect::<Option<Vec<_>>>()?;
    let mut paths: Vec<&String> = trees.iter().flat_map(BTreeMap::keys).collect();
    paths.sort_unstable();
    paths.dedup();
    let differs = |path: &&String| trees.iter().any(|tree| tree.get(*path) != trees[0].get(*path));
    let row = |path: &String| {
        let values: Vec<String> =
            trees.iter().map(|tree| tree.get(path).cloned().unwrap_or_else(|| "–".to_owned())).collect();
        Setting { path: path.clone(), values }
    };
    Some(paths.into_iter().filter(differs).map(row).collect())
}
