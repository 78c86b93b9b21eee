//! Steps too long for the gates, for the ports and for what is fed in; samples longer apart than the run.

use std::f64::consts::TAU;

use qhh_core::circuit::PortRole;
use qhh_core::source::Shape;
use qhh_core::units::{Dimension, rounded};

use super::Warning;
use crate::network::{Drive, Method, Network, Parameter, Population, PortPlace};

/// Voltages between which a gate's shortest time constant is looked up, in mV: those of a spike.
const SPIKE: std::ops::RangeInclusive<i32> = -80..=50;
/// Steps that a time constant should span: the method is of second order, so its error is then about 1 %.
const STEPS_PER_CONSTANT: f64 = 4.0;
/// Fewest steps in a period before there is a warning, and how many are suggested.
const STEPS_PER_PERIOD: (f64, f64) = (10.0, 50.0);

/// A step longer than the shortest time constant of any gate.
pub(super) fn against_gates(network: &Network) -> Vec<Warning> {
    let step = network.simulation.step * network.rate_units().milliseconds;
    let shortest = network.populations.iter().filter_map(|population| {
        let constants = SPIKE.filter_map(|v| gates_constant(population, f64::from(v)));
        constants.reduce(f64::min).map(|constant| (constant, population))
    });
    let Some((constant, population)) = shortest.min_by(|a, b| a.0.total_cmp(&b.0)) else { return Vec::new() };
    if step <= constant {
        return Vec::new();
    }
    let what = format!("the fastest gate of `{}` during a spike", population.name);
    vec![too_long(network, &what, constant / network.rate_units().milliseconds)]
}

/// Shortest time constant of the gates that conduct, at a voltage in mV, in ms; none without such gates.
fn gates_constant(population: &Population, millivolts: f64) -> Option<f64> {
    let circuit = &population.circuit;
    let conducts = |conductance: Parameter, base: f64| population.values(conductance, base).1 > 0.0;
    let open = circuit
        .gates()
        .filter(|(channel, _)| conducts(Parameter::Conductance(*channel), circuit.channels[*channel].conductance));
    let rates = open.filter_map(|(_, gate)| gate.rates(millivolts));
    rates.map(|rate| 1.0 / (rate.opening + rate.closing)).reduce(f64::min)
}

/// A step longer than the time constant of any port: its impedance times its capacitor and the membrane in series.
pub(super) fn against_ports(network: &Network) -> Vec<Warning> {
    if network.simulation.method == Method::Adiabatic {
        return Vec::new();
    }
    let constant_of = |population: &Population, (role, port): (PortRole, qhh_core::port::Port)| {
        let place = match role {
            PortRole::Output => PortPlace::Output,
            PortRole::Input(k) => PortPlace::Input(k),
        };
        let membrane = population.values(Parameter::Capacitance, population.circuit.capacitance).0;
        let capacitor = population.values(Parameter::PortCapacitance(place), port.capacitance).0;
        let impedance = population.values(Parameter::PortImpedance(place), port.impedance).0;
        impedance * membrane * capacitor / (membrane + capacitor)
    };
    let all = network.populations.iter().flat_map(|population| {
        let ports = population.circuit.ports();
        ports.map(move |(role, port)| {
            let name = match role {
                PortRole::Output => "output",
                PortRole::Input(k) => population.inputs.get(k).map_or("input", String::as_str),
            };
            (constant_of(population, (role, port)), name, population)
        })
    });
    let shortest = all.filter(|(constant, ..)| *constant > 0.0).min_by(|a, b| a.0.total_cmp(&b.0));
    match shortest {
        Some((constant, name, population)) if network.simulation.step > constant => {
            vec![too_long(network, &format!("the `{name}` port of `{}`", population.name), constant)]
        }
        _ => Vec::new(),
    }
}

/// A step that resolves a period of a source by fewer than ten points.
pub(super) fn against_periods(network: &Network) -> Vec<Warning> {
    let step = network.simulation.step;
    let fast = network.sources.iter().filter_map(|source| {
        let omega = match &source.drive {
            Drive::Current(current) => match current.shape {
                Shape::Sine { omega, .. } => omega,
                _ => return None,
            },
            Drive::Mode(mode) => mode.omega,
            Drive::Packet(packet) => packet.packet.carrier,
        };
        let period = TAU / omega.abs();
        (period.is_finite() && period < STEPS_PER_PERIOD.0 * step).then(|| Warning {
            path: format!("sources.{}", source.name),
            finding: format!(
                "its period of {} is {} times the step, {}",
                rounded_time(network, period),
                rounded(period / step, 2),
                network.units.display(step, Dimension::TIME)
            ),
            remedy: format!(
                "choose `step: {}` or less, or check the unit of its frequency",
                network.step_up_to(period / STEPS_PER_PERIOD.1)
            ),
        })
    });
    fast.collect()
}

/// Samples so far apart that the start alone is sampled.
pub(super) fn against_samples(network: &Network) -> Vec<Warning> {
    let (every, duration) = (network.record.every, network.simulation.duration);
    let rare = (every > duration).then(|| Warning {
        path: "record.every".to_owned(),
        finding: format!(
            "{} is longer than the run, {}, so only its start is sampled",
            rounded_time(network, every),
            rounded_time(network, duration)
        ),
        remedy: "sample more often".to_owned(),
    });
    rare.into_iter().collect()
}

fn too_long(network: &Network, what: &str, constant: f64) -> Warning {
    Warning {
        path: "simulation.step".to_owned(),
        finding: format!(
            "the step, {}, is longer than the time constant of {what}, {}",
            rounded_time(network, network.simulation.step),
            rounded_time(network, constant)
        ),
        remedy: format!("choose `step: {}` or less", network.step_up_to(constant / STEPS_PER_CONSTANT)),
    }
}

/// A time to three digits with its unit.
pub(super) fn rounded_time(network: &Network, value: f64) -> String {
    network.units.display(rounded(value, 3), Dimension::TIME)
}
