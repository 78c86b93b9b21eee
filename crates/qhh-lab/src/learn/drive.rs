//! A network that is fed a sequence: the sources of its inlets put in place, symbol after symbol.

use qhh_core::num_complex::Complex64;
use qhh_core::quantum::State;
use qhh_core::source::{Current, Shape};
use qhh_core::stop;
use qhh_net::Network;
use qhh_net::network::{Drive, Source};

use super::encode::Course;

/// The network with its encoded sources following `courses` over `n_slots` slots of `slot_steps` steps each.
///
/// A current that does not swing goes from one value to the next within one step. Quantum sources keep their mode, in
/// vacuum, and a classical current carries their mean: what their state adds to second moments is linear in it and is
/// put in afterwards.
pub(crate) fn driven(network: &Network, courses: &[Course], n_slots: usize, slot_steps: usize) -> Network {
    let mut driven = network.clone();
    let (dt, grid) = (network.simulation.step, network.grid());
    let n_steps = n_slots * slot_steps;
    driven.simulation.duration = n_steps as f64 * dt;
    let end = network.simulation.duration;
    for course in courses {
        let source = &network.sources[course.source];
        let at_steps = |value: &dyn Fn(usize, f64) -> f64| -> Vec<(f64, f64)> {
            let slot = |k: usize| (k.saturating_sub(1) / slot_steps).min(n_slots - 1);
            let point = |k| {
                stop::check();
                (grid.time(k as f64), value(slot(k), k as f64))
            };
            (0..=n_steps).map(point).collect()
        };
        // A source that goes on or off does so where the file says, not within the step before.
        let mut span = (0.0, f64::INFINITY);
        let points = match &source.drive {
            Drive::Current(current) => match &current.shape {
                Shape::Constant { amplitude } if current.start <= 0.0 && current.stop >= end => {
                    held(course, *amplitude, n_slots, slot_steps, dt)
                }
                _ => {
                    span = (current.start, lasting(current.stop, end));
                    at_steps(&|slot, place| {
                        let turned = turned(current, course.phase(slot), end);
                        course.amplitude(slot) * turned.on(grid).shape_at(place)
                    })
                }
            },
            Drive::Mode(mode) => {
                let mean = |slot| course.moments(&mode.state, slot).mean;
                if (0..n_slots).all(|slot| mean(slot) == Complex64::ZERO) {
                    Vec::new()
                } else {
                    span = (mode.start, lasting(mode.stop, end));
                    at_steps(&|slot, place| 2.0 * (mean(slot) * mode.on(grid).carrier(place)).re)
                }
            }
            Drive::Packet(_) => Vec::new(),
        };
        let (start, stop) = span;
        let current = Drive::Current(Current { shape: Shape::Samples { points: points.clone() }, start, stop });
        match (&mut driven.sources[course.source].drive, course.target) {
            (Drive::Mode(mode), _) => {
                mode.state = State::Vacuum;
                mode.stop = lasting(mode.stop, end);
                if !points.is_empty() {
                    driven.sources.push(Source {
                        name: format!("{}_mean", source.name),
                        drive: current,
                        ..source.clone()
                    });
                }
            }
            (Drive::Packet(_), _) => {}
            (drive, None) => *drive = current,
            (drive, Some(place)) => {
                // Each neuron hears a current of its own in its place.
                *drive = Drive::Current(Current { shape: Shape::Constant { amplitude: 0.0 }, start, stop });
                let factor = source.factor(place, network.simulation.seed_of_structure());
                let mut points = points;
                for point in &mut points {
                    stop::check();
                    point.1 *= factor;
                }
                let shape = Shape::Samples { points };
                driven.sources.push(Source::new(
                    &format!("{}_{place}", source.name),
                    vec![source.targets.at(place)],
                    Drive::Current(Current { shape, start, stop }),
                ));
            }
        }
    }
    driven
}

/// A level current, from one value to the next within the first step of each slot.
fn held(course: &Course, amplitude: f64, n_slots: usize, slot_steps: usize, dt: f64) -> Vec<(f64, f64)> {
    let value = |slot: usize| amplitude * course.amplitude(slot);
    let mut points = vec![(0.0, value(0))];
    for slot in 1..n_slots {
        stop::check();
        if value(slot) != value(slot - 1) {
            let edge = slot * slot_steps;
            if points.last().is_none_or(|last| last.0 < edge as f64 * dt) {
                points.push((edge as f64 * dt, value(slot - 1)));
            }
            points.push(((edge + 1) as f64 * dt, value(slot)));
        }
    }
    let end = (n_slots * slot_steps + 1) as f64 * dt;
    points.push((end, value(n_slots - 1)));
    points
}

/// A sine with an angle added to its phase, any other current unchanged; what is on at the end of the file's run, `end`,
/// stays on.
fn turned(current: &Current, angle: f64, end: f64) -> Current {
    let mut turned = current.clone();
    if let Shape::Sine { phase, .. } = &mut turned.shape {
        *phase += angle;
    }
    turned.stop = lasting(turned.stop, end);
    turned
}

/// When a source goes off: never, if it is on until the end of the file's run.
fn lasting(stop: f64, end: f64) -> f64 {
    if stop >= end { f64::INFINITY } else { stop }
}
