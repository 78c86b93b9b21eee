//! Neurons by name: `relay`, `relay.3` or `relay[3]`, `relay.0..3` or `relay[0..3]` (both ends included), and back.
//!
//! The form with a dot needs no quotes in YAML, so that is what messages say to write; results name neurons with brackets.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use qhh_net::{Network, Neurons};

use crate::yaml::quantity::Scope;
use crate::yaml::schema::Neurons as Typed;
use crate::yaml::wording::{clip, nearest, suggestion};

/// Neurons in the order listed, one stretch for each name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listed(Vec<RangeInclusive<usize>>);

impl Listed {
    pub(super) fn neurons(&self) -> Neurons {
        self.0.iter().map(|range| *range.start()..range.end() + 1).collect()
    }

    /// Number of neurons of each name.
    pub(super) fn sizes(&self) -> Vec<usize> {
        self.0.iter().map(|range| range.end() - range.start() + 1).collect()
    }

    /// Whether they ascend, as they do in a list without order.
    fn ascends(&self) -> bool {
        self.0.windows(2).all(|pair| pair[0].end() < pair[1].start())
    }

    /// Puts those of `other` behind.
    pub(super) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// Names of the populations and the numbers of their neurons.
#[derive(Default)]
pub(crate) struct NeuronIndex<'a> {
    /// Name, number of the first neuron, and count; no count for a population that could not be read.
    entries: Vec<(&'a str, usize, Option<usize>)>,
    /// Where in the list a name stands.
    by_name: HashMap<&'a str, usize>,
}

impl<'a> NeuronIndex<'a> {
    pub(crate) fn push(&mut self, name: &'a str, count: Option<usize>) {
        let first = self.total();
        self.by_name.insert(name, self.entries.len());
        self.entries.push((name, first, count));
    }

    /// Number of neurons of the populations that could be read.
    pub(super) fn total(&self) -> usize {
        self.entries.last().map_or(0, |(_, first, count)| first.saturating_add(count.unwrap_or(0)))
    }

    /// Numbers of the neurons named, ascending and without repetition; those found, where some are not.
    pub(super) fn select(&self, typed: &Typed, scope: &Scope<'_>) -> Neurons {
        self.select_all(typed, scope).unwrap_or_else(|found| found)
    }

    /// The same, and whether all are found.
    pub(crate) fn select_all(&self, typed: &Typed, scope: &Scope<'_>) -> Result<Neurons, Neurons> {
        let (listed, all) = self.ranges(typed, scope);
        let neurons = listed.neurons().ascending();
        if all { Ok(neurons) } else { Err(neurons) }
    }

    /// Whether neurons, all of which are known, are named in their order in the network.
    pub(super) fn ascends(&self, typed: &Typed, scope: &Scope<'_>) -> bool {
        self.ranges(typed, scope).0.ascends()
    }

    /// The neurons named, in the order given; `None`, with the reason on the list, if one is named twice or unknown.
    pub(super) fn in_order(&self, typed: &Typed, scope: &Scope<'_>) -> Option<Listed> {
        let (listed, all) = self.ranges(typed, scope);
        if let Some(name) = self.repeated(&listed) {
            scope.wrong(format!("`{}` names `{name}` twice", scope.path), "name each neuron once");
        }
        (all && scope.problems.none_within(&scope.path)).then_some(listed)
    }

    /// Name of a neuron that is listed more than once.
    pub(super) fn repeated(&self, listed: &Listed) -> Option<String> {
        let mut ranges = listed.0.clone();
        ranges.sort_unstable_by_key(|range| *range.start());
        let meeting = ranges.windows(2).find(|pair| pair[1].start() <= pair[0].end())?;
        self.name_of(*meeting[1].start())
    }

    /// Name of a neuron, by its number.
    pub(super) fn name_of(&self, neuron: usize) -> Option<String> {
        let (name, first, _) = self.entries.iter().rfind(|(_, first, _)| *first <= neuron)?;
        Some(format!("{name}[{}]", neuron - first))
    }

    /// How a neuron is written where brackets would need quotes.
    pub(super) fn address_of(&self, neuron: usize) -> Option<String> {
        let (name, first, _) = self.entries.iter().rfind(|(_, first, _)| *first <= neuron)?;
        Some(format!("{name}.{}", neuron - first))
    }

    /// The neurons that are found, and whether they are all.
    fn ranges(&self, typed: &Typed, scope: &Scope<'_>) -> (Listed, bool) {
        let found: Vec<Option<RangeInclusive<usize>>> = match typed {
            Typed::One(text) => vec![self.range(text, scope)],
            Typed::Many(list) => {
                let range = |(index, text): (usize, &String)| self.range(text, &scope.index(index));
                list.iter().enumerate().map(range).collect()
            }
        };
        let all = found.iter().all(Option::is_some);
        (Listed(found.into_iter().flatten().collect()), all)
    }

    /// The list that a text with commas stands for, `relay, cell`, if each part of it begins with a population.
    fn list(&self, text: &str) -> Option<String> {
        let parts: Vec<&str> = text.split([',', ';']).map(str::trim).collect();
        let is_known =
            |part: &&str| part.split(['[', '.']).next().is_some_and(|name| self.by_name.contains_key(name));
        if parts.len() < 2 || !parts.iter().all(is_known) {
            return None;
        }
        // Brackets would need quotes.
        Some(format!("write a list: `[{}]`", parts.join(", ").replace('[', ".").replace(']', "")))
    }

    /// What to write for a text that names no neurons, if it shows which are meant: `relay 0`, `relay-0` or `relai.0`.
    fn meant(&self, text: &str) -> Option<String> {
        if let Some(list) = self.list(text) {
            return Some(list);
        }
        let longest =
            self.entries.iter().filter(|(name, ..)| text.starts_with(name)).max_by_key(|(name, ..)| name.len());
        let known: Vec<&str> = self.entries.iter().map(|(name, ..)| *name).collect();
        let (name, rest) = if let Some((name, ..)) = longest {
            (*name, &text[name.len()..])
        } else {
            let end = text.find(|c: char| !(c.is_alphanumeric() || "-_".contains(c)))?;
            (nearest(&text[..end], &known)?, &text[end..])
        };
        // Counted from the end, as in Python.
        if rest.contains(".-") || rest.contains("[-") {
            return None;
        }
        let (_, _, count) = self.entries[*self.by_name.get(name)?];
        let is_there = |index: usize| count.is_none_or(|count| index < count);
        match numbers(rest)?.as_slice() {
            [one] if is_there(*one) => Some(format!("did you mean `{name}.{one}`?")),
            [_] => count.map(|count| extent(name, count)),
            [from, to] if from < to && is_there(*to) && !rest.contains([',', ';']) => {
                Some(format!("did you mean `{name}.{from}..{to}`?"))
            }
            _ => None,
        }
    }

    fn range(&self, text: &str, scope: &Scope<'_>) -> Option<RangeInclusive<usize>> {
        let text = text.trim();
        let (name, indices) = match text.split_once(['[', '.']) {
            Some((name, _)) => (name.trim(), Some(&text[name.len()..])),
            None => (text, None),
        };
        let Some((_, first, count)) = self.by_name.get(name).and_then(|&at| self.entries.get(at)) else {
            // Where no population could be read that is the mistake, and it is reported.
            if self.entries.is_empty() {
                return None;
            }
            let known: Vec<&str> = self.entries.iter().map(|(known, ..)| *known).collect();
            let help = self.meant(text).unwrap_or_else(|| suggestion(name, &known));
            scope.wrong(format!("there is no population `{}`", clip(name)), help);
            return None;
        };
        let indices = match indices.map(parse_indices) {
            None => count.map(|count| 0..=count - 1)?,
            Some(Some(indices)) => indices,
            Some(None) => {
                let last = count.map_or(1, |count| (count - 1).min(3));
                let help = match (self.meant(text), last) {
                    (Some(meant), _) => meant,
                    (None, 0) => format!("write `{name}`, its one neuron"),
                    (None, _) => format!(
                        "write `{name}` for all, `{name}.0` for one, or `{name}.0..{last}` for those from 0 to {last}"
                    ),
                };
                scope.wrong(format!("`{}` names no neurons", clip(text)), help);
                return None;
            }
        };
        let count = (*count)?;
        if *indices.end() >= count {
            let end = indices.end();
            let help = extent(name, count);
            scope.wrong(format!("there is no `{name}[{end}]`"), help);
            return None;
        }
        Some(first + indices.start()..=first + indices.end())
    }
}

/// The neurons that a population has.
fn extent(name: &str, count: usize) -> String {
    match count {
        1 => format!("its one neuron is `{name}.0`; add `count:` for more"),
        count => format!("its {count} neurons are `{name}.0` to `{name}.{}`", count - 1),
    }
}

/// The numbers behind a name, where nothing but what may divide them stands beside: `3` of ` 3`, `-3` and `(3)`.
fn numbers(text: &str) -> Option<Vec<usize>> {
    let divides = |c: char| c.is_whitespace() || "-_:/#,;.()[]".contains(c);
    text.split(divides).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect()
}

/// `.3`, `.0..3`, `[3]` or `[0..3]`.
fn parse_indices(text: &str) -> Option<RangeInclusive<usize>> {
    let text = match text.strip_prefix('.') {
        Some(text) => text,
        None => text.trim().strip_prefix('[')?.strip_suffix(']')?,
    };
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from <= to).then_some(from..=to)
}

/// Names of the given neurons in their order, as few as possible: whole populations, ranges, single neurons.
pub fn spell(network: &Network, neurons: &Neurons) -> Vec<String> {
    let mut firsts = vec![0];
    for population in &network.populations {
        firsts.push(firsts[firsts.len() - 1] + population.count);
    }
    let mut names = Vec::new();
    for stretch in neurons.stretches() {
        let mut low = stretch.start;
        while low < stretch.end {
            let place = firsts.partition_point(|&first| first <= low) - 1;
            let Some(population) = network.populations.get(place) else { break };
            let end = stretch.end.min(firsts[place + 1]);
            let (name, from, to) = (&population.name, low - firsts[place], end - 1 - firsts[place]);
            names.push(match (from, to) {
                (0, to) if to + 1 == population.count => name.clone(),
                (from, to) if from == to => format!("{name}[{from}]"),
                (from, to) => format!("{name}[{from}..{to}]"),
            });
            low = end;
        }
    }
    names
}
