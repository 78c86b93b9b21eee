//! What sources must obey.

use qhh_core::quantum::State;
use qhh_core::quantum::linear_map::MAX_PHOTONS;

use super::{Mistakes, place_of};
use crate::network::fed::tone;
use crate::network::{Drive, Method, Network, PacketSource, Source};

impl Network {
    pub(super) fn check_sources(&self, mistakes: &mut Mistakes) {
        let n_neurons = self.n_neurons();
        for source in &self.sources {
            let path = |rest: &str| format!("sources.{}{rest}", source.name);
            if source.targets.greatest().is_some_and(|neuron| neuron >= n_neurons) {
                mistakes.add(&path(".into"), "no such neuron");
            }
            let checked = match &source.drive {
                Drive::Current(current) => current.check().map_err(|error| (".current", error)),
                Drive::Mode(mode) => mode.check().map_err(|error| (place_of(&error), error)),
                Drive::Packet(packet) => packet
                    .packet
                    .check()
                    .map_err(|error| (".wavepacket", error))
                    .and_then(|()| packet.state.check().map_err(|error| (".state", error))),
            };
            if let Err((place, error)) = checked {
                mistakes.add(&path(place), error.to_string());
            }
            let photons =
                source.drive.state().and_then(State::most_photons).filter(|photons| *photons > MAX_PHOTONS);
            if let Some(photons) = photons
                && !self.modes.is_empty()
            {
                let message = format!(
                    "what it does to output modes (`modes`) is computed for at most {MAX_PHOTONS} photons, it has {photons}: write a \
                     smaller number, or leave `modes` out"
                );
                mistakes.add(&path(".state"), message);
            }
            let is_packet = matches!(source.drive, Drive::Packet(_));
            if !is_packet
                && self.simulation.method == Method::Adiabatic
                && tone(&source.drive, 1.0, self.grid()).is_none()
            {
                mistakes.add(
                    &path(".current.shape"),
                    "the adiabatic method answers sinusoidal currents and single pulses (sine, mode, constant, pulse) alone: \
                     choose one of them, or `method: langevin`",
                );
            }
        }
    }

    /// A wavepacket needs a quantum, the time stepping of waves, and an input port at which nothing else arrives.
    pub(super) fn check_packet(&self, source: &Source, packet: &PacketSource, mistakes: &mut Mistakes) {
        let mut wrong = |rest: &str, message: String| {
            mistakes.add(&format!("sources.{}{rest}", source.name), message);
        };
        if self.quantum.is_none() {
            wrong(
                ".wavepacket",
                "a wavepacket needs a `quantum` block, because its size scales with hbar: add `quantum: {hbar: 0.5}`"
                    .to_owned(),
            );
        }
        if self.simulation.method == Method::Adiabatic {
            wrong(".wavepacket", "the adiabatic method has no waves: choose `method: langevin`".to_owned());
        }
        for neuron in source.targets.iter() {
            let name = self.neuron_name(neuron);
            let Some((circuit, _)) = self.neuron(neuron) else { continue };
            if packet.port_of(&circuit).is_none() {
                wrong(
                    ".into",
                    format!("`{name}` has no input port for a wavepacket: give its population an `input`"),
                );
                return;
            }
            let port = self.locate(neuron).and_then(|(population, _)| population.inputs.get(packet.input));
            let taken = self.waveguides.iter().find(|entry| {
                let same = entry.port.is_none() || entry.port.as_ref() == port;
                let mut arrives = false;
                if same && entry.to.contains(neuron) {
                    self.for_each_connection(entry, |arm| arrives |= arm.to == neuron);
                }
                arrives
            });
            if let Some(entry) = taken {
                let taken = &entry.name;
                wrong(
                    ".into",
                    format!(
                        "waveguides `{taken}` arrive at the input port of `{name}`: a wavepacket needs a port of its \
                         own, such as a second one under `inputs`"
                    ),
                );
                return;
            }
        }
    }
}
