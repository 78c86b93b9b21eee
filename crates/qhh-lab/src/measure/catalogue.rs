//! The quantities there are, each once: name, what it is measured of, unit, meaning.

use qhh_core::units::Dimension;

/// One quantity that can be measured.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// What it is measured of.
    pub about: MeasureTarget,
    /// What it is.
    pub meaning: &'static str,
}

/// What a quantity is measured of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureTarget {
    /// Neurons: `relay[3]`, `relay[0..3]`, a population, or the whole network.
    Neurons,
    /// A row of numbers of each of some neurons, to be reduced to one.
    Series,
    /// An entry of waveguides.
    Waveguides,
    /// A mode of outgoing waves.
    Mode,
    /// Two modes, `left+right`.
    Pair,
    /// The network.
    Network,
}

impl MeasureTarget {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Neurons | Self::Series => "neurons",
            Self::Waveguides => "an entry of waveguides",
            Self::Mode => "a mode of outgoing waves",
            Self::Pair => "two modes",
            Self::Network => "the network",
        }
    }
}

/// Unit of a measure's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The unit system's own.
    MeasureKind(Dimension),
    /// None: a share.
    Share,
    /// Counts per time.
    PerTime,
    /// Decibels.
    Decibel,
    /// Natural units of information.
    Nats,
}

macro_rules! quantities {
    ($($(#[$doc:meta])* $group:ident $about:ident { $($variant:ident $name:literal $unit:expr, $meaning:literal;)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub(super) enum $group { $($variant,)* }

            impl $group {
                pub(super) fn parse(name: &str) -> Option<Self> {
                    match name { $($name => Some(Self::$variant),)* _ => None }
                }

                pub(super) fn unit(self) -> Unit {
                    match self { $(Self::$variant => $unit,)* }
                }
            }
        )*

        /// Every quantity but the rows of numbers, which are the names that `record` knows and `area_K`, `area_Na`.
        pub const CATALOGUE: &[Entry] = &[
            $($(Entry { name: $name, about: MeasureTarget::$about, meaning: $meaning },)*)*
        ];
    };
}

const NUMBER: Unit = Unit::MeasureKind(Dimension::NUMBER);
const TIME: Unit = Unit::MeasureKind(Dimension::TIME);
const ENERGY: Unit = Unit::MeasureKind(Dimension::ENERGY);

quantities! {
    /// Of the spikes of the mean field.
    Spikes Neurons {
        Count "spikes" NUMBER, "number of spikes";
        Fired "fired" NUMBER, "number of neurons that fire";
        First "first_spike" TIME, "time of the first spike";
        Last "last_spike" TIME, "time of the last spike";
        LastNeuron "last_neuron" NUMBER, "number, within the subject, of the last neuron that fires";
        Rate "rate" Unit::PerTime, "spikes of a neuron per time, over the whole run";
        Interval "interval" TIME, "mean time from a neuron's spike to its next";
        Spread "spread" TIME, "standard deviation of the neurons' first spikes";
    }
    /// Of the noise of spikes.
    Firing Neurons {
        Jitter "jitter" TIME, "standard deviation of the time of the first spike, by noise; mean over neurons";
        Probability "firing_probability" Unit::Share, "part of the samples in which the first spike of the mean field happens";
        SampleSpikes "sample_spikes" NUMBER, "spikes of a sample, on average, over all neurons";
    }
    /// Of spikes through waveguides.
    Passage Waveguides {
        Time "passage" TIME, "mean time from a sender's first spike to the receiver's first after it";
        Speed "speed" Unit::PerTime, "neurons per time that a spike passes: one over `passage`";
        Velocity "velocity" Unit::MeasureKind(Dimension::VELOCITY), "length per time that a spike passes, where lengths are given";
        Passed "passed" Unit::Share, "part of the waveguides whose sender fires that make the receiver fire; none where no sender fires, or of more than 10 million waveguides";
    }
    /// Of the state of one mode.
    Mode Mode {
        Photons "photons" NUMBER, "mean number of photons";
        MeanPhotons "mean_photons" NUMBER, "photons of its mean amplitude alone, |<b>|^2";
        Transmission "transmission" Unit::Share, "share of the sources' quanta that arrives in this mode, |mu|^2 of b = mu a + ..";
        Squeezing "squeezing" Unit::Decibel, "variance of the quietest quadrature, in decibels below the vacuum's";
        SmallestVariance "smallest_variance" NUMBER, "variance of the quietest quadrature; the vacuum's is 1/2";
        Purity "purity" Unit::Share, "purity of the Gaussian state of these moments";
    }
    /// Of two modes together.
    Pair Pair {
        Negativity "negativity" Unit::Nats, "logarithmic negativity of one mode with the other";
        Information "mutual_information" Unit::Nats, "mutual information of one mode with the other";
    }
    /// Of the energy of the waves.
    Waves Network {
        Sent "energy_sent" ENERGY, "energy that ports send into waveguides";
        Arrived "energy_arrived" ENERGY, "energy that arrives at ports through waveguides";
        Lost "energy_lost" ENERGY, "energy that waveguides absorb: sent, neither arrived nor under way at the end";
    }
}
