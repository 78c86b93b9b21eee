//! One source: what it feeds, when, and into which neurons.

use num_complex::Complex64;
use qhh_core::CircuitError;
use qhh_core::quantum;
use qhh_core::source::{Current, Envelope, ModeSource, Packet, Shape, Train};
use qhh_core::units::{Dimension, rounded};
use qhh_net::network::ParameterValues;
use qhh_net::network::fed::draws_of;
use qhh_net::network::{Drive, PacketSource, Population, Source};
use qhh_net::{Neurons, Warning};

use super::select::NeuronIndex;
use super::{pulses, samples, spread};
use crate::yaml::place::Highlight;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::schema::Quantity;
use crate::yaml::schema::source as schema;
use crate::yaml::schema::spread::Spread as TypedSpread;
use crate::yaml::wording::{clip, suggestion};

/// Word for a `stop` at the end of the run, the default.
pub(crate) const END: &str = "end";

/// What a source needs besides its own entry.
pub(super) struct Reader<'a> {
    pub(super) roster: &'a NeuronIndex<'a>,
    pub(super) populations: &'a [Option<Population>],
    pub(super) seed: u64,
}

impl Reader<'_> {
    /// Reads one source; mistakes go to the list.
    pub(super) fn read(&self, name: &str, typed: &schema::Source, scope: &Scope<'_>) -> Option<Source> {
        let targets = self.roster.select_all(&typed.into, &scope.key("into"));
        let current = scope.key(if typed.wavepacket.is_some() { "wavepacket" } else { "current" });
        let quantum = typed.wavepacket.is_some() || matches!(typed.current, Some(schema::Current::Mode { .. }));
        if let (Some(_), Some(_), false) = (&typed.state, &typed.current, quantum) {
            let state = scope.key("state");
            state
                .problems
                .at(&state.path, Highlight::Key, "a classical current has no quantum `state`")
                .help("leave `state` out, or write `current: {shape: mode, ..}`");
        }
        if let (Some(_), None) = (&typed.port, &typed.wavepacket) {
            let port = scope.key("port");
            port.problems
                .at(&port.path, Highlight::Key, "a current flows into the node, through no `port`")
                .help("leave `port` out, or write `wavepacket: {carrier: 6 rad/ms, ..}` in place of `current`");
        }
        let mut scale = None;
        let drive = match (&typed.current, &typed.wavepacket) {
            (Some(quantum @ schema::Current::Mode { .. }), None) => {
                Drive::Mode(mode(quantum, typed.state.as_ref(), &current, scope)?)
            }
            (Some(classical), None) => Drive::Current(self.classical(name, classical, &current, &mut scale)?),
            (None, Some(packet)) => {
                let input =
                    self.input(typed.port.as_deref(), targets.as_ref().unwrap_or_else(|found| found), scope);
                Drive::Packet(PacketSource {
                    packet: wavepacket(packet, &current)?,
                    input,
                    state: state_of(typed.state.as_ref(), scope),
                })
            }
            (Some(_), Some(_)) => {
                scope.key("wavepacket").wrong(
                    format!("source `{name}` gives both `current` and `wavepacket`: it needs exactly one of them"),
                    "make it two sources",
                );
                return None;
            }
            (None, None) => {
                scope
                    .problems
                    .at(&scope.path, Highlight::Key, format!("`{}` lacks `current` or `wavepacket`", scope.path))
                    .help(
                        "add `current: {shape: pulse, amplitude: 40 uA, start: 5 ms, duration: 2 ms}`, or `wavepacket: \
                         {carrier: 6 rad/ms, envelope: gaussian, centre: 7 ms, width: 1 ms}`",
                    );
                return None;
            }
        };
        let checked = match &drive {
            Drive::Current(current) => current.check(),
            Drive::Mode(mode) => mode.check(),
            Drive::Packet(packet) => packet.packet.check(),
        };
        // Most of what this finds was found above, by its own path.
        if let (Err(error), true) = (checked, scope.problems.none_within(&scope.path)) {
            if let Drive::Packet(PacketSource { packet, .. }) = &drive {
                let message = packet_mistake(&error, scope);
                current.problems.at(&current.path, Highlight::Key, message).help(wide_enough(packet, scope));
            } else {
                current.problems.at(&current.path, Highlight::Key, error.to_string());
            }
        }
        if let (Some(scale), Ok(targets)) = (&scale, &targets) {
            let amplitude = current.key("amplitude");
            spread::check_length(scale, targets.len(), "neuron", &amplitude);
            let in_order = matches!(scale, ParameterValues::Each(_) | ParameterValues::Linear { .. });
            if in_order && !self.roster.ascends(&typed.into, &scope.key("into")) {
                scope.data.warn(Warning {
                    path: amplitude.path.to_string(),
                    finding:
                        "its values go to the neurons in the order of the network, which is not that of `into`"
                            .to_owned(),
                    remedy: "name the neurons of `into` in the order of the network, and the values alike"
                        .to_owned(),
                });
            }
        }
        let targets = targets.unwrap_or_else(|found| found);
        Some(Source { name: name.to_owned(), targets, drive, scale })
    }

    /// Place of the input port a wavepacket arrives at; the only one unless named.
    fn input(&self, port: Option<&str>, targets: &Neurons, scope: &Scope<'_>) -> usize {
        let inputs = targets.iter().next().map_or(&[][..], |neuron| self.inputs_of(neuron));
        let place = match port {
            Some(port) => inputs.iter().position(|input| input == port),
            None if inputs.len() > 1 => {
                scope
                    .problems
                    .at(&scope.path, Highlight::Key, "the neuron has several input ports: which one is not said")
                    .help(format!("add `port: {}` or another of `{}`", inputs[0], inputs.join("`, `")));
                return 0;
            }
            None => Some(0),
        };
        let Some(place) = place else {
            let port = port.unwrap_or_default();
            let message = format!("the neuron has no input port `{}`", clip(port));
            let known: Vec<&str> = inputs.iter().map(String::as_str).collect();
            if known.is_empty() {
                scope.key("port").wrong(message, "give its population an `input`, or `inputs` by name");
            } else {
                scope.key("port").wrong(message, suggestion(port, &known));
            }
            return 0;
        };
        // Named or not, it is the same port of all.
        if targets.iter().any(|neuron| self.inputs_of(neuron).get(place) != inputs.get(place)) {
            scope.key("into").wrong(
                "the neurons fed have input ports of different names or places",
                "make it one source for each population",
            );
        }
        place
    }

    /// Names of the input ports of a neuron; none where its population could not be read.
    fn inputs_of(&self, neuron: usize) -> &[String] {
        let mut first = 0;
        for population in self.populations.iter().map_while(Option::as_ref) {
            if neuron < first + population.count {
                return &population.inputs;
            }
            first += population.count;
        }
        &[]
    }

    /// A classical current. Amplitudes that differ from neuron to neuron become `scale`, of a current of 1.
    fn classical(
        &self,
        name: &str,
        typed: &schema::Current,
        scope: &Scope<'_>,
        scale: &mut Option<ParameterValues>,
    ) -> Option<Current> {
        use schema::Current as C;
        let mut amplitude_of = |typed: &TypedSpread| {
            let kind = (Dimension::CURRENT, Bound::Any);
            match spread::read(typed, kind, &scope.key("amplitude"), &format!("sources.{name}.amplitude")) {
                ParameterValues::Same(amplitude) => amplitude,
                spread => {
                    *scale = Some(spread);
                    1.0
                }
            }
        };
        let ampere =
            |key: &str, quantity: &Quantity| scope.key(key).read(quantity, Dimension::CURRENT, Bound::Any);
        let (shape, (start, stop)) = match typed {
            C::Constant { amplitude, start, stop } => {
                let amplitude = amplitude_of(amplitude);
                (Shape::Constant { amplitude }, span(start.as_ref(), stop.as_ref(), scope))
            }
            C::Pulse { amplitude, shared, .. } => {
                let draws = draws_of(self.seed, name, shared.unwrap_or(false));
                return pulses::read(typed, amplitude_of(amplitude), draws, scope);
            }
            C::Poisson { rate, amplitude, duration, decay, peak_after, dead_time, shared, start, stop } => {
                let train = Train {
                    pulse: pulses::form([duration.as_ref(), decay.as_ref(), peak_after.as_ref()], scope)?,
                    amplitude: amplitude_of(amplitude),
                    times: pulses::poisson(rate, dead_time.as_ref(), scope),
                    draws: draws_of(self.seed, name, shared.unwrap_or(false)),
                };
                (Shape::Train(train), span(start.as_ref(), stop.as_ref(), scope))
            }
            C::Sine { amplitude, frequency, phase, start, stop } => {
                let shape = Shape::Sine {
                    amplitude: amplitude_of(amplitude),
                    omega: scope.key("frequency").read(frequency, Dimension::FREQUENCY, Bound::NotNegative),
                    phase: scope.read_or("phase", phase.as_ref(), (Dimension::ANGLE, Bound::Any), 0.0),
                };
                (shape, span(start.as_ref(), stop.as_ref(), scope))
            }
            C::Ramp { from, to, start, stop } => {
                let from = scope.read_or("from", from.as_ref(), (Dimension::CURRENT, Bound::Any), 0.0);
                (Shape::Ramp { from, to: ampere("to", to) }, span(Some(start), Some(stop), scope))
            }
            C::Noise { amplitude, mean, interval, shared, start, stop } => {
                let shape = Shape::Noise {
                    mean: scope.read_or("mean", mean.as_ref(), (Dimension::CURRENT, Bound::Any), 0.0),
                    deviation: scope.key("amplitude").read(amplitude, Dimension::CURRENT, Bound::NotNegative),
                    interval: scope.key("interval").read(interval, Dimension::TIME, Bound::AboveZero),
                    draws: draws_of(self.seed, name, shared.unwrap_or(false)),
                };
                (shape, span(start.as_ref(), stop.as_ref(), scope))
            }
            C::File { path, column, time_column, interpolate, start, stop } => {
                let time_column = time_column.as_deref().unwrap_or("t");
                let held = *interpolate == Some(schema::Interpolation::Previous);
                let request = samples::Request { path, column, time_column, held };
                let span = span(start.as_ref(), stop.as_ref(), scope);
                (Shape::Samples { points: samples::read(name, &request, scope)? }, span)
            }
            C::Mode { .. } => return None,
        };
        Some(Current { shape, start, stop })
    }
}

/// Start and stop; at the end of the run unless given, which is for ever.
fn span(start: Option<&Quantity>, stop: Option<&Quantity>, scope: &Scope<'_>) -> (f64, f64) {
    let time = |key: &str, quantity: &Quantity| scope.key(key).read(quantity, Dimension::TIME, Bound::Any);
    let start = start.map_or(0.0, |start| time("start", start));
    let stop = match stop {
        None => f64::INFINITY,
        Some(Quantity::Text(word)) if word.trim() == END => f64::INFINITY,
        Some(stop) => time("stop", stop),
    };
    if stop <= start {
        let show = |time| scope.units.display(time, Dimension::TIME);
        scope.key("stop").wrong(
            format!("`stop`, {}, is not after `start`, {}", show(stop), show(start)),
            "write a later `stop`, or leave it out for the end of the run",
        );
    }
    (start, stop)
}

fn mode(
    typed: &schema::Current,
    state: Option<&schema::State>,
    scope: &Scope<'_>,
    source: &Scope<'_>,
) -> Option<ModeSource> {
    let schema::Current::Mode { zero_point, frequency, start, stop, envelope, centre, width } = typed else {
        return None;
    };
    let (start, stop) = span(start.as_ref(), stop.as_ref(), scope);
    let envelope = match (envelope, centre, width) {
        (None, None, None) => None,
        (envelope, centre, width) => gaussian(envelope.as_ref(), centre.as_ref(), width.as_ref(), scope)
            .map(|(centre, width)| Envelope::Gaussian { centre, width }),
    };
    let state = state_of(state, source);
    Some(ModeSource {
        zero_point: scope.key("zero_point").read(zero_point, Dimension::CURRENT, Bound::AboveZero),
        omega: scope.key("frequency").read(frequency, Dimension::FREQUENCY, Bound::AboveZero),
        start,
        stop,
        envelope,
        state,
    })
}

/// Centre and width of an envelope, given in one of the two ways.
pub(super) fn gaussian(
    envelope: Option<&schema::Envelope>,
    centre: Option<&Quantity>,
    width: Option<&Quantity>,
    scope: &Scope<'_>,
) -> Option<(f64, f64)> {
    let read = |centre: &Quantity, width: &Quantity, scope: &Scope<'_>| {
        let centre = scope.key("centre").read(centre, Dimension::TIME, Bound::Any);
        (centre, scope.key("width").read(width, Dimension::TIME, Bound::AboveZero))
    };
    match (envelope, centre, width) {
        (Some(schema::Envelope::Word(_)), None, _) | (Some(schema::Envelope::Word(_)), _, None) => {
            let lacking = [("centre", centre, "7 ms"), ("width", width, "1 ms")];
            let lacking = lacking.into_iter().filter(|(_, given, _)| given.is_none());
            for (key, _, example) in lacking {
                scope
                    .problems
                    .lacks(&scope.path, key)
                    .help(format!("add `{key}: {example}` beside `envelope: gaussian`"));
            }
            None
        }
        (Some(schema::Envelope::Given(shape)), None, None) => {
            let scope = scope.key("envelope").key("gaussian");
            Some(read(&shape.gaussian.centre, &shape.gaussian.width, &scope))
        }
        (Some(schema::Envelope::Word(_)), Some(centre), Some(width)) => Some(read(centre, width, scope)),
        (None, ..) => {
            scope
                .problems
                .lacks(&scope.path, "envelope")
                .help("add `envelope: gaussian`, with its `centre` and `width`");
            None
        }
        _ => {
            scope
                .problems
                .at(&scope.path, Highlight::Key, "`envelope`, `centre` and `width` do not fit together")
                .help("write `envelope: {gaussian: {centre: 7 ms, width: 1 ms}}`");
            None
        }
    }
}

/// The width at which the bandwidth of a packet, 1/(2 width), is a third of its carrier.
pub(super) fn wide_enough(packet: &Packet, scope: &Scope<'_>) -> String {
    let least = 1.5 / packet.carrier;
    let rounded = rounded(1.05 * least, 2);
    format!("write `width: {}` or more, or a faster carrier", scope.units.display(rounded, Dimension::TIME))
}

/// What is wrong with an envelope, with units.
pub(super) fn packet_mistake(error: &CircuitError, scope: &Scope<'_>) -> String {
    let CircuitError::EnvelopeTooFast { bandwidth, carrier } = *error else { return error.to_string() };
    let show = |value: f64| scope.units.display(rounded(value, 3), Dimension::FREQUENCY);
    format!(
        "the bandwidth of the envelope, {} (half of one over its width), is not below a third of the carrier, {}: widen it",
        show(bandwidth),
        show(carrier)
    )
}

fn wavepacket(typed: &schema::Wavepacket, scope: &Scope<'_>) -> Option<Packet> {
    let envelope = gaussian(Some(&typed.envelope), typed.centre.as_ref(), typed.width.as_ref(), scope);
    let carrier = scope.key("carrier").read(&typed.carrier, Dimension::FREQUENCY, Bound::AboveZero);
    let (centre, width) = envelope?;
    Some(Packet { carrier, centre, width })
}

/// The state beside a mode, vacuum unless given.
fn state_of(typed: Option<&schema::State>, source: &Scope<'_>) -> quantum::State {
    let at = source.key("state");
    let state = typed.map_or(quantum::State::Vacuum, |state| read_state(state, &at));
    if let (Err(error), true) = (state.check(), at.problems.none_within(&at.path)) {
        at.problems.at(&at.path, Highlight::Key, error.to_string());
    }
    state
}

fn read_state(typed: &schema::State, scope: &Scope<'_>) -> quantum::State {
    let number = |scope: &Scope<'_>, quantity: &Quantity, bound| scope.read(quantity, Dimension::NUMBER, bound);
    match typed {
        schema::State::Vacuum => quantum::State::Vacuum,
        schema::State::Coherent(alpha) => {
            quantum::State::Coherent(complex(&ComplexParts::of(alpha), &scope.key("coherent")))
        }
        schema::State::Squeezed(typed) => {
            let scope = scope.key("squeezed");
            quantum::State::Squeezed {
                r: number(&scope.key("r"), &typed.r, Bound::NotNegative),
                phase: scope.read_or("phase", typed.phase.as_ref(), (Dimension::ANGLE, Bound::Any), 0.0),
                displacement: typed.displacement.as_ref().map_or(Complex64::ZERO, |alpha| {
                    complex(&ComplexParts::of(alpha), &scope.key("displacement"))
                }),
            }
        }
        schema::State::Thermal(typed) => {
            let photons = scope.key("thermal").key("photons");
            quantum::State::Thermal { photons: number(&photons, &typed.photons, Bound::NotNegative) }
        }
        schema::State::Fock(typed) => quantum::State::Fock { n: typed.n },
        schema::State::Cat(cat) => {
            let parts = ComplexParts {
                polar: [cat.amplitude.as_ref(), cat.phase.as_ref()],
                cartesian: [cat.real.as_ref(), cat.imaginary.as_ref()],
            };
            quantum::State::Cat {
                amplitude: complex(&parts, &scope.key("cat")),
                parity: match cat.parity {
                    schema::Parity::Even => quantum::Parity::Even,
                    schema::Parity::Odd => quantum::Parity::Odd,
                },
            }
        }
        schema::State::Superposition(terms) => {
            let scope = scope.key("superposition");
            let term = |(index, term): (usize, &schema::Term)| {
                let parts = ComplexParts {
                    polar: [term.amplitude.as_ref(), term.phase.as_ref()],
                    cartesian: [term.real.as_ref(), term.imaginary.as_ref()],
                };
                (term.n, complex(&parts, &scope.index(index)))
            };
            quantum::State::Superposition(terms.iter().enumerate().map(term).collect())
        }
    }
}

/// A complex number as typed: modulus and argument, or real and imaginary part.
struct ComplexParts<'a> {
    polar: [Option<&'a Quantity>; 2],
    cartesian: [Option<&'a Quantity>; 2],
}

impl<'a> ComplexParts<'a> {
    fn of(alpha: &'a schema::Complex) -> Self {
        Self {
            polar: [alpha.amplitude.as_ref(), alpha.phase.as_ref()],
            cartesian: [alpha.real.as_ref(), alpha.imaginary.as_ref()],
        }
    }
}

fn complex(parts: &ComplexParts<'_>, scope: &Scope<'_>) -> Complex64 {
    let read = |keys: [&str; 2], pair: [Option<&Quantity>; 2]| {
        let dimension = |key| if key == "phase" { Dimension::ANGLE } else { Dimension::NUMBER };
        [0, 1].map(|k| scope.read_or(keys[k], pair[k], (dimension(keys[k]), Bound::Any), 0.0))
    };
    match (parts.polar, parts.cartesian) {
        ([Some(_), _], [None, None]) => {
            let [modulus, argument] = read(["amplitude", "phase"], parts.polar);
            Complex64::from_polar(modulus, argument)
        }
        ([None, None], [Some(_), _] | [_, Some(_)]) => {
            let [re, im] = read(["real", "imaginary"], parts.cartesian);
            Complex64::new(re, im)
        }
        _ => {
            let message = format!("`{}` needs a complex amplitude, given in one way", scope.path);
            scope
                .problems
                .at(&scope.path, Highlight::Key, message)
                .help("write `amplitude: 3` with a `phase` in radians, or `real` and `imaginary`");
            Complex64::new(f64::NAN, 0.0)
        }
    }
}
