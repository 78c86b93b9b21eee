//! Seeds and learners: features of each, a readout, scores.

use std::borrow::Cow;

use qhh_net::random;
use rand::seq::SliceRandom;

use super::looks::{self, Looks};
use super::{Findings, Learner, Predicted, ShotScore, Study};
use crate::learn::assemble::{self, Pool};
use crate::learn::baseline::{EchoNetwork, EchoState, delayed};
use crate::learn::dataset::{Dataset, Parts, Targets, differ};
use crate::learn::encode::InputRange;
use crate::learn::features::Table;
use crate::learn::model::Model;
use crate::learn::readout::{Readout, goodness};
use crate::learn::scores::{self, Mean};
use crate::learn::shots::sampled;
use crate::learn::{LearnError, Reservoir, Watch};

/// One seed's data, split.
pub(super) struct Drawn {
    pub(super) seed: u64,
    pub(super) data: Dataset,
    pub(super) parts: Parts,
    pub(super) range: InputRange,
}

/// Scores of a learner, seed by seed.
#[derive(Default)]
struct Tally {
    features: usize,
    varying: usize,
    strength: Option<f64>,
    scores: Vec<[f64; 3]>,
    failed: bool,
}

pub(super) fn run(study: &Study, watch: &mut Watch<'_>) -> Result<Findings, LearnError> {
    let names = study.learners();
    let mut tallies: Vec<Tally> = names.iter().map(|_| Tally::default()).collect();
    let mut looks = Looks::default();
    let mut shots: Vec<Vec<f64>> = vec![Vec::new(); study.shots.len()];
    let mut confusion = Vec::new();
    let (mut predictions, mut model, mut columns, mut classes) = (Vec::new(), None, Vec::new(), Vec::new());
    let parts = study.seeds.len() * names.len();
    for (number, &seed) in study.seeds.iter().enumerate() {
        let drawn = study.draw(seed)?;
        let mut width = 0;
        for (place, name) in names.iter().enumerate() {
            watch.part(number * names.len() + place, parts);
            let Some(table) = study.features(name, &drawn, width, watch)? else {
                tallies[place].failed = true;
                continue;
            };
            if place == 0 {
                width = table.columns.len();
            }
            watch.go_on()?;
            let fitted = study.method.fit(&table.values, &drawn.data.targets, &drawn.parts.train);
            let readout = match fitted {
                Err(LearnError::NoFeatures) if place > 0 => {
                    (tallies[place].failed, tallies[place].features) = (true, table.columns.len());
                    continue;
                }
                fitted => fitted?,
            };
            let tally = &mut tallies[place];
            if number == 0 {
                tally.features = table.columns.len();
                tally.varying = readout.scaler.n_varying();
                tally.strength = Some(readout.strength);
            }
            tally.scores.push(drawn.scores(&readout, &table));
            if place > 0 {
                continue;
            }
            looks.take(study, &drawn, &table, readout.strength, watch)?;
            looks::confuse(&mut confusion, &drawn, &readout, &table);
            for (scores, &n) in shots.iter_mut().zip(&study.shots) {
                watch.go_on()?;
                let values = sampled(&table, n, seed)?;
                let fitted = study.method.fit(&values, &drawn.data.targets, &drawn.parts.train)?;
                scores.push(fitted.score(&values, &drawn.data.targets, &drawn.parts.test));
            }
            if number == 0 {
                predictions = predicted(&drawn, &readout, &table);
                drawn.data.classes().clone_into(&mut classes);
                model = Some(study.model(&drawn, readout));
                columns = table.columns;
            }
        }
    }
    let shots = study.shots.iter().zip(&shots);
    Ok(Findings {
        score: study.score(),
        classes,
        learners: names.into_iter().zip(tallies).map(|(name, tally)| tally.finish(name)).collect(),
        shots: shots.map(|(&shots, scores)| ShotScore { shots, test: Mean::of(scores) }).collect(),
        curve: looks.curve(),
        importances: looks.importances(),
        predictions,
        confusion,
        capacities: Vec::new(),
        columns,
        model,
    })
}

impl Tally {
    fn finish(self, name: Cow<'static, str>) -> Learner {
        let mean = |part: usize| {
            let values: Vec<f64> = self.scores.iter().map(|scores| scores[part]).collect();
            (!self.failed).then(|| Mean::of(&values))
        };
        let Self { features, varying, strength, .. } = self;
        Learner { name, features, varying, strength, train: mean(0), validation: mean(1), test: mean(2) }
    }
}

impl Drawn {
    fn scores(&self, readout: &Readout, table: &Table) -> [f64; 3] {
        let Parts { train, validation, test } = &self.parts;
        [train, validation, test].map(|rows| readout.score(&table.values, &self.data.targets, rows))
    }
}

impl Study {
    /// The network and what it is measured against.
    pub(super) fn learners(&self) -> Vec<Cow<'static, str>> {
        let mut names = vec![Cow::Borrowed("network")];
        if self.baselines.hbar_zero && self.reservoir.feels_hbar() {
            names.push("hbar = 0".into());
        }
        if self.baselines.echo_state {
            names.push("echo state".into());
        }
        if self.baselines.linear.is_some() {
            names.push("linear".into());
        }
        names
    }

    pub(super) fn draw(&self, seed: u64) -> Result<Drawn, LearnError> {
        let mut data = self.data(seed)?;
        if self.shuffled {
            shuffle(&mut data.targets, seed);
        }
        let n_rows = data.n_rows();
        let (parts, range) = match &data.targets {
            Targets::Series(values) => {
                let parts = self.split.contiguous(self.washout, n_rows)?;
                if !differ(values, &parts.train) {
                    return Err(LearnError::ConstantTarget);
                }
                let scored = [("validation", &parts.validation), ("test", &parts.test)];
                if let Some((part, _)) = scored.into_iter().find(|(_, rows)| !differ(values, rows)) {
                    return Err(LearnError::ConstantPart { part });
                }
                // The washout comes before the training part and is as much the past.
                let told = 0..=parts.train.last().copied().unwrap_or(0);
                let range = InputRange::of(told.map(|row| (&data.sequences[0], row)), data.channels.len());
                (parts, range)
            }
            Targets::Classes { .. } => {
                let parts = self.split.shuffled(n_rows, seed)?;
                let sequences = parts.train.iter().map(|&row| &data.sequences[row]);
                let rows = sequences.flat_map(|sequence| (0..sequence.nrows()).map(move |row| (sequence, row)));
                let range = InputRange::of(rows, data.channels.len());
                (parts, range)
            }
        };
        Ok(Drawn { seed, data, parts, range })
    }

    /// Features of a learner, `width` of the network's; none where it cannot run.
    pub(super) fn features(
        &self,
        learner: &str,
        drawn: &Drawn,
        width: usize,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Table>, LearnError> {
        let data = &drawn.data;
        let table = match learner {
            "hbar = 0" => {
                let mut reservoir = self.reservoir.clone();
                if let Some(quantum) = &mut reservoir.network.quantum {
                    quantum.hbar = 0.0;
                }
                self.respond(&reservoir, drawn, watch)?
            }
            "echo state" => self.echo_state(drawn, width, watch)?,
            "linear" => match &data.targets {
                Targets::Series(_) => {
                    delayed(&data.sequences[0], &data.channels, self.baselines.linear.unwrap_or(1).max(1))
                }
                Targets::Classes { .. } => {
                    let tables: Vec<_> =
                        data.sequences.iter().map(|sequence| delayed(sequence, &data.channels, 1)).collect();
                    assemble::examples(&tables, Self::raw_pool(data))?
                }
            },
            _ => self.respond(&self.reservoir, drawn, watch)?,
        };
        Ok(Some(table))
    }

    fn respond(&self, reservoir: &Reservoir, drawn: &Drawn, watch: &mut Watch<'_>) -> Result<Table, LearnError> {
        let tables = reservoir.respond(&drawn.data.sequences, &drawn.range, drawn.seed, watch)?;
        self.assemble(&drawn.data, tables)
    }

    fn assemble(&self, data: &Dataset, tables: Vec<Table>) -> Result<Table, LearnError> {
        match &data.targets {
            Targets::Series(_) => {
                let only = tables.into_iter().next().ok_or(LearnError::NoFeatures)?;
                Ok(assemble::series(only, self.history))
            }
            Targets::Classes { .. } => assemble::examples(&tables, self.pool),
        }
    }

    /// The raw input keeps its order where it can.
    fn raw_pool(data: &Dataset) -> Pool {
        let length = data.sequences.first().map_or(0, nalgebra::DMatrix::nrows);
        if data.sequences.iter().all(|sequence| sequence.nrows() == length) { Pool::All } else { Pool::Mean }
    }

    /// An echo state network of as many features, its settings chosen on a part of the training rows that is held
    /// back.
    fn echo_state(&self, drawn: &Drawn, width: usize, watch: &mut Watch<'_>) -> Result<Table, LearnError> {
        let Drawn { seed, data, parts, range } = drawn;
        let symbols = match (&data.targets, self.pool) {
            (Targets::Classes { .. }, Pool::All) => data.sequences[0].nrows(),
            _ => 1,
        };
        let units = (width / symbols).max(1);
        let table = |settings| {
            let network = EchoNetwork::new(settings, units, data.channels.len(), *seed);
            let tables =
                data.sequences.iter().map(|sequence| network.respond(sequence, range)).collect::<Vec<_>>();
            match &data.targets {
                Targets::Series(_) => tables.into_iter().next().ok_or(LearnError::NoFeatures),
                Targets::Classes { .. } => assemble::examples(&tables, self.pool),
            }
        };
        if self.score() == super::ScoreKind::Capacity {
            return table(EchoState::COMMON);
        }
        let (fit, held) = parts.train.split_at(parts.train.len() * 3 / 4);
        let mut best: Option<(f64, Table)> = None;
        for settings in EchoState::GRID {
            watch.go_on()?;
            let table = table(settings)?;
            let readout = self.method.quick().fit(&table.values, &data.targets, fit)?;
            let good = goodness(&data.targets, readout.score(&table.values, &data.targets, held));
            if best.as_ref().is_none_or(|best| good > best.0) {
                best = Some((good, table));
            }
        }
        best.map(|best| best.1).ok_or(LearnError::NoFeatures)
    }

    fn model(&self, drawn: &Drawn, readout: Readout) -> Model {
        Model {
            task: self.name.clone(),
            channels: drawn.data.channels.clone(),
            classes: drawn.data.classes().to_vec(),
            plan: self.reservoir.plan.clone(),
            range: drawn.range.clone(),
            seed: drawn.seed,
            washout: self.washout,
            horizon: drawn.data.horizon,
            history: self.history,
            pool: self.pool,
            readout,
        }
    }
}

fn shuffle(targets: &mut Targets, seed: u64) {
    let mut random = random::stream(seed, "learn.shuffled");
    match targets {
        Targets::Series(values) => {
            let mut order: Vec<usize> = (0..values.nrows()).collect();
            order.shuffle(&mut random);
            *values = values.select_rows(&order);
        }
        Targets::Classes { of, .. } => of.shuffle(&mut random),
    }
}

/// Truth and prediction of every row that belongs to a part.
fn predicted(drawn: &Drawn, readout: &Readout, table: &Table) -> Vec<Predicted> {
    let Drawn { data, parts, .. } = drawn;
    let all = readout.predict(&table.values);
    let classes = scores::largest(&all);
    let named = [("train", &parts.train), ("validation", &parts.validation), ("test", &parts.test)];
    let mut rows: Vec<Predicted> = named
        .into_iter()
        .flat_map(|(part, rows)| rows.iter().map(move |&row| (part, row)))
        .map(|(part, row)| {
            let (truth, prediction) = match &data.targets {
                Targets::Series(values) => (values[(row, 0)], all[(row, 0)]),
                Targets::Classes { of, .. } => (of[row] as f64, classes[row] as f64),
            };
            Predicted { row: row + data.horizon, part, truth, prediction }
        })
        .collect();
    rows.sort_by_key(|predicted| predicted.row);
    rows
}
