//! Cumulants and characteristic functions of single modes, against number-state expansions and each other.

use proptest::prelude::*;
use qhh_core::nalgebra::{DMatrix, DVector};
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::{Parity, State};

use crate::state::expanded_cat;

fn superposition() -> impl Strategy<Value = State> {
    prop::collection::vec((0u32..7, 0.1..1.0f64, -1.0..1.0f64), 1..5)
        .prop_map(|c| State::Superposition(c.into_iter().map(|(n, re, im)| (n, Complex64::new(re, im))).collect()))
}

pub fn states() -> impl Strategy<Value = State> {
    let alpha = || (-1.5..1.5f64, -1.5..1.5f64).prop_map(|(re, im)| Complex64::new(re, im));
    prop_oneof![
        Just(State::Vacuum),
        alpha().prop_map(State::Coherent),
        (0.0..1.0f64, -3.0..3.0f64, alpha()).prop_map(|(r, phase, displacement)| State::Squeezed {
            r,
            phase,
            displacement
        }),
        (0.0..3.0f64).prop_map(|photons| State::Thermal { photons }),
        (0u32..8).prop_map(|n| State::Fock { n }),
        (alpha(), any::<bool>()).prop_filter("an odd cat of nothing", |(a, _)| a.norm() > 0.1).prop_map(
            |(amplitude, odd)| State::Cat { amplitude, parity: if odd { Parity::Odd } else { Parity::Even } }
        ),
        superposition(),
    ]
}

/// Cumulants from the moments in the Taylor series of chi, an entire function, fitted to ten points on either side.
fn cumulants_by_differences(state: &State, u: Complex64) -> [f64; 4] {
    const POINTS: usize = 10;
    // exp(i s (u a + u* a*)) = exp(lambda a* - lambda* a) with lambda = i s u*.
    let h = 0.05 / u.norm();
    let chi = |k: i32| state.characteristic(Complex64::new(0.0, f64::from(k) * h) * u.conj());
    let solve = |first: i32, part: fn(Complex64) -> f64| {
        let matrix = DMatrix::from_fn(POINTS, POINTS, |i, j| {
            ((i + 1) as f64 / POINTS as f64).powi(first + 2 * i32::try_from(j).unwrap())
        });
        let values = (1..=10).map(|k| part(chi(k)));
        let scale = POINTS as f64 * h;
        let found = matrix.lu().solve(&DVector::from_iterator(POINTS, values)).unwrap();
        [found[0] / scale.powi(first), found[1] / scale.powi(first + 2)]
    };
    // chi = 1 + i m1 s - m2 s^2/2 - i m3 s^3/6 + m4 s^4/24 ..; chi(-s) is the conjugate.
    let [m1, m3] = solve(1, |chi| chi.im);
    let [m2, m4] = solve(2, |chi| chi.re - 1.0);
    let (m2, m3, m4) = (-2.0 * m2, -6.0 * m3, 24.0 * m4);
    let k2 = m2 - m1 * m1;
    let k4 = m4 - 4.0 * m3 * m1 - 3.0 * m2 * m2 + 12.0 * m2 * m1 * m1 - 6.0 * m1.powi(4);
    [m1, k2, m3 - 3.0 * m2 * m1 + 2.0 * m1.powi(3), k4]
}

proptest! {
    /// The two closed forms agree, for every kind of state and every quadrature.
    #[test]
    fn the_logarithm_of_the_characteristic_function_has_the_cumulants(state in states(), angle in -3.0..3.0f64) {
        let u = Complex64::from_polar(0.3, angle);
        let cumulants = state.cumulants(u);
        let given = [cumulants.k1, cumulants.k2, cumulants.k3, cumulants.k4];
        for (k, (a, b)) in given.into_iter().zip(cumulants_by_differences(&state, u)).enumerate() {
            prop_assert!((a - b).abs() < 1e-6 * (1.0 + a.abs()), "k{}: {a} and {b} in {state:?}", k + 1);
        }
        prop_assert_eq!(cumulants.k3 == 0.0 && cumulants.k4 == 0.0, state.is_gaussian(), "{:?}", cumulants);
    }

    #[test]
    fn a_cat_has_the_cumulants_and_characteristic_function_of_its_number_states(re in -2.0..2.0f64, im in -2.0..2.0f64, odd in any::<bool>(), angle in -3.0..3.0f64, x in -3.0..3.0f64, y in -3.0..3.0f64) {
        prop_assume!(re.hypot(im) > 1e-3);
        let parity = if odd { Parity::Odd } else { Parity::Even };
        let amplitude = Complex64::new(re, im);
        let (cat, written_out) = (State::Cat { amplitude, parity }, expanded_cat(amplitude, parity));
        let u = Complex64::from_polar(1.0, angle);
        let (a, b) = (cat.cumulants(u), written_out.cumulants(u));
        prop_assert!((a.k2 - b.k2).abs() < 1e-9 * a.k2 && (a.k4 - b.k4).abs() < 1e-8 * (1.0 + a.k4.abs()), "{a:?} {b:?}");
        let lambda = Complex64::new(x, y);
        let gap = (cat.characteristic(lambda) - written_out.characteristic(lambda)).norm();
        prop_assert!(gap < 1e-10, "gap {gap}");
    }

    #[test]
    fn no_characteristic_function_exceeds_one(state in states(), x in -4.0..4.0f64, y in -4.0..4.0f64) {
        let lambda = Complex64::new(x, y);
        let chi = state.characteristic(lambda);
        prop_assert!(chi.norm() <= 1.0 + 1e-12, "{chi} in {state:?}");
        prop_assert!((state.characteristic(-lambda) - chi.conj()).norm() < 1e-12);
        prop_assert!((state.characteristic(Complex64::ZERO) - 1.0).norm() < 1e-14);
    }
}

/// The sum of all number states' characteristic functions, weighted, is the thermal state's: also for many photons.
#[test]
fn a_thermal_state_is_its_mixture_of_number_states() {
    let photons: f64 = 9.0;
    let ratio = photons / (photons + 1.0);
    for size in [0.0, 0.1, 0.7, 2.0, 9.0] {
        let lambda = Complex64::from_polar(size, 0.3);
        let mixture: f64 = (0..400u32)
            .map(|n| State::Fock { n }.characteristic(lambda).re * ratio.powi(n.cast_signed()) / (photons + 1.0))
            .sum();
        let thermal = State::Thermal { photons }.characteristic(lambda).re;
        assert!((mixture - thermal).abs() < 1e-13, "at {size}: {mixture} and {thermal}");
    }
}

/// Far out and high up nothing overflows: the first value of the recurrence is far below the range of numbers.
#[test]
fn high_number_states_keep_their_characteristic_function() {
    // Asymptotically J_0(2 sqrt(n) |lambda|) near 0 (Hilb); at the turning point it is still of size n^(-1/3).
    let chi = State::Fock { n: 4000 }.characteristic(Complex64::new(120.0, 0.0)).re;
    assert!(chi.is_finite() && chi.abs() < 0.1 && chi != 0.0, "{chi}");
    let tiny = State::Cat { amplitude: Complex64::new(1e-6, 0.0), parity: Parity::Odd };
    let photon = State::Fock { n: 1 };
    for lambda in [Complex64::new(0.5, 0.1), Complex64::new(2.0, -1.0)] {
        let gap = (tiny.characteristic(lambda) - photon.characteristic(lambda)).norm();
        assert!(gap < 1e-11, "the smallest odd cat is a photon: gap {gap}");
    }
}

#[test]
fn skewness_and_kurtosis_fade_as_noise_is_added() {
    let u = Complex64::new(0.2, 0.0);
    let state = State::Superposition(vec![(0, Complex64::ONE), (1, Complex64::ONE), (2, Complex64::ONE)]);
    let (bare, noisy) = (state.cumulants(u), state.cumulants(u).with_noise(1.0));
    assert!(bare.skewness() != 0.0 && noisy.skewness().abs() < 0.1 * bare.skewness().abs());
    assert!((noisy.k3, noisy.k4) == (bare.k3, bare.k4));
    // A coherent cat far apart is a coin toss: excess kurtosis -2 in all, less with the vacuum's width.
    let cat = State::Cat { amplitude: Complex64::new(30.0, 0.0), parity: Parity::Even };
    assert!((cat.cumulants(u).excess_kurtosis() + 2.0).abs() < 2e-3);
}
