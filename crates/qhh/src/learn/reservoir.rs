//! A network as a map from inputs to features, for readouts trained elsewhere.

use std::path::Path;

use qhh_format::task;
use qhh_lab::learn::dataset::Sequence;
use qhh_lab::learn::encode::InputRange;
use qhh_lab::learn::features::Table;
use qhh_lab::learn::reservoir::Reservoir as Driven;

use super::watched;
use crate::{Error, Network, RunObserver, RunSettings};

/// A network driven by inputs and read symbol by symbol: the part of a learning task before its readout.
///
/// # Examples
/// ```
/// use qhh::{Network, Reservoir, RunSettings};
/// use qhh::qhh_lab::learn::encode::InputRange;
///
/// let network = Network::from_yaml("
/// name: cell
/// simulation: {duration: 1 ms}
/// neurons:
///   cell:
///     circuit: single-channel
///     membrane: {capacitance: 1 uF}
///     channels: {potassium: {conductance: 36 mS}}
/// sources: {drive: {into: cell, current: {shape: constant, amplitude: 10 uA}}}
/// ")?;
/// let settings = "{encode: [{source: drive, as: amplitude}], features: [voltage], symbol: 1 ms}";
/// let reservoir = Reservoir::new(&network, settings, &["input"])?;
/// let series = qhh::qhh_lab::learn::dataset::Dataset::series(&[0.0, 1.0, 0.5], &[0.0; 3]).sequences;
/// let range = InputRange { low: vec![0.0], high: vec![1.0] };
/// let features = reservoir.respond(&series, &range, 1, &RunSettings::default(), &mut ())?;
/// assert_eq!(features[0].values.shape(), (3, 1));
/// # Ok::<(), qhh::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reservoir {
    name: String,
    driven: Driven,
}

impl Reservoir {
    /// A network with the entries `encode`, `features`, `symbol` and `virtual_nodes` of a task file as the text
    /// `settings`, for inputs of these names.
    ///
    /// # Errors
    /// [`Error::Network`] with every mistake of the settings.
    pub fn new(network: &Network, settings: &str, inputs: &[&str]) -> Result<Self, Error> {
        let inputs = inputs.iter().map(|&name| name.to_owned()).collect();
        let plan = task::reservoir(Path::new("reservoir"), settings, network.net(), inputs)?;
        let driven = Driven { network: network.net().clone(), plan };
        Ok(Self { name: network.name().to_owned(), driven })
    }

    /// Features of every symbol of every sequence: a table for each, with a row for each symbol. Sequences are matrices
    /// `[symbol][input]`, and every one starts from the network's own start. `range` is what stands for the ends of an
    /// encoding's range; inputs beyond it go on along the same line. Random weights, and the network itself, are drawn by
    /// `seed`. The numbers do not depend on the number of threads, nor on which sequences are answered together.
    ///
    /// # Errors
    /// [`Error::Learn`] where an encoding or a feature does not fit the network or a run fails, [`Error::Cancelled`].
    pub fn respond(
        &self,
        sequences: &[Sequence],
        range: &InputRange,
        seed: u64,
        settings: &RunSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<Vec<Table>, Error> {
        settings.within(|| {
            watched(&self.name, settings.threads, observer, None, |watch| {
                self.driven.respond(sequences, range, seed, watch)
            })
        })
    }
}
