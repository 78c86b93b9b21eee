//! How a run is stepped through time.

use qhh_core::circuit::BathRule;

/// Time stepping.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeStepping {
    /// Length of the run.
    pub duration: f64,
    /// Time step.
    pub step: f64,
    /// How the equations are solved.
    pub method: Method,
    /// How the channels' noise lines are quantized.
    pub baths: BathRule,
    /// Seed of every random stream, those of the structure aside where these have one.
    pub seed: u64,
    /// Seed of the structure: patterns of waveguides, values that differ between neurons and waveguides, and
    /// amplitudes that differ between the neurons a source feeds. `seed` if none is given ([`TimeStepping::seed_of_structure`]).
    pub structure_seed: Option<u64>,
    /// Voltage whose upward crossing is a spike, in every neuron; if none is given it is 0, in neurons with batteries
    /// alone ([`super::Population::spike_threshold`]).
    pub spike_threshold: Option<f64>,
    /// Numbers the neurons are stepped in.
    pub precision: Precision,
    /// Distance from rest below which a neuron that nothing arrives at sleeps, and below which its waves count as
    /// none; 0 for never. See [`qhh_core::integrate::sleep`].
    pub sleep: f64,
}

/// Numbers the neurons are stepped in. Delay lines and outputs are double whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Double.
    #[default]
    F64,
    /// Single: about twice as fast, with the period of firing off by up to 2e-4 of itself.
    F32,
}

/// How the equations are solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// The circuit equations step by step ([`qhh_core::integrate::langevin`]).
    #[default]
    Langevin,
    /// The stationary response at every instant ([`qhh_core::integrate::adiabatic`]).
    Adiabatic,
}

impl TimeStepping {
    /// A run of `duration` in steps of `step`: langevin, independent baths, seed 1, no spike threshold given, double
    /// precision, no sleep.
    pub fn new(duration: f64, step: f64) -> Self {
        Self {
            duration,
            step,
            method: Method::default(),
            baths: BathRule::default(),
            seed: 1,
            structure_seed: None,
            spike_threshold: None,
            precision: Precision::default(),
            sleep: 0.0,
        }
    }

    /// Seed of what the network is: patterns, spreads and factors. Noise, random spikes and samples take
    /// [`TimeStepping::seed`].
    pub fn seed_of_structure(&self) -> u64 {
        self.structure_seed.unwrap_or(self.seed)
    }
}
