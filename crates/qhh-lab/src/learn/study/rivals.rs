//! Who is measured: the network and its baselines, and the features of each.

use std::borrow::Cow;

use qhh_net::RunError;
use qhh_net::network::Observable;
use qhh_net::tasks::{self, in_order};

use super::seed_data::SeedData;
use super::{Baseline, ScoreKind, Study};
use crate::learn::assemble::{self, Pool};
use crate::learn::baseline::{EchoNetwork, EchoState, delayed, quadratic};
use crate::learn::dataset::{Dataset, Targets};
use crate::learn::features::{Reading, Table};
use crate::learn::{LearnError, Reservoir, Watch};

/// Judges the features of an echo state network: more is better.
pub(super) type Judge<'a> = dyn Fn(&Table) -> f64 + Sync + 'a;

/// One of those that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rival {
    Network,
    Baseline(Baseline),
}

impl Rival {
    pub(super) fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Network => "network",
            Self::Baseline(Baseline::HbarZero) => "hbar = 0",
            Self::Baseline(Baseline::MeanField) => "mean field",
            Self::Baseline(Baseline::EchoState) => "echo state",
            Self::Baseline(Baseline::Linear) => "linear",
            Self::Baseline(Baseline::Quadratic) => "quadratic",
        })
    }
}

/// What stands for variances in the mean-field control, the first that is not read already and that the neurons have; of
/// other channels than the papers', whatever gates and conductances there are.
const CONTROLS: [Observable; 4] = [Observable::N, Observable::H, Observable::M, Observable::G_K];

impl Study {
    /// The network, then the baselines that are wanted and make sense for the task.
    pub(super) fn rivals(&self) -> Vec<Rival> {
        let makes_sense = self.wanted().filter(|baseline| self.senseless(*baseline).is_none());
        std::iter::once(Rival::Network).chain(makes_sense.map(Rival::Baseline)).collect()
    }

    /// The baselines that are wanted and make no sense for the task, with the reason.
    pub fn left_out(&self) -> Vec<(Baseline, &'static str)> {
        self.wanted().filter_map(|baseline| Some((baseline, self.senseless(baseline)?))).collect()
    }

    fn wanted(&self) -> impl Iterator<Item = Baseline> {
        Baseline::ALL.into_iter().filter(|baseline| self.baselines.contains(baseline))
    }

    /// Why a baseline makes no sense for the task, if it makes none.
    fn senseless(&self, baseline: Baseline) -> Option<&'static str> {
        match baseline {
            Baseline::HbarZero if !self.reservoir.feels_hbar() => Some("nothing that is read depends on hbar"),
            // Outgoing modes are in units of the root of hbar.
            Baseline::HbarZero if self.reservoir.reads_modes() => {
                Some("modes are read in units of the root of hbar")
            }
            Baseline::MeanField if self.mean_field().is_none() => Some(
                "no variance is read that a gate could stand for, or inputs are states, which do not reach the mean field",
            ),
            // Capacities are of such products themselves.
            Baseline::Quadratic if self.score() != ScoreKind::Nrmse => Some("it is for series of numbers"),
            _ => None,
        }
    }

    /// Features of one of them for a seed, `width` being the number of the network's; `judge` chooses the settings of an
    /// echo state network.
    pub(super) fn features(
        &self,
        rival: Rival,
        drawn: &SeedData,
        width: usize,
        judge: &Judge<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Table, LearnError> {
        let data = &drawn.data;
        let Rival::Baseline(baseline) = rival else { return self.respond(&self.reservoir, drawn, watch) };
        match baseline {
            Baseline::HbarZero => {
                let mut reservoir = self.reservoir.clone();
                reservoir.network.modes.clear();
                if let Some(quantum) = &mut reservoir.network.quantum {
                    quantum.hbar = 0.0;
                }
                self.respond(&reservoir, drawn, watch)
            }
            Baseline::MeanField => {
                let reservoir = self.mean_field().ok_or(LearnError::NoFeatures)?;
                self.respond(&reservoir, drawn, watch)
            }
            Baseline::EchoState => self.echo_state(drawn, width, judge, watch),
            Baseline::Linear => match &data.targets {
                Targets::Series(_) => Ok(delayed(&data.sequences[0], &data.channels, self.delays.max(1))),
                Targets::Classes { .. } => {
                    let tables: Vec<_> =
                        data.sequences.iter().map(|sequence| delayed(sequence, &data.channels, 1)).collect();
                    assemble::examples(&tables, raw_pool(data))
                }
            },
            Baseline::Quadratic => {
                Ok(quadratic(&data.sequences[0], &data.channels, &drawn.range, self.delays.max(1)))
            }
        }
    }

    /// The network with as many live features of its mean field alone: in place of each variance a gate or a conductance
    /// of the same neurons. None where a feature has no such substitute, or where the inputs do not reach the mean field.
    fn mean_field(&self) -> Option<Reservoir> {
        let mut reservoir = self.reservoir.clone();
        if !reservoir.feels_hbar() || reservoir.is_memoryless().unwrap_or(true) {
            return None;
        }
        let network = &self.reservoir.network;
        let has = |neuron: &usize, observable: Observable| {
            network.locate(*neuron).is_some_and(|(population, _)| observable.is_of(&population.circuit))
        };
        let features = &mut reservoir.plan.features;
        for place in 0..features.len() {
            let is_quantum = features[place].reading.is_quantum();
            if !is_quantum {
                continue;
            }
            let Reading::Trace(_) = features[place].reading else { return None };
            let neurons = &features[place].neurons;
            let is_free = |observable: &Observable| {
                let is_read = |feature: &crate::learn::features::Feature| {
                    feature.reading == Reading::Trace(*observable)
                        && feature.neurons.iter().any(|neuron| neurons.contains(neuron))
                };
                !features.iter().any(is_read) && neurons.iter().all(|neuron| has(neuron, *observable))
            };
            let own = || {
                let channels = Observable::of_channels(network.populations.iter().map(|of| &of.circuit));
                channels.into_iter().flat_map(|[gates, conductance, _]| gates.into_iter().chain(conductance))
            };
            let control = CONTROLS.into_iter().find(is_free).or_else(|| own().find(|of| is_free(of)))?;
            features[place].reading = Reading::Trace(control);
        }
        // Nothing of it scatters, and nothing of it is sampled.
        reservoir.plan.scatter = false;
        Some(reservoir)
    }

    fn respond(
        &self,
        reservoir: &Reservoir,
        drawn: &SeedData,
        watch: &mut Watch<'_>,
    ) -> Result<Table, LearnError> {
        let tables = reservoir.respond(&drawn.data.sequences, &drawn.range, drawn.seed, watch)?;
        match &drawn.data.targets {
            Targets::Series(_) => {
                let only = tables.into_iter().next().ok_or(LearnError::NoFeatures)?;
                Ok(assemble::series(only, self.history))
            }
            Targets::Classes { .. } => assemble::examples(&tables, self.pool),
        }
    }

    /// An echo state network of as many features, with the best of all settings.
    fn echo_state(
        &self,
        drawn: &SeedData,
        width: usize,
        judge: &Judge<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Table, LearnError> {
        let SeedData { seed, data, range, .. } = drawn;
        let symbols = match (&data.targets, self.pool) {
            (Targets::Classes { .. }, Pool::All) => data.sequences[0].nrows(),
            _ => 1,
        };
        let units = (width / symbols).max(1);
        let judged = |settings: &EchoState| {
            let network = EchoNetwork::new(*settings, units, data.channels.len(), *seed);
            let tables =
                data.sequences.iter().map(|sequence| network.respond(sequence, range)).collect::<Vec<_>>();
            let table = match &data.targets {
                Targets::Series(_) => tables.into_iter().next().ok_or(LearnError::NoFeatures)?,
                Targets::Classes { .. } => assemble::examples(&tables, self.pool)?,
            };
            Ok((judge(&table), table))
        };
        let threads = watch.threads;
        let pool = tasks::pool(threads);
        let pool = pool.map_err(|error| RunError::Threads { threads, cause: error.to_string() })?;
        let mut best: Option<(f64, Table)> = None;
        let take = |_: &EchoState, found: Result<(f64, Table), LearnError>| {
            watch.go_on()?;
            let found = found?;
            if best.as_ref().is_none_or(|best| found.0 > best.0) {
                best = Some(found);
            }
            Ok::<(), LearnError>(())
        };
        in_order(Some(&pool), &EchoState::grid(), 2 * pool.current_num_threads(), judged, take)?;
        best.map(|best| best.1).ok_or(LearnError::NoFeatures)
    }
}

/// The raw input keeps its order where it can.
fn raw_pool(data: &Dataset) -> Pool {
    let length = data.sequences.first().map_or(0, nalgebra::DMatrix::nrows);
    if data.sequences.iter().all(|sequence| sequence.nrows() == length) { Pool::All } else { Pool::Mean }
}
