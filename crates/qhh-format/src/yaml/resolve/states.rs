//! Modes of outgoing waves, and joint states of sources.

use qhh_core::circuit::PortRole;
use qhh_core::nalgebra::{DMatrix, DVector};
use qhh_core::quantum::{Gaussian, State};
use qhh_core::source::Packet;
use qhh_core::units::Dimension;
use qhh_net::network::{Drive, JointState, OutputEnvelope, OutputMode, Population, Search, Source};

use super::select::NeuronIndex;
use super::source::{gaussian, packet_mistake, wide_enough};
use crate::yaml::place::{Highlight, Path};
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::schema::Neurons;
use crate::yaml::schema::states as schema;
use crate::yaml::wording::{counted, listed, suggestion};

/// Name of the output port.
pub(crate) const OUTPUT: &str = "output";

/// Reads one mode; mistakes go to the list.
pub(super) fn mode(
    name: &str,
    typed: &schema::Mode,
    roster: &NeuronIndex<'_>,
    populations: &[Option<Population>],
    sources: &[Source],
    scope: &Scope<'_>,
) -> Option<OutputMode> {
    let neurons = roster.select(&Neurons::One(typed.of.clone()), &scope.key("of"));
    let envelope = match &typed.like {
        Some(source) => OutputEnvelope::Packet(like(source, typed, sources, scope)?),
        None => own_envelope(typed, scope)?,
    };
    let (1, Some(neuron)) = (neurons.len(), neurons.iter().next()) else {
        if !neurons.is_empty() {
            let message = format!("a mode leaves one neuron, but `{}` has {}", typed.of, neurons.len());
            let one = neurons.iter().next().and_then(|neuron| roster.address_of(neuron)).unwrap_or_default();
            scope.key("of").wrong(message, format!("write `{one}`"));
        }
        return None;
    };
    let first = envelope.packets()[0];
    if let (Err(error), true) = (first.check(), scope.problems.none_within(&scope.path)) {
        let message = packet_mistake(&error, scope);
        scope.problems.at(&scope.path, Highlight::Key, message).help(wide_enough(&first, scope));
    }
    let port = port(typed.port.as_deref(), neuron, populations, scope)?;
    Some(OutputMode { name: name.to_owned(), neuron, port, envelope })
}

/// The carrier and envelope that a mode gives itself.
fn own_envelope(typed: &schema::Mode, scope: &Scope<'_>) -> Option<OutputEnvelope> {
    let Some(carrier) = &typed.carrier else {
        scope
            .problems
            .at(&scope.path, Highlight::Key, format!("`{}` needs a `carrier`", scope.path))
            .help("give one, such as `6 rad/ms`, or a wavepacket source that it is `like`");
        return None;
    };
    let carrier = scope.key("carrier").read(carrier, Dimension::FREQUENCY, Bound::AboveZero);
    match (&typed.dominant, &typed.envelope) {
        (Some(search), None) if typed.centre.is_none() && typed.width.is_none() => {
            Some(OutputEnvelope::Dominant(dominant(search, carrier, &scope.key("dominant"))))
        }
        (Some(_), _) => {
            scope
                .problems
                .at(
                    &scope.path,
                    Highlight::Key,
                    "`dominant` and `envelope`, `centre` or `width` do not fit together",
                )
                .help("`dominant` has a `width` of its own: give one or the other");
            None
        }
        (None, envelope) => {
            let (centre, width) = gaussian(envelope.as_ref(), typed.centre.as_ref(), typed.width.as_ref(), scope)?;
            Some(OutputEnvelope::Packet(Packet { carrier, centre, width }))
        }
    }
}

/// Whether a source is there, with mistakes that are on the list.
fn is_mistaken(source: &str, scope: &Scope<'_>) -> bool {
    !scope.problems.none_within(&Path::root().key("sources").key(source))
}

/// The packet of a source.
fn like(source: &str, typed: &schema::Mode, sources: &[Source], scope: &Scope<'_>) -> Option<Packet> {
    let own = typed.carrier.is_some() || typed.envelope.is_some() || typed.dominant.is_some();
    if own || typed.centre.is_some() || typed.width.is_some() {
        scope
            .problems
            .at(&scope.path, Highlight::Key, "`like` and a carrier or envelope do not fit together")
            .help("`like` takes both from the source: give one or the other");
        return None;
    }
    let packets: Vec<(&str, Packet)> = sources
        .iter()
        .filter_map(|source| match &source.drive {
            Drive::Packet(packet) => Some((source.name.as_str(), packet.packet)),
            _ => None,
        })
        .collect();
    let found = packets.iter().find(|(name, _)| *name == source).map(|(_, packet)| *packet);
    if found.is_none() && !is_mistaken(source, scope) {
        let names: Vec<&str> = packets.iter().map(|(name, _)| *name).collect();
        let help = if names.is_empty() { "there is none at all".to_owned() } else { suggestion(source, &names) };
        scope.key("like").wrong(format!("there is no wavepacket source `{source}`"), help);
    }
    found
}

fn dominant(typed: &schema::Dominant, carrier: f64, scope: &Scope<'_>) -> Search {
    let time = |key: &str, quantity, bound| scope.key(key).read(quantity, Dimension::TIME, bound);
    Search {
        carrier,
        width: time("width", &typed.width, Bound::AboveZero),
        from: time("from", &typed.from, Bound::Any),
        to: time("to", &typed.to, Bound::Any),
        count: typed.count.unwrap_or(1) as usize,
    }
}

fn port(
    port: Option<&str>,
    neuron: usize,
    populations: &[Option<Population>],
    scope: &Scope<'_>,
) -> Option<PortRole> {
    let mut first = 0;
    let population = populations.iter().map_while(Option::as_ref).find(|population| {
        first += population.count;
        neuron < first
    })?;
    let wanted = port.unwrap_or(OUTPUT);
    if wanted == OUTPUT && population.circuit.output.is_some() {
        return Some(PortRole::Output);
    }
    if let Some(place) = population.inputs.iter().position(|input| input == wanted) {
        return Some(PortRole::Input(place));
    }
    let mut known: Vec<&str> = population.inputs.iter().map(String::as_str).collect();
    known.extend(population.circuit.output.map(|_| OUTPUT));
    let message = format!("`{}` has no port `{wanted}`", population.name);
    let help =
        if known.is_empty() { "give its population an `output`".to_owned() } else { suggestion(wanted, &known) };
    if port.is_some() {
        scope.key("port").wrong(message, help);
    } else {
        scope.key("of").wrong(message, help);
    }
    None
}

/// Reads one joint state; mistakes go to the list.
pub(super) fn joint(
    name: &str,
    typed: &schema::Joint,
    sources: &[Source],
    scope: &Scope<'_>,
) -> Option<JointState> {
    let mut places = Vec::new();
    for (index, of) in typed.of.iter().enumerate() {
        let scope = scope.key("of").index(index);
        let Some(place) = sources.iter().position(|source| source.name == *of) else {
            if is_mistaken(of, &scope) {
                return None;
            }
            let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
            scope.wrong(format!("there is no source `{of}`"), suggestion(of, &names));
            return None;
        };
        let source = &sources[place];
        let alone = match source.drive.state() {
            None => Err(format!("`{of}` is a classical current and has no quantum state")),
            Some(state) if *state != State::Vacuum => Err(format!("`{of}` has a `state` of its own")),
            _ if source.targets.len() != 1 => Err(format!("`{of}` feeds {} neurons", source.targets.len())),
            _ if places.contains(&place) => Err(format!("`{of}` is named twice")),
            _ => Ok(()),
        };
        if let Err(message) = alone {
            scope.wrong(message, "a joint state takes quantum sources in vacuum that feed one neuron each");
            return None;
        }
        places.push(place);
    }
    let state = match (&typed.two_mode_squeezed, &typed.covariance) {
        (Some(squeezed), None) => {
            let at = scope.key("two_mode_squeezed");
            let r = at.key("r").read(&squeezed.r, Dimension::NUMBER, Bound::NotNegative);
            let phase = at.read_or("phase", squeezed.phase.as_ref(), (Dimension::ANGLE, Bound::Any), 0.0);
            Gaussian::two_mode_squeezed(r, phase)
        }
        (None, Some(rows)) => {
            let n = rows.len();
            if let Some(row) = rows.iter().position(|row| row.len() != n) {
                let at = scope.key("covariance").index(row);
                let message = format!("this row has {} entries where the matrix has {n} rows", rows[row].len());
                at.wrong(message, "write a square matrix, a row for each of x_1, p_1, x_2, p_2, ..");
                return None;
            }
            Gaussian::new(DVector::zeros(n), DMatrix::from_fn(n, n, |row, column| rows[row][column]))
        }
        _ => {
            scope
                .problems
                .at(&scope.path, Highlight::Key, format!("`{}` needs exactly one state", scope.path))
                .help(format!("give one of {}", listed(&["two_mode_squeezed", "covariance"])));
            return None;
        }
    };
    match state {
        Ok(state) if state.modes() == places.len() => {
            Some(JointState { name: name.to_owned(), sources: places, state })
        }
        Ok(state) => {
            let (modes, sources) = (counted(state.modes(), "mode"), counted(places.len(), "source"));
            let message = format!("the state has {modes} and `of` names {sources}");
            scope.key("of").wrong(message, "name one source for each mode");
            None
        }
        Err(error) => {
            if scope.problems.none_within(&scope.path) {
                scope.problems.at(&scope.path, Highlight::Key, format!("this is no quantum state: {error}")).help(
                    "half the identity is vacuum; what is taken from one quadrature must be given to the other",
                );
            }
            None
        }
    }
}
