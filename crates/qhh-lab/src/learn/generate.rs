//! Series and shapes by formula: the benchmarks that need no file.

use std::f64::consts::TAU;

use nalgebra::DMatrix;
use qhh_core::stop;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::LearnError;
use super::dataset::{Dataset, labelled};

fn random(seed: u64, what: &str) -> ChaCha8Rng {
    qhh_net::network::random::stream(seed, &format!("learn.task.{what}"))
}

/// A normal number (Box and Muller).
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
    (-2.0 * u.ln()).sqrt() * (TAU * v).cos()
}

/// Independent inputs, even between two bounds.
pub fn uniform(steps: usize, (low, high): (f64, f64), seed: u64) -> Vec<f64> {
    let mut random = random(seed, "uniform");
    let value = |_| {
        stop::check();
        low + (high - low) * random.random::<f64>()
    };
    (0..steps).map(value).collect()
}

/// Values of NARMA from which it grows without bound: those of a series that stays are below 2.
const RUN_AWAY: f64 = 10.0;

/// NARMA of some order: inputs even between 0 and 0.5, and, up to order 10,
///
/// ```text
/// y(t+1) = 0.3 y(t) + 0.05 y(t) sum_{i<order} y(t-i) + 1.5 u(t-order+1) u(t) + 0.1
/// ```
///
/// of Atiya and Parlos, IEEE Trans. Neural Networks 11, 697 (2000), which runs away at higher orders; above 10,
///
/// ```text
/// y(t+1) = 0.2 y(t) + 0.04 y(t) sum_{i<order} y(t-i) + 1.5 u(t-order+1) u(t) + 0.001
/// ```
///
/// with the coefficients of the usual NARMA-30 (Verstraeten et al., Oger toolbox, J. Mach. Learn. Res. 13, 2995 (2012)).
/// The target of symbol `t` is `y(t+1)`; what lies before the start is 0.
///
/// # Errors
/// [`LearnError::RunsAway`] where a value grows beyond 10: above order 30, and seldom below.
pub fn narma(order: usize, steps: usize, seed: u64) -> Result<Dataset, LearnError> {
    let (own, sum, constant) = if order > 10 { (0.2, 0.04, 0.001) } else { (0.3, 0.05, 0.1) };
    let u = uniform(steps, (0.0, 0.5), seed);
    let mut y = vec![0.0; steps + 1];
    for t in 0..steps {
        stop::check();
        let past: f64 = (0..order.min(t + 1)).map(|i| y[t - i]).sum();
        let delayed = (t + 1).checked_sub(order).map_or(0.0, |k| u[k]);
        y[t + 1] = own * y[t] + sum * y[t] * past + 1.5 * delayed * u[t] + constant;
        if y[t + 1] > RUN_AWAY {
            return Err(LearnError::RunsAway { order, seed, symbol: t });
        }
    }
    Ok(Dataset::series(&u, &y[1..]))
}

/// Mackey and Glass's delay equation `dx/dt = 0.2 x(t-tau)/(1 + x(t-tau)^10) - 0.1 x(t)`, sampled once in a unit of
/// time, predicted `horizon` samples ahead. Fourth-order Runge-Kutta in steps of a tenth; the past between samples is
/// interpolated by a straight line. Science 197, 287 (1977).
pub fn mackey_glass(tau: f64, horizon: usize, steps: usize, seed: u64) -> Dataset {
    const SUBSTEPS: usize = 10;
    let dt = 1.0 / SUBSTEPS as f64;
    let mut random = random(seed, "mackey-glass");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a delay in steps")]
    let lag = (tau / dt).round().max(1.0) as usize;
    let mut x: Vec<f64> = (0..=lag).map(|_| 1.2 + 0.2 * (random.random::<f64>() - 0.5)).collect();
    let slope = |x: f64, past: f64| 0.2 * past / (1.0 + past.powi(10)) - 0.1 * x;
    // The start of the delay equation is forgotten within a few hundred units.
    let transient = 500 * SUBSTEPS;
    let total = transient + (steps + horizon) * SUBSTEPS;
    for _ in 0..total {
        stop::check();
        let now = x.len() - 1;
        let (past, next) = (x[now - lag], x[now - lag + 1]);
        let middle = 0.5 * (past + next);
        let at = x[now];
        let k1 = slope(at, past);
        let k2 = slope(at + 0.5 * dt * k1, middle);
        let k3 = slope(at + 0.5 * dt * k2, middle);
        let k4 = slope(at + dt * k3, next);
        x.push(at + dt / 6.0 * (k1 + 2.0 * (k2 + k3) + k4));
    }
    let samples: Vec<f64> = x[lag + transient..].iter().step_by(SUBSTEPS).copied().collect();
    forecast(&samples[..steps + horizon], horizon)
}

/// A series predicted `horizon` samples ahead from itself.
pub fn forecast(samples: &[f64], horizon: usize) -> Dataset {
    Dataset { horizon, ..Dataset::series(&samples[..samples.len() - horizon], &samples[horizon..]) }
}

/// A function of the input of the moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Function {
    /// `x^k` of inputs between -1 and 1.
    Power(u32),
    /// `sin(2 pi c x)` of inputs between -1 and 1.
    Sine(f64),
}

impl Function {
    fn at(self, x: f64) -> f64 {
        match self {
            Self::Power(k) => x.powi(i32::try_from(k).unwrap_or(i32::MAX)),
            Self::Sine(cycles) => (TAU * cycles * x).sin(),
        }
    }
}

/// Inputs even between -1 and 1, and a function of each.
pub fn nonlinear(function: Function, steps: usize, seed: u64) -> Dataset {
    let u = uniform(steps, (-1.0, 1.0), seed);
    let y: Vec<f64> = u.iter().map(|&x| function.at(x)).collect();
    Dataset::series(&u, &y)
}

/// Points of a cylinder, a bell or a funnel.
pub(super) const CYLINDER_BELL_FUNNEL_POINTS: usize = 128;

/// Cylinders, bells and funnels: three shapes of a noisy series of 128 points, `examples` in all, as many of each.
///
/// ```text
/// c(t) = (6 + eta) [a <= t <= b] + eps(t),  b(t) = .. (t-a)/(b-a),  f(t) = .. (b-t)/(b-a)
/// ```
///
/// with a even from 16 to 32, b - a from 32 to 96, eta and eps normal. N. Saito, thesis, Yale (1994). `every` keeps one
/// point in so many.
pub fn cylinder_bell_funnel(examples: usize, every: usize, seed: u64) -> Dataset {
    const NAMES: [&str; 3] = ["cylinder", "bell", "funnel"];
    let mut random = random(seed, "cylinder-bell-funnel");
    let (mut sequences, mut labels) = (Vec::new(), Vec::new());
    for example in 0..examples {
        stop::check();
        let class = example % NAMES.len();
        let a = 16.0 + 16.0 * random.random::<f64>();
        let width = 32.0 + 64.0 * random.random::<f64>();
        let height = 6.0 + normal(&mut random);
        let points: Vec<f64> = (0..CYLINDER_BELL_FUNNEL_POINTS)
            .map(|t| {
                let x = (t as f64 - a) / width;
                let shape = match class {
                    _ if !(0.0..=1.0).contains(&x) => 0.0,
                    0 => 1.0,
                    1 => x,
                    _ => 1.0 - x,
                };
                height * shape + normal(&mut random)
            })
            .collect();
        let kept: Vec<f64> = points.into_iter().step_by(every.max(1)).collect();
        sequences.push(DMatrix::from_column_slice(kept.len(), 1, &kept));
        labels.push(NAMES[class].to_owned());
    }
    labelled(vec!["input".to_owned()], sequences, &labels)
}
