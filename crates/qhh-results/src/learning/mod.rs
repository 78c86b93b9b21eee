//! What learning leaves: a folder with scores, predictions, a model and a page; and a model read back.
//!
//! | file | holds |
//! | --- | --- |
//! | `summary.json` | scores of every learner and what the features are good for: [`qhh_lab::learn::study::Summary`] |
//! | `scores.csv`, or in another format, as all tables | one row for each learner and part |
//! | `predictions.csv` | truth and prediction of the first seed, row by row |
//! | `model.json` | the trained model of the first seed: [`model`] |
//! | `network.yaml` | the network, and beside it the files it refers to |
//! | `task.yaml` | the task as it was typed |
//! | `features_seed1.csv`, `targets_seed1.csv` | what was learned from, of every seed, if it was to be exported |
//! | `report.html` | the page to look at |
//! | `SHA256SUMS` | the checksum of each of these |

mod export;
pub mod model;
mod verify;
mod write;

pub use export::Exported;
pub use model::{MODEL, ModelError};
pub(crate) use verify::{faults, is_at};
pub use write::{Learned, write};
