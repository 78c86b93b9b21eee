//! Learning: a network as a reservoir of features, a readout trained on them.
//!
//! data ([`dataset`], [`generate`]) -> what sources do ([`encode`]) -> runs ([`reservoir`]) -> features ([`features`])
//! -> a trained readout ([`readout`]) -> scores ([`scores`]), beside baselines ([`baseline`]) in the same study
//! ([`study`]). Words are scikit-learn's where it has them: fit, predict, score, alpha, C.

mod assemble;
pub mod baseline;
pub mod capacity;
pub mod dataset;
mod drive;
pub mod encode;
mod error;
pub mod features;
pub mod generate;
pub mod logistic;
pub mod model;
pub mod readout;
pub mod reservoir;
pub mod ridge;
pub mod scale;
pub mod scores;
pub mod shots;
mod split;
pub mod study;
mod watch;

pub use error::LearnError;
pub use reservoir::Reservoir;
pub use study::Study;
pub(crate) use watch::Observer;
pub use watch::{RunCache, Watch};
