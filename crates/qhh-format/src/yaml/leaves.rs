//! The values of a resolved network by their paths, to compare two of them.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::place::Path;
use super::problems::Problems;
use super::set::{self, Override};
use super::tree;

/// Values of a file by path, as text; lists of plain values are one value. None where it is not YAML.
pub fn leaves(text: &str) -> Option<BTreeMap<String, String>> {
    let mut leaves = BTreeMap::new();
    flatten("", &serde_yaml::from_str(text).ok()?, &mut leaves);
    Some(leaves)
}

fn flatten(path: &str, value: &Value, leaves: &mut BTreeMap<String, String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Mapping(map) if !map.is_empty() => {
            for (key, value) in map {
                flatten(&below(key.as_str().unwrap_or("?")), value, leaves);
            }
        }
        Value::Sequence(items) if items.iter().any(|item| item.is_mapping() || item.is_sequence()) => {
            for (k, item) in items.iter().enumerate() {
                flatten(&format!("{path}[{k}]"), item, leaves);
            }
        }
        Value::String(text) => {
            leaves.insert(path.to_owned(), text.clone());
        }
        other => {
            let text = match other {
                Value::Sequence(items) => {
                    let items: Vec<String> = items.iter().map(scalar).collect();
                    format!("[{}]", items.join(", "))
                }
                other => scalar(other),
            };
            leaves.insert(path.to_owned(), text);
        }
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => serde_yaml::to_string(other).unwrap_or_default().trim().to_owned(),
    }
}

/// A number of a network file, with its unit: something that can be a little more or less.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberEntry {
    /// Where it stands: `neurons.relay.membrane.capacitance`.
    pub path: String,
    /// Its value; of a list of numbers, all of them.
    pub values: Vec<f64>,
    /// Its unit as typed, empty without one; of a list, that of each.
    pub units: Vec<String>,
}

impl NumberEntry {
    fn of(path: &Path, texts: &[&Value]) -> Option<Self> {
        let parts = texts.iter().map(|value| split(&scalar(value))).collect::<Option<Vec<_>>>()?;
        let (values, units) = parts.into_iter().unzip();
        Some(Self { path: path.to_string(), values, units })
    }

    /// What sets it to other values.
    pub fn set(&self, values: impl IntoIterator<Item = f64>) -> Override {
        let each: Vec<String> = values
            .into_iter()
            .zip(&self.units)
            .map(|(x, unit)| format!("{x} {unit}").trim_end().to_owned())
            .collect();
        let value = match each.as_slice() {
            [one] if self.values.len() == 1 => one.clone(),
            each => format!("[{}]", each.join(", ")),
        };
        Override { path: self.path.clone(), value }
    }
}

/// Every number below the blocks of `neurons`, `sources` and `waveguides` of a file, overrides in place, in the order of
/// the file. None where it is not YAML.
pub fn numbers(text: &str, overrides: &[Override]) -> Option<Vec<NumberEntry>> {
    numbers_of(text, overrides, &["neurons", "sources", "waveguides"])
}

/// [`numbers`] of other blocks.
pub fn numbers_of(text: &str, overrides: &[Override], blocks: &[&str]) -> Option<Vec<NumberEntry>> {
    let mut document = tree::parse(text).ok()?;
    document.apply_merge().ok()?;
    set::apply(&mut document, overrides, &Problems::default());
    let mut numbers = Vec::new();
    for block in blocks {
        if let Some(value) = document.get(block) {
            gather(&Path::root().key(block), value, &mut numbers);
        }
    }
    Some(numbers)
}

fn gather(path: &Path, value: &Value, numbers: &mut Vec<NumberEntry>) {
    match value {
        Value::Mapping(map) => {
            for (key, value) in map {
                if let Some(key) = key.as_str() {
                    gather(&path.key(key), value, numbers);
                }
            }
        }
        Value::Sequence(items) => numbers.extend(NumberEntry::of(path, &items.iter().collect::<Vec<_>>())),
        Value::Number(_) | Value::String(_) => numbers.extend(NumberEntry::of(path, &[value])),
        _ => {}
    }
}

/// A text as a number and what follows it; none where it does not begin with one.
pub(crate) fn split(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
    let number = |end: usize| Some((text[..end].trim_end().parse::<f64>().ok().filter(|x| x.is_finite())?, end));
    let (number, end) = ends.filter(|_| begins).find_map(number)?;
    Some((number, text[end..].trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_with_their_units_and_set_again() {
        let text = "neurons: {a: {count: 3, membrane: {capacitance: 1.5 uF}, initial: rest}}\n\
                    waveguides: {w: {from: a, delay: [1 ms, 2e3 us], loss: 3dB, pattern: chain}}\nsimulation: {step: 1 ms}";
        let set = Override { path: "neurons.a.membrane.capacitance".to_owned(), value: "2 uF".to_owned() };
        let found = numbers(text, &[set]).unwrap();
        let paths: Vec<&str> = found.iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(
            paths,
            ["neurons.a.count", "neurons.a.membrane.capacitance", "waveguides.w.delay", "waveguides.w.loss"]
        );
        assert_eq!((&found[1].values[..], &*found[1].units[0]), (&[2.0][..], "uF"));
        assert_eq!(found[2].set([1.5, 2000.0]).value, "[1.5 ms, 2000 us]");
        assert_eq!(found[3].set([2.5]).value, "2.5 dB");
    }
}
