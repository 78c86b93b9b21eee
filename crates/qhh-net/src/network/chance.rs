//! What of a network the seed decides.

use qhh_core::source::{PulseTimes, Shape};

use super::{Delay, Drive, Fluctuations, Network, ParameterValues, Pattern, Source, Waveguides};

impl Network {
    /// Whether another seed makes another run: anything is drawn that does not follow a `structure_seed`.
    pub fn depends_on_seed(&self) -> bool {
        let structure = || {
            let populations = self.populations.iter().flat_map(|population| &population.varied);
            let scales = self.sources.iter().filter_map(|source| source.scale.as_ref());
            populations.map(|variation| &variation.values).chain(scales).any(ParameterValues::is_drawn)
                || self.waveguides.iter().any(Waveguides::is_drawn)
        };
        self.quantum.is_some_and(|quantum| quantum.fluctuations == Fluctuations::Wigner)
            || self.sources.iter().any(Source::is_drawn)
            || (self.simulation.structure_seed.is_none() && structure())
    }
}

impl ParameterValues {
    fn is_drawn(&self) -> bool {
        matches!(self, Self::Uniform { .. } | Self::Normal { .. }) && self.same().is_none()
    }
}

impl Source {
    /// Whether its course in time is drawn.
    fn is_drawn(&self) -> bool {
        let Drive::Current(current) = &self.drive else { return false };
        match &current.shape {
            Shape::Noise { .. } => true,
            Shape::Train(train) => match train.times {
                PulseTimes::Poisson { .. } => true,
                PulseTimes::Regular { jitter, .. } | PulseTimes::Listed { jitter, .. } => jitter > 0.0,
            },
            _ => false,
        }
    }
}

impl Waveguides {
    /// Whether who is joined, or what a wave meets, is drawn.
    fn is_drawn(&self) -> bool {
        let (Delay::Time(delay) | Delay::Length { length: delay, .. }) = &self.delay;
        let pattern = match self.pattern {
            Pattern::FixedFanIn { .. } | Pattern::Random { .. } => true,
            Pattern::SmallWorld { rewire, .. } => rewire > 0.0,
            _ => false,
        };
        pattern || [delay, &self.transmission, &self.weight, &self.gain].into_iter().any(ParameterValues::is_drawn)
    }
}
