//! Numbers of a run by name: `relay[7].voltage at 12 ms`, `relay[7].spikes[0]`; `relay.7.spikes.0` needs no quotes.

use qhh_core::units::Dimension;
use qhh_net::network::Figure;

use super::select::NeuronIndex;
use crate::yaml::quantity::Scope;
use crate::yaml::schema::Neurons as Typed;
use crate::yaml::wording::clip;

/// What may be written.
const HELP: &str =
    "write a voltage at a time, `relay.4.voltage at 12 ms`, or a spike from 0 on, `relay.4.spikes.0`";

/// What a name says of a neuron.
enum Of<'a> {
    Voltage(&'a str),
    Spike(usize),
}

/// The number of a name; none, with the reason on the list, if there is no such number.
pub(super) fn read(text: &str, roster: &NeuronIndex<'_>, scope: &Scope<'_>) -> Option<Figure> {
    let Some((name, of)) = split(text.trim()) else {
        let message = format!("`{}` is no number whose variance could be split by its origin", clip(text));
        scope.wrong(message, HELP);
        return None;
    };
    let neurons = roster.select_all(&Typed::One(name.to_owned()), scope).ok()?;
    let neuron = match neurons.len() {
        1 => neurons.at(0),
        count => {
            let one = roster.address_of(neurons.at(0)).unwrap_or_default();
            scope.wrong(
                format!("`{}` names {count} neurons, and a number is of one", clip(name)),
                format!("name one of them, such as `{}`", clip(&text.trim().replacen(name, &one, 1))),
            );
            return None;
        }
    };
    match of {
        Of::Spike(number) => Some(Figure::Spike { neuron, number }),
        Of::Voltage(time) => match scope.units.parse(time, Dimension::TIME) {
            Ok(time) => Some(Figure::Voltage { neuron, time }),
            Err(error) => {
                scope.wrong(format!("`{}`: {error}", clip(text)), HELP);
                None
            }
        },
    }
}

fn split(text: &str) -> Option<(&str, Of<'_>)> {
    if let Some((name, rest)) = text.split_once(".voltage") {
        let rest = rest.trim();
        let called = rest.strip_prefix(".at(").and_then(|rest| rest.strip_suffix(')'));
        let time = called.or_else(|| rest.strip_prefix("at ")).map(str::trim)?;
        return Some((name, Of::Voltage(time)));
    }
    if let Some(name) = text.strip_suffix(".first_spike") {
        return Some((name, Of::Spike(0)));
    }
    let (name, rest) = text.split_once(".spikes")?;
    let rest = rest.trim();
    let number = rest.strip_prefix('.').or_else(|| rest.strip_prefix('[')?.strip_suffix(']'))?;
    Some((name, Of::Spike(number.trim().parse().ok()?)))
}
