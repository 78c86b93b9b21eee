//! What is kept: defaults that fit the neurons recorded, and quantities that they have.

use std::f64::consts::TAU;

use qhh_core::source::Shape;
use qhh_core::time_grid::TimeGrid;
use qhh_core::units::{Dimension, rounded};
use qhh_net::network::{
    Direction, Drive, Fluctuations, Method, Observable, Population, Quantum, Record, Source, TimeStepping,
    Waveguides,
};
use qhh_net::{Neurons, Warning};

use super::figures;
use super::select::NeuronIndex;
use crate::yaml::aliases;
use crate::yaml::place::Path;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::schema::{self, COVARIANCE, HYSTERESIS, Kept, NOISE_BUDGET, SNAPSHOT};
use crate::yaml::wording::{clip, suggestion};

/// Neurons recorded by default: as many as a picture shows apart.
const DEFAULT_NEURONS: usize = 16;
/// Neurons recorded at most: samples of more would fill any memory.
const MAX_RECORDED: usize = 100_000_000;
/// Steps between samples by default: 0.1 ms at the default step, ten samples in the rise of a spike.
const DEFAULT_STEPS: f64 = 10.0;
/// Samples of a run by default at most: a few megabytes for each neuron.
const DEFAULT_SAMPLES: f64 = 10_000.0;

/// Kept in tables of their own.
const OTHERS: [&str; 4] = [HYSTERESIS, NOISE_BUDGET, COVARIANCE, SNAPSHOT];

/// What the defaults depend on; `None` where it could not be read.
pub(super) struct Context<'a> {
    pub(super) roster: &'a NeuronIndex<'a>,
    pub(super) populations: &'a [Option<Population>],
    pub(super) sources: &'a [Source],
    pub(super) waveguides: &'a [Waveguides],
    pub(super) simulation: Option<&'a TimeStepping>,
    pub(super) quantum: Option<&'a Option<Quantum>>,
}

/// Quantities to be recorded, and what is kept in tables of its own.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each table is a choice of its own")]
struct Asked {
    observables: Vec<Observable>,
    hysteresis: bool,
    noise_budget: bool,
    covariance: bool,
    snapshot: bool,
}

impl Context<'_> {
    pub(super) fn read(&self, typed: &schema::Record, scope: &Scope<'_>) -> Record {
        let neurons = match &typed.of {
            Some(of) => listed(&self.roster.select(of, &scope.key("of")), &scope.key("of")),
            None => (0..self.roster.total().min(DEFAULT_NEURONS)).collect(),
        };
        let recorded = self.recorded(&neurons);
        let asked = match &typed.quantities {
            Some(kept) => self.asked_for(kept, (&neurons, recorded.as_deref()), &scope.key("quantities")),
            None => Asked {
                observables: self.default_observables(recorded.as_deref()),
                hysteresis: self.swings(&neurons),
                ..Asked::default()
            },
        };
        let every = self.every(typed, scope);
        let Asked { observables, hysteresis, noise_budget, covariance, snapshot } = asked;
        let trajectories = typed.trajectories.unwrap_or(0) as usize;
        let budget_of =
            typed.budget_of.iter().flatten().enumerate().filter_map(|(index, name)| {
                figures::read(&name.0, self.roster, &scope.key("budget_of").index(index))
            });
        let budget_of = budget_of.collect();
        Record {
            every,
            neurons,
            observables,
            hysteresis,
            noise_budget,
            covariance,
            trajectories,
            snapshot,
            budget_of,
        }
    }

    /// Everything that can be kept as a trace of some neuron.
    fn known(&self) -> Vec<Observable> {
        let circuits = self.populations.iter().flatten().map(|population| &population.circuit);
        let channels = Observable::of_channels(circuits).into_iter().flatten().flatten();
        let own = channels.filter(|of| !Observable::ALL.contains(of));
        Observable::ALL.iter().copied().chain(own).collect()
    }

    /// Populations that have a recorded neuron; `None` if some population could not be read.
    fn recorded(&self, neurons: &[usize]) -> Option<Vec<&Population>> {
        let mut first = 0;
        let mut recorded = Vec::new();
        for population in self.populations {
            let population = population.as_ref()?;
            let end = first + population.count;
            let next = neurons.partition_point(|&neuron| neuron < first);
            if neurons.get(next).is_some_and(|&neuron| neuron < end) {
                recorded.push(population);
            }
            first = end;
        }
        Some(recorded)
    }

    fn every(&self, typed: &schema::Record, scope: &Scope<'_>) -> f64 {
        let Some(simulation) = self.simulation else { return f64::NAN };
        let (step, n_steps) = (simulation.step, (simulation.duration / simulation.step + 1e-6).floor());
        let Some(every) = &typed.every else {
            let sparse = (n_steps / DEFAULT_SAMPLES).ceil();
            return step * DEFAULT_STEPS.min(n_steps).max(sparse).max(1.0);
        };
        let scope = scope.key("every");
        let every = scope.read(every, Dimension::TIME, Bound::AboveZero);
        let ratio = every / step;
        if (ratio - ratio.round()).abs() > 1e-6 * ratio.max(1.0) || ratio.round() < 1.0 {
            let show = |time| scope.units.display(time, Dimension::TIME);
            scope.wrong(
                format!("`record.every`, {}, is no whole number of steps of {}", show(every), show(step)),
                format!("write `every: {}`, or change `simulation.step`", show(step * ratio.round().max(1.0))),
            );
        }
        every
    }

    fn asked_for(
        &self,
        kept: &[Kept],
        (neurons, recorded): (&[usize], Option<&[&Population]>),
        scope: &Scope<'_>,
    ) -> Asked {
        let mut asked = Asked::default();
        for (index, Kept(name)) in kept.iter().enumerate() {
            let scope = scope.index(index);
            let known = self.known();
            let named = Observable::named(name).filter(|of| known.contains(of));
            if named.is_none() && !OTHERS.contains(&name.as_str()) {
                if self.may_have(name, &scope) {
                    continue;
                }
                let mut known: Vec<&str> = known.into_iter().map(Observable::name).chain(OTHERS).collect();
                let mut seen = std::collections::HashSet::new();
                known.retain(|name| seen.insert(*name));
                let help = aliases::of_word(&scope.path, name).unwrap_or_else(|| suggestion(name, &known));
                scope.wrong(format!("`{}` cannot be `{}`", scope.path, clip(name)), help);
                continue;
            }
            let Some(observable) = named else {
                asked.hysteresis |= name == HYSTERESIS;
                if name == HYSTERESIS {
                    self.doubt_loops(neurons, &scope);
                }
                asked.noise_budget |= name == NOISE_BUDGET;
                asked.covariance |= name == COVARIANCE;
                asked.snapshot |= name == SNAPSHOT;
                if name == SNAPSHOT
                    && self.simulation.is_some_and(|simulation| simulation.method == Method::Adiabatic)
                {
                    scope.wrong(
                        "`snapshot` cannot be recorded: with `method: adiabatic` no run starts from a state",
                        "write `method: langevin` under `simulation`",
                    );
                }
                if [NOISE_BUDGET, COVARIANCE].contains(&name.as_str()) {
                    let exact = |quantum: &Quantum| quantum.fluctuations == Fluctuations::Heisenberg;
                    if self.quantum.is_some_and(|quantum| !quantum.as_ref().is_some_and(exact)) {
                        scope.wrong(
                            format!("`{name}` cannot be recorded: it takes field modes"),
                            "write `fluctuations: heisenberg` under `quantum`",
                        );
                    }
                }
                continue;
            };
            if let (true, Some(quantum)) = (observable.is_variance(), self.quantum)
                && !observable.is_told_by(quantum.map_or(Fluctuations::None, |quantum| quantum.fluctuations))
            {
                let (message, help) = match quantum.map(|quantum| quantum.fluctuations) {
                    None => ("there is no `quantum` block", "add `quantum: {hbar: 0.5}`"),
                    Some(Fluctuations::Wigner) => ("samples know no part of a variance", "record `variance`"),
                    Some(_) => ("`fluctuations` is `none`", "write `fluctuations: adiabatic`"),
                };
                scope.wrong(format!("`{name}` cannot be recorded: {message}"), help);
            }
            if let Some(populations) = recorded
                && !populations.is_empty()
                && !populations.iter().any(|population| observable.is_of(&population.circuit))
            {
                let names: Vec<&str> = populations.iter().map(|p| p.name.as_str()).take(20).collect();
                let what = match observable {
                    Observable::WaveOut | Observable::WaveEcho => "output port",
                    Observable::WaveIn | Observable::WaveBack => "input port",
                    Observable::G_NA
                    | Observable::G_CL
                    | Observable::I_NA
                    | Observable::I_CL
                    | Observable::M
                    | Observable::H => "sodium or chloride channel",
                    Observable::Measured => "sense line",
                    _ => "such channel",
                };
                scope.wrong(
                    format!("`{name}` cannot be recorded: `{}` has no {what}", names.join("`, `")),
                    format!("leave `{name}` out"),
                );
            }
            if !asked.observables.contains(&observable) {
                asked.observables.push(observable);
            }
        }
        if asked.covariance && !asked.observables.iter().any(|observable| observable.is_linear()) {
            scope.wrong(
                "`covariance` is that of recorded voltages and waves, and none is recorded",
                "add `voltage`, `wave_out`, `wave_in`, `wave_back` or `wave_echo`",
            );
        }
        asked
    }

    /// Whether a population with mistakes may have this quantity of a channel: of those it is not known what they have.
    fn may_have(&self, quantity: &str, scope: &Scope<'_>) -> bool {
        let prefixed = ["g_", "i_"].iter().find_map(|prefix| quantity.strip_prefix(prefix));
        let Some(channel) = prefixed.or_else(|| Some(quantity.split_once('.')?.0)) else { return false };
        self.populations.iter().any(|population| match population {
            None => true,
            Some(population) => {
                let path = Path::root().key("neurons").key(&population.name).key("channels").key(channel);
                !scope.problems.none_within(&path)
            }
        })
    }

    fn default_observables(&self, recorded: Option<&[&Population]>) -> Vec<Observable> {
        use Observable as O;
        let fluctuations =
            self.quantum.and_then(Option::as_ref).map_or(Fluctuations::None, |quantum| quantum.fluctuations);
        let channels =
            Observable::of_channels(recorded.into_iter().flatten().map(|population| &population.circuit));
        let of_each = |which: usize| channels.iter().flat_map(move |of| of[which].iter().copied());
        let others = [
            O::WaveOut,
            O::WaveIn,
            O::WaveBack,
            O::WaveEcho,
            O::Variance,
            O::VarianceVacuum,
            O::VarianceThermal,
            O::VarianceState,
        ];
        let any = |wanted: O| {
            recorded.is_some_and(|list| list.iter().any(|population| wanted.is_of(&population.circuit)))
        };
        let two_way = self.waveguides.iter().any(|waveguides| waveguides.direction == Direction::TwoWay);
        let belongs = |observable: &O| match *observable {
            // The one gate of a single-channel neuron is plain from its conductance.
            O::N => any(O::M) || channels.len() > 1,
            // Nothing but noise arrives where nothing is connected.
            O::WaveIn => any(O::WaveIn) && !self.waveguides.is_empty(),
            O::WaveBack | O::WaveEcho => any(*observable) && two_way,
            observable => any(observable) && (!observable.is_variance() || observable.is_told_by(fluctuations)),
        };
        [O::Voltage, O::Current]
            .into_iter()
            .chain(of_each(1))
            .chain(of_each(0))
            .chain(others)
            .filter(belongs)
            .collect()
    }

    /// Whether a source that swings feeds a recorded neuron, so that its memristors draw loops, and steps follow them.
    fn swings(&self, neurons: &[usize]) -> bool {
        let grid = self.simulation.map(|simulation| TimeGrid::new(simulation.step));
        let followed = |omega: f64| grid.is_none_or(|grid| grid.place(TAU / omega) >= 1.0);
        let mut frequencies = self.frequencies(neurons).peekable();
        frequencies.peek().is_some() && frequencies.all(followed)
    }

    /// Angular frequencies of what swings into these neurons.
    fn frequencies(&self, neurons: &[usize]) -> impl Iterator<Item = f64> {
        let fed =
            |source: &&Source| neurons.iter().any(|&neuron| source.targets.place_in_ascending(neuron).is_some());
        let swinging = |source: &Source| match &source.drive {
            Drive::Mode(mode) => Some(mode.omega),
            Drive::Packet(_) => None,
            Drive::Current(current) => match current.shape {
                Shape::Sine { omega, .. } => Some(omega),
                _ => None,
            },
        };
        self.sources.iter().filter(fed).filter_map(swinging).filter(|omega| *omega > 0.0)
    }

    /// Warns of loops none of which closes within the run.
    fn doubt_loops(&self, neurons: &[usize], scope: &Scope<'_>) {
        let shortest = self.frequencies(neurons).map(|omega| TAU / omega).fold(f64::INFINITY, f64::min);
        let Some(end) = self.simulation.map(|simulation| simulation.duration) else { return };
        if shortest.is_finite() && shortest > end {
            let show = |time: f64| scope.units.display(rounded(time, 3), Dimension::TIME);
            scope.data.warn(Warning {
                path: scope.path.to_string(),
                finding: format!(
                    "a period of the drive, {}, does not fit into the run, {}, so no loop closes",
                    show(shortest),
                    show(end)
                ),
                remedy: "lengthen the run, or check the frequency".to_owned(),
            });
        }
    }
}

/// Neurons one by one, if they are not too many for that.
fn listed(neurons: &Neurons, scope: &Scope<'_>) -> Vec<usize> {
    if neurons.len() > MAX_RECORDED {
        scope.wrong(
            format!(
                "`{}` names {} neurons, above the {MAX_RECORDED} that can be recorded",
                scope.path,
                neurons.len()
            ),
            "name fewer, such as `relay.0..999`",
        );
        return Vec::new();
    }
    neurons.iter().collect()
}
