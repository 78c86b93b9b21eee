//! Modes of outgoing waves: their figures, Wigner functions, covariances and entanglement.

mod covariance;
mod entanglement;
mod numbers;
mod wigner;

use minijinja::{Value, context};
use qhh_core::quantum::State;
use qhh_core::quantum::linear_map::LinearMap;
use qhh_net::Network;
use qhh_net::outcome::{SourceState, StateMode};

use super::figures::label;
use qhh_results::number::{count, counted, join, number, side_of_vacuum};
use qhh_results::{FinishedRun, ModeSummary, PairSummary, StatesSummary};

/// Modes and pairs told one by one.
const MOST_MODES: usize = 48;
const MOST_PAIRS: usize = 40;
/// Error that the negativity volume of an input is computed to.
const VOLUME_ERROR: f64 = 1e-4;

/// The section; none where a run looks at no modes.
pub(super) fn section(run: &FinishedRun) -> Option<Value> {
    let own = run.outcome.states.as_ref()?;
    let states = StatesSummary::new(&run.network, own);
    let rows: Vec<Value> =
        states.modes.iter().take(MOST_MODES).zip(&own.modes).map(|(mode, own)| row(run, own, mode)).collect();
    let several = states.modes.len() > 1;
    (!rows.is_empty()).then(|| {
        context! {
            rows,
            rest => (states.modes.len() > MOST_MODES).then(|| counted(states.modes.len() - MOST_MODES, "more mode")),
            wigner => Value::from_safe_string(wigner::figure(&run.network, &states).html()),
            photons => Value::from_safe_string(numbers::photons(&run.network, &states).html()),
            quadratures => Value::from_safe_string(numbers::quadratures(&run.network, &states).html()),
            covariance => covariance::table(&states),
            several,
            graph => entanglement::svg(&states).map(Value::from_safe_string),
            gaussian => run.network.sources.iter().filter_map(|s| s.drive.state()).all(State::is_gaussian),
            pairs => pairs(&run.network, &states),
            dependent => dependent(&states),
        }
    })
}

/// What a source sends, by itself.
struct Sent<'a> {
    source: &'a str,
    state: SourceState,
}

/// Of the source that has the largest part in a mode.
fn sent<'a>(network: &'a Network, mode: &ModeSummary) -> Option<Sent<'a>> {
    let name = &mode.input.as_ref()?.source;
    let place = network.sources.iter().position(|source| source.name == *name)?;
    let state = SourceState::of_source(network, place)?;
    Some(Sent { source: &network.sources[place].name, state })
}

fn row(run: &FinishedRun, own: &StateMode, mode: &ModeSummary) -> Value {
    let network = &run.network;
    let [re, im] = mode.mean;
    let (size, angle) = (re.hypot(im), im.atan2(re));
    let squeezing = mode.squeezing_db.zip(mode.squeezing_angle);
    context! {
        name => mode.name.as_str(),
        leaves => format!("{}, {} port", label(network, own.neuron), own.port.name()),
        mean => if size < 1e-9 { "0".to_owned() } else { format!("{} at {}", number(size, 3), radians(angle)) },
        photons => number(mode.photons, 3),
        // Of a mode as quiet as the vacuum rounding leaves some 1e-16 dB.
        squeezing => squeezing.map(|(db, _)| against_vacuum(if db.abs() < 1e-9 { 0.0 } else { db })),
        // An angle where one quadrature is as noisy as another says nothing.
        angle => squeezing.filter(|_| differs(mode)).map(|(_, angle)| format!("at {}", radians(angle))),
        purity => mode.purity.map(|purity| number(purity, 4)),
        source => mode.input.as_ref().map(|input| input.source.as_str()),
        fidelity => mode.input.as_ref().and_then(|input| input.fidelity).map(|fidelity| number(fidelity, 4)),
        negativity => mode.input.as_ref().and_then(|input| Some(volume(input.negativity_volume?, input.negativity_error?))),
        of => mode.input.as_ref().and_then(|input| own_negativity(run, &input.source)),
        defect => number(mode.commutator_defect, 2),
    }
}

/// A variance that is so many dB below the vacuum's, in words.
fn against_vacuum(db: f64) -> String {
    let size = join(&number(db.abs(), 3), "dB");
    if db == 0.0 { size } else { format!("{size} {}", side_of_vacuum(db)) }
}

fn radians(angle: f64) -> String {
    join(&number(angle, 3), "rad")
}

/// Whether the two quadratures' variances differ, by the photons beyond what the quietest alone has.
fn differs(mode: &ModeSummary) -> bool {
    let [re, im] = mode.mean;
    let both = 2.0 * (mode.photons - re * re - im * im) + 1.0;
    mode.smallest_variance.is_some_and(|least| both - 2.0 * least > 1e-6 * both)
}

/// A negativity volume: what is below its error is none.
fn volume(value: f64, error: f64) -> String {
    if value <= error { "0".to_owned() } else { number(value, 3) }
}

/// Negativity volume of a source's own state, where it has any.
fn own_negativity(run: &FinishedRun, source: &str) -> Option<String> {
    let source = run.network.sources.iter().find(|own| own.name == source)?;
    let state = source.drive.state().filter(|state| !state.is_gaussian())?;
    let output = LinearMap::identity(state.moments().mean).output(state).ok()?;
    let own = output.negativity(VOLUME_ERROR).ok()?;
    Some(volume(own.volume, own.error))
}

/// Logarithmic negativity of the state that two sources are sent in together.
fn sent_together(network: &Network, states: &StatesSummary, pair: &PairSummary) -> Option<f64> {
    let source = |name: &String| {
        let mode = states.modes.iter().find(|mode| mode.name == *name)?;
        let source = &mode.input.as_ref()?.source;
        network.sources.iter().position(|own| own.name == *source)
    };
    let [first, second] = [source(&pair.modes[0])?, source(&pair.modes[1])?];
    network.states.iter().find_map(|joint| {
        let place = |source: usize| joint.sources.iter().position(|own| *own == source);
        joint.state.reduced(&[place(first)?, place(second)?]).ok()?.log_negativity(&[0]).ok()
    })
}

/// The pairs, the most entangled first.
fn pairs(network: &Network, states: &StatesSummary) -> Option<Value> {
    let mut all: Vec<&PairSummary> = states.pairs.iter().collect();
    let order = |pair: &PairSummary| pair.log_negativity.unwrap_or(-1.0);
    all.sort_by(|a, b| order(b).total_cmp(&order(a)));
    let value = |value: Option<f64>| {
        value
            .map_or_else(|| "–".to_owned(), |v| if v < entanglement::NONE { "0".to_owned() } else { number(v, 4) })
    };
    let rows = all.iter().take(MOST_PAIRS).map(|pair| {
        context! {
            modes => format!("{}, {}", pair.modes[0], pair.modes[1]),
            negativity => value(pair.log_negativity),
            sent => sent_together(network, states, pair).map(|sent| value(Some(sent))),
            information => value(pair.mutual_information),
            overlap => number(pair.overlap, 2),
        }
    });
    (!all.is_empty()).then(|| {
        context! {
            rows => rows.collect::<Vec<Value>>(),
            count => counted(all.len(), "pair"),
            rest => (all.len() > MOST_PAIRS).then(|| counted(all.len() - MOST_PAIRS, "more pair")),
        }
    })
}

/// How many pairs have no state of their own, in a sentence.
fn dependent(states: &StatesSummary) -> Option<String> {
    let n = states.pairs.iter().filter(|pair| pair.log_negativity.is_none()).count();
    (n > 0).then(|| {
        format!(
            "{} of {} are not independent, as of modes of one port that overlap or of a wave seen before and after a \
             neuron: they have no joint state, and no line.",
            count(n),
            counted(states.pairs.len(), "pair")
        )
    })
}

#[cfg(test)]
pub(super) mod tests {
    use qhh_net::outcome::OutputStates;

    use super::*;

    /// The states of a network with as many modes.
    pub(crate) fn summary(states: &OutputStates) -> StatesSummary {
        let names: Vec<String> = (0..states.means.len()).map(|k| format!("m{k}")).collect();
        let entry = |name: &String| {
            format!("  {name}: {{of: one, carrier: 6, envelope: gaussian, centre: 4, width: 0.5}}")
        };
        let modes = names.iter().map(entry).collect::<Vec<_>>().join("\n");
        let text = format!(
            "name: n\nsimulation: {{duration: 8, step: 0.02}}\nquantum: {{hbar: 1, fluctuations: heisenberg, modes: 16}}\n\
             neurons:\n  one:\n    membrane: {{capacitance: 1}}\n    channels:\n      potassium: {{conductance: 36, reversal: -77}}\n\
             \x20     sodium: {{conductance: 120, reversal: 50}}\n      chloride: {{conductance: 0.3, reversal: -54.387}}\n\
             \x20   output: {{capacitance: 0.3, impedance: 3}}\nmodes:\n{modes}\nrecord: {{quantities: [voltage]}}\n"
        );
        let loaded = qhh_format::yaml::load_text(std::path::Path::new("n.yaml"), &text, &[]).unwrap();
        StatesSummary::new(&loaded.network, states)
    }

    /// One of them.
    pub(crate) fn mode(number: usize) -> StateMode {
        let packet = qhh_core::source::Packet { carrier: 6.0, centre: 4.0, width: 0.5 };
        StateMode::of_packet(&format!("m{number}"), 0, qhh_core::circuit::PortRole::Output, packet)
    }
}
