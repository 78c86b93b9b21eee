//! Waveguides of one entry: whom they join, and what a wave meets on its way.
//!
//! Whether a pattern fits its neurons, and whether they have the ports, is [`qhh_net`]'s to check.

use qhh_core::units::{Dimension, number, rounded};
use qhh_net::network::{Delay, Direction, ParameterValues, Pattern, Waveguides};
use qhh_net::{Neurons, Warning};

use super::arms::Values;
use super::filled::Filled;
use super::pairs;
use super::select::{Listed, NeuronIndex};
use super::spread;
use crate::yaml::place::Highlight;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::schema::spread::Spread;
use crate::yaml::schema::waveguides::{self as schema, Layers, Rule, Word};
use crate::yaml::wording::counted;

/// Arms that are counted one by one, to compare with the length of a list, at most by so many beyond it.
const MOST_BEYOND: f64 = 1e7;
/// Layers of which an example names every size.
const MOST_LAYERS: usize = 10;

/// What waveguides need besides their own entry.
pub(super) struct Reader<'a> {
    pub(super) roster: &'a NeuronIndex<'a>,
    pub(super) seed: u64,
}

/// Senders, receivers, who is joined to whom, and what a file of pairs says beside.
struct ResolvedPattern {
    from: Neurons,
    to: Neurons,
    pattern: Pattern,
    filled: Filled,
}

impl Reader<'_> {
    /// Reads one entry; mistakes go to the list.
    pub(super) fn read(&self, name: &str, typed: &schema::Waveguides, scope: &Scope<'_>) -> Option<Waveguides> {
        let from = self.roster.in_order(&typed.from, &scope.key("from"));
        let to = typed.to.as_ref().map(|to| self.roster.in_order(to, &scope.key("to")));
        let laid = match (from, to) {
            (Some(from), None) => self.lay(name, typed, &from, None, scope),
            (Some(from), Some(Some(to))) => self.lay(name, typed, &from, Some(to), scope),
            _ => None,
        };
        let known = laid.is_some();
        let ResolvedPattern { from, to, pattern, mut filled } = laid.unwrap_or_else(|| ResolvedPattern {
            from: Neurons::default(),
            to: Neurons::default(),
            pattern: Pattern::Chain,
            filled: Filled::default(),
        });
        let from_file = matches!(typed.pattern, schema::Pattern::Rule(Rule::File(_)));
        let values = Values { name, typed, scope, pairs_are_known: known || !from_file };
        let one = |key, typed: &Option<Spread>, filled, bound| {
            values.read(key, typed.as_ref(), filled, (Dimension::NUMBER, bound), 1.0)
        };
        let mut waveguides = Waveguides {
            name: name.to_owned(),
            from,
            to,
            port: typed.port.clone(),
            pattern,
            allow_self: typed.allow_self.unwrap_or(false),
            delay: values.delay(filled.delay.take()),
            transmission: values.transmission(filled.transmission.take()),
            weight: one("weight", &typed.weight, filled.weight.take(), Bound::Any),
            gain: one("gain", &typed.gain, None, Bound::AtLeastOne),
            direction: match typed.direction {
                None | Some(schema::Direction::Isolated) => Direction::Isolated,
                Some(schema::Direction::TwoWay) => Direction::TwoWay,
            },
        };
        if !known || !scope.problems.none_within(&scope.path) {
            return None;
        }
        loss_for_one(&mut waveguides, typed, scope);
        self.check_lengths(&waveguides, typed, scope);
        let of_circuit =
            matches!(&typed.pattern, schema::Pattern::Rule(Rule::File(file)) if pairs::is_of_circuit(file));
        if !of_circuit {
            pairs::repeated(&waveguides, scope);
        }
        Some(waveguides)
    }

    fn lay(
        &self,
        name: &str,
        typed: &schema::Waveguides,
        from: &Listed,
        to: Option<Listed>,
        scope: &Scope<'_>,
    ) -> Option<ResolvedPattern> {
        let at = scope.key("pattern");
        let within_one = match &typed.pattern {
            schema::Pattern::Word(Word::Feedforward) => {
                let whole = schema::Feedforward { layers: None, fan_out: None };
                return self.feedforward(&whole, from, to, &at);
            }
            schema::Pattern::Rule(Rule::Feedforward(rule)) => {
                return self.feedforward(rule, from, to, &at.key("feedforward"));
            }
            schema::Pattern::Word(word) => matches!(word, Word::Chain | Word::Ring),
            schema::Pattern::Rule(rule) => matches!(rule, Rule::SmallWorld(_) | Rule::Grid(_)),
        };
        if to.is_none() && !within_one {
            scope
                .problems
                .lacks(&scope.path, "to")
                .help("add `to: relay`: this pattern joins the neurons of `from` to those of `to`");
            return None;
        }
        let from = from.neurons();
        let to = to.map_or_else(|| from.clone(), |to| to.neurons());
        let mut filled = Filled::default();
        let pattern = match &typed.pattern {
            schema::Pattern::Word(Word::Chain | Word::Feedforward) => Pattern::Chain,
            schema::Pattern::Word(Word::Ring) => Pattern::Ring,
            schema::Pattern::Word(Word::OneToOne) => Pattern::OneToOne,
            schema::Pattern::Word(Word::AllToAll) => Pattern::AllToAll,
            schema::Pattern::Rule(rule) => match rule {
                Rule::Feedforward(_) => return None,
                Rule::FixedFanIn(rule) => Pattern::FixedFanIn { k: rule.k },
                Rule::Random(rule) => {
                    let at = at.key("random").key("probability");
                    let probability = at.read(&rule.probability, Dimension::NUMBER, Bound::Fraction);
                    Pattern::Random { probability }
                }
                Rule::SmallWorld(rule) => {
                    let at = at.key("small-world").key("rewire");
                    let rewire = at.read(&rule.rewire, Dimension::NUMBER, Bound::Fraction);
                    Pattern::SmallWorld { neighbours: rule.neighbours, rewire }
                }
                Rule::Grid(rule) => Pattern::Grid {
                    width: rule.width,
                    // Those that share an edge: the lattice of most models.
                    neighbours: rule.neighbours.unwrap_or(4),
                    wrap: rule.wrap.unwrap_or(false),
                },
                Rule::Pairs(pairs) => Pattern::Pairs(pairs.iter().map(|&[i, j]| (i, j)).collect()),
                Rule::File(file) => {
                    let ends = qhh_net::network::Ends {
                        from: &from,
                        to: &to,
                        allow_self: typed.allow_self.unwrap_or(false),
                    };
                    let (pairs, beside) = pairs::read(name, file, ends, &at.key("file"))?;
                    filled = beside;
                    Pattern::Pairs(pairs.into())
                }
            },
        };
        Some(ResolvedPattern { from, to, pattern, filled })
    }

    /// Layers that feed each other: those of `from`, then `to`.
    fn feedforward(
        &self,
        rule: &schema::Feedforward,
        from: &Listed,
        to: Option<Listed>,
        scope: &Scope<'_>,
    ) -> Option<ResolvedPattern> {
        let mut all = from.clone();
        let mut sizes = from.sizes();
        if let Some(to) = to.filter(|to| to.neurons() != from.neurons()) {
            sizes.push(to.sizes().iter().sum());
            all.append(to);
            if let Some(name) = self.roster.repeated(&all) {
                let help = "name each neuron once: layers share none, and `to` is the last layer";
                scope.wrong(format!("`{name}` is in two layers"), help);
                return None;
            }
        }
        let neurons = all.neurons();
        let layers = match &rule.layers {
            None => sizes,
            Some(Layers::Sizes(sizes)) => sizes.clone(),
            Some(Layers::Equal(count)) => {
                let scope = scope.key("layers");
                if *count == 0 || !neurons.len().is_multiple_of(*count) {
                    scope.wrong(
                        format!("{count} layers of one size cannot hold {}", counted(neurons.len(), "neuron")),
                        format!("write the size of each layer, such as `{}`", layers_of(neurons.len(), *count)),
                    );
                    return None;
                }
                vec![neurons.len() / count; *count]
            }
        };
        if layers.len() < 2 || layers.contains(&0) {
            let what = if layers.len() < 2 { "fewer than two layers" } else { "a layer without neurons" };
            scope.wrong(
                format!("`{}` has {what}", scope.path),
                match neurons.len() {
                    0 | 1 => "name them one by one, `from: [first, second]`".to_owned(),
                    count => format!(
                        "name them one by one, `from: [first, second]`, or write `{{feedforward: {{{}}}}}`",
                        layers_of(count, 2)
                    ),
                },
            );
            return None;
        }
        let pattern = Pattern::Feedforward { layers, fan_out: rule.fan_out };
        Some(ResolvedPattern { from: neurons.clone(), to: neurons, pattern, filled: Filled::default() })
    }

    /// Compares lists of values with the number of waveguides.
    fn check_lengths(&self, waveguides: &Waveguides, typed: &schema::Waveguides, scope: &Scope<'_>) {
        let (key, delay) = match &waveguides.delay {
            Delay::Time(delay) => ("delay", delay),
            Delay::Length { length, .. } => ("length", length),
        };
        let spreads = [
            (key, delay),
            (if typed.loss.is_some() { "loss" } else { "transmission" }, &waveguides.transmission),
            ("weight", &waveguides.weight),
            ("gain", &waveguides.gain),
        ];
        let Some(longest) = spreads.iter().filter_map(|(_, spread)| spread.listed()).max() else { return };
        let ends = waveguides.ends();
        // What does not fit is reported as such.
        if waveguides.pattern.check(ends).is_err() {
            return;
        }
        let (expected, most) = (waveguides.pattern.expected_arms(ends), 2.0 * longest as f64 + MOST_BEYOND);
        if expected > most {
            let message = format!(
                "`{}` lays about {expected:.0} waveguides, far more than its lists have values",
                scope.path
            );
            scope
                .problems
                .at(&scope.path, Highlight::Key, message)
                .help("give one value for all, or a rule such as `{uniform: [..]}`");
            return;
        }
        let count = waveguides.n_arms(self.seed);
        for (key, spread) in spreads {
            spread::check_length(spread, count, "waveguide", &scope.key(key));
        }
    }
}

/// Layers that hold so many neurons, as many as wanted where each can have one, of sizes as even as can be.
fn layers_of(neurons: usize, wanted: usize) -> String {
    let count = if (2..=neurons.min(MOST_LAYERS)).contains(&wanted) { wanted } else { 2 };
    let sizes: Vec<String> =
        (0..count).map(|layer| (neurons / count + usize::from(layer < neurons % count)).to_string()).collect();
    format!("layers: [{}]", sizes.join(", "))
}

/// Losses that are evenly spaced for a single waveguide: it has the first, and is warned of in terms of the loss, which the
/// network does not know.
fn loss_for_one(waveguides: &mut Waveguides, typed: &schema::Waveguides, scope: &Scope<'_>) {
    let ParameterValues::Linear { from, to } = waveguides.transmission else { return };
    let arms = waveguides.pattern.expected_arms(waveguides.ends());
    if typed.loss.is_none() || arms > 1.0 || from == to {
        return;
    }
    let ends = [from, to].map(|transmission| number(rounded(1.0 - transmission, 12)));
    scope.data.warn(Warning::linear_for_one(scope.key("loss").path.to_string(), "waveguide", &ends));
    waveguides.transmission = from.into();
}
