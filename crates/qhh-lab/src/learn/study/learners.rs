//! Seeds and learners: features of each, a readout, scores.

use qhh_net::network::random;
use rand::seq::SliceRandom;

use super::export::Export;
use super::feature_analysis::{self, FeatureAnalysis};
use super::rivals::Rival;
use super::seed_data::SeedData;
use super::{Findings, Learner, Predicted, ShotScore, Study, Summary};
use crate::learn::dataset::{SplitRows, Targets, differ};
use crate::learn::encode::InputRange;
use crate::learn::features::Table;
use crate::learn::model::Model;
use crate::learn::readout::Readout;
use crate::learn::scores::{self, Mean};
use crate::learn::shots::sampled;
use crate::learn::{LearnError, Watch};

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
    let rivals = study.rivals();
    let mut tallies: Vec<Tally> = rivals.iter().map(|_| Tally::default()).collect();
    let mut looks = FeatureAnalysis::default();
    let mut shots: Vec<Vec<f64>> = vec![Vec::new(); study.shots.len()];
    let mut confusion = Vec::new();
    let (mut predictions, mut model, mut columns, mut classes) = (Vec::new(), None, Vec::new(), Vec::new());
    let mut exports = Vec::new();
    let parts = study.seeds.len() * rivals.len();
    for (number, &seed) in study.seeds.iter().enumerate() {
        let drawn = study.draw(seed)?;
        let mut width = 0;
        // A quarter of the training rows is held back to choose settings by.
        let (fit, held) = drawn.parts.train.split_at(drawn.parts.train.len() * 3 / 4);
        let judge = |table: &Table| study.method.judge(&table.values, &drawn.data.targets, fit, held);
        for (place, &rival) in rivals.iter().enumerate() {
            watch.part(number * rivals.len() + place, parts);
            let table = study.features(rival, &drawn, width, &judge, watch)?;
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
            feature_analysis::confuse(&mut confusion, &drawn, &readout, &table);
            for (scores, &n) in shots.iter_mut().zip(&study.shots) {
                watch.go_on()?;
                let values = sampled(&table, n, seed)?;
                let fitted = study.method.fit(&values, &drawn.data.targets, &drawn.parts.train)?;
                scores.push(fitted.score(&values, &drawn.data.targets, &drawn.parts.test));
            }
            if study.export {
                exports.push(Export::of(study, &drawn, &table));
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
    let own: Vec<f64> = tallies.first().map(Tally::test).unwrap_or_default();
    let summary = Summary {
        score: study.score(),
        classes,
        learners: rivals.into_iter().zip(tallies).map(|(rival, tally)| tally.finish(rival, &own)).collect(),
        shots: shots.map(|(&shots, scores)| ShotScore { shots, test: Mean::of(scores) }).collect(),
        curve: looks.curve(),
        importances: looks.importances(),
        confusion,
        capacities: Vec::new(),
    };
    Ok(Findings { summary, predictions, columns, exports, model })
}

impl Tally {
    /// Scores on the test part.
    fn test(&self) -> Vec<f64> {
        self.scores.iter().map(|scores| scores[2]).collect()
    }

    /// With the network's scores on the test part, `own`.
    fn finish(self, rival: Rival, own: &[f64]) -> Learner {
        let mean = |part: usize| {
            let values: Vec<f64> = self.scores.iter().map(|scores| scores[part]).collect();
            (!self.failed).then(|| Mean::of(&values))
        };
        let difference = (rival != Rival::Network && !self.failed).then(|| Mean::difference(own, &self.test()));
        let (train, validation, test) = (mean(0), mean(1), mean(2));
        let Self { features, varying, strength, .. } = self;
        Learner { name: rival.name(), features, varying, strength, train, validation, test, difference }
    }
}

impl SeedData {
    fn scores(&self, readout: &Readout, table: &Table) -> [f64; 3] {
        let SplitRows { train, validation, test } = &self.parts;
        [train, validation, test].map(|rows| readout.score(&table.values, &self.data.targets, rows))
    }
}

impl Study {
    pub(super) fn draw(&self, seed: u64) -> Result<SeedData, LearnError> {
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
        Ok(SeedData { seed, data, parts, range })
    }

    fn model(&self, drawn: &SeedData, readout: Readout) -> Model {
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
fn predicted(drawn: &SeedData, readout: &Readout, table: &Table) -> Vec<Predicted> {
    let SeedData { data, parts, .. } = drawn;
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
