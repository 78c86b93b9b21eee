//! Loss of a waveguide as its power transmission: `20 %`, `0.2` or `3 dB`.

use qhh_core::units::Dimension;
use qhh_net::network::ParameterValues;

use super::spread;
use crate::yaml::number_kind::{self, Meaning, decibels};
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::schema::Quantity;
use crate::yaml::schema::spread::Spread as Typed;

/// The power transmission of waveguides with the given loss. `entry` names the loss among the data files.
///
/// A share may be drawn or listed like any value. Decibels may be given for all or one by one: a drawn loss must be a
/// share, because a distribution over decibels is none over the transmission that the program draws.
pub(super) fn transmission(typed: &Typed, scope: &Scope<'_>, entry: &str) -> ParameterValues {
    match typed {
        Typed::Same(quantity) => ParameterValues::Same(one(quantity, scope)),
        Typed::Each(list) => {
            let value = |(index, quantity)| one(quantity, &scope.index(index));
            ParameterValues::Each(list.iter().enumerate().map(value).collect())
        }
        Typed::Rule(_) => complement(spread::read(typed, (Dimension::NUMBER, Bound::Fraction), scope, entry)),
    }
}

fn one(quantity: &Quantity, scope: &Scope<'_>) -> f64 {
    scope.note(Meaning::Loss);
    let in_decibels = match quantity {
        Quantity::Text(text) => decibels(text),
        Quantity::Number(_) => None,
    };
    match in_decibels {
        None => 1.0 - scope.read(quantity, Dimension::NUMBER, Bound::Fraction),
        Some(number) => {
            if let Some(positive) = number.strip_prefix('-').filter(|rest| rest.parse::<f64>().is_ok()) {
                let message = format!("`{}` must not be negative, got -{positive} dB", scope.path);
                scope.wrong(message, format!("a loss is written without its sign: `{positive} dB`"));
                return f64::NAN;
            }
            let number = Quantity::Text(number.to_owned());
            number_kind::transmission(scope.read(&number, Dimension::NUMBER, Bound::NotNegative))
        }
    }
}

/// `1 - x` of every value: the distributions in use are mirrored by it.
fn complement(share: ParameterValues) -> ParameterValues {
    match share {
        ParameterValues::Same(x) => ParameterValues::Same(1.0 - x),
        ParameterValues::Each(values) => ParameterValues::Each(values.iter().map(|x| 1.0 - x).collect()),
        ParameterValues::Linear { from, to } => ParameterValues::Linear { from: 1.0 - from, to: 1.0 - to },
        ParameterValues::Uniform { low, high } => ParameterValues::Uniform { low: 1.0 - high, high: 1.0 - low },
        ParameterValues::Normal { mean, deviation, low, high } => {
            ParameterValues::Normal { mean: 1.0 - mean, deviation, low: 1.0 - high, high: 1.0 - low }
        }
    }
}
