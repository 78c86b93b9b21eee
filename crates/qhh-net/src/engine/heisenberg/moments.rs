//! Second moments from responses: squares with the strength of the fields, added up by where the noise comes from.

use nalgebra::DVector;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::{Bath, Node as Frequency};

use super::accumulate::Responses;
use super::gates::GateCourse;
use super::graph::ModeGraph;
use super::line::{LineDrive, LineOrigin, NoiseLine, SourceMode};
use super::modes::OutgoingMode;
use super::packets::{self, FOLLOWED, Followed, STATED, Several, of_one};
use super::pairs::{Quantities, add_mode};
use super::sums::{Shares, Sums};
use super::{Crossing, Mean, dominant, errors};
use crate::network::{JointState, Network, Observable};
use crate::outcome::{
    Check, Covariance, CutoffDependence, FieldMoments, Fluctuated, LineVariance, ModeResponse, ModeThrough,
    NeuronVariance, NoiseBudget, NoiseShare, OTHER_NEURONS, OutputStates, Spike, SpikeJitter, add_own_state,
    add_states,
};

/// What a source's mode comes to.
#[derive(Debug, Clone)]
struct Through {
    source: usize,
    nodes: Vec<Option<usize>>,
    values: Followed,
    /// Of the quantities of covariances, and of the waves in noise budgets.
    of_quantities: [Followed; 2],
    modes: Several,
}

impl Through {
    /// Adds what the same mode comes to by another neuron that it feeds.
    fn add(&mut self, values: Followed, of_quantities: [Followed; 2], modes: Several) {
        let own = self.values.iter_mut().chain(self.of_quantities.iter_mut().flatten()).flatten();
        let more = values.into_iter().chain(of_quantities.into_iter().flatten()).flatten();
        own.zip(more).for_each(|(sum, u)| *sum += u);
        let own = self.modes.iter_mut().flatten().zip(modes.into_iter().flatten());
        own.for_each(|(sum, more)| *sum = (sum.0 + more.0, sum.1 + more.1));
    }

    /// Coefficients of outgoing modes in the source's mode.
    fn of_state(&self) -> &[(Complex64, Complex64)] {
        &self.modes[STATED]
    }
}

/// The mode of a source and the responses to it, `[quantity][look]`.
type Turned<'s> = (&'s SourceMode<'s>, Followed);

/// Everything added up.
pub(super) struct Totals<'a> {
    lines: &'a [Vec<NoiseLine>],
    pub(super) sums: Sums,
    /// By source's mode: responses of the recorded nodes, coefficients of outgoing modes.
    responses: Vec<Through>,
    leaving: &'a [OutgoingMode],
    quantities: &'a Quantities,
    waves: &'a Quantities,
}

impl<'a> Totals<'a> {
    pub(super) fn new(
        network: &Network,
        graph: &ModeGraph,
        mean: &Mean,
        lines: &'a [Vec<NoiseLine>],
        leaving: &'a [OutgoingMode],
        (quantities, waves): (&'a Quantities, &'a Quantities),
    ) -> Self {
        let n_lines: Vec<usize> = lines.iter().map(Vec::len).collect();
        let sums = Sums::zero(
            (graph.recorded(network), n_lines, mean.looks.len()),
            (leaving.len(), quantities.list.len(), network.record.noise_budget, waves.list.len()),
        );
        Self { sums, responses: Vec::new(), leaving, quantities, waves, lines }
    }

    /// Takes in the response to a source's mode.
    pub(super) fn respond(&mut self, responses: Responses<'_>) {
        let modes = responses.modes();
        let Responses { source, nodes, values, of_quantities, .. } = responses;
        match self.responses.last_mut().filter(|last| last.source == source) {
            // One mode that feeds several neurons.
            Some(last) => last.add(values, of_quantities, modes),
            None => self.responses.push(Through { source, nodes, values, of_quantities, modes }),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "everything a run knows, once")]
    pub(super) fn finish(
        self,
        network: &Network,
        graph: &ModeGraph,
        mean: &Mean,
        bath: Bath,
        sources: &[SourceMode<'_>],
        (frequencies, modes_error): (&[Frequency], f64),
        spikes: &[Spike],
    ) -> Fluctuated {
        let stride = usize::try_from(network.steps_per_sample()).unwrap_or(usize::MAX);
        let samples: Vec<usize> =
            (0..mean.looks.len()).filter(|&look| mean.looks[look].is_multiple_of(stride)).collect();
        let at = |values: &[f64]| -> Vec<f64> { samples.iter().map(|&look| values[look]).collect() };
        let commutators = (&self.sums.recorded[..], &self.sums.commutator[..]);
        let (check, missing) =
            errors::commutator_check(commutators, graph, mean, bath.cutoff, (frequencies.len(), network));
        let is_held = |gates: &&GateCourse| gates.start.is_none();
        let mut fluctuated = Fluctuated {
            n_modes: frequencies.len(),
            modes_error,
            missing: (!mean.is_complete()).then_some(missing),
            held: (mean.gates.iter().filter(is_held).count(), mean.gates.len()),
            checks: vec![check],
            ..Fluctuated::default()
        };
        if graph.has_loops() {
            fluctuated.checks.push(Check {
                name: "stationary start".into(),
                meaning:
                    "largest change of a wave in one more round through the network's loops before the start, \
                          relative"
                        .into(),
                defect: self.sums.defect,
                expected_below: 1e-9,
            });
        }
        for (target, &node) in self.sums.recorded.iter().enumerate() {
            let neuron = graph.nodes[node].neuron;
            let zero = vec![0.0; samples.len()];
            let mut lines: Vec<LineVariance> = Vec::new();
            for (line, parts) in self.lines[node].iter().zip(&self.sums.own[target]) {
                let (vacuum, thermal) = (at(&parts.vacuum), at(&parts.thermal));
                lines.push(LineVariance { line: line_name(line.of), vacuum, thermal, state: zero.clone() });
            }
            let mut total = self.sums.others[target].clone();
            self.sums.own[target].iter().for_each(|parts| total.add(&parts.vacuum, &parts.thermal));
            if graph.nodes[node].arms.iter().any(|arm| graph.rows[arm.row].0 != node) {
                let (vacuum, thermal) =
                    (at(&self.sums.others[target].vacuum), at(&self.sums.others[target].thermal));
                lines.push(LineVariance { line: OTHER_NEURONS.to_owned(), vacuum, thermal, state: zero.clone() });
            }
            let mut whole: Vec<f64> = total.vacuum.iter().zip(&total.thermal).map(|(a, b)| a + b).collect();
            let turned = self.turned(mean, sources, |through| {
                let place = through.nodes[node]?;
                Some(of_one(&through.values, place * self.sums.n_looks..(place + 1) * self.sums.n_looks))
            });
            for (source, followed) in &turned {
                let values = &followed[STATED];
                let vacuum = |u: &Complex64| if source.in_line { 0.0 } else { u.norm_sqr() };
                let of_vacuum: Vec<f64> = values.iter().map(vacuum).collect();
                let of_state: Vec<f64> = values.iter().map(|&u| source.state.covariance(u, u)).collect();
                // The mode is in its state and no longer at the temperature of its line.
                let replaced = packets::replaced(source.replaced, followed);
                for part in [&of_vacuum, &replaced, &of_state] {
                    whole.iter_mut().zip(part).for_each(|(sum, more)| *sum += more);
                }
                lines.push(LineVariance {
                    line: format!("source {}", source.name),
                    vacuum: at(&of_vacuum),
                    thermal: at(&replaced),
                    state: at(&of_state),
                });
                fluctuated.responses.push(ModeResponse {
                    source: source.name.to_owned(),
                    neuron,
                    values: at_samples(values, &samples),
                });
            }
            for joint in &network.states {
                let mut sums = [vec![0.0; self.sums.n_looks]];
                add_joint(&mut sums, joint, &turned, self.sums.n_looks);
                let [of_state] = sums;
                whole.iter_mut().zip(&of_state).for_each(|(sum, more)| *sum += more);
                lines.push(LineVariance {
                    line: format!("states {}", joint.name),
                    vacuum: zero.clone(),
                    thermal: zero.clone(),
                    state: at(&of_state),
                });
            }
            fluctuated.budget.extend(self.budgets(target, network, graph, sources, &samples));
            let mut variance =
                NeuronVariance { neuron, lines, cutoff: CutoffDependence { time: 0.0, rows: Vec::new() } };
            variance.cutoff = errors::cutoff_dependence(graph, mean, bath, node, &variance, &samples);
            fluctuated.variances.push(variance);
            fluctuated.jitter.extend(jitter(mean, node, neuron, &whole, spikes));
        }
        fluctuated.covariances = self.covariances(network, mean, sources, &samples);
        if !network.modes.is_empty() {
            let states = self.output_states(network, graph, mean, sources);
            fluctuated.checks.extend(states.checks(!graph.has_loops(), mean.is_complete()));
            fluctuated.states = Some(states);
        }
        fluctuated.jitter.sort_by(|a, b| a.time.total_cmp(&b.time).then(a.neuron.cmp(&b.neuron)));
        fluctuated
    }

    /// Noise budgets of a recorded node, the voltage's and the waves'; none where none are kept.
    fn budgets<'t>(
        &'t self,
        target: usize,
        network: &Network,
        graph: &ModeGraph,
        sources: &[SourceMode<'_>],
        samples: &[usize],
    ) -> Vec<NoiseBudget> {
        let node = self.sums.recorded[target];
        let n_looks = self.sums.n_looks;
        let window = |place: usize| place * n_looks..(place + 1) * n_looks;
        let one = |observable: Observable, of: Shares| NoiseBudget {
            neuron: graph.nodes[node].neuron,
            observable,
            shares: shares(&of, self.lines, graph, network, samples),
        };
        let voltage = self.sums.budget.iter().map(|budget| {
            let responses = |through: &'t Through| Some(of_one(&through.values, window(through.nodes[node]?)));
            one(Observable::Voltage, self.without_replaced(&budget[target], sources, responses))
        });
        let waves = self.waves.list.iter().zip(&self.sums.waves).enumerate();
        let waves = waves.filter(|(_, (wave, _))| wave.node == node).map(|(at, (wave, of))| {
            let responses = |through: &'t Through| Some(of_one(&through.of_quantities[1], window(at)));
            one(wave.observable, self.without_replaced(of, sources, responses))
        });
        voltage.chain(waves).collect()
    }

    /// Shares without the thermal quanta that packets take the place of on the lines they arrive on; `responses` to
    /// a source's mode at each look.
    fn without_replaced<'t>(
        &'t self,
        shares: &Shares,
        sources: &[SourceMode<'_>],
        responses: impl Fn(&'t Through) -> Option<[&'t [Complex64]; FOLLOWED]>,
    ) -> Shares {
        let mut shares = shares.clone();
        for through in &self.responses {
            let Some(source) = sources.iter().find(|source| source.source == through.source) else { continue };
            let LineDrive::Packet { slot, .. } = source.line.drive else { continue };
            let arrives = |line: &NoiseLine| matches!(line.drive, LineDrive::Port(of) if of == slot);
            let origin = source.line.origin;
            let share = shares.iter_mut().find(|share| share.0 == origin && arrives(&self.lines[origin][share.1]));
            let (Some((_, _, parts)), Some(values)) = (share, responses(through)) else { continue };
            parts
                .thermal
                .iter_mut()
                .zip(packets::replaced(source.replaced, &values))
                .for_each(|(sum, more)| *sum += more);
        }
        shares
    }

    /// Responses to the sources' modes that `of` picks out, `[quantity][look]`, back from the rotating frame.
    fn turned<'s>(
        &self,
        mean: &Mean,
        sources: &'s [SourceMode<'s>],
        of: impl Fn(&Through) -> Option<[&[Complex64]; FOLLOWED]>,
    ) -> Vec<Turned<'s>> {
        let one = |through: &Through| {
            let source = sources.iter().find(|source| source.source == through.source)?;
            let turn = |step: usize| Complex64::from_polar(1.0, -source.omega * step as f64 * mean.dt);
            let turns = mean.looks.iter().map(|&step| turn(step)).cycle();
            let back = |values: &[Complex64]| values.iter().zip(turns.clone()).map(|(u, turn)| u * turn).collect();
            Some((source, of(through)?.map(back)))
        };
        self.responses.iter().filter_map(one).collect()
    }

    /// Covariances of the recorded quantities, sources' states included.
    fn covariances(
        &self,
        network: &Network,
        mean: &Mean,
        sources: &[SourceMode<'_>],
        samples: &[usize],
    ) -> Vec<Covariance> {
        let mut sums = self.sums.pairs.clone();
        let n_looks = self.sums.n_looks;
        let turned =
            self.turned(mean, sources, |through| Some(through.of_quantities[0].each_ref().map(Vec::as_slice)));
        for (source, followed) in &turned {
            let values = &followed[STATED];
            // The vacuum of a line's mode is counted with the line.
            let vacuum = if source.in_line { 0.0 } else { 1.0 };
            add_mode(&mut sums, (values, values), n_looks, |u, v| {
                source.state.covariance(u, v) + vacuum * (u.conj() * v).re
            });
            packets::replace(&mut sums, source.replaced, followed, n_looks);
        }
        for joint in &network.states {
            add_joint(&mut sums, joint, &turned, n_looks);
        }
        let of = |place: usize| {
            let quantity = self.quantities.list[place];
            (quantity.neuron, quantity.observable)
        };
        let pairs = Quantities::pairs(self.quantities.list.len()).zip(&sums);
        let at = |sum: &[f64]| samples.iter().map(|&look| sum[look]).collect();
        pairs.map(|((i, j), sum)| Covariance { a: of(j), b: of(i), values: at(sum) }).collect()
    }

    /// Mean and covariance of the outgoing modes, and what each source's mode looks like in them.
    fn output_states(
        &self,
        network: &Network,
        graph: &ModeGraph,
        mean: &Mean,
        sources: &[SourceMode<'_>],
    ) -> OutputStates {
        let mut moments = self.sums.modes.clone();
        let mut heads: Vec<(&SourceMode<'_>, &Through)> = Vec::new();
        for through in &self.responses {
            heads.extend(sources.iter().find(|s| s.source == through.source).map(|source| (source, through)));
        }
        for (source, through) in &heads {
            // The mode is in its state and no longer at the temperature of its line.
            packets::replace_in_modes(&mut moments, source.replaced, &through.modes);
            if !source.in_line {
                moments.add(through.of_state(), 1.0, 0.0);
            }
        }
        for joint in &network.states {
            let of = |place: &usize| heads.iter().find(|(source, _)| source.place == *place);
            let through: Vec<&[(Complex64, Complex64)]> =
                joint.sources.iter().filter_map(of).map(|(_, through)| through.of_state()).collect();
            let (n, m) = joint.state.moments();
            if through.len() == joint.sources.len() {
                add_states(&mut moments.n, &mut moments.m, &through, (&n, &m));
            }
        }
        let means: Vec<Complex64> = self
            .leaving
            .iter()
            .map(|mode| {
                let (node, slot) = graph.rows[mode.row];
                mode.amplitude(mean.courses[node].leaving(slot), mean.dt)
            })
            .collect();
        // A search sees the sources' states as well.
        let mut bright = moments.clone();
        for (source, through) in &heads {
            add_own_state(&mut bright.n, &mut bright.m, through.of_state(), source.state);
        }
        let (combined, modes) = dominant::combine(network, &bright, !graph.has_loops());
        let combine = |values: Vec<Complex64>| (&combined * DVector::from_vec(values)).iter().copied().collect();
        let through = heads.iter().map(|(source, through)| {
            let (mu, nu): (Vec<_>, Vec<_>) = through.of_state().iter().copied().unzip();
            let (mu, nu): (Vec<_>, Vec<_>) = (combine(mu), combine(nu));
            ModeThrough {
                source: source.name.to_owned(),
                neuron: graph.nodes[source.line.origin].neuron,
                state: source.state.clone(),
                coefficients: mu.into_iter().zip(nu).collect(),
            }
        });
        let fields = FieldMoments {
            n: combined.conjugate() * &moments.n * combined.transpose(),
            m: &combined * &moments.m * combined.transpose(),
        };
        let commutator = &combined * &moments.commutator * combined.adjoint();
        OutputStates::new(modes, combine(means), fields, commutator, through.collect())
    }
}

fn at_samples(values: &[Complex64], samples: &[usize]) -> Vec<Complex64> {
    samples.iter().map(|&look| values[look]).collect()
}

/// Adds what a joint state of several sources brings to covariances, `2 Re sum (N_st u_s* u_t + M_st u_s u_t)`.
fn add_joint(sums: &mut [Vec<f64>], joint: &JointState, turned: &[Turned<'_>], n_looks: usize) {
    let (n, m) = joint.state.moments();
    let of = |place: &usize| turned.iter().find(|(source, _)| source.place == *place);
    let values: Vec<_> = joint.sources.iter().map(of).collect();
    for (s, of_s) in values.iter().enumerate() {
        for (t, of_t) in values.iter().enumerate() {
            let (Some((_, of_s)), Some((_, of_t))) = (of_s, of_t) else { continue };
            let (of_s, of_t) = (&of_s[STATED], &of_t[STATED]);
            let (n, m) = (n[(s, t)], m[(s, t)]);
            add_mode(sums, (of_s, of_t), n_looks, |u, v| 2.0 * (n * u.conj() * v + m * u * v).re);
        }
    }
}

/// Name of a line in files.
fn line_name(of: LineOrigin) -> String {
    match of {
        LineOrigin::Channel(name) => name.text().to_owned(),
        LineOrigin::Channels => "channels".to_owned(),
        LineOrigin::Port(role, _) => role.name().to_owned(),
        LineOrigin::Splitter(role) => format!("{} splitter", role.name()),
        LineOrigin::Sense => "sense".to_owned(),
        LineOrigin::Idler => "idler".to_owned(),
        LineOrigin::Source => "source".to_owned(),
    }
}

/// A noise budget: each line of each neuron, what enters at a port apart by origin.
fn shares(
    budget: &Shares,
    lines: &[Vec<NoiseLine>],
    graph: &ModeGraph,
    network: &Network,
    samples: &[usize],
) -> Vec<NoiseShare> {
    let mut list = Vec::new();
    for (origin, line, parts) in budget {
        let neuron = graph.nodes[*origin].neuron;
        let of = lines[*origin][*line].of;
        let mut push = |what: String, part: f64| {
            let values: Vec<f64> =
                samples.iter().map(|&look| part * (parts.vacuum[look] + parts.thermal[look])).collect();
            // What arrives at a neuron has nothing of its channels.
            if values.iter().any(|value| *value != 0.0) {
                list.push(NoiseShare {
                    neuron,
                    origin: format!("{} {what}", network.neuron_name(neuron)),
                    values,
                });
            }
        };
        match of {
            LineOrigin::Port(role, noise) => {
                let each = [
                    ("", noise.open),
                    (" loss", noise.loss),
                    (" splitter", noise.splitter),
                    (" amplifier", noise.amplifier),
                ];
                for (what, part) in each.into_iter().filter(|(_, part)| *part > 1e-12) {
                    push(format!("{}{what}", role.name()), part / noise.total());
                }
            }
            of => push(line_name(of), 1.0),
        }
    }
    list
}

/// Jitter of a neuron's spikes from linear response: standard deviation of V over its slope, at the crossing.
fn jitter(mean: &Mean, node: usize, neuron: usize, variance: &[f64], spikes: &[Spike]) -> Vec<SpikeJitter> {
    let of_spike = |spike: &Spike| {
        let crossing = Crossing::new(&mean.courses[node], &mean.looks, mean.dt, spike.time)?;
        let variance = crossing.between(|look| variance[look]);
        Some(SpikeJitter { neuron, time: spike.time, variance, deviation: crossing.jitter(variance) })
    };
    spikes.iter().filter(|spike| spike.neuron == neuron).filter_map(of_spike).collect()
}
