//! The values of a resolved network by their paths, to compare two of them.

use std::collections::BTreeMap;

use serde_yaml::Value;

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
