//! What fluctuations leave, and the mean trajectory they are computed beside.

use nalgebra::{DMatrix, Matrix2, Vector2};
use qhh_core::channel::{Channel, Conductances};
use qhh_core::circuit::{Circuit, PortRole};
use qhh_core::gates::Gates;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::gaussian::OneMode;
use qhh_core::quantum::linear_map::{Inflow, LinearMap, SeveralInputs};
use qhh_core::quantum::{Gaussian, QuantumError, State};
use qhh_core::source::Packet;
use serde::{Deserialize, Serialize};

use super::{Check, NeuronVariance, UNMEASURED};
#[cfg(doc)]
use crate::network::Network;
use crate::network::{Feedback, Observable};

/// Spread of the time of one spike, from linear response: the standard deviation of V over its slope at the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpikeJitter {
    /// Number of the neuron.
    pub neuron: usize,
    /// Mean time of the spike.
    pub time: f64,
    /// Variance of V then, of all lines and sources.
    pub variance: f64,
    /// Standard deviation of its time.
    pub deviation: f64,
}

/// The variance of a recorded quantity by where its noise comes from; states of sources are no part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseBudget {
    /// Number of the neuron.
    pub neuron: usize,
    /// The voltage, or a wave.
    pub observable: Observable,
    /// By origin.
    pub shares: Vec<NoiseShare>,
}

/// What one origin of noise contributes to a variance at [`super::Traces::times`].
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseShare {
    /// Number of the neuron it belongs to.
    pub neuron: usize,
    /// Its name: `relay[0] sodium`, `relay[1] input loss`.
    pub origin: String,
    /// The contribution.
    pub values: Vec<f64>,
}

/// Covariance of two recorded quantities at [`super::Traces::times`]; the variance, of one with itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    /// Number of the neuron and quantity.
    pub a: (usize, Observable),
    /// The other's.
    pub b: (usize, Observable),
    /// In units of voltage squared.
    pub values: Vec<f64>,
}

/// Response of a voltage to the mode of a source: the coefficient of `a` at [`super::Traces::times`].
#[derive(Debug, Clone, PartialEq)]
pub struct ModeResponse {
    /// Name of the source.
    pub source: String,
    /// Number of the neuron.
    pub neuron: usize,
    /// The coefficient, in units of voltage.
    pub values: Vec<Complex64>,
}

/// Commutator of two modes below which they count as independent.
const INDEPENDENT: f64 = 1e-2;

/// Overlap of two packets into one port up to which their states count as independent: ten widths apart have 4e-6.
const BESIDE: f64 = 1e-5;

/// A mode of the wave that leaves a port: `f(t) = sum_j c_j xi_j(t)` with packets `xi_j` of one carrier and width.
#[derive(Debug, Clone, PartialEq)]
pub struct StateMode {
    /// Name: the network's, or that with `.1`, `.2`, .. of several dominant ones.
    pub name: String,
    /// Number of the neuron.
    pub neuron: usize,
    /// The port.
    pub port: PortRole,
    /// Angular frequency of the carrier.
    pub carrier: f64,
    /// Width of the packets.
    pub width: f64,
    /// Centre of each packet and its part `c_j`.
    pub parts: Vec<(f64, Complex64)>,
    /// Quanta it holds beside its mean, of a dominant mode.
    pub quanta: Option<f64>,
}

impl StateMode {
    /// The mode of one packet.
    pub fn of_packet(name: &str, neuron: usize, port: PortRole, packet: Packet) -> Self {
        let parts = vec![(packet.centre, Complex64::ONE)];
        Self {
            name: name.to_owned(),
            neuron,
            port,
            carrier: packet.carrier,
            width: packet.width,
            parts,
            quanta: None,
        }
    }

    /// The envelope at a time.
    pub fn envelope(&self, t: f64) -> Complex64 {
        self.packets().map(|(packet, part)| part * packet.at(t)).sum()
    }

    /// The packets it is made of, and their parts.
    fn packets(&self) -> impl Iterator<Item = (Packet, Complex64)> + '_ {
        let packet = |centre: f64| Packet { carrier: self.carrier, centre, width: self.width };
        self.parts.iter().map(move |(centre, part)| (packet(*centre), *part))
    }
}

/// States of the modes of outgoing waves, in the order of the network's.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputStates {
    /// Which modes.
    pub modes: Vec<StateMode>,
    /// `<b_j>`.
    pub means: Vec<Complex64>,
    /// `<b_j* b_k> - <b_j*><b_k>`.
    pub n: DMatrix<Complex64>,
    /// `<b_j b_k> - <b_j><b_k>`.
    pub m: DMatrix<Complex64>,
    /// `[b_j, b_k*]`: 1 of each mode; between two, 0 where they are independent.
    pub commutator: DMatrix<Complex64>,
    /// What each source's mode looks like in them.
    pub through: Vec<ModeThrough>,
    /// `n` and `m` with the mode of every source in vacuum, but for joint states.
    pub fields: FieldMoments,
}

/// Second moments of outgoing modes before the states of sources come in. What a strongly squeezed state leaves quiet is
/// seen beside these alone, not in sums with its loud quadrature.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldMoments {
    /// `<b_j* b_k> - <b_j*><b_k>`.
    pub n: DMatrix<Complex64>,
    /// `<b_j b_k> - <b_j><b_k>`.
    pub m: DMatrix<Complex64>,
}

/// How outgoing modes depend on the mode of a source: `b_j = <b_j> + mu_j (a - <a>) + nu_j (a - <a>)* + ..`.
#[derive(Debug, Clone, PartialEq)]
pub struct ModeThrough {
    /// Name of the source.
    pub source: String,
    /// Number of the (first) neuron it feeds.
    pub neuron: usize,
    /// Its state.
    pub state: State,
    /// `mu_j`, `nu_j`.
    pub coefficients: Vec<(Complex64, Complex64)>,
}

impl OutputStates {
    /// Puts the states of the sources' modes into what the fields alone make of the modes.
    pub fn new(
        modes: Vec<StateMode>,
        means: Vec<Complex64>,
        fields: FieldMoments,
        commutator: DMatrix<Complex64>,
        through: Vec<ModeThrough>,
    ) -> Self {
        let (mut n, mut m) = (fields.n.clone(), fields.m.clone());
        for of in &through {
            add_own_state(&mut n, &mut m, &of.coefficients, &of.state);
        }
        Self { modes, means, n, m, commutator, through, fields }
    }

    /// Adds what a state of the mode of a source, of these moments `<a* a>` and `<a a>` about its mean, brings beside the
    /// vacuum's.
    pub fn add_state(&mut self, source: &str, n: f64, m: Complex64) {
        let one = |value: Complex64| DMatrix::from_element(1, 1, value);
        for through in self.through.iter().filter(|through| through.source == source) {
            let own = (one(n.into()), one(m));
            add_states(&mut self.n, &mut self.m, &[&through.coefficients], (&own.0, &own.1));
            add_states(&mut self.fields.n, &mut self.fields.m, &[&through.coefficients], (&own.0, &own.1));
        }
    }

    /// Largest defect of `[b, b*] = 1`.
    pub fn defect(&self) -> f64 {
        (0..self.means.len()).map(|j| (self.commutator[(j, j)] - 1.0).norm()).fold(0.0, f64::max)
    }

    /// `[b_j, b_k*]` of two modes as an open line has it; 0 of modes that leave through different ports.
    fn on_an_open_line(&self, j: usize, k: usize) -> Complex64 {
        let (one, other) = (&self.modes[j], &self.modes[k]);
        if (one.neuron, one.port) != (other.neuron, other.port) {
            return Complex64::ZERO;
        }
        let pairs = one.packets().flat_map(|of_one| other.packets().map(move |of_other| (of_one, of_other)));
        pairs.map(|((a, c), (b, d))| c * d.conj() * a.commutator(&b)).sum()
    }

    /// What must hold of every mode, in a run as well as in its results. `open` says that what leaves is the field of an
    /// open line: no loop brings it back. `complete` says that no noise is missing ([`Network::lacks_noise_of_measurement`]).
    pub(crate) fn checks(&self, open: bool, complete: bool) -> Vec<Check> {
        let n = self.means.len();
        let same_port = |j: usize, k: usize| {
            (self.modes[j].neuron, self.modes[j].port) == (self.modes[k].neuron, self.modes[k].port)
        };
        let pairs = (0..n).flat_map(|j| (0..j).map(move |k| (j, k))).filter(|&(j, k)| open && same_port(j, k));
        let between = pairs.map(|(j, k)| (self.commutator[(j, k)] - self.on_an_open_line(j, k)).norm());
        let impossible = (0..n).filter(|mode| self.one_mode(*mode).is_err()).count();
        let checks = [
            Check {
                name: "commutators [b, b*] = 1 of the outgoing modes".into(),
                meaning: "largest defect of any mode of a wave that leaves a port and, where no loop brings waves back, of \
                          any two of one port against those of an open line"
                    .into(),
                defect: between.fold(self.defect(), f64::max),
                expected_below: 1e-2,
            },
            Check {
                name: "outgoing modes are in states".into(),
                meaning: "outgoing modes whose covariance is that of no quantum state".into(),
                defect: impossible as f64,
                expected_below: 0.0,
            },
        ];
        checks.into_iter().map(|check| if complete { check } else { check.stated(UNMEASURED) }).collect()
    }

    /// How far two modes are from being independent, `|[b_j, b_k*]|`: what leaves through one port may arrive, later,
    /// in what leaves through another, and envelopes of one port may overlap.
    pub fn overlap(&self, j: usize, k: usize) -> f64 {
        self.commutator[(j, k)].norm()
    }

    /// Whether every two of some modes are independent, so that they have a state together.
    pub fn are_independent(&self, modes: &[usize]) -> bool {
        modes.iter().enumerate().all(|(at, &j)| modes[..at].iter().all(|&k| self.overlap(j, k) < INDEPENDENT))
    }

    /// Mean and covariance of some modes as a Gaussian state. What the commutators' defect makes of the uncertainty
    /// relation is forgiven.
    ///
    /// # Errors
    /// [`QuantumError`] if it is no state even so, as of modes that are not independent.
    pub fn gaussian(&self, modes: &[usize]) -> Result<Gaussian, QuantumError> {
        let means: Vec<Complex64> = modes.iter().map(|&j| self.means[j]).collect();
        let (n, m) =
            (self.n.select_rows(modes).select_columns(modes), self.m.select_rows(modes).select_columns(modes));
        Gaussian::from_moments_within(&means, &n, &m, self.forgiven(modes))
    }

    /// Part of a variance by which the uncertainty relation of some modes may be violated: what the commutators' defect
    /// makes of it, and sources whose packets are not quite apart.
    fn forgiven(&self, modes: &[usize]) -> f64 {
        let overlaps = modes.iter().enumerate().flat_map(|(at, &j)| modes[..at].iter().map(move |&k| (j, k)));
        let overlap = overlaps.map(|(j, k)| self.overlap(j, k)).fold(self.defect(), f64::max);
        BESIDE.max(2.0 * overlap.min(INDEPENDENT))
    }

    /// Covariance of one mode's quadratures, with the states of the sources' modes that `with` picks out; the others' are
    /// the vacuum.
    fn covariance(&self, mode: usize, with: impl Fn(&ModeThrough) -> bool) -> Matrix2<f64> {
        let (n, m) = (self.fields.n[(mode, mode)].re + 0.5, self.fields.m[(mode, mode)]);
        let own = Matrix2::new(n + m.re, m.im, m.im, n - m.re);
        let states = self.through.iter().filter(|through| with(through)).map(|through| {
            let matrix = of_quadratures(through.coefficients[mode]);
            let added = through.state.spread().map(|v| v * v.transpose()).iter().sum::<Matrix2<f64>>();
            matrix * (added - Matrix2::identity() * 0.5) * matrix.transpose()
        });
        states.fold(own, |sum, state| sum + state)
    }

    /// The same with the vacuum of those sources' modes taken out.
    fn rest(&self, mode: usize, of: impl Fn(&ModeThrough) -> bool) -> Matrix2<f64> {
        let vacua = self.through.iter().filter(|through| of(through)).map(|through| {
            let matrix = of_quadratures(through.coefficients[mode]);
            matrix * matrix.transpose() * 0.5
        });
        vacua.fold(self.covariance(mode, |through| !of(through)), |rest, vacuum| rest - vacuum)
    }

    /// Mean and covariance of one mode as a Gaussian state, with all digits of its quietest quadrature.
    ///
    /// # Errors
    /// [`QuantumError::BeyondUncertainty`] if it is no state, but for what the commutators' defect makes of it.
    pub fn one_mode(&self, mode: usize) -> Result<OneMode, QuantumError> {
        let allowed = self.forgiven(&[mode]);
        let excited = |through: &ModeThrough| {
            let of = through.state.moments();
            of.n > 0.0 || of.m != Complex64::ZERO
        };
        let rest = self.rest(mode, excited);
        let least = rest.symmetric_eigenvalues().min();
        if !least.is_finite() {
            return Err(QuantumError::NotFinite { what: "the moments of an outgoing mode" });
        }
        // Vacuum that a source's mode brings and the mode does not have.
        if least < -allowed {
            return Err(QuantumError::BeyondUncertainty { defect: -least, allowed });
        }
        let none = OneMode::new(Vector2::zeros(), Vec::new());
        let mean = Vector2::new(self.means[mode].re, self.means[mode].im) * std::f64::consts::SQRT_2;
        let noise = none.through(mean, &Matrix2::identity(), &rest);
        let all = self.through.iter().filter(|through| excited(through)).fold(noise, |sum, through| {
            let matrix = of_quadratures(through.coefficients[mode]);
            sum.and(OneMode::new(mean, through.state.spread().map(|v| matrix * v).to_vec()))
        });
        let defect = 0.5 - all.determinant().sqrt();
        if defect > allowed { Err(QuantumError::BeyondUncertainty { defect, allowed }) } else { Ok(all) }
    }

    /// One mode as a linear function of the mode of a source, one of [`OutputStates::through`], everything else with the
    /// covariance it has.
    ///
    /// # Errors
    /// As [`OutputStates::gaussian`].
    pub fn linear_map(&self, mode: usize, through: &ModeThrough) -> Result<LinearMap, QuantumError> {
        self.one_mode(mode)?;
        let (mu, nu) = through.coefficients[mode];
        let rest = self.rest(mode, |of| (&of.source, of.neuron) == (&through.source, through.neuron));
        let map = LinearMap { mean: self.means[mode], mu, nu, rest: 0.5 * (rest + rest.transpose()) };
        // The commutators' defect must not make it impossible.
        let lacking = map.noise_defect();
        Ok(LinearMap { rest: map.rest + Matrix2::identity() * lacking, ..map })
    }

    /// One mode as a linear function of the modes of all sources whose state is not Gaussian, everything else with the
    /// covariance it has.
    ///
    /// # Errors
    /// As [`OutputStates::gaussian`], and [`QuantumError::TooManyPhotons`] for states too large.
    pub fn several_inputs(&self, mode: usize) -> Result<SeveralInputs, QuantumError> {
        self.one_mode(mode)?;
        let strange = |through: &ModeThrough| !through.state.is_gaussian();
        let rest = self.rest(mode, strange);
        let inflow = |through: &ModeThrough| {
            let (mu, nu) = through.coefficients[mode];
            Inflow { mu, nu, state: through.state.clone() }
        };
        let inputs: Vec<Inflow> = self.through.iter().filter(|through| strange(through)).map(inflow).collect();
        let rest = 0.5 * (rest + rest.transpose());
        // The commutators' defect must not make it impossible.
        let (lacking, _) = SeveralInputs::lacking(&inputs, &rest);
        SeveralInputs::new(self.means[mode], inputs, rest + Matrix2::identity() * lacking)
    }
}

/// The matrix that takes the quadratures of `a` to those of `mu a + nu a*`.
fn of_quadratures((mu, nu): (Complex64, Complex64)) -> Matrix2<f64> {
    let (plus, minus) = (mu + nu, mu - nu);
    Matrix2::new(plus.re, -minus.im, plus.im, minus.re)
}

/// Adds what the state of one source's mode brings beyond vacuum.
pub(crate) fn add_own_state(
    n: &mut DMatrix<Complex64>,
    m: &mut DMatrix<Complex64>,
    coefficients: &[(Complex64, Complex64)],
    state: &State,
) {
    let of = state.moments();
    let one = |value: Complex64| DMatrix::from_element(1, 1, value);
    add_states(n, m, &[coefficients], (&one(of.n.into()), &one(of.m)));
}

/// Adds what the states of sources' modes bring beyond vacuum to the moments `n`, `m` of modes that hold them by these
/// `coefficients`, by source, then by mode; `of` are the moments `<a_s* a_t>`, `<a_s a_t>` of the sources.
pub(crate) fn add_states(
    n: &mut DMatrix<Complex64>,
    m: &mut DMatrix<Complex64>,
    coefficients: &[&[(Complex64, Complex64)]],
    of: (&DMatrix<Complex64>, &DMatrix<Complex64>),
) {
    for (s, of_s) in coefficients.iter().enumerate() {
        for (t, of_t) in coefficients.iter().enumerate() {
            let (n_st, m_st) = (of.0[(s, t)], of.1[(s, t)]);
            for (j, (mu_s, nu_s)) in of_s.iter().enumerate() {
                for (k, (mu_t, nu_t)) in of_t.iter().enumerate() {
                    n[(j, k)] += mu_s.conj() * mu_t * n_st
                        + nu_s.conj() * nu_t * n_st.conj()
                        + nu_s.conj() * mu_t * m_st
                        + mu_s.conj() * nu_t * m_st.conj();
                    m[(j, k)] += mu_s * mu_t * m_st
                        + nu_s * nu_t * m_st.conj()
                        + mu_s * nu_t * n_st.conj()
                        + nu_s * mu_t * n_st;
                }
            }
        }
    }
}

/// What samples of the fields came to. Every figure has its standard error.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    /// Number of samples.
    pub samples: usize,
    /// The recorded neurons.
    pub neurons: Vec<EnsembleNeuron>,
    /// Spikes of the mean field in time order, with what became of them.
    pub spikes: Vec<SpikeCount>,
    /// Samples that were kept whole, by neuron.
    pub trajectories: Vec<Trajectory>,
}

/// One neuron in one sample, at [`super::Traces::times`].
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    /// Number of the neuron.
    pub neuron: usize,
    /// Number of the sample, from 0.
    pub sample: usize,
    /// Voltages of the node.
    pub voltage: Vec<f64>,
    /// Records of the voltage that the gates follow; empty where nothing measures it.
    pub measured: Vec<f64>,
}

/// Moments of one neuron's voltage over samples, at [`super::Traces::times`].
#[derive(Debug, Clone, PartialEq)]
pub struct EnsembleNeuron {
    /// Number of the neuron.
    pub neuron: usize,
    /// Mean.
    pub mean: Vec<f64>,
    /// Its standard error.
    pub mean_error: Vec<f64>,
    /// Variance.
    pub variance: Vec<f64>,
    /// Its standard error.
    pub variance_error: Vec<f64>,
    /// Skewness; its standard error is about the root of 6 over the number of samples.
    pub skewness: Vec<f64>,
    /// Kurtosis above that of a normal distribution; its standard error is about the root of 24 over the number of
    /// samples.
    pub kurtosis: Vec<f64>,
    /// Spikes of a sample on average.
    pub spikes: f64,
    /// Spikes of a sample, on average, that belong to none of the mean field's: made by noise.
    pub made: f64,
    /// Spikes of the mean field, on average, that a sample has not: erased by noise.
    pub erased: f64,
}

impl EnsembleNeuron {
    pub(crate) fn empty(neuron: usize) -> Self {
        let none = Vec::new;
        Self {
            neuron,
            mean: none(),
            mean_error: none(),
            variance: none(),
            variance_error: none(),
            skewness: none(),
            kurtosis: none(),
            spikes: 0.0,
            made: 0.0,
            erased: 0.0,
        }
    }
}

/// What became of one spike of the mean field in the samples.
#[derive(Debug, Clone, PartialEq)]
pub struct SpikeCount {
    /// Number of the neuron.
    pub neuron: usize,
    /// Time of the spike of the mean field.
    pub time: f64,
    /// Part of the samples in which it happens.
    pub probability: f64,
    /// Standard error of that.
    pub probability_error: f64,
    /// Mean time in those samples, and its standard error; no number where there are less than two.
    pub mean_time: f64,
    /// Standard error of the mean time.
    pub mean_time_error: f64,
    /// Standard deviation of the time, and its standard error.
    pub jitter: f64,
    /// Standard error of the jitter.
    pub jitter_error: f64,
    /// The same by linear response: the deviation of the samples' voltage over the mean field's slope, where that crosses
    /// the threshold; no number where that was not looked at.
    pub linear_jitter: f64,
    /// Standard error of that.
    pub linear_jitter_error: f64,
    /// The times in those samples, counted.
    pub histogram: TimeHistogram,
}

/// Times counted in intervals of equal width, from the first time to the last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TimeHistogram {
    /// Where the intervals begin and end, one more than there are; none without times.
    pub edges: Vec<f64>,
    /// Times in each, its beginning included, the last one's end too.
    pub counts: Vec<u32>,
}

/// Fewest and most intervals.
const INTERVALS: (usize, usize) = (8, 80);

impl TimeHistogram {
    /// Counts times. Twice the cubic root of their number is the number of intervals (Rice's rule), which leaves the
    /// shape of a distribution to be seen and its noise not.
    pub(crate) fn new(times: &[f64]) -> Self {
        let (low, high) = (
            times.iter().copied().fold(f64::INFINITY, f64::min),
            times.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        );
        if low > high {
            return Self::default();
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
        let rice = (2.0 * (times.len() as f64).cbrt()).ceil() as usize;
        let n = if high > low { rice.clamp(INTERVALS.0, INTERVALS.1) } else { 1 };
        let edge = |k: usize| if k == n { high } else { low + (high - low) * k as f64 / n as f64 };
        let edges: Vec<f64> = (0..=n).map(edge).collect();
        let mut counts = vec![0; n];
        for time in times {
            counts[edges[1..n].partition_point(|edge| edge <= time)] += 1;
        }
        Self { edges, counts }
    }
}

impl SpikeCount {
    pub(crate) fn new(
        neuron: usize,
        time: f64,
        times: &[f64],
        samples: usize,
        linear: Option<(f64, f64)>,
    ) -> Self {
        let (linear_jitter, linear_jitter_error) = linear.unwrap_or((f64::NAN, f64::NAN));
        let (n, all) = (times.len() as f64, samples as f64);
        let probability = n / all;
        let mean = times.iter().map(|t| t - time).sum::<f64>() / n;
        let square = times.iter().map(|t| (t - time - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let jitter = square.sqrt();
        let (mean_time, jitter) = if n < 2.0 { (f64::NAN, f64::NAN) } else { (time + mean, jitter) };
        Self {
            neuron,
            time,
            probability,
            probability_error: (probability * (1.0 - probability) / all).sqrt(),
            mean_time,
            mean_time_error: jitter / n.sqrt(),
            jitter,
            // Of a normal distribution.
            jitter_error: jitter / (2.0 * (n - 1.0)).sqrt(),
            linear_jitter,
            linear_jitter_error,
            histogram: TimeHistogram::new(times),
        }
    }
}

/// Everything that the engine of field modes hands over.
#[derive(Debug, Default)]
pub(crate) struct Fluctuated {
    pub(crate) variances: Vec<NeuronVariance>,
    pub(crate) jitter: Vec<SpikeJitter>,
    pub(crate) budget: Vec<NoiseBudget>,
    pub(crate) covariances: Vec<Covariance>,
    pub(crate) responses: Vec<ModeResponse>,
    pub(crate) states: Option<OutputStates>,
    pub(crate) ensemble: Option<Ensemble>,
    pub(crate) checks: Vec<Check>,
    /// Frequencies of every line.
    pub(crate) n_modes: usize,
    /// Relative error of the moments that so many leave.
    pub(crate) modes_error: f64,
    /// Where gates respond without a measurement, the relative defect of `[phi, V]` at the start and the largest at any
    /// sample.
    pub(crate) missing: Option<(f64, f64)>,
    /// Neurons whose gates are held until the run begins because departures from where they start grow, of so many.
    pub(crate) held: (usize, usize),
    /// Whether waves come back and nothing moves, and the voltages' moments are exact.
    pub(crate) exact_rest: bool,
    /// Steps that samples ran before the run, and the part of a variance at the start that older waves may add, where that
    /// is more than it should be.
    pub(crate) before: Option<(usize, f64)>,
}

/// Mean trajectory of one neuron, every step of it.
#[derive(Debug, Clone)]
pub(crate) struct MeanTrajectory {
    pub(crate) neuron: usize,
    circuit: Circuit,
    /// Places of the ports whose outgoing waves are kept.
    ports: Vec<usize>,
    /// Number of gated channels.
    n_gated: usize,
    /// Whether the gates are kept, which respond to fluctuations.
    gated: bool,
    kept: CourseKept,
}

/// What is kept of a trajectory so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct CourseKept {
    /// At the start of each step and at the end.
    voltages: Vec<f64>,
    /// Conductances of the gated channels half a step before the start, then in the middle of each step: `[time][channel]`.
    open: Vec<f64>,
    /// The gates at the same times, if they are kept, `[time][gate]`, and the voltages at the first stage of each step.
    gates: Vec<f64>,
    staged: Vec<f64>,
    /// Records of the voltage at the same times as those, if gates are kept that measure it.
    records: Vec<f64>,
    /// Waves out of each port, at the start of each step and at the end.
    leaving: Vec<Vec<f64>>,
}

impl MeanTrajectory {
    pub(crate) fn new(neuron: usize, circuit: Circuit, ports: &[usize]) -> Self {
        let kept = CourseKept { leaving: vec![Vec::new(); ports.len()], ..CourseKept::default() };
        let n_gated = circuit.channels.iter().filter(|channel| channel.is_gated()).count();
        Self { neuron, circuit, ports: ports.to_vec(), n_gated, gated: false, kept }
    }

    /// The same with what gates that respond take.
    #[must_use]
    pub(crate) fn with_gates(self) -> Self {
        Self { gated: true, ..self }
    }

    /// What is kept so far.
    pub(crate) fn kept(&self) -> CourseKept {
        self.kept.clone()
    }

    /// Goes on from what was kept when `done` steps were made; whether it can be.
    pub(crate) fn restore(&mut self, kept: CourseKept, done: u64) -> bool {
        let due = if done == 0 { 0 } else { done + 1 };
        let fits =
            std::iter::once(kept.voltages.len()).chain(kept.leaving.iter().map(Vec::len)).all(|n| n as u64 == due)
                && kept.open.len() as u64 == due * self.n_gated as u64;
        let fits = fits && kept.leaving.len() == self.ports.len();
        let n_gates = self.circuit.n_gates() as u64;
        let of_gates = if self.gated { (due * n_gates, done) } else { (0, 0) };
        let fits = fits && (kept.gates.len() as u64, kept.staged.len() as u64) == of_gates;
        let fits = fits && kept.records.len() as u64 == if self.is_measured() { due } else { 0 };
        self.kept = kept;
        fits
    }

    /// Voltages at the start of each step and at the end.
    pub(crate) fn voltages(&self) -> &[f64] {
        &self.kept.voltages
    }

    /// Its neuron's circuit.
    pub(crate) fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// Gates half a step before the end of step `half`, if they are kept.
    pub(crate) fn gates(&self, half: usize) -> Gates {
        let n = self.circuit.n_gates();
        self.kept.gates[half * n..(half + 1) * n].iter().copied().collect()
    }

    /// Voltages at the first stage of each step, if gates are kept.
    pub(crate) fn staged(&self) -> &[f64] {
        &self.kept.staged
    }

    /// Voltages that the gates follow at the start of each step and at the end.
    pub(crate) fn followed(&self) -> &[f64] {
        if self.is_measured() { &self.kept.records } else { &self.kept.voltages }
    }

    /// Whether gates are kept that measure the voltage.
    fn is_measured(&self) -> bool {
        self.gated && self.circuit.sense.is_some()
    }

    /// Takes in a window of `n_steps`: voltages and outgoing waves at the start of each step, voltages at its first stage,
    /// records of the voltage at the start, gates half a step before.
    pub(crate) fn window(
        &mut self,
        n_steps: usize,
        (v, staged, record): (impl Fn(usize) -> f64, impl Fn(usize) -> f64, impl Fn(usize) -> f64),
        gates: impl Fn(usize) -> Gates,
        out: impl Fn(usize, usize) -> f64,
    ) {
        // The end of a window is the start of the next.
        let is_measured = self.is_measured();
        let CourseKept { voltages, open, gates: kept, staged: stages, records, leaving } = &mut self.kept;
        if self.gated {
            stages.extend((0..n_steps).map(staged));
        }
        let from = usize::from(!voltages.is_empty());
        for k in from..=n_steps {
            voltages.push(v(k));
            if is_measured {
                records.push(record(k));
            }
            let gates = gates(k);
            if self.gated {
                kept.extend_from_slice(&gates);
            }
            let g = self.circuit.conductances(&gates);
            let gated = self.circuit.channels.iter().zip(g.iter()).filter(|(channel, _)| channel.is_gated());
            open.extend(gated.map(|(_, g)| g));
            for (slot, waves) in self.ports.iter().zip(&mut *leaving) {
                waves.push(out(*slot, k));
            }
        }
    }

    /// Conductances half a step before the end of step `half`.
    pub(crate) fn conductances(&self, half: usize) -> Conductances {
        let mut open = self.open(half).iter();
        let of = |channel: &Channel| {
            let own = if channel.is_gated() { open.next() } else { None };
            own.copied().unwrap_or(channel.conductance)
        };
        self.circuit.channels.iter().map(of).collect()
    }

    /// Those of the gated channels alone.
    pub(crate) fn open(&self, half: usize) -> &[f64] {
        &self.kept.open[half * self.n_gated..(half + 1) * self.n_gated]
    }

    /// Mean wave that left through a port, if it was kept.
    pub(crate) fn leaving(&self, slot: usize) -> &[f64] {
        let place = self.ports.iter().position(|of| *of == slot);
        place.map_or(&[], |place| &self.kept.leaving[place])
    }

    /// Bytes kept for each step of a run.
    pub(crate) fn bytes_per_step(feedback: Feedback) -> usize {
        match feedback {
            Feedback::Mean => 24,
            // The gates and a stage besides, and for each of three gates its relaxation and the conductance's slope.
            Feedback::Full => 24 + 32 + 3 * 24,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TimeHistogram;

    #[test]
    fn a_histogram_counts_every_time_once_from_the_first_to_the_last() {
        let times: Vec<f64> = (0..1000).map(|k| 5.0 + (f64::from(k) * 0.618_033_988_75).fract().powi(2)).collect();
        let TimeHistogram { edges, counts } = TimeHistogram::new(&times);
        assert_eq!((counts.len(), edges.len()), (20, 21));
        for (k, count) in counts.iter().enumerate() {
            let last = k + 1 == counts.len();
            let inside = |t: &&f64| **t >= edges[k] && (**t < edges[k + 1] || last);
            assert_eq!(*count as usize, times.iter().filter(inside).count(), "interval {k}");
        }
        assert_eq!(counts.iter().sum::<u32>(), 1000);
        let (first, last) = (times.iter().copied().fold(9.0, f64::min), times.iter().copied().fold(0.0, f64::max));
        assert_eq!((edges[0], edges[20]), (first, last));
    }

    #[test]
    fn a_histogram_of_one_time_or_none_is_one_interval_or_none() {
        assert_eq!(TimeHistogram::new(&[]), TimeHistogram::default());
        let same = TimeHistogram::new(&[2.5, 2.5]);
        assert_eq!((same.edges, same.counts), (vec![2.5, 2.5], vec![2]));
    }
}
