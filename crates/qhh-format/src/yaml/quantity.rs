//! Quantities as typed to numbers of the file's unit system; each mistake goes to the list by its path.

use std::path::PathBuf;

use qhh_core::units::{Dimension, UnitError, UnitSystem, number, rounded};
use qhh_net::Warning;

use super::input::{Data, Opened};
use super::number_kind::{self, Meaning, NumberKind};
use super::place::{Path, PathSegment};
use super::problems::Problems;
use super::schema::Quantity;
use super::{leaves, misread};

/// An entry being read: where it is and what it needs to be understood.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    pub(crate) path: Path,
    pub(crate) problems: &'a Problems,
    pub(crate) units: UnitSystem,
    /// Data files of the network.
    pub(crate) data: &'a Data<'a>,
}

/// Values an entry may have.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    Any,
    NotNegative,
    AboveZero,
    /// A share between 0 and 1, or in per cent.
    Fraction,
    /// A share that may be above 1, or in per cent.
    Share,
    AtLeastOne,
}

impl Bound {
    /// Least and greatest value, the least not always included.
    pub(crate) fn ends(self) -> (Option<f64>, Option<f64>) {
        match self {
            Self::Any => (None, None),
            Self::NotNegative | Self::Share | Self::AboveZero => (Some(0.0), None),
            Self::Fraction => (Some(0.0), Some(1.0)),
            Self::AtLeastOne => (Some(1.0), None),
        }
    }

    /// The bound of what is drawn and so not judged again, as a typed share above 1 is.
    pub(crate) fn of_drawn(self) -> Self {
        if matches!(self, Self::Share) { Self::Fraction } else { self }
    }

    pub(crate) fn holds(self, value: f64) -> bool {
        match self {
            Self::Any => true,
            Self::NotNegative | Self::Share => value >= 0.0,
            Self::AboveZero => value > 0.0,
            Self::Fraction => (0.0..=1.0).contains(&value),
            Self::AtLeastOne => value >= 1.0,
        }
    }

    /// What a number of a dimension within these ends stands for.
    pub(crate) fn meaning(self, dimension: Dimension) -> Meaning {
        let is_share = matches!(self, Self::Fraction | Self::Share);
        if is_share { Meaning::Share } else { Meaning::Quantity(dimension) }
    }

    /// What a value must be, for a sentence.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::Any => "may be any number",
            Self::NotNegative | Self::Share => "must not be negative",
            Self::AboveZero => "must be above zero",
            Self::Fraction => "must be between 0 and 1",
            Self::AtLeastOne => "must be at least 1",
        }
    }
}

/// Units of a number of events per time.
const RATES: &[&str] = &["Hz", "kHz", "1/ms", "1/s"];

/// Units that are listed for a dimension.
fn units_of(dimension: Dimension) -> &'static [&'static str] {
    match dimension {
        Dimension::TIME => &["s", "ms", "us", "ns"],
        Dimension::VOLTAGE => &["V", "mV", "uV"],
        Dimension::CURRENT => &["A", "mA", "uA", "nA", "pA"],
        Dimension::CONDUCTANCE => &["S", "mS", "uS", "nS"],
        Dimension::CAPACITANCE => &["F", "uF", "nF", "pF"],
        Dimension::IMPEDANCE => &["Ohm", "kOhm", "MOhm"],
        Dimension::FREQUENCY => &["rad/ms", "rad/s", "Hz", "kHz"],
        Dimension::LENGTH => &["m", "mm", "um"],
        _ => &[],
    }
}

/// What to write in place of a unit that is none of those `known`.
fn unit_help(path: &Path, text: &str, error: &UnitError, known: &[&str]) -> Option<String> {
    if let Some(help) = misread::mistyped_number(text).or_else(|| complex_help(path, text)) {
        return Some(help);
    }
    let expected = match error {
        UnitError::UnknownUnit { expected, .. } | UnitError::WrongDimension { expected, .. } => *expected,
        _ => return None,
    };
    if OF_MEMBRANES.contains(&expected) && misread::is_per_area(text) {
        let help = "values are those of the whole membrane, not per area: multiply by the membrane's area (for a patch of \
                    1 cm² the digits stay)";
        return Some(help.to_owned());
    }
    let UnitError::UnknownUnit { unit, .. } = error else { return None };
    if expected == Dimension::NUMBER && unit == "%" {
        return per_cent_help(path, text);
    }
    if expected == Dimension::NUMBER && unit.eq_ignore_ascii_case("db") {
        return decibel_help(path, text);
    }
    if is_loss(path) {
        return loss_help(text);
    }
    if known.is_empty() {
        return None;
    }
    let same = known.iter().find(|name| name.eq_ignore_ascii_case(unit));
    Some(match same {
        Some(name) => format!("did you mean `{name}`? Units are case-sensitive"),
        None => {
            format!("units here: {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
        }
    })
}

/// What to write in place of `1+2i`, where an amplitude is given by its parts.
fn complex_help(path: &Path, text: &str) -> Option<String> {
    let parts = misread::complex(text)?;
    match path.last_key() {
        "amplitude" => Some(format!("write `{parts}` in place of `amplitude`")),
        "real" | "imaginary" => Some(format!("write `{parts}`")),
        _ => None,
    }
}

/// What to write in place of per cent, where a number is no share.
fn per_cent_help(path: &Path, text: &str) -> Option<String> {
    let share = UnitSystem::default().parse_share(text).ok()?;
    Some(match path.0.get(2) {
        Some(PathSegment::Key(key)) if key == "weight" => format!(
            "a weight is no share: it counts beside those of the other waveguides, and may be above 1 or below zero; write \
             `{share}`"
        ),
        _ => "per cent are for shares between 0 and 1: write a number".to_owned(),
    })
}

/// What to write in place of decibels, where they are no unit.
fn decibel_help(path: &Path, text: &str) -> Option<String> {
    let decibels = misread::decibels(text)?;
    let lost = decibels.abs();
    let passed = number_kind::transmission(lost);
    let rounded = |value: f64| rounded(value, 4);
    Some(match (of_waveguide(path), path.last_key()) {
        (Some("loss" | "transmission"), "deviation") => {
            "what is drawn is a share of the power: write a deviation such as `0.05`".to_owned()
        }
        (Some("transmission"), "transmission") => {
            format!("a share from 0 to 1, or in per cent; decibels go to `loss: {} dB`", number(lost))
        }
        (Some("transmission"), _) => {
            format!(
                "what is drawn or evenly spaced is a share of the power: a loss of {} dB is a transmission of `{}`",
                number(lost),
                rounded(passed)
            )
        }
        (Some("loss"), _) => {
            format!(
                "what is drawn or evenly spaced is a share of the power: a loss of {} dB is `{}`",
                number(lost),
                rounded(1.0 - passed)
            )
        }
        (_, "gain") => format!("{} dB is `gain: {}`", number(decibels), rounded(10f64.powf(decibels / 10.0))),
        (_, "r") => format!("{} dB is `r: {}`", number(decibels), misread::squeezing(decibels)),
        _ => return None,
    })
}

/// The entry of waveguides that a path leads to or into.
fn of_waveguide(path: &Path) -> Option<&str> {
    match path.0.as_slice() {
        [PathSegment::Key(block), _, PathSegment::Key(key), ..] if block == "waveguides" => Some(key),
        _ => None,
    }
}

/// Quantities that others give per area of a membrane.
const OF_MEMBRANES: [Dimension; 3] = [Dimension::CONDUCTANCE, Dimension::CAPACITANCE, Dimension::CURRENT];

/// Whether decibels may stand at a path.
fn is_loss(path: &Path) -> bool {
    path.last_key() == "loss"
}

/// What to write for a loss: decibels, or per cent where the number may be some.
fn loss_help(text: &str) -> Option<String> {
    let end = text.trim().find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+'))).unwrap_or(text.len());
    let number = text.trim().get(..end)?;
    let value: f64 = number.parse().ok()?;
    let decibels = format!("write `{number} dB`");
    Some(if value <= 100.0 { format!("{decibels}, or `{number} %`") } else { decibels })
}

impl Scope<'_> {
    pub(crate) fn key(&self, key: &str) -> Self {
        Self { path: self.path.key(key), ..self.clone() }
    }

    pub(crate) fn index(&self, index: usize) -> Self {
        Self { path: self.path.index(index), ..self.clone() }
    }

    /// Reports the value of this entry.
    pub(crate) fn wrong(&self, message: impl AsRef<str>, help: impl AsRef<str>) {
        self.problems.value(&self.path, message, help);
    }

    /// Opens the data file that this entry names; none if it cannot be, which is then on the list.
    pub(crate) fn open(&self, file: &str) -> Option<(PathBuf, Opened)> {
        self.data.open(file).map_err(|refused| self.wrong(refused.message, refused.help)).ok()
    }

    /// Where the data file lies that this entry names.
    pub(crate) fn locate(&self, file: &str) -> Option<PathBuf> {
        self.data.locate(file).map_err(|refused| self.wrong(refused.message, refused.help)).ok()
    }

    /// The quantity of this entry; not a number if it is wrong, which is then on the list.
    pub(crate) fn read(&self, quantity: &Quantity, dimension: Dimension, bound: Bound) -> f64 {
        self.read_meaning(quantity, bound.meaning(dimension), bound)
    }

    /// The number of this entry, which stands for this, in the same way.
    pub(crate) fn read_meaning(&self, quantity: &Quantity, meaning: Meaning, bound: Bound) -> f64 {
        let dimension = meaning.dimension();
        let example = || self.units.display(if meaning == Meaning::Share { 0.5 } else { 1.0 }, dimension);
        let value = self.read_as(quantity, bound, meaning, (example, units_of(dimension)));
        match dimension {
            Dimension::FREQUENCY => self.doubt_frequency(quantity),
            Dimension::ANGLE => self.doubt_angle(quantity, value),
            _ => {}
        }
        value
    }

    /// Warns of an angular frequency without an angle in its unit: `80 1/s` is 80 rad/s, and 80 Hz are 503 rad/s.
    fn doubt_frequency(&self, quantity: &Quantity) {
        let Quantity::Text(text) = quantity else { return };
        let Some((number, unit)) = leaves::split(text) else { return };
        if unit.is_empty() || ["rad", "deg", "°", "Hz"].iter().any(|angle| unit.contains(angle)) {
            return;
        }
        let (cycles, angular) = if unit.contains("ms") { ("kHz", "rad/ms") } else { ("Hz", "rad/s") };
        self.data.warn(Warning {
            path: self.path.to_string(),
            finding: format!("`{}` is an angular frequency, {number} {angular}", text.trim()),
            remedy: format!("write `{number} {cycles}` for cycles, or `{number} {angular}` if that is meant"),
        });
    }

    /// Warns of a bare number for an angle that is more than a turn, as degrees are.
    fn doubt_angle(&self, quantity: &Quantity, value: f64) {
        let bare = match quantity {
            Quantity::Number(_) => true,
            Quantity::Text(text) => text.trim().parse::<f64>().is_ok(),
        };
        if !bare || value.abs() <= std::f64::consts::TAU || value.is_nan() {
            return;
        }
        let remedy = if self.units == UnitSystem::Raw {
            format!("{value} degrees are `{}`; or take whole turns off", rounded(value.to_radians(), 7))
        } else {
            format!("write `{value} deg` for degrees, or `{value} rad` if that is meant")
        };
        self.data.warn(Warning {
            path: self.path.to_string(),
            finding: format!("a bare number is in radians, and {value} is more than a turn"),
            remedy,
        });
    }

    /// A number of events per time, in the same way: here a hertz is one event a second, without an angle.
    pub(crate) fn read_rate(&self, quantity: &Quantity, bound: Bound) -> f64 {
        let example = || self.units.per_time().to_owned();
        self.read_as(quantity, bound, Meaning::Rate, (example, RATES))
    }

    /// Notes what the number of this entry stands for, for those who put it in from outside.
    pub(crate) fn note(&self, meaning: Meaning) -> NumberKind {
        let kind = NumberKind { units: self.units, meaning };
        self.data.note(&self.path, kind);
        kind
    }

    fn read_as(
        &self,
        quantity: &Quantity,
        bound: Bound,
        meaning: Meaning,
        (example, units): (impl Fn() -> String, &[&str]),
    ) -> f64 {
        let kind = self.note(meaning);
        let own = misread::example(&self.path, self.units);
        let example = || own.map_or_else(&example, str::to_owned);
        let value = match quantity {
            Quantity::Number(value) => *value,
            Quantity::Text(text) => match kind.parse(text) {
                Ok(value) => value,
                Err(mut error) => {
                    // An example that this entry does not take helps nobody.
                    let taken = |shown: &mut String| kind.parse(shown).is_ok_and(|value| bound.holds(value));
                    if own.is_some() || !error.example().is_some_and(taken) {
                        error = error.with_example(&example());
                    }
                    let message = format!("`{}`: {error}", self.path);
                    let added = self.problems.at(&self.path, super::place::Highlight::Value, message);
                    if let Some(help) = unit_help(&self.path, text, &error, units) {
                        added.help(help);
                    }
                    return f64::NAN;
                }
            },
        };
        if !value.is_finite() {
            self.wrong(format!("`{}` must be a finite number, got {value}", self.path), "write a number");
            return f64::NAN;
        }
        if bound.holds(value) {
            // -0 is 0, as the resolved file has it.
            return value + 0.0;
        }
        let typed = match quantity {
            Quantity::Number(value) => value.to_string(),
            Quantity::Text(text) => text.clone(),
        };
        let message = format!("`{}` {}, got {typed}", self.path, bound.rule());
        let per_cent = matches!(bound, Bound::Fraction) && (10.0..=100.0).contains(&value);
        let of_loss =
            (is_loss(&self.path) && value > 1.0 && !typed.contains('%')).then(|| loss_help(&typed)).flatten();
        let help = of_loss.unwrap_or_else(|| match quantity {
            Quantity::Number(_) if per_cent => format!("write `{typed} %` if per cent are meant"),
            _ => format!("write a value such as `{}`", example()),
        });
        self.wrong(message, help);
        f64::NAN
    }

    /// The quantity of the entry `key`, or a default.
    pub(crate) fn read_or(
        &self,
        key: &str,
        quantity: Option<&Quantity>,
        kind: (Dimension, Bound),
        default: f64,
    ) -> f64 {
        quantity.map_or(default, |quantity| self.key(key).read(quantity, kind.0, kind.1))
    }
}
