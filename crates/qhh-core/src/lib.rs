//! One quantized Hodgkin-Huxley neuron: its circuit, the noise of its lines, its course in time.
//!
//! Numbers in, numbers out: this crate knows no networks, files, threads or screen. All values are in one coherent
//! unit system ([`units`]); the docs give the `hodgkin-huxley` units (mV, ms, mS, uF, uA, kOhm, rad/ms).
//!
//! "Paper" is T. Gonzalez-Raya, E. Solano, M. Sanz, Quantum 4, 224 (2020), and for one channel T. Gonzalez-Raya et
//! al., Phys. Rev. Applied 12, 014037 (2019); "ours" marks what goes beyond them.
//!
//! # Examples
//! The noise current of potassium's line, squared and per frequency, in vacuum and in heat:
//! ```
//! use qhh_core::quantum::bath::Bath;
//!
//! // hbar = 0.5 uF mV² ms, at kT = 0 and at kT = 5 uF mV².
//! let vacuum = Bath { hbar: 0.5, thermal_energy: 0.0, cutoff: 100.0 };
//! let warm = Bath { thermal_energy: 5.0, ..vacuum };
//! // 36 mS at 6 rad/ms: g hbar w coth(hbar w/2kT)/pi.
//! let density = |bath: &Bath| 36.0 * bath.energy(6.0) / std::f64::consts::PI;
//! assert!(density(&warm) > 3.0 * density(&vacuum));
//! ```
#![doc = ""]
#![doc = include_str!("../doc/circuit.svg")]

pub mod channel;
pub mod circuit;
mod error;
pub mod gates;
pub mod gating;
pub mod hysteresis;
pub mod integrate;
pub mod name;
pub mod normal;
pub mod port;
pub mod quantum;
pub mod rest;
pub mod sense;
pub mod source;
pub mod state;
pub mod stop;
pub mod tangent;
pub mod time_grid;
pub mod units;

pub use error::CircuitError;
pub use nalgebra;
pub use num_complex;
