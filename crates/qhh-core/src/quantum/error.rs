//! What can be wrong with a state of several modes or with a map between modes.

use crate::CircuitError;

/// Why something is no quantum state, or cannot be computed from one. Variances are in units where the vacuum has 1/2.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum QuantumError {
    #[error("{what} must have {expected} entries, got {got}")]
    WrongSize { what: &'static str, expected: usize, got: usize },
    #[error("{what} must be finite")]
    NotFinite { what: &'static str },
    #[error(
        "the covariance matrix must be symmetric, but entries ({row}, {column}) and ({column}, {row}) differ by {gap}"
    )]
    NotSymmetric { row: usize, column: usize, gap: f64 },
    #[error(
        "the covariance matrix is not positive definite in double precision (at quadrature {quadrature}): it is no \
         state's, or squeezed beyond what sixteen digits can hold"
    )]
    NotPositive { quadrature: usize },
    #[error(
        "the uncertainty relation is violated: the smallest symplectic eigenvalue is {:.6}, and none may be below 1/2 \
         by more than {allowed:.1e}", 0.5 - defect
    )]
    BeyondUncertainty { defect: f64, allowed: f64 },
    #[error("there is no mode {mode}: the state has {modes}")]
    NoSuchMode { mode: usize, modes: usize },
    #[error("mode {mode} is named twice")]
    NamedTwice { mode: usize },
    #[error("the transformation is not symplectic: commutators are off by {defect}")]
    NotSymplectic { defect: f64 },
    #[error("the mode's state is not Gaussian: its covariance does not determine it")]
    NotGaussian,
    #[error("the state to compare with is mixed: only pure ones have a fidelity here")]
    NotPure,
    #[error(
        "the rest's covariance is {defect} short of what the commutator {commutator} of the rest asks for, allowed \
         {allowed}"
    )]
    NotEnoughNoise { defect: f64, commutator: f64, allowed: f64 },
    #[error("a superposition reaching {photons} photons is too many for an exact map, which goes to {most}")]
    TooManyPhotons { photons: u32, most: u32 },
    #[error(
        "the negative part of the Wigner function cannot be resolved: the state is too large, or squeezed or displaced \
         beyond what sixteen digits can hold"
    )]
    NotResolved,
    #[error(transparent)]
    State(#[from] CircuitError),
}
