//! What is fed into a neuron: classical currents ([`current`]) and the paper's one-mode quantum source ([`mode`]).

pub mod current;
pub mod mode;
pub mod packet;

pub use current::{Current, Segment, Shape};
pub use mode::{Envelope, ModeSource};
pub use packet::Packet;
