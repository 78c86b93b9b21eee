//! Currents: exact charge over any step, whatever jumps it holds.

use proptest::prelude::*;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::State;
use qhh_core::source::{Current, ModeSource, Normals, Packet, Segment, Shape};
use qhh_core::time_grid::{Span, TimeGrid};

fn shapes() -> impl Strategy<Value = Current> {
    let shape = prop_oneof![
        (-5.0..5.0).prop_map(|amplitude| Shape::Constant { amplitude }),
        (-5.0..5.0, 0.0..20.0, -3.0..3.0).prop_map(|(amplitude, omega, phase)| Shape::Sine {
            amplitude,
            omega,
            phase
        }),
        (-5.0..5.0, -5.0..5.0).prop_map(|(from, to)| Shape::Ramp { from, to }),
        (0.05..2.0, any::<u64>()).prop_map(|(interval, seed)| Shape::Noise {
            mean: 1.0,
            deviation: 2.0,
            interval,
            normals: if seed % 2 == 0 { Normals::Shared { seed, stream: 7 } } else { Normals::own(seed, 7) },
        }),
        prop::collection::vec((0.01..1.0, -5.0..5.0), 2..20).prop_map(|steps| {
            let mut t = 0.0;
            let points = steps
                .into_iter()
                .map(|(dt, i)| {
                    t += dt;
                    (t, i)
                })
                .collect();
            Shape::Samples { points }
        }),
    ];
    (shape, 0.0..3.0, 0.1..5.0).prop_map(|(shape, start, length)| Current { shape, start, stop: start + length })
}

/// A stretch of time that need not be a step.
fn stretch(current: &Current, from: f64, to: f64) -> Segment {
    current.on(TimeGrid::new(1.0)).stretch(Span { from, to })
}

proptest! {
    /// The mean over a step is that of the two halves: no charge is lost or counted twice.
    #[test]
    fn the_charge_of_a_step_is_that_of_its_parts(current in shapes(), t in 0.0..6.0f64, dt in 0.001..1.0f64, cut in 0.1..0.9f64) {
        current.check().unwrap();
        let charge = |from: f64, to: f64| stretch(&current, from, to).mean * (to - from);
        let whole = charge(t, t + dt);
        let parts = charge(t, t + cut * dt) + charge(t + cut * dt, t + dt);
        prop_assert!((whole - parts).abs() < 1e-10, "{whole} against {parts}");
    }

    /// The mean is that of many points within the step.
    #[test]
    fn the_mean_of_a_step_is_that_of_its_points(current in shapes(), t in 0.0..6.0f64, dt in 0.001..1.0f64) {
        let n = 20_000;
        let on = current.on(TimeGrid::new(1.0));
        let sum: f64 = (0..n).map(|k| on.at(t + dt * (f64::from(k) + 0.5) / f64::from(n))).sum();
        let mean = stretch(&current, t, t + dt).mean;
        // The sum itself misplaces each jump by up to one point.
        prop_assert!((mean - sum / f64::from(n)).abs() < 5e-3, "{mean} against {}", sum / f64::from(n));
    }
}

#[test]
fn noise_has_the_given_mean_and_deviation_and_depends_on_seed_and_stream() {
    [true, false].into_iter().for_each(noise_is_right);
}

fn noise_is_right(shared: bool) {
    let noise = |seed, stream| Current {
        shape: Shape::Noise {
            mean: 3.0,
            deviation: 2.0,
            interval: 0.1,
            normals: if shared { Normals::Shared { seed, stream } } else { Normals::own(seed, stream).of(3, 4) },
        },
        start: 0.0,
        stop: f64::INFINITY,
    };
    let values = |seed, stream| -> Vec<f64> {
        let (noise, grid) = (noise(seed, stream), TimeGrid::new(0.1));
        (0..20_000).map(|k| noise.on(grid).at(f64::from(k))).collect()
    };
    let drawn = values(1, 1);
    let mean = drawn.iter().sum::<f64>() / 20_000.0;
    let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
    // Five standard errors of 20 000 draws.
    assert!((mean - 3.0).abs() < 5.0 * 2.0 / 20_000f64.sqrt(), "mean {mean}");
    assert!((variance - 4.0).abs() < 5.0 * 4.0 * (2.0 / 20_000f64).sqrt(), "variance {variance}");
    assert_eq!(drawn, values(1, 1));
    assert_ne!(drawn, values(2, 1));
    assert_ne!(drawn, values(1, 2));
}

/// Paper: alpha = i I0/(2 I_zpf) gives the mean I0 sin(wt).
#[test]
fn a_coherent_state_drives_like_a_sine() {
    let mode = ModeSource {
        zero_point: 0.1,
        omega: 10.0,
        start: 2.5,
        stop: 7.0,
        envelope: None,
        state: State::Coherent(Complex64::new(0.0, 5.0)),
    };
    let sine = Current { shape: Shape::Sine { amplitude: 1.0, omega: 10.0, phase: 0.0 }, start: 2.5, stop: 7.0 };
    let grid = TimeGrid::new(0.01);
    let (mode, sine) = (mode.on(grid), sine.on(grid));
    for k in 0..900 {
        let from = f64::from(k) + 0.3;
        let whole = Span { from, to: from + 1.0 };
        let (a, b) = (mode.stretch(whole), sine.stretch(whole));
        assert!((mode.at(from) - sine.at(from)).abs() < 1e-12);
        assert!((a.mean - b.mean).abs() < 1e-10 && (a.slope - b.slope).abs() < 1e-12, "{a:?} {b:?} at {from}");
    }
}

/// Commutators and the vacuum's quanta of packets against sums over their spectra, which are transforms of their envelopes.
#[test]
fn packets_commute_as_their_spectra_overlap() {
    let spectrum = |packet: &Packet, omega: f64| -> Complex64 {
        let (low, high, n) = (packet.centre - 12.0 * packet.width, packet.centre + 12.0 * packet.width, 1200);
        let dt = (high - low) / f64::from(n);
        let at = |k: i32| low + dt * (f64::from(k) + 0.5);
        (0..n).map(|k| packet.at(at(k)) * dt * Complex64::cis((omega - packet.carrier) * at(k))).sum()
    };
    let first = Packet { carrier: 5.0, centre: 6.0, width: 0.31 };
    for other in [
        first,
        Packet { centre: 6.7, ..first },
        Packet { carrier: 5.9, ..first },
        Packet { carrier: 4.0, centre: 5.2, width: 0.5 },
    ] {
        let dw = 0.04;
        let (mut commutator, mut quanta) = (Complex64::ZERO, Complex64::ZERO);
        for k in 0..600 {
            let omega = dw * (f64::from(k) + 0.5);
            let up = spectrum(&first, omega).conj() * spectrum(&other, omega);
            let down = spectrum(&first, -omega) * spectrum(&other, -omega).conj();
            commutator += (up - down.conj()) * dw / std::f64::consts::TAU;
            quanta += down * dw / std::f64::consts::TAU;
        }
        let (a, b) = (first.commutator(&other), first.vacuum_quanta(&other));
        assert!((a - commutator).norm() < 1e-5, "{other:?}: {a}, {commutator}");
        assert!((b - quanta).norm() < 1e-5, "{other:?}: {b}, {quanta}");
    }
    assert!(first.vacuum_quanta(&first).re > 1e-4, "the check sees a part below zero frequency");
}
