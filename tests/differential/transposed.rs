//! The way backwards against the way forwards along a change of everything: `<J v, w> = <v, J^T w>`, to rounding.
//!
//! `v` changes parameters of neurons, waveguides and sources by random parts of themselves, all at once; `w` weighs voltages
//! of some neurons at some times. `J v` comes from the derivative of each step forwards, `J^T w` from its transpose, written
//! apart from it.

use std::ops::ControlFlow;

use qhh_net::Network;
use qhh_net::engine::adjoint::Direction;
use qhh_net::network::{Direction as Way, Drive};

use crate::backwards::{Handle, handles, listed, tape, weights};
use crate::{budgets, generate, n_networks};

/// Part of the sum of all terms' sizes that both may be apart by.
const APART: f64 = 1e-12;

/// The network of this number, some with sense lines or a fourth channel, those of every second one without a reference of
/// their own where that can be.
fn network(number: usize) -> Network {
    let mut network = listed(&generate::network(number));
    budgets::add_lines(&mut network, number);
    let mut free = network.clone();
    for sense in free.populations.iter_mut().filter_map(|of| of.circuit.sense.as_mut()) {
        sense.reference = None;
    }
    if number.is_multiple_of(2) && free.check().is_empty() { free } else { network }
}

/// Everything by a random part of itself, between two networks in which the same values are given.
fn sides(network: &Network, number: usize) -> [Network; 2] {
    let mut sides = [network.clone(), network.clone()];
    for (k, handle) in handles(network, number).into_iter().enumerate() {
        let part = ((k * 2_654_435_761 + number * 977) % 1009) as f64 / 1009.0 - 0.5;
        for (side, factor) in sides.iter_mut().zip([1.0, 1.0 + 0.1 * part]) {
            *side = handle.turned(side, factor);
        }
    }
    sides
}

/// What the networks had that were compared.
#[derive(Debug, Default)]
struct Found {
    compared: usize,
    worst: f64,
    between_steps: usize,
    lossy: usize,
    amplified: usize,
    both_ways: usize,
    sensed: usize,
    referring: usize,
    packets: usize,
    trains: usize,
}

impl Found {
    fn take(&mut self, network: &Network, off: f64) {
        let links = qhh_net::links(network);
        let is_between = |delay: f64| (delay / generate::STEP - (delay / generate::STEP).round()).abs() > 1e-6;
        let senses = || network.populations.iter().filter_map(|of| of.circuit.sense);
        self.compared += 1;
        self.worst = self.worst.max(off);
        self.between_steps += usize::from(links.iter().any(|link| is_between(link.delay)));
        self.lossy += usize::from(links.iter().any(|link| link.transmission < 0.99));
        self.amplified += usize::from(links.iter().any(|link| link.gain > 1.0));
        self.both_ways += usize::from(network.waveguides.iter().any(|of| of.direction == Way::TwoWay));
        self.sensed += usize::from(senses().count() > 0);
        self.referring += usize::from(senses().any(|sense| sense.reference.is_none()));
        self.packets += usize::from(network.sources.iter().any(|of| matches!(of.drive, Drive::Packet(_))));
        let drawn = |drive: &Drive| matches!(drive, Drive::Current(of) if of.shape.draws().is_some());
        self.trains += usize::from(network.sources.iter().any(|of| drawn(&of.drive)));
    }
}

#[test]
fn the_way_backwards_is_the_transpose_of_the_way_forwards() {
    let mut found = Found::default();
    for number in 0..n_networks() {
        let network = network(number);
        let (watched, weights) = weights(&network, number);
        let [from, to] = sides(&network, number);
        let direction = Direction::between(&network, &from, &to).unwrap();
        let goes_on = &mut |_| ControlFlow::Continue(());
        let mut run = tape(&network, &watched, 1);
        let changes = run.tangent(&direction, goes_on).unwrap();
        let on_two = tape(&network, &watched, 2).tangent(&direction, goes_on).unwrap();
        assert!(changes == on_two, "network {number}: on two threads");
        let terms = || weights.iter().flatten().zip(changes.iter().flatten()).map(|(w, v)| w * v);
        let forwards: f64 = terms().sum();
        let gradient = run.backwards(&weights, true, goes_on).unwrap();
        let backwards = gradient.change(&network, &from, &to).unwrap();
        assert!(changes == run.tangent(&direction, goes_on).unwrap(), "network {number}: after going backwards");
        let off = (forwards - backwards).abs() / terms().map(f64::abs).sum::<f64>().max(f64::MIN_POSITIVE);
        assert!(off < APART, "network {number}: {forwards} forwards, {backwards} backwards, apart by {off}");
        found.take(&network, off);
    }
    println!("{found:?}");
    let Found { between_steps, lossy, amplified, both_ways, sensed, referring, packets, trains, .. } = found;
    let all = [between_steps, lossy, amplified, both_ways, sensed, referring, packets, trains];
    assert!(all.iter().all(|count| *count > 0), "something is in none of the networks: {found:?}");
}

/// Along one value alone, against the derivative by it.
#[test]
fn each_value_moves_voltages_as_it_does_backwards() {
    let mut largest = 0.0f64;
    for number in 0..n_networks().div_ceil(5) {
        let network = network(number);
        let (watched, weights) = weights(&network, number);
        let goes_on = &mut |_| ControlFlow::Continue(());
        let mut run = tape(&network, &watched, 1);
        let gradient = run.backwards(&weights, true, goes_on).unwrap();
        for handle in handles(&network, number) {
            let [from, to] = [1.0, 1.01].map(|factor| Handle::turned(handle, &network, factor));
            let direction = Direction::between(&network, &from, &to).unwrap();
            let changes = run.tangent(&direction, goes_on).unwrap();
            let terms = || weights.iter().flatten().zip(changes.iter().flatten()).map(|(w, v)| w * v);
            let (forwards, backwards) = (terms().sum::<f64>(), gradient.change(&network, &from, &to).unwrap());
            let size: f64 = terms().map(f64::abs).sum();
            assert!(
                (forwards - backwards).abs() <= APART * size,
                "network {number}: {handle:?}: {forwards} forwards, {backwards} backwards of {size}"
            );
            largest = largest.max(size);
        }
    }
    assert!(largest > 0.0, "nothing moves anything");
}
