//! Quantum states of modes of outgoing waves: their moments, and what becomes of source states on the way.

use nalgebra::{DMatrix, Matrix2, Vector2};
use qhh_core::circuit::PortRole;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::gaussian::OneMode;
use qhh_core::quantum::linear_map::{Inflow, LinearMap, SeveralInputs};
use qhh_core::quantum::{Gaussian, QuantumError, State};
use qhh_core::source::Packet;

use super::{Check, UNMEASURED};
#[cfg(doc)]
use crate::network::Network;

/// Largest defect of the commutators of modes that are what they should be.
pub(super) const COMMUTATOR: f64 = 1e-2;
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
                expected_below: COMMUTATOR,
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
