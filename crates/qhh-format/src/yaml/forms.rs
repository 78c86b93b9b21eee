//! Forms that an entry may have, by its schema: what messages give to be written in place of what was typed.

use serde_json::{Map, Value as Json};
use serde_yaml::{Mapping, Value};

use super::elsewhere::branches;
use super::wording::{clip, listed};
use super::{emit, misread};

/// Key that stands for a complex number as a rule, though `real` and `imaginary` may stand in its place.
const AMPLITUDE: &str = "amplitude";
const PARTS: [&str; 2] = ["real", "imaginary"];

/// Keys that a map still needs beside those given: the required ones and, where it takes one, an amplitude.
fn lacking<'a>(schema: &'a Json, given: &[&str]) -> Vec<&'a str> {
    let required: Vec<&str> = required(schema).collect();
    let usual = schema["properties"].get(AMPLITUDE).map(|_| AMPLITUDE).filter(|key| !required.contains(key));
    let usual = usual.filter(|_| !given.iter().any(|key| PARTS.contains(key)));
    usual.into_iter().chain(required).filter(|key| !given.contains(key)).collect()
}

fn required(schema: &Json) -> impl Iterator<Item = &str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str)
}

/// The map that another value was meant for, and the other keys that may stand there.
pub(super) fn entries(schema: &Json, value: &Value) -> String {
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let others: Vec<&str> = properties.keys().map(String::as_str).collect();
    let map = map_for(schema, value).or_else(|| schema["examples"][0].as_str().map(str::to_owned));
    match map {
        Some(map) => format!("write `{map}`; keys here: {}", listed(&others)),
        None => format!("write a map with some of {}", listed(&others)),
    }
}

/// The map that another value was meant for, if it needs any keys.
pub(super) fn map_for(schema: &Json, value: &Value) -> Option<String> {
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let needed = lacking(schema, &[]);
    let takes = |key: &str, value: &Value| {
        let suits = |branch: &&Json| {
            let whole = !allows_type(branch, "integer") || !value.is_number() || value.as_u64().is_some();
            // The text of a quantity begins with its number.
            let is_word = value.as_str().is_some_and(|text| !misread::begins_with_number(text));
            let amount = !allows_type(branch, "number") || !is_word;
            fits(branch, value) && whole && amount
        };
        properties.get(key).is_some_and(|schema| branches(schema).iter().any(suits))
    };
    let alone = match required(schema).collect::<Vec<_>>()[..] {
        [one] => Some(one),
        _ => None,
    };
    // A value alone is that of the one key that there must be, or else an amplitude.
    let main =
        alone.into_iter().chain([AMPLITUDE]).find(|key| misread::scalar(value).is_some() && takes(key, value));
    // As many values as there must be keys are those, in their order.
    let values: &[Value] = match value {
        Value::Sequence(list) if list.len() == needed.len() => list,
        _ => &[],
    };
    let own = main.map(|key| format!("{key}: {}", misread::scalar(value).unwrap_or_default()));
    let rest = needed.iter().enumerate().filter(|(_, key)| Some(**key) != main);
    let rest = rest.map(|(place, key)| {
        match values.get(place).filter(|value| takes(key, value)).and_then(misread::scalar) {
            Some(typed) => format!("{key}: {typed}"),
            None => example(key, properties),
        }
    });
    let written: Vec<String> = own.into_iter().chain(rest).collect();
    (!written.is_empty()).then(|| format!("{{{}}}", written.join(", ")))
}

/// `key: value` with the value of its example, if it has one.
fn example(key: &str, properties: &Map<String, Json>) -> String {
    let value = properties.get(key).and_then(|schema| schema["examples"][0].as_str()).unwrap_or("..");
    format!("{key}: {value}")
}

/// `{key: {..}}` with what the branch of that key takes.
pub(super) fn with_values(key: &str, branches: &[&Json]) -> String {
    let branch = branches.iter().find(|branch| branch["required"][0] == key);
    let inner = branch.map_or(&Json::Null, |branch| &branch["properties"][key]);
    let whole = inner["examples"][0].as_str().map(str::to_owned);
    // A map whose keys all have defaults may be empty.
    let none = if allows_type(inner, "object") { "{}" } else { "[..]" };
    let values = whole.or_else(|| map_for(inner, &Value::Null)).unwrap_or_else(|| none.to_owned());
    format!("{{{key}: {values}}}")
}

/// [`with_values`] of every branch that has a key of its own.
pub(super) fn all_with_values(branches: &[&Json]) -> Vec<String> {
    keys(branches).iter().map(|key| format!("`{}`", with_values(key, branches))).collect()
}

/// The key of each branch that is a map with one entry.
pub(super) fn keys<'a>(branches: &[&'a Json]) -> Vec<&'a str> {
    branches.iter().filter_map(|branch| branch["required"][0].as_str()).collect()
}

/// The branches inside of which the keys of a map belong that were typed in their place, `{probability: 0.1}` for
/// `{random: {probability: 0.1}}`: each with these keys and what it needs besides.
pub(super) fn around(map: &Mapping, branches: &[&Json]) -> Vec<String> {
    let typed: Vec<&str> = map.keys().filter_map(Value::as_str).collect();
    let whole = |key: &&str| {
        let inner = &branches.iter().find(|branch| branch["required"][0] == *key)?["properties"][*key];
        let properties = inner["properties"].as_object()?;
        if typed.is_empty() || !typed.iter().all(|key| properties.contains_key(*key)) {
            return None;
        }
        let own =
            map.iter().map(|(key, value)| Some(format!("{}: {}", key.as_str()?, clip(&emit::inline(value)))));
        let rest = lacking(inner, &typed).into_iter().map(|key| Some(example(key, properties)));
        let written: Option<Vec<String>> = own.chain(rest).collect();
        Some(format!("`{{{key}: {{{}}}}}`", written?.join(", ")))
    };
    keys(branches).iter().filter_map(whole).collect()
}

pub(crate) fn allows_type(schema: &Json, name: &str) -> bool {
    match &schema["type"] {
        Json::String(kind) => kind == name,
        Json::Array(kinds) => kinds.iter().any(|kind| kind == name),
        _ => false,
    }
}

/// Words a branch allows; empty if it allows any text or none.
pub(super) fn words(branch: &Json) -> Vec<&str> {
    if !allows_type(branch, "string") {
        return Vec::new();
    }
    let list = branch["enum"].as_array().into_iter().flatten();
    list.chain(std::iter::once(&branch["const"])).filter_map(Json::as_str).collect()
}

/// Whether a value is of a kind that a branch allows.
pub(super) fn fits(branch: &Json, value: &Value) -> bool {
    match value {
        Value::Null => allows_type(branch, "null"),
        Value::Bool(_) => allows_type(branch, "boolean"),
        Value::Number(_) => allows_type(branch, "number") || allows_type(branch, "integer"),
        Value::String(_) => allows_type(branch, "string"),
        Value::Sequence(_) => allows_type(branch, "array"),
        Value::Mapping(_) | Value::Tagged(_) => allows_type(branch, "object"),
    }
}
