//! Thresholds against a direct scan.

use std::convert::Infallible;

use qhh_core::units::UnitSystem;
use qhh_lab::measure::Condition;
use qhh_lab::sweep::{Ends, Search, SearchError, bisect, bisect_within};
use qhh_net::network::Network;

use crate::models;

fn chain(transmission: f64) -> Network {
    let mut network = models::passive_chain(5, 40.0, 0.02);
    network.waveguides[0].transmission = transmission.into();
    network
}

fn arrives(transmission: f64) -> bool {
    let mut network = chain(transmission);
    let population = network.populations[0].name.clone();
    let condition = format!("{population}[4].spikes >= 1");
    let condition = Condition::parse(&condition, UnitSystem::HodgkinHuxley).unwrap();
    condition.measure().require_recording(&mut network).unwrap();
    condition.holds(&network, &models::run(&network))
}

/// Five neurons with the working values: the smallest power transmission that lets a spike through all of them.
#[test]
fn the_threshold_of_a_chain_is_where_a_direct_scan_has_it() {
    let search = Search { ends: Ends::Between(0.1, 1.0), tolerance: 1e-3 };
    let found = bisect(search, |transmission| Ok::<_, Infallible>(arrives(transmission))).unwrap();
    let scanned =
        (0..=50).map(|k| 0.25 + 0.001 * f64::from(k)).find(|&transmission| arrives(transmission)).unwrap();
    assert!((found.threshold() - scanned).abs() <= 1.5e-3, "{} and {scanned}", found.threshold());
    assert!((found.holds - found.fails).abs() <= 1e-3 && found.holds > found.fails);
    // A little above a quarter.
    assert!((0.25..0.28).contains(&found.threshold()), "{}", found.threshold());
}

#[test]
fn a_search_without_ends_halves_and_doubles_until_the_condition_changes() {
    for (threshold, start) in [(0.3, 1.0), (50.0, 1.0), (-3.0, -1.0)] {
        let search = Search { ends: Ends::Around(start), tolerance: 1e-9 };
        let found = bisect(search, |x| Ok::<_, Infallible>(x >= threshold)).unwrap();
        assert!((found.threshold() - threshold).abs() <= 1e-9, "{found:?}");
    }
}

/// Beyond 4 nothing can run: the other way is searched all the same.
#[test]
fn a_search_without_ends_stops_where_runs_fail() {
    let run = |x: f64| if x > 4.0 { Err("out of range") } else { Ok(x < 0.01) };
    let found = bisect(Search { ends: Ends::Around(1.0), tolerance: 1e-6 }, run).unwrap();
    assert!((found.threshold() - 0.01).abs() <= 1e-6);
}

#[test]
fn ends_that_agree_and_runs_that_fail_are_told_apart() {
    let search = Search { ends: Ends::Between(0.0, 1.0), tolerance: 0.1 };
    assert_eq!(bisect(search, |_| Ok::<_, &str>(true)), Err(SearchError::Everywhere { from: 0.0, to: 1.0 }));
    assert_eq!(bisect(search, |_| Ok::<_, &str>(false)), Err(SearchError::Nowhere { from: 0.0, to: 1.0 }));
    let fails = bisect(search, |x| if x == 0.5 { Err("no") } else { Ok(x > 0.7) });
    assert_eq!(fails, Err(SearchError::Run { at: 0.5, cause: "no" }));
    let none = Search { tolerance: 0.0, ..search };
    assert!(matches!(bisect(none, |_| Ok::<_, &str>(true)), Err(SearchError::Tolerance { .. })));
}

#[test]
fn a_tolerance_below_the_last_digit_still_ends() {
    let search = Search { ends: Ends::Between(0.0, 1.0), tolerance: 1e-300 };
    let found = bisect(search, |x| Ok::<_, Infallible>(x > 1.0 / 3.0)).unwrap();
    assert!((found.threshold() - 1.0 / 3.0).abs() < 1e-15 && found.runs < 2000);
}

/// Doubling 0.7 leads beyond 1, where the condition changes.
#[test]
fn a_search_around_a_value_tries_the_last_that_is_allowed() {
    let search = Search { ends: Ends::Around(0.7), tolerance: 1e-9 };
    let asked = std::cell::RefCell::new(Vec::new());
    let allowed = |x: f64| (0.05..=1.0).contains(&x);
    let holds = |x: f64| {
        asked.borrow_mut().push(x);
        Ok::<_, Infallible>(x >= 1.0)
    };
    let found = bisect_within(search, allowed, holds).unwrap();
    assert_eq!(found.holds, 1.0);
    assert!(asked.borrow().iter().all(|&x| allowed(x)), "{:?}", asked.borrow());
    let nowhere = bisect_within(search, allowed, |_| Ok::<_, Infallible>(false));
    assert_eq!(nowhere, Err(SearchError::Nowhere { from: 0.05, to: 1.0 }));
}
