//! States of the modes that leave a network: how long a figure takes, by number of modes.

use divan::{Bencher, black_box, counter::ItemsCount};
use qhh_core::nalgebra::{DMatrix, DVector, Matrix2};
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::linear_map::LinearMap;
use qhh_core::quantum::wigner::{Axis, Grid};
use qhh_core::quantum::{Gaussian, State};

fn main() {
    divan::main();
}

/// A mixed entangled state in which every quadrature is correlated with every other: squeezed pairs and noise, spread
/// over all modes by one unitary reflection.
fn dense(modes: usize) -> Gaussian {
    let half = modes / 2;
    let n = 2 * modes;
    let mut covariance = DMatrix::<f64>::identity(n, n) * 0.5;
    for pair in 0..half {
        let r = 0.2 + 0.8 * (pair as f64 / half as f64);
        let noise = 0.05 * (pair % 7) as f64;
        let (c, s) = (0.5 * (2.0 * r).cosh() + noise, 0.5 * (2.0 * r).sinh());
        for i in 0..2 {
            let (a, b) = (2 * pair + i, 2 * (pair + half) + i);
            covariance[(a, a)] = c;
            covariance[(b, b)] = c;
            covariance[(a, b)] = if i == 0 { -s } else { s };
            covariance[(b, a)] = covariance[(a, b)];
        }
    }
    // 1 - 2 v v^+ on (x, p): the vector's real and imaginary rows.
    let v: Vec<Complex64> = (0..modes).map(|k| Complex64::cis(0.7 * k as f64 * k as f64)).collect();
    let size = (modes as f64).sqrt();
    let rows = DMatrix::from_fn(n, 2, |i, row| match (i % 2, row) {
        (0, 0) | (1, 1) => v[i / 2].re / size,
        (1, 0) => v[i / 2].im / size,
        _ => -v[i / 2].im / size,
    });
    let seen = rows.transpose() * &covariance;
    covariance -= (&rows * &seen) * 2.0;
    let seen = &covariance * &rows;
    covariance -= (seen * rows.transpose()) * 2.0;
    Gaussian::new(DVector::zeros(n), covariance).expect("a state by construction")
}

/// Logarithmic negativity of one half of the modes and the other.
#[divan::bench(args = [2, 10, 100, 1000], sample_count = 10, sample_size = 1)]
fn log_negativity(bencher: Bencher<'_, '_>, modes: usize) {
    let state = dense(modes);
    let party: Vec<usize> = (0..modes / 2).collect();
    bencher.bench_local(|| black_box(&state).log_negativity(&party).expect("a state by construction"));
}

/// Purity, entropy's cheaper relative.
#[divan::bench(args = [100, 1000], sample_count = 10, sample_size = 1)]
fn purity(bencher: Bencher<'_, '_>, modes: usize) {
    let state = dense(modes);
    bencher.bench_local(|| black_box(&state).purity().expect("a state by construction"));
}

/// Fidelity of two mixed states.
#[divan::bench(args = [2, 10, 100], sample_count = 10, sample_size = 1)]
fn fidelity(bencher: Bencher<'_, '_>, modes: usize) {
    let state = dense(modes);
    let other = state.thermal_loss(0, 0.5, 0.3).expect("a state by construction");
    bencher.bench_local(|| black_box(&state).fidelity(&other).expect("states by construction"));
}

/// Points of the Wigner function of so many photons, a tenth of them lost.
#[divan::bench(args = [1, 5, 30], sample_count = 10)]
fn wigner_points(bencher: Bencher<'_, '_>, n: u32) {
    let map = LinearMap::loss(Complex64::ZERO, 0.9, 0.0).expect("a loss");
    let output = map.output(&State::Fock { n }).expect("a mode");
    let axis = Axis { min: -8.0, max: 8.0, points: 200 };
    bencher
        .counter(ItemsCount::new(axis.points * axis.points))
        .bench_local(|| black_box(&output).wigner(Grid { x: axis, p: axis }).expect("a grid"));
}

/// Negativity to 1e-6 of so many photons that see a squeezed bath, so that nothing is round.
#[divan::bench(args = [1, 5, 30], sample_count = 3, sample_size = 1)]
fn negativity(bencher: Bencher<'_, '_>, n: u32) {
    let loss = LinearMap::loss(Complex64::ZERO, 0.9, 0.0).expect("a loss");
    let map = LinearMap { rest: Matrix2::new(0.03, 0.0, 0.0, 0.1), ..loss };
    let output = map.output(&State::Fock { n }).expect("a mode");
    bencher.bench_local(|| black_box(&output).negativity(1e-6));
}
