//! How far a voltage's distribution is from a normal one, behind sources in states that are not Gaussian.
//!
//! `V = <V> + sum_s (u_s (a_s - <a_s>) + h.c.) +` Gaussian noise, all parts independent: cumulants add, and of the
//! third and fourth only those of states that are not Gaussian are not zero. With `k2` the whole variance, the skewness
//! is `k3/k2^(3/2)` and the kurtosis above a normal one's `k4/k2^2`. Exact for the linear response that field modes are.

use qhh_core::num_complex::Complex64;
use qhh_core::quantum::{Cumulants, State};

use super::Outcome;
use crate::network::Network;

/// Skewness and kurtosis of a voltage, at [`super::Traces::times`].
#[derive(Debug, Clone, PartialEq)]
pub struct HigherMoments {
    /// Skewness: 0 if symmetric about the mean.
    pub skewness: Vec<f64>,
    /// Kurtosis above that of a normal distribution.
    pub kurtosis: Vec<f64>,
}

impl Outcome {
    /// The shape of the distribution of a recorded neuron's voltage; none where no source that is not Gaussian reaches
    /// it, or where responses are not known (without field modes).
    pub fn shape(&self, network: &Network, neuron: usize) -> Option<HigherMoments> {
        let state = |name: &str| network.sources.iter().find(|source| source.name == name)?.drive.state();
        let strange: Vec<(&State, &[Complex64])> = self
            .responses
            .iter()
            .filter(|response| response.neuron == neuron)
            .filter_map(|response| Some((state(&response.source)?, response.values.as_slice())))
            .filter(|(state, _)| !state.is_gaussian())
            .collect();
        let variance = self.variances.iter().find(|variance| variance.neuron == neuron)?;
        let total: Vec<f64> = (0..variance.n_samples()).map(|k| variance.total(k)).collect();
        (!strange.is_empty()).then(|| HigherMoments::of(&strange, &total))
    }
}

impl HigherMoments {
    /// Of sources' states with the responses to their modes, in a voltage of this variance.
    fn of(sources: &[(&State, &[Complex64])], variance: &[f64]) -> Self {
        let at = |k: usize| {
            let parts = sources.iter().filter_map(|(state, u)| Some(state.cumulants(*u.get(k)?)));
            let sum = parts.fold(Cumulants::gaussian(0.0, variance[k]), |sum, part| Cumulants {
                k3: sum.k3 + part.k3,
                k4: sum.k4 + part.k4,
                ..sum
            });
            if variance[k] > 0.0 { (sum.skewness(), sum.excess_kurtosis()) } else { (0.0, 0.0) }
        };
        let (skewness, kurtosis) = (0..variance.len()).map(at).unzip();
        Self { skewness, kurtosis }
    }
}

#[cfg(test)]
mod tests {
    use qhh_core::quantum::Parity;

    use super::*;

    /// Against a sum over the joint distribution of two independent variables on a grid: a photon's quadrature has the
    /// density `x^2 e^{-x^2/2}/sqrt(2 pi)` in units where the vacuum's variance is 1, noise is normal.
    #[test]
    fn a_photon_in_noise_has_the_kurtosis_of_its_density() {
        let (u, noise) = (0.7, 0.4);
        let (mut m2, mut m4, mut norm) = (0.0, 0.0, 0.0);
        for i in -400..=400 {
            for j in -400..=400 {
                let (x, y) = (f64::from(i) * 0.025, f64::from(j) * 0.025);
                let weight = x * x * (-0.5 * (x * x + y * y)).exp();
                let voltage = u * x + f64::sqrt(noise) * y;
                m2 += weight * voltage.powi(2);
                m4 += weight * voltage.powi(4);
                norm += weight;
            }
        }
        let (m2, m4) = (m2 / norm, m4 / norm);
        let response = [Complex64::new(0.0, u)];
        let shape = HigherMoments::of(&[(&State::Fock { n: 1 }, &response)], &[3.0 * u * u + noise]);
        assert!((m2 - 3.0 * u * u - noise).abs() < 1e-9, "{m2}");
        assert!((shape.kurtosis[0] - (m4 / (m2 * m2) - 3.0)).abs() < 1e-9, "{shape:?}");
        assert_eq!(shape.skewness, [0.0]);
    }

    #[test]
    fn independent_sources_add_and_none_leaves_nothing_without_variance() {
        let photon = State::Fock { n: 1 };
        let cat = State::Cat { amplitude: Complex64::new(1.5, 0.0), parity: Parity::Even };
        let (a, b) = ([Complex64::new(0.3, 0.1), Complex64::ZERO], [Complex64::new(0.2, 0.0), Complex64::ZERO]);
        let variance = [2.0, 0.0];
        let alone = [HigherMoments::of(&[(&photon, &a)], &variance), HigherMoments::of(&[(&cat, &b)], &variance)];
        let both = HigherMoments::of(&[(&photon, &a), (&cat, &b)], &variance);
        assert!((both.kurtosis[0] - alone[0].kurtosis[0] - alone[1].kurtosis[0]).abs() < 1e-15);
        assert_eq!((both.kurtosis[1], both.skewness[1]), (0.0, 0.0));
    }
}
