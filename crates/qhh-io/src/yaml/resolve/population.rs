//! One population: its circuit and where it starts.

use qhh_core::channel::Channel;
use qhh_core::circuit::{Channels, Circuit, Initial};
use qhh_core::port::Port;
use qhh_core::units::Dimension;
use qhh_net::network::Population;

use crate::yaml::place::Aim;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::schema::{self, CircuitKind};

/// Reads one population; its mistakes go to the list.
pub(super) fn read(name: &str, typed: &schema::Population, scope: &Scope<'_>) -> Population {
    let membrane = scope.key("membrane").key("capacitance");
    let capacitance = membrane.read(&typed.membrane.capacitance, Dimension::CAPACITANCE, Bound::AboveZero);
    let port = |key: &str, port: Option<&schema::Port>| {
        let scope = scope.key(key);
        port.map(|port| Port {
            capacitance: scope.key("capacitance").read(
                &port.capacitance,
                Dimension::CAPACITANCE,
                Bound::AboveZero,
            ),
            impedance: scope.key("impedance").read(&port.impedance, Dimension::IMPEDANCE, Bound::AboveZero),
        })
    };
    let circuit = Circuit {
        capacitance,
        channels: channels(&typed.channels, typed.circuit, &scope.key("channels")),
        output: port("output", typed.output.as_ref()),
        inputs: port("input", typed.input.as_ref()).into(),
    };
    Population {
        name: name.to_owned(),
        count: count(typed.count, &scope.key("count")),
        circuit,
        inputs: typed.input.iter().map(|_| "input".to_owned()).collect(),
        varied: Vec::new(),
        initial: initial(typed.initial.as_ref(), typed.circuit, &scope.key("initial")),
    }
}

fn count(typed: Option<u64>, scope: &Scope<'_>) -> usize {
    let count = typed.map_or(1, |count| usize::try_from(count).unwrap_or(usize::MAX));
    if count == 0 || count > super::MAX_NEURONS {
        scope.wrong(
            format!("`{}` must be between 1 and {}, got {count}", scope.path, super::MAX_NEURONS),
            "a population has at least one neuron; leave it out if it has none",
        );
        return 1;
    }
    count
}

fn channels(typed: &schema::Channels, kind: Option<CircuitKind>, scope: &Scope<'_>) -> Channels {
    let potassium = channel(&typed.potassium, &scope.key("potassium"));
    let named = [("sodium", &typed.sodium), ("chloride", &typed.chloride)];
    let [sodium, chloride] = named.map(|(key, typed)| {
        let scope = scope.key(key);
        match (typed, kind) {
            (Some(_), Some(CircuitKind::SingleChannel)) => {
                scope
                    .problems
                    .at(&scope.path, Aim::Key, format!("a single-channel circuit has no {key} channel"))
                    .help(format!("leave `{key}` out, or write `circuit: three-channel`"));
                None
            }
            (Some(typed), _) => Some(channel(typed, &scope)),
            (None, _) => None,
        }
    });
    match (kind, sodium, chloride) {
        (Some(CircuitKind::SingleChannel), ..) => Channels::Single { potassium },
        (_, Some(sodium), Some(chloride)) => Channels::Three { potassium, sodium, chloride },
        (_, sodium, chloride) => {
            let lacking: Vec<&str> = [("`sodium`", sodium.is_none()), ("`chloride`", chloride.is_none())]
                .into_iter()
                .filter_map(|(name, lacks)| lacks.then_some(name))
                .collect();
            let message = format!("`{}` lacks {}", scope.path, lacking.join(" and "));
            let help = "a three-channel circuit has potassium, sodium and chloride, each with its `conductance`; \
                        for potassium alone write `circuit: single-channel`";
            scope.problems.at(&scope.path, Aim::Key, message).help(help);
            Channels::Single { potassium }
        }
    }
}

fn channel(typed: &schema::Channel, scope: &Scope<'_>) -> Channel {
    let read = |key: &str, quantity, dimension, bound| scope.key(key).read(quantity, dimension, bound);
    Channel {
        conductance: read("conductance", &typed.conductance, Dimension::CONDUCTANCE, Bound::NotNegative),
        reversal: typed
            .reversal
            .as_ref()
            .map(|reversal| read("reversal", reversal, Dimension::VOLTAGE, Bound::Any)),
    }
}

fn initial(typed: Option<&schema::Initial>, kind: Option<CircuitKind>, scope: &Scope<'_>) -> Initial {
    let Some(schema::Initial::Given(values)) = typed else { return Initial::Rest };
    let read = |key: &str, quantity: &Option<_>, dimension, bound| {
        quantity.as_ref().map(|quantity| scope.key(key).read(quantity, dimension, bound))
    };
    let gate = |key: &str, quantity: &Option<_>| read(key, quantity, Dimension::NUMBER, Bound::Fraction);
    if kind == Some(CircuitKind::SingleChannel) {
        for (key, given) in [("m", values.m.is_some()), ("h", values.h.is_some())] {
            if given {
                let scope = scope.key(key);
                let message = format!("a single-channel circuit has no gate `{key}`");
                scope.problems.at(&scope.path, Aim::Key, message).help(format!("leave `{key}` out"));
            }
        }
    }
    Initial::Given {
        voltage: read("voltage", &values.voltage, Dimension::VOLTAGE, Bound::Any),
        n: gate("n", &values.n),
        m: gate("m", &values.m),
        h: gate("h", &values.h),
    }
}
