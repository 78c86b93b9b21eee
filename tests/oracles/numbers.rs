//! Numbers of a script's answer.

use serde_json::Value;

/// A number, or all numbers of a nested list.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(all) => all.iter().flat_map(numbers).collect(),
        one => vec![one.as_f64().unwrap()],
    }
}
