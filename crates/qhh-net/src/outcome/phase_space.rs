//! Wigner functions of source states and of outgoing modes on grids that hold them, and their photon numbers.

use std::f64::consts::{PI, SQRT_2};

use qhh_core::quantum::linear_map::{LinearMap, OutputMode, SeveralInputs};
use qhh_core::quantum::wigner::{Axis, Grid, Wigner};
use qhh_core::quantum::{Gaussian, State};

use super::states::ModeThrough;
use crate::network::Network;

/// Points along each side of a Wigner function's grid.
const POINTS: usize = 81;
/// Standard deviations to either side of the mean that a picture shows, and that hold all of a state.
const PICTURED: f64 = 4.5;
const WHOLE: f64 = 7.0;
/// Most photons whose probability is computed.
const MOST_PHOTONS: usize = 40;
/// By how much these probabilities may miss 1 together, and their mean the mode's photons, where they are all of a state.
const ALL: f64 = 1e-3;
/// Probability of more photons that is left out.
const LEFT_OUT: f64 = 1e-4;

/// As far as a state's mean and variances lead one to expect anything that a picture shows.
fn around(mean: [f64; 2], variances: [f64; 2]) -> Grid {
    let axis = |k: usize| {
        let reach = PICTURED * variances[k].sqrt();
        Axis { min: mean[k] - reach, max: mean[k] + reach, points: POINTS }
    };
    Grid { x: axis(0), p: axis(1) }
}

fn of_extent(gaussian: &Gaussian) -> Grid {
    let (mean, sigma) = (gaussian.mean(), gaussian.covariance());
    around([mean[0], mean[1]], [sigma[(0, 0)], sigma[(1, 1)]])
}

/// A grid that resolves the Wigner functions of so many photons, as far as they and the state pictured on `wide` reach.
fn fine(wide: Grid) -> Option<Grid> {
    // They end at sqrt(2n + 1) and a few widths of the vacuum; near the centre they oscillate in steps of pi over twice that.
    let edge = (2.0 * MOST_PHOTONS as f64 + 1.0).sqrt();
    let (reach, step) = (edge + 4.0, PI / (2.0 * edge) / 2.0);
    let axis = |of: Axis| {
        let more = 0.5 * (WHOLE / PICTURED - 1.0) * (of.max - of.min);
        let (min, max) = ((of.min - more).max(-reach), (of.max + more).min(reach));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 2 reach over step")]
        (max > min).then(|| Axis { min, max, points: ((max - min) / step).ceil() as usize + 1 })
    };
    Some(Grid { x: axis(wide.x)?, p: axis(wide.p)? })
}

/// Probabilities of 0, 1, .. photons, as far as all but [`LEFT_OUT`]; none of a state of so many `photons` on average that
/// more than [`MOST_PHOTONS`] count.
fn numbers(wide: Grid, photons: f64, wigner: impl Fn(Grid) -> Option<Wigner>) -> Option<Vec<f64>> {
    if photons > MOST_PHOTONS as f64 {
        return None;
    }
    let mut numbers = wigner(fine(wide)?)?.photon_numbers(MOST_PHOTONS);
    let mean: f64 = numbers.iter().enumerate().map(|(n, part)| n as f64 * part).sum();
    let misses = (numbers.iter().sum::<f64>() - 1.0).abs().max((mean - photons).abs() / photons.max(1.0));
    if misses > ALL || numbers.iter().any(|part| *part < -ALL) {
        return None;
    }
    let mut left = 1.0;
    let last = numbers.iter().position(|part| {
        left -= part;
        left < LEFT_OUT
    });
    numbers.truncate(last.map_or(numbers.len(), |last| last + 1));
    for part in &mut numbers {
        *part = part.max(0.0);
    }
    Some(numbers)
}

/// The state that a source sends, by itself: its own, or its part of one that it shares with others.
#[derive(Debug, Clone)]
pub struct SourceState {
    form: Form,
    /// Mean photon number.
    photons: f64,
}

#[derive(Debug, Clone)]
enum Form {
    Gaussian(Gaussian),
    Other(Box<OutputMode>),
}

impl SourceState {
    /// That of a state; none of one too large.
    pub fn of(state: &State) -> Option<Self> {
        let photons = state.moments().photons();
        if state.is_gaussian() {
            return Some(Self { form: Form::Gaussian(Gaussian::of(state).ok()?), photons });
        }
        let output = LinearMap::identity(state.moments().mean).output(state).ok()?;
        Some(Self { form: Form::Other(Box::new(output)), photons })
    }

    /// What the source at `place` of the network sends; none of a classical current.
    pub fn of_source(network: &Network, place: usize) -> Option<Self> {
        for joint in &network.states {
            if let Some(mode) = joint.sources.iter().position(|source| *source == place) {
                let part = joint.state.reduced(&[mode]).ok()?;
                let photons = part.photons(0).ok()?;
                return Some(Self { form: Form::Gaussian(part), photons });
            }
        }
        Self::of(network.sources.get(place)?.drive.state()?)
    }

    /// Its amplitude `<a>`, real and imaginary part.
    pub fn mean(&self) -> [f64; 2] {
        match &self.form {
            Form::Gaussian(gaussian) => [gaussian.mean()[0] / SQRT_2, gaussian.mean()[1] / SQRT_2],
            Form::Other(output) => [output.mean().re, output.mean().im],
        }
    }

    /// Its Wigner function around its mean; none where it has none on such a grid.
    pub fn wigner(&self) -> Option<Wigner> {
        self.on(self.extent())
    }

    /// Probabilities of 0, 1, .. photons; none of a state of more than about forty.
    pub fn photon_numbers(&self) -> Option<Vec<f64>> {
        numbers(self.extent(), self.photons, |grid| self.on(grid))
    }

    fn extent(&self) -> Grid {
        match &self.form {
            Form::Gaussian(gaussian) => of_extent(gaussian),
            Form::Other(output) => {
                let (mean, sigma) = (output.mean() * SQRT_2, output.covariance());
                around([mean.re, mean.im], [sigma[(0, 0)], sigma[(1, 1)]])
            }
        }
    }

    fn on(&self, grid: Grid) -> Option<Wigner> {
        match &self.form {
            Form::Gaussian(gaussian) => gaussian.wigner(0, grid).ok(),
            Form::Other(output) => output.wigner(grid).ok(),
        }
    }
}

/// What is known of a mode's state.
pub(super) struct ModeState<'a> {
    pub(super) gaussian: &'a Gaussian,
    /// Through which map it comes from the one source whose state is not Gaussian.
    pub(super) exact: Option<(&'a ModeThrough, &'a LinearMap)>,
    /// From several of them.
    pub(super) several: Option<&'a SeveralInputs>,
}

impl ModeState<'_> {
    /// Its Wigner function around its mean.
    pub(super) fn wigner(&self) -> Option<Wigner> {
        self.on(of_extent(self.gaussian))
    }

    /// Its Wigner function at every pair of points, `[x][p]`.
    pub(super) fn wigner_at(&self, x: &[f64], p: &[f64]) -> Option<Vec<f64>> {
        if let Some(several) = self.several {
            return Some(several.wigner_at(x, p));
        }
        let pairs = x.iter().flat_map(|x| p.iter().map(move |p| (*x, *p)));
        match self.exact {
            Some((through, map)) if !through.state.is_gaussian() => {
                let output = map.output(&through.state).ok()?;
                Some(pairs.map(|(x, p)| output.wigner_at(x, p)).collect())
            }
            _ => pairs.map(|(x, p)| self.gaussian.wigner_at(0, x, p).ok()).collect(),
        }
    }

    /// Probabilities of its photon numbers.
    pub(super) fn photon_numbers(&self, photons: f64) -> Option<Vec<f64>> {
        numbers(of_extent(self.gaussian), photons, |grid| self.on(grid))
    }

    fn on(&self, grid: Grid) -> Option<Wigner> {
        if let Some(several) = self.several {
            return several.wigner(grid).ok();
        }
        match self.exact {
            Some((through, map)) if !through.state.is_gaussian() => {
                map.output(&through.state).ok()?.wigner(grid).ok()
            }
            _ => self.gaussian.wigner(0, grid).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use qhh_core::num_complex::Complex64;
    use qhh_core::state::Parity;

    use super::*;

    fn photon_numbers(state: &State) -> Option<Vec<f64>> {
        SourceState::of(state)?.photon_numbers()
    }

    /// Poisson's numbers of a coherent state, even numbers alone of an even cat, one of a Fock state; of one too large none.
    #[test]
    fn photon_numbers_are_those_of_the_states() {
        let poisson = |mean: f64, n: usize| (1..=n).fold((-mean).exp(), |part, k| part * mean / k as f64);
        let coherent = photon_numbers(&State::Coherent(Complex64::new(0.9, -1.1))).unwrap();
        for (n, found) in coherent.iter().enumerate() {
            assert!((found - poisson(2.02, n)).abs() < 1e-6, "{n}: {found}");
        }
        assert!((9..14).contains(&coherent.len()), "{} numbers", coherent.len());
        let cat =
            photon_numbers(&State::Cat { amplitude: Complex64::new(1.4, 1.2), parity: Parity::Even }).unwrap();
        let size = 1.4_f64.powi(2) + 1.44;
        for (n, found) in cat.iter().enumerate() {
            let wanted = if n % 2 == 1 { 0.0 } else { 2.0 * poisson(size, n) / (1.0 + (-2.0 * size).exp()) };
            assert!((found - wanted).abs() < 1e-6, "{n}: {found}, not {wanted}");
        }
        let fock = photon_numbers(&State::Fock { n: 17 }).unwrap();
        assert!(fock.len() == 18 && (fock[17] - 1.0).abs() < 1e-6, "{fock:?}");
        assert_eq!(photon_numbers(&State::Fock { n: 41 }), None);
        assert_eq!(photon_numbers(&State::Coherent(Complex64::new(6.0, 0.0))), None, "a tail beyond forty");
    }
}
