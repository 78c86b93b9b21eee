//! What to write in place of a value of the wrong kind, where the entry and the value together say what was meant.

use qhh_core::units::{UnitSystem, rounded};
use serde_yaml::{Mapping, Value};

use super::aliases::{DEFAULTS, EVERYTHING, is_at};
use super::place::Path;

/// Kelvin at zero degrees Celsius.
const ZERO_CELSIUS: f64 = 273.15;

/// A value of a kind that the entry at `path` does not take.
pub(crate) fn kind(path: &Path, value: &Value) -> Option<String> {
    match value {
        Value::String(text) if is_at(path, "neurons.*.temperature") => Some(match split(text)? {
            (kelvin, "K") => in_celsius(kelvin),
            (celsius, _) => format!("degrees Celsius as a bare number: write `{celsius}`"),
        }),
        Value::Bool(_) if is_at(path, "simulation.sleep") => {
            Some("write `off`, or a voltage such as `1e-6 mV`".to_owned())
        }
        Value::String(text) if is_at(path, "objective.*.*.weight") => factor(text),
        Value::String(text) if is_at(path, "neurons.*.count") => digits(text),
        Value::String(text) if is_at(path, "experiment.vary.*") => range(text),
        Value::String(text) if is_at(path, "record.quantities") && EVERYTHING.contains(&text.trim()) => {
            Some(DEFAULTS.to_owned())
        }
        Value::Number(number) if is_at(path, "neurons.*.initial") => Some(starting(&number.to_string())),
        Value::Number(number) => constant(path, &number.to_string()),
        Value::String(text) => split(text).and_then(|_| constant(path, text)),
        _ => None,
    }
}

/// A factor in per cent.
fn factor(text: &str) -> Option<String> {
    let per_cent: f64 = text.trim().strip_suffix('%')?.trim().parse().ok()?;
    Some(format!("a weight is a factor, which may be above 1: write `{}`", rounded(per_cent / 100.0, 12)))
}

/// A count with a zero before it or `_` within, which YAML takes for text.
fn digits(text: &str) -> Option<String> {
    let digits: String = text.trim().chars().filter(|c| *c != '_').collect();
    let is_count = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    let count = digits.trim_start_matches('0');
    (is_count && !count.is_empty())
        .then(|| format!("write it without a zero before it and without `_`: `{count}`"))
}

/// Values as the option `--vary` takes them, `0.1:1:0.1` or `0.1,0.2`.
fn range(text: &str) -> Option<String> {
    let text = text.trim();
    if let [from, to, step] = text.split(':').map(str::trim).collect::<Vec<_>>()[..] {
        return Some(format!("that is how `--vary` is written; here `{{linear: [{from}, {to}], step: {step}}}`"));
    }
    let values: Vec<&str> = text.split(',').map(str::trim).collect();
    (values.len() > 1).then(|| format!("write a list: `[{}]`", values.join(", ")))
}

/// A current that was given as its amplitude alone.
fn constant(path: &Path, amplitude: &str) -> Option<String> {
    let current = format!("{{shape: constant, amplitude: {}}}", amplitude.trim());
    if is_at(path, "sources.*.current") {
        return Some(format!("write `{current}`"));
    }
    is_at(path, "sources.*")
        .then(|| format!("write `{{into: .., current: {current}}}`, with the neurons that it goes into"))
}

/// What is shown as an example of a value at `path` where a plain one would be hardly meant: neurons that sleep within a
/// millivolt would sleep through everything.
pub(crate) fn example(path: &Path, units: UnitSystem) -> Option<&'static str> {
    is_at(path, "simulation.sleep").then_some(match units {
        UnitSystem::HodgkinHuxley => "1e-6 mV",
        UnitSystem::Si => "1e-9 V",
        UnitSystem::Raw => "1e-6",
    })
}

/// A text as it stands within brackets or braces: between quotes where it holds what would end or divide it there.
pub(crate) fn within_brackets(text: &str) -> String {
    let divides = text.contains(['[', ']', '{', '}', ',', '#', '"', '\'']) || text.contains(": ");
    if divides { format!("{text:?}") } else { text.to_owned() }
}

/// A word that the entry at `path` does not take.
pub(crate) fn word(path: &Path, word: &str) -> Option<String> {
    (is_at(path, "neurons.*.initial") && split(word).is_some()).then(|| starting(word))
}

/// What is written for a temperature in kelvin.
pub(crate) fn in_celsius(kelvin: f64) -> String {
    let celsius = ((kelvin - ZERO_CELSIUS) * 100.0).round() / 100.0;
    format!("temperatures of neurons are in degrees Celsius: {kelvin} K is `{celsius}`")
}

fn starting(voltage: &str) -> String {
    format!("write `{{voltage: {}}}`", voltage.trim())
}

/// A number and what stands behind it.
fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim()))
}

/// Whether a text begins as the text of a quantity does.
pub(crate) fn begins_with_number(text: &str) -> bool {
    split(text).is_some()
}

/// What a key was meant for that is a number behind a comma, `{uniform: 1 ms, 2 ms}` or `{amplitude: 0,5 uA}`.
pub(crate) fn comma(map: &Mapping, typed: &str) -> Option<String> {
    let place = map.iter().position(|(key, value)| key.as_str() == Some(typed) && value.is_null())?;
    let (name, before) = map.iter().nth(place.checked_sub(1)?)?;
    split(typed)?;
    let before = match before {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let name = name.as_str()?;
    if before.matches('(').count() > before.matches(')').count() {
        return Some(format!("put it between quotes: `{name}: \"{before}, {typed}\"`"));
    }
    let is_whole = before.trim_start_matches('-').chars().all(|c| c.is_ascii_digit());
    Some(if is_whole && !["uniform", "linear"].contains(&name) {
        match thousands(&before, typed) {
            Some(number) => {
                format!("{POINT}: `{name}: {before}.{typed}`, or `{name}: {number}` if thousands are meant")
            }
            None => format!("{POINT}: `{name}: {before}.{typed}`"),
        }
    } else {
        format!("write `{name}: [{before}, {typed}]`")
    })
}

const POINT: &str = "a decimal point, not a comma";

/// A number that was typed with a comma between its thousands.
fn thousands(whole: &str, rest: &str) -> Option<String> {
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    (digits == 3
        && whole.trim_start_matches(['+', '-']).len() <= 3
        && !rest[digits..].starts_with(['.', 'e', 'E']))
    .then(|| format!("{whole}{rest}"))
}

/// What is wrong with a text that begins like a number, whatever its unit.
pub(crate) fn number(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix(['\u{2212}', '\u{2013}', '\u{2014}']) {
        return Some(format!("this is a typographic minus: type `-`, as in `-{}`", rest.trim()));
    }
    let minus = text.strip_prefix('-').filter(|rest| rest.starts_with(char::is_whitespace));
    if let Some(rest) = minus {
        return Some(format!("no space behind the minus: `-{}`", rest.trim()));
    }
    let end = text.find(|c: char| !(c.is_ascii_digit() || "+-._".contains(c))).unwrap_or(text.len());
    if text[..end].contains('_') && text.starts_with(|c: char| c.is_ascii_digit() || "+-".contains(c)) {
        return Some(format!(
            "digits stand together, without `_`: `{}{}`",
            text[..end].replace('_', ""),
            &text[end..]
        ));
    }
    let (whole, rest) = text.split_once(',')?;
    let digits = |text: &str| text.chars().next().is_some_and(|c| c.is_ascii_digit());
    let is_whole = whole.trim_start_matches(['+', '-']).chars().all(|c| c.is_ascii_digit());
    (is_whole && digits(whole.trim_start_matches(['+', '-'])) && digits(rest)).then(|| {
        match thousands(whole, rest) {
            Some(number) => format!("{POINT}: `{whole}.{rest}`, or `{number}` if thousands are meant"),
            None => format!("{POINT}: `{whole}.{rest}`"),
        }
    })
}
