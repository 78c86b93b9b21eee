//! The covariance matrix of the quadratures of all output modes, as a table with coloured cells.

use minijinja::{Value, context};

use qhh_results::StatesSummary;
use qhh_results::number::{count, number};

/// Modes whose covariances are shown, and up to which each is written into its cell.
const MOST_MODES: usize = 24;
const MOST_WRITTEN: usize = 5;

/// The table; none of a single mode, whose figures say it all.
pub(super) fn table(states: &StatesSummary) -> Option<Value> {
    let n = states.modes.len().min(MOST_MODES);
    if n < 2 {
        return None;
    }
    let matrix = matrix(states, n);
    let most = matrix.iter().flatten().fold(0.0f64, |most, value| most.max(value.abs()));
    let quadrature = |k: usize| if k.is_multiple_of(2) { "x" } else { "p" };
    let rows = matrix.iter().enumerate().map(|(i, row)| {
        let cells = row.iter().enumerate().map(|(j, &value)| {
            let share = (100.0 * (value.abs() / most).sqrt()).round();
            let text = if value.abs() < 5e-4 * most { "0".to_owned() } else { number(value, 2) };
            context! {
                share,
                colour => if value < 0.0 { 1 } else { 2 },
                full => format!("{} {}, {} {}: {}", states.modes[i / 2].name, quadrature(i), states.modes[j / 2].name, quadrature(j), number(value, 5)),
                text => (n <= MOST_WRITTEN).then_some(text),
            }
        });
        context! {
            mode => i.is_multiple_of(2).then(|| states.modes[i / 2].name.as_str()),
            quadrature => quadrature(i),
            cells => cells.collect::<Vec<Value>>(),
        }
    });
    let dependent = states.together.is_none();
    Some(context! {
        modes => states.modes[..n].iter().map(|mode| mode.name.clone()).collect::<Vec<_>>(),
        rows => rows.collect::<Vec<Value>>(),
        dependent,
        few => (n < states.modes.len()).then(|| format!("The first {} of {} modes.", count(n), count(states.modes.len()))),
    })
}

/// Symmetrised covariance of x_1, p_1, x_2, p_2, .. from second moments and commutators, of modes that may not be
/// independent of one another too.
fn matrix(states: &StatesSummary, n_modes: usize) -> Vec<Vec<f64>> {
    let moments = &states.moments;
    let entry = |i: usize, j: usize| {
        let of =
            |rows: &[Vec<[f64; 2]>]| rows.get(i / 2).and_then(|row| row.get(j / 2)).copied().unwrap_or_default();
        let (n, m, c) = (of(&moments.n), of(&moments.m), of(&moments.commutator));
        match (i % 2, j % 2) {
            (0, 0) => n[0] + m[0] + 0.5 * c[0],
            (1, 1) => n[0] - m[0] + 0.5 * c[0],
            (0, _) => m[1] + n[1] - 0.5 * c[1],
            _ => m[1] - n[1] + 0.5 * c[1],
        }
    };
    (0..2 * n_modes).map(|i| (0..2 * n_modes).map(|j| entry(i, j)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use num_complex::Complex64;
    use qhh_core::nalgebra::DMatrix;
    use qhh_net::outcome::{FieldMoments, OutputStates};

    use super::*;

    /// Against the covariance that Gaussian states are made of, which is computed elsewhere.
    #[test]
    fn moments_make_the_covariance_of_the_gaussian_state() {
        let z = Complex64::new;
        // Three modes behind beam splitters with phases, of squeezed and thermal inputs: n and m of b = U a.
        let u = DMatrix::from_row_slice(
            3,
            3,
            &[
                z(0.6, 0.0),
                z(0.0, 0.8),
                z(0.0, 0.0),
                z(0.0, 0.64),
                z(0.48, 0.0),
                z(0.0, 0.6),
                z(0.0, 0.48),
                z(0.36, 0.0),
                z(0.0, -0.8),
            ],
        );
        let own = DMatrix::from_diagonal(&[z(1.4, 0.0), z(0.3, 0.0), z(0.0, 0.0)].to_vec().into());
        let anomalous = DMatrix::from_diagonal(&[z(0.9, 1.2), z(0.0, 0.0), z(0.0, 0.0)].to_vec().into());
        let (n, m) = (u.map(|x| x.conj()) * own * u.transpose(), &u * anomalous * u.transpose());
        let commutator = &u * u.adjoint();
        assert!((&commutator - DMatrix::identity(3, 3)).norm() < 1e-12, "U is unitary");
        let means = vec![z(1.0, -0.5), z(0.0, 0.0), z(0.2, 0.1)];
        let modes = (0..3).map(crate::output::tests::mode).collect();
        let states = OutputStates::new(modes, means, FieldMoments { n, m }, commutator, Vec::new());
        let expected = states.gaussian(&[0, 1, 2]).unwrap();
        let summary = crate::output::tests::summary(&states);
        let found = matrix(&summary, 3);
        for (i, row) in found.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                let wanted = expected.covariance()[(i, j)];
                assert!((value - wanted).abs() < 1e-12, "{i}, {j}: {value}, expected {wanted}");
            }
        }
    }
}
