//! Modes of outgoing waves whose quantum state is computed.

use qhh_core::circuit::PortRole;
use qhh_core::source::Packet;

/// A mode of the wave that leaves a port.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputMode {
    /// Name.
    pub name: String,
    /// Number of the neuron.
    pub neuron: usize,
    /// The port.
    pub port: PortRole,
    /// Envelope and carrier.
    pub envelope: OutputEnvelope,
}

impl OutputMode {
    /// Names of the modes it comes to: its own, or with `.1`, `.2`, .. of dominant ones. Of those there may be
    /// fewer in the end.
    pub fn names(&self) -> Vec<String> {
        match &self.envelope {
            OutputEnvelope::Packet(_) => vec![self.name.clone()],
            OutputEnvelope::Dominant(search) => (1..=search.count).map(|k| format!("{}.{k}", self.name)).collect(),
        }
    }
}

/// Which mode of an outgoing wave.
#[derive(Debug, Clone, PartialEq)]
pub enum OutputEnvelope {
    /// A given one.
    Packet(Packet),
    /// Those that hold most quanta.
    Dominant(Search),
}

/// Modes on a carrier within a stretch of time, as far as packets side by side resolve them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// Angular frequency of the carrier.
    pub carrier: f64,
    /// Width of the packets: envelopes are resolved to about this.
    pub width: f64,
    /// Centre of the first packet.
    pub from: f64,
    /// Centre of the last.
    pub to: f64,
    /// Modes to be found at most.
    pub count: usize,
}

impl Search {
    /// Distance between packets at most, in widths: neighbours overlap by three quarters.
    const SPACING: f64 = 1.5;

    /// Number of packets.
    pub fn n_packets(&self) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of packets")]
        let gaps = ((self.to - self.from) / (Self::SPACING * self.width)).ceil().clamp(0.0, 1e6) as usize;
        gaps + 1
    }

    /// The packets, evenly spaced.
    pub fn packets(&self) -> Vec<Packet> {
        let n = self.n_packets();
        let part = |k: usize| if n > 1 { k as f64 / (n - 1) as f64 } else { 0.0 };
        let centre = |k: usize| self.from + part(k) * (self.to - self.from);
        (0..n).map(|k| Packet { carrier: self.carrier, centre: centre(k), width: self.width }).collect()
    }
}

impl OutputEnvelope {
    /// The packets it is made of.
    pub fn packets(&self) -> Vec<Packet> {
        match self {
            Self::Packet(packet) => vec![*packet],
            Self::Dominant(search) => search.packets(),
        }
    }
}
