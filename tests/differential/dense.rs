//! The fluctuations of a whole network at one frequency in their plainest form: every voltage, port capacitor and
//! arriving wave an unknown, every source of noise a right-hand side, one dense complex system.
//!
//! ```text
//! -i w C V + sum g V + sum (V - u_p - 2 A_p)/Z_p = noise of the channels
//! -i w C_p u_p = (V - u_p - 2 A_p)/Z_p
//! A_r = sum over arms  sign c sqrt(eta G) s sqrt(Z_r/Z_s) e^{i w tau} B_s + noise,     B_s = V - u_s - A_s
//! ```
//!
//! Noise of channels `sqrt(g/pi)`, of waves `sqrt(Z/4 pi)` at the strength `hbar w coth(hbar w/2kT)`: of a splitter's
//! free ends (the root of `1 - s s^T`), of each amplifier (`G - 1`), of each loss (`1 - eta`), of each combiner's free
//! ends (`1 - sum c^2`), which is all of it where nothing arrives.
//!
//! Nothing of the program goes in but the plain data of the network.

use std::f64::consts::PI;

use nalgebra::{DMatrix, DVector};
use qhh_core::circuit::BathRule;
use qhh_core::num_complex::Complex64;
use qhh_core::port::Port;
use qhh_net::Network;
use qhh_net::network::Quantum;

use crate::gaps::worst;
use crate::spice::guides::{Guides, PortAt};

/// Octaves below the cutoff that are integrated one by one, the last with all that is below it.
const OCTAVES: i32 = 24;
/// Panels of an octave at most, and the change from half as many that is small enough, of the whole variance.
const MOST_PANELS: usize = 1 << 12;
const SETTLED: f64 = 1e-12;

/// Second moments of the voltages.
pub struct Moments {
    /// `[neuron, neuron]`.
    pub covariance: DMatrix<f64>,
    /// What each neuron's own channels contribute to its variance.
    pub channels: DVector<f64>,
    /// How much they changed when the panels of the integrals were last halved, relative to the variances.
    pub own_error: f64,
}

pub struct Neuron {
    pub capacitance: f64,
    /// Conductance of each bath.
    baths: Vec<f64>,
    pub ports: Vec<Port>,
    /// Place of its voltage among the unknowns; then for each port that of the capacitor and of the arriving wave.
    first: usize,
}

/// One way through a waveguide; amplitudes of waves whose square is power.
pub struct Arm {
    pub from: PortAt,
    pub to: PortAt,
    pub splitter: f64,
    /// With the sign of the weight.
    pub combiner: f64,
    pub gain: f64,
    pub transmission: f64,
    pub delay: f64,
}

pub struct Dense {
    pub neurons: Vec<Neuron>,
    pub arms: Vec<Arm>,
    pub n_unknowns: usize,
}

/// Conductances of a neuron's baths from those of its channels.
pub fn baths(rule: BathRule, channels: Vec<f64>) -> Vec<f64> {
    match rule {
        BathRule::Independent => channels,
        BathRule::SharedMode => {
            vec![channels.iter().sum::<f64>().sqrt() * channels.iter().map(|g| g.sqrt()).sum::<f64>()]
        }
    }
}

/// `coth(hbar w/2kT)`.
pub fn thermal(quantum: &Quantum, omega: f64) -> f64 {
    match quantum.thermal_energy {
        0.0 => 1.0,
        energy => 1.0 / (0.5 * quantum.hbar * omega / energy).tanh(),
    }
}

impl Dense {
    /// The network as it starts.
    pub fn new(network: &Network) -> Self {
        let guides = Guides::new(network);
        let mut n_unknowns = 0;
        let of_neuron = |neuron: usize| {
            let (circuit, initial) = network.neuron(neuron).unwrap();
            let (_, gates) = initial.resolve(&circuit, network.rate_units()).unwrap();
            let gate = |place: usize| gates.get(place).copied().unwrap_or_default();
            let open = [gate(0).powi(4), gate(1).powi(3) * gate(2), 1.0];
            let channels = circuit.channels.iter().zip(open);
            let each: Vec<f64> = channels.map(|(channel, open)| channel.conductance * open).collect();
            let baths = baths(network.simulation.baths, each);
            let ports: Vec<Port> = circuit.ports().map(|(_, port)| port).collect();
            let first = n_unknowns;
            n_unknowns += 1 + 2 * ports.len();
            Neuron { capacitance: circuit.capacitance, baths, ports, first }
        };
        let neurons = (0..network.n_neurons()).map(of_neuron).collect();
        let mut arms = Vec::new();
        for guide in &guides.all {
            let there = (guide.output, guide.input);
            for (from, to) in std::iter::once(there).chain(guide.two_way.then_some((there.1, there.0))) {
                let (splitter, combiner) = guides.shares(guide, from, to);
                arms.push(Arm {
                    from,
                    to,
                    splitter: splitter.sqrt(),
                    combiner: guide.weight.signum() * combiner.sqrt(),
                    gain: guide.gain,
                    transmission: guide.transmission,
                    delay: guide.delay,
                });
            }
        }
        Self { neurons, arms, n_unknowns }
    }

    pub fn impedance(&self, (neuron, slot): PortAt) -> f64 {
        self.neurons[neuron].ports[slot].impedance
    }

    pub fn voltage(&self, neuron: usize) -> usize {
        self.neurons[neuron].first
    }

    pub fn capacitor(&self, (neuron, slot): PortAt) -> usize {
        self.neurons[neuron].first + 1 + 2 * slot
    }

    pub fn wave(&self, port: PortAt) -> usize {
        self.capacitor(port) + 1
    }

    pub fn ports(&self) -> impl Iterator<Item = PortAt> + '_ {
        self.neurons.iter().enumerate().flat_map(|(i, neuron)| (0..neuron.ports.len()).map(move |slot| (i, slot)))
    }

    /// What an arm makes of a wave behind its splitter: the voltage wave that arrives.
    fn through(&self, arm: &Arm, omega: f64) -> Complex64 {
        let size = arm.combiner * (arm.gain * arm.transmission * self.impedance(arm.to)).sqrt();
        Complex64::from_polar(1.0, omega * arm.delay) * size
    }

    pub fn matrix(&self, omega: f64) -> DMatrix<Complex64> {
        let turn = Complex64::new(0.0, -omega);
        let mut matrix = DMatrix::zeros(self.n_unknowns, self.n_unknowns);
        for (i, neuron) in self.neurons.iter().enumerate() {
            let v = self.voltage(i);
            matrix[(v, v)] += turn * neuron.capacitance + neuron.baths.iter().sum::<f64>();
            for (slot, port) in neuron.ports.iter().enumerate() {
                let (u, a) = (self.capacitor((i, slot)), self.wave((i, slot)));
                matrix[(u, u)] += turn * port.capacitance;
                matrix[(a, a)] += Complex64::ONE;
                for (unknown, of_current) in [(v, 1.0), (u, -1.0), (a, -2.0)] {
                    matrix[(v, unknown)] += Complex64::from(of_current / port.impedance);
                    matrix[(u, unknown)] -= Complex64::from(of_current / port.impedance);
                }
            }
        }
        for arm in &self.arms {
            let amplitude = self.through(arm, omega) * arm.splitter / self.impedance(arm.from).sqrt();
            let leaving =
                [(self.voltage(arm.from.0), 1.0), (self.capacitor(arm.from), -1.0), (self.wave(arm.from), -1.0)];
            for (unknown, part) in leaving {
                matrix[(self.wave(arm.to), unknown)] -= amplitude * part;
            }
        }
        matrix
    }

    /// What each source of noise drives at the strength `hbar w coth`, those of the channels first, neuron by neuron.
    pub fn noise(&self, omega: f64) -> Vec<DVector<Complex64>> {
        let mut lines = Vec::new();
        let mut line = |drives: &[(usize, Complex64)]| {
            let mut line = DVector::zeros(self.n_unknowns);
            for &(unknown, drive) in drives {
                line[unknown] += drive;
            }
            lines.push(line);
        };
        for (i, neuron) in self.neurons.iter().enumerate() {
            neuron.baths.iter().for_each(|g| line(&[(self.voltage(i), (g / PI).sqrt().into())]));
        }
        let unit = (0.25 / PI).sqrt();
        for port in self.ports() {
            let leaving: Vec<&Arm> = self.arms.iter().filter(|arm| arm.from == port).collect();
            let power = leaving.iter().map(|arm| arm.splitter.powi(2)).sum::<f64>();
            // 1 - s s^T is 1 across s and 1 - s^2 along it.
            let along = |a: &Arm, b: &Arm| if power > 0.0 { a.splitter * b.splitter / power } else { 0.0 };
            let lost = 1.0 - (1.0 - power).max(0.0).sqrt();
            for (k, end) in leaving.iter().enumerate() {
                let into = |(l, arm): (usize, &&Arm)| {
                    let root = f64::from(u8::from(k == l)) - lost * along(end, arm);
                    (self.wave(arm.to), unit * root * self.through(arm, omega))
                };
                line(&leaving.iter().enumerate().map(into).collect::<Vec<_>>());
            }
            let arriving: Vec<&Arm> = self.arms.iter().filter(|arm| arm.to == port).collect();
            let root = unit * self.impedance(port).sqrt();
            let mut own = |size: f64| line(&[(self.wave(port), (root * size).into())]);
            for arm in &arriving {
                own(arm.combiner * (arm.transmission * (arm.gain - 1.0)).sqrt());
                own(arm.combiner * (1.0 - arm.transmission).sqrt());
            }
            own((1.0 - arriving.iter().map(|arm| arm.combiner.powi(2)).sum::<f64>()).max(0.0).sqrt());
        }
        lines
    }

    /// Covariances of the voltages, and below them, in a row of their own, what each neuron's channels contribute to its
    /// variance, for a unit of `hbar w coth`.
    fn density(&self, omega: f64) -> DMatrix<f64> {
        let n = self.neurons.len();
        let lines = self.noise(omega);
        let responses = self.matrix(omega).lu().solve(&DMatrix::from_columns(&lines)).expect("it is not singular");
        let owners: Vec<usize> =
            self.neurons.iter().enumerate().flat_map(|(i, neuron)| vec![i; neuron.baths.len()]).collect();
        let mut density = DMatrix::zeros(n + 1, n);
        for (k, response) in responses.column_iter().enumerate() {
            for i in 0..n {
                for j in 0..n {
                    density[(i, j)] += (response[self.voltage(i)] * response[self.voltage(j)].conj()).re;
                }
                if owners.get(k) == Some(&i) {
                    density[(n, i)] += response[self.voltage(i)].norm_sqr();
                }
            }
        }
        density
    }

    /// The second moments, noise from 0 to the cutoff. In each octave the panels of the integral are halved until nothing
    /// changes.
    pub fn moments(&self, quantum: &Quantum) -> Moments {
        let n = self.neurons.len();
        let edge = |octave: i32| if octave == OCTAVES { 0.0 } else { quantum.cutoff * 0.5f64.powi(octave) };
        let mut octaves: Vec<Octave> = (0..OCTAVES)
            .map(|k| {
                let span = (edge(k + 1), edge(k));
                let sums = self.integral(quantum, span, 1);
                Octave { span, panels: 1, before: sums.clone(), sums, change: f64::INFINITY }
            })
            .collect();
        while octaves.iter().any(Octave::is_open) {
            for octave in octaves.iter_mut().filter(|octave| octave.is_open()) {
                octave.panels *= 2;
                let finer = self.integral(quantum, octave.span, octave.panels);
                octave.before = std::mem::replace(&mut octave.sums, finer);
            }
            let whole = sum(&octaves);
            for octave in &mut octaves {
                octave.change = relative_change(&octave.sums, &octave.before, &whole);
            }
        }
        let sums = sum(&octaves);
        Moments {
            covariance: sums.rows(0, n).into_owned(),
            channels: sums.row(n).transpose(),
            own_error: octaves.iter().map(|octave| octave.change).sum(),
        }
    }

    /// Five points of Gauss and Legendre in each of equal panels.
    fn integral(&self, quantum: &Quantum, (low, high): (f64, f64), panels: usize) -> DMatrix<f64> {
        let inner = 2.0 * (10.0f64 / 7.0).sqrt();
        let rule = [
            (0.0, 128.0 / 225.0),
            ((5.0 - inner).sqrt() / 3.0, (322.0 + 13.0 * 70.0f64.sqrt()) / 900.0),
            ((5.0 + inner).sqrt() / 3.0, (322.0 - 13.0 * 70.0f64.sqrt()) / 900.0),
        ];
        let half = 0.5 * (high - low) / panels as f64;
        let mut sums = DMatrix::zeros(self.neurons.len() + 1, self.neurons.len());
        for panel in 0..panels {
            let middle = low + half * (2 * panel + 1) as f64;
            for (x, weight) in rule {
                for side in if x == 0.0 { &[1.0][..] } else { &[-1.0, 1.0] } {
                    let omega = middle + side * x * half;
                    let energy = quantum.hbar * omega * thermal(quantum, omega);
                    sums += self.density(omega) * (half * weight * energy);
                }
            }
        }
        sums
    }
}

/// A stretch of the integral.
struct Octave {
    span: (f64, f64),
    panels: usize,
    sums: DMatrix<f64>,
    /// With half as many panels.
    before: DMatrix<f64>,
    /// From there, relative to the variances.
    change: f64,
}

impl Octave {
    fn is_open(&self) -> bool {
        self.change > SETTLED && self.panels < MOST_PANELS
    }
}

fn sum(octaves: &[Octave]) -> DMatrix<f64> {
    let (first, others) = octaves.split_first().expect("there are some");
    others.iter().fold(first.sums.clone(), |sum, octave| sum + &octave.sums)
}

/// Largest difference of second moments, against the variances of the neurons whose they are.
fn relative_change(a: &DMatrix<f64>, b: &DMatrix<f64>, whole: &DMatrix<f64>) -> f64 {
    let n = whole.ncols();
    // The last row has parts of variances.
    let variance = |i: usize, j: usize| if i == n { whole[(j, j)] } else { whole[(i, i)] };
    let places = (0..=n).flat_map(|i| (0..n).map(move |j| (i, j)));
    let change = |(i, j)| (a[(i, j)] - b[(i, j)]).abs() / (variance(i, j) * whole[(j, j)]).sqrt();
    places.map(change).fold(0.0, worst)
}
