//! Networks run from their text or file, and what of them is compared.

use std::path::{Path, PathBuf};

use qhh_format::yaml::{self, Override};
use qhh_net::network::Observable;
use qhh_net::{Network, Outcome, RunOptions, Simulation};

/// A network and what it came to.
pub(crate) struct Ran {
    pub(crate) network: Network,
    pub(crate) outcome: Outcome,
}

/// A file of `tests/faults`.
pub(crate) fn fault(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/faults").join(path)
}

/// Why a file of `tests/faults` is refused.
pub(crate) fn refusal(path: &str) -> String {
    match yaml::load(&fault(path), &[]) {
        Ok(_) => panic!("{path} is accepted"),
        Err(error) => error.to_string(),
    }
}

impl Ran {
    /// Runs a file of `tests/faults`, with values set from outside as `units=si`.
    pub(crate) fn fault(path: &str, set: &[&str]) -> Self {
        let set: Vec<Override> = set.iter().map(|set| Override::parse(set).unwrap()).collect();
        let loaded = yaml::load(&fault(path), &set).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self::of((*loaded.network).clone(), RunOptions::default())
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::text_with(text, RunOptions::default())
    }

    pub(crate) fn text_with(text: &str, options: RunOptions) -> Self {
        let loaded =
            yaml::load_text(Path::new("net.yaml"), text, &[]).unwrap_or_else(|error| panic!("{error}\n{text}"));
        Self::of((*loaded.network).clone(), options)
    }

    pub(crate) fn of(network: Network, options: RunOptions) -> Self {
        let simulation = Simulation::new(&network, options).unwrap();
        let outcome = simulation.run(&mut |_| std::ops::ControlFlow::Continue(())).unwrap();
        Self { network, outcome }
    }

    /// Samples of a neuron, in the network's unit.
    pub(crate) fn trace(&self, neuron: &str, observable: Observable) -> &[f64] {
        let number = (0..self.network.n_neurons()).find(|&number| self.network.neuron_name(number) == neuron);
        self.outcome.traces.get(number.unwrap(), observable).unwrap()
    }

    pub(crate) fn voltage(&self, neuron: &str) -> &[f64] {
        self.trace(neuron, Observable::Voltage)
    }

    pub(crate) fn current(&self, neuron: &str) -> &[f64] {
        self.trace(neuron, Observable::Current)
    }

    /// Times of the spikes of a neuron.
    pub(crate) fn spikes(&self, neuron: &str) -> Vec<f64> {
        let own = self.outcome.spikes.iter().filter(|spike| self.network.neuron_name(spike.neuron) == neuron);
        own.map(|spike| spike.time).collect()
    }
}
