//! What comparisons of many networks add up to.

use std::fmt;

use qhh_net::Network;

/// Halvings of the step at most.
pub const MOST_LEVELS: usize = 5;

/// What was compared.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    pub networks: usize,
    pub neurons: usize,
    pub waveguides: usize,
    pub spikes: usize,
    /// Networks with amplifiers whose waves grow beyond all bounds, which the engine must say.
    pub runaways: usize,
}

impl Counts {
    /// One network, whose spikes are not known yet.
    pub fn of(network: &Network) -> Self {
        let arms = network.waveguides.iter().map(|entry| network.n_arms(entry));
        Self { networks: 1, neurons: network.n_neurons(), waveguides: arms.sum(), ..Self::default() }
    }

    /// One network that ran away.
    pub fn runaway() -> Self {
        Self { networks: 1, runaways: 1, ..Self::default() }
    }

    pub fn take(&mut self, other: Self) {
        self.networks += other.networks;
        self.neurons += other.neurons;
        self.waveguides += other.waveguides;
        self.spikes += other.spikes;
        self.runaways += other.runaways;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { networks, neurons, waveguides, spikes, runaways } = self;
        write!(f, "{networks} networks, {neurons} neurons, {waveguides} waveguides, {spikes} spikes; ")?;
        write!(f, "amplified beyond all bounds, and told so: {runaways}")
    }
}

/// The larger of each.
pub fn worst<const N: usize>(a: [f64; N], b: [f64; N]) -> [f64; N] {
    std::array::from_fn(|k| a[k].max(b[k]))
}

/// How the errors of several figures fell with the step.
#[derive(Clone, Copy)]
pub struct Order<const N: usize> {
    /// Networks that took so many halvings to show the order of the method.
    halvings: [usize; MOST_LEVELS],
    /// Worst errors at the coarsest and the last step.
    first: [f64; N],
    last: [f64; N],
}

impl<const N: usize> Default for Order<N> {
    fn default() -> Self {
        Self { halvings: [0; MOST_LEVELS], first: [0.0; N], last: [0.0; N] }
    }
}

impl<const N: usize> Order<N> {
    /// One network, by its errors at steps each half the one before; an error at the first that tells nothing is infinite.
    pub fn of(errors: &[[f64; N]]) -> Self {
        let mut order = Self {
            first: errors[0].map(|error| if error.is_finite() { error } else { 0.0 }),
            last: errors[errors.len() - 1],
            ..Self::default()
        };
        order.halvings[errors.len() - 1] = 1;
        order
    }

    pub fn take(&mut self, other: &Self) {
        for (a, b) in self.halvings.iter_mut().zip(other.halvings) {
            *a += b;
        }
        (self.first, self.last) = (worst(self.first, other.first), worst(self.last, other.last));
    }

    /// Errors as `said`.
    pub fn told(&self, step: f64, said: impl Fn([f64; N]) -> String) -> String {
        format!(
            "halvings of the step until the order shows (0 to 4): {:?}\nworst at the step of {step} ms: {}\nworst at \
             the last step: {}",
            self.halvings,
            said(self.first),
            said(self.last)
        )
    }
}
