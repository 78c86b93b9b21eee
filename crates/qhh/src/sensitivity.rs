//! How a number of a run depends on everything in its network.

use std::path::Path;
use std::sync::Arc;

use qhh_format::yaml::NumberEntry;
use qhh_lab::measure::MeasureError;
use qhh_lab::objective::Objective;
use qhh_net::RunOptions;
use qhh_net::engine::adjoint::{Direction, Gradient, Tape};
use qhh_net::network::{Parameter, random};
use qhh_results::sensitivity::Sensitivity as Tables;
use qhh_results::tables::Who;
use qhh_results::tables::rows::{ArmSlopeRow, EntryRow, NeuronSlopeRow};
use qhh_results::{ResultsError, WriteOptions};
use rand::RngExt;

use crate::resources;
use crate::text::threads;
use crate::{Error, FolderSettings, Network, RunObserver, RunSettings};

/// Part of itself by which a number of the file is moved to either side, to learn what it does to the parameters: those
/// of the file are simple functions, so that central differences over this have eight digits.
const PART: f64 = 1e-4;

/// Why a derivative is not known.
const UNKNOWN: &str = "it changes the random numbers that each target has for itself";

/// Elements of a list from which on it is tried whether each belongs to one item, and all are moved at once.
const MANY: usize = 9;

/// What moving an entry of the file does.
enum Along {
    /// Nothing, or it cannot be moved: a count.
    Nothing,
    /// What is not known.
    Unknown,
    /// The number changes, to first order, by so much, over this part of the way from below to above.
    Slope { change: f64, span: f64 },
}

/// The derivatives of one number of a run by everything in its network.
#[derive(Debug, Clone)]
pub struct Sensitivity {
    tables: Tables,
    gradient: Arc<Gradient>,
    network: Network,
}

impl Network {
    /// How the number `of`, named as a measure is (`relay[4].first_spike`, `relay.voltage.at(12 ms)`), depends on every
    /// number of the network: one run forwards and one backwards. With `differences`, each entry of the file is also checked
    /// by two runs.
    ///
    /// # Errors
    /// [`Error::Usage`] where there is no such number, it has no slope, or the network cannot be gone through backwards;
    /// else as [`Network::run`].
    ///
    /// # Examples
    /// ```
    /// use qhh::{Network, RunSettings};
    ///
    /// let network = Network::from_yaml("
    /// name: leak
    /// simulation: {duration: 1 ms}
    /// neurons:
    ///   cell:
    ///     circuit: single-channel
    ///     membrane: {capacitance: 1 uF}
    ///     channels: {potassium: {conductance: 1 mS}}
    ///     initial: {voltage: 10 mV}
    /// ")?;
    /// let of = network.sensitivity("cell.voltage.last", false, &RunSettings::default(), &mut ())?;
    /// // A larger capacitor loses its charge more slowly.
    /// let capacitance = of.entries().iter().find(|row| row.entry.ends_with("capacitance")).expect("it is in the file");
    /// assert!(capacitance.of_one_percent > 0.0);
    /// # Ok::<(), qhh::Error>(())
    /// ```
    pub fn sensitivity(
        &self,
        of: &str,
        differences: bool,
        settings: &RunSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<Sensitivity, Error> {
        settings.within(|| {
            let objective = Objective::parse(of, self.net()).map_err(|error| self.no_number(&error))?;
            let watched = objective.watched(self.net()).map_err(|error| self.no_number(&error))?;
            self.can_go_back()?;
            let on = threads(settings.threads);
            let memory = resources::for_backwards(self.net(), watched.len())?;
            observer.note(&format!("{memory}{}", resources::awake(self.net())));
            let (value, gradient) = self.backwards(&objective, &watched, on, observer)?;
            let (mut entries, unknown) = self.entries(&gradient);
            if differences {
                for row in &mut entries {
                    row.1.by_differences = self.by_differences(&objective, &row.0, on, observer);
                }
            }
            let mut entries: Vec<EntryRow> = entries.into_iter().map(|(_, row)| row).collect();
            entries.sort_by(|a, b| b.of_one_percent.abs().total_cmp(&a.of_one_percent.abs()));
            let tables = Tables {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                network: self.name().to_owned(),
                of: objective.name().unwrap_or_else(|| of.trim()).to_owned(),
                unit: objective.unit(self.net().units),
                value,
                entries,
                unknown,
                neurons: self.of_neurons(&gradient),
                waveguides: self.of_waveguides(&gradient),
            };
            Ok(Sensitivity { tables, gradient: Arc::new(gradient), network: self.clone() })
        })
    }

    fn no_number(&self, error: &MeasureError) -> Error {
        Error::Usage {
            message: format!("{}: {error}", self.name()),
            remedy: "name a number such as `relay[4].first_spike`, `relay.voltage.max`, `relay[0].voltage.at(12 ms)` or `relay.smooth_spikes`",
        }
    }

    fn backwards(
        &self,
        objective: &Objective,
        watched: &[usize],
        threads: usize,
        observer: &mut dyn RunObserver,
    ) -> Result<(f64, Gradient), Error> {
        let mut tape = self.on_tape(watched, threads, observer)?;
        let sloped = objective.scored(self.net(), &tape).map_err(|error| Error::Usage {
            message: format!("{}: {error}", self.name()),
            remedy: "choose another neuron, or a number that there is whether or not a neuron fires, such as \
                     `relay[4].smooth_spikes` or `relay[4].voltage.max`",
        })?;
        let gradient = self.back(&mut tape, &sloped.slopes, observer)?;
        Ok((sloped.value, gradient))
    }

    /// The number with an entry of the file moved by a part of itself, by the runs on either side.
    fn by_differences(
        &self,
        objective: &Objective,
        entry: &NumberEntry,
        threads: usize,
        observer: &mut dyn RunObserver,
    ) -> Option<f64> {
        let [value] = entry.values.as_slice() else { return None };
        let mut numbers = [0.0; 2];
        for (number, moved) in numbers.iter_mut().zip(moved(*value)) {
            let Ok(network) = self.draft_with(&entry.set([moved])).map(qhh_net::Network::checked) else {
                return None;
            };
            let Ok(network) = network else { return None };
            let watched = objective.watched(&network).ok()?;
            let options = RunOptions { threads, ..RunOptions::default() };
            let tape = Tape::record(&network, &watched, options, &mut |progress| observer.progress(progress));
            let Ok(tape) = tape else { return None };
            let Ok(sloped) = objective.scored(&network, &tape) else { return None };
            *number = sloped.value;
        }
        let [below, above] = moved(*value);
        Some((numbers[1] - numbers[0]) / (above - below))
    }

    /// The derivative by each number of the file; and those of which it is not known, with why.
    #[expect(clippy::type_complexity, reason = "two lists")]
    fn entries(&self, gradient: &Gradient) -> (Vec<(NumberEntry, EntryRow)>, Vec<(String, String)>) {
        let (mut rows, mut unknown) = (Vec::new(), Vec::new());
        for entry in self.numbers() {
            match self.along(gradient, &entry, None) {
                Along::Nothing => {}
                Along::Unknown => unknown.push((entry.path.clone(), UNKNOWN.to_owned())),
                Along::Slope { change, span } => {
                    let one = entry.values.len() == 1;
                    let value = entry.values[0];
                    let [below, above] = moved(value);
                    let slope = change / (span * (above - below));
                    let of_one_percent =
                        if one { 0.01 * value * slope } else { 0.01 * change / (2.0 * span * PART) };
                    let row = EntryRow {
                        entry: entry.path.clone(),
                        value: one.then_some(value),
                        unit: if one { entry.units[0].clone() } else { String::new() },
                        slope: one.then_some(slope),
                        of_one_percent,
                        by_differences: None,
                    };
                    rows.push((entry, row));
                }
            }
        }
        (rows, unknown)
    }

    /// The network with each element of an entry on either side of its value, and over which part of that way: an entry at
    /// the end of what it may be is moved to one side alone. None where it cannot be moved, or makes another network.
    fn sides(
        &self,
        entry: &NumberEntry,
        of: impl Fn(usize, f64) -> [f64; 2],
    ) -> Option<([qhh_net::Network; 2], f64)> {
        let values: Vec<[f64; 2]> =
            entry.values.iter().enumerate().map(|(place, value)| of(place, *value)).collect();
        let sides = [0, 1].map(|which| self.draft_with(&entry.set(values.iter().map(|sides| sides[which]))).ok());
        let span = match &sides {
            [Some(_), Some(_)] => 1.0,
            [None, None] => return None,
            _ => 0.5,
        };
        let sides = sides.map(|side| side.unwrap_or_else(|| self.net().clone()));
        sides.iter().all(|side| side.has_shape_of(self.net())).then_some((sides, span))
    }

    /// What moving an entry of the file a little does to the number of a gradient; of a list, one element, or all by the same
    /// part of each.
    fn along(&self, gradient: &Gradient, entry: &NumberEntry, element: Option<usize>) -> Along {
        let of = |place: usize, value: f64| match element {
            None if entry.values.len() > 1 => [value - PART * value, value + PART * value],
            Some(element) if element != place => [value; 2],
            _ => moved(value),
        };
        let Some(([from, to], span)) = self.sides(entry, of).filter(|([from, to], _)| from != to) else {
            return Along::Nothing;
        };
        let change = gradient.change(self.net(), &from, &to);
        change.map_or(Along::Unknown, |change| Along::Slope { change, span })
    }

    /// The direction in which a number of the file grows, and by how many of its units it grows along it; none where it moves
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Usage`] where that is not known.
    pub(crate) fn direction_of(&self, entry: &NumberEntry) -> Result<Option<(Direction, f64)>, Error> {
        let Some(([from, to], span)) =
            self.sides(entry, |_, value| moved(value)).filter(|([from, to], _)| from != to)
        else {
            return Ok(None);
        };
        let direction = Direction::between(self.net(), &from, &to).ok_or_else(|| self.unknown(entry))?;
        let [below, above] = moved(entry.values[0]);
        Ok(Some((direction, span * (above - below))))
    }

    fn unknown(&self, entry: &NumberEntry) -> Error {
        Error::Usage {
            message: format!("{}: the derivative by `{}` is not known: {UNKNOWN}", self.name(), entry.path),
            remedy: "leave it out",
        }
    }

    /// The derivative of a gradient's number by an element of an entry of the file, in its own unit.
    ///
    /// # Errors
    /// [`Error::Usage`] where its derivative is not known.
    pub(crate) fn slope_by(&self, gradient: &Gradient, entry: &NumberEntry, element: usize) -> Result<f64, Error> {
        match self.along(gradient, entry, Some(element)) {
            Along::Nothing => Ok(0.0),
            Along::Unknown => Err(self.unknown(entry)),
            Along::Slope { change, span } => {
                let [below, above] = moved(entry.values[element]);
                Ok(change / (span * (above - below)))
            }
        }
    }

    /// The same by every element, one after the other; where `elementwise`, by two readings of the file.
    ///
    /// # Errors
    /// As [`Network::slope_by`].
    pub(crate) fn slopes_by(
        &self,
        gradient: &Gradient,
        entry: &NumberEntry,
        elementwise: bool,
    ) -> Result<Vec<f64>, Error> {
        let all: Vec<bool> = vec![true; entry.values.len()];
        if let Some((changes, span)) = elementwise.then(|| self.by_items(gradient, entry, &all)).flatten() {
            let slope = |(value, change): (&f64, Option<f64>)| {
                let [below, above] = moved(*value);
                change.unwrap_or(0.0) / (span * (above - below))
            };
            return Ok(entry.values.iter().zip(changes).map(slope).collect());
        }
        (0..entry.values.len()).map(|element| self.slope_by(gradient, entry, element)).collect()
    }

    /// Whether each element of a long list belongs to the item of its number and to no other: moving every second one, at
    /// random, moves just these.
    pub(crate) fn is_elementwise(&self, gradient: &Gradient, entry: &NumberEntry) -> bool {
        let mut random = random::stream(0, &entry.path);
        let some: Vec<bool> = entry.values.iter().map(|_| random.random()).collect();
        let moves_these = |moves: &[bool]| {
            let found = self.by_items(gradient, entry, moves);
            found.is_some_and(|(changes, _)| changes.iter().map(Option::is_some).eq(moves.iter().copied()))
        };
        entry.values.len() >= MANY
            && moves_these(&some)
            && moves_these(&some.iter().map(|moves| !moves).collect::<Vec<_>>())
    }

    /// How much moving some elements of a list changes the number through the item of each element, none where it stays as it
    /// is; and over which part of the way from below to above. None where other items change too.
    fn by_items(
        &self,
        gradient: &Gradient,
        entry: &NumberEntry,
        moves: &[bool],
    ) -> Option<(Vec<Option<f64>>, f64)> {
        let of = |place: usize, value| if moves[place] { moved(value) } else { [value; 2] };
        let ([from, to], span) = self.sides(entry, of)?;
        let mut changes = vec![None; entry.values.len()];
        let mut others = false;
        gradient.changes((self.net(), &from, &to), &mut |item, change| match item
            .and_then(|item| changes.get_mut(item))
        {
            Some(of @ None) => *of = Some(change),
            Some(Some(_)) | None => others = true,
        })?;
        (!others).then_some((changes, span))
    }

    /// Whether each number of a long list can be a little less; false where one cannot, or that is not known at once.
    pub(crate) fn can_move_all(&self, entry: &NumberEntry) -> bool {
        let below = entry.values.iter().map(|value| moved(*value)[0]);
        entry.values.len() >= MANY && self.draft_with(&entry.set(below)).is_ok()
    }

    /// Whether a number of an entry can be a little more or a little less.
    pub(crate) fn can_move(&self, entry: &NumberEntry, element: usize) -> bool {
        moved(entry.values[element]).into_iter().any(|value| {
            let mut values = entry.values.clone();
            values[element] = value;
            self.draft_with(&entry.set(values)).is_ok()
        })
    }

    fn of_neurons(&self, gradient: &Gradient) -> Vec<NeuronSlopeRow> {
        let network = self.net();
        let mut rows = Vec::new();
        for (neuron, of) in gradient.neurons.iter().enumerate() {
            let Some((population, _)) = network.locate(neuron) else { continue };
            let Some((circuit, _)) = network.neuron(neuron) else { continue };
            let who = Who::of(network, neuron);
            let has_output = circuit.output.is_some();
            let mut row = |parameter: String, value: f64, slope: f64| {
                if slope != 0.0 {
                    rows.push(NeuronSlopeRow {
                        neuron: who.neuron.clone(),
                        population: who.population,
                        index: who.index,
                        parameter,
                        value,
                        slope,
                        of_one_percent: 0.01 * value * slope,
                    });
                }
            };
            for (parameter, value) in Parameter::all_of(&circuit) {
                row(population.path_of(parameter), value, of.by(parameter, has_output));
            }
            if let Some(sense) = circuit.sense {
                row("sense.impedance".to_owned(), sense.impedance, of.sense[0]);
                row("sense.response_time".to_owned(), sense.response_time, of.sense[1]);
                row("sense.reference".to_owned(), sense.reference.unwrap_or(0.0), of.sense[2]);
            }
        }
        rows
    }

    fn of_waveguides(&self, gradient: &Gradient) -> Vec<ArmSlopeRow> {
        let network = self.net();
        let mut rows = Vec::new();
        for (entry, of) in network.waveguides.iter().zip(&gradient.waveguides) {
            network.for_each_connection(entry, |arm| {
                let Some(of) = of.get(arm.item) else { return };
                if [of.weight, of.gain, of.delay].iter().all(|slope| *slope == 0.0) {
                    return;
                }
                let [from, to] = [arm.from, arm.to].map(|neuron| Who::of(network, neuron));
                rows.push(ArmSlopeRow {
                    waveguides: entry.name.clone(),
                    item: arm.item as u64,
                    from: from.neuron,
                    from_population: from.population,
                    from_index: from.index,
                    to: to.neuron,
                    to_population: to.population,
                    to_index: to.index,
                    transmission: Some(of.transmission).filter(|slope| slope.is_finite()),
                    weight: of.weight,
                    gain: of.gain,
                    delay: of.delay,
                });
            });
        }
        rows
    }
}

/// A number a little less and a little more; of 0, by as much of its unit.
fn moved(value: f64) -> [f64; 2] {
    let by = if value == 0.0 { PART } else { PART * value.abs() };
    [value - by, value + by]
}

impl Sensitivity {
    /// The number itself.
    pub fn value(&self) -> f64 {
        self.tables.value
    }

    /// Its derivative by each number of the file, those first whose change of one per cent does most.
    pub fn entries(&self) -> &[EntryRow] {
        &self.tables.entries
    }

    /// Its derivative by each parameter of each neuron that it depends on.
    pub fn neurons(&self) -> &[NeuronSlopeRow] {
        &self.tables.neurons
    }

    /// Its derivative by each waveguide that it depends on.
    pub fn waveguides(&self) -> &[ArmSlopeRow] {
        &self.tables.waveguides
    }

    /// The report: an HTML page, complete in itself.
    pub fn report(&self) -> String {
        qhh_report::sensitivity_page(&self.tables)
    }

    /// Everything of it as plain data.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The derivatives as the engine gives them.
    pub fn gradient(&self) -> &Gradient {
        &self.gradient
    }

    /// Writes tables and page into the folder `out`.
    ///
    /// # Errors
    /// [`Error::Folder`].
    pub fn write(&self, out: &Path, folder: &FolderSettings) -> Result<(), Error> {
        let options = WriteOptions {
            format: folder.format,
            page: folder.report.then_some(qhh_report::sensitivity_page),
            force: folder.force,
        };
        let loaded = self.network.loaded();
        let written: Result<(), ResultsError> =
            self.tables.write((&loaded.yaml, &loaded.input), &loaded.attachments, &options, out);
        written.map_err(Error::Folder)
    }
}
