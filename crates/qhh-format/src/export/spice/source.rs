//! Sources: currents into neurons, and wavepackets at ports.

use std::fmt::Write as _;

use qhh_core::num_complex::Complex64;
use qhh_core::source::{Current, Envelope, Shape};
use qhh_net::network::fed::Fed;
use qhh_net::network::{Drive, Network, PacketSource};

use super::{EDGE, Scale, number};

/// Angular frequency of what a drive swings with; 0 without.
pub(super) fn omega(drive: &Drive) -> f64 {
    match drive {
        Drive::Current(Current { shape: Shape::Sine { omega, .. }, .. }) => *omega,
        Drive::Current(_) => 0.0,
        Drive::Mode(mode) => mode.omega,
        Drive::Packet(packet) => packet.packet.carrier,
    }
}

/// A current into a neuron; a wavepacket is none.
pub(super) fn feed(
    text: &mut String,
    network: &Network,
    (neuron, k): (usize, usize),
    fed: &Fed<'_>,
    scale: Scale,
) {
    let name = format!("{neuron}_{k}");
    let amps = fed.factor * scale.current();
    let _ = match &*fed.drive {
        Drive::Packet(_) => return,
        Drive::Mode(mode) => {
            let carrier = carrier(mode.state.moments().mean, mode.omega, scale);
            let envelope = match mode.envelope {
                None => String::new(),
                Some(Envelope::Gaussian { centre, width }) => format!("*{}", gaussian(centre, width, scale)),
            };
            let wave = format!("{}*{carrier}{envelope}", number(2.0 * mode.zero_point * amps));
            switched(text, &name, neuron, (mode.start, mode.stop), &wave, network, scale)
        }
        Drive::Current(current) => {
            if let Shape::Sine { amplitude, omega, phase } = current.shape {
                let (amplitude, omega) = (number(amplitude * amps), number(omega / scale.time));
                let wave = format!("{amplitude}*sin({omega}*time+({}))", number(phase));
                switched(text, &name, neuron, (current.start, current.stop), &wave, network, scale)
            } else {
                let points = points(current, network);
                line_by_points(text, &format!("I{name} 0 v{neuron}"), &points, amps, scale)
            }
        }
    };
}

/// Points of a current between which it is straight; at two equal times it jumps.
fn points(current: &Current, network: &Network) -> Vec<(f64, f64)> {
    let grid = network.grid();
    let end = network.simulation.duration;
    let (start, stop) = (current.start, current.stop.min(2.0 * end));
    let stepped = current.on(grid);
    let mut points: Vec<(f64, f64)> = match &current.shape {
        Shape::Constant { amplitude } => vec![(start, *amplitude), (stop, *amplitude)],
        Shape::Ramp { from, to } => vec![(start, *from), (current.stop, *to)],
        Shape::Samples { points } => {
            let within = |t: f64| t > start && t < stop;
            let first = grid.time(stepped.span().from);
            let last = grid.time(stepped.span().to).min(stop);
            let mut inner = vec![(first, stepped.at(stepped.span().from))];
            inner.extend(points.iter().filter(|point| within(point.0) && point.0 > first && point.0 < last));
            inner.push((last, stepped.before(grid.place(last))));
            inner
        }
        Shape::Sine { .. } => Vec::new(),
        // Held from cell to cell.
        Shape::Noise { interval, draws, .. } => {
            let mut inner = Vec::new();
            for cell in 0.. {
                let from = start + cell as f64 * interval;
                if from >= stop.min(end) {
                    break;
                }
                let (to, level) = ((from + interval).min(stop), current.shape.noisy(draws.normal(cell)));
                inner.extend([(from, level), (to, level)]);
            }
            inner
        }
        // The mean over each step, so that the charge is exact.
        Shape::Train(_) => {
            let step = network.simulation.step;
            let mut inner: Vec<(f64, f64)> = Vec::new();
            for k in 0..grid.whole_steps(end) {
                let (from, level) = (k as f64 * step, stepped.segment(k).mean);
                let again = inner.last().is_some_and(|last| last.1 == level && last.0 == from);
                if let (true, Some(last)) = (again, inner.last_mut()) {
                    last.0 = from + step;
                } else {
                    inner.extend([(from, level), (from + step, level)]);
                }
            }
            inner
        }
    };
    if let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) {
        points.insert(0, (first.0, 0.0));
        points.push((last.0, 0.0));
    }
    points
}

/// A current by points; a jump takes an edge of time.
fn line_by_points(
    text: &mut String,
    head: &str,
    points: &[(f64, f64)],
    amps: f64,
    scale: Scale,
) -> std::fmt::Result {
    let edge = EDGE * scale.millisecond();
    write!(text, "{head} PWL(")?;
    let mut last = f64::NEG_INFINITY;
    for (k, &(time, value)) in points.iter().enumerate() {
        let mut time = time * scale.time;
        if time <= 0.0 {
            // What holds at the start is the last before it.
            if points.get(k + 1).is_some_and(|next| next.0 * scale.time <= 0.0) {
                continue;
            }
            time = 0.0;
        } else if last < 0.0 {
            write!(text, "0 0 ")?;
            last = 0.0;
        }
        if time < last + edge {
            time = last + edge;
        }
        last = time;
        write!(text, "{} {} ", number(time), number(value * amps))?;
    }
    writeln!(text, ")")
}

/// A function of time between two times, switched by a voltage at whose edges the simulator steps.
fn switched(
    text: &mut String,
    name: &str,
    neuron: usize,
    (start, stop): (f64, f64),
    function: &str,
    network: &Network,
    scale: Scale,
) -> std::fmt::Result {
    let stop = stop.min(2.0 * network.simulation.duration);
    let window = [(start, 0.0), (start, 1.0), (stop, 1.0), (stop, 0.0)];
    line_by_points(text, &format!("Vw{name} w{name} 0"), &window, 1.0, scale)?;
    writeln!(text, "Bs{name} 0 v{neuron} I=V(w{name})*{function}")
}

/// Twice the mean wave of a packet.
pub(super) fn packet(source: &PacketSource, hbar: f64, impedance: f64, scale: Scale) -> String {
    let of = source.packet;
    // The envelope's peak, and 2 Re<a>.
    let peak = (std::f64::consts::TAU.sqrt() * of.width).sqrt().recip();
    let size = 2.0 * 2.0 * of.wave(hbar, impedance) * peak * scale.voltage;
    let carrier = carrier(source.state.moments().mean, of.carrier, scale);
    format!("{}*{carrier}*{}", number(size), gaussian(of.centre, of.width, scale))
}

/// `Re(a e^{-iwt})`.
fn carrier(a: Complex64, omega: f64, scale: Scale) -> String {
    let omega = number(omega / scale.time);
    format!("(({})*cos({omega}*time)+({})*sin({omega}*time))", number(a.re), number(a.im))
}

/// `e^{-(t - centre)^2 / 4 width^2}`.
fn gaussian(centre: f64, width: f64, scale: Scale) -> String {
    let away = format!("((time-({}))/{})", number(centre * scale.time), number(2.0 * width * scale.time));
    format!("exp(-{away}*{away})")
}
