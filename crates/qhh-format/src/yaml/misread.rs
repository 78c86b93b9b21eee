//! What to write in place of a value of the wrong kind, where the entry and the value together say what was meant.

use qhh_core::units::{UnitSystem, number, rounded};
use serde_yaml::{Mapping, Number, Value};

use super::aliases::{self, DEFAULTS, EVERYTHING, is_at};
use super::emit;
use super::number_kind;
use super::place::Path;
use super::wording::clip;

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
        Value::String(text) if SQUEEZED.iter().any(|at| is_at(path, at)) => {
            decibels(text).map(|decibels| format!("{} dB is `{{r: {}}}`", number(decibels), squeezing(decibels)))
        }
        Value::String(text) if is_at(path, "sources.*.state.cat") => {
            complex(text).map(|parts| format!("write `{{{parts}, parity: even}}`"))
        }
        Value::String(text) if AMPLITUDES.iter().any(|at| is_at(path, at)) => {
            complex(text).map(|parts| format!("write `{{{parts}}}`"))
        }
        Value::Sequence(list) if AMPLITUDES.iter().any(|at| is_at(path, at)) => match list.as_slice() {
            [Value::Number(real), Value::Number(imaginary)] => {
                Some(format!("write `{{real: {real}, imaginary: {imaginary}}}`"))
            }
            _ => None,
        },
        Value::Number(_) | Value::Sequence(_) if is_at(path, "waveguides.*.pattern.feedforward") => {
            Some(format!("write `{{layers: {}}}`", clip(&emit::inline(value))))
        }
        Value::Number(_) if is_at(path, "waveguides.*.pattern.pairs.*") => {
            Some("each pair is a list, sender and receiver: `[[0, 1], [1, 2]]`".to_owned())
        }
        _ if is_at(path, "neurons.*.channels.*") => channel(path, value),
        _ if ["linear", "uniform"].contains(&path.last_key()) => ends(path, value),
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

/// Where the state of a squeezed mode, or of two of them, is described.
const SQUEEZED: [&str; 2] = ["sources.*.state.squeezed", "states.*.two_mode_squeezed"];
/// Where complex amplitudes are described that need nothing besides.
const AMPLITUDES: [&str; 2] = ["sources.*.state.coherent", "sources.*.state.squeezed.displacement"];

/// A number in decibels.
pub(crate) fn decibels(text: &str) -> Option<f64> {
    number_kind::decibels(text)?.parse().ok()
}

/// The squeezing parameter of so many decibels: the variance is e^(-2r) of the vacuum's.
pub(crate) fn squeezing(decibels: f64) -> f64 {
    rounded(decibels / 20.0 * std::f64::consts::LN_10, 4)
}

/// The parts of a number such as `1+2i`, as they are written: `real: 1, imaginary: 2`.
pub(crate) fn complex(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && !"*()".contains(*c)).collect();
    let body = plain.strip_suffix(['i', 'j'])?;
    let is_sign = |(at, c): &(usize, char)| "+-".contains(*c) && !body[..*at].ends_with(['e', 'E']);
    let middle = body.char_indices().filter(is_sign).map(|(at, _)| at).next_back().unwrap_or(0);
    let (real, imaginary) = body.split_at(middle);
    let real = if real.is_empty() { "0" } else { real };
    let imaginary = match imaginary.trim_start_matches('+') {
        "" => "1",
        "-" => "-1",
        digits => digits,
    };
    let are_numbers = [real, imaginary].iter().all(|part| part.parse::<f64>().is_ok());
    are_numbers.then(|| format!("real: {real}, imaginary: {imaginary}"))
}

/// Whether a text has a unit per area of a membrane: `mS/cm2`, `mS cm^-2`, `mS.cm⁻²`.
pub(crate) fn is_per_area(text: &str) -> bool {
    let plain = text.replace("per", "/").replace('⁻', "-").replace('²', "2");
    let plain: String = plain.chars().filter(|c| !c.is_whitespace() && !"*·⋅.^".contains(*c)).collect();
    ["/cm", "/mm", "/um", "/µm", "/m2", "m-2"].iter().any(|area| plain.contains(area))
}

/// Both ends of a range, where something else was typed.
fn ends(path: &Path, value: &Value) -> Option<String> {
    let of_power = ["waveguides.*.loss.*", "waveguides.*.transmission.*"].iter().any(|at| is_at(path, at));
    let example = match value {
        Value::Mapping(map) => {
            let typed: Vec<String> = map.values().filter_map(scalar).collect();
            let [from, to] = typed.as_slice() else { return None };
            return Some(format!("write `[{from}, {to}]`"));
        }
        _ if of_power => "[0.1, 0.2]".to_owned(),
        Value::Sequence(list) => return ends(path, list.first()?),
        one => {
            let text = scalar(one)?;
            let (number, unit) = split(&text)?;
            format!("[{}, {}]", format!("{number} {unit}").trim(), format!("{} {unit}", 2.0 * number).trim())
        }
    };
    let which =
        if path.last_key() == "linear" { "the first value and the last" } else { "the lower bound and the upper" };
    Some(format!("write {which}, such as `{example}`"))
}

/// A number or a text as it was typed.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(within_brackets(&clip(text))),
        Value::Number(number) => Some(digits_of(number)),
        _ => None,
    }
}

/// A number, without a point or an exponent where it is whole: a count has neither.
fn digits_of(number: &Number) -> String {
    let whole = number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 1e15);
    whole.map_or_else(|| number.to_string(), |value| format!("{value}"))
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

/// Channels of the squid axon and the conductance of each.
const CONDUCTANCES: [(&str, &str); 4] =
    [("potassium", "36 mS"), ("sodium", "120 mS"), ("chloride", "0.3 mS"), ("leak", "0.3 mS")];

/// The conductance that the channel at `path` has in the squid axon; none of other channels.
fn conductance(path: &Path) -> Option<&'static str> {
    let name = aliases::of_channel(path.last_key()).unwrap_or(path.last_key());
    CONDUCTANCES.iter().find(|(of, _)| *of == name).map(|(_, conductance)| *conductance)
}

/// What to write in place of a channel that is no map.
fn channel(path: &Path, value: &Value) -> Option<String> {
    match value {
        Value::Sequence(list) if list.len() == 2 => {
            let each: Option<Vec<String>> = list.iter().map(scalar).collect();
            each.map(|each| format!("write `{{conductance: {}, reversal: {}}}`", each[0], each[1]))
        }
        Value::Number(_) => None,
        Value::String(text) if begins_with_number(text) => None,
        _ => Some(conductance(path).map_or_else(
            || "write a map with `conductance` and its value, in mS".to_owned(),
            |conductance| format!("write `{{conductance: {conductance}}}`"),
        )),
    }
}

/// What to do about a map that lacks a key whose value depends on the others.
pub(crate) fn lacking(path: &Path, map: &Mapping, key: &str) -> Option<String> {
    if key == "conductance" && is_at(path, "neurons.*.channels.*") {
        return Some(conductance(path).map_or_else(
            || "add `conductance` with its value, in mS".to_owned(),
            |conductance| format!("add `conductance: {conductance}`"),
        ));
    }
    is_at(path, "split").then(|| rest_of_split(map, key))
}

/// Parts of a learning task's data that make all of it.
pub(crate) const SPLIT: &str =
    "the parts make at most 1 together: write `{train: 0.6, validation: 0.2, test: 0.2}`";

/// What the part `key` is, if it alone lacks.
fn rest_of_split(map: &Mapping, key: &str) -> String {
    let share = |value: &Value| match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => UnitSystem::default().parse_share(text).ok(),
        _ => None,
    };
    let given: Option<Vec<f64>> = map.values().map(share).collect();
    let rest = given.filter(|given| given.len() == 2).map(|given| rounded(1.0 - given[0] - given[1], 12));
    match rest {
        Some(rest) if rest > 0.0 => format!("add `{key}: {rest}`"),
        _ => SPLIT.to_owned(),
    }
}

/// A text as it stands within brackets or braces: between quotes where it holds what would end or divide it there.
fn within_brackets(text: &str) -> String {
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
pub(crate) fn mistyped_number(text: &str) -> Option<String> {
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
