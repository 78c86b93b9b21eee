//! A document as YAML text that every reader of YAML understands alike: words such as `no` are quoted.

use std::fmt::Write;

use serde_yaml::Value;

/// The text of a document; maps as blocks, lists of scalars on one line.
pub(crate) fn emit(document: &Value) -> String {
    let mut text = String::new();
    block(document, 0, &mut text);
    text
}

/// A value on one line: `{coherent: {amplitude: 3}}`.
pub(crate) fn inline(value: &Value) -> String {
    let mut text = String::new();
    flow(value, &mut text);
    text
}

fn flow(value: &Value, text: &mut String) {
    let comma = |place: usize, text: &mut String| {
        if place > 0 {
            text.push_str(", ");
        }
    };
    match value {
        Value::Mapping(map) => {
            text.push('{');
            for (place, (key, value)) in map.iter().enumerate() {
                comma(place, text);
                scalar(key, text);
                text.push_str(": ");
                flow(value, text);
            }
            text.push('}');
        }
        Value::Sequence(list) => {
            text.push('[');
            for (place, value) in list.iter().enumerate() {
                comma(place, text);
                flow(value, text);
            }
            text.push(']');
        }
        other => scalar(other, text),
    }
}

fn block(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Mapping(map) if !map.is_empty() => {
            for (key, value) in map {
                text.push_str(&"  ".repeat(depth));
                scalar(key, text);
                text.push(':');
                entry(value, depth, text);
            }
        }
        Value::Sequence(list) if !list.is_empty() => {
            for value in list {
                text.push_str(&"  ".repeat(depth));
                text.push('-');
                entry(value, depth, text);
            }
        }
        other => {
            scalar(other, text);
            text.push('\n');
        }
    }
}

/// What stands behind `key:` or `-`.
fn entry(value: &Value, depth: usize, text: &mut String) {
    let nested = |value: &Value| value.is_mapping() || value.is_sequence();
    match value {
        Value::Mapping(map) if !map.is_empty() => {
            text.push('\n');
            block(value, depth + 1, text);
        }
        Value::Sequence(list) if !list.is_empty() && list.iter().any(nested) => {
            text.push('\n');
            block(value, depth + 1, text);
        }
        Value::Sequence(list) => {
            text.push_str(" [");
            for (k, item) in list.iter().enumerate() {
                if k > 0 {
                    text.push_str(", ");
                }
                scalar(item, text);
            }
            text.push_str("]\n");
        }
        other => {
            text.push(' ');
            scalar(other, text);
            text.push('\n');
        }
    }
}

fn scalar(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        // A whole number below 2^53 needs no point; `{:?}` of the others reads back as the same number.
        Value::Number(number) => match number.as_f64() {
            Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() < 9e15 => {
                let _ = write!(text, "{value}");
            }
            Some(value) if number.is_f64() => {
                text.push_str(&float(value));
            }
            _ => {
                let _ = write!(text, "{number}");
            }
        },
        Value::String(word) if is_plain(word) => text.push_str(word),
        Value::String(word) => quote(word, text),
        Value::Sequence(_) => text.push_str("[]"),
        Value::Mapping(_) | Value::Tagged(_) => text.push_str("{}"),
    }
}

/// A number that older readers of YAML do not take for text: with a point, and a sign in its exponent.
fn float(value: f64) -> String {
    let digits = format!("{value:?}");
    let Some((mantissa, exponent)) = digits.split_once('e') else { return digits };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// Whether a text reads as itself without quotes, in YAML 1.1 as in 1.2 and within brackets.
fn is_plain(word: &str) -> bool {
    const RESERVED: &[&str] = &["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' ' | '²');
    let quantity = word.split_once(' ').is_some_and(|(number, unit)| {
        number.parse::<f64>().is_ok() && unit.starts_with(|c: char| c.is_ascii_alphabetic())
    });
    let begins = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    word.chars().all(letters)
        && (begins || quantity)
        && !word.ends_with(' ')
        && !RESERVED.contains(&word.to_lowercase().as_str())
}

/// Double quotes, with escapes for all that does not print.
fn quote(word: &str, text: &mut String) {
    text.push('"');
    for c in word.chars() {
        match c {
            '"' | '\\' => {
                text.push('\\');
                text.push(c);
            }
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}
