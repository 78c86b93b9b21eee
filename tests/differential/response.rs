//! Responses to fluctuations through a run in their plainest form: beside the mean field of [`crate::reference`], every
//! source of noise at every frequency goes by itself through the whole network, `e^{-i w t}` and all, by classical
//! Runge-Kutta of fourth order; what every port sent is kept for ever.
//!
//! ```text
//! C dV/dt = -sum g(t) V - sum I_p + sqrt(g(t)/pi) e^{-iwt},   I_p = (V - u_p - 2 A_p)/Z_p,   C_p du_p/dt = I_p
//! A_r(t)  = sum over arms  sign c sqrt(eta G) s sqrt(Z_r/Z_s) B_s(t - tau) + noise e^{-iwt},   B_s = V - u_s - A_s
//! ```

use std::f64::consts::PI;

use nalgebra::DMatrix;
use qhh_core::num_complex::Complex64;
use qhh_net::Network;
use qhh_net::network::Drive;

use crate::dense::{self, Dense};
use crate::reference::{self, Course};

/// Steps of the mean field in one of the responses: their middles are steps of the mean field.
const MEAN_STEPS: usize = 2;

/// The mean field of a network, as responses need it.
pub struct Mean {
    step: f64,
    /// Conductance of each bath at each step, `[neuron][step][bath]`.
    pub baths: Vec<Vec<Vec<f64>>>,
}

impl Mean {
    /// From its courses at steps of `step`.
    pub fn new(network: &Network, courses: &[Course], step: f64) -> Self {
        let of_neuron = |(neuron, course): (usize, &Course)| {
            let (circuit, _) = network.neuron(neuron).unwrap();
            let at = |[n, m, h]: &[f64; 3]| {
                let open = [n.powi(4), m.powi(3) * h, 1.0];
                let channels = circuit.channels.iter().zip(open);
                dense::baths(
                    network.simulation.baths,
                    channels.map(|(channel, open)| channel.conductance * open).collect(),
                )
            };
            course.gates.iter().map(at).collect()
        };
        Self { step, baths: courses.iter().enumerate().map(of_neuron).collect() }
    }

    /// At a time between the first and the last; at steps as they are.
    fn baths(&self, neuron: usize, time: f64) -> Vec<f64> {
        let course = &self.baths[neuron];
        let place = time / self.step;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time of the run")]
        let near = place.round() as usize;
        if (place - near as f64).abs() < 1e-6 {
            return course[near].clone();
        }
        let before = if (near as f64) < place { near } else { near - 1 };
        let part = place - before as f64;
        course[before].iter().zip(&course[before + 1]).map(|(a, b)| a + part * (b - a)).collect()
    }
}

/// What one line drives, times `e^{-i w t}`.
pub enum Forcing<'a> {
    /// The current `sqrt(g/pi)` of a bath of a neuron.
    Bath(usize, usize),
    /// A part of each unknown that is an arriving wave.
    Waves(Vec<Complex64>),
    /// A current that is on for a while, by neuron.
    Current { drive: &'a Drive, into: Vec<(usize, f64)> },
    /// A wave with an envelope that arrives at a port.
    Packet { drive: &'a Drive, at: (usize, usize), size: f64 },
    /// The same with a spectrum, `sum of size e^{-i w t}` over pairs of `w` and size, of the carrier at hand and all.
    Spectrum { at: (usize, usize), lines: Vec<(f64, Complex64)> },
}

pub enum Start {
    /// The unknowns in response to each line.
    Stationary(DMatrix<Complex64>),
    Nothing,
}

/// All lines through the network at one frequency.
pub struct Run<'a> {
    pub dense: &'a Dense,
    pub mean: &'a Mean,
    pub omega: f64,
    pub forcings: Vec<Forcing<'a>>,
}

/// All that is not of the state, at one time: drives `[unknown][line]`, of an arriving wave the wave itself, and the
/// conductance of each neuron.
struct Stage {
    drives: Vec<Complex64>,
    conductances: Vec<f64>,
}

/// Waves that left, `[port][step][line]`.
struct Sent {
    step: f64,
    /// Whether they were the same before, but for their phase.
    always: bool,
    waves: Vec<Vec<Vec<Complex64>>>,
}

impl Run<'_> {
    /// Goes through the run; `take` sees the voltages `[neuron, line]` at each sample.
    pub fn through(
        &self,
        start: Start,
        every: f64,
        n_samples: usize,
        mut take: impl FnMut(usize, DMatrix<Complex64>),
    ) {
        let step = MEAN_STEPS as f64 * self.mean.step;
        let steps_apart = reference::rounded(every / step);
        let (n_lines, always) = (self.forcings.len(), matches!(start, Start::Stationary(_)));
        let mut state = vec![Complex64::ZERO; self.dense.n_unknowns * n_lines];
        if let Start::Stationary(start) = start {
            for unknown in 0..self.dense.n_unknowns {
                let row = start.row(unknown);
                state[unknown * n_lines..(unknown + 1) * n_lines].copy_from_slice(row.transpose().as_slice());
            }
        }
        let ports: Vec<_> = self.dense.ports().collect();
        let mut sent = Sent { step, always, waves: vec![Vec::new(); ports.len()] };
        for k in 0..=(n_samples - 1) * steps_apart {
            let t = k as f64 * step;
            // The stationary start has what arrives then as well.
            let arriving = if k == 0 && always { state.clone() } else { self.stage(t, t, &sent).drives };
            for (&port, waves) in ports.iter().zip(&mut sent.waves) {
                let row = |unknown: usize| unknown * n_lines..(unknown + 1) * n_lines;
                let v = &state[row(self.dense.voltage(port.0))];
                let u = &state[row(self.dense.capacitor(port))];
                let a = &arriving[row(self.dense.wave(port))];
                waves.push((0..n_lines).map(|l| v[l] - u[l] - a[l]).collect());
            }
            if k % steps_apart == 0 {
                let n = self.dense.neurons.len();
                take(
                    k / steps_apart,
                    DMatrix::from_fn(n, n_lines, |i, l| state[self.dense.voltage(i) * n_lines + l]),
                );
            }
            if k < (n_samples - 1) * steps_apart {
                state = self.step(&state, t, step, &sent);
            }
        }
    }

    /// One step, split wherever a source jumps.
    fn step(&self, state: &[Complex64], t: f64, step: f64, sent: &Sent) -> Vec<Complex64> {
        let mut edges = vec![t, t + step];
        for forcing in &self.forcings {
            if let Forcing::Current { drive, .. } = forcing {
                edges.extend(reference::breaks(drive, t, t + step));
            }
        }
        edges.retain(|edge| (t..=t + step).contains(edge));
        edges.sort_by(f64::total_cmp);
        let pieces = edges.windows(2).filter(|piece| piece[1] - piece[0] > 1e-9 * step);
        pieces.fold(state.to_vec(), |state, piece| {
            let (t, h, middle) = (piece[0], piece[1] - piece[0], 0.5 * (piece[0] + piece[1]));
            let stages = [t, middle, t + h].map(|t| self.stage(t, middle, sent));
            let along = |slope: &[Complex64], h: f64| -> Vec<Complex64> {
                state.iter().zip(slope).map(|(x, d)| x + h * d).collect()
            };
            let k1 = self.slope(&state, &stages[0]);
            let k2 = self.slope(&along(&k1, 0.5 * h), &stages[1]);
            let k3 = self.slope(&along(&k2, 0.5 * h), &stages[1]);
            let k4 = self.slope(&along(&k3, h), &stages[2]);
            (0..state.len()).map(|i| state[i] + h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i])).collect()
        })
    }

    /// At `t`; `middle` tells on which side of a jump sources are meant.
    fn stage(&self, t: f64, middle: f64, sent: &Sent) -> Stage {
        let (dense, n_lines) = (self.dense, self.forcings.len());
        let baths: Vec<Vec<f64>> = (0..dense.neurons.len()).map(|neuron| self.mean.baths(neuron, t)).collect();
        let mut drives = vec![Complex64::ZERO; dense.n_unknowns * n_lines];
        let turn = Complex64::from_polar(1.0, -self.omega * t);
        for (line, forcing) in self.forcings.iter().enumerate() {
            let mut add = |unknown: usize, size: Complex64| drives[unknown * n_lines + line] += turn * size;
            match forcing {
                Forcing::Bath(neuron, bath) => {
                    add(dense.voltage(*neuron), (baths[*neuron][*bath] / PI).sqrt().into());
                }
                Forcing::Waves(waves) => waves.iter().enumerate().for_each(|(unknown, size)| add(unknown, *size)),
                Forcing::Current { drive: Drive::Mode(mode), into }
                    if (mode.start..mode.stop).contains(&middle) =>
                {
                    let envelope = mode.envelope.map_or(1.0, |envelope| envelope.at(t));
                    for (neuron, factor) in into {
                        add(dense.voltage(*neuron), (factor * mode.zero_point * envelope).into());
                    }
                }
                Forcing::Packet { drive: Drive::Packet(packet), at, size } => {
                    add(dense.wave(*at), (size * reference::envelope(packet, t)).into());
                }
                Forcing::Spectrum { at, lines } => {
                    let turned = |(omega, size): &(f64, Complex64)| {
                        size * Complex64::from_polar(1.0, (self.omega - omega) * t)
                    };
                    add(dense.wave(*at), lines.iter().map(turned).sum());
                }
                _ => {}
            }
        }
        for arm in &dense.arms {
            let ratio = dense.impedance(arm.to) / dense.impedance(arm.from);
            let amplitude = arm.combiner * arm.splitter * (arm.gain * arm.transmission * ratio).sqrt();
            let first = dense.wave(arm.to) * n_lines;
            let from = dense.ports().position(|port| port == arm.from).expect("it is a port");
            sent.add(from, t - arm.delay, amplitude, self.omega, &mut drives[first..first + n_lines]);
        }
        Stage { drives, conductances: baths.iter().map(|baths| baths.iter().sum()).collect() }
    }

    /// Time derivative of the state; arriving waves are no part of it.
    fn slope(&self, state: &[Complex64], stage: &Stage) -> Vec<Complex64> {
        let (dense, n_lines) = (self.dense, self.forcings.len());
        let mut slope = vec![Complex64::ZERO; state.len()];
        for (i, neuron) in dense.neurons.iter().enumerate() {
            let v = dense.voltage(i) * n_lines;
            for l in 0..n_lines {
                let mut into = stage.drives[v + l] - state[v + l] * stage.conductances[i];
                for (slot, port) in neuron.ports.iter().enumerate() {
                    let u = dense.capacitor((i, slot)) * n_lines + l;
                    let arriving = stage.drives[dense.wave((i, slot)) * n_lines + l];
                    let current = (state[v + l] - state[u] - 2.0 * arriving) / port.impedance;
                    slope[u] = current / port.capacitance;
                    into -= current;
                }
                slope[v + l] = into / neuron.capacitance;
            }
        }
        slope
    }
}

impl Sent {
    /// Adds what left through a port at `t`, through the four samples around it.
    fn add(&self, port: usize, t: f64, amplitude: f64, omega: f64, sum: &mut [Complex64]) {
        if t <= 0.0 && !self.always {
            return;
        }
        let waves = &self.waves[port];
        for (k, part) in reference::around(t / self.step) {
            let before = k.min(0) as f64 * self.step;
            if k < 0 && !self.always {
                continue;
            }
            let factor = Complex64::from_polar(amplitude * part, -omega * before);
            let wave = &waves[usize::try_from(k.max(0)).expect("it is not below zero")];
            sum.iter_mut().zip(wave).for_each(|(sum, wave)| *sum += factor * wave);
        }
    }
}
