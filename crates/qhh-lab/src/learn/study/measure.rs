//! Capacities of the network and of what it is measured against.

use super::export::Export;
use super::rivals::Rival;
use super::{CapacityRow, Findings, Learner, ScoreKind, Study, Summary};
use crate::learn::capacity::{Capacities, Products, products};
use crate::learn::error::MEASURED;
use crate::learn::features::Table;
use crate::learn::scores::Mean;
use crate::learn::{LearnError, Watch};

/// Products at most: their matrix of inner products is decomposed.
const MOST_PRODUCTS: usize = 3000;

pub(super) fn run(study: &Study, delays: &[usize], watch: &mut Watch<'_>) -> Result<Findings, LearnError> {
    let products = products(delays);
    if products.len() > MOST_PRODUCTS {
        return Err(LearnError::Unsupported {
            entry: "task",
            what: "the capacity".to_owned(),
            needs: "at most 3000 products of past inputs",
            has: format!("{}", products.len()),
        });
    }
    let rivals = study.rivals();
    let mut found: Vec<Vec<Capacities>> = rivals.iter().map(|_| Vec::new()).collect();
    let mut features = vec![0; rivals.len()];
    let (mut columns, mut exports) = (Vec::new(), Vec::new());
    let from = study.washout.max(delays.iter().copied().max().unwrap_or(0));
    for (number, &seed) in study.seeds.iter().enumerate() {
        let drawn = study.draw(seed)?;
        let inputs: Vec<f64> = drawn.data.sequences[0].column(0).iter().copied().collect();
        if inputs.len() < from + products.len() + 2 {
            let needs = products.len() + 2;
            return Err(LearnError::EmptyPart { part: MEASURED, rows: inputs.len().saturating_sub(from), needs });
        }
        let orthonormal = Products::new(&inputs, from, &products);
        let measured = |table: &Table| orthonormal.capacities(&table.values.rows_range(from..).into_owned());
        // Measured as the network is, so the settings chosen are the best that there are.
        let judge = |table: &Table| measured(table).total();
        let mut width = 0;
        for (place, &rival) in rivals.iter().enumerate() {
            watch.part(number * rivals.len() + place, study.seeds.len() * rivals.len());
            let table = study.features(rival, &drawn, width, &judge, watch)?;
            found[place].push(measured(&table));
            features[place] = table.columns.len();
            if place == 0 {
                width = table.columns.len();
                if study.export {
                    exports.push(Export::of(study, &drawn, &table));
                }
                columns = table.columns;
            }
        }
    }
    let mut keys: Vec<(u32, usize)> = products.iter().map(|product| (product.degree(), product.delay())).collect();
    keys.sort_unstable();
    keys.dedup();
    let rows = keys.into_iter().map(|(degree, delay)| {
        let of = |all: &Vec<Capacities>| {
            let sum = |one: &Capacities| -> f64 {
                let inside = |product: &crate::learn::capacity::Product| {
                    (product.degree(), product.delay()) == (degree, delay)
                };
                one.values
                    .iter()
                    .zip(&products)
                    .filter(|(_, product)| inside(product))
                    .map(|(value, _)| value)
                    .sum()
            };
            Mean::of(&all.iter().map(sum).collect::<Vec<_>>())
        };
        CapacityRow { degree, delay, capacities: found.iter().map(of).collect() }
    });
    let capacities = rows.collect();
    let totals = |place: usize| -> Vec<f64> { found[place].iter().map(Capacities::total).collect() };
    let learner = |(place, rival): (usize, Rival)| {
        let all: &Vec<Capacities> = &found[place];
        Learner {
            name: rival.name(),
            features: features[place],
            varying: all.first().map_or(0, |one| one.rank),
            strength: None,
            train: None,
            validation: None,
            test: Some(Mean::of(&totals(place))),
            difference: (rival != Rival::Network).then(|| Mean::difference(&totals(0), &totals(place))),
        }
    };
    let summary = Summary {
        score: ScoreKind::Capacity,
        classes: Vec::new(),
        learners: rivals.into_iter().enumerate().map(learner).collect(),
        shots: Vec::new(),
        curve: Vec::new(),
        importances: Vec::new(),
        confusion: Vec::new(),
        capacities,
    };
    Ok(Findings { summary, predictions: Vec::new(), columns, exports, model: None })
}
