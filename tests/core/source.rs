//! Currents: exact charge over any step, whatever jumps it holds.

use proptest::prelude::*;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::State;
use qhh_core::source::{Current, Draws, Key, ModeSource, Packet, Pulse, PulseTimes, Segment, Shape, Train};
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
            draws: if seed % 2 == 0 { Draws::Shared { seed, stream: 7 } } else { Draws::own(seed, 7) },
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
        trains(),
    ];
    (shape, 0.0..3.0, 0.1..5.0).prop_map(|(shape, start, length)| Current { shape, start, stop: start + length })
}

fn trains() -> impl Strategy<Value = Shape> {
    let pulse = prop_oneof![
        (0.01..2.0).prop_map(|duration| Pulse::Rectangle { duration }),
        (0.01..2.0).prop_map(|decay| Pulse::Exponential { decay }),
        (0.01..2.0).prop_map(|peak| Pulse::Alpha { peak }),
    ];
    let times = prop_oneof![
        (0.1..3.0, prop::option::of(0..4u64), prop_oneof![Just(0.0), 0.01..1.0])
            .prop_map(|(period, count, jitter)| PulseTimes::Regular { period, count, jitter }),
        (0.2..5.0, 0.0..0.8).prop_map(|(rate, share)| PulseTimes::Poisson { rate, dead_time: share / rate }),
    ];
    (pulse, times, -5.0..5.0, any::<u64>()).prop_map(|(pulse, times, amplitude, seed)| {
        Shape::Train(Train { pulse, amplitude, times, draws: Draws::own(seed, 7) })
    })
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

proptest! {
    /// The steps of a window, filled pulse by pulse, are those looked up one by one, wherever the window begins.
    #[test]
    fn windows_of_a_train_are_its_steps(shape in trains(), start in 0.0..3.0f64, first in 0..400u64, n in 1..60usize) {
        let current = Current { shape, start, stop: start + 4.0 };
        let Shape::Train(train) = &current.shape else { unreachable!() };
        let on = current.on(TimeGrid::new(0.03));
        let mut filled = vec![Segment::default(); n];
        on.add_train(train.draws.key(), first, n, |step, part| {
            filled[step].mean += part.mean;
            filled[step].slope += part.slope;
        });
        for (k, segment) in filled.iter().enumerate() {
            let alone = on.segment(first + k as u64);
            prop_assert!((segment.mean - alone.mean).abs() < 1e-12 * (1.0 + alone.mean.abs()), "{k}: {segment:?}, {alone:?}");
            prop_assert!((segment.slope - alone.slope).abs() < 1e-11 * (1.0 + alone.mean.abs()), "{k}: {segment:?}, {alone:?}");
        }
    }
}

/// Onsets of the pulses of a Poisson process, one step wide, as windows of so many steps find them.
fn onsets(rate: f64, dead_time: f64, seed: u64, window: usize, n_steps: u64) -> Vec<f64> {
    let step = 0.001;
    let train = Train {
        pulse: Pulse::Rectangle { duration: step },
        amplitude: 1.0,
        times: PulseTimes::Poisson { rate, dead_time },
        draws: Draws::own(seed, 3),
    };
    let current = Current { shape: Shape::Train(train), start: 0.0, stop: f64::INFINITY };
    let on = current.on(TimeGrid::new(step));
    let mut means = Vec::new();
    for first in (0..n_steps).step_by(window) {
        let mut filled = vec![0.0; window];
        on.add_train(Key::new(seed, 3), first, window, |k, part| filled[k] += part.mean);
        means.extend(filled);
    }
    // A pulse as long as a step shares its charge between two by its place within the first.
    let mut found = Vec::new();
    let mut k = 0;
    while k < means.len() {
        if means[k] > 0.0 {
            found.push((k as f64 + 1.0 - means[k]) * step);
            k += 1;
        }
        k += 1;
    }
    found
}

/// Intervals of a Poisson process with a dead time d are d plus an exponential time of mean 1/r - d.
#[test]
fn poisson_pulses_have_their_rate_and_dead_time_whatever_the_windows() {
    for (rate, dead_time, seed) in [(0.5, 0.2, 1), (0.05, 10.0, 2), (0.2, 4.0, 3), (0.1, 0.02, 4)] {
        let times = onsets(rate, dead_time, seed, 100_000, 20_000_000);
        let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let n = gaps.len() as f64;
        let mean = gaps.iter().sum::<f64>() / n;
        let deviation = (gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / n).sqrt();
        let expected = 1.0 / rate - dead_time;
        let least = gaps.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(least > dead_time - 1e-9, "two pulses {least} apart, dead for {dead_time}");
        assert!((mean - 1.0 / rate).abs() < 4.5 * expected / n.sqrt(), "mean interval {mean} at rate {rate}");
        // The deviation of an exponential's standard deviation: sqrt 2 of itself over sqrt n.
        assert!(
            (deviation / expected - 1.0).abs() < 4.5 * (2.0 / n).sqrt(),
            "deviation {deviation} of {expected}"
        );
        // Neighbouring intervals know nothing of each other.
        let lag = gaps.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum::<f64>() / n;
        assert!((lag / deviation / deviation).abs() < 4.5 / n.sqrt(), "correlation {lag}");
        // Found the same by short windows, which look back for what they cannot see.
        let short = onsets(rate, dead_time, seed, 37, 400_007);
        assert!(short.len() > 15);
        for (a, b) in short.iter().zip(&times) {
            assert!((a - b).abs() < 1e-9, "{a} by short windows, {b} by long ones");
        }
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
            draws: if shared { Draws::Shared { seed, stream } } else { Draws::own(seed, stream).of(3, 4) },
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

/// Commutators and the vacuum's quanta of packets against sums over spectra, which are transforms of the envelopes that count
/// quanta: in the wave of an open line, one at w is as large as sqrt w.
#[test]
fn packets_commute_as_their_spectra_overlap() {
    let (dt, steps) = (0.01, 2400);
    let spectrum = |(packet, envelope): (&Packet, &[Complex64]), omega: f64| -> Complex64 {
        let turn = Complex64::cis((omega - packet.carrier) * dt);
        // Horner's rule, from the last step to the first.
        let sum = envelope.iter().rev().fold(Complex64::ZERO, |sum, value| sum * turn + value);
        sum * dt * (omega.abs() / packet.carrier).sqrt()
    };
    let first = Packet { carrier: 5.0, centre: 10.0, width: 0.31 };
    for other in [
        first,
        Packet { centre: 10.7, ..first },
        Packet { carrier: 5.9, ..first },
        Packet { carrier: 4.0, centre: 9.2, width: 0.5 },
    ] {
        let dw = 0.05;
        let (of_first, of_other) = (first.counting(dt, 0..steps), other.counting(dt, 0..steps));
        let (one, two) = ((&first, &*of_first), (&other, &*of_other));
        let (mut commutator, mut quanta) = (Complex64::ZERO, Complex64::ZERO);
        for k in 0..420 {
            let omega = dw * (f64::from(k) + 0.5);
            let up = spectrum(one, omega).conj() * spectrum(two, omega);
            let down = spectrum(one, -omega) * spectrum(two, -omega).conj();
            commutator += (up - down.conj()) * dw / std::f64::consts::TAU;
            quanta += down * dw / std::f64::consts::TAU;
        }
        let (a, b) = (first.commutator(&other), first.vacuum_quanta(&other));
        assert!((a - commutator).norm() < 1e-5, "{other:?}: {a}, {commutator}");
        assert!((b - quanta).norm() < 1e-5, "{other:?}: {b}, {quanta}");
    }
    assert!(first.vacuum_quanta(&first).re > 1e-4, "the check sees a part below zero frequency");
}
