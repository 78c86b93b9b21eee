//! One mode seen in another: closed forms, the characteristic function as an independent witness, limits.

use std::f64::consts::{PI, SQRT_2, TAU};

use proptest::prelude::*;
use qhh_core::nalgebra::Matrix2;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::linear_map::{Inflow, LinearMap, MAX_PHOTONS, OutputMode, SeveralInputs};
use qhh_core::quantum::wigner::{Axis, Grid};
use qhh_core::quantum::{Gaussian, Parity, QuantumError, State};

use crate::distribution::states;
use crate::gaps::largest_gap;
use crate::state::expanded_cat;

fn identity(state: &State) -> OutputMode {
    LinearMap::identity(state.moments().mean).output(state).unwrap()
}

fn lossy(state: &State, eta: f64) -> OutputMode {
    LinearMap::loss(state.moments().mean, eta, 0.0).unwrap().output(state).unwrap()
}

/// Possible maps: any coefficients, and at least the noise they ask for, unevenly spread.
fn maps() -> impl Strategy<Value = LinearMap> {
    let part = || (-1.0..1.0f64, -1.0..1.0f64).prop_map(|(re, im)| Complex64::new(re, im));
    (part(), part(), part(), 0.0..0.5f64, -1.0..1.0f64, -3.0..3.0f64).prop_map(|(mean, mu, nu, more, r, angle)| {
        let map = LinearMap::with_least_noise(mean, mu, nu);
        // A squeezed rest obeys the same relation.
        let turn = Matrix2::new(angle.cos(), -angle.sin(), angle.sin(), angle.cos());
        let squeeze = turn * Matrix2::new(r.exp(), 0.0, 0.0, (-r).exp()) * turn.transpose();
        LinearMap { rest: squeeze * map.rest.m11 + Matrix2::identity() * more, ..map }
    })
}

/// `int f(lambda) d^2 lambda` by the trapezoidal rule, spectrally accurate for what falls off like a Gaussian.
fn over_the_plane(extent: f64, points: i32, f: impl Fn(Complex64) -> Complex64) -> Complex64 {
    let step = 2.0 * extent / f64::from(points);
    let at = |i: i32| f64::from(i) * step - extent;
    let sum: Complex64 = (0..points)
        .flat_map(|i| (0..points).map(move |j| (i, j)))
        .map(|(i, j)| f(Complex64::new(at(i), at(j))))
        .sum();
    sum * step * step
}

fn square(half: f64, points: usize) -> Grid {
    let axis = Axis { min: -half, max: half, points };
    Grid { x: axis, p: axis }
}

/// `(-1)^n e^{-r^2} L_n(2 r^2)/pi` by the recurrence of `L_n`.
fn fock_wigner(n: u32, x: f64, p: f64) -> f64 {
    let s = x * x + p * p;
    let (mut before, mut now) = (0.0, (-s).exp() / PI);
    for k in 0..n {
        let k = f64::from(k);
        let next = -((2.0 * k + 1.0 - 2.0 * s) * now + k * before) / (k + 1.0);
        (before, now) = (now, next);
    }
    now
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::cases::MAPS.random()))]

    /// The Wigner function is the Fourier transform of the characteristic function: two closed forms, found apart.
    #[test]
    fn the_wigner_function_is_the_transform_of_the_characteristic_one(map in maps(), state in states(), x in -2.0..2.0f64, p in -2.0..2.0f64) {
        // Where the characteristic function ends: the narrowest direction of the Wigner function.
        let output = map.output(&state).unwrap();
        let narrow = output.covariance();
        prop_assume!(narrow.symmetric_eigenvalues().min() > 0.05);
        let found = over_the_plane(16.0, 400, |l| output.characteristic(l) * Complex64::cis(-SQRT_2 * (l.im * x - l.re * p))) / (2.0 * PI * PI);
        let given = output.wigner_at(x, p);
        prop_assert!((found - given).norm() < 1e-9, "{found} and {given}, {map:?} of {state:?}");
    }

    /// `Tr rho^2 = int |chi|^2/pi`, `<psi|rho|psi> = int chi chi_psi*/pi`.
    #[test]
    fn purity_and_fidelity_are_those_of_the_characteristic_functions(map in maps(), state in states()) {
        let output = map.output(&state).unwrap();
        prop_assume!(output.covariance().symmetric_eigenvalues().min() > 0.05);
        let purity = over_the_plane(16.0, 300, |l| output.characteristic(l).norm_sqr().into()) / PI;
        prop_assert!((output.purity().unwrap() - purity.re).abs() < 1e-9, "{} {purity}", output.purity().unwrap());
        if state.is_pure() {
            let fidelity = over_the_plane(16.0, 300, |l| output.characteristic(l) * state.characteristic(l).conj()) / PI;
            let given = output.fidelity_with_input().unwrap();
            prop_assert!((given - fidelity.re).abs() < 1e-9, "{given} and {fidelity}");
        }
    }

    /// The marginal is a density with the quadrature's cumulants, and the Wigner function's integral along a line.
    #[test]
    fn marginals_have_the_cumulants_of_their_quadrature(map in maps(), state in states(), angle in -3.0..3.0f64, at in -1.5..1.5f64) {
        let output = map.output(&state).unwrap();
        let cumulants = output.cumulants(angle);
        prop_assume!(cumulants.k2 > 0.05);
        let (step, reach) = (0.05, 600);
        let points: Vec<f64> = (-reach..=reach).map(|i| f64::from(i) * step).collect();
        let values: Vec<f64> = points.iter().map(|v| cumulants.k1 + v).collect();
        let density = output.marginal(angle, &values);
        let moment = |k: i32| -> f64 { points.iter().zip(&density).map(|(v, w)| step * w * v.powi(k)).sum() };
        let size = 1.0 + cumulants.k2 * cumulants.k2;
        prop_assert!((moment(0) - 1.0).abs() < 1e-9 && moment(1).abs() < 1e-9 * size, "{} {}", moment(0), moment(1));
        prop_assert!((moment(2) - cumulants.k2).abs() < 1e-9 * size, "{} {cumulants:?}", moment(2));
        prop_assert!((moment(3) - cumulants.k3).abs() < 1e-8 * size, "{} {cumulants:?}", moment(3));
        let fourth = cumulants.k4 + 3.0 * cumulants.k2.powi(2);
        prop_assert!((moment(4) - fourth).abs() < 1e-8 * size * size, "{} {cumulants:?}", moment(4));
        prop_assert!(density.iter().all(|w| *w > -1e-14), "a negative density");
        let (sin, cos) = angle.sin_cos();
        let line: f64 = points.iter().map(|v| step * output.wigner_at(at * cos - v * sin, at * sin + v * cos)).sum();
        prop_assert!((line - output.marginal(angle, &[at])[0]).abs() < 1e-9, "{line}");
    }

    /// Unitary maps of pure states stay pure, and their negativity is the input's: one ray and many agree.
    #[test]
    fn squeezing_keeps_purity_and_negativity(n in 1u32..5, r in 0.1..0.8f64, angle in -3.0..3.0f64) {
        let state = State::Fock { n };
        let map = LinearMap::with_least_noise(Complex64::new(0.3, -2.0), r.cosh().into(), Complex64::from_polar(r.sinh(), angle));
        let squeezed = map.output(&state).unwrap();
        prop_assert!((squeezed.purity().unwrap() - 1.0).abs() < 1e-11);
        let (radial, plane) = (identity(&state).negativity(1e-10).unwrap(), squeezed.negativity(1e-7).unwrap());
        prop_assert!(radial.error <= 1e-10 && plane.error <= 1e-7, "{radial:?} {plane:?}");
        prop_assert!((radial.volume - plane.volume).abs() < 1e-7, "{radial:?} {plane:?}");
    }
}

/// mu = 1, nothing else: the closed form of every number state, to rounding, as far as the map goes.
#[test]
fn the_identity_returns_number_states() {
    for n in [0, 1, 2, 5, 17, 30, 80, MAX_PHOTONS] {
        let output = identity(&State::Fock { n });
        let edge = (2.0 * f64::from(n) + 1.0).sqrt();
        for r in [0.0, 0.01, 0.3, 0.5 * edge, 0.9 * edge, edge, edge + 2.0] {
            let (x, p) = (r * 0.6, r * 0.8);
            let gap = (output.wigner_at(x, p) - fock_wigner(n, x, p)).abs();
            assert!(gap < 1e-12, "n = {n}, r = {r}: gap {gap}");
        }
        if n <= 80 {
            assert!((output.purity().unwrap() - 1.0).abs() < 1e-11, "n = {n}: {:?}", output.purity());
            assert!((output.fidelity_with_input().unwrap() - 1.0).abs() < 1e-11);
            assert!((output.photons() - f64::from(n)).abs() < 1e-11);
        }
    }
}

/// Cats from the smallest to |alpha| = 5: what they are in number states, and their fringes at the origin, +-1/pi.
#[test]
fn the_identity_returns_cats() {
    for parity in [Parity::Even, Parity::Odd] {
        let sign = if parity == Parity::Even { 1.0 } else { -1.0 };
        for size in [1e-4, 0.3, 0.49, 0.51, 1.0, 2.0, 3.0, 5.0] {
            let amplitude = Complex64::from_polar(size, 0.7);
            let cat = identity(&State::Cat { amplitude, parity });
            assert!((cat.wigner_at(0.0, 0.0) - sign / PI).abs() < 1e-13, "|alpha| = {size}, {parity:?}");
            assert!((cat.purity().unwrap() - 1.0).abs() < 1e-12, "|alpha| = {size}, {parity:?}");
            assert!((cat.wigner(square(12.0, 301)).unwrap().total() - 1.0).abs() < 1e-12, "|alpha| = {size}");
            if size <= 3.0 {
                let written_out = identity(&expanded_cat(amplitude, parity));
                for (x, p) in [(0.1, 0.2), (1.0, -0.5), (2.5, 2.5), (-0.3, 3.0)] {
                    let gap = (cat.wigner_at(x, p) - written_out.wigner_at(x, p)).abs();
                    assert!(gap < 1e-11, "|alpha| = {size}, {parity:?} at ({x}, {p}): gap {gap}");
                }
            }
        }
    }
}

/// Loss makes of n photons the binomial mixture of fewer.
#[test]
fn lost_photons_are_binomial() {
    for (n, eta) in [(1u32, 0.3), (5, 0.8), (30, 0.95), (30, 0.4), (30, 0.05), (30, 0.0)] {
        let output = lossy(&State::Fock { n }, eta);
        let mut weight = (1.0f64 - eta).powi(n.cast_signed());
        let mut weights = vec![weight];
        for k in 0..n {
            weight *= f64::from(n - k) / f64::from(k + 1) * eta / (1.0 - eta);
            weights.push(weight);
        }
        for (x, p) in [(0.0, 0.0), (0.4, 0.1), (2.0, -3.0), (5.0, 4.0)] {
            let mixture: f64 = weights.iter().zip(0..).map(|(w, k)| w * fock_wigner(k, x, p)).sum();
            let gap = (output.wigner_at(x, p) - mixture).abs();
            assert!(gap < 1e-12, "n = {n}, eta = {eta} at ({x}, {p}): gap {gap}");
        }
        let purity: f64 = weights.iter().map(|w| w * w).sum();
        assert!((output.purity().unwrap() - purity).abs() < 1e-12, "n = {n}, eta = {eta}");
        assert!((output.fidelity_with_input().unwrap() - eta.powi(n.cast_signed())).abs() < 1e-12);
        assert!((output.photons() - eta * f64::from(n)).abs() < 1e-12);
        assert!((output.wigner(square(13.0, 261)).unwrap().total() - 1.0).abs() < 1e-11);
    }
}

/// The negativity of one photon with loss, in closed form; gone at half a loss.
#[test]
fn loss_takes_the_negativity_of_a_photon() {
    for eta in [1.0, 0.9, 0.7, 0.55, 0.5, 0.3] {
        let found = lossy(&State::Fock { n: 1 }, eta).negativity(1e-9).unwrap();
        // W = e^{-s}(1 - 2 eta + 2 eta s)/pi with s = r^2, negative up to s0 = 1 - 1/(2 eta).
        let s0 = (1.0f64 - 0.5 / eta).max(0.0);
        let exact = 2.0 * eta * (-s0).exp() - 1.0;
        let exact = if s0 > 0.0 { exact } else { 0.0 };
        assert!((found.volume - exact).abs() < 1e-9, "eta = {eta}: {found:?}, exactly {exact}");
    }
    // Cats: large ones are as negative as each other, and one lost photon takes nearly all of it.
    let cat = State::Cat { amplitude: Complex64::new(5.0, 0.0), parity: Parity::Even };
    let (whole, rest) = (identity(&cat).negativity(1e-6).unwrap(), lossy(&cat, 0.96).negativity(1e-6).unwrap());
    assert!(whole.error <= 1e-6 && (whole.volume - 1.0 / PI).abs() < 2e-4, "{whole:?}");
    assert!(rest.volume < 0.2 * whole.volume, "{rest:?}");
}

#[test]
fn gaussian_states_stay_gaussian() {
    let state = State::Squeezed { r: 0.9, phase: 0.4, displacement: Complex64::new(1.0, -0.7) };
    let map =
        LinearMap::with_least_noise(Complex64::new(0.2, 0.9), Complex64::new(0.6, 0.3), Complex64::new(-0.2, 0.5));
    let output = map.output(&state).unwrap();
    let gaussian = output.gaussian().unwrap();
    for (x, p) in [(0.0, 0.0), (1.0, 2.0), (-0.4, 0.3)] {
        assert!((output.wigner_at(x, p) - gaussian.wigner_at(0, x, p).unwrap()).abs() < 1e-14);
    }
    assert!((output.purity().unwrap() - gaussian.purity().unwrap()).abs() < 1e-13);
    let input = Gaussian::of(&state).unwrap();
    assert!((output.fidelity_with_input().unwrap() - gaussian.fidelity(&input).unwrap()).abs() < 1e-12);
    assert!((output.photons() - gaussian.photons(0).unwrap()).abs() < 1e-13);
    assert_eq!(output.negativity(1e-6).unwrap().volume, 0.0);
    // A thermal input: Uhlmann's fidelity of two thermal states, with a bath that changes nothing.
    let thermal = State::Thermal { photons: 0.7 };
    let same = LinearMap::loss(Complex64::ZERO, 0.3, 0.7).unwrap().output(&thermal).unwrap();
    assert!((same.fidelity_with_input().unwrap() - 1.0).abs() < 1e-12);
    assert!(matches!(identity(&State::Fock { n: 2 }).gaussian(), Err(QuantumError::NotGaussian)));
}

/// A phase conjugator's noise is that of a simultaneous measurement of x and p at least: no negativity survives.
#[test]
fn a_phase_conjugator_leaves_no_negativity() {
    for gain in [0.3, 1.0, 1.5f64] {
        let map = LinearMap::with_least_noise(Complex64::ZERO, Complex64::ZERO, gain.into());
        let output = map.output(&State::Fock { n: 30 }).unwrap();
        let negativity = output.negativity(1e-9).unwrap();
        assert!(negativity.volume < 1e-11, "gain {gain}: {negativity:?}");
        assert!((output.wigner(square(22.0, 401)).unwrap().total() - 1.0).abs() < 1e-11);
        assert!((output.photons() - 31.0 * gain * gain).abs() < 1e-11);
    }
    // An amplifier of any gain adds less than that.
    let amplifier = LinearMap::with_least_noise(Complex64::ZERO, 1.1.into(), Complex64::ZERO);
    assert!(amplifier.output(&State::Fock { n: 30 }).unwrap().negativity(1e-9).unwrap().volume > 0.01);
}

#[test]
fn what_no_mode_can_be_is_refused() {
    let silent = LinearMap { rest: Matrix2::zeros(), ..LinearMap::loss(Complex64::ZERO, 0.5, 0.0).unwrap() };
    match silent.output(&State::Vacuum) {
        Err(QuantumError::NotEnoughNoise { defect, commutator, .. }) => {
            assert!((defect - 0.25).abs() < 1e-15 && (commutator - 0.5).abs() < 1e-15);
        }
        other => panic!("{other:?}"),
    }
    let lopsided = LinearMap { rest: Matrix2::new(1.0, 0.2, 0.0, 1.0), ..silent };
    assert!(matches!(lopsided.check(), Err(QuantumError::NotSymmetric { .. })));
    let infinite = LinearMap { mean: Complex64::new(f64::NAN, 0.0), ..LinearMap::identity(Complex64::ZERO) };
    assert!(matches!(infinite.check(), Err(QuantumError::NotFinite { .. })));
    let many = LinearMap::identity(Complex64::ZERO).output(&State::Fock { n: MAX_PHOTONS + 1 });
    assert!(matches!(many, Err(QuantumError::TooManyPhotons { .. })));
    assert!(LinearMap::loss(Complex64::ZERO, 1.5, 0.0).is_err());
    let output = identity(&State::Vacuum);
    assert!(output.wigner(square(1.0, 1)).is_err() && output.wigner(square(-1.0, 10)).is_err());
    assert!((output.wigner_at(0.0, 0.0) * TAU - 2.0).abs() < 1e-15);
}

/// Two photons on a balanced beam splitter leave together (C. K. Hong, Z. Y. Ou, L. Mandel, Phys. Rev. Lett. 59, 2044
/// (1987)): on each side none or both, one time in two.
#[test]
fn two_photons_on_a_beam_splitter_leave_together() {
    let half = Complex64::from(0.5f64.sqrt());
    let photon = |mu| Inflow { mu, nu: Complex64::ZERO, state: State::Fock { n: 1 } };
    let both = vec![photon(half), photon(half * Complex64::cis(0.7))];
    let output = SeveralInputs::new(Complex64::ZERO, both, Matrix2::zeros()).unwrap();
    let axis = Axis { min: -4.0, max: 4.0, points: 33 };
    let wigner = output.wigner(Grid { x: axis, p: axis }).unwrap();
    for (place, w) in wigner.values.iter().enumerate() {
        let (x, p) = (axis.point(place / 33), axis.point(place % 33));
        let square = 2.0 * (x * x + p * p);
        // (W_0 + W_2)/2, W_n = (-1)^n L_n(2 r^2) e^{-r^2}/pi.
        let expected = 0.5 * (2.0 - 2.0 * square + 0.5 * square * square) * (-0.5 * square).exp() / PI;
        assert!((w - expected).abs() < 1e-12, "at {x}, {p}: {w}, {expected}");
    }
    assert!((output.purity() - 0.5).abs() < 1e-12, "{}", output.purity());
    for (n, expected) in [(0, 0.5), (1, 0.0), (2, 0.5), (3, 0.0)] {
        let fidelity = output.fidelity(&State::Fock { n }).unwrap();
        assert!((fidelity - expected).abs() < 1e-12, "{n} photons: {fidelity}");
    }
    // That is a square: it touches zero on a ring and is nowhere negative.
    assert!(output.negativity(1e-6).unwrap().volume < 1e-6);
    assert_eq!(output.fidelity(&State::Thermal { photons: 1.0 }), Err(QuantumError::NotPure));
}

/// With one input the closed forms say the same.
#[test]
fn one_input_of_several_is_that_of_a_linear_map() {
    let (mu, nu) = (Complex64::new(0.8, 0.3), Complex64::new(-0.2, 0.1));
    let map = LinearMap { mean: Complex64::new(0.7, -0.4), mu, nu, rest: Matrix2::new(0.4, 0.05, 0.05, 0.3) };
    let cat = |amplitude, parity| State::Cat { amplitude, parity };
    let superposition = [(0, 0.5, 0.1), (1, -0.4, 0.6), (4, 0.3, 0.3)];
    let states = [
        State::Fock { n: 1 },
        State::Fock { n: 6 },
        cat(Complex64::new(1.5, 0.5), Parity::Even),
        cat(Complex64::new(-0.5, 1.0), Parity::Odd),
        State::Superposition(superposition.map(|(n, re, im)| (n, Complex64::new(re, im))).to_vec()),
        State::Squeezed { r: 0.5, phase: 0.4, displacement: Complex64::new(0.3, 1.0) },
    ];
    for state in states {
        let closed = map.output(&state).unwrap();
        let one = vec![Inflow { mu, nu, state: state.clone() }];
        let several = SeveralInputs::new(map.mean, one, map.rest).unwrap();
        let grid =
            Grid { x: Axis { min: -3.0, max: 5.0, points: 21 }, p: Axis { min: -4.0, max: 3.0, points: 17 } };
        let (a, b) = (closed.wigner(grid).unwrap(), several.wigner(grid).unwrap());
        let worst = largest_gap(&a.values, &b.values);
        assert!(worst < 1e-11, "{state:?}: Wigner functions differ by {worst}");
        let lambda = Complex64::new(0.4, -0.9);
        let gap = (closed.characteristic(lambda) - several.characteristic(lambda)).norm();
        assert!(gap < 1e-13, "{state:?}: {gap}");
        let gap = (closed.purity().unwrap() - several.purity()).abs();
        assert!(gap < 1e-10, "{state:?}: purities differ by {gap}");
        let gap = (closed.fidelity_with_input().unwrap() - several.fidelity(&state).unwrap()).abs();
        assert!(gap < 1e-10, "{state:?}: fidelities differ by {gap}");
        let (a, b) = (closed.negativity(1e-6).unwrap(), several.negativity(1e-4).unwrap());
        assert!((a.volume - b.volume).abs() < a.error + b.error, "{state:?}: {a:?}, {b:?}");
    }
}

#[test]
fn several_inputs_need_as_much_noise_as_one() {
    let photon = Inflow { mu: Complex64::from(0.9), nu: Complex64::ZERO, state: State::Fock { n: 1 } };
    let lossy = vec![photon.clone()];
    let refused = SeveralInputs::new(Complex64::ZERO, lossy, Matrix2::zeros());
    assert!(matches!(refused, Err(QuantumError::NotEnoughNoise { .. })), "{refused:?}");
    let amplified = SeveralInputs::new(Complex64::ZERO, vec![photon; 2], Matrix2::identity() * 0.1);
    assert!(matches!(amplified, Err(QuantumError::NotEnoughNoise { .. })), "{amplified:?}");
}
