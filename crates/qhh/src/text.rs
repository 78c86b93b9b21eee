//! Counts, sizes and times for people.

use std::num::NonZero;
use std::thread::available_parallelism;

use qhh_net::Extent;
use qhh_results::number;

/// A count and its noun: `1 neuron`, `6 neurons`.
pub fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let plural = if noun.ends_with("ch") { "es" } else { "s" };
    format!("{count} {noun}{}", if count == 1 { "" } else { plural })
}

/// A number of bytes: `1.2 kB`.
pub fn size(bytes: f64) -> String {
    match number::bytes(bytes) {
        (value, unit @ "bytes") => format!("{value:.0} {unit}"),
        (value, unit) => format!("{value:.1} {unit}"),
    }
}

/// Bytes as they are expected and as they may become: `about 1.2 MB, up to 5.0 MB if every neuron is active`.
pub fn extent(of: Extent) -> String {
    let about = format!("about {}", size(of.driven));
    if of.most > 1.1 * of.driven {
        format!("{about}, up to {} if every neuron is active", size(of.most))
    } else {
        about
    }
}

/// Seconds as `12 s`, `3 min`, `2 h 5 min`.
pub fn clock(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round();
    if seconds < 90.0 {
        format!("{} s", seconds.ceil())
    } else if minutes < 90.0 {
        format!("{minutes} min")
    } else {
        format!("{} h {} min", (minutes / 60.0).floor(), minutes % 60.0)
    }
}

/// That entries of a network file are left out of a SONATA circuit.
pub fn no_place_in_sonata(entries: &[&str]) -> String {
    let named: Vec<String> = entries.iter().map(|entry| format!("`{entry}`")).collect();
    let are = if entries.len() == 1 { "is" } else { "are" };
    format!("SONATA has no place for {}, which {are} left out", named.join(" and "))
}

/// Worker threads, 0 for one a core.
pub(crate) fn threads(asked: usize) -> usize {
    match asked {
        0 => available_parallelism().map_or(1, NonZero::get),
        threads => threads,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_fitting_unit() {
        assert_eq!(
            [size(12.0), size(1234.0), size(5.6e6), size(7.8e9), size(4.2e12)],
            ["12 bytes", "1.2 kB", "5.6 MB", "7.8 GB", "4.2 TB"]
        );
    }

    #[test]
    fn times_are_rounded() {
        assert_eq!([clock(0.2), clock(89.0), clock(200.0), clock(7500.0)], ["1 s", "89 s", "3 min", "2 h 5 min"]);
    }
}
