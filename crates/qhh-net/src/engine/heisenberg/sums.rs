//! Second moments added up task by task, in the tasks' order: what a run of field modes goes on from.

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use super::collected::{Collected, SampledVariance};
use super::modes::ModeMoments;
use super::pairs::Quantities;

/// What the tasks add to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Sums {
    pub(super) n_looks: usize,
    /// Recorded nodes, ascending.
    pub(super) recorded: Vec<usize>,
    /// Lines of each node.
    n_lines: Vec<usize>,
    /// By recorded node: its own lines.
    pub(super) own: Vec<Vec<SampledVariance>>,
    /// By recorded node: all other nodes' lines together.
    pub(super) others: Vec<SampledVariance>,
    pub(super) commutator: Vec<Vec<f64>>,
    /// The same of the variance: sums that tell what the frequencies miss.
    null: Vec<Vec<[f64; 2]>>,
    /// By recorded node: every line of every node that reaches it, where a noise budget is kept.
    pub(super) budget: Option<Vec<Shares>>,
    /// The same by wave in the budget.
    pub(super) waves: Vec<Shares>,
    pub(super) modes: ModeMoments,
    /// `[pair of quantities][look]`.
    pub(super) pairs: Vec<Vec<f64>>,
    /// The same, with the weights that tell what the frequencies miss.
    pair_null: Vec<Vec<[f64; 2]>>,
    /// The largest distance of a start from stationary.
    pub(super) defect: f64,
}

/// Parts by node and line of it.
pub(super) type Shares = Vec<(usize, usize, SampledVariance)>;

impl Sums {
    /// Nothing yet: of recorded nodes, with the lines of each node and the number of looks; of so many outgoing modes and
    /// paired quantities, with or without budgets, of so many waves besides.
    pub(super) fn zero(
        (recorded, n_lines, n_looks): (Vec<usize>, Vec<usize>, usize),
        (n_modes, n_quantities, budget, n_waves): (usize, usize, bool, usize),
    ) -> Self {
        Self {
            own: recorded.iter().map(|&node| vec![SampledVariance::zero(n_looks); n_lines[node]]).collect(),
            others: vec![SampledVariance::zero(n_looks); recorded.len()],
            commutator: vec![vec![0.0; n_looks]; recorded.len()],
            null: vec![vec![[0.0; 2]; n_looks]; recorded.len()],
            budget: budget.then(|| vec![Vec::new(); recorded.len()]),
            waves: vec![Vec::new(); n_waves],
            modes: ModeMoments::zero(n_modes),
            pairs: Quantities::pairs(n_quantities).map(|_| vec![0.0; n_looks]).collect(),
            pair_null: Quantities::pairs(n_quantities).map(|_| vec![[0.0; 2]; n_looks]).collect(),
            defect: 0.0,
            n_looks,
            recorded,
            n_lines,
        }
    }

    /// Whether these can be sums of the network that `other` is of.
    pub(super) fn fits(&self, other: &Self) -> bool {
        let n_looks = other.n_looks;
        let whole = |parts: &SampledVariance| parts.vacuum.len() == n_looks && parts.thermal.len() == n_looks;
        let alike = |a: &[Vec<f64>], b: &[Vec<f64>]| a.len() == b.len() && a.iter().all(|x| x.len() == n_looks);
        let shares = |budget: &[Shares], n: usize| {
            let known =
                |share: &(usize, usize, SampledVariance)| other.n_lines.get(share.0).is_some_and(|n| share.1 < *n);
            budget.len() == n && budget.iter().flatten().all(|share| known(share) && whole(&share.2))
        };
        (self.n_looks, &self.recorded, &self.n_lines) == (n_looks, &other.recorded, &other.n_lines)
            && self.own.len() == other.own.len()
            && self.own.iter().zip(&other.own).all(|(a, b)| a.len() == b.len())
            && self.others.len() == other.others.len()
            && self.own.iter().flatten().chain(&self.others).all(whole)
            && alike(&self.commutator, &other.commutator)
            && self.null.len() == other.null.len()
            && self.null.iter().all(|null| null.len() == n_looks)
            && alike(&self.pairs, &other.pairs)
            && self.pair_null.len() == other.pair_null.len()
            && self.pair_null.iter().all(|null| null.len() == n_looks)
            && self.budget.is_some() == other.budget.is_some()
            && self.budget.as_ref().is_none_or(|budget| shares(budget, other.recorded.len()))
            && shares(&self.waves, other.waves.len())
            && self.modes.fits(&other.modes)
    }

    /// Adds what a task of the node `origin` found.
    pub(super) fn add(&mut self, origin: usize, collected: &Collected) {
        self.defect = self.defect.max(collected.defect);
        self.modes.plus(&collected.modes);
        let (reached, sums, null) = &collected.pairs;
        let of_looks = sums.chunks_exact(self.n_looks).zip(null.chunks_exact(self.n_looks));
        for ((i, j), (sums, null)) in Quantities::pairs(reached.len()).zip(of_looks) {
            // Places ascend, and so do those in reach.
            let (i, j) = (reached[i], reached[j]);
            let pair = i * (i + 1) / 2 + j;
            self.pairs[pair].iter_mut().zip(sums).for_each(|(sum, more)| *sum += more);
            for (sum, more) in self.pair_null[pair].iter_mut().zip(null) {
                *sum = [sum[0] + more[0], sum[1] + more[1]];
            }
        }
        let (n_looks, n_lines) = (self.n_looks, self.n_lines[origin]);
        for (place, node) in collected.reached.iter().enumerate() {
            let Ok(target) = self.recorded.binary_search(node) else { continue };
            for line in 0..n_lines {
                let span = (place * n_lines + line) * n_looks..(place * n_lines + line + 1) * n_looks;
                let (vacuum, thermal) = (&collected.vacuum[span.clone()], &collected.thermal[span]);
                if *node == origin {
                    self.own[target][line].add(vacuum, thermal);
                } else {
                    self.others[target].add(vacuum, thermal);
                }
                if let Some(budget) = &mut self.budget {
                    add_share(&mut budget[target], (origin, line), vacuum, thermal);
                }
            }
            let commutator = &collected.commutator[place * n_looks..(place + 1) * n_looks];
            self.commutator[target].iter_mut().zip(commutator).for_each(|(sum, x)| *sum += x);
            let null = &collected.null[place * n_looks..(place + 1) * n_looks];
            for (sum, more) in self.null[target].iter_mut().zip(null) {
                *sum = [sum[0] + more[0], sum[1] + more[1]];
            }
        }
        let (reached, parts) = &collected.waves;
        for (wave, parts) in reached.iter().zip(parts.chunks_exact(n_lines)) {
            for (line, parts) in parts.iter().enumerate() {
                add_share(&mut self.waves[*wave], (origin, line), &parts.vacuum, &parts.thermal);
            }
        }
    }
}

impl Sums {
    /// Variance of a recorded node at a look.
    fn variance(&self, target: usize, look: usize) -> f64 {
        let all = self.own[target].iter().chain([&self.others[target]]);
        all.map(|parts| parts.vacuum[look] + parts.thermal[look]).sum()
    }

    /// Largest error of a variance or covariance at any look that the frequencies may leave, relative to the variances,
    /// from the highest Legendre coefficients of its density: a rule of `n` points misses those of degree `2 n` and more,
    /// which are smaller.
    pub(super) fn missed(&self) -> f64 {
        let mut missed = 0.0f64;
        for (target, null) in self.null.iter().enumerate() {
            for (look, [a, b]) in null.iter().enumerate() {
                let variance = self.variance(target, look);
                missed = if variance > 0.0 { missed.max(a.hypot(*b) / variance) } else { missed };
            }
        }
        let place = |k: usize| k * (k + 1) / 2 + k;
        for ((i, j), null) in Quantities::pairs(self.n_quantities()).zip(&self.pair_null) {
            for (look, [a, b]) in null.iter().enumerate() {
                let size = (self.pairs[place(i)][look] * self.pairs[place(j)][look]).max(0.0).sqrt();
                missed = if size > 0.0 { missed.max(a.hypot(*b) / size) } else { missed };
            }
        }
        missed
    }

    /// Largest distance at the first look from other sums of the same network: of variances, of covariances and of parts
    /// of noise budgets, relative to the variances of what they are of.
    pub(super) fn distance(&self, other: &Self) -> f64 {
        let relative = |a: f64, b: f64, size: f64| if size > 0.0 { (a - b).abs() / size } else { 0.0 };
        let of = |parts: &SampledVariance| parts.vacuum[0] + parts.thermal[0];
        let mut worst = 0.0f64;
        for target in 0..self.recorded.len() {
            let size = other.variance(target, 0);
            worst = worst.max(relative(self.variance(target, 0), size, size));
            for (a, b) in self.own[target].iter().zip(&other.own[target]) {
                worst = worst.max(relative(of(a), of(b), size));
            }
        }
        let place = |k: usize| k * (k + 1) / 2 + k;
        for (pair, (i, j)) in Quantities::pairs(self.n_quantities()).enumerate() {
            let size = (other.pairs[place(i)][0] * other.pairs[place(j)][0]).max(0.0).sqrt();
            worst = worst.max(relative(self.pairs[pair][0], other.pairs[pair][0], size));
        }
        let budgets = self.budget.iter().flatten().zip(other.budget.iter().flatten());
        for (shares, others) in budgets.chain(self.waves.iter().zip(&other.waves)) {
            let size: f64 = others.iter().map(|share| of(&share.2)).sum();
            let whole: f64 = shares.iter().map(|share| of(&share.2)).sum();
            worst = worst.max(relative(whole, size, size));
            for (a, b) in shares.iter().zip(others) {
                worst = worst.max(relative(of(&a.2), of(&b.2), size));
            }
        }
        worst
    }

    /// The same from covariances of the recorded nodes' voltages, where these alone are paired, if any are.
    pub(super) fn distance_from(&self, exact: &DMatrix<f64>) -> f64 {
        let n = self.recorded.len();
        let of_variances = (0..n)
            .map(|target| (self.variance(target, 0) / exact[(target, target)] - 1.0).abs())
            .fold(0.0, f64::max);
        let pairs = Quantities::pairs(self.n_quantities()).zip(&self.pairs).filter(|((i, _), _)| *i < n);
        let relative = |((i, j), sum): ((usize, usize), &Vec<f64>)| {
            (sum[0] - exact[(i, j)]).abs() / (exact[(i, i)] * exact[(j, j)]).sqrt()
        };
        pairs.map(relative).fold(of_variances, f64::max)
    }

    /// How many quantities are paired.
    fn n_quantities(&self) -> usize {
        (0..=self.pairs.len()).find(|n| n * (n + 1) / 2 >= self.pairs.len()).unwrap_or(0)
    }

    /// Brings the voltages' moments, the same at all looks, to the `exact` ones, `[recorded node, recorded node]`: each
    /// variance and its parts by a factor, and what two voltages share besides by what is still missing. `voltage` tells
    /// which recorded node's voltage a quantity is.
    pub(super) fn correct(&mut self, exact: &DMatrix<f64>, voltage: impl Fn(usize) -> Option<usize>) {
        let factors: Vec<f64> =
            (0..self.recorded.len()).map(|target| exact[(target, target)] / self.variance(target, 0)).collect();
        for (target, &factor) in factors.iter().enumerate() {
            self.own[target].iter_mut().for_each(|parts| parts.scale(factor));
            self.others[target].scale(factor);
            if let Some(budget) = &mut self.budget {
                budget[target].iter_mut().for_each(|share| share.2.scale(factor));
            }
        }
        for (pair, (i, j)) in Quantities::pairs(self.n_quantities()).enumerate() {
            let both = (voltage(i), voltage(j));
            let root = |target: Option<usize>| target.map_or(1.0, |target| factors[target].sqrt());
            let factor = root(both.0) * root(both.1);
            self.pairs[pair].iter_mut().for_each(|sum| *sum *= factor);
            if let (Some(a), Some(b)) = both {
                let missing = exact[(a, b)] - self.pairs[pair][0];
                self.pairs[pair].iter_mut().for_each(|sum| *sum += missing);
            }
        }
    }
}

/// Adds what a line of a node brings.
fn add_share(shares: &mut Shares, (origin, line): (usize, usize), vacuum: &[f64], thermal: &[f64]) {
    // In the order of origins and lines, whichever comes first.
    let place = shares.binary_search_by_key(&(origin, line), |share| (share.0, share.1)).unwrap_or_else(|place| {
        shares.insert(place, (origin, line, SampledVariance::zero(vacuum.len())));
        place
    });
    shares[place].2.add(vacuum, thermal);
}
