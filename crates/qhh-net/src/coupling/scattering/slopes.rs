//! From the derivatives of a number by what each arm does to waves to those by what the arm is: its transmission, weight,
//! gain and delay, and the impedances of the ports it joins.
//!
//! ```text
//! x = w sqrt(G eta) sqrt(Z_r/Z_s)/sqrt(max(K_s, sum |w|) max(K_r, sum |w|))
//! ```
//!
//! so that a weight moves its own arm, and through the sums all arms of the two ports where these are above the number of
//! arms; where they are equal to it, as with weights of 1, the slope is the mean of those to either side.

use super::entry::EntryConnections;
use super::plan::Plan;
use super::tally::Tally;
use super::{PortAt, Scattering, amplitude, for_each_row};
use crate::coupling::layout::Layout;
use crate::coupling::own::Own;
use crate::network::Network;
use crate::ranks::Alone;

/// Derivatives of a number by what an arm does to waves.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct OfArm {
    /// By the amplitude of its voltage wave.
    pub(crate) amplitude: f64,
    /// By its delay in steps.
    pub(crate) delay: f64,
}

/// Derivatives of a number by the values of one arm.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ArmSlopes {
    /// By its power transmission; of an opaque arm, where it has none that is finite, not a number.
    pub transmission: f64,
    /// By its weight.
    pub weight: f64,
    /// By the power gain of its amplifier.
    pub gain: f64,
    /// By its delay, in units of time.
    pub delay: f64,
}

/// How what each arm does to waves changes with the arms' values, `of` by entry of the waveguides by name and item, and with
/// the impedance of the port at each end: the transpose of [`of_arms`].
pub(crate) fn along_arms(
    network: &Network,
    layout: &Layout,
    scattering: &Scattering,
    of: &[&[ArmSlopes]],
    impedance: impl Fn(PortAt) -> f64,
) -> Vec<OfArm> {
    let own = Own::new(layout, &Alone);
    let Plan { entries, from, to, leaving: senders, arriving: receivers, .. } = Plan::new(network, own);
    let places = scattering.arms.places(entries.iter().flat_map(ways));
    let (out, into) = (from.impedances(network, own), to.impedances(network, own));
    // Relative changes that the arms of a port have in common.
    let (mut leaving, mut arriving) = (vec![0.0; out.len()], vec![0.0; into.len()]);
    for (laid, of) in entries.iter().zip(of) {
        for (item, change) in of.iter().enumerate() {
            let sum = change.weight * laid.weights.get(item).signum();
            for [s, r] in laid.ways(item) {
                leaving[s as usize] += sum;
                arriving[r as usize] += sum;
            }
        }
    }
    let by_weight = |sums: &mut [f64], tallies: &[Tally]| {
        for (sum, tally) in sums.iter_mut().zip(tallies) {
            let part = tally.follows_weight();
            *sum = if part == 0.0 { 0.0 } else { -0.5 * *sum * part / tally.weight };
        }
    };
    by_weight(&mut leaving, &senders);
    by_weight(&mut arriving, &receivers);
    for_each_row(&from.rows, layout, 0, |row, port| leaving[row] -= 0.5 * impedance(port) / out[row]);
    for_each_row(&to.rows, layout, 0, |row, port| arriving[row] += 0.5 * impedance(port) / into[row]);
    let mut changes = vec![OfArm::default(); scattering.arms.len()];
    let mut place = places.into_iter();
    for (mut laid, of) in entries.into_iter().zip(of) {
        for (item, change) in of.iter().enumerate() {
            let (_, transmission, gain) = laid.delay_and_powers(item, network.simulation.step);
            let weight = laid.weights.get(item);
            let part = |change: f64, of: f64| if change == 0.0 { 0.0 } else { 0.5 * change / of };
            let own = part(change.transmission, transmission) + part(change.gain, gain);
            for [s, r] in laid.ways(item) {
                let (s, r) = (s as usize, r as usize);
                let unit = of_unit(gain * transmission, (&senders[s], &receivers[r]), (into[r], out[s]));
                changes[place.next().unwrap_or_default()] = OfArm {
                    amplitude: unit * (change.weight + weight * (own + leaving[s] + arriving[r])),
                    delay: change.delay / network.simulation.step,
                };
            }
        }
    }
    changes
}

/// Amplitude through an arm of a weight of 1, beside the others at its two ports.
fn of_unit(power: f64, (at_s, at_r): (&Tally, &Tally), (to, from): (f64, f64)) -> f64 {
    let whole = |tally: &Tally| f64::from(tally.arms).max(tally.weight);
    amplitude(1.0, power / (whole(at_s) * whole(at_r)), to, from)
}

/// Sending and receiving row of every arm of an entry, in each of its directions.
fn ways(laid: &EntryConnections<'_>) -> Vec<[u32; 2]> {
    (0..laid.len()).flat_map(|item| laid.ways(item)).collect()
}

/// The derivatives by each arm's values, entry by entry of the waveguides by name, item by item, from those by what the arms
/// do to waves, in the order of the matrix; and `see` is shown the derivative by the impedance of every port that arms join.
pub(crate) fn of_arms(
    network: &Network,
    layout: &Layout,
    scattering: &Scattering,
    of: &[OfArm],
    mut see: impl FnMut(PortAt, f64),
) -> Vec<Vec<ArmSlopes>> {
    let own = Own::new(layout, &Alone);
    let Plan { entries, from, to, leaving: senders, arriving: receivers, .. } = Plan::new(network, own);
    let places = scattering.arms.places(entries.iter().flat_map(ways));
    // What a common factor on the amplitudes of all arms of a port is worth.
    let (mut leaving, mut arriving) = (vec![0.0; from.count], vec![0.0; to.count]);
    for (receiver, arriving) in arriving.iter_mut().enumerate() {
        for arm in scattering.arms.of(receiver) {
            let whole = of[arm].amplitude * scattering.arms.amplitudes()[arm];
            leaving[scattering.arms.senders()[arm] as usize] += whole;
            *arriving += whole;
        }
    }
    let (out, into) = (from.impedances(network, own), to.impedances(network, own));
    for_each_row(&from.rows, layout, 0, |row, port| see(port, -0.5 * leaving[row] / out[row]));
    for_each_row(&to.rows, layout, 0, |row, port| see(port, 0.5 * arriving[row] / into[row]));
    // By the sum of the weights at a port.
    let by_weight = |tally: &Tally, whole: f64| match tally.follows_weight() {
        0.0 => 0.0,
        part => -0.5 * whole * part / tally.weight,
    };
    let mut place = places.into_iter();
    let of_entry = |mut laid: EntryConnections<'_>| {
        let count = laid.len();
        let of_item = |item: usize| {
            let (_, transmission, gain) = laid.delay_and_powers(item, network.simulation.step);
            let weight = laid.weights.get(item);
            let mut slopes = ArmSlopes::default();
            for [s, r] in laid.ways(item) {
                let (s, r) = (s as usize, r as usize);
                let arm = of[place.next().unwrap_or_default()];
                let (at_s, at_r) = (&senders[s], &receivers[r]);
                let unit = of_unit(gain * transmission, (at_s, at_r), (into[r], out[s]));
                let x = unit * weight;
                slopes.transmission += 0.5 * arm.amplitude * x / transmission;
                slopes.gain += 0.5 * arm.amplitude * x / gain;
                slopes.weight += arm.amplitude * unit
                    + weight.signum() * (by_weight(at_s, leaving[s]) + by_weight(at_r, arriving[r]));
                slopes.delay += arm.delay / network.simulation.step;
            }
            slopes
        };
        (0..count).map(of_item).collect()
    };
    entries.into_iter().map(of_entry).collect()
}
