//! Which quantum fluctuations a run computes, and how.

/// Quantum fluctuations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantum {
    /// Reduced Planck constant in the unit system.
    pub hbar: f64,
    /// `k_B T` in the unit system.
    pub thermal_energy: f64,
    /// Highest angular frequency of the noise.
    pub cutoff: f64,
    /// How fluctuations are computed.
    pub fluctuations: Fluctuations,
    /// Frequencies of every line (heisenberg); none to have as many as the variance takes.
    pub modes: Option<usize>,
    /// Number of samples (wigner).
    pub samples: usize,
    /// What the gates follow (heisenberg and wigner).
    pub feedback: Feedback,
}

/// What gates do about fluctuations of the voltage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Feedback {
    /// Nothing: they follow the mean voltage, as in the papers.
    Mean,
    /// They respond: to first order beside field modes, in full in samples, where each sample's gates follow its own voltage.
    #[default]
    Full,
}

/// How fluctuations are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fluctuations {
    /// Not at all.
    None,
    /// From the conductances of the instant ([`qhh_core::quantum::variance`]).
    Adiabatic,
    /// By field modes through the whole network ([`qhh_core::quantum::heisenberg`]).
    Heisenberg,
    /// By samples of the fields ([`qhh_core::quantum::sampled`]).
    Wigner,
}

impl Fluctuations {
    /// Whether they are computed beside the mean field, in many tasks that share threads.
    pub fn in_tasks(self) -> bool {
        matches!(self, Self::Heisenberg | Self::Wigner)
    }
}

impl Quantum {
    /// Whether gates respond to fluctuations that are computed beside the mean field.
    pub fn gates_respond(self) -> bool {
        self.fluctuations.in_tasks() && self.feedback == Feedback::Full
    }

    /// Fluctuations from the conductances of the instant, at zero temperature, up to 200 rad/ms.
    pub fn new(hbar: f64) -> Self {
        Self {
            hbar,
            thermal_energy: 0.0,
            cutoff: 200.0,
            fluctuations: Fluctuations::Adiabatic,
            modes: None,
            samples: 1000,
            feedback: Feedback::default(),
        }
    }
}
