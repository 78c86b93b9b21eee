//! Rates of the gates, and the loops of a memristor.

use qhh_core::circuit::{Channels, Circuit, Inputs};
use qhh_core::gates::{Gates, RateUnits, linoid, rates};
use qhh_core::hysteresis::LoopMeter;
use qhh_core::time_grid::TimeGrid;

const UNITS: RateUnits = RateUnits { millivolts: 1.0, milliseconds: 1.0 };

fn axon() -> Circuit {
    let channels = Channels::three([36.0, 120.0, 0.3], [-77.0, 50.0, -54.387]);
    Circuit { capacitance: 1.0, channels, output: None, inputs: Inputs::NONE, sense: None }
}

/// Taylor series of x/(1 - e^-x) around 0.
fn linoid_series(x: f64) -> f64 {
    1.0 + x / 2.0 + x * x / 12.0 - x.powi(4) / 720.0
}

#[test]
fn the_rates_pass_smoothly_through_their_removable_singularities() {
    assert_eq!(linoid(0.0), 1.0);
    for k in 0..17 {
        for sign in [1.0, -1.0] {
            let x = sign * 10f64.powi(-k) * 0.03;
            assert!((linoid(x) - linoid_series(x)).abs() < 1e-11, "L({x}) = {}", linoid(x));
        }
    }
    // At -55 mV for n and -40 mV for m the textbook form is 0/0.
    let [n, ..] = rates(-55.0);
    let [_, m, _] = rates(-40.0);
    assert_eq!((n.opening, m.opening), (0.1, 1.0));
    for (v, place) in [(-55.0, 0), (-40.0, 1)] {
        let (below, at, above) = (rates(v - 1e-6)[place], rates(v)[place], rates(v + 1e-6)[place]);
        let middle = 0.5 * (below.opening + above.opening);
        assert!((middle - at.opening).abs() < 1e-12, "a jump of {} at {v} mV", middle - at.opening);
    }
}

/// Figures of the 1952 paper, in today's sign of V: at rest n = 0.318, m = 0.053, h = 0.596.
#[test]
fn the_gates_rest_where_hodgkin_and_huxley_found_them() {
    let rest = axon().steady(-65.0, UNITS);
    for (name, gate, expected) in [("n", rest[0], 0.3177), ("m", rest[1], 0.0529), ("h", rest[2], 0.5961)] {
        assert!((gate - expected).abs() < 1e-4, "{name} rests at {gate}, not {expected}");
    }
}

#[test]
fn in_si_the_same_neuron_has_the_same_gates() {
    let si = RateUnits { millivolts: 1e3, milliseconds: 1e3 };
    let (axon, start) = (axon(), Gates::from([0.4, 0.6, 0.2]));
    let (a, b) = (axon.relaxed(&start, -50.0, 0.02, UNITS), axon.relaxed(&start, -0.05, 2e-5, si));
    assert!(a.iter().zip(b.iter()).map(|(a, b)| (a - b).abs()).sum::<f64>() < 1e-14);
}

/// A conductance 1 + sin(wt)/2 under U = sin(wt): each lobe of the loop encloses 1/3 (worked out by hand), and a
/// constant conductance encloses nothing.
#[test]
fn a_loop_of_known_area_is_measured() {
    let omega = 3.0;
    let loop_area = |swing: f64| {
        let grid = TimeGrid::new(5e-4);
        let mut meter = LoopMeter::new(omega, (0.0, f64::INFINITY), grid, 1);
        for k in 0..20_000 {
            let t = grid.time(f64::from(k));
            let u = (omega * t).sin();
            meter.point(f64::from(k), u, (1.0 + swing * (omega * t).cos()) * u);
        }
        meter.finish().periods
    };
    let periods = loop_area(0.5);
    assert_eq!(periods.len(), 4, "four whole periods fit");
    for period in periods {
        // |int_0^pi 0.5 cos s sin s cos s ds| = 1/3 for each lobe.
        assert!((period.area - 2.0 / 3.0).abs() < 1e-5, "area {}", period.area);
        assert!((period.peak_voltage - 1.0).abs() < 1e-6);
    }
    assert!(loop_area(0.0).iter().all(|period| period.area < 1e-5));
}

#[test]
fn no_voltage_however_large_makes_gates_that_are_no_numbers() {
    let units = RateUnits { millivolts: 1.0, milliseconds: 1.0 };
    for v in [-1e300, -1e18, -1e4, 1e4, 1e18, 1e300] {
        let gates = axon().relaxed(&Gates::from([0.3, 0.05, 0.6]), v, 0.01, units);
        for x in gates.iter() {
            assert!((0.0..=1.0).contains(x), "{gates:?} at {v} mV");
        }
    }
}
