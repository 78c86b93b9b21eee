//! Gates that respond to fluctuations: against reference data, against differences of mean fields, and samples.

use qhh_core::channel::Channel;
use qhh_core::circuit::{BathRule, Channels, Circuit, Initial, Inputs, PortRole};
use qhh_core::gates::RateUnits;
use qhh_core::gating::library::Published;
use qhh_core::name::Name;
use qhh_core::num_complex::Complex64;
use qhh_core::port::Port;
use qhh_core::quantum::State;
use qhh_core::sense::Sense;
use qhh_core::source::{Envelope, ModeSource, Packet};
use qhh_net::Outcome;
use qhh_net::network::{
    Direction, Drive, Feedback, Fluctuations, Network, Observable, OutputEnvelope, OutputMode, PacketSource,
    Pattern, Population, Quantum, Source, Waveguides,
};
use qhh_net::outcome::{Check, Ensemble};
use serde_json::Value;

use crate::data::{Reference, json, worst_of_range};
use crate::gaps::worst;
use crate::models::{self, constant, one_neuron, passive_chain, relay_circuit, run, squid_circuit};

/// Field modes beside gates that respond, as many as the variance takes.
pub(crate) fn responding(network: Network, hbar: f64, thermal_energy: f64, cutoff: f64) -> Network {
    with_feedback(network, (hbar, thermal_energy, cutoff), Feedback::Full)
}

pub(crate) fn with_feedback(network: Network, (hbar, kt, cutoff): (f64, f64, f64), feedback: Feedback) -> Network {
    let mut network = models::with_modes(network, hbar, kt, cutoff, 2);
    let quantum = network.quantum.as_mut().unwrap();
    (quantum.modes, quantum.feedback) = (None, feedback);
    network
}

/// The checks of what holds at any hbar: how large departures are scales with it, and here it is far above any real one.
pub(crate) fn checks_at_any_hbar(outcome: &Outcome) -> impl Iterator<Item = &Check> {
    outcome.checks.iter().filter(|check| !check.name.contains("departures"))
}

pub(crate) fn totals(outcome: &Outcome) -> Vec<f64> {
    let of = &outcome.variances[0];
    (0..of.n_samples()).map(|k| of.total(k)).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// A bias into a neuron from the start, which begins at its rest under it.
fn biased(row: &Value, step: f64) -> Network {
    let circuit = if row["circuit"] == "bare" { squid_circuit() } else { relay_circuit() };
    let initial = Initial::Given { voltage: Some(number(&row["voltage"])), gates: vec![None, None, None] };
    let drive = constant(number(&row["bias"]), 0.0, f64::INFINITY);
    one_neuron(circuit, initial, drive, 4.0 * step, step)
}

/// tests/data/README.md; whatever the step, as everything at rest.
#[test]
fn the_variance_at_rest_is_the_reference_whatever_the_step() {
    let reference = json("fluctuations/rest_linearised_gates.json");
    for row in reference["rows"].as_array().unwrap() {
        for step in [0.01, 0.05] {
            for (feedback, name) in [(Feedback::Full, "linearised_gates"), (Feedback::Mean, "mean_gates")] {
                let settings = (1.0, 0.0, number(&row["cutoff"]));
                let outcome = run(&with_feedback(biased(row, step), settings, feedback));
                let (expected, variance) = (number(&row[name]), totals(&outcome));
                for k in [0, variance.len() - 1] {
                    let off = (variance[k] / expected - 1.0).abs();
                    assert!(off < 1e-4, "{row}, {name}, step {step}: {} is off by {off}", variance[k]);
                }
            }
        }
    }
}

/// Variances of samples against those of field modes in squared standard errors: how many, their mean, and the root of the
/// largest.
pub(crate) fn chi_square(modes: &Outcome, ensemble: &Ensemble) -> (usize, f64, f64) {
    let mut squares = Vec::new();
    for (of_modes, of_samples) in modes.variances.iter().zip(&ensemble.neurons) {
        for k in 0..of_modes.n_samples() {
            let error = of_samples.variance_error[k];
            squares.push(((of_samples.variance[k] - of_modes.total(k)) / error).powi(2));
        }
    }
    let mean = squares.iter().sum::<f64>() / squares.len() as f64;
    (squares.len(), mean, squares.iter().copied().fold(0.0, worst).sqrt())
}

/// One neuron with the working values, 40 uA from 5 to 7 ms: tests/data/README.md.
#[test]
fn the_variance_of_a_spike_is_the_reference() {
    let reference = Reference::load("spike_variance_linear_gates.csv");
    let n = reference.column("t").len();
    let of = |kt: f64, feedback: Feedback| {
        let mut network = passive_chain(1, 20.0, 0.01);
        network.waveguides.clear();
        run(&with_feedback(network, (1.0, kt, 200.0), feedback))
    };
    for (kt, feedback, column) in
        [(0.0, Feedback::Full, "var"), (5.0, Feedback::Full, "var_kT5"), (0.0, Feedback::Mean, "var_mean_gates")]
    {
        let outcome = of(kt, feedback);
        let variance = totals(&outcome);
        let worst = worst_of_range(&variance[..n], reference.column(column));
        println!("{column}: off by {worst:.2e} of the range");
        assert!(worst < 0.01, "{column} is off by {worst} of the range");
    }
}

/// tests/data/README.md
#[test]
fn jitter_is_the_reference() {
    let reference = json("fluctuations/jitter_linearised.json");
    for row in reference["rows"].as_array().unwrap() {
        let (amplitude, duration) = if row["network"] == "jitter_ports_40" { (40.0, 12.0) } else { (6.5, 16.0) };
        for (feedback, name) in
            [(Feedback::Full, "jitter_linearised_gates"), (Feedback::Mean, "jitter_gates_of_the_mean")]
        {
            let network =
                one_neuron(relay_circuit(), Initial::Rest, constant(amplitude, 3.0, 5.0), duration, 0.01);
            let outcome = run(&with_feedback(network, (1.0, 0.0, 100.0), feedback));
            let jitter = &outcome.jitter[0];
            assert!((jitter.time - number(&row["spike"])).abs() < 0.01, "{jitter:?}, {row}");
            let off = jitter.deviation / number(&row[name]) - 1.0;
            println!("{} {name}: {} ms, off by {off:.2e}", row["network"], jitter.deviation);
            assert!(off.abs() < 0.02, "{name}: {jitter:?}, {row}");
        }
    }
}

/// A weak packet into a resting neuron, and the modes of its own envelope that leave it.
fn weak_packet(carrier: f64, (centre, width, duration): (f64, f64, f64), step: f64) -> Network {
    let mut network = one_neuron(relay_circuit(), Initial::Rest, constant(0.0, 0.0, 1.0), duration, step);
    let packet = Packet { carrier, centre, width };
    let state = State::Coherent(Complex64::from_polar(0.05, 0.4));
    network.sources = vec![Source::new("p", vec![0], Drive::Packet(PacketSource { packet, input: 0, state }))];
    let leaving = |name: &str, port| OutputMode {
        name: name.to_owned(),
        neuron: 0,
        port,
        envelope: OutputEnvelope::Packet(packet),
    };
    network.modes = vec![leaving("back", PortRole::Input(0)), leaving("on", PortRole::Output)];
    responding(network, 0.5, 0.0, 120.0)
}

/// The mean of an outgoing mode over that of the incoming one is the operators' coefficient, and both the reference:
/// tests/data/README.md.
#[test]
fn means_of_packets_are_transmitted_as_their_operators_are() {
    let reference = json("fluctuations/ehrenfest.json");
    for (name, carrier, shape) in
        [("ehrenfest_2.5", 2.5, (12.0, 2.0, 24.0)), ("ehrenfest_0.4", 0.4, (50.0, 7.0, 100.0))]
    {
        let outcome = run(&weak_packet(carrier, shape, 0.02));
        let states = outcome.states.as_ref().unwrap();
        let alpha = Complex64::from_polar(0.05, 0.4);
        for row in reference["rows"].as_array().unwrap().iter().filter(|row| row["network"] == name) {
            let mode = states.modes.iter().position(|mode| row["mode"] == mode.name.as_str()).unwrap();
            let (mu, nu) = states.through[0].coefficients[mode];
            let expected =
                Complex64::new(number(&row["mu_linearised_gates"][0]), number(&row["mu_linearised_gates"][1]));
            let mean = (states.means[mode] - nu * alpha.conj()) / alpha;
            println!("{name} {}: mu {mu}, mean {mean}, reference {expected}", row["mode"]);
            assert!((mu - expected).norm() < 1e-3, "{name}: {mu} against {expected}");
            assert!((mean - mu).norm() < 1e-3, "{name}: {mean} and {mu}");
        }
    }
}

/// A network of a few neurons that fire, unlike one another in everything, from a number.
fn unlike(number: u64, step: f64) -> Network {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = move |low: f64, high: f64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        low + (high - low) * (state >> 11) as f64 * 0.5f64.powi(53)
    };
    let mut circuit = |inputs: usize| {
        let mut port = || Port { capacitance: draw(0.3, 1.5), impedance: draw(1.5, 4.0) };
        let (output, ports) = (Some(port()), (0..inputs).map(|_| port()).collect::<Vec<_>>());
        Circuit {
            capacitance: draw(0.8, 1.2),
            channels: Channels::three(
                [draw(33.0, 38.0), draw(115.0, 125.0), draw(0.28, 0.4)],
                [-77.0, 50.0, -54.4],
            ),
            output,
            inputs: Inputs::several(&ports).unwrap(),
            sense: None,
        }
    };
    let single = |circuit: Circuit| Circuit { channels: Channels::single(0.7, None), ..circuit };
    let circuits = [circuit(2), circuit(1), circuit(1), single(circuit(1))];
    let mut network =
        one_neuron(circuits[0].clone(), Initial::Rest, constant(draw(35.0, 45.0), 1.0, 3.0), 14.0, step);
    network.populations = circuits
        .iter()
        .enumerate()
        .map(|(k, circuit)| Population::new(&format!("p{k}"), 1, circuit.clone()))
        .collect();
    // From neuron to neuron with two ports, round a loop, and to the one whose gates act without a battery.
    let mut guide = |name: &str, from: usize, to: usize| {
        let mut guide = Waveguides::new(name, vec![from], vec![to], Pattern::OneToOne, draw(0.6, 1.3));
        guide.transmission = draw(0.7, 1.0).into();
        guide
    };
    network.waveguides = vec![guide("a", 0, 1), guide("b", 1, 2), guide("c", 2, 0), guide("d", 1, 3)];
    network.waveguides[2].port = Some("input2".to_owned());
    if number.is_multiple_of(2) {
        network.waveguides[1].gain = 1.3.into();
    } else {
        network.waveguides.remove(3);
        network.waveguides[1].direction = Direction::TwoWay;
    }
    network.record.neurons = (0..network.waveguides.len()).collect();
    network.record.observables = vec![Observable::Voltage];
    network.record.every = step;
    network
}

/// A mode that turns once in 600 000 s, which is not at all: what it adds is a current.
pub(crate) fn still(start: f64, stop: f64) -> ModeSource {
    let state = State::Coherent(Complex64::ZERO);
    ModeSource { zero_point: 0.5, omega: 1e-8, start, stop, envelope: None, state }
}

/// Difference of two mean fields over the displacement, and response, by sample.
pub(crate) type Both = (Vec<f64>, Vec<f64>);

/// Half the difference of the recorded voltages for a source's coherent amplitudes of both signs, over the amplitude, and
/// the response to its mode: `2 Re u` for a real amplitude.
pub(crate) fn difference_and_response(network: &Network, mode: &ModeSource) -> Vec<Both> {
    let of = |amplitude: f64| {
        let mut network = network.clone();
        let state = State::Coherent(amplitude.into());
        let drive = Drive::Mode(ModeSource { state, ..mode.clone() });
        network.quantum = Some(Quantum { fluctuations: Fluctuations::None, ..Quantum::new(1.0) });
        network.sources.push(Source::new("probe", vec![0], drive));
        run(&network)
    };
    let small = 1e-3;
    let (above, below) = (of(small), of(-small));
    let here = run(&{
        let mut network = models::with_modes(network.clone(), 1.0, 0.0, 20.0, 16);
        network.quantum.as_mut().unwrap().feedback = Feedback::Full;
        network.sources.push(Source::new("probe", vec![0], Drive::Mode(mode.clone())));
        network
    });
    let voltages = |outcome: &Outcome, neuron| outcome.traces.get(neuron, Observable::Voltage).unwrap().to_vec();
    let one = |response: &qhh_net::outcome::ModeResponse| {
        let (a, b) = (voltages(&above, response.neuron), voltages(&below, response.neuron));
        let difference = a.iter().zip(&b).map(|(a, b)| (a - b) / (2.0 * small)).collect();
        (difference, response.values.iter().map(|u| 2.0 * u.re).collect())
    };
    here.responses.iter().map(one).collect()
}

pub(crate) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, x| worst(most, x.abs()))
}

pub(crate) fn gap((difference, response): &(Vec<f64>, Vec<f64>)) -> f64 {
    let gaps: Vec<f64> = difference.iter().zip(response).map(|(a, b)| a - b).collect();
    largest(&gaps) / largest(difference)
}

/// The response to a current that is switched on is the difference of two runs of the mean field, to what differences are
/// good for: the modes' step is the tangent of the mean field's own.
#[test]
fn the_response_of_a_network_is_the_difference_of_two_mean_fields() {
    for number in 0..6 {
        let network = unlike(number, 0.02);
        let mode = still(2.0, 2.5);
        let found = difference_and_response(&network, &mode);
        assert_eq!(found.len(), network.record.neurons.len());
        let gaps: Vec<f64> = found.iter().map(gap).collect();
        println!("network {number}: {gaps:?}");
        assert!(gaps.iter().all(|gap| *gap < 1e-6), "network {number}: {gaps:?}");
    }
}

/// At any carrier the two differ by what the steps of either leave, which falls with the square of the step.
#[test]
fn at_any_carrier_the_two_approach_one_another_at_second_order() {
    for omega in [0.7, 6.0, 25.0] {
        let of = |step: f64| {
            let mode = ModeSource {
                zero_point: 0.5,
                omega,
                start: 0.0,
                stop: f64::INFINITY,
                envelope: Some(Envelope::Gaussian { centre: 5.0, width: 1.0 }),
                state: State::Coherent(Complex64::ZERO),
            };
            let mut network = unlike(2, step);
            network.record.every = 0.04;
            difference_and_response(&network, &mode)
        };
        let (coarse, middle, fine) = (of(0.02), of(0.01), of(0.005));
        for neuron in 0..3 {
            let gaps = [&coarse, &middle, &fine].map(|of| gap(&of[neuron]));
            let order = (gaps[1] / gaps[2]).log2();
            println!("w = {omega}, neuron {neuron}: {gaps:?}, order {order:.2}");
            assert!((1.7..2.4).contains(&order), "w = {omega}, neuron {neuron}: {gaps:?}");
            // Taken to no step from the two finest.
            let scale = largest(&fine[neuron].0);
            let taken =
                |k: usize, of: fn(&Both) -> &Vec<f64>| (4.0 * of(&fine[neuron])[k] - of(&middle[neuron])[k]) / 3.0;
            let left = (0..fine[neuron].0.len()).map(|k| taken(k, |both| &both.0) - taken(k, |both| &both.1));
            let left = largest(&left.collect::<Vec<_>>()) / scale;
            assert!(left < 0.1 * gaps[2] + 1e-6, "w = {omega}, neuron {neuron}: {left:e} is left of {gaps:?}");
        }
    }
}

/// The same of channels that are not the papers', with five gates (Connor and Stevens), whose relaxations are tabulated in the
/// mean field.
#[test]
fn gates_of_any_channels_respond_as_differences_do() {
    let channel = |name: &'static str, conductance: f64, reversal: f64| {
        let gating = Published::named(name).unwrap().gating(&[], None).unwrap();
        Channel { name: Name::new(name), gating, conductance, reversal: Some(reversal) }
    };
    let leak = |conductance: f64, reversal: f64| Channel::chloride(conductance, reversal);
    let channels = [
        channel("connor-stevens-sodium", 120.0, 55.0),
        channel("connor-stevens-potassium", 20.0, -72.0),
        channel("connor-stevens-a", 47.7, -75.0),
        leak(0.3, -17.0),
    ];
    let name = channels[0].name;
    let circuit = Circuit { channels: channels.into_iter().collect(), ..relay_circuit() };
    let mut network = one_neuron(circuit, Initial::Rest, constant(30.0, 1.0, 3.0), 12.0, 0.02);
    (network.record.observables, network.record.every) = (vec![Observable::Voltage], 0.02);
    let mode = still(0.5, 1.5);
    let found = difference_and_response(&network, &mode);
    let gap = gap(&found[0]);
    println!("{name}: {gap:.1e}, up to {:.1} mV", largest(&found[0].0));
    assert!(gap < 1e-6, "{name}: {gap:e}");
}

/// A sense line of 30 kOhm and 0.1 ms on every neuron.
pub(crate) fn measured(mut network: Network) -> Network {
    for population in &mut network.populations {
        population.circuit.sense =
            Some(Sense { impedance: 30.0, response_time: 0.1, reference: None, thermal_energy: None });
    }
    network
}

/// With a sense line too the response is the difference of two mean fields.
#[test]
fn gates_that_measure_the_voltage_respond_as_differences_do() {
    for number in 0..4 {
        let mut network = measured(unlike(number, 0.02));
        // One of them without, one referred elsewhere.
        network.populations[1].circuit.sense = None;
        network.populations[2].circuit.sense =
            Some(Sense { impedance: 12.0, response_time: 0.4, reference: Some(-63.0), thermal_energy: Some(2.0) });
        let mode = still(2.0, 2.5);
        let gaps: Vec<f64> = difference_and_response(&network, &mode).iter().map(gap).collect();
        assert!(gaps.iter().all(|gap| *gap < 1e-6), "network {number}: {gaps:?}");
    }
}

/// One neuron with the working values, 40 uA from 5 to 7 ms, its gates measuring the voltage: tests/data/README.md.
#[test]
fn the_variance_of_a_measured_spike_is_the_reference() {
    let reference = Reference::load("spike_variance_measured.csv");
    let n = reference.column("t").len();
    for (kt, column) in [(0.0, "var"), (5.0, "var_kT5")] {
        let mut network = measured(passive_chain(1, 20.0, 0.01));
        network.waveguides.clear();
        network.record.observables = vec![Observable::Voltage, Observable::Measured];
        let outcome = run(&responding(network, 1.0, kt, 200.0));
        for (observable, name) in [(Observable::Voltage, "V"), (Observable::Measured, "V_measured")] {
            let worst = worst_of_range(&outcome.traces.get(0, observable).unwrap()[..n], reference.column(name));
            assert!(worst < 0.01, "{name} is off by {worst} of the range");
        }
        let worst = worst_of_range(&totals(&outcome)[..n], reference.column(column));
        println!("{column}: off by {worst:.2e} of the range");
        assert!(worst < 0.01, "{column} is off by {worst} of the range");
        // At rest the lines' names and what they add.
        let rest = totals(&outcome)[0];
        assert!((rest / reference.column(column)[0] - 1.0).abs() < 1e-4, "{rest}");
        let lines: Vec<&str> = outcome.variances[0].lines.iter().map(|line| line.line.as_str()).collect();
        assert!(lines.ends_with(&["sense", "idler"]), "{lines:?}");
        for check in checks_at_any_hbar(&outcome) {
            assert!(check.holds() && check.expected_below.is_finite(), "{check:?}");
        }
    }
}

/// The record commutes with itself, so that gates may follow it: commutators hold at rest and during a spike, and what leaves
/// is a field again.
#[test]
fn commutators_hold_where_gates_measure_the_voltage() {
    let mut network = measured(passive_chain(2, 12.0, 0.01));
    network.sources[0].drive = constant(40.0, 1.0, 3.0);
    network.waveguides[0].transmission = 0.8.into();
    let mut network = responding(network, 1.0, 0.0, 800.0);
    network.quantum.as_mut().unwrap().modes = Some(640);
    let outcome = run(&network);
    let named = |name: &str| outcome.checks.iter().find(|check| check.name.contains(name)).unwrap();
    let (commutator, unitarity) = (named("from the modes"), named("unitarity"));
    println!("{:.2e}, {:.2e}", commutator.defect, unitarity.defect);
    assert!(commutator.defect < 5e-3 && commutator.holds(), "{commutator:?}");
    assert!(unitarity.defect < 1e-9 && unitarity.holds(), "{unitarity:?}");
    assert!(outcome.approximations.iter().all(|of| !of.statement.contains("nothing measures the voltage")));
}

/// A detector hotter or colder than the neuron: what each line brings does not depend on the temperature of the others, and
/// with gates of the mean what the sense line brings at rest is `(1/pi) int hbar w coth(hbar w/2kT) |z|^2/Z dw`.
#[test]
fn a_sense_line_has_a_temperature_of_its_own() {
    let kt = 3.0;
    let thermal = |outcome: &Outcome| -> Vec<(String, Vec<f64>)> {
        outcome.variances[0].lines.iter().map(|of| (of.line.clone(), of.thermal.clone())).collect()
    };
    for feedback in [Feedback::Mean, Feedback::Full] {
        let of = |all: f64, own: Option<f64>| {
            let mut network = measured(passive_chain(1, 10.0, 0.01));
            network.waveguides.clear();
            network.populations[0].circuit.sense.as_mut().unwrap().thermal_energy = own;
            network.record.noise_budget = true;
            let outcome = run(&with_feedback(network, (1.0, all, 100.0), feedback));
            let failed: Vec<_> = checks_at_any_hbar(&outcome).filter(|check| !check.holds()).collect();
            assert!(failed.is_empty(), "{failed:?}");
            outcome
        };
        let (warm, own, others) = (of(kt, None), of(0.0, Some(kt)), of(kt, Some(0.0)));
        for ((name, warm), (own, others)) in thermal(&warm)
            .iter()
            .zip(thermal(&own).iter().map(|of| &of.1).zip(thermal(&others).iter().map(|of| &of.1)))
        {
            let is_sensed = matches!(name.as_str(), "sense" | "idler");
            let (with, without) = if is_sensed { (own, others) } else { (others, own) };
            assert!(largest(without) == 0.0, "{name}");
            let gaps: Vec<f64> = with.iter().zip(warm).map(|(a, b)| a - b).collect();
            assert!(largest(&gaps) <= 1e-7 * largest(warm) && largest(warm) > 0.0, "{name}: {gaps:?}");
        }
        // The budget has the same heat.
        let budget = |outcome: &Outcome| {
            let shares = &outcome.budget[0].shares;
            shares.iter().find(|share| share.origin.ends_with(" sense")).unwrap().values[0]
        };
        let line = own.variances[0].lines.iter().find(|line| line.line == "sense").unwrap();
        let share = line.vacuum[0] + line.thermal[0];
        assert!((budget(&own) / share - 1.0).abs() < 1e-9);
        if feedback == Feedback::Mean {
            let circuit = relay_circuit();
            let rest = circuit.rest(RateUnits { millivolts: 1.0, milliseconds: 1.0 }).unwrap();
            let g = circuit.conductances(&rest.gates).total() + 1.0 / 30.0;
            let density = |omega: f64| {
                let ports = [(0.3, 3.0), (1.0, 3.0)].map(|(c, z)| {
                    let turn = Complex64::I * omega * c;
                    turn / (1.0 + turn * z)
                });
                let y = g + Complex64::I * omega + ports[0] + ports[1];
                omega / (omega / (2.0 * kt)).tanh() / (30.0 * std::f64::consts::PI * y.norm_sqr())
            };
            let n: i32 = 400_000;
            let step = 100.0 / f64::from(n);
            let exact: f64 = (0..n).map(|k| step * density((f64::from(k) + 0.5) * step)).sum();
            println!("sense at rest: {share}, in closed form {exact}");
            assert!((share / exact - 1.0).abs() < 1e-6, "{share} and {exact}");
        }
    }
}

/// Samples with two more noises, cold and warm, against field modes with two more lines.
#[test]
fn samples_that_are_measured_have_the_variances_of_field_modes() {
    for (kt, own) in [(0.0, None), (2e-3, None), (0.0, Some(2e-4))] {
        let mut network = measured(passive_chain(2, 14.0, 0.01));
        for population in &mut network.populations {
            population.circuit.sense.as_mut().unwrap().thermal_energy = own;
        }
        network.sources[0].drive = constant(40.0, 1.0, 3.0);
        network.record.every = 0.05;
        // Half a millivolt at the peak of a spike.
        let noise = (1e-4, 0.1 * kt, 100.0);
        let modes = run(&with_feedback(network.clone(), noise, Feedback::Full));
        let ensemble = run(&models::with_samples(network, noise, 2000, Feedback::Full)).ensemble.unwrap();
        let (n, mean, most) = chi_square(&modes, &ensemble);
        println!("kT = {kt}, {own:?}: {n} figures, chi-square {mean:.2} each, the worst {most:.1}");
        assert!(mean < 1.7 && mean > 0.3 && most < 5.0, "{mean} each, {most} at most");
    }
}

/// What a sense line cannot be.
#[test]
fn a_sense_line_that_cannot_be_is_refused() {
    let network = || responding(measured(passive_chain(1, 2.0, 0.01)), 1.0, 0.0, 200.0);
    assert!(network().check().is_empty(), "{:?}", network().check());
    let refused = |of: &dyn Fn(&mut Network), told: &str| {
        let mut network = network();
        of(&mut network);
        let mistakes = network.check();
        assert!(mistakes.iter().any(|mistake| mistake.message.contains(told)), "{told}: {mistakes:?}");
    };
    let sense = |network: &mut Network, of: fn(&mut Sense)| {
        of(network.populations[0].circuit.sense.as_mut().unwrap());
    };
    refused(&|network| network.quantum = None, "needs a `quantum` block");
    refused(&|network| sense(network, |sense| sense.response_time = 0.004), "below the step");
    refused(&|network| sense(network, |sense| sense.impedance = 0.0), "must be above zero");
    // A pacemaker: tests of the resting point.
    refused(
        &|network| {
            network.populations[0].circuit.channels = Channels::three([14.0, 120.0, 0.3], [-77.0, 50.0, -54.387]);
        },
        "give a `reference`",
    );
}

/// The shared rule's conductance has slopes of its own.
#[test]
fn under_the_shared_rule_too_the_response_is_a_difference() {
    let mut network = one_neuron(
        Circuit { capacitance: 0.5, ..models::paper_circuit() },
        Initial::Given { voltage: Some(8.0), gates: vec![Some(0.4), Some(0.6), Some(0.2)] },
        constant(20.0, 0.0, 6.0),
        12.0,
        0.02,
    );
    network.simulation.baths = BathRule::SharedMode;
    (network.record.observables, network.record.every) = (vec![Observable::Voltage], 0.02);
    let mode = still(2.0, 9.0);
    let found = difference_and_response(&network, &mode);
    let gap = gap(&found[0]);
    assert!(gap < 1e-6, "{gap:e}");
}

/// Variances and means of samples whose gates follow their own voltage, at an hbar at which they are linear, against field
/// modes: more than 500 figures, cold and warm.
#[test]
fn samples_have_the_variances_of_field_modes() {
    for kt in [0.0, 2e-3] {
        let mut network = passive_chain(2, 14.0, 0.01);
        network.sources[0].drive = constant(40.0, 1.0, 3.0);
        network.waveguides[0].transmission = 0.9.into();
        network.record.every = 0.05;
        let samples = 2000;
        let noise = (1e-3, kt, 100.0);
        let modes = run(&with_feedback(network.clone(), noise, Feedback::Full));
        let ensemble = run(&models::with_samples(network, noise, samples, Feedback::Full)).ensemble.unwrap();
        // Neighbours in time depend on one another: an effective number of a few figures per memory of 2 ms.
        let (n, mean, most) = chi_square(&modes, &ensemble);
        println!("kT = {kt}: {n} figures, chi-square {mean:.2} each, the worst {most:.1} standard errors off");
        assert!(n > 500 && mean < 1.6 && mean > 0.4 && most < 5.0, "{mean} each of {n}, {most} at most");
    }
}

/// What is missing is stated and fails no check; without gates that act nothing is.
#[test]
fn noise_that_is_missing_is_stated() {
    let mut network = passive_chain(1, 1.0, 0.02);
    (network.waveguides, network.sources) = (Vec::new(), Vec::new());
    let outcome = run(&responding(network, 1.0, 0.0, 800.0));
    let named = |name: &str| outcome.checks.iter().find(|check| check.name.contains(name)).unwrap();
    let commutator = named("[phi, V] = i hbar/C from the modes");
    // 1.25 i hbar/C at rest: tests/data/README.md.
    assert!((commutator.defect - 0.25).abs() < 0.02, "{commutator:?}");
    assert!(commutator.holds() && commutator.meaning.contains("no mistake of the run"), "{commutator:?}");
    let stated = outcome.approximations.iter().find(|of| of.name == "feedback: full").unwrap();
    assert!(stated.statement.contains("[phi, V] is off by 2."), "{stated:?}");
}

/// Departures by more than a spike's height fail a check, with a sense line too; smaller ones that are not small hold it, and
/// of small ones there is none. Variances of the vacuum scale with hbar.
#[test]
fn departures_beyond_a_spike_fail_a_check() {
    let mut network = passive_chain(1, 1.0, 0.02);
    (network.waveguides, network.sources) = (Vec::new(), Vec::new());
    for sense in [None, Some(Sense { impedance: 30.0, response_time: 0.1, reference: None, thermal_energy: None })]
    {
        let mut network = network.clone();
        network.populations[0].circuit.sense = sense;
        let with_hbar = |hbar: f64| run(&responding(network.clone(), hbar, 0.0, 800.0));
        let largest = |outcome: &Outcome| outcome.variances[0].total(outcome.variances[0].largest()).sqrt();
        let unit = largest(&with_hbar(1.0));
        for (deviation, holds) in [(2.0, None), (50.0, Some(true)), (150.0, Some(false))] {
            let outcome = with_hbar((deviation / unit).powi(2));
            assert!((largest(&outcome) / deviation - 1.0).abs() < 1e-6);
            let check = outcome.checks.iter().find(|check| check.name.contains("departures"));
            assert_eq!(check.map(Check::holds), holds, "{deviation} mV: {check:?}");
            let named = outcome.approximations.iter().find(|of| of.name == "feedback: full");
            let says = named.is_some_and(|of| of.statement.contains("an extrapolation"));
            assert_eq!(says, holds.is_some(), "{deviation} mV: {named:?}");
        }
    }
}
