//! Gates that follow the voltage at once and respond to its fluctuations: against differences of mean fields, against gates
//! that lag ever less, against samples, and the commutators.

use qhh_core::circuit::{Circuit, Initial};
use qhh_core::gating::{Formula, Gate, Gating, Law};
use qhh_core::name::Name;
use qhh_net::network::{Feedback, Network, Observable};

use crate::models::published::{channel, leak, morris_lecar, wang_buzsaki};
use crate::models::{self, constant, one_neuron, passive_chain, relay_circuit, run};
use crate::responding::{
    checks_at_any_hbar, chi_square, difference_and_response, gap, largest, measured, responding, still, totals,
    with_feedback,
};

/// Channels with the working ports, and a leak that keeps them at rest.
fn with_ports(circuit: &Circuit, capacitance: f64, leaks: f64) -> Circuit {
    let mut channels = circuit.channels.to_vec();
    if let Some(leak) = channels.last_mut() {
        leak.conductance = leaks;
    }
    Circuit { capacitance, channels: channels.into_iter().collect(), ..relay_circuit() }
}

fn fast_spiking() -> Circuit {
    with_ports(&wang_buzsaki(), 1.0, 0.4)
}

fn pulsed(circuit: Circuit, amplitude: f64) -> Network {
    let mut network = one_neuron(circuit, Initial::Rest, constant(amplitude, 1.0, 3.0), 12.0, 0.02);
    (network.record.observables, network.record.every) = (vec![Observable::Voltage], 0.02);
    network
}

/// With a sense line and without, through a spike.
#[test]
fn gates_that_follow_at_once_respond_as_differences_do() {
    for (name, circuit, amplitude) in [
        ("Wang and Buzsaki", fast_spiking(), 20.0),
        ("Morris and Lecar", with_ports(&morris_lecar(), 5.0, 2.0), 200.0),
    ] {
        for sensed in [false, true] {
            let network = pulsed(circuit.clone(), amplitude);
            let network = if sensed { measured(network) } else { network };
            let found = difference_and_response(&network, &still(0.5, 1.5));
            let gap = gap(&found[0]);
            println!("{name}, sensed {sensed}: {gap:.1e}, up to {:.1} mV", largest(&found[0].0));
            assert!(gap < 1e-6, "{name}, sensed {sensed}: {gap:e}");
        }
    }
}

/// A channel that opens with depolarization, its gate with a time constant in ms.
fn lagging(time: f64) -> Circuit {
    let steady = Formula::new("sigmoid((v + 50)/9)", &[]).unwrap();
    let law = if time > 0.0 {
        Law::Relaxing { steady, time_constant: Formula::new(&time.to_string(), &[]).unwrap() }
    } else {
        Law::Instant { steady }
    };
    let gate = Gate::new(Name::M, 2, law, None, None).unwrap();
    let gating = Gating::custom(vec![gate], Vec::new(), None);
    let own = channel("own", gating, 3.0, -80.0);
    Circuit { channels: [own, leak(0.5, -55.0)].into_iter().collect(), ..relay_circuit() }
}

/// A gate that lags ever less has the variance of one that does not, at rest and through a pulse, with an error that falls
/// with its time constant.
#[test]
fn a_gate_that_lags_less_and_less_becomes_one_that_follows_at_once() {
    for sensed in [false, true] {
        let of = |time: f64| {
            let mut network = pulsed(lagging(time), 30.0);
            network.simulation = qhh_net::network::TimeStepping::new(4.0, 0.002);
            network.record.every = 0.1;
            let network = if sensed { measured(network) } else { network };
            totals(&run(&responding(network, 0.3, 0.2, 8.0)))
        };
        let (at_once, fine, coarse) = (of(0.0), of(0.01), of(0.02));
        let off = |part: &dyn Fn(usize) -> f64| {
            let gaps: Vec<f64> = (0..at_once.len()).map(|k| part(k) / at_once[k] - 1.0).collect();
            largest(&gaps)
        };
        let (far, near, none) = (off(&|k| coarse[k]), off(&|k| fine[k]), off(&|k| 2.0 * fine[k] - coarse[k]));
        println!("sensed {sensed}: off by {far:.1e} at 20 us, {near:.1e} at 10 us, {none:.1e} taken to none");
        assert!(
            (1.7..2.3).contains(&(far / near)) && none < 0.3 * near,
            "sensed {sensed}: {far:e}, {near:e}, {none:e}"
        );
    }
}

/// At rest a gate that follows at once is a conductance more: of the channel by differences of its steady current.
#[test]
fn at_rest_gates_that_follow_at_once_are_conductances() {
    let units = qhh_core::gates::RateUnits { millivolts: 1.0, milliseconds: 1.0 };
    let circuit = lagging(0.0);
    let rest = circuit.rest(units).unwrap().voltage;
    let current = |v: f64| {
        let g = circuit.conductances(&circuit.steady(v, units));
        g.iter().zip(circuit.channels.iter()).map(|(g, of)| g * (v - of.reversal.unwrap())).sum::<f64>()
    };
    let slope = (current(rest + 1e-4) - current(rest - 1e-4)) / 2e-4;
    let (hbar, cutoff) = (1.0, 40.0);
    // The noise is that of the conductances; the impedance has the slope of the current.
    let g = circuit.conductances(&circuit.steady(rest, units)).total();
    let ports: Vec<(f64, f64)> = circuit.ports().map(|(_, port)| (port.capacitance, port.impedance)).collect();
    let density = |omega: f64| {
        let i = qhh_core::num_complex::Complex64::I * omega;
        let port = |&(c, z): &(f64, f64)| i * c / (1.0 + i * c * z);
        let own = i * circuit.capacitance + ports.iter().map(port).sum::<qhh_core::num_complex::Complex64>();
        hbar * omega * (own.re + g) / (std::f64::consts::PI * (own + slope).norm_sqr())
    };
    let n: i32 = 100_000;
    let step = cutoff / f64::from(n);
    let expected: f64 = (0..n).map(|k| step * density((f64::from(k) + 0.5) * step)).sum();
    let mut network = pulsed(circuit.clone(), 0.0);
    network.simulation = qhh_net::network::TimeStepping::new(1.0, 0.02);
    for variance in totals(&run(&responding(network, hbar, 0.0, cutoff))) {
        assert!((variance / expected - 1.0).abs() < 1e-4, "{variance} and {expected}");
    }
}

/// With a sense line commutators hold, whatever follows at once.
#[test]
fn commutators_hold_where_gates_follow_a_record_at_once() {
    let mut network = measured(pulsed(fast_spiking(), 20.0));
    network.simulation.step = 0.005;
    network.record.every = 0.1;
    let mut network = responding(network, 1.0, 0.0, 800.0);
    network.quantum.as_mut().unwrap().modes = Some(640);
    let outcome = run(&network);
    for check in checks_at_any_hbar(&outcome) {
        println!("{}: {:.1e}, expected below {:.1e}", check.name, check.defect, check.expected_below);
        assert!(check.holds(), "{check:?}");
    }
    let commutator = outcome.checks.iter().find(|check| check.name.contains("from the modes")).unwrap();
    assert!(commutator.defect < 1e-2, "{commutator:?}");
}

/// Samples at an hbar at which they are linear, though the second neuron hardly fires.
#[test]
fn samples_of_gates_that_follow_at_once_have_the_variances_of_field_modes() {
    let mut network = passive_chain(2, 14.0, 0.01);
    network.populations[0].circuit = fast_spiking();
    network.sources[0].drive = constant(20.0, 1.0, 3.0);
    network.record.every = 0.05;
    let noise = (1e-7, 2e-7, 60.0);
    let modes = run(&with_feedback(network.clone(), noise, Feedback::Full));
    let ensemble = run(&models::with_samples(network, noise, 2000, Feedback::Full)).ensemble.unwrap();
    let (n, mean, most) = chi_square(&modes, &ensemble);
    println!("{n} figures, chi-square {mean:.2} each, the worst {most:.1}");
    assert!(n > 500 && mean < 1.7 && mean > 0.3 && most < 5.0, "{mean} each, {most} at most");
}
