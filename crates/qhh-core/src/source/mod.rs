//! What is fed into a neuron: classical currents ([`current`]) and the paper's one-mode quantum source ([`mode`]).

pub mod current;
pub mod draws;
pub mod mode;
pub mod noise;
pub mod packet;
pub mod segment;
pub mod train;

pub use current::{Current, Shape, SteppedCurrent};
pub use draws::{Draws, Key};
pub use mode::{Envelope, ModeSource, SteppedMode};
pub use noise::NoiseWindow;
pub use packet::Packet;
pub use segment::Segment;
pub use train::{Pulse, PulseTimes, Train};
