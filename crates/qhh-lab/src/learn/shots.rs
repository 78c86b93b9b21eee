//! Features as they are measured: means of a finite number of shots.
//!
//! A feature is an expectation value. Estimated from N independent measurements it scatters about it by its own
//! standard deviation over the root of N: a voltage by its quantum variance, a variance by twice its square, a
//! covariance by the product of the variances and its own square. By the central limit theorem the estimate is normal,
//! which is how it is drawn. Each feature is taken from shots of its own: that all can be had from the same ones, their
//! errors then correlated, is left out, and so is what a measurement does to the neuron afterwards. Ours.

use std::f64::consts::TAU;

use nalgebra::DMatrix;
use rand::RngExt;

use super::LearnError;
use super::features::Table;

/// The values of a table as `shots` measurements of each give them, drawn by `seed`.
///
/// # Errors
/// [`LearnError::NoShots`] for a feature of which it is not known how a measurement scatters.
pub fn sampled(table: &Table, shots: u64, seed: u64) -> Result<DMatrix<f64>, LearnError> {
    for (column, about) in table.columns.iter().enumerate() {
        if table.scatter.column(column).iter().any(|scatter| scatter.is_nan()) {
            return Err(LearnError::NoShots {
                feature: format!("`{}`", about.quantity),
                reason: "its quantum variance is not computed; with a `quantum` block voltages, variances, covariances and \
                         modes have one",
            });
        }
    }
    // Column by column, in a fixed order.
    let mut random = qhh_net::network::random::stream(seed, &format!("learn.shots[{shots}]"));
    let mut normal = move || {
        let (u, v): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
        (-2.0 * u.ln()).sqrt() * (TAU * v).cos()
    };
    Ok(table.values.zip_map(&table.scatter, |value, scatter| value + (scatter / shots as f64).sqrt() * normal()))
}
