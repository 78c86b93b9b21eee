//! Gaussian states: closed forms, and what every operation must keep.

use proptest::prelude::*;
use qhh_core::nalgebra::{DMatrix, DVector};
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::{Gaussian, QuantumError, State};

use crate::gaps;

/// One of the lossless operations, and the modes it acts on (taken modulo the number of modes).
#[derive(Debug, Clone, Copy)]
pub enum Device {
    Rotate(usize, f64),
    Squeeze(usize, f64, f64),
    SqueezeTwo(usize, f64, f64),
    BeamSplitter(usize, f64),
    Displace(usize, f64, f64),
}

impl Device {
    pub fn apply(self, state: &Gaussian) -> Gaussian {
        let modes = state.modes();
        let pair = |mode: usize| (mode % modes, (mode + 1) % modes);
        match self {
            Self::Rotate(mode, angle) => state.rotate(mode % modes, angle),
            Self::Squeeze(mode, r, phi) => state.squeeze(mode % modes, r, phi),
            Self::SqueezeTwo(mode, r, phi) => state.squeeze_two(pair(mode).0, pair(mode).1, r, phi),
            Self::BeamSplitter(mode, eta) => state.beam_splitter(pair(mode).0, pair(mode).1, eta),
            Self::Displace(mode, re, im) => state.displace(mode % modes, Complex64::new(re, im)),
        }
        .unwrap()
    }
}

fn device() -> impl Strategy<Value = Device> {
    let (mode, r, phi) = (0..8usize, -0.6..0.6f64, -3.2..3.2f64);
    prop_oneof![
        (mode.clone(), phi.clone()).prop_map(|(m, a)| Device::Rotate(m, a)),
        (mode.clone(), r.clone(), phi.clone()).prop_map(|(m, r, a)| Device::Squeeze(m, r, a)),
        (mode.clone(), r.clone(), phi).prop_map(|(m, r, a)| Device::SqueezeTwo(m, r, a)),
        (mode.clone(), 0.0..1.0f64).prop_map(|(m, eta)| Device::BeamSplitter(m, eta)),
        (mode, r.clone(), r).prop_map(|(m, x, y)| Device::Displace(m, x, y)),
    ]
}

fn devices() -> impl Strategy<Value = Vec<Device>> {
    prop::collection::vec(device(), 0..12)
}

pub fn thermal(photons: &[f64]) -> Gaussian {
    photons.iter().fold(Gaussian::vacuum(0), |state, &photons| {
        state.direct_sum(&Gaussian::of(&State::Thermal { photons }).unwrap())
    })
}

fn run(start: Gaussian, devices: &[Device]) -> Gaussian {
    devices.iter().fold(start, |state, device| device.apply(&state))
}

proptest! {
    /// The spectrum of random symplectic transformations of thermal states is known, and with it entropy and purity.
    #[test]
    fn lossless_devices_keep_spectrum_entropy_and_purity(mut photons in prop::collection::vec(0.0..3.0f64, 2..7), devices in devices()) {
        let state = run(thermal(&photons), &devices);
        photons.sort_by(f64::total_cmp);
        let tolerance = 1e-13 * state.covariance().amax().powi(2).max(1.0);
        for (nu, n) in state.symplectic_eigenvalues().unwrap().iter().zip(&photons) {
            prop_assert!((nu - n - 0.5).abs() < tolerance, "{nu}, exactly {}", n + 0.5);
        }
        let purity: f64 = photons.iter().map(|n| 1.0 / (2.0 * n + 1.0)).product();
        prop_assert!((state.purity().unwrap() / purity - 1.0).abs() < 10.0 * tolerance);
        let entropy: f64 = photons.iter().map(|n| if *n > 0.0 { (n + 1.0) * (n + 1.0).ln() - n * n.ln() } else { 0.0 }).sum();
        prop_assert!((state.entropy().unwrap() - entropy).abs() < 100.0 * tolerance, "{} {entropy}", state.entropy().unwrap());
    }

    /// Williamson: S diag(nu) S^T is the covariance again, and S is symplectic (or `transformed` would refuse it).
    #[test]
    fn williamsons_form_is_the_covariance(photons in prop::collection::vec(0.0..3.0f64, 2..6), devices in devices()) {
        let state = run(thermal(&photons), &devices);
        let (s, nu) = state.williamson().unwrap();
        let all: Vec<usize> = (0..state.modes()).collect();
        let normal = Gaussian::new(DVector::zeros(2 * nu.len()), DMatrix::from_fn(2 * nu.len(), 2 * nu.len(), |i, k| if i == k { nu[i / 2].max(0.5) } else { 0.0 })).unwrap();
        let gap = (normal.transformed(&all, &s).unwrap().covariance() - state.covariance()).amax();
        prop_assert!(gap < 1e-12 * state.covariance().amax().powi(2).max(1.0), "gap {gap}");
    }

    /// Every operation hands on a state: the constructor accepts what it made, to rounding.
    #[test]
    fn every_operation_keeps_the_uncertainty_relation(photons in prop::collection::vec(0.0..1.0f64, 2..5), devices in devices(), eta in 0.0..=1.0f64, bath in 0.0..1.0f64) {
        let state = run(thermal(&photons), &devices).thermal_loss(1, eta, bath).unwrap();
        prop_assert!(state.uncertainty_defect().unwrap() < 1e-13 * state.covariance().amax().powi(2).max(1.0));
        let again = Gaussian::new(state.mean().clone(), state.covariance().clone()).unwrap();
        prop_assert!((again.covariance() - state.covariance()).amax() == 0.0);
    }

    /// Loss is local: it makes no entanglement and tells neither party anything about the other.
    #[test]
    fn loss_raises_neither_negativity_nor_information(photons in prop::collection::vec(0.0..0.5f64, 3..6), devices in devices(), mode in 0..3usize, eta in 0.0..=1.0f64) {
        let state = run(thermal(&photons), &devices);
        let lossy = state.loss(mode, eta).unwrap();
        let tolerance = 1e-11 * state.covariance().amax().powi(2).max(1.0);
        for party in [&[0usize][..], &[0, 2]] {
            let (before, after) = (state.log_negativity(party).unwrap(), lossy.log_negativity(party).unwrap());
            prop_assert!(after <= before + tolerance, "{before} before, {after} after");
            let (before, after) = (state.mutual_information(party).unwrap(), lossy.mutual_information(party).unwrap());
            prop_assert!(after <= before + tolerance, "{before} before, {after} after");
            prop_assert!(after >= -tolerance, "mutual information {after}");
        }
    }

    /// Both parties see the same entanglement, and in pure states the entropy of either is half the information.
    #[test]
    fn parties_are_equal(devices in devices()) {
        let state = run(Gaussian::vacuum(5), &devices);
        let tolerance = 1e-11 * state.covariance().amax().powi(2).max(1.0);
        let (a, b) = (state.log_negativity(&[0, 3]).unwrap(), state.log_negativity(&[4, 1, 2]).unwrap());
        prop_assert!((a - b).abs() < tolerance, "{a} and {b}");
        let entropy = state.reduced(&[3, 0]).unwrap().entropy().unwrap();
        prop_assert!((state.mutual_information(&[0, 3]).unwrap() - 2.0 * entropy).abs() < tolerance);
        prop_assert!(state.entropy().unwrap() < tolerance);
    }

    #[test]
    fn fidelity_is_symmetric_bounded_and_kept_by_lossless_devices(p in prop::collection::vec(0.01..2.0f64, 3), q in prop::collection::vec(0.01..2.0f64, 3), a in devices(), b in devices(), c in devices()) {
        let (rho, sigma) = (run(thermal(&p), &a), run(thermal(&q), &b));
        let f = rho.fidelity(&sigma).unwrap();
        let size = rho.covariance().amax().max(sigma.covariance().amax()).max(1.0);
        prop_assert!((0.0..=1.0).contains(&f), "{f}");
        prop_assert!((sigma.fidelity(&rho).unwrap() - f).abs() < 1e-10 * size * size, "{f} {}", sigma.fidelity(&rho).unwrap());
        prop_assert!((rho.fidelity(&rho).unwrap() - 1.0).abs() < 1e-10 * size * size, "{}", rho.fidelity(&rho).unwrap());
        let (moved, there) = (run(rho.clone(), &c), run(sigma.clone(), &c));
        let size = size * moved.covariance().amax().max(there.covariance().amax()).max(1.0);
        prop_assert!((moved.fidelity(&there).unwrap() - f).abs() < 1e-10 * size * size);
        // No channel tells states apart better.
        let (lossy, other) = (rho.loss(0, 0.4).unwrap(), sigma.loss(0, 0.4).unwrap());
        prop_assert!(lossy.fidelity(&other).unwrap() >= f - 1e-10 * size * size);
    }

    /// One mode in closed form: H. Scutaru, J. Phys. A 31, 3659 (1998), with the determinants of this convention.
    #[test]
    fn fidelity_of_one_mode_is_scutarus(p in 0.0..2.0f64, q in 0.0..2.0f64, r in 0.0..1.5f64, phi in -3.0..3.0f64, re in -1.0..1.0f64) {
        let rho = thermal(&[p]);
        let sigma = thermal(&[q]).squeeze(0, r, phi).unwrap().displace(0, Complex64::new(re, 0.5)).unwrap();
        let sum = rho.covariance() + sigma.covariance();
        let delta = sum.determinant();
        let lambda = 4.0 * (rho.covariance().determinant() - 0.25) * (sigma.covariance().determinant() - 0.25);
        let d = rho.mean() - sigma.mean();
        let exponent = -0.5 * (d.transpose() * sum.try_inverse().unwrap() * &d)[0];
        let exact = exponent.exp() / ((delta + lambda.max(0.0)).sqrt() - lambda.max(0.0).sqrt());
        let f = rho.fidelity(&sigma).unwrap();
        prop_assert!((f - exact).abs() < 1e-9, "{f}, exactly {exact}");
    }

    #[test]
    fn moments_and_covariance_say_the_same(r in 0.0..1.5f64, phi in -3.0..3.0f64, re in -2.0..2.0f64, im in -2.0..2.0f64) {
        let displacement = Complex64::new(re, im);
        let state = Gaussian::of(&State::Squeezed { r, phase: phi, displacement }).unwrap();
        let made = Gaussian::vacuum(1).squeeze(0, r, phi).unwrap().displace(0, displacement).unwrap();
        prop_assert!((state.covariance() - made.covariance()).amax() < 1e-12);
        prop_assert!((state.mean() - made.mean()).amax() < 1e-12);
        prop_assert!((state.photons(0).unwrap() - r.sinh().powi(2) - displacement.norm_sqr()).abs() < 1e-12);
        prop_assert!((state.amplitude(0).unwrap() - displacement).norm() < 1e-12);
        let squeezing = state.squeezing(0).unwrap();
        prop_assert!((squeezing.decibels - 20.0 * r * std::f64::consts::LOG10_E).abs() < 1e-9, "{squeezing:?}");
        if r > 0.01 {
            // The angle of a line: half of phi, up to half turns.
            let off = (2.0 * squeezing.angle - phi).sin().abs() + 1.0 - (2.0 * squeezing.angle - phi).cos();
            prop_assert!(off < 1e-9, "{squeezing:?}, phi {phi}");
        }
    }
}

/// Two modes squeezed together: negativity 2r, entropy of either in closed form, also at 26 dB and beyond.
#[test]
fn a_two_mode_squeezed_vacuum_is_as_entangled_as_its_squeezing() {
    for r in [0.0f64, 1e-6, 0.1, 1.0, 2.0, 3.0, 4.5, 6.0] {
        let pair = Gaussian::two_mode_squeezed(r, 0.4).unwrap();
        let negativity = pair.log_negativity(&[1]).unwrap();
        // What entries rounded to 1e-16 of cosh 2r leave open of e^{-2r}.
        let allowed = 4.0 * f64::EPSILON * (4.0 * r).exp();
        assert!((negativity - 2.0 * r).abs() <= allowed, "r = {r}: {negativity}, allowed {allowed}");
        if r <= 4.5 {
            let photons = r.sinh().powi(2);
            let entropy = if r == 0.0 { 0.0 } else { (photons + 1.0) * photons.ln_1p() - photons * photons.ln() };
            let information = pair.mutual_information(&[0]).unwrap();
            // A symplectic eigenvalue off by delta costs an entropy of delta ln(1/delta).
            let allowed = 1e-13 + 40.0 * allowed;
            assert!(
                (information - 2.0 * entropy).abs() < allowed,
                "r = {r}: {information}, exactly {}",
                2.0 * entropy
            );
        }
    }
    // 110 dB are beyond sixteen digits, and said to be.
    assert!(matches!(Gaussian::two_mode_squeezed(13.0, 0.4), Err(QuantumError::NotPositive { .. })));
    let made = Gaussian::vacuum(2).squeeze_two(0, 1, 0.7, 1.1).unwrap();
    let named = Gaussian::two_mode_squeezed(0.7, 1.1).unwrap();
    assert!((made.covariance() - named.covariance()).amax() < 1e-14);
}

/// Loss on one half: the smaller symplectic eigenvalue of the partial transpose in closed form.
#[test]
fn loss_on_one_half_leaves_the_negativity_of_its_formula() {
    let r: f64 = 1.3;
    let pair = Gaussian::two_mode_squeezed(r, 0.0).unwrap();
    for eta in [0.0, 0.2, 0.5, 0.9, 1.0f64] {
        let a = 0.5 * (2.0 * r).cosh();
        let b = eta * a + 0.5 * (1.0 - eta);
        let c = eta.sqrt() * 0.5 * (2.0 * r).sinh();
        let smallest = 0.5 * (a + b - ((a - b).powi(2) + 4.0 * c * c).sqrt());
        let exact = (-(2.0 * smallest).ln()).max(0.0);
        let negativity = pair.loss(1, eta).unwrap().log_negativity(&[0]).unwrap();
        assert!((negativity - exact).abs() < 1e-12, "eta = {eta}: {negativity}, exactly {exact}");
    }
}

/// A pair split over many modes is no less entangled; blocks, panels and rests of every size take part.
#[test]
fn large_states_keep_the_spectrum_of_their_parts() {
    for modes in [3, 17, 33, 65, 129, 150] {
        let photons: Vec<f64> = (0..modes).map(|k| 0.01 * k as f64).collect();
        let mut state = thermal(&photons);
        for k in 0..modes {
            let there = (7 * k + 1) % modes;
            if there != k {
                state = state.squeeze_two(k, there, 0.15, 0.3 * k as f64).unwrap();
                state = state.beam_splitter(there, k, 0.3 + 0.4 * (k as f64).sin().powi(2)).unwrap();
            }
        }
        let worst = state
            .symplectic_eigenvalues()
            .unwrap()
            .iter()
            .zip(&photons)
            .map(|(nu, n)| (nu - n - 0.5).abs())
            .fold(0.0, gaps::worst);
        assert!(worst < 1e-13 * state.covariance().amax(), "{modes} modes: off by {worst}");
        assert_eq!(state.symplectic_eigenvalues().unwrap().len(), modes);
    }
}

#[test]
fn separable_states_have_no_negativity_and_products_no_information() {
    let product = thermal(&[0.3, 1.2, 0.0]).squeeze(1, 0.9, 0.2).unwrap();
    assert_eq!(product.log_negativity(&[0, 2]).unwrap(), 0.0);
    assert!(product.mutual_information(&[1]).unwrap().abs() < 1e-12);
    assert_eq!(product.log_negativity(&[]).unwrap(), 0.0);
    assert_eq!(Gaussian::vacuum(0).entropy().unwrap(), 0.0);
}

#[test]
fn what_is_no_state_is_refused_with_its_violation() {
    let zero = |n| DVector::<f64>::zeros(n);
    let squeezed_too_far = DMatrix::from_diagonal(&DVector::from_vec(vec![0.1, 2.0]));
    match Gaussian::new(zero(2), squeezed_too_far) {
        Err(QuantumError::BeyondUncertainty { defect, .. }) => {
            assert!((defect - 0.5 + 0.2f64.sqrt()).abs() < 1e-12);
        }
        other => panic!("{other:?}"),
    }
    let lopsided = DMatrix::from_row_slice(2, 2, &[1.0, 0.1, 0.2, 1.0]);
    assert!(matches!(Gaussian::new(zero(2), lopsided), Err(QuantumError::NotSymmetric { row: 1, column: 0, .. })));
    let negative = DMatrix::from_diagonal(&DVector::from_vec(vec![1.0, -1.0]));
    assert!(matches!(Gaussian::new(zero(2), negative), Err(QuantumError::NotPositive { quadrature: 1 })));
    assert!(Gaussian::new(zero(3), DMatrix::identity(3, 3)).is_err());
    assert!(Gaussian::new(zero(4), DMatrix::identity(2, 2)).is_err());
    assert!(Gaussian::new(DVector::from_vec(vec![f64::NAN, 0.0]), DMatrix::identity(2, 2)).is_err());
    assert!(matches!(Gaussian::of(&State::Fock { n: 1 }), Err(QuantumError::NotGaussian)));
    let vacuum = Gaussian::vacuum(2);
    assert!(matches!(vacuum.log_negativity(&[2]), Err(QuantumError::NoSuchMode { mode: 2, modes: 2 })));
    assert!(matches!(vacuum.reduced(&[1, 1]), Err(QuantumError::NamedTwice { mode: 1 })));
    assert!(matches!(vacuum.beam_splitter(0, 0, 0.5), Err(QuantumError::NamedTwice { mode: 0 })));
    assert!(vacuum.loss(0, 1.1).is_err() && vacuum.squeeze(0, f64::NAN, 0.0).is_err());
    let no_device = DMatrix::identity(2, 2) * 1.1;
    assert!(matches!(vacuum.transformed(&[0], &no_device), Err(QuantumError::NotSymplectic { .. })));
}
