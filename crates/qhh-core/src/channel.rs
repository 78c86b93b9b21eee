//! Ion channels: memristors (potassium, sodium) and a resistor (chloride), each with or without a battery.
//!
//! Potassium is `g_K = G_K n^4`, sodium `g_Na = G_Na m^3 h`, chloride `g_Cl`. A channel carries the current
//! `g (V - E)`; without a battery, as in the papers, `E = 0`. Gates are [`crate::gates`]'s business, the I-V loop
//! a memristor draws is [`crate::hysteresis`]'s.

/// One channel's maximal conductance and battery.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Channel {
    /// Conductance with every gate open (mS in `hodgkin-huxley` units).
    pub conductance: f64,
    /// Reversal potential of the battery (mV in `hodgkin-huxley` units); none in the papers' neuron.
    pub reversal: Option<f64>,
}

/// Conductances of the three channels at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Conductances {
    /// `g_K`.
    pub potassium: f64,
    /// `g_Na`; 0 in a single-channel neuron.
    pub sodium: f64,
    /// `g_Cl`; 0 in a single-channel neuron.
    pub chloride: f64,
}

impl Conductances {
    /// Their sum: what Kirchhoff's law sees.
    #[inline]
    pub fn total(self) -> f64 {
        self.potassium + self.sodium + self.chloride
    }
}
