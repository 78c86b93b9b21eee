//! The page that lays several runs over one another.

mod quantum;
mod side_by_side;

use std::collections::BTreeMap;

use minijinja::{Value, context};
use qhh_net::network::Observable;

use super::figures::{Group, Section, Subject, budget, memristor, responses, spread, traces, variance};
use super::headline::{Tile, tiles};
use super::page::section;
use super::render;
use qhh_format::yaml::leaves;
use qhh_results::FinishedRun;
use qhh_results::number::{count, number, quantity};

/// Neurons compared in panels of their own.
const MOST_PANELS: usize = 4;
/// Settings listed that differ; the rest are counted.
const MOST_SETTINGS: usize = 200;

/// The page as HTML.
pub(super) fn html(runs: &[&FinishedRun]) -> String {
    let names = names(runs);
    let title = match names.len() {
        0 => "No runs to compare".to_owned(),
        1..=3 => names.join(" · "),
        n => format!("{n} runs compared"),
    };
    let groups = groups(runs, &names);
    let sections: Vec<Value> = sections(runs, &groups).iter().filter_map(section).collect();
    let settings = settings(runs);
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
            version => runs.first().map(|run| run.version.clone()),
            runs => legend,
            names,
            mixed => mixed.then(|| runs[0].network.units.name()),
            headlines => headlines(runs),
            sections,
            tables => quantum::tables(runs, &groups),
            unread => settings.is_none(),
            settings => settings.as_deref().map(|all| all.iter().take(MOST_SETTINGS).cloned().collect::<Vec<_>>()),
            more => settings.map_or(0, |all| all.len().saturating_sub(MOST_SETTINGS)),
        },
    )
}

/// What a run says of itself.
fn said(run: &FinishedRun) -> &str {
    let network = &run.network;
    if network.caption.is_empty() { &network.description } else { &network.caption }
}

/// Names of the runs; those that share one are numbered.
fn names(runs: &[&FinishedRun]) -> Vec<String> {
    let name = |run: &FinishedRun| run.network.name.clone();
    let shared = |run: &FinishedRun| runs.iter().filter(|other| name(other) == name(run)).count() > 1;
    runs.iter()
        .enumerate()
        .map(|(k, run)| {
            if !shared(run) {
                return name(run);
            }
            let before = runs[..k].iter().filter(|other| name(other) == name(run)).count();
            format!("{} ({})", name(run), before + 1)
        })
        .collect()
}

/// The same neuron in every run: by name where every run shares one with another, else by its place among those
/// recorded.
fn groups<'a>(runs: &[&'a FinishedRun], names: &[String]) -> Vec<Group<'a>> {
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
    let slots = spread(&slots, MOST_PANELS);
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
    let overlay =
        |id, title, label, observables: &[O]| traces::overlay(id, title, label, observables, groups, recorded);
    let mut fluctuations = vec![variance::band(groups), variance::parts(groups)];
    fluctuations.extend(budget::budgets(groups));
    fluctuations.push(responses::compared(groups));
    let section = |title, figures| Section { title, lead: lead.clone(), figures };
    vec![
        section("Voltage", vec![traces::voltage(groups, recorded)]),
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
                    "Run time" => qhh_results::number::join(&number(change, 3), "s"),
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

/// Settings that differ, by their path in the resolved network; `None` where a network's text cannot be read.
fn settings(runs: &[&FinishedRun]) -> Option<Vec<Value>> {
    let trees = runs.iter().map(|run| leaves(&run.network_yaml)).collect::<Option<Vec<_>>>()?;
    let mut paths: Vec<&String> = trees.iter().flat_map(BTreeMap::keys).collect();
    paths.sort_unstable();
    paths.dedup();
    let differs = |path: &&String| trees.iter().any(|tree| tree.get(*path) != trees[0].get(*path));
    let row = |path: &String| {
        let values: Vec<String> =
            trees.iter().map(|tree| tree.get(path).cloned().unwrap_or_else(|| "–".to_owned())).collect();
        context! { path => path.as_str(), values }
    };
    Some(paths.into_iter().filter(differs).map(row).collect())
}
