//! Sweeps: points of a design, each a run, each measured; and thresholds along one value.
//!
//! [`Plan::points`] lays the points, [`each`] takes them through a closure on several threads and hands the answers
//! over as they come, [`bisect`] finds where a condition begins to hold. What a point makes of a network is the
//! closure's business: the same for a file's values as for a program's own.
//!
//! # Examples
//! ```
//! use qhh_lab::sweep::{Axis, Design, Plan, Workers, each};
//! let plan = Plan {
//!     axes: vec![Axis::linear("gain", 0.0, 1.0, 3), Axis::list("layers", [2.0, 4.0])],
//!     design: Design::Grid,
//!     repeats: 1,
//!     seed: 1,
//! };
//! let points = plan.points()?;
//! let mut products = vec![0.0; points.len()];
//! let run = |point: &qhh_lab::sweep::Point, _threads| point.value("gain") * point.value("layers");
//! each(&points, Workers::new(2, points.len()), run, |point, product| {
//!     products[point.number] = product;
//!     std::ops::ControlFlow::Continue(())
//! });
//! assert_eq!(products, [0.0, 0.0, 1.0, 2.0, 2.0, 4.0]);
//! # Ok::<(), qhh_lab::sweep::PlanError>(())
//! ```

mod bisect;
mod plan;
mod workers;

pub use bisect::{Ends, Found, Search, SearchError, bisect, bisect_within};
pub use plan::{Axis, Coordinate, Design, Plan, PlanError, Point, Values};
pub use workers::{Workers, each};
