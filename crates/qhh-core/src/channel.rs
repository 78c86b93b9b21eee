//! Ion channels: memristors and resistors from the node to ground, each with or without a battery.
//!
//! A channel carries the current `g (V - E)` with `g = G prod_k x_k^(p_k)`; without a battery, as in the papers,
//! `E = 0`. The papers' are potassium, `G_K n^4`, sodium, `G_Na m^3 h`, and chloride, `g_Cl`. How gates move is
//! [`crate::gating`]'s business, the I-V loop a memristor draws is [`crate::hysteresis`]'s.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::gating::Gating;
use crate::name::Name;

/// Most channels of a neuron.
pub const MAX_CHANNELS: usize = 16;

/// One channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Name.
    pub name: Name,
    /// How its gates move.
    pub gating: Gating,
    /// Conductance with every gate open (mS in `hodgkin-huxley` units).
    pub conductance: f64,
    /// Reversal potential of the battery (mV in `hodgkin-huxley` units); none in the papers' neuron.
    pub reversal: Option<f64>,
}

impl Channel {
    /// The papers' potassium memristor.
    pub fn potassium(conductance: f64, reversal: impl Into<Option<f64>>) -> Self {
        Self { name: Name::POTASSIUM, gating: Gating::potassium(None), conductance, reversal: reversal.into() }
    }

    /// The papers' sodium memristor.
    pub fn sodium(conductance: f64, reversal: impl Into<Option<f64>>) -> Self {
        Self { name: Name::SODIUM, gating: Gating::sodium(None), conductance, reversal: reversal.into() }
    }

    /// The papers' chloride resistor.
    pub fn chloride(conductance: f64, reversal: impl Into<Option<f64>>) -> Self {
        Self { name: Name::CHLORIDE, gating: Gating::leak(), conductance, reversal: reversal.into() }
    }

    /// Whether its conductance changes.
    pub fn is_gated(&self) -> bool {
        !self.gating.gates().is_empty()
    }

    /// Current from the node to ground at a conductance and the node's voltage.
    #[inline]
    pub fn current(&self, conductance: f64, v: f64) -> f64 {
        conductance * (v - self.reversal.unwrap_or(0.0))
    }
}

/// The channels of a neuron, in order; cheap to copy.
#[derive(Debug, Clone, PartialEq)]
pub struct Channels(Arc<[Channel]>);

impl Channels {
    /// The papers' three: conductances and reversal potentials of potassium, sodium and chloride.
    pub fn three(conductances: [f64; 3], reversals: impl Into<Option<[f64; 3]>>) -> Self {
        let [potassium, sodium, chloride] = conductances;
        let [k, na, cl] = reversals.into().map_or([None; 3], |reversals| reversals.map(Some));
        let list =
            [Channel::potassium(potassium, k), Channel::sodium(sodium, na), Channel::chloride(chloride, cl)];
        list.into_iter().collect()
    }

    /// The papers' potassium memristor alone.
    pub fn single(conductance: f64, reversal: impl Into<Option<f64>>) -> Self {
        std::iter::once(Channel::potassium(conductance, reversal)).collect()
    }

    /// The channel of a name.
    pub fn named(&self, name: Name) -> Option<&Channel> {
        self.iter().find(|channel| channel.name == name)
    }
}

impl FromIterator<Channel> for Channels {
    fn from_iter<I: IntoIterator<Item = Channel>>(channels: I) -> Self {
        Self(channels.into_iter().collect())
    }
}

impl Deref for Channels {
    type Target = [Channel];
    fn deref(&self) -> &[Channel] {
        &self.0
    }
}

impl DerefMut for Channels {
    fn deref_mut(&mut self) -> &mut [Channel] {
        Arc::make_mut(&mut self.0)
    }
}

/// Conductances of the channels at one instant, in their order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conductances(SmallVec<[f64; 4]>);

impl Conductances {
    /// Their sum: what Kirchhoff's law sees.
    #[inline]
    pub fn total(&self) -> f64 {
        self.0.iter().fold(0.0, |sum, g| sum + g)
    }
}

impl FromIterator<f64> for Conductances {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl<const N: usize> From<[f64; N]> for Conductances {
    fn from(values: [f64; N]) -> Self {
        values.into_iter().collect()
    }
}

impl Deref for Conductances {
    type Target = [f64];
    fn deref(&self) -> &[f64] {
        &self.0
    }
}

impl DerefMut for Conductances {
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.0
    }
}
