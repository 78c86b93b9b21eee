//! `states.json`: the states of the modes of outgoing waves, and what follows from them
//! ([`qhh_net::outcome::ModeAnalysis`]).

mod wigner;

use std::path::Path;

use qhh_core::circuit::PortRole;
use qhh_core::nalgebra::DMatrix;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::{Gaussian, State};
use qhh_net::Network;
use qhh_net::outcome::{FieldMoments, InputAnalysis, ModeThrough, OutputStates, StateMode};
use serde::{Deserialize, Serialize};

pub use wigner::WignerSummary;

use super::ResultsError;
use super::files::STATES;

/// Modes whose Wigner functions are written.
const MOST_PICTURES: usize = 16;

/// The whole file. Complex numbers are `[real, imaginary]`; quadratures x = (b + b*)/sqrt 2, p = (b - b*)/(i sqrt 2), the
/// vacuum's variance is 1/2; entropies and negativities are in nats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatesSummary {
    /// One entry for each mode.
    pub modes: Vec<ModeSummary>,
    /// All modes together; null if some are not independent of one another.
    pub together: Option<TogetherSummary>,
    /// Every two modes.
    pub pairs: Vec<PairSummary>,
    /// How the modes depend on the sources' modes.
    pub sources: Vec<ThroughSummary>,
    /// Second moments as they were computed.
    pub moments: MomentsSummary,
}

/// One mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModeSummary {
    /// Name.
    pub name: String,
    /// The neuron it leaves.
    pub neuron: String,
    /// Which mode.
    pub envelope: EnvelopeSummary,
    /// `<b>`.
    pub mean: [f64; 2],
    /// `<b* b>`.
    pub photons: f64,
    /// Variance of the quietest quadrature.
    pub smallest_variance: Option<f64>,
    /// The same in decibels below the vacuum; negative if it is noisier.
    pub squeezing_db: Option<f64>,
    /// Angle of that quadrature in radians.
    pub squeezing_angle: Option<f64>,
    /// Whether no mode of a source that is in it has a state that is not Gaussian.
    #[serde(default)]
    pub is_gaussian: bool,
    /// Purity of its state; null of a state that is not Gaussian and too large to be computed.
    pub purity: Option<f64>,
    /// Source whose mode has the largest part in it, and the fidelity with that mode's state.
    pub input: Option<InputSummary>,
    /// Defect of `[b, b*] = 1`.
    pub commutator_defect: f64,
    /// Wigner function; null beyond the first modes.
    pub wigner: Option<WignerSummary>,
    /// Probabilities of 0, 1, .. photons, as far as all but 1e-4; null of a state with more than about forty, or of one too
    /// large to be computed.
    #[serde(default)]
    pub photon_numbers: Option<Vec<f64>>,
}

/// A mode's port and envelope, `f(t) = sum_j c_j xi_j(t)` with gaussian packets `xi_j`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnvelopeSummary {
    /// Place of the input port the wave leaves through; null for the output port.
    pub input: Option<usize>,
    /// Angular frequency of the carrier.
    pub carrier: f64,
    /// Width of the packets.
    pub width: f64,
    /// Centre of each packet, real and imaginary part of `c_j`.
    pub parts: Vec<[f64; 3]>,
    /// Quanta it holds beside its mean, of a dominant mode.
    pub quanta: Option<f64>,
}

impl EnvelopeSummary {
    fn new(mode: &StateMode) -> Self {
        Self {
            input: match mode.port {
                PortRole::Output => None,
                PortRole::Input(place) => Some(place),
            },
            carrier: mode.carrier,
            width: mode.width,
            parts: mode.parts.iter().map(|(centre, part)| [*centre, part.re, part.im]).collect(),
            quanta: mode.quanta,
        }
    }
}

/// What became of the state of a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputSummary {
    /// Name of the source.
    pub source: String,
    /// Fidelity of what leaves with its state, `<psi|rho|psi>` of pure ones; null where it has no closed form.
    pub fidelity: Option<f64>,
    /// `(int |W| - 1)/2` of what leaves: 0 where the Wigner function is nowhere negative; null where it cannot be trusted.
    pub negativity_volume: Option<f64>,
    /// The true volume is within this of it.
    pub negativity_error: Option<f64>,
    /// Why there is no volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negativity_problem: Option<String>,
}

/// All modes as one Gaussian state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TogetherSummary {
    /// Covariance of x_1, p_1, x_2, p_2, ..
    pub covariance: Vec<Vec<f64>>,
    /// Purity.
    pub purity: Option<f64>,
    /// Logarithmic negativity of each mode with all others.
    pub log_negativity: Vec<Option<f64>>,
    /// Mutual information of each mode with all others.
    pub mutual_information: Vec<Option<f64>>,
    /// The modes that leave each neuron with all others; none where all leave the same.
    pub neurons: Vec<NeuronSummary>,
}

/// The modes of one neuron as one party.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeuronSummary {
    /// Name.
    pub neuron: String,
    /// Names of its modes.
    pub modes: Vec<String>,
    /// Logarithmic negativity of them with the modes of all other neurons.
    pub log_negativity: Option<f64>,
    /// Mutual information of the same.
    pub mutual_information: Option<f64>,
}

/// Two modes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairSummary {
    /// Names.
    pub modes: [String; 2],
    /// Commutator between them: 0 where they are independent.
    pub overlap: f64,
    /// Logarithmic negativity; null if they are not independent.
    pub log_negativity: Option<f64>,
    /// Mutual information; null if they are not independent.
    pub mutual_information: Option<f64>,
}

/// `b_j = <b_j> + mu_j (a - <a>) + nu_j (a - <a>)* + ..`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThroughSummary {
    /// Name of the source.
    pub source: String,
    /// Number of the neuron it feeds.
    pub neuron: usize,
    /// `mu_j` by mode.
    pub mu: Vec<[f64; 2]>,
    /// `nu_j` by mode.
    pub nu: Vec<[f64; 2]>,
}

/// `<b_j* b_k>`, `<b_j b_k>` without the means, and `[b_j, b_k*]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MomentsSummary {
    /// Normally ordered.
    pub n: Vec<Vec<[f64; 2]>>,
    /// Anomalous.
    pub m: Vec<Vec<[f64; 2]>>,
    /// Commutators.
    pub commutator: Vec<Vec<[f64; 2]>>,
    /// `n` with the modes of all sources in vacuum, but for joint states.
    pub fields_n: Vec<Vec<[f64; 2]>>,
    /// `m` likewise.
    pub fields_m: Vec<Vec<[f64; 2]>>,
}

fn pair(z: Complex64) -> [f64; 2] {
    [z.re, z.im]
}

fn complex([re, im]: [f64; 2]) -> Complex64 {
    Complex64::new(re, im)
}

fn rows(matrix: &DMatrix<Complex64>) -> Vec<Vec<[f64; 2]>> {
    matrix.row_iter().map(|row| row.iter().map(|z| pair(*z)).collect()).collect()
}

fn matrix(rows: &[Vec<[f64; 2]>]) -> DMatrix<Complex64> {
    let n = rows.len();
    DMatrix::from_fn(n, n, |i, j| rows[i].get(j).copied().map_or(Complex64::ZERO, complex))
}

impl StatesSummary {
    /// Sums up the states of a network's modes.
    pub fn new(network: &Network, states: &OutputStates) -> Self {
        let n = states.means.len();
        let all: Vec<usize> = (0..n).collect();
        let together = if n > 1 { states.together(&all) } else { None };
        let pairs = all.iter().flat_map(|&j| (j + 1..n).map(move |k| (j, k)));
        let pair_of = |(j, k): (usize, usize)| {
            let joint = states.together(&[j, k]);
            PairSummary {
                modes: [states.modes[j].name.clone(), states.modes[k].name.clone()],
                overlap: states.overlap(j, k),
                log_negativity: joint.as_ref().and_then(|state| state.log_negativity(&[0]).ok()),
                mutual_information: joint.as_ref().and_then(|state| state.mutual_information(&[0]).ok()),
            }
        };
        Self {
            modes: (0..n).map(|mode| ModeSummary::new(network, states, mode)).collect(),
            together: together.map(|state| TogetherSummary {
                covariance: state.covariance().row_iter().map(|row| row.iter().copied().collect()).collect(),
                purity: state.purity().ok(),
                log_negativity: (0..n).map(|mode| state.log_negativity(&[mode]).ok()).collect(),
                mutual_information: (0..n).map(|mode| state.mutual_information(&[mode]).ok()).collect(),
                neurons: NeuronSummary::all(network, states, &state),
            }),
            pairs: pairs.map(pair_of).collect(),
            sources: states.through.iter().map(ThroughSummary::new).collect(),
            moments: MomentsSummary {
                n: rows(&states.n),
                m: rows(&states.m),
                commutator: rows(&states.commutator),
                fields_n: rows(&states.fields.n),
                fields_m: rows(&states.fields.m),
            },
        }
    }

    /// The states again; `neuron` is the number of one of a name.
    pub(super) fn states(&self, network: &Network, neuron: impl Fn(&str) -> usize) -> OutputStates {
        let mode = |of: &ModeSummary| StateMode {
            name: of.name.clone(),
            neuron: neuron(&of.neuron),
            port: of.envelope.input.map_or(PortRole::Output, PortRole::Input),
            carrier: of.envelope.carrier,
            width: of.envelope.width,
            parts: of.envelope.parts.iter().map(|[centre, re, im]| (*centre, complex([*re, *im]))).collect(),
            quanta: of.envelope.quanta,
        };
        let state_of = |name: &str| {
            let source = network.sources.iter().find(|source| source.name == name);
            source.and_then(|source| source.drive.state()).cloned().unwrap_or(State::Vacuum)
        };
        let through = |of: &ThroughSummary| ModeThrough {
            source: of.source.clone(),
            neuron: of.neuron,
            state: state_of(&of.source),
            coefficients: of.mu.iter().zip(&of.nu).map(|(mu, nu)| (complex(*mu), complex(*nu))).collect(),
        };
        OutputStates {
            modes: self.modes.iter().map(mode).collect(),
            means: self.modes.iter().map(|mode| complex(mode.mean)).collect(),
            n: matrix(&self.moments.n),
            m: matrix(&self.moments.m),
            commutator: matrix(&self.moments.commutator),
            through: self.sources.iter().map(through).collect(),
            fields: FieldMoments { n: matrix(&self.moments.fields_n), m: matrix(&self.moments.fields_m) },
        }
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), ResultsError> {
        let mut text = serde_json::to_string(self).map_err(|cause| ResultsError::Summary { cause })?;
        text.push('\n');
        if let Err(cause) = serde_json::from_str::<Self>(&text) {
            return Err(ResultsError::NoNumber { file: STATES, problem: cause.to_string() });
        }
        super::folder::write_file(&folder.join(STATES), text.as_bytes())
    }
}

impl ThroughSummary {
    fn new(through: &ModeThrough) -> Self {
        Self {
            source: through.source.clone(),
            neuron: through.neuron,
            mu: through.coefficients.iter().map(|(mu, _)| pair(*mu)).collect(),
            nu: through.coefficients.iter().map(|(_, nu)| pair(*nu)).collect(),
        }
    }
}

impl NeuronSummary {
    /// Each neuron's modes against all others', in the order of the modes.
    fn all(network: &Network, states: &OutputStates, together: &Gaussian) -> Vec<Self> {
        let neurons = states.by_neuron();
        if neurons.len() < 2 {
            return Vec::new();
        }
        let one = |(neuron, party): (usize, Vec<usize>)| Self {
            neuron: network.neuron_name(neuron),
            modes: party.iter().map(|mode| states.modes[*mode].name.clone()).collect(),
            log_negativity: together.log_negativity(&party).ok(),
            mutual_information: together.mutual_information(&party).ok(),
        };
        neurons.into_iter().map(one).collect()
    }
}

impl ModeSummary {
    fn new(network: &Network, states: &OutputStates, mode: usize) -> Self {
        let of = states.analysis(network, mode, mode < MOST_PICTURES);
        Self {
            name: states.modes[mode].name.clone(),
            neuron: network.neuron_name(states.modes[mode].neuron),
            envelope: EnvelopeSummary::new(&states.modes[mode]),
            mean: pair(states.means[mode]),
            photons: of.photons,
            smallest_variance: of.squeezing.map(|s| s.variance),
            squeezing_db: of.squeezing.map(|s| s.decibels),
            squeezing_angle: of.squeezing.map(|s| s.angle),
            is_gaussian: of.is_gaussian,
            purity: of.purity,
            input: of.input.map(InputSummary::new),
            commutator_defect: of.commutator_defect,
            wigner: of.wigner.as_ref().map(WignerSummary::new),
            photon_numbers: of.photon_numbers,
        }
    }
}

impl InputSummary {
    fn new(of: InputAnalysis) -> Self {
        let (volume, problem) = match of.negativity {
            Ok(negativity) => (Some(negativity), None),
            Err(error) => (None, Some(error.to_string())),
        };
        Self {
            source: of.source,
            fidelity: of.fidelity,
            negativity_volume: volume.as_ref().map(|negativity| negativity.volume),
            negativity_error: volume.as_ref().map(|negativity| negativity.error),
            negativity_problem: problem,
        }
    }
}
