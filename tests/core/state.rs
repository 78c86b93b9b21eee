//! Moments of the states, against number-state expansions and closed forms.

use proptest::prelude::*;
use qhh_core::CircuitError;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::gaussian::OneMode;
use qhh_core::quantum::{Parity, State};

/// A cat written out in number states, far beyond its mean photon number.
pub fn expanded_cat(alpha: Complex64, parity: Parity) -> State {
    let mut term = Complex64::new(1.0, 0.0);
    let terms = (0..60u32).map(|n| {
        if n > 0 {
            term *= alpha / f64::from(n).sqrt();
        }
        let odd = n % 2 == 1;
        (n, if odd == (parity == Parity::Odd) { term } else { Complex64::ZERO })
    });
    State::Superposition(terms.collect())
}

proptest! {
    #[test]
    fn a_cat_has_the_moments_of_its_number_states(re in -2.0..2.0f64, im in -2.0..2.0f64, odd in any::<bool>()) {
        prop_assume!(re.hypot(im) > 0.05);
        let parity = if odd { Parity::Odd } else { Parity::Even };
        let alpha = Complex64::new(re, im);
        let (a, b) = (State::Cat { amplitude: alpha, parity }.moments(), expanded_cat(alpha, parity).moments());
        prop_assert!((a.n - b.n).abs() < 1e-9, "n: {} and {}", a.n, b.n);
        prop_assert!((a.m - b.m).norm() < 1e-9, "m: {} and {}", a.m, b.m);
        prop_assert!((a.mean - b.mean).norm() < 1e-12);
    }

    /// Heisenberg: whatever the state, no quadrature's variance times its conjugate's is below the vacuum's.
    #[test]
    fn no_state_beats_the_uncertainty_relation(r in 0.0..2.5f64, phi in -3.0..3.0f64,
                                               c in prop::collection::vec((0u32..6, -1.0..1.0f64, -1.0..1.0f64), 1..5)) {
        let terms: Vec<_> = c.into_iter().map(|(n, re, im)| (n, Complex64::new(re, im))).collect();
        prop_assume!(terms.iter().map(|t| t.1.norm()).sum::<f64>() > 0.1);
        let displacement = Complex64::new(1.0, -2.0);
        for state in [State::Squeezed { r, phase: phi, displacement }, State::Superposition(terms)] {
            prop_assume!(state.check().is_ok());
            let moments = state.moments();
            // Symplectic eigenvalue of the mode's covariance matrix, in units of the vacuum's.
            let squared = (1.0 + 2.0 * moments.n).powi(2) - 4.0 * moments.m.norm_sqr();
            prop_assert!(squared >= 1.0 - 1e-9, "{state:?}: {squared}");
        }
    }
}

#[test]
fn squeezing_at_angle_zero_squeezes_x() {
    let moments = State::Squeezed { r: 0.7, phase: 0.0, displacement: Complex64::ZERO }.moments();
    // x = (a + a*)/sqrt 2 is the response u = 1/sqrt 2, p the response -i/sqrt 2; the vacuum has 1/2 in each.
    let x = 0.5 + moments.variance(Complex64::new(0.5f64.sqrt(), 0.0));
    let p = 0.5 + moments.variance(Complex64::new(0.0, -(0.5f64.sqrt())));
    assert!((x - 0.5 * (-1.4f64).exp()).abs() < 1e-12, "x has variance {x}");
    assert!((p - 0.5 * 1.4f64.exp()).abs() < 1e-12, "p has variance {p}");
}

#[test]
fn fock_and_thermal_states_of_one_mean_number_have_the_same_variance_and_no_mean() {
    let (fock, thermal) = (State::Fock { n: 3 }.moments(), State::Thermal { photons: 3.0 }.moments());
    assert_eq!(fock, thermal);
    assert_eq!(fock.mean, Complex64::ZERO);
    assert_eq!(fock.variance(Complex64::new(0.6, 0.8)), 6.0);
}

#[test]
fn what_is_no_state_is_refused() {
    assert!(State::Cat { amplitude: Complex64::ZERO, parity: Parity::Odd }.check().is_err());
    assert!(State::Superposition(vec![(0, Complex64::ZERO)]).check().is_err());
    assert!(State::Thermal { photons: -1.0 }.check().is_err());
    assert!(State::Squeezed { r: f64::NAN, phase: 0.0, displacement: Complex64::ZERO }.check().is_err());
}

#[test]
fn a_superposition_is_judged_as_a_whole() {
    let of =
        |terms: &[(u32, f64)]| State::Superposition(terms.iter().map(|&(n, c)| (n, c.into())).collect()).check();
    assert!(matches!(of(&[(0, 1.0), (0, -1.0)]), Err(CircuitError::SuperpositionCancels { .. })));
    assert!(matches!(of(&[(3, 0.1), (3, 0.2), (3, -0.3)]), Err(CircuitError::SuperpositionCancels { .. })));
    assert!(matches!(of(&[(0, 1e155), (1, 1e155)]), Err(CircuitError::StateOutOfRange { .. })));
    assert!(matches!(of(&[(0, 1e-170)]), Err(CircuitError::EmptySuperposition)));
    assert_eq!(of(&[(0, 1.0), (0, -1.0), (2, 1e-3)]), Ok(()));
    assert_eq!(of(&[(0, 1.0), (0, -0.999_999)]), Ok(()));
    for state in [
        State::Squeezed { r: 800.0, phase: 0.0, displacement: Complex64::ZERO },
        State::Coherent(Complex64::new(1e160, 0.0)),
        State::Cat { amplitude: Complex64::new(0.0, 1e160), parity: Parity::Even },
    ] {
        assert!(matches!(state.check(), Err(CircuitError::StateOutOfRange { .. })), "{state:?}");
    }
}

/// Axes of the covariance's ellipse against moments, and where moments have lost the quiet one.
#[test]
fn spread_has_all_digits_of_both_quadratures() {
    let superposed = State::Superposition(vec![(0, 0.4.into()), (1, Complex64::I), (3, 0.3.into())]);
    let cat = |parity| State::Cat { amplitude: Complex64::new(0.9, 0.7), parity };
    let squeezed = |r: f64| State::Squeezed { r, phase: 1.1, displacement: Complex64::ONE };
    for state in [superposed, cat(Parity::Even), cat(Parity::Odd), squeezed(0.8), State::Thermal { photons: 0.3 }]
    {
        let moments = state.moments();
        let [a, b] = state.spread();
        let sigma = a * a.transpose() + b * b.transpose();
        let (n, m) = (moments.n + 0.5, moments.m);
        for (found, expected) in [(sigma.m11, n + m.re), (sigma.m12, m.im), (sigma.m22, n - m.re)] {
            assert!((found - expected).abs() < 1e-12, "{state:?}: {sigma}");
        }
        let u = Complex64::new(0.3, -0.8);
        assert!((state.covariance(u, u) - moments.variance(u)).abs() < 1e-12, "{state:?}");
    }
    for r in [18.0, 30.0, 60.0] {
        let one = OneMode::of(&squeezed(r));
        let quiet = one.squeezing();
        assert!((quiet.variance / (0.5 * (-2.0 * r).exp()) - 1.0).abs() < 1e-12, "{r}: {quiet:?}");
        assert!((quiet.angle - 0.55).abs() < 1e-9 && (one.purity() - 1.0).abs() < 1e-12, "{r}: {quiet:?}");
        // A response along the quiet quadrature: the vacuum is gone, whatever the loud one is.
        let along = State::Squeezed { r, phase: 0.0, displacement: Complex64::ZERO };
        let u = Complex64::from(0.5f64.sqrt());
        assert!((along.covariance(u, u) + 0.5).abs() < 1e-15, "{r}");
    }
}
