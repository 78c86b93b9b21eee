//! From text to measures.

use std::borrow::Cow;
use std::fmt;

use qhh_core::name::Name;
use qhh_core::units::{Dimension, UnitSystem};
use qhh_net::network::Observable;

use super::catalogue::{CATALOGUE, Firing, MeasureTarget, Mode, Pair, Passage, Spikes, Waves};
use super::{Measure, MeasureError, MeasureKind, Reduction, Series, Subject};

/// Areas of the I-V loops, by channel.
const LOOPS: [(&str, &str); 2] = [("area_K", "potassium"), ("area_Na", "sodium")];

impl Measure {
    /// Reads `SUBJECT.QUANTITY`; a time in it is in the given system or brings its unit.
    ///
    /// # Errors
    /// [`MeasureError`] saying what is known. Whether a network has it, [`Measure::require_recording`] tells.
    pub fn parse(text: &str, units: UnitSystem) -> Result<Self, MeasureError> {
        if is_list(text) {
            return Err(MeasureError::List { text: text.trim().to_owned() });
        }
        let typed = as_measure(text.trim())?;
        let text = typed.as_ref();
        // Names of modes may have dots and numbers; of neurons `relay.4` is `relay[4]`.
        let neurons_of = in_brackets(text);
        let (subject, rest) = of_modes(text).unwrap_or_else(|| split_subject(&neurons_of));
        let (quantity, reduction) = match split_quantity(rest) {
            Some((quantity, reduction)) => (quantity.trim(), Some(reduction.trim())),
            None => (rest, None),
        };
        let of = if let Some(series) = series(quantity) {
            let name = || if subject.is_empty() { quantity.to_owned() } else { format!("{subject}.{quantity}") };
            let reduction = reduction.ok_or_else(|| MeasureError::NoReduction { name: name() })?;
            MeasureKind::Series(neurons(subject)?, series, reduce(reduction, &name(), units)?)
        } else {
            let of = plain(subject, quantity)?;
            if let Some(rest) = reduction {
                let name = quantity.to_owned();
                return Err(MeasureError::Reduced { name, rest: format!(".{rest}") });
            }
            of
        };
        Ok(Self { name: of.name(subject, quantity, units), of })
    }
}

impl MeasureKind {
    /// The one name of what was read from a subject, a quantity and what it is reduced by.
    fn name(&self, subject: &str, quantity: &str, units: UnitSystem) -> String {
        let subject = match self {
            Self::Spikes(of, _) | Self::Firing(of, _) | Self::Series(of, ..) => of.to_string(),
            Self::Pair([left, right], _) => format!("{left}+{right}"),
            Self::Passage(..) | Self::Mode(..) | Self::Waves(_) => subject.to_owned(),
        };
        let quantity = match self {
            Self::Series(_, series, reduction) => format!("{series}.{}", reduction.name(units)),
            _ => quantity.to_owned(),
        };
        if subject.is_empty() { quantity } else { format!("{subject}.{quantity}") }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::Population(name) => f.write_str(name),
            Self::Range(name, from, to) if from == to => write!(f, "{name}[{from}]"),
            Self::Range(name, from, to) => write!(f, "{name}[{from}..{to}]"),
        }
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trace(observable) => f.write_str(observable.name()),
            Self::Loop(channel) => match LOOPS.iter().find(|(_, name)| *name == channel.text()) {
                Some((short, _)) => f.write_str(short),
                None => write!(f, "area_{}", channel.text()),
            },
        }
    }
}

impl Reduction {
    fn name(self, units: UnitSystem) -> String {
        match self {
            Self::Min => "min".to_owned(),
            Self::Max => "max".to_owned(),
            Self::Mean => "mean".to_owned(),
            Self::Last => "last".to_owned(),
            Self::At(time) => format!("at({})", format!("{time} {}", units.symbol(Dimension::TIME)).trim_end()),
        }
    }
}

/// Whether there are commas outside of parentheses and brackets.
fn is_list(text: &str) -> bool {
    let mut depth = 0_i32;
    text.chars().any(|c| {
        depth += i32::from(matches!(c, '(' | '[')) - i32::from(matches!(c, ')' | ']'));
        c == ',' && depth == 0
    })
}

/// A number that is named as `record.budget_of` does, `relay[4].voltage at 12 ms` or `relay[4].spikes[0]`, as a measure.
fn as_measure(text: &str) -> Result<Cow<'_, str>, MeasureError> {
    if let Some((subject, time)) = text.split_once("voltage at ") {
        return Ok(format!("{subject}voltage.at({})", time.trim()).into());
    }
    let Some((subject, number)) = text.split_once("spikes[") else { return Ok(text.into()) };
    match number.strip_suffix(']').map(str::trim) {
        Some("0") => Ok(format!("{subject}first_spike").into()),
        _ => Err(MeasureError::Lacking {
            measure: text.to_owned(),
            lack: "of single spikes the first and the last are measures: write `first_spike` or `last_spike`"
                .to_owned(),
        }),
    }
}

/// The text with the number of a neuron, or of the first and last, in brackets where it stood behind a dot:
/// `relay.0..3.spikes` as `relay[0..3].spikes`.
fn in_brackets(text: &str) -> String {
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let Some((name, rest)) = text.split_once('.') else { return text.to_owned() };
    let first = digits(rest);
    let both = rest[first..].strip_prefix("..").map_or(first, |last| first + 2 + digits(last));
    let ends = if rest[both..].starts_with('.') { both } else { first };
    if name.contains('[') || first == 0 || !rest[ends..].starts_with('.') {
        return text.to_owned();
    }
    format!("{name}[{}]{}", &rest[..ends], &rest[ends..])
}

/// Modes and what is measured of them, which is one word: names of modes may have dots, as in `echo.1.purity`.
fn of_modes(text: &str) -> Option<(&str, &str)> {
    let (subject, quantity) = text.rsplit_once('.')?;
    let of_modes = |about| matches!(about, MeasureTarget::Mode | MeasureTarget::Pair);
    let known = CATALOGUE.iter().any(|entry| entry.name == quantity.trim() && of_modes(entry.about));
    known.then_some((subject.trim(), quantity.trim()))
}

/// `relay[0..3]` and what follows its dot; nothing and all of it where there is no dot before the quantity.
fn split_subject(text: &str) -> (&str, &str) {
    let index_ends = text.find(']').map_or(0, |at| at + 1);
    match text[index_ends..].find('.').map(|at| index_ends + at) {
        // `voltage.max` of the whole network; but `n.spikes` is of a population `n`.
        Some(at) if is_series(text[..at].trim()) && !begins_with_quantity(text[at + 1..].trim()) => ("", text),
        Some(at) => (text[..at].trim(), text[at + 1..].trim()),
        None => ("", text),
    }
}

/// A quantity and what is made of it: `voltage` and `max`. A gate of a channel has a dot in its name, `calcium.m`.
fn split_quantity(text: &str) -> Option<(&str, &str)> {
    let (first, rest) = text.split_once('.')?;
    let known = series(first.trim()).is_some() || CATALOGUE.iter().any(|entry| entry.name == first.trim());
    match rest.split_once('.') {
        Some((gate, reduction)) if !known => Some((&text[..first.len() + 1 + gate.len()], reduction)),
        _ => Some((first, rest)),
    }
}

/// Whether this is a quantity of the papers' neurons, and so no population's name.
fn is_series(name: &str) -> bool {
    LOOPS.iter().any(|(known, _)| *known == name) || Observable::ALL.iter().any(|of| of.name() == name)
}

/// Whether a text begins with a quantity, so that what stands before it is whose.
fn begins_with_quantity(text: &str) -> bool {
    let first = text.split('.').next().unwrap_or(text).trim();
    series(first).is_some() || CATALOGUE.iter().any(|entry| entry.name == first)
}

fn series(name: &str) -> Option<Series> {
    let short = LOOPS.iter().find(|(known, _)| *known == name).map(|(_, channel)| Name::new(channel));
    let channel = short.or_else(|| name.strip_prefix("area_").filter(|rest| !rest.is_empty()).map(Name::new));
    channel.map(Series::Loop).or_else(|| Observable::named(name).map(Series::Trace))
}

fn plain(subject: &str, quantity: &str) -> Result<MeasureKind, MeasureError> {
    if quantity.starts_with("smooth_spikes") {
        let hint = "that is a number with a slope, for `qhh sensitivity` and fits; here it is `spikes`".to_owned();
        return Err(MeasureError::Unknown { name: quantity.to_owned(), hint });
    }
    let entry = CATALOGUE.iter().find(|entry| entry.name == quantity).ok_or_else(|| {
        let rows = Observable::ALL.iter().map(|observable| observable.name()).chain(LOOPS.map(|pair| pair.0));
        let known: Vec<&str> = CATALOGUE.iter().map(|entry| entry.name).chain(rows).collect();
        MeasureError::Unknown { name: quantity.to_owned(), hint: hint(quantity, &known) }
    })?;
    let wrong = |example: String| {
        Err(MeasureError::Subject { name: quantity.to_owned(), about: entry.about.words(), example })
    };
    let named = !subject.is_empty() && !subject.contains(['[', ']', '+']);
    let of = match entry.about {
        MeasureTarget::Neurons | MeasureTarget::Series => {
            let neurons = neurons(subject)?;
            Spikes::parse(quantity)
                .map(|which| MeasureKind::Spikes(neurons.clone(), which))
                .or_else(|| Firing::parse(quantity).map(|which| MeasureKind::Firing(neurons, which)))
        }
        MeasureTarget::Waveguides if named => {
            Passage::parse(quantity).map(|which| MeasureKind::Passage(subject.to_owned(), which))
        }
        MeasureTarget::Waveguides => return wrong(format!("axon.{quantity}")),
        MeasureTarget::Mode if named => {
            Mode::parse(quantity).map(|which| MeasureKind::Mode(subject.to_owned(), which))
        }
        MeasureTarget::Mode => return wrong(format!("echo.{quantity}")),
        MeasureTarget::Pair => match subject.split_once('+') {
            Some((left, right)) if !left.is_empty() && !right.is_empty() && !right.contains('+') => {
                let modes = [left.trim().to_owned(), right.trim().to_owned()];
                Pair::parse(quantity).map(|which| MeasureKind::Pair(modes, which))
            }
            _ => return wrong(format!("left+right.{quantity}")),
        },
        MeasureTarget::Network if subject.is_empty() => Waves::parse(quantity).map(MeasureKind::Waves),
        MeasureTarget::Network => return wrong(quantity.to_owned()),
    };
    Ok(of.expect("the catalogue and the quantities are made from one list"))
}

fn neurons(text: &str) -> Result<Subject, MeasureError> {
    if text.is_empty() {
        return Ok(Subject::All);
    }
    let wrong = || MeasureError::Neurons { text: text.to_owned() };
    let Some((name, indices)) = text.split_once('[') else {
        let plain = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        return if plain { Ok(Subject::Population(text.to_owned())) } else { Err(wrong()) };
    };
    let indices = indices.strip_suffix(']').ok_or_else(wrong)?;
    let (from, to) = indices.split_once("..").unwrap_or((indices, indices));
    let index = |text: &str| text.trim().parse::<usize>().map_err(|_| wrong());
    let (from, to) = (index(from)?, index(to)?);
    if from > to { Err(wrong()) } else { Ok(Subject::Range(name.trim().to_owned(), from, to)) }
}

fn reduce(text: &str, name: &str, units: UnitSystem) -> Result<Reduction, MeasureError> {
    let at = text.strip_prefix("at(").and_then(|rest| rest.strip_suffix(')'));
    Ok(match (text, at) {
        ("min", _) => Reduction::Min,
        ("max", _) => Reduction::Max,
        ("mean", _) => Reduction::Mean,
        ("last", _) => Reduction::Last,
        (_, Some(time)) => {
            let time = units.parse(time, Dimension::TIME);
            Reduction::At(time.map_err(|cause| MeasureError::Time {
                text: format!("{name}.{text}"),
                cause: cause.to_string(),
            })?)
        }
        _ => return Err(MeasureError::NoReduction { name: name.to_owned() }),
    })
}

/// The nearest of the known words, or all of them.
pub(super) fn hint(word: &str, known: &[&str]) -> String {
    let lower = word.to_lowercase();
    let near = known.iter().map(|name| (strsim::jaro_winkler(&lower, &name.to_lowercase()), name));
    match near.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "it has none".to_owned(),
        None => format!("known here: `{}`", known.join("`, `")),
    }
}
