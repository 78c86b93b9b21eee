//! What is fed into a neuron: classical currents ([`current`]) and the paper's one-mode quantum source ([`mode`]).

pub mod current;
pub mod mode;
pub mod noise;
pub mod packet;

pub use current::{Current, Segment, Shape, SteppedCurrent};
pub use mode::{Envelope, ModeSource, SteppedMode};
pub use noise::{Key, NoiseWindow, Normals};
pub use packet::Packet;
