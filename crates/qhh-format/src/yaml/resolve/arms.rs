//! What a wave meets on its way through the waveguides of one entry: delay, transmission, weight, gain.

use qhh_core::units::{Dimension, rounded};
use qhh_net::network::{Delay, ParameterValues};

use super::spread;
use crate::yaml::place::Highlight;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::schema::spread::Spread as TypedSpread;
use crate::yaml::schema::waveguides as schema;

/// Reads the values of waveguides.
pub(super) struct Values<'a> {
    pub(super) name: &'a str,
    pub(super) typed: &'a schema::Waveguides,
    pub(super) scope: &'a Scope<'a>,
    /// Whether it is known what a file of pairs brings.
    pub(super) pairs_are_known: bool,
}

impl Values<'_> {
    /// A value from its key, from the file of pairs, or the default.
    pub(super) fn read(
        &self,
        key: &str,
        typed: Option<&TypedSpread>,
        filled: Option<Vec<f64>>,
        kind: spread::Kind,
        default: f64,
    ) -> ParameterValues {
        let scope = self.scope.key(key);
        match (typed, filled) {
            (Some(_), Some(_)) => {
                let message = format!("`{}` is also given by the file of pairs", scope.path);
                scope
                    .problems
                    .at(&scope.path, Highlight::Key, message)
                    .help("leave it out here, or take it out of the file");
                ParameterValues::Same(f64::NAN)
            }
            (None, Some(values)) => ParameterValues::Each(values.into()),
            (Some(typed), None) => spread::read(typed, kind, &scope, &format!("waveguides.{}.{key}", self.name)),
            (None, None) => ParameterValues::Same(default),
        }
    }

    /// The power transmission from its key, from `loss`, or from the file of pairs.
    pub(super) fn transmission(&self, filled: Option<Vec<f64>>) -> ParameterValues {
        let schema::Waveguides { transmission, loss, .. } = self.typed;
        let scope = self.scope.key("loss");
        match loss {
            None => {
                let kind = (Dimension::NUMBER, Bound::Share);
                let in_file = filled.is_some();
                self.a_share(self.read("transmission", transmission.as_ref(), filled, kind, 1.0), in_file)
            }
            Some(loss) if transmission.is_none() && filled.is_none() => {
                super::loss::transmission(loss, &scope, &format!("waveguides.{}.loss", self.name))
            }
            Some(_) => {
                let also = if filled.is_some() { "a file of pairs with a transmission" } else { "`transmission`" };
                let message = format!("`{}` has both `loss` and {also}", self.scope.path);
                // What was set from outside is meant; the file's own is in the way.
                let set = self.scope.key("transmission").path;
                let (at, away) = if filled.is_none() && self.scope.data.is_set(&set) {
                    (set, "loss")
                } else {
                    (scope.path, "transmission")
                };
                let help = if filled.is_some() {
                    "keep one: either fixes the other".to_owned()
                } else {
                    format!(
                        "keep one: either fixes the other; on the command line `--set {}.{away}=null` takes that away",
                        self.scope.path
                    )
                };
                self.scope.problems.at(&at, Highlight::Key, message).help(help);
                ParameterValues::Same(f64::NAN)
            }
        }
    }

    /// Transmissions as typed, none of them above 1, and none that may be drawn.
    fn a_share(&self, transmission: ParameterValues, in_file: bool) -> ParameterValues {
        let above = match &transmission {
            ParameterValues::Each(shares) => shares.iter().copied().find(|share| *share > 1.0),
            other => Some(other.range().1).filter(|share| *share > 1.0),
        };
        let Some(share) = above else { return transmission };
        // A distribution that is not cut off is on the list already.
        if share.is_infinite() {
            return ParameterValues::Same(f64::NAN);
        }
        let help = match share {
            _ if in_file => {
                "write shares such as `0.9` in the file of pairs; an amplifier has a `gain`".to_owned()
            }
            10.0..=100.0 => format!("write `{share} %` if per cent are meant; an amplifier has a `gain`"),
            _ => format!("write a share such as `0.9` or `90 %`; an amplifier is `gain: {share}`"),
        };
        let message = format!("`transmission` is a share of the power, from 0 to 1, got {share}");
        self.scope.key("transmission").wrong(message, help);
        ParameterValues::Same(f64::NAN)
    }

    /// A length for a velocity, or the other way round, as an example.
    fn other(&self, value: f64, dimension: Dimension) -> String {
        let usable = if value.is_finite() && value > 0.0 { rounded(value, 3) } else { 1.0 };
        self.scope.units.display(usable, dimension)
    }

    /// The delay from its key, from `length` and `velocity`, or from the file of pairs.
    pub(super) fn delay(&self, filled: Option<Vec<f64>>) -> Delay {
        let schema::Waveguides { delay, length, velocity, .. } = self.typed;
        let given = delay.is_some() || filled.is_some();
        let lacks = |message: String, help: &str| {
            self.scope.problems.at(&self.scope.path, Highlight::Key, message).help(help);
            Delay::Time(ParameterValues::Same(f64::NAN))
        };
        let path = &self.scope.path;
        match (length, velocity) {
            (None, None) if given => {
                let kind = (Dimension::TIME, Bound::AboveZero);
                Delay::Time(self.read("delay", delay.as_ref(), filled, kind, f64::NAN))
            }
            (None, None) if !self.pairs_are_known => Delay::Time(ParameterValues::Same(f64::NAN)),
            (None, None) => {
                self.scope.problems.lacks(path, "delay").help("add `delay: 1 ms`, or a `length` and a `velocity`");
                Delay::Time(ParameterValues::Same(f64::NAN))
            }
            (Some(length), Some(velocity)) if !given => Delay::Length {
                length: self.read("length", Some(length), None, (Dimension::LENGTH, Bound::AboveZero), f64::NAN),
                velocity: self.scope.key("velocity").read(velocity, Dimension::VELOCITY, Bound::AboveZero),
            },
            // With which the delay is 1.
            (Some(length), None) if !given => {
                let kind = (Dimension::LENGTH, Bound::AboveZero);
                let (_, length) = self.read("length", Some(length), None, kind, f64::NAN).range();
                let velocity = self.other(length, Dimension::VELOCITY);
                let message = format!("`{path}` has a `length` and no `velocity`");
                lacks(message, &format!("add `velocity: {velocity}`, or write `delay` in place of `length`"))
            }
            (None, Some(velocity)) if !given => {
                let velocity = self.scope.key("velocity").read(velocity, Dimension::VELOCITY, Bound::AboveZero);
                let length = self.other(velocity, Dimension::LENGTH);
                let message = format!("`{path}` has a `velocity` and no `length`");
                lacks(message, &format!("add `length: {length}`, or write `delay` in place of `velocity`"))
            }
            (length, _) => {
                let other = if length.is_some() { "length" } else { "velocity" };
                let message = format!("`{path}` has both a delay and `{other}`");
                lacks(message, "keep `delay`, or `length` and `velocity`: either fixes the other")
            }
        }
    }
}
