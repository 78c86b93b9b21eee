//! Capacities of the network and of what it is measured against.

use super::{CapacityRow, Findings, Learner, ScoreKind, Study};
use crate::learn::capacity::{Capacities, capacities, products};
use crate::learn::scores::Mean;
use crate::learn::{LearnError, Watch};

/// Products at most: their matrix of inner products is decomposed.
const MOST_PRODUCTS: usize = 3000;

pub(super) fn run(study: &Study, delays: &[usize], watch: &mut Watch<'_>) -> Result<Findings, LearnError> {
    let products = products(delays);
    if products.len() > MOST_PRODUCTS {
        return Err(LearnError::Unsupported {
            what: "the capacity".to_owned(),
            needs: "at most 3000 products of past inputs: shorten the delays of the higher degrees",
            has: format!("{}", products.len()),
        });
    }
    let names = study.learners();
    let mut found: Vec<Vec<Capacities>> = names.iter().map(|_| Vec::new()).collect();
    let mut features = vec![0; names.len()];
    let mut columns = Vec::new();
    let from = study.washout.max(delays.iter().copied().max().unwrap_or(0));
    for (number, &seed) in study.seeds.iter().enumerate() {
        let drawn = study.draw(seed)?;
        let inputs: Vec<f64> = drawn.data.sequences[0].column(0).iter().copied().collect();
        if inputs.len() < from + products.len() + 2 {
            let needs = products.len() + 2;
            return Err(LearnError::EmptyPart {
                part: "measured",
                rows: inputs.len().saturating_sub(from),
                needs,
            });
        }
        let mut width = 0;
        for (place, name) in names.iter().enumerate() {
            watch.part(number * names.len() + place, study.seeds.len() * names.len());
            let Some(table) = study.features(name, &drawn, width, watch)? else { continue };
            let values = table.values.rows_range(from..).into_owned();
            found[place].push(capacities(&values, &inputs, from, &products));
            features[place] = table.columns.len();
            if place == 0 {
                width = table.columns.len();
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
    let learner = |(place, name)| {
        let all: &Vec<Capacities> = &found[place];
        let totals: Vec<f64> = all.iter().map(Capacities::total).collect();
        Learner {
            name,
            features: features[place],
            varying: all.first().map_or(0, |one| one.rank),
            strength: None,
            train: None,
            validation: None,
            test: Some(Mean::of(&totals)),
        }
    };
    Ok(Findings {
        score: ScoreKind::Capacity,
        classes: Vec::new(),
        learners: names.into_iter().enumerate().map(learner).collect(),
        shots: Vec::new(),
        curve: Vec::new(),
        importances: Vec::new(),
        predictions: Vec::new(),
        confusion: Vec::new(),
        capacities,
        columns,
        model: None,
    })
}
