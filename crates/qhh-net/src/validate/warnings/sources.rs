//! Sources too strong for the model, sources that do less than they seem to, and what comes after the end of the run.

use qhh_core::source::{Current, Pulse, PulseTimes, Shape, Train};
use qhh_core::units::{Dimension, UnitSystem, number, rounded};

use super::Warning;
use super::step::rounded_time;
use crate::network::{Drive, Fluctuations, Network, PacketSource, Source};

/// Least voltage reached, in mV, from which a source is called too strong: the gates' rates were measured within 100 mV.
const STRONG: f64 = 200.0;

/// Sources that take a neuron to at least twice the voltages at which the gates' rates were measured.
pub(super) fn too_strong(network: &Network) -> Vec<Warning> {
    let of = |source: &Source| {
        let (name, voltage) = network.strongest(source).filter(|(_, voltage)| *voltage > STRONG)?;
        let entry = source.drive.entry();
        let (amplitude, meant) = match peak(&source.drive) {
            Some(peak) => {
                let show = |value: f64| network.units.display(value, Dimension::CURRENT);
                (
                    format!("{} ", show(peak)),
                    format!(", or write `{}` if that is meant", show(rounded(peak / 1e6, 12))),
                )
            }
            None => (String::new(), ", or check its unit".to_owned()),
        };
        Some(Warning {
            path: format!("sources.{}.{entry}", source.name),
            finding: format!(
                "{amplitude}takes `{name}` to {voltage:.0e} mV and more, beyond the 100 mV within which the gates' rates \
                 were measured"
            ),
            remedy: format!("make it weaker{meant}"),
        })
    };
    network.sources.iter().filter_map(of).collect()
}

/// Amplitude of a current that has one.
fn peak(drive: &Drive) -> Option<f64> {
    let Drive::Current(current) = drive else { return None };
    match &current.shape {
        Shape::Constant { amplitude } | Shape::Sine { amplitude, .. } | Shape::Train(Train { amplitude, .. }) => {
            Some(amplitude.abs())
        }
        _ => None,
    }
}

/// Sources that are never on within the run.
pub(super) fn too_late(network: &Network) -> Vec<Warning> {
    let end = network.simulation.duration;
    let of = |source: &Source| {
        let start = match &source.drive {
            Drive::Current(current) => current.start,
            Drive::Mode(mode) => mode.start,
            Drive::Packet(packet) => packet.packet.centre,
        };
        (start >= end).then(|| Warning {
            path: format!("sources.{}", source.name),
            finding: format!("it starts at {}, but the run ends at {}", time(network, start), time(network, end)),
            remedy: "start it earlier, or lengthen the run".to_owned(),
        })
    };
    network.sources.iter().filter_map(of).collect()
}

/// Currents and pulses that are over before the run begins.
pub(super) fn too_early(network: &Network) -> Vec<Warning> {
    let of = |source: &Source| {
        let (stop, key) = match &source.drive {
            Drive::Current(current) => (last_on(current), "current"),
            Drive::Mode(mode) => (mode.stop, "current"),
            // Part of one that is centred before the run is cut off, which is warned of as such.
            Drive::Packet(_) => return None,
        };
        (stop <= 0.0).then(|| Warning {
            path: format!("sources.{}.{key}", source.name),
            finding: format!("it ends at {}, before the run begins, so it is never on", time(network, stop)),
            remedy: "start it at 0 or later".to_owned(),
        })
    };
    network.sources.iter().filter_map(of).collect()
}

/// When a current is off for good.
fn last_on(current: &Current) -> f64 {
    let of_shape = match &current.shape {
        Shape::Train(Train { pulse: Pulse::Rectangle { duration }, times, .. }) => match times {
            PulseTimes::Regular { count: Some(count), period, jitter } if *jitter == 0.0 && *count > 0 => {
                let periods = if *count > 1 { (count - 1) as f64 * period } else { 0.0 };
                current.start + periods + duration
            }
            PulseTimes::Listed { times, jitter } if *jitter == 0.0 => {
                times.last().map_or(f64::INFINITY, |last| last + duration)
            }
            _ => f64::INFINITY,
        },
        Shape::Samples { points } => points.last().map_or(f64::INFINITY, |last| last.0),
        _ => f64::INFINITY,
    };
    of_shape.min(current.stop)
}

/// Sines that stay at zero, because they do not swing.
pub(super) fn silent(network: &Network) -> Vec<Warning> {
    let of = |source: &Source| {
        let Drive::Current(current) = &source.drive else { return None };
        let Shape::Sine { omega, phase, .. } = current.shape else { return None };
        (omega == 0.0).then(|| Warning {
            path: format!("sources.{}.current.frequency", source.name),
            finding: if phase.sin() == 0.0 {
                "a frequency of 0 is no current at all".to_owned()
            } else {
                "a frequency of 0 is a constant current".to_owned()
            },
            remedy: "write a frequency above zero, or `shape: constant`".to_owned(),
        })
    };
    network.sources.iter().filter_map(of).collect()
}

/// Sources that feed no neuron.
pub(super) fn into_nobody(network: &Network) -> Vec<Warning> {
    let empty = network.sources.iter().filter(|source| source.targets.is_empty());
    let told = empty.map(|source| Warning {
        path: format!("sources.{}.into", source.name),
        finding: "it feeds no neuron".to_owned(),
        remedy: "name neurons, or leave the source out".to_owned(),
    });
    told.collect()
}

/// Trains that have no pulse.
pub(super) fn no_pulses(network: &Network) -> Vec<Warning> {
    let of = |source: &Source| {
        let Drive::Current(current) = &source.drive else { return None };
        let Shape::Train(train) = &current.shape else { return None };
        matches!(train.times, PulseTimes::Regular { count: Some(0), .. }).then(|| Warning {
            path: format!("sources.{}.current.count", source.name),
            finding: "it has no pulse, so it is never on".to_owned(),
            remedy: "write a `count` above zero, or leave the source out".to_owned(),
        })
    };
    network.sources.iter().filter_map(of).collect()
}

/// Pulses that may overlap at random times, on average, before a run warns of it.
const CROWD: f64 = 5.0;

/// Pulses at random times that overlap many-fold, as a rate in hertz makes them that was typed without its unit.
pub(super) fn crowded(network: &Network) -> Vec<Warning> {
    // Elsewhere a bare number is per second, or has no unit to be forgotten.
    if network.units != UnitSystem::HodgkinHuxley {
        return Vec::new();
    }
    let of = |source: &Source| {
        let Drive::Current(current) = &source.drive else { return None };
        let Shape::Train(train) = &current.shape else { return None };
        let PulseTimes::Poisson { rate, .. } = train.times else { return None };
        let (Pulse::Rectangle { duration: length }
        | Pulse::Exponential { decay: length }
        | Pulse::Alpha { peak: length }) = train.pulse;
        let overlap = rate * length;
        (overlap >= CROWD).then(|| Warning {
            path: format!("sources.{}.current.rate", source.name),
            finding: format!(
                "pulses of {} at {} Hz overlap {}-fold",
                time(network, length),
                number(rounded(1e3 * rate, 12)),
                number(rounded(overlap, 2))
            ),
            remedy: if rate < 1.0 {
                "make them shorter or fewer, if that is not meant".to_owned()
            } else {
                // As many as a neuron is hardly meant to have.
                let rate = number(rounded(rate, 12));
                format!(
                    "a bare `rate` is per ms: write `{rate} Hz` if {rate} a second is meant, or make them shorter"
                )
            },
        })
    };
    network.sources.iter().filter_map(of).collect()
}

/// Part of the run that samples of a current should span.
const SPANNED: f64 = 0.01;

/// Samples from a file none of which lies within the run, or all within a small part of it.
pub(super) fn samples_elsewhere(network: &Network) -> Vec<Warning> {
    let end = network.simulation.duration;
    let of = |source: &Source| {
        let Drive::Current(current) = &source.drive else { return None };
        let Shape::Samples { points } = &current.shape else { return None };
        // The last of held samples lasts for ever.
        let last = points.iter().rev().map(|point| point.0).find(|time| *time < f64::MAX)?;
        let (first, unit) = (points.first()?.0, network.units.symbol(Dimension::TIME));
        let (finding, remedy) = if first >= end {
            let late = "move them, or lengthen the run";
            (
                format!("samples begin at {}, but the run ends at {}", time(network, first), time(network, end)),
                if unit.is_empty() { late.to_owned() } else { format!("times are in {unit}: {late}") },
            )
        } else if last < SPANNED * end {
            let part = rounded_time(network, last);
            let meant = match unit {
                "ms" => "times are in ms: are these seconds? Multiply them by 1000",
                _ => "check their unit",
            };
            (format!("all samples lie in the first {part} of {}", time(network, end)), meant.to_owned())
        } else {
            return None;
        };
        Some(Warning { path: format!("sources.{}.current", source.name), finding, remedy })
    };
    network.sources.iter().filter_map(of).collect()
}

/// Wavepackets part of which arrives before the run.
pub(super) fn cut_at_the_start(network: &Network) -> Vec<Warning> {
    let of = |source: &Source| {
        let Drive::Packet(PacketSource { packet, .. }) = &source.drive else { return None };
        // There the envelope is 2 % of its peak.
        let least = 4.0 * packet.width;
        (packet.centre < least).then(|| Warning {
            path: format!("sources.{}.wavepacket", source.name),
            finding: format!(
                "it is centred at {} and {} wide, so that part of it arrives before the run and is left out",
                time(network, packet.centre),
                time(network, packet.width)
            ),
            remedy: format!("centre it at {} or later", time(network, least)),
        })
    };
    network.sources.iter().filter_map(of).collect()
}

/// Part that two modes of one line may share, as [`Packet::commutator`] counts it, before a run warns of it.
const SHARED: f64 = 0.01;

/// Wavepackets that overlap on one line: modes of a line that are not orthogonal are no modes of their own. Takes time by
/// pairs of packets that follow closely.
pub(super) fn overlapping(network: &Network) -> Vec<Warning> {
    let mut packets: Vec<(&Source, &PacketSource)> = Vec::new();
    for source in &network.sources {
        if let Drive::Packet(packet) = &source.drive {
            packets.push((source, packet));
        }
    }
    packets.sort_by(|a, b| a.1.packet.centre.total_cmp(&b.1.packet.centre));
    let widest = packets.iter().map(|(_, of)| of.packet.width).fold(0.0, f64::max);
    let mut found = Vec::new();
    for (place, (source, one)) in packets.iter().enumerate() {
        // Envelopes as wide as the widest share nothing beyond eight widths.
        let near = |(_, other): &&(&Source, &PacketSource)| {
            other.packet.centre - one.packet.centre < 4.0 * (one.packet.width + widest)
        };
        for (other_source, other) in packets[place + 1..].iter().take_while(near) {
            let shared = one.packet.commutator(&other.packet).norm();
            let same_line = || source.targets.stretches().any(|stretch| other_source.targets.meets(&stretch));
            if one.input == other.input && shared > SHARED && same_line() {
                found.push(Warning {
                    path: format!("sources.{}.wavepacket", other_source.name),
                    finding: format!(
                        "it overlaps with `{}` on one line, `|[a, b*]|` = {shared:.2}, and states of both are taken for \
                         those of modes that share nothing",
                        source.name
                    ),
                    remedy: "move them apart in time or in carrier, or put their state into one wavepacket".to_owned(),
                });
            }
        }
    }
    found
}

/// Quantum states that the run does not follow.
pub(super) fn states_that_do_nothing(network: &Network) -> Vec<Warning> {
    let adiabatic = network.quantum.is_some_and(|q| q.fluctuations == Fluctuations::Adiabatic);
    let of = |source: &Source| match &source.drive {
        Drive::Packet(PacketSource { state, .. }) if adiabatic => {
            let moments = state.moments();
            ((moments.n, moments.m.norm()) != (0.0, 0.0)).then(|| Warning {
                path: format!("sources.{}.state", source.name),
                finding: "adiabatic fluctuations know no wavepackets, so only the mean wave of this state acts"
                    .to_owned(),
                remedy: "write `fluctuations: heisenberg` under `quantum`".to_owned(),
            })
        }
        Drive::Mode(_) if network.quantum.is_none() => Some(Warning {
            path: format!("sources.{}.state", source.name),
            finding: "there is no `quantum` block, so only the mean current of this state acts".to_owned(),
            remedy: "add `quantum: {hbar: .., fluctuations: adiabatic}`".to_owned(),
        }),
        _ => None,
    };
    network.sources.iter().filter_map(of).collect()
}

/// Quantum states of sources that feed several neurons: each of them gets the whole state.
pub(super) fn states_of_several(network: &Network) -> Vec<Warning> {
    if !network.quantum.is_some_and(|quantum| quantum.fluctuations.in_tasks()) {
        return Vec::new();
    }
    let of = |source: &Source| {
        let moments = source.drive.state()?.moments();
        let (noisy, count) = ((moments.n, moments.m.norm()) != (0.0, 0.0), source.targets.len());
        (noisy && count > 1).then(|| Warning {
            path: format!("sources.{}.into", source.name),
            finding: format!(
                "each of its {count} neurons gets a mode of its own in the whole state, so that photons are {count}-fold and nothing correlates \
                 them"
            ),
            remedy: "make it one source for each neuron, correlated by `states` if that is meant".to_owned(),
        })
    };
    network.sources.iter().filter_map(of).collect()
}

fn time(network: &Network, value: f64) -> String {
    network.units.display(value, Dimension::TIME)
}
