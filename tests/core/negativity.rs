//! Negativity volumes against volumes computed another way, and whether the stated error bounds the true one.
//!
//! `tests/data/negativity.json`: 240 states drawn at random, with volumes from density matrices in number states whose
//! Wigner functions are integrated along circles (superpositions behind loss, two inputs of a beam splitter), and for cats
//! the sum of Gaussians integrated point by point between its zeros or, where the humps are far apart, the closed form
//! `e^{-2 A^2 (1 - eta)}/pi`. See tests/data/README.md.

use std::f64::consts::PI;

use qhh_core::nalgebra::Matrix2;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::linear_map::{Inflow, LinearMap, Negativity, SeveralInputs};
use qhh_core::quantum::{Parity, QuantumError, State};
use serde_json::Value;

use crate::cases::NEGATIVITIES;

fn number(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap()
}

fn superposition(terms: &Value) -> State {
    let term = |term: &Value| {
        let n = u32::try_from(term[0].as_u64().unwrap()).unwrap();
        (n, Complex64::new(term[1].as_f64().unwrap(), term[2].as_f64().unwrap()))
    };
    State::Superposition(terms.as_array().unwrap().iter().map(term).collect())
}

fn volume(case: &Value, tolerance: f64) -> Result<Negativity, QuantumError> {
    let zero = Complex64::ZERO;
    match case["kind"].as_str().unwrap() {
        "two" => {
            let inflow = |state: &str, mu: &str| Inflow {
                mu: number(case, mu).into(),
                nu: zero,
                state: superposition(&case[state]),
            };
            let inputs = vec![inflow("first", "t"), inflow("second", "r")];
            let lost = 1.0 - number(case, "t").powi(2) - number(case, "r").powi(2);
            SeveralInputs::new(zero, inputs, Matrix2::identity() * 0.5 * lost)?.negativity(tolerance)
        }
        "cat" => {
            let parity = if case["odd"].as_bool().unwrap() { Parity::Odd } else { Parity::Even };
            let state = State::Cat { amplitude: Complex64::from_polar(number(case, "amplitude"), 0.6), parity };
            LinearMap::loss(zero, number(case, "eta"), number(case, "photons"))?
                .output(&state)?
                .negativity(tolerance)
        }
        _ => {
            let state = superposition(&case["terms"]);
            let (eta, r, angle) = (number(case, "eta"), number(case, "r"), number(case, "angle"));
            // Squeezing without loss keeps the volume.
            let map = if r > 0.0 {
                let (mu, nu) = (Complex64::from_polar(r.cosh(), angle), Complex64::from(r.sinh()));
                LinearMap::with_least_noise(zero, mu, nu)
            } else {
                LinearMap::loss(zero, eta, 0.0)?
            };
            map.output(&state)?.negativity(tolerance)
        }
    }
}

/// The true error is below the stated one in 95 of 100 cases at least, and never above five times it.
#[test]
fn the_stated_error_bounds_the_true_one() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../data/negativity.json")).unwrap();
    // Evenly over all of them, which stand by their kind.
    let step = cases.len() / NEGATIVITIES.number();
    let tried: Vec<(usize, &Value)> = cases.iter().enumerate().step_by(step).collect();
    let mut ratios = Vec::new();
    for &(place, case) in &tried {
        let Negativity { volume, error } = volume(case, 2e-5).unwrap();
        assert!(error < 2e-3, "case {place}: {volume} +- {error} says little: {case}");
        // What the reference leaves open counts against no one.
        let off = ((volume - number(case, "volume")).abs() - number(case, "error")).max(0.0);
        ratios.push((off / error.max(1e-12), place, volume, error));
    }
    ratios.sort_by(|a, b| b.0.total_cmp(&a.0));
    let beyond = ratios.iter().filter(|(ratio, ..)| *ratio > 1.0).count();
    assert!(ratios[0].0 <= 5.0, "true over stated error, case, volume, stated error: {:?}", &ratios[..5]);
    assert!(beyond * 20 <= tried.len(), "{beyond} of {}: {:?}", tried.len(), &ratios[..beyond]);
}

/// What repeats itself as often as a grid has points: `|0> + c |n>`, with a volume that depends little on n.
#[test]
fn rotational_symmetry_hides_nothing() {
    let of = |n: u32, c: f64| {
        let state = State::Superposition(vec![(0, 1.0.into()), (n, c.into())]);
        LinearMap::identity(Complex64::ZERO).output(&state).unwrap().negativity(1e-5).unwrap()
    };
    // A polar grid of 23997 by 8192 points, cubics along circles.
    let found = of(64, 1e-3);
    assert!((found.volume - 0.002_020_991_3).abs() < found.error && found.error < 2e-5, "{found:?}");
    for n in [32, 63, 65, 96] {
        let found = of(n, 1e-3);
        assert!((0.0015..0.0025).contains(&found.volume) && found.error < 1e-4, "{n}: {found:?}");
    }
}

/// The fringes of a cat are as negative as any cosine, however many there are, but for what loss takes.
#[test]
fn fringes_are_counted_however_many_there_are() {
    for amplitude in [6.5, 40.0, 1000.0, 3000.0, 1e5] {
        for lost in [0.0, 5.4e-11, 0.1 / (amplitude * amplitude)] {
            let state = State::Cat { amplitude: amplitude.into(), parity: Parity::Even };
            let output = LinearMap::loss(Complex64::ZERO, 1.0 - lost, 0.0).unwrap().output(&state).unwrap();
            let found = output.negativity(1e-6).unwrap();
            let expected = (-2.0 * amplitude * amplitude * lost).exp() / PI;
            let allowed = found.error + 1e-9;
            assert!((found.volume - expected).abs() < allowed, "{amplitude}, {lost}: {found:?}, {expected}");
            assert!(found.error < 1e-3, "{amplitude}, {lost}: {found:?}");
        }
    }
    // Beyond, rounding leaves nothing to go by.
    let state = State::Cat { amplitude: 1e9.into(), parity: Parity::Even };
    let huge = LinearMap::identity(Complex64::ZERO).output(&state).unwrap().negativity(1e-6);
    assert_eq!(huge, Err(QuantumError::NotResolved));
}

/// A cat beside a photon of which next to nothing arrives is that cat, whatever its fringes and the grid have in common.
#[test]
fn a_second_input_of_no_strength_changes_nothing() {
    for amplitude in [5.0, 6.5] {
        let cat = State::Cat { amplitude: Complex64::from(amplitude), parity: Parity::Even };
        let inflow = |mu: f64, state: State| Inflow { mu: mu.into(), nu: Complex64::ZERO, state };
        let faint = 1e-6f64;
        let inputs = vec![inflow((1.0 - faint * faint).sqrt(), cat), inflow(faint, State::Fock { n: 1 })];
        let several = SeveralInputs::new(Complex64::ZERO, inputs, Matrix2::zeros()).unwrap();
        let found = several.negativity(1e-4).unwrap();
        assert!((found.volume - 1.0 / PI).abs() < found.error + 1e-7, "{amplitude}: {found:?}");
        assert!(found.error < 1e-3, "{amplitude}: {found:?}");
    }
}
