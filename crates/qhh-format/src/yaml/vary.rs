//! Values as the option `--vary` takes them: a list, or a range whose parts stand between colons.

use serde_yaml::{Mapping, Value};

use super::error::OverrideError;
use super::{leaves, tree};

/// What is wrong with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    NoValues,
    NoRange,
}

impl Mistake {
    /// As an error that quotes the option.
    pub(super) fn of(self, text: String) -> OverrideError {
        match self {
            Self::NoValues => OverrideError::NoValues { text },
            Self::NoRange => OverrideError::NoRange { text },
        }
    }
}

/// How other languages make a range.
const CALLS: [&str; 4] = ["linspace(", "logspace(", "range(", "geomspace("];

/// Reads `1,2,5`, `[a, b]`, `0.1:1:0.05`, `linear:0.1:1:19`, `log:1:100:20` or `0.1:1`, as the block `experiment.vary` has them.
pub(super) fn values(text: &str) -> Result<Value, Mistake> {
    let has_points = |map: &Mapping| map.contains_key("points") || map.contains_key("step");
    if text.starts_with(['[', '{']) {
        return match parse(text) {
            Value::Sequence(list) if list.iter().any(is_range) => Err(Mistake::NoRange),
            Value::Mapping(map) if has_points(&map) => Ok(Value::Mapping(map)),
            list @ Value::Sequence(_) => Ok(list),
            one => Ok(Value::Sequence(vec![one])),
        };
    }
    if text.contains('{') {
        return Ok(parse(&format!("[{text}]")));
    }
    if CALLS.iter().any(|call| text.contains(call)) || is_dotted(text) {
        return Err(Mistake::NoRange);
    }
    if text.contains(':') { range(text) } else { listed(text) }
}

fn parse(text: &str) -> Value {
    tree::parse(text.trim()).unwrap_or_else(|_| text.trim().into())
}

/// Whether a text is a range as some languages write it, `0.1..1`.
fn is_dotted(text: &str) -> bool {
    text.contains("..") && text.split("..").all(|end| end.trim().parse::<f64>().is_ok())
}

/// Whether an item of a list is a range by itself.
fn is_range(item: &Value) -> bool {
    item.as_str().is_some_and(|text| text.contains(':') && range(text).is_ok())
}

fn range(text: &str) -> Result<Value, Mistake> {
    let parts: Vec<&str> = text.split(':').map(str::trim).collect();
    let (kind, ends, rest) = match parts.as_slice() {
        [kind @ ("linear" | "log"), from, to] => (*kind, [from, to], None),
        [kind @ ("linear" | "log"), from, to, points] => (*kind, [from, to], Some(("points", points))),
        [from, to] => ("linear", [from, to], None),
        [from, to, step] => ("linear", [from, to], Some(("step", step))),
        _ => return Err(Mistake::NoRange),
    };
    let is_number = |text: &str| leaves::split(text).is_some();
    let rest_is_number = rest.is_none_or(|(key, text)| match key {
        "points" => text.parse::<u32>().is_ok(),
        _ => is_number(text),
    });
    if !(ends.iter().all(|end| is_number(end)) && rest_is_number) {
        return Err(Mistake::NoRange);
    }
    let mut map = Mapping::new();
    map.insert(kind.into(), ends.iter().map(|end| parse(end)).collect::<Vec<Value>>().into());
    if let Some((key, text)) = rest {
        map.insert(key.into(), parse(text));
    }
    Ok(Value::Mapping(map))
}

fn listed(text: &str) -> Result<Value, Mistake> {
    let items: Vec<&str> = text.split(',').map(str::trim).collect();
    let numbers = |text: &str, divides: fn(char) -> bool| {
        text.contains(divides) && text.split(divides).all(|part| part.trim().parse::<f64>().is_ok())
    };
    let is_divided_otherwise = numbers(text, |c| c == ';') || numbers(text, char::is_whitespace);
    if items.iter().any(|item| item.is_empty()) || is_divided_otherwise {
        return Err(Mistake::NoValues);
    }
    Ok(items.into_iter().map(parse).collect::<Vec<Value>>().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_ranges_are_read_and_nothing_else() {
        for text in [
            "1,2,5",
            "1 uF, 2 uF",
            "x",
            "[1, 2]",
            "[[1, 2], [3, 4]]",
            "{uniform: [1, 2]}",
            "0.1:1",
            "0.1:1:0.05",
            "-1:1:0.5",
            "1 uF:2 uF:0.5 uF",
            "linear:0.1:1:19",
            "log:1:100:20",
            "log:1:100",
            "{linear: [1, 2], points: 3}",
            "chain,{random: {probability: 0.1}}",
        ] {
            assert!(values(text).is_ok(), "{text}");
        }
        for text in ["", "1,2,", ",1", "1;2", "1 2 3"] {
            assert_eq!(values(text), Err(Mistake::NoValues), "{text}");
        }
        for text in [
            "1:",
            ":2",
            "1::2",
            "1:2:",
            "a:b:c",
            "1:2:0.5:3",
            "1:2:3:4:5",
            "lin:1:2:3",
            "geom:1:2:3",
            "linear:1:2:2.5",
            "log:1:2:0.1",
            "1:2:nan",
            "1:inf:1",
            "1..2",
            "1..2..0.5",
            "range(1,2,0.5)",
            "np.linspace(1,2,3)",
            "[1:2:0.5]",
        ] {
            assert_eq!(values(text), Err(Mistake::NoRange), "{text}");
        }
    }
}
