//! Neurons by name: `relay`, `relay[3]`, `relay[0..3]` (both ends included), and back.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use qhh_net::Network;

use crate::yaml::check::{clip, suggestion};
use crate::yaml::quantity::Scope;
use crate::yaml::schema::Neurons;

/// Neurons that one entry may name: a list of more would fill the memory.
const MAX_NAMED: usize = 100_000_000;

/// Names of the populations and the numbers of their neurons.
#[derive(Default)]
pub(super) struct Roster<'a> {
    /// Name, number of the first neuron, and count; no count for a population that could not be read.
    entries: Vec<(&'a str, usize, Option<usize>)>,
    /// Where in the list a name stands.
    by_name: HashMap<&'a str, usize>,
}

impl<'a> Roster<'a> {
    pub(super) fn push(&mut self, name: &'a str, count: Option<usize>) {
        let first = self.total();
        self.by_name.insert(name, self.entries.len());
        self.entries.push((name, first, count));
    }

    /// Number of neurons of the populations that could be read.
    pub(super) fn total(&self) -> usize {
        self.entries.last().map_or(0, |(_, first, count)| first.saturating_add(count.unwrap_or(0)))
    }

    /// Numbers of the neurons named, ascending and without repetition.
    pub(super) fn select(&self, typed: &Neurons, scope: &Scope<'_>) -> Vec<usize> {
        let mut ranges = Vec::new();
        match typed {
            Neurons::One(text) => ranges.extend(self.range(text, scope)),
            Neurons::Many(list) => {
                for (index, text) in list.iter().enumerate() {
                    ranges.extend(self.range(text, &scope.index(index)));
                }
            }
        }
        let total: usize = ranges.iter().map(|range| range.end() - range.start() + 1).sum();
        if total > MAX_NAMED {
            scope.wrong(
                format!("`{}` names {total} neurons, above the {MAX_NAMED} one entry may name", scope.path),
                "name fewer, such as `relay[0..999]`",
            );
            return Vec::new();
        }
        let mut neurons: Vec<usize> = ranges.into_iter().flatten().collect();
        neurons.sort_unstable();
        neurons.dedup();
        neurons
    }

    fn range(&self, text: &str, scope: &Scope<'_>) -> Option<RangeInclusive<usize>> {
        let text = text.trim();
        let (name, indices) = match text.split_once('[') {
            Some((name, rest)) => (name.trim(), Some(rest)),
            None => (text, None),
        };
        let Some((_, first, count)) = self.by_name.get(name).and_then(|&at| self.entries.get(at)) else {
            let known: Vec<&str> = self.entries.iter().map(|(known, ..)| *known).collect();
            scope.wrong(format!("there is no population `{}`", clip(name)), suggestion(name, &known));
            return None;
        };
        let indices = match indices.map(parse_indices) {
            None => count.map(|count| 0..=count - 1)?,
            Some(Some(indices)) => indices,
            Some(None) => {
                scope.wrong(
                    format!("`{}` names no neurons", clip(text)),
                    format!("write `{name}`, `{name}[3]`, or `{name}[0..3]` for the four from 0 to 3"),
                );
                return None;
            }
        };
        let count = (*count)?;
        if *indices.end() >= count {
            let end = indices.end();
            let help = if count == 1 {
                format!("its one neuron is `{name}[0]`; add `count:` for more")
            } else {
                format!("its {count} neurons are `{name}[0]` to `{name}[{}]`", count - 1)
            };
            scope.wrong(format!("there is no `{name}[{end}]`"), help);
            return None;
        }
        Some(first + indices.start()..=first + indices.end())
    }
}

/// `3]` or `0..3]`.
fn parse_indices(text: &str) -> Option<RangeInclusive<usize>> {
    let text = text.trim().strip_suffix(']')?;
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from <= to).then_some(from..=to)
}

/// Names of the given neurons, as few as possible: whole populations, ranges, single neurons.
pub(crate) fn spell(network: &Network, neurons: &[usize]) -> Vec<String> {
    let mut names = Vec::new();
    let mut first = 0;
    let mut rest = neurons;
    for population in &network.populations {
        let end = first + population.count;
        let (here, after) = rest.split_at(rest.partition_point(|&neuron| neuron < end));
        rest = after;
        for run in here.chunk_by(|a, b| a + 1 == *b) {
            let (low, high) = (run[0] - first, run[run.len() - 1] - first);
            let name = &population.name;
            names.push(match (low, high) {
                (0, high) if high + 1 == population.count => name.clone(),
                (low, high) if low == high => format!("{name}[{low}]"),
                (low, high) => format!("{name}[{low}..{high}]"),
            });
        }
        first = end;
    }
    names
}
