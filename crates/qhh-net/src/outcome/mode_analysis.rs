//! What follows from the states of outgoing modes: purity, squeezing, and what became of the state of a source.
//!
//! A mode is a linear map of the sources' modes and the fields. Which form its state has decides what is known of it: a
//! Gaussian state is known by its moments; one source whose state is not Gaussian has closed forms
//! ([`qhh_core::quantum::linear_map`]); several have those of their characteristic functions. Ours.

use qhh_core::num_complex::Complex64;
use qhh_core::quantum::gaussian::OneMode;
use qhh_core::quantum::gaussian::measures::Squeezing;
use qhh_core::quantum::linear_map::{LinearMap, Negativity, SeveralInputs};
use qhh_core::quantum::wigner::Wigner;
use qhh_core::quantum::{Gaussian, QuantumError};

use super::phase_space::ModeState;
use super::states::{ModeThrough, OutputStates};
use crate::network::{JointState, Network};

/// Squared coefficient of a source's mode below which it counts as absent.
const ABSENT: f64 = 1e-9;
/// Error that a negativity volume is computed to.
const VOLUME_ERROR: f64 = 1e-6;

/// What follows from the state of one mode.
#[derive(Debug, Clone)]
pub struct ModeAnalysis {
    /// `<b* b>`.
    pub photons: f64,
    /// The quietest quadrature; none where the moments are those of no state.
    pub squeezing: Option<Squeezing>,
    /// Whether no mode of a source that is in it has a state that is not Gaussian.
    pub is_gaussian: bool,
    /// Purity; none of a state that is not Gaussian and too large to be computed.
    pub purity: Option<f64>,
    /// What became of the state of the source whose mode has the largest part in it.
    pub input: Option<InputAnalysis>,
    /// Defect of `[b, b*] = 1`.
    pub commutator_defect: f64,
    /// Wigner function around its mean; none if it was not wanted or the state is too large to be computed.
    pub wigner: Option<Wigner>,
    /// Probabilities of 0, 1, .. photons; none likewise, and of a state with more than about forty.
    pub photon_numbers: Option<Vec<f64>>,
}

/// What became of the state of a source.
#[derive(Debug, Clone)]
pub struct InputAnalysis {
    /// Name of the source.
    pub source: String,
    /// Fidelity of what leaves with its state; none where it has no closed form.
    pub fidelity: Option<f64>,
    /// Negativity volume of what leaves.
    pub negativity: Result<Negativity, QuantumError>,
}

impl OutputStates {
    /// The state of some modes together; none if they are not independent of one another, or their moments those of no
    /// state.
    pub fn together(&self, modes: &[usize]) -> Option<Gaussian> {
        self.are_independent(modes).then(|| self.gaussian(modes).ok()).flatten()
    }

    /// Modes by the neuron they leave, in the order of the modes.
    pub fn by_neuron(&self) -> Vec<(usize, Vec<usize>)> {
        let mut neurons: Vec<(usize, Vec<usize>)> = Vec::new();
        for (place, mode) in self.modes.iter().enumerate() {
            match neurons.iter_mut().find(|(neuron, _)| *neuron == mode.neuron) {
                Some((_, own)) => own.push(place),
                None => neurons.push((mode.neuron, vec![place])),
            }
        }
        neurons
    }

    /// What follows from the state of a mode; `pictured` if its Wigner function and photon numbers are wanted.
    pub fn analysis(&self, network: &Network, mode: usize, pictured: bool) -> ModeAnalysis {
        let one = self.one_mode(mode).ok();
        let squeezing = one.as_ref().map(OneMode::squeezing);
        let form = self.form(mode);
        let Form { gaussian, strange, strangest, exact, several } = &form;
        // Moments tell the purity of Gaussian states alone.
        let purity = match (exact, several) {
            _ if *strange == 0 => one.as_ref().map(OneMode::purity),
            (Some((through, map)), _) => map.output(&through.state).and_then(|output| output.purity()).ok(),
            (None, several) => several.as_ref().map(SeveralInputs::purity),
        };
        let input = match (exact, several, strangest) {
            (Some((through, map)), ..) => InputAnalysis::new(through, map),
            (None, Some(several), Some(through)) => Some(InputAnalysis::of_several(through, several)),
            _ => None,
        };
        // A mode that shares a state with others has the reduced state.
        let input = input.map(|input| match shared(network, &input.source) {
            None => input,
            Some(own) => {
                InputAnalysis { fidelity: gaussian.as_ref().and_then(|state| state.fidelity(&own).ok()), ..input }
            }
        });
        let state = form.state().filter(|_| pictured);
        let photons = self.n[(mode, mode)].re + self.means[mode].norm_sqr();
        ModeAnalysis {
            photons,
            squeezing,
            is_gaussian: *strange == 0,
            purity,
            input,
            commutator_defect: (self.commutator[(mode, mode)] - 1.0).norm(),
            wigner: state.as_ref().and_then(ModeState::wigner),
            photon_numbers: state.as_ref().and_then(|state| state.photon_numbers(photons)),
        }
    }

    /// Wigner function of a mode at every pair of points, `[x][p]`; none of a state too large to be computed. Its integral
    /// over `dx dp` is 1.
    pub fn wigner_at(&self, mode: usize, x: &[f64], p: &[f64]) -> Option<Vec<f64>> {
        self.form(mode).state()?.wigner_at(x, p)
    }

    fn form(&self, mode: usize) -> Form<'_> {
        let part = |through: &ModeThrough| {
            let (mu, nu) = through.coefficients[mode];
            mu.norm_sqr() + nu.norm_sqr()
        };
        let present = self.through.iter().filter(|through| part(through) > ABSENT);
        let main = present.clone().max_by(|a, b| part(a).total_cmp(&part(b)));
        // One state that is not Gaussian has closed forms; several have those of their characteristic functions.
        let strange = present.clone().filter(|through| !through.state.is_gaussian()).count();
        let map = main.and_then(|through| Some((through, self.linear_map(mode, through).ok()?)));
        let exact = map.filter(|(through, _)| strange == usize::from(!through.state.is_gaussian()));
        let several = if exact.is_none() && strange > 0 { self.several_inputs(mode).ok() } else { None };
        let strangest = present.filter(|through| !through.state.is_gaussian());
        let strangest = strangest.max_by(|a, b| part(a).total_cmp(&part(b)));
        Form { gaussian: self.gaussian(&[mode]).ok(), strange, strangest, exact, several }
    }
}

/// In which form the state of a mode is known.
struct Form<'a> {
    /// The Gaussian state with its moments.
    gaussian: Option<Gaussian>,
    /// Number of sources in it whose states are not Gaussian, and the one with the largest part.
    strange: usize,
    strangest: Option<&'a ModeThrough>,
    /// The map from the source with the largest part, where no other is not Gaussian.
    exact: Option<(&'a ModeThrough, LinearMap)>,
    /// All sources, where that is not so.
    several: Option<SeveralInputs>,
}

impl Form<'_> {
    /// The state; none of one too large for either form: that of a Gaussian with its moments is another.
    fn state(&self) -> Option<ModeState<'_>> {
        let is_known = self.strange == 0 || self.exact.is_some() || self.several.is_some();
        let gaussian = self.gaussian.as_ref().filter(|_| is_known)?;
        let exact = self.exact.as_ref().map(|(through, map)| (*through, map));
        Some(ModeState { gaussian, exact, several: self.several.as_ref() })
    }
}

impl InputAnalysis {
    fn new(through: &ModeThrough, map: &LinearMap) -> Option<Self> {
        let output = map.output(&through.state).ok()?;
        Some(Self {
            source: through.source.clone(),
            fidelity: output.fidelity_with_input().ok(),
            negativity: output.negativity(VOLUME_ERROR),
        })
    }

    /// Beside others that are not Gaussian either.
    fn of_several(through: &ModeThrough, output: &SeveralInputs) -> Self {
        Self {
            source: through.source.clone(),
            fidelity: output.fidelity(&through.state).ok(),
            negativity: output.negativity(VOLUME_ERROR),
        }
    }
}

/// The state of a source's mode alone, where it is part of a joint one.
fn shared(network: &Network, name: &str) -> Option<Gaussian> {
    let source = network.sources.iter().position(|source| source.name == name)?;
    let part =
        |joint: &JointState| Some((joint.sources.iter().position(|own| *own == source)?, joint.state.clone()));
    let (place, state) = network.states.iter().find_map(part)?;
    let displacement = network.sources[source].drive.state().map_or(Complex64::ZERO, |state| state.moments().mean);
    state.reduced(&[place]).ok()?.displace(0, displacement).ok()
}
