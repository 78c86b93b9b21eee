//! Published neurons, made of the library's channels.

#![allow(clippy::unwrap_used, reason = "the library has them")]

use qhh_core::channel::Channel;
use qhh_core::circuit::{Circuit, Inputs};
use qhh_core::gating::Gating;
use qhh_core::gating::library::Published;
use qhh_core::name::Name;

/// A channel by its name, with a battery or none.
pub fn channel(name: &str, gating: Gating, conductance: f64, reversal: impl Into<Option<f64>>) -> Channel {
    Channel { name: Name::new(name), gating, conductance, reversal: reversal.into() }
}

/// A channel of the library with its published reversal potential.
pub fn published(name: &str, conductance: f64) -> Channel {
    let entry = Published::named(name).unwrap();
    channel(name, entry.gating(&[], None).unwrap(), conductance, entry.reversal)
}

/// A resistor and a battery.
pub fn leak(conductance: f64, reversal: f64) -> Channel {
    channel("leak", Gating::leak(), conductance, reversal)
}

/// A neuron of some channels, without ports.
pub fn circuit(capacitance: f64, channels: Vec<Channel>) -> Circuit {
    Circuit {
        capacitance,
        channels: channels.into_iter().collect(),
        output: None,
        inputs: Inputs::NONE,
        sense: None,
    }
}

/// Connor and Stevens (1971).
pub fn connor_stevens() -> Circuit {
    let own = vec![
        published("connor-stevens-sodium", 120.0),
        published("connor-stevens-potassium", 20.0),
        published("connor-stevens-a", 47.7),
        leak(0.3, -17.0),
    ];
    circuit(1.0, own)
}

/// Morris and Lecar (1981).
pub fn morris_lecar() -> Circuit {
    let own =
        vec![published("morris-lecar-calcium", 4.4), published("morris-lecar-potassium", 8.0), leak(2.0, -60.0)];
    circuit(20.0, own)
}

/// Wang and Buzsaki (1996).
pub fn wang_buzsaki() -> Circuit {
    let own = [published("wang-buzsaki-sodium", 35.0), published("wang-buzsaki-potassium", 9.0), leak(0.1, -65.0)];
    circuit(1.0, own.to_vec())
}

/// Traub and Miles (1991), and one channel more.
pub fn traub_miles(more: Option<Channel>) -> Circuit {
    let own =
        [published("traub-miles-sodium", 100.0), published("traub-miles-potassium", 30.0), leak(0.05, -60.0)];
    circuit(1.0, own.into_iter().chain(more).collect())
}
