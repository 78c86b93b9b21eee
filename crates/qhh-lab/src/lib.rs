//! Many runs: sweeps over a network's values, thresholds, and learning with a network as a reservoir.
//!
//! Knows no YAML, no files and no screen: what varies is handed in as closures from points to networks.
//!
//! # Examples
//! A threshold, searched for by halving:
//! ```
//! use qhh_lab::sweep::{Ends, Search, bisect};
//!
//! let search = Search { ends: Ends::Between(0.0, 2.0), tolerance: 1e-6 };
//! let found = bisect(search, |x| Ok::<_, std::convert::Infallible>(x * x >= 2.0))?;
//! assert!((found.threshold() - 2f64.sqrt()).abs() <= 5e-7);
//! # Ok::<(), qhh_lab::sweep::SearchError<std::convert::Infallible>>(())
//! ```
#![doc = ""]
#![doc = include_str!("../../qhh/doc/flow.svg")]

pub mod learn;
pub mod measure;
pub mod objective;
pub mod sweep;
pub mod verify;
