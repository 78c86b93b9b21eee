//! What fluctuations must obey.

use qhh_core::source::Packet;
use qhh_core::units::{Dimension, rounded, rounded_down};

use super::Mistakes;
use crate::network::{Fluctuations, Method, Network, OutputEnvelope, Quantum};

/// Samples of the fields at most.
pub const MOST_SAMPLES: usize = 100_000_000;

/// Packets that a search for modes spans at most.
const MOST_PACKETS: usize = 200;

impl Network {
    /// Trajectories are those of samples that there are.
    pub(super) fn check_trajectories(&self, mistakes: &mut Mistakes) {
        let kept = self.record.trajectories;
        let sampled = |quantum: &Quantum| quantum.fluctuations == Fluctuations::Wigner;
        let samples = self.quantum.filter(sampled).map(|quantum| quantum.samples);
        let path = "record.trajectories";
        match samples {
            _ if kept == 0 => {}
            None => {
                mistakes.add(path, "there are no samples to keep: write `fluctuations: wigner` under `quantum`");
            }
            Some(samples) if kept > samples => {
                mistakes.add(
                    path,
                    format!("there are {samples} samples: keep at most {samples}, or take {kept} or more of them"),
                );
            }
            Some(_) => {}
        }
    }

    pub(super) fn check_quantum(&self, mistakes: &mut Mistakes) {
        let how = self.quantum.map_or(Fluctuations::None, |quantum| quantum.fluctuations);
        let through = how.in_tasks();
        if let (false, Some(joint)) = (through, self.states.first()) {
            let message =
                "joint states take field modes or samples: write `fluctuations: heisenberg` under `quantum`";
            mistakes.add(&format!("states.{}", joint.name), message);
        }
        self.check_joint_states(mistakes);
        if let (true, Some(mode)) = (how != Fluctuations::Heisenberg, self.modes.first()) {
            let message = "outgoing modes take field modes: write `fluctuations: heisenberg` under `quantum`";
            mistakes.add(&format!("modes.{}", mode.name), message);
        }
        let Some(quantum) = self.quantum.filter(|_| through) else { return };
        if let (true, Some(mode)) = (quantum.hbar == 0.0, self.modes.first()) {
            let message = "the operator b of an outgoing mode is a wave in units of the root of hbar, which is 0: set \
                           `quantum.hbar` above 0, or leave out `modes`";
            mistakes.add(&format!("modes.{}", mode.name), message);
        }
        if self.simulation.method == Method::Adiabatic {
            mistakes.add(
                "quantum.fluctuations",
                "fields go through the network beside the langevin method: choose `method: langevin`, or \
                 `fluctuations: adiabatic`",
            );
        }
        if how == Fluctuations::Wigner {
            self.check_samples(quantum, mistakes);
        }
        let end = self.simulation.duration;
        for mode in &self.modes {
            let place = format!("modes.{}", mode.name);
            if let OutputEnvelope::Dominant(search) = &mode.envelope {
                let n = search.n_packets();
                if search.from > search.to {
                    let (from, to) = (self.time(search.from), self.time(search.to));
                    mistakes.add(
                        &place,
                        format!("`to`, {to}, is before `from`, {from}: write the earlier time as `from`"),
                    );
                    continue;
                }
                if n > MOST_PACKETS || !(1..=n).contains(&search.count) {
                    let message = format!(
                        "{n} {} of width {} from {} to {} span the modes, of which {} are wanted: take from 1 to as many as \
                         there are packets, {MOST_PACKETS} at most",
                        if n == 1 { "packet" } else { "packets" },
                        self.time(search.width),
                        self.time(search.from),
                        self.time(search.to),
                        search.count
                    );
                    mistakes.add(&place, message);
                    continue;
                }
            }
            // Four standard deviations of the amplitude.
            let packets = mode.envelope.packets();
            let reach = |packet: &Packet| 4.0 * std::f64::consts::SQRT_2 * packet.width;
            let from = packets.iter().map(|packet| packet.centre - reach(packet)).fold(f64::INFINITY, f64::min);
            let to = packets.iter().map(|packet| packet.centre + reach(packet)).fold(f64::NEG_INFINITY, f64::max);
            if from < -1e-9 * end || to > end * (1.0 + 1e-9) {
                let show = |time: f64| self.time(rounded(time, 4));
                mistakes.add(
                    &place,
                    format!(
                        "the envelope lies from {} to {}, not within the run, 0 to {}: lengthen the run, or move or \
                         narrow the envelope",
                        show(from),
                        show(to),
                        self.time(end)
                    ),
                );
            }
        }
        if quantum.modes.is_some_and(|modes| !(2..=4096).contains(&modes)) {
            mistakes.add("quantum.modes", "the number of frequencies of a line lies between 2 and 4096: write `auto` for as many as the variance takes");
        }
    }

    /// A source is in one joint state at most: two say twice what its mode is in.
    fn check_joint_states(&self, mistakes: &mut Mistakes) {
        for (place, joint) in self.states.iter().enumerate() {
            for (k, source) in joint.sources.iter().enumerate() {
                let other = self.states[..place].iter().find(|other| other.sources.contains(source));
                if let (Some(other), Some(source)) = (other, self.sources.get(*source)) {
                    let message = format!(
                        "`{}` is in the joint state `{}` already: write one state of all of them, with their `covariance`",
                        source.name, other.name
                    );
                    mistakes.add(&format!("states.{}.of[{k}]", joint.name), message);
                }
            }
        }
    }

    /// Samples are drawn of Gaussian states alone, and steps must resolve the noise.
    pub(super) fn check_samples(&self, quantum: Quantum, mistakes: &mut Mistakes) {
        if !(2..=MOST_SAMPLES).contains(&quantum.samples) {
            mistakes.add("quantum.samples", "the number of samples lies between 2 and 100 million");
        }
        let turn = quantum.cutoff * self.simulation.step;
        if turn > std::f64::consts::PI {
            mistakes.add(
                "quantum.cutoff",
                format!(
                    "a step of {} resolves noise up to {}, not up to {}: write `step: {}` or less, or lower the cutoff",
                    self.time(self.simulation.step),
                    self.units.display(rounded_down(std::f64::consts::PI / self.simulation.step, 3), Dimension::FREQUENCY),
                    self.units.display(quantum.cutoff, Dimension::FREQUENCY),
                    self.time(rounded_down(std::f64::consts::PI / quantum.cutoff, 3))
                ),
            );
        }
        for source in &self.sources {
            if source.drive.state().is_some_and(|state| !state.is_gaussian()) {
                mistakes.add(
                    &format!("sources.{}.state", source.name),
                    "this state is no probability that samples could be drawn from: use a Gaussian one, or \
                     `fluctuations: heisenberg`",
                );
            }
        }
    }
}
