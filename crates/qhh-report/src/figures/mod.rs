//! What is plotted of a run, or of several: from recorded numbers to [`Figure`]s.
//!
//! A [`Subject`] is one neuron of one run; a [`Group`] are the subjects that share a panel. On a run's page one group
//! holds the neurons of the run; on a comparing page each group holds one neuron as the runs have it.

pub(crate) mod adjacency;
pub(crate) mod budget;
pub(crate) mod ensemble;
mod histogram;
pub(crate) mod intervals;
pub(crate) mod memristor;
pub(crate) mod raster;
mod rates;
pub(crate) mod responses;
pub(crate) mod shape;
pub(crate) mod space_time;
mod stack;
pub(crate) mod traces;
pub(crate) mod variance;

use std::borrow::Cow;

use qhh_core::units::{Dimension, UnitSystem};
use qhh_net::Network;
use qhh_net::network::Observable;
use qhh_net::outcome::{EnsembleNeuron, NeuronLoop, NeuronVariance, NoiseShare, SpikeCount};

use super::chart::{AxisSpec, Colour, Figure, N_COLOURS};
use qhh_results::FinishedRun;
use qhh_results::number::{count, counted};

/// Figures under one heading.
pub(crate) struct Section<'a> {
    /// Heading.
    pub(crate) title: &'static str,
    /// What they show together.
    pub(crate) lead: String,
    /// The figures; those without data draw nothing.
    pub(crate) figures: Vec<Figure<'a>>,
}

/// One neuron of one run, with the name and colour it is drawn with.
#[derive(Clone)]
pub(crate) struct Subject<'a> {
    /// Name in legends.
    pub(crate) name: String,
    /// Number of its colour.
    pub(crate) colour: usize,
    /// The run.
    pub(crate) run: &'a FinishedRun,
    /// The neuron's number in that run.
    pub(crate) neuron: usize,
    /// Units it is shown in: those of the first run on the page.
    pub(crate) units: UnitSystem,
}

/// Subjects that share a panel.
#[derive(Clone)]
pub(crate) struct Group<'a> {
    /// Name of the panel; empty where there is but one.
    pub(crate) heading: String,
    /// Who is in it.
    pub(crate) subjects: Vec<Subject<'a>>,
}

impl Group<'_> {
    /// Heading of its panel of one quantity, beside the other groups.
    pub(crate) fn heading_of(&self, groups: &[Self], what: &str) -> String {
        if groups.len() > 1 { format!("{}, {what}", self.heading) } else { what.to_owned() }
    }
}

impl<'a> Subject<'a> {
    /// Factor from the run's own unit of `dimension` to the one shown. Bare numbers are taken as they are.
    pub(crate) fn factor(&self, dimension: Dimension) -> f64 {
        conversion(self.run.network.units, self.units, dimension)
    }

    fn converted(&self, values: &'a [f64], dimension: Dimension) -> Cow<'a, [f64]> {
        match self.factor(dimension) {
            1.0 => Cow::Borrowed(values),
            factor => values.iter().map(|value| value * factor).collect(),
        }
    }

    /// Times of the samples.
    pub(crate) fn times(&self) -> Cow<'a, [f64]> {
        self.converted(&self.run.outcome.traces.times, Dimension::TIME)
    }

    /// Samples of a quantity, if recorded.
    pub(crate) fn trace(&self, observable: Observable) -> Option<Cow<'a, [f64]>> {
        let values = self.run.outcome.traces.get(self.neuron, observable)?;
        Some(self.converted(values, observable.dimension()))
    }

    /// Times of its spikes.
    pub(crate) fn spikes(&self) -> impl Iterator<Item = f64> {
        let factor = self.factor(Dimension::TIME);
        let own = self.run.outcome.spikes.iter().filter(|spike| spike.neuron == self.neuron);
        own.map(move |spike| spike.time * factor)
    }

    /// Its variance, line by line, in the run's own units.
    pub(crate) fn variance(&self) -> Option<&'a NeuronVariance> {
        self.run.outcome.variances.iter().find(|variance| variance.neuron == self.neuron)
    }

    /// What samples of its voltage came to, in the run's own units.
    pub(crate) fn samples(&self) -> Option<&'a EnsembleNeuron> {
        let ensemble = self.run.outcome.ensemble.as_ref()?;
        ensemble.neurons.iter().find(|of| of.neuron == self.neuron)
    }

    /// What became of its spikes in the samples, in the run's own units.
    pub(crate) fn counted(&self) -> impl Iterator<Item = &'a SpikeCount> {
        let all = self.run.outcome.ensemble.iter().flat_map(|ensemble| &ensemble.spikes);
        let neuron = self.neuron;
        all.filter(move |spike| spike.neuron == neuron)
    }

    /// Its I-V loop of `channel`, in the run's own units.
    pub(crate) fn iv_loop(&self, channel: &str) -> Option<&'a NeuronLoop> {
        self.run.outcome.loops.iter().find(|l| l.neuron == self.neuron && l.channel == channel)
    }

    /// Name of the neuron, whatever the subject is called.
    pub(crate) fn name_in_run(&self) -> String {
        label(&self.run.network, self.neuron)
    }

    pub(crate) fn palette(&self) -> Colour {
        Colour::Palette(self.colour)
    }
}

/// Factor from one system's unit of `dimension` to another's; 1 from or to bare numbers.
pub(crate) fn conversion(from: UnitSystem, to: UnitSystem, dimension: Dimension) -> f64 {
    let bare = from == to || to.symbol(dimension).is_empty() || from.symbol(dimension).is_empty();
    if bare { 1.0 } else { to.parse(&from.display(1.0, dimension), dimension).unwrap_or(1.0) }
}

/// At most `most` of `items`, spread evenly from the first to the last.
pub(crate) fn spread<T: Clone>(items: &[T], most: usize) -> Vec<T> {
    let n = items.len();
    if n <= most {
        return items.to_vec();
    }
    (0..most).filter_map(|k| items.get(k * (n - 1) / (most - 1).max(1)).cloned()).collect()
}

/// The neurons a run's page draws: the recorded ones, or a few spread evenly over them; and how many there are.
pub(crate) fn drawn_neurons(run: &FinishedRun) -> (Vec<Subject<'_>>, usize) {
    let recorded = &run.network.record.neurons;
    let subjects = spread(recorded, N_COLOURS).into_iter().enumerate().map(|(colour, neuron)| Subject {
        name: label(&run.network, neuron),
        colour,
        run,
        neuron,
        units: run.network.units,
    });
    (subjects.collect(), recorded.len())
}

/// Name of a neuron: `relay[3]`, or `relay` where it is the only one of its population.
pub(crate) fn label(network: &Network, neuron: usize) -> String {
    match network.locate(neuron) {
        Some((population, _)) if population.count == 1 => population.name.clone(),
        _ => network.neuron_name(neuron),
    }
}

/// Origin of a part of a noise budget as a page names it: `receiver sodium` of a lone receiver.
pub(crate) fn origin(network: &Network, share: &NoiseShare) -> String {
    let full = network.neuron_name(share.neuron);
    match share.origin.strip_prefix(&full) {
        Some(what) => label(network, share.neuron) + what,
        None => share.origin.clone(),
    }
}

/// `6 neurons`, `8 of 1000 recorded neurons, evenly chosen`, or `relay[0] in 2 runs`: who a figure is about.
pub(crate) fn whose(groups: &[Group<'_>], recorded: usize) -> String {
    let subjects: Vec<&Subject<'_>> = groups.iter().flat_map(|group| &group.subjects).collect();
    let Some(first) = subjects.first() else { return "no neuron".to_owned() };
    let mut runs: Vec<*const FinishedRun> = subjects.iter().map(|s| std::ptr::from_ref(s.run)).collect();
    runs.sort_unstable();
    runs.dedup();
    let name = |subject: &Subject<'_>| label(&subject.run.network, subject.neuron);
    if runs.len() > 1 {
        let one = subjects.iter().all(|other| name(other) == name(first));
        let who = if one { name(first) } else { "the neurons recorded".to_owned() };
        format!("{who} in {} runs", runs.len())
    } else if subjects.len() == 1 && recorded == 1 {
        name(first)
    } else if subjects.len() < recorded {
        format!("{} of {} recorded neurons, evenly chosen", subjects.len(), count(recorded))
    } else {
        counted(subjects.len(), "neuron")
    }
}

/// The time axis of a page: from 0 to the end of the longest run.
pub(crate) fn time_axis(groups: &[Group<'_>]) -> AxisSpec {
    let subjects = || groups.iter().flat_map(|group| &group.subjects);
    let ends = subjects().map(|s| s.run.network.simulation.duration * s.factor(Dimension::TIME));
    let unit = subjects().next().map_or("", |s| s.units.symbol(Dimension::TIME));
    AxisSpec::time(unit, ends.fold(0.0, f64::max))
}

/// Number of the first neuron of each population.
pub(super) fn firsts(network: &Network) -> Vec<usize> {
    let counts = network.populations.iter().map(|population| population.count);
    counts.scan(0, |next, count| Some(std::mem::replace(next, *next + count))).collect()
}

/// The time axis of a run of `network`.
pub(crate) fn own_time_axis(network: &Network) -> AxisSpec {
    AxisSpec::time(network.units.symbol(Dimension::TIME), network.simulation.duration)
}

/// A vertical axis with a row for each neuron, downwards in the order of the file: neuron `k` stands at `-k`.
pub(crate) fn neuron_axis(network: &Network) -> AxisSpec {
    let n = network.n_neurons();
    let named: Vec<String> = (0..n.min(12)).map(|neuron| label(network, neuron)).collect();
    let short = n <= 12 && named.iter().all(|name| name.chars().count() <= 14);
    let ticks = if short {
        named.into_iter().enumerate().map(|(k, name)| (-(k as f64), name)).collect()
    } else {
        let stride = [1, 2, 5, 10].map(|m| m * 10usize.pow((n / 5).max(1).ilog10()));
        let stride = stride.into_iter().find(|s| n / s <= 6).unwrap_or(n);
        (0..n).step_by(stride.max(1)).map(|k| (-(k as f64), count(k))).collect()
    };
    let mut axis = AxisSpec::new("Neuron", "").ranging(0.5 - n as f64, 0.5);
    (axis.named, axis.rows) = (Some(ticks), true);
    axis
}

/// A vertical axis for a quantity of `dimension`, in the units shown.
pub(crate) fn axis(groups: &[Group<'_>], label: &str, dimension: Dimension) -> AxisSpec {
    let units = groups.iter().flat_map(|group| &group.subjects).next().map(|s| s.units);
    AxisSpec::new(label, units.map_or("", |units| units.symbol(dimension)))
}
