//! What every run is checked for, and what it left out: the lists a summary prints.

use std::fmt::Write as _;

use qhh_core::circuit::{BathRule, Circuit};
use qhh_core::gating::RANGE;
use qhh_core::integrate::adiabatic::Adiabatic;
use qhh_core::integrate::tables::ACCURACY;
use qhh_core::quantum::variance::{AdiabaticVariance, commutator_defect};
use qhh_core::units::{Dimension, number, rounded, rounded_up};

use super::finished::Wiring;
use super::neuron::NeuronRecord;
use super::{Approximation, Check, NeuronVariance, WaveBalance, variance};
use crate::network::fed::tone;
use crate::network::{Feedback, Fluctuations, Method, Network, Precision};
use crate::outcome::invariant::{EnergyMeter, shares_defect};

/// What is said of departures that come from sources.
const OF_STATES: &str = "from the states of the sources";

/// Names of checks that have a remedy.
const ENERGY: &str = "energy balance";
const DEPARTURES: &str = "departures below the height of a spike";
const VOLTAGES: &str = "voltages near those at which gates were measured";

impl Check {
    /// What its defect was expected to be, in words: `expected below 0.01`; `show` writes a number.
    pub fn expected(&self, show: impl Fn(f64) -> String) -> String {
        let below = if self.expected_below == 0.0 { "" } else { "below " };
        format!("expected {below}{}", show(self.expected_below))
    }

    /// What to do where it does not hold in a run of this network, if that is plain.
    pub fn remedy(&self, network: &Network) -> Option<String> {
        match &*self.name {
            ENERGY if self.defect.is_finite() && self.defect > 0.0 => {
                // The defect goes with the square of the step.
                let most = network.simulation.step * (self.expected_below / self.defect).sqrt();
                Some(format!("choose `step: {}` or less", network.step_up_to(most)))
            }
            VOLTAGES => Some("check the unit and amplitude of what drives it, and gains".to_owned()),
            DEPARTURES if self.meaning.contains(OF_STATES) => Some(
                "make the states of the sources weaker (`r`, `photons`), or use `fluctuations: wigner`".to_owned(),
            ),
            DEPARTURES => Some("linear response does not hold here, use `fluctuations: wigner`".to_owned()),
            _ => None,
        }
    }
}

/// The checks of a run.
pub(super) fn checks(
    network: &Network,
    records: &[(usize, NeuronRecord)],
    variances: &[NeuronVariance],
) -> Vec<Check> {
    let rule = network.simulation.baths;
    let of_any = |of: &dyn Fn(&NeuronRecord) -> f64| records.iter().map(|(_, r)| of(r)).fold(0.0, worst);
    let mut checks = vec![Check {
        name: "gates between 0 and 1".into(),
        meaning: "how far a gating variable of a recorded neuron left the range from 0 to 1".into(),
        defect: of_any(&|record| {
            let highest: Vec<f64> = record.circuit.gates().map(|(_, gate)| gate.highest()).collect();
            let gates = record.gates.iter().zip(highest.iter().cycle());
            gates.map(|(x, most)| if x.is_nan() { *x } else { (x - most).max(-x) }).fold(0.0, worst)
        }),
        expected_below: 1e-9,
    }];
    if network.simulation.method == Method::Langevin {
        checks.push(Check {
            name: ENERGY.into(),
            meaning:
                "energy stored less energy that came in, as a part of all that was exchanged; it shrinks with \
                      the square of the step"
                    .into(),
            defect: of_any(&|record| record.energy.as_ref().map_or(0.0, EnergyMeter::defect)),
            expected_below: 1e-2,
        });
    }
    checks.push(Check {
        name: "commutator [phi, V] = i hbar/C".into(),
        meaning:
            "relative defect of int Re z dw = pi/(2C), at the first and the last sample of every recorded neuron"
                .into(),
        defect: of_any(&|record| {
            let last = record.samples.len().checked_sub(1);
            let ends = [last.map(|_| 0), last].into_iter().flatten();
            let g = ends.map(|sample| rule.effective_conductance(&record.conductances(sample)));
            g.filter(|g| *g > 0.0).map(|g| commutator_defect(&record.circuit, g)).fold(0.0, worst)
        }),
        expected_below: 1e-9,
    });
    if let Some(quantum) = network.quantum.filter(|_| !variances.is_empty()) {
        let bath = variance::bath(&quantum, 1.0);
        checks.push(Check {
            name: "fluctuation and dissipation".into(),
            meaning: "relative difference between the lines' shares of the variance and \
                      (hbar/pi) int w coth(hbar w/2kT) Re z dw, integrated anew"
                .into(),
            defect: of_any(&|record| {
                let Some(last) = record.samples.len().checked_sub(1) else { return 0.0 };
                let g = record.conductances(last);
                let smallest = rule.effective_conductance(&g);
                let shares = AdiabaticVariance::new(&record.circuit, rule, bath, smallest).shares(&g);
                shares_defect(&record.circuit, rule, bath, &g, &shares)
            }),
            expected_below: 1e-9,
        });
        checks.push(not_negative(variances));
    }
    checks.extend(far_voltages(network, records));
    checks
}

/// Largest voltage, in mV, at which the papers' rates of gates are taken to mean something: twice that at which they were
/// measured.
const FARTHEST: f64 = 200.0;

/// Largest size of a voltage of recorded neurons with such circuits, in mV of the gates' rates.
fn farthest(network: &Network, records: &[(usize, NeuronRecord)], of: impl Fn(&Circuit) -> bool) -> f64 {
    let these = records.iter().filter(|(_, record)| of(&record.circuit));
    these.map(|(_, record)| record.extremes.farthest()).fold(0.0, f64::max) * network.rate_units().millivolts
}

/// Of recorded neurons with the papers' gates whose voltage went far beyond where the gates' rates were measured.
fn far_voltages(network: &Network, records: &[(usize, NeuronRecord)]) -> Option<Check> {
    let farthest = farthest(network, records, |circuit| circuit.papers().is_some());
    (farthest > FARTHEST).then(|| Check {
        name: VOLTAGES.into(),
        meaning: "largest size of a voltage, in mV: the rates of the gates were measured within 100 mV".into(),
        defect: farthest,
        expected_below: FARTHEST,
    })
}

/// The checks of a network's waves; none where amplifiers may add to them.
pub(super) fn of_waves(wiring: &Wiring, waves: Option<&WaveBalance>) -> Vec<Check> {
    let (Some(waves), Some(largest)) = (waves, wiring.growth) else { return Vec::new() };
    vec![
        Check {
            name: "scattering is a contraction".into(),
            meaning:
                "how far the largest singular value of the matrix from outgoing to incoming power waves is above 1"
                    .into(),
            defect: (largest - 1.0).max(0.0),
            expected_below: 1e-12,
        },
        no_gain(waves),
    ]
}

/// Of waves without amplifiers.
pub(crate) fn no_gain(waves: &WaveBalance) -> Check {
    // Where nothing was sent, nothing may arrive.
    let excess = if waves.sent > 0.0 { (waves.arrived / waves.sent - 1.0).max(0.0) } else { waves.arrived.abs() };
    Check {
        name: "waves gain no energy".into(),
        meaning: "energy that arrived through waveguides above that which was sent into them, as a part of it"
            .into(),
        defect: excess,
        expected_below: 1e-12,
    }
}

/// Of the variances of all recorded neurons.
pub(crate) fn not_negative(variances: &[NeuronVariance]) -> Check {
    Check {
        name: "variance not negative".into(),
        meaning: "lowest variance below zero, as a part of the largest".into(),
        defect: variances.iter().map(negativity).fold(0.0, worst),
        expected_below: 0.0,
    }
}

/// The larger of two defects; one that is no number is the largest of all.
pub(crate) fn worst(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// Lowest variance of a neuron below zero, as a part of its largest.
fn negativity(variance: &NeuronVariance) -> f64 {
    let samples = (0..variance.n_samples()).map(|sample| variance.total(sample));
    let (low, high) = samples.fold((0.0f64, 0.0f64), |(low, high), x| (low.min(x), high.max(x)));
    if high > 0.0 { -low / high } else { 0.0 }
}

/// How gates of other channels than the papers' move, where there are any.
fn tabulated(network: &Network, records: &[(usize, NeuronRecord)]) -> Option<Approximation> {
    let any = |circuit: &Circuit| circuit.papers().is_none() && circuit.n_gates() > 0;
    network.populations.iter().find(|population| any(&population.circuit))?;
    let mut statement = format!(
        "Gates of other channels than the papers' move by tables in the voltage, right to {ACCURACY:.0e} of what a gate loses \
         in a step, so that steady states and time constants are right to better than 1e-9."
    );
    let farthest = farthest(network, records, any);
    if farthest > RANGE.1 {
        let _ = write!(
            statement,
            " A voltage reaches {} mV: beyond {} mV formulas keep the value that they have there.",
            number(farthest.round()),
            RANGE.1
        );
    }
    Some(Approximation { name: "gates by tables".to_owned(), statement })
}

/// The approximations of a run, each with its size in it.
pub(super) fn approximations(
    network: &Network,
    records: &[(usize, NeuronRecord)],
    times: &[f64],
    wiring: &Wiring,
) -> Vec<Approximation> {
    let feedback = network.quantum.filter(|q| q.fluctuations.in_tasks()).map(|q| (q.fluctuations, q.feedback));
    let gates = match feedback {
        Some((Fluctuations::Wigner, Feedback::Full)) => {
            "Gates of the mean field follow the mean voltage: what fluctuations of the voltage do to them is left out of it, \
             but not of the samples, whose gates follow their own voltage."
        }
        Some((_, Feedback::Full)) => {
            "Gates of the mean field follow the mean voltage: what fluctuations of the voltage do to them is left out of it, \
             but not of the field modes, whose gates respond."
        }
        _ => {
            "Gates follow the mean voltage, so conductances carry no fluctuations. What fluctuations of the voltage do to the \
             gates, and these to the voltage, is left out: with gates that respond a variance at rest is up to three times as \
             large in the examples computed, and on the flanks of a spike tens of times."
        }
    };
    let mut list = vec![Approximation { name: "mean-field gates".to_owned(), statement: gates.to_owned() }];
    list.extend(tabulated(network, records));
    if network.simulation.method == Method::Adiabatic {
        let (drift, memory) = records.iter().fold((0.0f64, 0.0f64), |worst, record| {
            let (drift, memory) = slowness(network, record, times);
            (worst.0.max(drift), worst.1.max(memory))
        });
        list.push(Approximation {
            name: "method: adiabatic".to_owned(),
            statement: format!(
                "V is the stationary response to the conductances of the instant. While a source is on, they change \
                 by up to {} of themselves in one radian of the carrier, and the circuit's memory lasts up \
                 to {} radians: relative errors of V are of the order of the product, {}. Switching \
                 on and off has no transient.",
                two_digits(drift),
                two_digits(memory),
                two_digits(drift * memory)
            ),
        });
    } else {
        list.push(Approximation {
            name: "method: langevin".to_owned(),
            statement: "Second order in the step: at half the step the error is a quarter.".to_owned(),
        });
    }
    if !network.waveguides.is_empty() {
        list.push(delays(network, wiring));
    }
    list.extend(stepping(network));
    if wiring.facts.amplifier_noise > 0.0 {
        list.push(Approximation {
            name: "gain".to_owned(),
            statement: format!(
                "The mean field carries no trace of the noise that amplifiers add: at one port up to {:.3} times that \
                 of the vacuum (gain less one, of each amplifier).",
                wiring.facts.amplifier_noise
            ),
        });
    }
    if network.simulation.baths == BathRule::SharedMode {
        list.push(Approximation {
            name: "baths: shared-mode".to_owned(),
            statement: "The channels' lines share one set of modes, so that the circuit sees the conductance \
                        sqrt(g_K + g_Na + g_Cl) (sqrt g_K + sqrt g_Na + sqrt g_Cl), up to sqrt 3 times Kirchhoff's \
                        sum. The rule is the paper's; baths of their own (`independent`) add up."
                .to_owned(),
        });
    }
    if network.quantum.is_some_and(|q| q.fluctuations == Fluctuations::Adiabatic) {
        let speed = records.iter().map(|record| membrane_drift(network, record, times)).fold(0.0, f64::max);
        let error = if speed < 0.1 {
            "relative errors of the variance are of that order."
        } else {
            "during a spike the variance departs from the exact one by a tenth, in places more."
        };
        list.push(Approximation {
            name: "fluctuations: adiabatic".to_owned(),
            statement: format!(
                "The variance is that of the conductances of the instant. They change by up to {} of \
                 themselves within the membrane's memory C/G; {error}",
                two_digits(speed)
            ),
        });
    }
    list
}

/// What a finite number of field modes leaves out.
pub(super) fn of_modes(network: &Network, n_modes: usize, error: f64, exact_rest: bool) -> Approximation {
    let cutoff = network.quantum.map_or(0.0, |quantum| quantum.cutoff);
    let start = if exact_rest {
        "Waves come back and nothing moves: the moments of voltages are those of lines joined for ever, integrated exactly."
    } else {
        "The start is stationary: the lines have been joined for ever."
    };
    let gates = match network.quantum.map(|quantum| quantum.feedback) {
        Some(Feedback::Full) => "Gates respond to the fluctuations to first order in hbar.",
        _ => {
            "Gates follow the mean voltage. Gates that respond to fluctuations make variances larger, and the jitter of a spike \
             larger still (in two examples 3.5 times for a steep spike, 136 times near the threshold): `feedback: full` has \
             that."
        }
    };
    Approximation {
        name: "fluctuations: heisenberg".to_owned(),
        statement: format!(
            "{n_modes} frequencies of every line, up to the cutoff {}. With the conductances of any instant held they \
             miss the variance by {} of itself at most, and covariances and parts of noise budgets by as much of \
             the variances; the step's error is of second order. {start} {gates}",
            network.units.display(cutoff, Dimension::FREQUENCY),
            two_digits(rounded_up(error, 2))
        ),
    }
}

/// Standard deviation, in mV, above which a voltage that fluctuates is no small departure for gates any more: m and h change
/// by a factor e within 10 mV or so.
const SMALL: f64 = 3.0;

/// Height of a spike, in mV: no voltage departs from its mean by more, whatever the noise.
pub(super) const SPIKE: f64 = 100.0;

/// What field modes with gates that respond lack, and where they do not hold; none of gates that follow the mean.
pub(super) fn of_gates(
    network: &Network,
    missing: Option<(f64, f64)>,
    (held, all): (usize, usize),
    deviation: f64,
) -> Option<Approximation> {
    let mut statements = Vec::new();
    if let Some((at_start, largest)) = missing {
        statements.push(format!(
            "Gates respond and nothing measures the voltage for them, which is more than quantum mechanics allows: [phi, V] is \
             off by {at_start:.2e} of i hbar/C at the start and by up to {largest:.2e} at any sample, the size of the noise of \
             measurement that is missing."
        ));
    }
    if held > 0 {
        statements.push(format!(
            "In {held} of {all} neurons small departures from where they start grow: there the gates are held until the run \
             begins and respond from then on, and the growth is real."
        ));
    }
    if all > 0 && deviation * network.rate_units().millivolts > SMALL {
        statements.push(format!(
            "The voltage departs by up to {} (standard deviation), and gates do not respond to that in proportion any more: \
             at this hbar linear response is an extrapolation, which samples (`fluctuations: wigner`) are not.",
            network.units.display(rounded(deviation, 3), Dimension::VOLTAGE)
        ));
    }
    (!statements.is_empty())
        .then(|| Approximation { name: "feedback: full".to_owned(), statement: statements.join(" ") })
}

/// Whether departures that are no longer small are still possible ones.
pub(super) fn of_departures(network: &Network, responding: usize, variances: &[NeuronVariance]) -> Option<Check> {
    let millivolts = largest_deviation(variances) * network.rate_units().millivolts;
    (responding > 0 && millivolts > SMALL).then(|| {
        let size = number(rounded(millivolts, 3));
        let why = if mostly_of_states(variances) {
            format!("most of it is {OF_STATES}, and gates do not respond to that in proportion")
        } else {
            "what is more is the growth of small departures in a network whose spikes are not reproducible, continued \
             beyond where it ends"
                .to_owned()
        };
        Check {
            name: DEPARTURES.into(),
            meaning: format!(
                "linear response gives a voltage a standard deviation of {size} mV, against the {SPIKE} mV of a spike: {why}; \
                 samples (`fluctuations: wigner`) have the true spread"
            )
            .into(),
            defect: millivolts / SPIKE,
            expected_below: 1.0,
        }
    })
}

/// Whether more than half of the largest variance is what the states of sources add.
fn mostly_of_states(variances: &[NeuronVariance]) -> bool {
    let at_largest = |variance: &NeuronVariance| {
        let sample = variance.largest();
        let state: f64 = variance.lines.iter().map(|line| line.state[sample]).sum();
        (variance.total(sample), state)
    };
    let largest =
        variances.iter().filter(|of| of.n_samples() > 0).map(at_largest).max_by(|a, b| a.0.total_cmp(&b.0));
    largest.is_some_and(|(total, state)| state > 0.5 * total)
}

/// The largest standard deviation of a voltage at any sample.
pub(super) fn largest_deviation(variances: &[NeuronVariance]) -> f64 {
    variances.iter().map(|variance| variance.total(variance.largest()).max(0.0)).fold(0.0, f64::max).sqrt()
}

/// Two digits of a number, without an exponent where that is short.
fn two_digits(value: f64) -> String {
    if (0.01..1000.0).contains(&value) { rounded(value, 2).to_string() } else { format!("{value:.1e}") }
}

/// What samples of the fields leave out.
pub(super) fn of_samples(network: &Network, samples: usize, before: Option<(usize, f64)>) -> Approximation {
    let gates = match network.quantum.map(|quantum| quantum.feedback) {
        Some(Feedback::Full) => {
            "Gates follow each sample's own voltage: the fields are taken for random numbers of their symmetrised moments, \
             which leaves out third and higher orders of hbar."
        }
        _ => {
            "Gates follow the mean voltage: beside statistics, variances and jitter lack the gates' response, which makes the \
             jitter of a spike larger (3.5 and 136 times in two examples; `feedback: full` has it)."
        }
    };
    let echoes = before.map_or_else(String::new, |(steps, missing)| {
        let time = steps as f64 * network.simulation.step;
        let time = network.units.display(time, Dimension::TIME);
        let part = if missing < 1.0 { format!("up to {:.1} %", 100.0 * missing) } else { "a large part".to_owned() };
        format!(
            " Echoes fade slowly: samples begin {time} before the run, and {part} of a variance at the start comes from \
             waves older than that, which are left out (`fluctuations: heisenberg` has them)."
        )
    });
    Approximation {
        name: "fluctuations: wigner".to_owned(),
        statement: format!(
            "{samples} samples: a variance errs by about {:.1} % of itself, and every result has its standard error. {gates}{echoes}",
            100.0 * (2.0 / samples as f64).sqrt()
        ),
    }
}

/// What delays between whole steps are taken for.
fn delays(network: &Network, wiring: &Wiring) -> Approximation {
    let statement = if wiring.facts.between_steps {
        format!(
            "Between two steps a wave is a straight line: off by at most an eighth of its curvature times the square \
             of the step, {}, which is second order like the step itself.",
            network.units.display(network.simulation.step, Dimension::TIME)
        )
    } else {
        "Delays are whole numbers of steps: waves are handed on exactly.".to_owned()
    };
    Approximation { name: "delay".to_owned(), statement }
}

/// What single precision and sleep leave out.
fn stepping(network: &Network) -> Vec<Approximation> {
    let simulation = &network.simulation;
    let mut list = Vec::new();
    if simulation.precision == Precision::F32 {
        list.push(Approximation {
            name: "precision: f32".to_owned(),
            statement:
                "Neurons are stepped in single precision: voltages are rounded to about 1e-5 mV at each step, \
                        which moves the period of repetitive firing by up to 2e-4 of itself."
                    .to_owned(),
        });
    }
    if simulation.sleep > 0.0 && simulation.method == Method::Langevin {
        list.push(Approximation {
            name: "sleep".to_owned(),
            statement: format!(
                "A group of neurons within {0} of rest into which no current and no wave goes is put to rest and not stepped; \
                 waves below {0} count as none. Each time a neuron falls asleep its voltage moves by at most that much. \
                 `sleep: off` steps every neuron.",
                small(network, simulation.sleep)
            ),
        });
    }
    list
}

/// A voltage with its unit, with an exponent where that is shorter.
fn small(network: &Network, voltage: f64) -> String {
    if voltage < 1e-3 {
        format!("{voltage:e} {}", network.units.symbol(Dimension::VOLTAGE)).trim_end().to_owned()
    } else {
        network.units.display(voltage, Dimension::VOLTAGE)
    }
}

/// Effective conductance at each sample, and its rate of change from there to the next.
fn drift(network: &Network, record: &NeuronRecord, times: &[f64]) -> Vec<(f64, f64, f64)> {
    let rule = network.simulation.baths;
    let g: Vec<f64> =
        (0..record.samples.len()).map(|k| rule.effective_conductance(&record.conductances(k))).collect();
    g.windows(2).zip(times.windows(2)).map(|(g, t)| (t[0], g[0], (g[1] - g[0]) / (t[1] - t[0]))).collect()
}

fn slowness(network: &Network, (neuron, record): &(usize, NeuronRecord), times: &[f64]) -> (f64, f64) {
    let grid = network.grid();
    let tones: Vec<_> =
        network.sources_into(*neuron).filter_map(|fed| tone(&fed.drive, fed.factor, grid)).collect();
    let simulation = &network.simulation;
    let circuit = record.circuit.clone();
    let engine = Adiabatic::new(circuit, simulation.baths, network.rate_units(), simulation.step, &tones);
    let on = |t: f64| tones.iter().any(|tone| tone.on.contains(grid.place(t)));
    drift(network, record, times).into_iter().filter(|(t, ..)| on(*t)).fold(
        (0.0f64, 0.0f64),
        |worst, (_, g, rate)| {
            let (drift, memory) = engine.slowness(g, rate);
            (worst.0.max(drift), worst.1.max(memory))
        },
    )
}

fn membrane_drift(network: &Network, (_, record): &(usize, NeuronRecord), times: &[f64]) -> f64 {
    let c = record.circuit.capacitance;
    drift(network, record, times).into_iter().map(|(_, g, rate)| rate.abs() * c / (g * g)).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::{rounded_up, two_digits};

    #[test]
    fn errors_are_rounded_up() {
        for (value, text) in [
            (0.0, "0.0e0"),
            (1.91e-2, "0.02"),
            (1.9e-2, "0.019"),
            (1.96e-2, "0.02"),
            (9.91e-7, "1.0e-6"),
            (1.0001e-4, "1.1e-4"),
            (3.01, "3.1"),
        ] {
            assert_eq!(two_digits(rounded_up(value, 2)), text, "{value}");
        }
    }
}
