//! Pulses: one, several at regular or listed times, or those of a Poisson process.

use qhh_core::source::train::LARGEST_DEAD_SHARE;
use qhh_core::source::{Current, Draws, Pulse, PulseTimes, Shape, Train};
use qhh_core::units::{Dimension, rounded_down};

use crate::yaml::place::{Highlight, naming};
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::schema::Quantity;
use crate::yaml::schema::source as schema;

/// The current of a `pulse` of known amplitude; none where it cannot be known when pulses come, which is then on the list.
pub(super) fn read(typed: &schema::Current, amplitude: f64, draws: Draws, scope: &Scope<'_>) -> Option<Current> {
    let schema::Current::Pulse { start, times, duration, period, count, jitter, shared, .. } = typed else {
        return None;
    };
    let times = match (start, times) {
        (Some(_), None) => None,
        (None, Some(times)) => Some(listed(times, scope)?),
        (Some(_), Some(_)) => {
            scope.key("times").wrong(
                "pulses begin at `start` or at `times`, not both",
                "give exactly one of `start` and `times`",
            );
            return None;
        }
        (None, None) => {
            scope
                .problems
                .lacks(&scope.path, "start")
                .help("add `start: 5 ms`, or `times: [5 ms, 9 ms]` for several pulses");
            return None;
        }
    };
    let start = match &times {
        Some(times) => times[0],
        None => scope.read_or("start", start.as_ref(), (Dimension::TIME, Bound::Any), 0.0),
    };
    let length = scope.key("duration").read(duration, Dimension::TIME, Bound::AboveZero);
    let last = times.as_ref().and_then(|times| times.last().copied()).unwrap_or(start);
    if length > 0.0 && last + length == last {
        let (show, key) =
            (|time| scope.units.display(time, Dimension::TIME), if times.is_some() { "times" } else { "start" });
        scope.key("duration").wrong(
            format!("`duration`, {}, is lost beside `{key}`, {}", show(length), show(last)),
            "numbers have 16 digits: start earlier",
        );
    }
    let needless = |given: &[(&str, bool)], why: &str, remedy: &str| {
        for (key, _) in given.iter().filter(|(_, given)| *given) {
            scope.key(key).wrong(format!("`{key}` {why}"), format!("{remedy}leave `{key}` out"));
        }
    };
    let jitter_of = || scope.read_or("jitter", jitter.as_ref(), (Dimension::TIME, Bound::NotNegative), 0.0);
    let times = if let Some(times) = times {
        let regular = [("period", period.is_some()), ("count", count.is_some())];
        needless(&regular, "is about regular pulses, but `times` lists them", "");
        PulseTimes::Listed { times, jitter: jitter_of() }
    } else if let Some(period) = period {
        let period = scope.key("period").read(period, Dimension::TIME, Bound::AboveZero);
        PulseTimes::Regular { period, count: *count, jitter: jitter_of() }
    } else {
        let of_many = [("count", count.is_some()), ("jitter", jitter.is_some()), ("shared", shared.is_some())];
        needless(&of_many, "is about many pulses, but this is a single one", "add `period: 20 ms`, or ");
        return Some(Current { shape: Shape::Constant { amplitude }, start, stop: start + length });
    };
    let shape = Shape::Train(Train { pulse: Pulse::Rectangle { duration: length }, amplitude, times, draws });
    Some(Current { shape, start, stop: f64::INFINITY })
}

/// The times of a list; none where they do not ascend or one is wrong.
fn listed(typed: &[Quantity], scope: &Scope<'_>) -> Option<Vec<f64>> {
    let scope = scope.key("times");
    if typed.is_empty() {
        scope.wrong("`times` lists no pulse", "list at least one, such as `[5 ms]`, or leave the source out");
        return None;
    }
    let read = |(k, time): (usize, &Quantity)| scope.index(k).read(time, Dimension::TIME, Bound::Any);
    let times: Vec<f64> = typed.iter().enumerate().map(read).collect();
    if times.iter().any(|time| time.is_nan()) {
        return None;
    }
    if let Some(k) = (1..times.len()).find(|k| times[*k] <= times[*k - 1]) {
        let show = |time| scope.units.display(time, Dimension::TIME);
        scope.index(k).wrong(
            format!("times of pulses must ascend, but {} stands after {}", show(times[k]), show(times[k - 1])),
            "put the times in order, each once",
        );
        return None;
    }
    Some(times)
}

/// Course of the pulses of a Poisson process: `duration`, `decay` and `peak_after` as typed, of which there must be one.
pub(super) fn form(typed: [Option<&Quantity>; 3], scope: &Scope<'_>) -> Option<Pulse> {
    let read = |key: &str, quantity: &Quantity| scope.key(key).read(quantity, Dimension::TIME, Bound::AboveZero);
    match typed {
        [Some(duration), None, None] => Some(Pulse::Rectangle { duration: read("duration", duration) }),
        [None, Some(decay), None] => Some(Pulse::Exponential { decay: read("decay", decay) }),
        [None, None, Some(peak)] => Some(Pulse::Alpha { peak: read("peak_after", peak) }),
        _ => {
            let message =
                format!("{} needs exactly one of `duration`, `decay` and `peak_after`", naming(&scope.path));
            scope.problems.at(&scope.path, Highlight::Key, message).help(
                "write `duration: 1 ms` for rectangular pulses, `decay: 2 ms` for exponential ones, `peak_after: 0.5 ms` \
                 for alpha functions",
            );
            None
        }
    }
}

/// Times of a Poisson process.
pub(super) fn poisson(rate: &Quantity, dead_time: Option<&Quantity>, scope: &Scope<'_>) -> PulseTimes {
    let rate = scope.key("rate").read_rate(rate, Bound::AboveZero);
    let dead_time = scope.read_or("dead_time", dead_time, (Dimension::TIME, Bound::NotNegative), 0.0);
    let most = LARGEST_DEAD_SHARE / rate;
    if dead_time > most {
        let show = |time| scope.units.display(time, Dimension::TIME);
        // A limit that is a round number is not to lose its last digit to rounding.
        let [interval, most] = [1.0 / rate, most].map(|time| rounded_down(time * (1.0 + 1e-12), 3));
        scope.key("dead_time").wrong(
            format!(
                "at this rate the mean interval is {}: a dead time of {} leaves too little of it to chance",
                show(interval),
                show(dead_time)
            ),
            format!("write at most {}, or a lower rate", show(most)),
        );
    }
    PulseTimes::Poisson { rate, dead_time }
}
