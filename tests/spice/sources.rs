//! Sources for ngspice: currents into neurons, and what arrives at a port besides the waveguides.
//!
//! A jump takes an edge of time. What is a function of time is switched by a voltage of 1,
//! at whose edges ngspice steps.

use qhh_core::num_complex::Complex64;
use qhh_core::source::{Current, Envelope, ModeSource, Packet, Pulse, PulseTimes, Shape};
use qhh_core::time_grid::TimeGrid;
use qhh_net::network::{Drive, PacketSource};

/// Switched-on times, and how long a jump takes.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    pub(super) duration: f64,
    pub(super) edge: f64,
}

/// A classical or quantum current into a neuron; nothing of wavepackets.
pub(super) fn feed(name: &str, neuron: usize, drive: &Drive, factor: f64, clock: Clock) -> Vec<String> {
    match drive {
        Drive::Current(current) => classical(name, neuron, current, factor, clock),
        Drive::Mode(mode) => {
            let function = format!("{}*{}", 2.0 * factor * mode.zero_point, mean(mode));
            switched(name, neuron, (mode.start, mode.stop), &function, clock)
        }
        Drive::Packet(_) => Vec::new(),
    }
}

fn classical(name: &str, neuron: usize, current: &Current, factor: f64, clock: Clock) -> Vec<String> {
    let Clock { duration, edge } = clock;
    let (start, stop) = (current.start, current.stop);
    let by_points = |points: &[(f64, f64)]| {
        let points: Vec<String> = points.iter().map(|(t, i)| format!("{t} {}", factor * i)).collect();
        vec![format!("I{name} 0 v{neuron} PWL({})", points.join(" "))]
    };
    // From 0 to the first and from the last to 0.
    let between = |inner: &[(f64, f64)]| {
        let (first, last) = (inner[0], inner[inner.len() - 1]);
        let mut points = vec![(-1.0, 0.0), (first.0, 0.0), (first.0 + edge, first.1)];
        points.extend(&inner[1..]);
        points.push((last.0 + edge, 0.0));
        points.retain(|point| point.0 > 0.0);
        if first.0 <= 0.0 {
            points.insert(0, (0.0, first.1));
        } else {
            points.insert(0, (0.0, 0.0));
        }
        points
    };
    match &current.shape {
        Shape::Constant { amplitude } => {
            vec![format!("I{name} 0 v{neuron} {}", window(amplitude * factor, (start, stop), clock))]
        }
        Shape::Sine { amplitude, omega, phase } => {
            let function = format!("{}*sin({omega}*time+({phase}))", amplitude * factor);
            switched(name, neuron, (start, stop), &function, clock)
        }
        Shape::Ramp { from, to } => by_points(&between(&[(start, *from), (stop, *to)])),
        Shape::Noise { interval, .. } => {
            let mut steps = Vec::new();
            let stop = stop.min(2.0 * duration);
            for k in 0.. {
                let (from, to) =
                    (start + f64::from(k) * interval, (start + f64::from(k + 1) * interval).min(stop));
                if from >= stop {
                    break;
                }
                let level = current.on(TimeGrid::new(1.0)).at(0.5 * (from + to));
                steps.extend([(if k == 0 { from } else { from + edge }, level), (to, level)]);
            }
            by_points(&between(&steps))
        }
        Shape::Train(train) => {
            let Pulse::Rectangle { duration: length } = train.pulse else {
                panic!("no train of these tests: {train:?}")
            };
            let end = stop.min(2.0 * duration);
            let onsets: Vec<f64> = match &train.times {
                PulseTimes::Regular { period, jitter: 0.0, .. } => {
                    let onsets = (0..u32::MAX).map(|k| start + f64::from(k) * period);
                    onsets.take_while(|from| *from < end + period).collect()
                }
                PulseTimes::Listed { times, jitter: 0.0 } => times.iter().copied().chain([end]).collect(),
                _ => panic!("no train of these tests: {train:?}"),
            };
            let mut steps = Vec::new();
            for (k, pair) in onsets.windows(2).enumerate() {
                let from = pair[0];
                if from >= end {
                    break;
                }
                assert!(length < pair[1] - from || pair[1] >= end, "pulses overlap");
                let (to, next) = ((from + length).min(stop), pair[1].min(stop));
                steps.extend([(from + if k == 0 { 0.0 } else { edge }, train.amplitude), (to, train.amplitude)]);
                if to < next {
                    steps.extend([(to + edge, 0.0), (next, 0.0)]);
                }
            }
            by_points(&between(&steps))
        }
        Shape::Samples { points } => by_points(&between(points)),
    }
}

/// A level that is there for a while.
fn window(high: f64, (start, stop): (f64, f64), Clock { duration, edge }: Clock) -> String {
    let stop = stop.min(2.0 * duration);
    let (ever, period) = (4.0 * duration, 10.0 * duration);
    if start > 0.0 {
        format!("PULSE(0 {high} {start} {edge} {edge} {} {period})", stop - start)
    } else {
        format!("PULSE({high} 0 {} {edge} {edge} {ever} {period})", stop.max(0.0))
    }
}

fn switched(name: &str, neuron: usize, on: (f64, f64), function: &str, clock: Clock) -> Vec<String> {
    vec![
        format!("Vw{name} w{name} 0 {}", window(1.0, on, clock)),
        format!("Bs{name} 0 v{neuron} I=V(w{name})*{function}"),
    ]
}

/// `e(t) Re(<a> e^{-iwt})`.
fn mean(mode: &ModeSource) -> String {
    let carrier = carrier(mode.state.moments().mean, mode.omega);
    match mode.envelope {
        None => carrier,
        Some(Envelope::Gaussian { centre, width }) => format!("{}*{carrier}", gaussian(centre, width)),
    }
}

/// Twice the mean wave of a packet, `2 sqrt(hbar w Z/2) xi(t) Re(<a> e^{-iwt})`.
pub(super) fn packet(source: &PacketSource, hbar: f64, impedance: f64) -> String {
    let Packet { carrier: omega, centre, width } = source.packet;
    let peak = (hbar * omega * impedance / 2.0).sqrt() / (std::f64::consts::TAU.sqrt() * width).sqrt();
    let carrier = carrier(source.state.moments().mean, omega);
    format!("{}*{}*{carrier}", 4.0 * peak, gaussian(centre, width))
}

/// `Re(a e^{-iwt})`.
fn carrier(a: Complex64, omega: f64) -> String {
    format!("(({})*cos({omega}*time)+({})*sin({omega}*time))", a.re, a.im)
}

/// `e^{-(t - centre)^2 / 4 width^2}`, whose square has `width` as its standard deviation.
fn gaussian(centre: f64, width: f64) -> String {
    let away = format!("((time-({centre}))/{})", 2.0 * width);
    format!("exp(-{away}*{away})")
}
