//! One population: its circuit, where it starts, and what differs from neuron to neuron.

use std::cell::RefCell;

use qhh_core::circuit::{Circuit, Initial, Inputs, MAX_INPUTS};
use qhh_core::port::Port;
use qhh_core::sense::Sense;
use qhh_core::units::{Dimension, LaboratoryScale};
use qhh_net::Warning;
use qhh_net::network::ParameterValues as Resolved;
use qhh_net::network::{Parameter, Population, PortPlace, StartValue, Variation};

use super::channels::Channels;
use super::table::Table;
use super::{check_name, settings, spread};
use crate::yaml::place::Highlight;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::schema::Named;
use crate::yaml::schema::population::{self as schema, CircuitKind};
use crate::yaml::schema::spread::{Column, Rule, Spread};
use crate::yaml::wording::{clip, counted, listed};

/// Name of an input port that is written as `input`.
pub(crate) const ONLY_INPUT: &str = "input";

/// Reads one population; its mistakes go to the list. None where not even the number of its neurons is known.
pub(super) fn read(
    name: &str,
    typed: &schema::Population,
    scale: Option<&LaboratoryScale>,
    scope: &Scope<'_>,
) -> Option<Population> {
    let count = count(typed.count, &scope.key("count"))?;
    let ports = inputs(typed, scope);
    let inputs: Vec<String> = ports.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let channels = Channels::read(typed, &inputs, &scope.key("channels"));
    let known =
        Circuit { capacitance: 0.0, channels: channels.known(), output: None, inputs: Inputs::NONE, sense: None };
    let stub = Population { inputs: inputs.clone(), ..Population::new(name, count, known) };
    let values = Values { stub: &stub, count, varied: RefCell::default() };
    let membrane = scope.key("membrane").key("capacitance");
    let capacitance = values.read(Parameter::Capacitance, &typed.membrane.capacitance, &membrane);
    let port = |place, port: &schema::Port, scope: &Scope<'_>| Port {
        capacitance: values.read(Parameter::PortCapacitance(place), &port.capacitance, &scope.key("capacitance")),
        impedance: values.read(Parameter::PortImpedance(place), &port.impedance, &scope.key("impedance")),
    };
    let channels = channels.with_values(&|parameter, typed, scope| values.read(parameter, typed, scope));
    let output = typed.output.as_ref().map(|typed| port(PortPlace::Output, typed, &scope.key("output")));
    let arriving: Vec<Port> =
        ports.iter().enumerate().map(|(k, (_, typed, scope))| port(PortPlace::Input(k), typed, scope)).collect();
    let circuit = Circuit {
        capacitance,
        channels,
        output,
        // Too many are on the list already.
        inputs: Inputs::several(&arriving).unwrap_or_default(),
        sense: typed.sense.as_ref().map(|typed| sense(typed, scale, &scope.key("sense"))),
    };
    let initial = initial(typed.initial.as_ref(), typed.circuit, &values, &scope.key("initial"));
    let varied = values.varied.into_inner();
    Some(Population { name: name.to_owned(), count, circuit, inputs, initial, varied })
}

/// The sense line.
fn sense(typed: &schema::Sense, scale: Option<&LaboratoryScale>, scope: &Scope<'_>) -> Sense {
    let read = |key: &str, typed, kind: (Dimension, Bound)| scope.key(key).read(typed, kind.0, kind.1);
    Sense {
        impedance: read("impedance", &typed.impedance, (Dimension::IMPEDANCE, Bound::AboveZero)),
        response_time: read("response_time", &typed.response_time, (Dimension::TIME, Bound::AboveZero)),
        reference: typed.reference.as_ref().map(|at| read("reference", at, (Dimension::VOLTAGE, Bound::Any))),
        thermal_energy: typed
            .temperature
            .as_ref()
            .map(|typed| settings::thermal_energy(typed, scale, &scope.key("temperature"))),
    }
}

/// The input ports typed: name, port and entry of each.
fn inputs<'a, 's>(
    typed: &'a schema::Population,
    scope: &Scope<'s>,
) -> Vec<(&'a str, &'a schema::Port, Scope<'s>)> {
    let one = typed.input.iter().map(|port| (ONLY_INPUT, port, scope.key("input")));
    let several = scope.key("inputs");
    let Some(Named(named)) = &typed.inputs else { return one.collect() };
    if typed.input.is_some() {
        several
            .problems
            .at(&several.path, Highlight::Key, format!("`{}` has both `input` and `inputs`", scope.path))
            .help("drop `input` and name its port among the `inputs`");
    }
    if named.len() > MAX_INPUTS {
        let message = format!("`{}` has {} ports, above the {MAX_INPUTS} there may be", several.path, named.len());
        several.wrong(message, "let several waveguides arrive at one port: it combines them");
    }
    let named = named.iter().map(|(name, port)| (name.as_str(), port, several.key(name)));
    let named: Vec<_> = named.inspect(|(name, _, scope)| check_name(name, "port", scope)).collect();
    named
}

/// Reads values, one for all or one for each neuron.
struct Values<'a> {
    /// Its names: of the population, its ports, channels and gates.
    stub: &'a Population,
    count: usize,
    varied: RefCell<Vec<Variation>>,
}

impl Values<'_> {
    /// The value of all neurons, or one that stands for theirs, which then go to what is varied.
    fn read(&self, parameter: Parameter, typed: &Spread, scope: &Scope<'_>) -> f64 {
        self.keep(parameter, self.values(parameter, typed, scope), scope)
    }

    /// The values as typed.
    fn values(&self, parameter: Parameter, typed: &Spread, scope: &Scope<'_>) -> Resolved {
        let bound = match parameter {
            Parameter::Capacitance | Parameter::PortCapacitance(_) | Parameter::PortImpedance(_) => {
                Bound::AboveZero
            }
            Parameter::Conductance(_) => Bound::NotNegative,
            Parameter::Reversal(_) | Parameter::Initial(StartValue::Voltage) => Bound::Any,
            Parameter::Initial(_) => Bound::Fraction,
        };
        let entry = format!("neurons.{}.{}", self.stub.name, self.stub.path_of(parameter));
        spread::read(typed, (parameter.dimension(), bound), scope, &entry)
    }

    /// Puts values to what is varied, if they differ; one that stands for all.
    fn keep(&self, parameter: Parameter, values: Resolved, scope: &Scope<'_>) -> f64 {
        let base = spread::base(&values);
        if !matches!(values, Resolved::Same(_)) {
            spread::check_length(&values, self.count, "neuron", scope);
            self.varied.borrow_mut().push(Variation { parameter, values });
        }
        base
    }
}

fn count(typed: Option<u64>, scope: &Scope<'_>) -> Option<usize> {
    let count = typed.map_or(1, |count| usize::try_from(count).unwrap_or(usize::MAX));
    if count == 0 || count > schema::MAX_NEURONS {
        scope.wrong(
            format!("`{}` must be between 1 and {}, got {count}", scope.path, schema::MAX_NEURONS),
            if count == 0 {
                "leave the population out if it has no neurons"
            } else {
                "a network of this size needs more memory than machines have: lower `count`"
            },
        );
        return None;
    }
    Some(count)
}

fn initial(
    typed: Option<&schema::Initial>,
    kind: Option<CircuitKind>,
    values: &Values<'_>,
    scope: &Scope<'_>,
) -> Initial {
    let Some(schema::Initial::Given(given)) = typed else { return Initial::Rest };
    if kind == Some(CircuitKind::SingleChannel) {
        for (key, given) in [("m", given.m.is_some()), ("h", given.h.is_some())] {
            if given {
                let scope = scope.key(key);
                let message = format!("a single-channel circuit has no gate `{key}`");
                scope.problems.at(&scope.path, Highlight::Key, message).help(format!("leave `{key}` out"));
            }
        }
    }
    if let Some(path) = &given.from {
        return snapshot(path, given, values, scope);
    }
    let read = |which: StartValue, key: &str, typed: &Option<Spread>| {
        typed.as_ref().map(|typed| values.read(Parameter::Initial(which), typed, &scope.key(key)))
    };
    let voltage = read(StartValue::Voltage, "voltage", &given.voltage);
    let by_name = [("n", &given.n), ("m", &given.m), ("h", &given.h)];
    let gates = (0..values.stub.circuit.n_gates()).map(|place| {
        let name = values.stub.gate_name(place);
        let (key, typed) = by_name.iter().find(|(key, _)| *key == name)?;
        read(StartValue::Gate(place), key, typed)
    });
    let mut gates: Vec<Option<f64>> = gates.collect();
    let others = scope.key("gates");
    for (channel, typed) in given.gates.iter().flat_map(|Named(channels)| channels) {
        for (gate, typed) in &typed.0 {
            let scope = others.key(channel).key(gate);
            let is = |place: &usize| {
                values.stub.gate_of(*place).is_some_and(|(of, name)| of.text() == channel && name.text() == gate)
            };
            match (0..gates.len()).find(is) {
                Some(place) if gates[place].is_none() => {
                    gates[place] = Some(values.read(Parameter::Initial(StartValue::Gate(place)), typed, &scope));
                }
                found => {
                    let message = match found {
                        Some(_) => format!("the gate `{channel}.{gate}` is given twice"),
                        None => format!("`{}` has no gate `{channel}.{gate}`", values.stub.name),
                    };
                    let known: Vec<&str> = (0..gates.len()).map(|place| values.stub.gate_name(place)).collect();
                    scope
                        .problems
                        .at(&scope.path, Highlight::Key, message)
                        .help(format!("its gates are {}", listed(&known)));
                }
            }
        }
    }
    Initial::Given { voltage, gates }
}

/// Column of a snapshot that names the neuron of each row.
const NEURON: &str = "neuron";

/// A state that another run ended in: a column for each value, a row for each neuron, whatever their order.
fn snapshot(path: &str, given: &schema::InitialValues, values: &Values<'_>, scope: &Scope<'_>) -> Initial {
    let beside = [("voltage", &given.voltage), ("n", &given.n), ("m", &given.m), ("h", &given.h)];
    let gates = ("gates", given.gates.is_some());
    let beside = beside.map(|(key, given)| (key, given.is_some())).into_iter().chain([gates]);
    for (key, _) in beside.filter(|(_, given)| *given) {
        let message = format!("`{}` has both `from` and `{key}`", scope.path);
        scope
            .problems
            .at(&scope.key(key).path, Highlight::Key, message)
            .help("a snapshot has every value: drop one of them");
    }
    let from = scope.key("from");
    let order = order_of_rows(path, (&values.stub.name, values.count), &from.key("file").key("path"));
    let read = |which: StartValue| {
        let column = match which {
            StartValue::Voltage => "voltage",
            StartValue::Gate(place) => values.stub.gate_name(place),
        };
        let typed = Spread::Rule(Rule::File(Column { path: path.to_owned(), column: column.to_owned() }));
        let parameter = Parameter::Initial(which);
        let by_neuron = match (values.values(parameter, &typed, &from), &order) {
            (Resolved::Each(by_row), Some(order)) if by_row.len() == order.len() => {
                let mut by_neuron = vec![0.0; order.len()];
                order.iter().zip(by_row.iter()).for_each(|(&neuron, &value)| by_neuron[neuron] = value);
                Resolved::Each(by_neuron.into())
            }
            (by_row, _) => by_row,
        };
        Some(values.keep(parameter, by_neuron, &from))
    };
    let voltage = read(StartValue::Voltage);
    let gates = (0..values.stub.circuit.n_gates()).map(|place| read(StartValue::Gate(place)));
    Initial::Given { voltage, gates: gates.collect() }
}

/// Index of the neuron of each row, by the names in the column `neuron`: each of the `count` neurons of one population
/// once. None where there is no such column, and rows count in their order, or where it is wrong, which is reported. Neurons
/// of another population than the one that starts, `own`, are warned of.
fn order_of_rows(path: &str, (own, count): (&str, usize), scope: &Scope<'_>) -> Option<Vec<usize>> {
    let (_, file) = scope.open(path)?;
    let mut table = Table::new(file, path, "", scope)?;
    let column = table.find(NEURON)?;
    let (mut order, mut seen): (Vec<usize>, _) = (Vec::new(), vec![false; count]);
    let mut population: Option<String> = None;
    table.rows(|row| {
        let name = row.text(column);
        let parts = name.strip_suffix(']').and_then(|name| name.rsplit_once('['));
        let Some((of, Ok(index))) = parts.map(|(of, index)| (of, index.parse::<usize>())) else {
            row.wrong(
                column,
                format!("`{}` is no name of a neuron", clip(name)),
                "write names such as `relay[2]`",
            );
            return None;
        };
        let first = population.get_or_insert_with(|| of.to_owned());
        let (what, help) = if first != of {
            let what =
                format!("`{}` is of another population than `{}`, the first row's", clip(name), clip(first));
            (what, "a snapshot holds the neurons of one population")
        } else if index >= count {
            let neurons = counted(count, "neuron");
            let what = format!("there is no `{}` among {neurons}, counted from 0", clip(name));
            (what, "give the population as many neurons as the snapshot has")
        } else if std::mem::replace(&mut seen[index], true) {
            (format!("`{}` is there twice", clip(name)), "keep one row for each neuron")
        } else {
            order.push(index);
            return Some(());
        };
        row.wrong(column, what, help);
        None
    })?;
    if let Some(missing) = seen.iter().position(|seen| !seen) {
        let of = population.as_deref().unwrap_or_default();
        let message = format!("`{}` has no row for `{}[{missing}]`", clip(path), clip(of));
        scope.wrong(message, "a snapshot has a row for each neuron of the population");
        return None;
    }
    if let Some(other) = population.filter(|of| of != own) {
        scope.data.warn(Warning {
            path: format!("neurons.{own}.initial.from"),
            finding: format!("`{}` has the neurons of `{}`, not of `{own}`", clip(path), clip(&other)),
            remedy: format!("name the snapshot of `{own}`, or rename its rows if that is meant"),
        });
    }
    Some(order)
}
