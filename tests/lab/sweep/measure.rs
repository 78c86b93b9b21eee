//! Measures against what the run itself hands over.

use qhh_core::units::UnitSystem;
use qhh_lab::measure::{CATALOGUE, Condition, Measure, MeasureError};
use qhh_net::network::{Network, Observable, OutputEnvelope, OutputMode, ParameterValues, Search};
use qhh_net::{Outcome, RunError};

use crate::models;

const UNITS: UnitSystem = UnitSystem::HodgkinHuxley;

fn run(network: &Network) -> Result<Outcome, RunError> {
    qhh_net::run(network, 1, &mut |_| std::ops::ControlFlow::Continue(()))
}

/// Asks for measures, runs, and reads them.
fn measured(mut network: Network, names: &[&str]) -> (Network, Outcome, Vec<f64>) {
    let measures: Vec<Measure> = names.iter().map(|name| Measure::parse(name, UNITS).unwrap()).collect();
    for measure in &measures {
        measure.require_recording(&mut network).unwrap();
    }
    let outcome = run(&network).unwrap();
    let numbers = measures.iter().map(|measure| measure.of(&network, &outcome)).collect();
    (network, outcome, numbers)
}

/// A chain whose population is `neuron`, whose spikes die out behind the fourth.
fn dying_chain() -> Network {
    let mut network = models::passive_chain(6, 30.0, 0.01);
    network.waveguides[0].transmission = ParameterValues::Each(vec![1.0, 1.0, 0.9, 0.1, 1.0].into());
    network
}

#[test]
fn spikes_are_counted_and_timed_as_they_come() {
    let population = models::passive_chain(2, 1.0, 0.1).populations[0].name.clone();
    let of = |what: &str| format!("{population}{what}");
    let names = [
        "spikes".to_owned(),
        "fired".to_owned(),
        of("[0].first_spike"),
        "last_spike".to_owned(),
        of(".last_neuron"),
        of("[1..5].last_neuron"),
        of("[5].first_spike"),
        "rate".to_owned(),
        "spread".to_owned(),
        "axon.speed".to_owned(),
        "axon.passed".to_owned(),
    ];
    let (_, outcome, numbers) = measured(dying_chain(), &names.each_ref().map(String::as_str));
    let times: Vec<f64> = outcome.spikes.iter().map(|spike| spike.time).collect();
    assert_eq!(outcome.spikes.iter().map(|spike| spike.neuron).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(numbers[..6], [4.0, 4.0, times[0], times[3], 3.0, 3.0]);
    assert!(numbers[6].is_nan(), "a silent neuron has no first spike");
    assert!((numbers[7] - 4.0 / (6.0 * 30.0)).abs() < 1e-15);
    let mean = times.iter().sum::<f64>() / 4.0;
    let deviation = (times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / 3.0).sqrt();
    assert!((numbers[8] - deviation).abs() < 1e-12);
    assert!((numbers[9] - 3.0 / (times[3] - times[0])).abs() < 1e-12);
    assert!((numbers[10] - 0.75).abs() < 1e-15);
}

#[test]
fn a_quantity_is_recorded_because_it_is_measured() {
    let mut network = models::passive_chain(3, 12.0, 0.01);
    let population = network.populations[0].name.clone();
    (network.record.neurons, network.record.observables) = (vec![0], vec![Observable::Voltage]);
    let names = ["max", "min", "mean", "last", "at(7.03 ms)"];
    let names = names.map(|reduction| format!("{population}[1].g_Na.{reduction}"));
    let (network, outcome, numbers) = measured(network, &names.each_ref().map(String::as_str));
    assert_eq!(network.record.neurons, [0, 1]);
    let values = outcome.traces.get(1, Observable::G_NA).unwrap();
    let extreme = |better: fn(f64, f64) -> f64| values.iter().copied().reduce(better).unwrap();
    assert_eq!(numbers[..2], [extreme(f64::max), extreme(f64::min)]);
    assert!((numbers[2] - values.iter().sum::<f64>() / values.len() as f64).abs() < 1e-12);
    assert_eq!(numbers[3], *values.last().unwrap());
    // Between the samples of 7.0 and 7.1 ms.
    let between = values[70] + 0.3 * (values[71] - values[70]);
    assert!((numbers[4] - between).abs() < 1e-9 * between, "{} for {between}", numbers[4]);
}

#[test]
fn the_variance_is_measured_from_its_largest_to_a_time() {
    let network = models::with_variance(models::passive_chain(2, 12.0, 0.01), 0.5, 0.0, 200.0);
    let population = network.populations[0].name.clone();
    let names = [format!("{population}[0].variance.max"), format!("{population}[0].variance.at(2 ms)")];
    let (_, outcome, numbers) = measured(network, &names.each_ref().map(String::as_str));
    let variance = &outcome.variances[0];
    let largest = variance.total(variance.largest());
    assert!((numbers[0] - largest).abs() <= 1e-12 * largest && numbers[1] < numbers[0], "{numbers:?}");
}

#[test]
fn the_energy_of_the_waves_adds_up() {
    let (_, outcome, numbers) = measured(dying_chain(), &["energy_sent", "energy_arrived", "energy_lost"]);
    let waves = outcome.waves.unwrap();
    assert!(numbers[2] > 0.0, "{numbers:?}");
    assert!((numbers[0] - numbers[1] - waves.in_flight - numbers[2]).abs() < 1e-12 * numbers[0]);
}

#[test]
fn what_a_network_has_not_is_named() {
    let mut network = models::passive_chain(3, 1.0, 0.1);
    let population = network.populations[0].name.clone();
    let mut lacks =
        |name: &str| Measure::parse(name, UNITS).unwrap().require_recording(&mut network).unwrap_err().to_string();
    let messages = [
        lacks("relai.spikes"),
        lacks(&format!("{population}[3].spikes")),
        lacks(&format!("{population}.variance.max")),
        lacks(&format!("{population}.jitter")),
        lacks("axom.speed"),
        lacks("axon.velocity"),
        lacks("echo.purity"),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn what_is_no_measure_says_what_is() {
    let wrong = |name: &str| Measure::parse(name, UNITS).unwrap_err().to_string();
    let messages = [
        wrong("relay.spiks"),
        wrong("relay.voltage"),
        wrong("relay.voltage.largest"),
        wrong("relay.voltage.at(3 mV)"),
        wrong("relay.spikes.max"),
        wrong("relay[2.spikes"),
        wrong("relay[3..1].spikes"),
        wrong("speed"),
        wrong("left.negativity"),
        wrong("relay.energy_sent"),
        wrong("relay[2].voltage.max,relay[1].voltage.max"),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn every_name_of_the_catalogue_is_read_back() {
    for entry in CATALOGUE {
        let subjects = ["", "one.", "one+two."];
        let read =
            subjects.iter().filter_map(|subject| Measure::parse(&format!("{subject}{}", entry.name), UNITS).ok());
        assert!(read.count() > 0, "{}", entry.name);
    }
    assert!(matches!(Measure::parse("nothing", UNITS), Err(MeasureError::Unknown { .. })));
}

/// Of modes that are looked for there may be several under one entry: those behind it keep their names.
#[test]
fn modes_are_measured_by_name_behind_some_that_were_looked_for() {
    let mut network = models::three_linear_modes(0.02, 32);
    let search = Search { carrier: 6.0, width: 1.0, from: 8.0, to: 13.0, count: 2 };
    let found = OutputMode {
        name: "found".to_owned(),
        envelope: OutputEnvelope::Dominant(search),
        ..network.modes[0].clone()
    };
    network.modes = vec![found, network.modes[2].clone()];
    let names = ["found.1.photons", "found.2.photons", "last.photons", "found.1+last.negativity"];
    let (_, outcome, numbers) = measured(network.clone(), &names);
    let states = outcome.states.unwrap();
    let photons = |name: &str| {
        let place = states.modes.iter().position(|mode| mode.name == name).unwrap();
        states.gaussian(&[place]).unwrap().photons(0).unwrap()
    };
    for (number, name) in numbers.iter().zip(["found.1", "found.2", "last"]) {
        assert!((number - photons(name)).abs() < 1e-12, "{name}: {number} and {}", photons(name));
    }
    assert!(numbers[0] > 1.0 && numbers[1] < 1e-3, "{numbers:?}");
    let known =
        Measure::parse("found.photons", UNITS).unwrap().require_recording(&mut network).unwrap_err().to_string();
    assert!(known.contains("did you mean `found."), "{known}");
}

/// The unit that the table writes behind the name, and none.
#[test]
fn a_condition_takes_every_unit_that_a_column_may_have() {
    let subjects = ["", "relay[1].", "axon.", "left+right."];
    let series = Observable::ALL.iter().map(|observable| format!("relay.{}.max", observable.name()));
    let named = CATALOGUE.iter().flat_map(|entry| subjects.map(|subject| format!("{subject}{}", entry.name)));
    let names: Vec<String> = named.chain(series).chain(["relay.area_K.last".to_owned()]).collect();
    let mut seen = 0;
    for units in [UnitSystem::HodgkinHuxley, UnitSystem::Si, UnitSystem::Raw] {
        for name in &names {
            let Ok(measure) = Measure::parse(name, units) else { continue };
            let condition = |bound: &str| Condition::parse(&format!("{name} >= {bound}"), units).unwrap();
            for bound in ["2.5".to_owned(), format!("2.5 {}", measure.unit(units))] {
                let condition = condition(&bound);
                assert!(condition.holds_of(2.5) && !condition.holds_of(2.499_999), "{condition}");
            }
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
    let holds = |text: &str, value: f64| Condition::parse(text, UNITS).unwrap().holds_of(value);
    assert!(holds("rate > 49 Hz", 0.05) && !holds("rate > 51 Hz", 0.05));
    assert!(holds("axon.speed > 0.4 /ms", 0.5) && holds("axon.speed < 600 1/s", 0.5));
    assert!(holds("relay[1].firing_probability > 49 %", 0.5) && !holds("relay[1].firing_probability > 51 %", 0.5));
    assert!(holds("axon.passed >= 20 %", 0.2) && holds("echo.purity < 90 %", 0.8));
    for wrong in ["spikes > 50 %", "rate > 2 rad/ms", "rate > 2 mV", "echo.squeezing > 3 nats", "spikes > 1 dB"] {
        assert!(matches!(Condition::parse(wrong, UNITS), Err(MeasureError::Bound { .. })), "{wrong}");
    }
}

/// A measure has one name, so that a table of results has, whichever way it was typed.
#[test]
fn a_measure_has_one_name() {
    for (typed, name) in [
        ("relay.4.spikes", "relay[4].spikes"),
        ("relay[04].spikes", "relay[4].spikes"),
        ("relay[4..4].spikes", "relay[4].spikes"),
        (" relay . spikes ", "relay.spikes"),
        ("relay.0..3.voltage.max", "relay[0..3].voltage.max"),
        ("relay[ 0 .. 3 ].voltage.max", "relay[0..3].voltage.max"),
        ("voltage . max", "voltage.max"),
        ("relay.4.voltage.at(0.005 s)", "relay[4].voltage.at(5 ms)"),
        ("relay.4.voltage.at(5)", "relay[4].voltage.at(5 ms)"),
        ("cell.area_potassium.last", "cell.area_K.last"),
        ("relay.calcium.m.mean", "relay.calcium.m.mean"),
        ("echo.1.purity", "echo.1.purity"),
        ("left + right.negativity", "left+right.negativity"),
        ("axon.passed", "axon.passed"),
    ] {
        match Measure::parse(typed, UNITS) {
            Ok(measure) => assert_eq!(measure.name(), name, "{typed}"),
            Err(error) => panic!("{typed}: {error}"),
        }
        let again = Measure::parse(name, UNITS).unwrap();
        assert_eq!(again, Measure::parse(typed, UNITS).unwrap(), "{typed}");
    }
}

/// A population may bear the name of a quantity: what follows says which is meant.
#[test]
fn populations_named_like_quantities_are_measured_by_name() {
    for (name, other) in [("n", "g_K"), ("m", "voltage"), ("voltage", "current")] {
        let mut network = models::passive_chain(2, 30.0, 0.01);
        network.populations[0].name = name.to_owned();
        let names = [
            format!("{name}.spikes"),
            format!("{name}[0].first_spike"),
            format!("{name}.voltage.max"),
            format!("{other}.max"),
        ];
        let (_, outcome, numbers) = measured(network.clone(), &names.each_ref().map(String::as_str));
        assert_eq!(numbers[0], outcome.spikes.len() as f64);
        assert!(numbers[..3].iter().all(|number| *number > 0.0), "{name}: {numbers:?}");
        let ambiguous = Measure::parse(&format!("{name}.max"), UNITS).unwrap();
        let refused = ambiguous.require_recording(&mut network).unwrap_err().to_string();
        assert!(refused.contains(&format!("`{name}` is a population and a quantity")), "{refused}");
    }
}

/// Measures and budgets name one number in each other's way.
#[test]
fn numbers_are_named_as_budgets_name_them() {
    for (budget, measure) in [
        ("relay[4].spikes[0]", "relay[4].first_spike"),
        ("relay[4].voltage at 12 ms", "relay[4].voltage.at(12 ms)"),
        ("relay.4.voltage at 0.5", "relay[4].voltage.at(0.5 ms)"),
    ] {
        assert_eq!(Measure::parse(budget, UNITS).unwrap().name(), measure);
    }
    assert!(Measure::parse("relay[4].spikes[2]", UNITS).unwrap_err().to_string().contains("`last_spike`"));
}
