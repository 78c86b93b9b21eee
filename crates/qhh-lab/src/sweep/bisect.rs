//! Where a condition begins to hold along one value, by halving.

/// Where to search, and how closely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// Where.
    pub ends: Ends,
    /// Width of the interval that is good enough; above zero.
    pub tolerance: f64,
}

/// Where to search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ends {
    /// Between two values.
    Between(f64, f64),
    /// Around one that is not zero: halving and doubling it in turn until the condition changes, each at most 20
    /// times, no farther than values are allowed and than runs go well.
    Around(f64),
}

/// Halvings, and doublings, of a search without ends.
const MOST_DOUBLINGS: i32 = 20;

/// An interval in which a condition begins, or ceases, to hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The end at which it holds.
    pub holds: f64,
    /// The end at which it does not.
    pub fails: f64,
    /// Number of runs made.
    pub runs: usize,
}

impl Found {
    /// The middle of the interval, at most half the tolerance off.
    pub fn threshold(&self) -> f64 {
        0.5 * (self.holds + self.fails)
    }
}

/// Why there is no threshold.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum SearchError<E> {
    #[error("the condition holds at both ends, {from} and {to}")]
    Everywhere { from: f64, to: f64 },
    #[error("the condition holds at neither end, {from} or {to}")]
    Nowhere { from: f64, to: f64 },
    #[error("the tolerance must be above zero, got {tolerance}")]
    Tolerance { tolerance: f64 },
    #[error("at {at}: {cause}")]
    Run { at: f64, cause: E },
}

/// Halves the interval until it is no wider than the tolerance. Of a condition that changes but once between the ends
/// the change lies within; of others one of the changes does.
///
/// # Errors
/// [`SearchError`] if both ends agree, or whatever `holds` fails with.
///
/// # Examples
/// ```
/// use qhh_lab::sweep::{Ends, Search, bisect};
/// let search = Search { ends: Ends::Between(0.0, 2.0), tolerance: 1e-6 };
/// let found = bisect(search, |x| Ok::<_, std::convert::Infallible>(x * x >= 2.0))?;
/// assert!((found.threshold() - 2f64.sqrt()).abs() <= 5e-7);
/// # Ok::<(), qhh_lab::sweep::SearchError<std::convert::Infallible>>(())
/// ```
pub fn bisect<E>(search: Search, holds: impl FnMut(f64) -> Result<bool, E>) -> Result<Found, SearchError<E>> {
    bisect_within(search, |_| true, holds)
}

/// [`bisect`] where not every value is allowed, as no transmission is above 1: a search [`Ends::Around`] a value goes to
/// the last value that is, and no farther. Given ends must be allowed.
///
/// # Errors
/// As [`bisect`].
///
/// # Examples
/// ```
/// use qhh_lab::sweep::{Ends, Search, bisect_within};
/// let search = Search { ends: Ends::Around(0.8), tolerance: 1e-6 };
/// let found = bisect_within(search, |x| x <= 1.0, |x| Ok::<_, std::convert::Infallible>(x >= 0.95))?;
/// assert!((found.threshold() - 0.95).abs() <= 5e-7);
/// # Ok::<(), qhh_lab::sweep::SearchError<std::convert::Infallible>>(())
/// ```
pub fn bisect_within<E>(
    search: Search,
    allowed: impl Fn(f64) -> bool,
    mut holds: impl FnMut(f64) -> Result<bool, E>,
) -> Result<Found, SearchError<E>> {
    let Search { ends, tolerance } = search;
    if tolerance.is_nan() || tolerance <= 0.0 {
        return Err(SearchError::Tolerance { tolerance });
    }
    let mut runs = 0;
    let mut ask = |at: f64| {
        runs += 1;
        holds(at).map_err(|cause| SearchError::Run { at, cause })
    };
    let (mut good, mut bad) = match ends {
        Ends::Between(from, to) => apart((from, ask(from)?), (to, ask(to)?))?,
        Ends::Around(start) => around(start, &allowed, &mut ask)?,
    };
    while (good - bad).abs() > tolerance {
        let middle = 0.5 * (good + bad);
        // No number lies between.
        if middle == good || middle == bad {
            break;
        }
        if ask(middle)? { good = middle } else { bad = middle }
    }
    Ok(Found { holds: good, fails: bad, runs })
}

/// The end at which the condition holds, and the other.
fn apart<E>((from, first): (f64, bool), (to, last): (f64, bool)) -> Result<(f64, f64), SearchError<E>> {
    match (first, last) {
        (true, true) => Err(SearchError::Everywhere { from, to }),
        (false, false) => Err(SearchError::Nowhere { from, to }),
        (true, false) => Ok((from, to)),
        (false, true) => Ok((to, from)),
    }
}

/// The same, of the two nearest that differ among a value, its halves and doubles, and the last that are allowed.
fn around<E>(
    start: f64,
    allowed: &impl Fn(f64) -> bool,
    ask: &mut impl FnMut(f64) -> Result<bool, SearchError<E>>,
) -> Result<(f64, f64), SearchError<E>> {
    let first = ask(start)?;
    // Where each way has come to, and whether it goes on.
    let mut ways = [(start, 0.5, true), (start, 2.0, true)];
    for _ in 0..MOST_DOUBLINGS {
        for (at, factor, open) in ways.iter_mut().filter(|way| way.2) {
            let wanted = *at * *factor;
            let next = if allowed(wanted) { wanted } else { last_allowed(*at, wanted, allowed) };
            *open = next == wanted;
            if next == *at {
                continue;
            }
            match ask(next) {
                Ok(holds) if holds != first => return apart((*at, first), (next, holds)),
                Ok(_) => *at = next,
                Err(_) => *open = false,
            }
        }
    }
    let [(from, ..), (to, ..)] = ways;
    Err(if first { SearchError::Everywhere { from, to } } else { SearchError::Nowhere { from, to } })
}

/// The last value, from one that is allowed towards one that is not. A limit is a round number, which checks may let pass by
/// a little.
fn last_allowed(from: f64, to: f64, allowed: &impl Fn(f64) -> bool) -> f64 {
    let last = edge(from, to, allowed);
    let round = format!("{last:.7e}").parse().unwrap_or(last);
    if allowed(round) { round } else { last }
}

/// The last number that is allowed.
fn edge(mut inside: f64, mut outside: f64, allowed: &impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = 0.5 * (inside + outside);
        // No number lies between.
        if middle == inside || middle == outside {
            return inside;
        }
        if allowed(middle) { inside = middle } else { outside = middle }
    }
}
