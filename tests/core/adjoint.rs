//! Steps backwards against differences of runs: the derivative of a number of the run by everything that went in; and against
//! the steps that a change goes forwards, whose transpose they are.

use qhh_core::channel::Channel;
use qhh_core::circuit::{BathRule, Channels, Circuit, Inputs, MAX_PORTS};
use qhh_core::gates::{Gates, RateUnits};
use qhh_core::gating::library::Published;
use qhh_core::integrate::adjoint::{Backwards, Forwards, Incoming, Moved};
use qhh_core::integrate::group::Group;
use qhh_core::integrate::lanes::{LANES, Lanes};
use qhh_core::integrate::langevin::Steps;
use qhh_core::integrate::window::{Course, DriveLanes, Window};
use qhh_core::name::Name;
use qhh_core::port::Port;
use qhh_core::sense::Sense;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const UNITS: RateUnits = RateUnits { millivolts: 1.0, milliseconds: 1.0 };
const DT: f64 = 0.025;
/// Steps of the windows that a run is made of.
const WINDOWS: [usize; 3] = [17, 1, 22];

/// Everything that goes into a run of a group.
#[derive(Clone)]
struct Run {
    circuits: Vec<Circuit>,
    baths: BathRule,
    start: Vec<(f64, Gates)>,
    drives: Vec<DriveLanes>,
    /// Waves at each port, at the start of the run and after each step.
    waves: Vec<Vec<Lanes>>,
    /// How much each voltage and each wave that left counts, after each step.
    of_voltages: Vec<Lanes>,
    of_leaving: Vec<Vec<Lanes>>,
}

/// One number that went into a run.
#[derive(Debug, Clone, Copy)]
enum Input {
    Capacitance,
    Conductance(usize),
    Reversal(usize),
    PortCapacitance(usize),
    PortImpedance(usize),
    SenseImpedance,
    ResponseTime,
    Reference,
    StartVoltage,
    StartGate(usize),
    Mean(usize),
    Slope(usize),
    Wave(usize, usize),
}

fn within(random: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * (f64::from(random.next_u32()) / f64::from(u32::MAX))
}

fn random_lanes(random: &mut ChaCha8Rng, size: f64) -> Lanes {
    Lanes(std::array::from_fn(|_| size * within(random, -1.0, 1.0)))
}

impl Run {
    fn new(random: &mut ChaCha8Rng, channels: &Channels, baths: BathRule, n_ports: usize, sensed: bool) -> Self {
        let mut varied = |x: f64| x * within(random, 0.8, 1.25);
        let circuits: Vec<Circuit> = (0..LANES)
            .map(|_| {
                let channel = |of: &Channel| Channel {
                    conductance: varied(of.conductance),
                    reversal: of.reversal.map(&mut varied),
                    ..of.clone()
                };
                let channels: Channels = channels.iter().map(channel).collect();
                let ports: Vec<Port> =
                    (0..n_ports).map(|_| Port { capacitance: varied(0.2), impedance: varied(1.5) }).collect();
                let sense = sensed.then(|| Sense {
                    impedance: varied(4.0),
                    response_time: varied(0.3),
                    reference: Some(varied(-60.0)),
                    thermal_energy: None,
                });
                Circuit {
                    capacitance: varied(1.0),
                    channels,
                    output: ports.first().copied(),
                    inputs: Inputs::several(ports.get(1..).unwrap_or_default()).unwrap(),
                    sense,
                }
            })
            .collect();
        let n_gates = circuits[0].n_gates();
        let mut start = || {
            let gates = (0..n_gates).map(|_| within(random, 0.1, 0.9)).collect();
            (within(random, -75.0, -20.0), gates)
        };
        let start = (0..LANES).map(|_| start()).collect();
        let steps: usize = WINDOWS.iter().sum();
        let drives = (0..steps)
            .map(|_| DriveLanes { mean: random_lanes(random, 30.0), slope: random_lanes(random, 5.0) })
            .collect();
        let mut courses = |size: f64, n: usize| (0..n).map(|_| random_lanes(random, size)).collect::<Vec<_>>();
        let waves = (0..n_ports).map(|_| courses(20.0, steps + 1)).collect();
        let of_leaving = (0..n_ports).map(|_| courses(1.0, steps)).collect();
        Self { circuits, baths, start, drives, waves, of_voltages: courses(1.0, steps), of_leaving }
    }

    fn put(&mut self, input: Input, lane: usize, change: f64) {
        let circuit = &mut self.circuits[lane];
        let n_inputs = circuit.inputs.len();
        let mut port = |p: usize, of: &dyn Fn(&mut Port)| match p.checked_sub(1) {
            None => circuit.output.as_mut().map(of),
            Some(input) if input < n_inputs => circuit.inputs.get_mut(input).map(of),
            Some(_) => None,
        };
        match input {
            Input::PortCapacitance(p) => drop(port(p, &|port| port.capacitance += change)),
            Input::PortImpedance(p) => drop(port(p, &|port| port.impedance += change)),
            Input::Capacitance => circuit.capacitance += change,
            Input::Conductance(k) => circuit.channels[k].conductance += change,
            Input::Reversal(k) => *circuit.channels[k].reversal.as_mut().unwrap() += change,
            Input::SenseImpedance => circuit.sense.as_mut().unwrap().impedance += change,
            Input::ResponseTime => circuit.sense.as_mut().unwrap().response_time += change,
            Input::Reference => *circuit.sense.as_mut().unwrap().reference.as_mut().unwrap() += change,
            Input::StartVoltage => self.start[lane].0 += change,
            Input::StartGate(k) => self.start[lane].1[k] += change,
            Input::Mean(k) => self.drives[k].mean.0[lane] += change,
            Input::Slope(k) => self.drives[k].slope.0[lane] += change,
            Input::Wave(p, k) => self.waves[p][k].0[lane] += change,
        }
    }

    fn group(&self) -> Group {
        Group::new(&self.circuits, self.baths, DT, UNITS)
    }

    /// Goes through the windows, showing `see` the state at the start and the course of each.
    fn forwards(
        &self,
        group: &Group,
        mut see: impl FnMut(usize, &qhh_core::integrate::state::GroupState, &Course),
    ) {
        let mut state = group.state(&self.start, DT, UNITS);
        let mut first = 0;
        for n_steps in WINDOWS {
            let begun = state.clone();
            let mut course = Course { detailed: true, emitting: [true; MAX_PORTS], ..Course::default() };
            let window = Window {
                dt: DT,
                first: first as u64,
                units: UNITS,
                drive: &self.drives[first..first + n_steps],
                arriving: std::array::from_fn(|p| {
                    self.waves.get(p).map_or(&[][..], |waves| &waves[first..=first + n_steps])
                }),
                noise: &[],
                given: &[],
                sensed: [&[]; 2],
                drift: &[],
                threshold: 1e9,
                course: &mut course,
            };
            group.advance(&mut state, n_steps, window);
            see(first, &begun, &course);
            first += n_steps;
        }
    }

    fn number(&self) -> f64 {
        let mut sum = 0.0;
        self.forwards(&self.group(), |first, _, course| {
            for k in 1..course.v.len() {
                for lane in 0..LANES {
                    sum += self.of_voltages[first + k - 1].0[lane] * course.v[k].0[lane];
                    for (p, of) in self.of_leaving.iter().enumerate() {
                        sum += of[first + k - 1].0[lane] * course.leaving[p][k - 1].0[lane];
                    }
                }
            }
        });
        sum
    }

    /// The derivative of [`Run::number`] by each input of each lane.
    fn slopes(&self) -> impl Fn(Input, usize) -> f64 {
        let group = self.group();
        let mut windows = Vec::new();
        self.forwards(&group, |first, begun, course| windows.push((first, begun.clone(), course.clone())));
        let (mut sensitivity, mut slopes) = (group.insensitive(), group.level());
        let mut currents = Vec::new();
        let mut waves = vec![vec![Lanes::<LANES>::default(); self.drives.len() + 1]; self.waves.len()];
        for (first, begun, course) in windows.iter().rev() {
            let n_steps = course.v.len() - 1;
            let seeds: Vec<_> = (1..=n_steps)
                .flat_map(|k| (0..LANES).map(move |lane| (k, lane)))
                .map(|(k, lane)| (k, lane, self.of_voltages[first + k - 1].0[lane]))
                .collect();
            let mut incoming = Incoming::default();
            let window = Backwards {
                dt: DT,
                units: UNITS,
                start: begun,
                course,
                arriving: std::array::from_fn(|p| {
                    self.waves.get(p).map_or(&[][..], |waves| &waves[*first..=first + n_steps])
                }),
                voltages: &seeds,
                leaving: std::array::from_fn(|p| {
                    self.of_leaving.get(p).map_or(&[][..], |of| &of[*first..first + n_steps])
                }),
                responding: None,
            };
            group.reverse(&mut sensitivity, Some(&mut slopes), &mut incoming, window);
            for (p, waves) in waves.iter_mut().enumerate() {
                for (k, wave) in incoming.waves[p].iter().enumerate() {
                    waves[first + k] = waves[first + k] + *wave;
                }
            }
            currents.splice(0..0, incoming.currents);
        }
        let start = group.started(&sensitivity, &mut slopes, &self.start, DT, UNITS);
        move |input, lane| match input {
            Input::Capacitance => slopes.capacitance.0[lane],
            Input::Conductance(k) => slopes.conductance[k].0[lane],
            Input::Reversal(k) => slopes.reversal[k].0[lane],
            Input::PortCapacitance(p) => slopes.ports[p].0.0[lane],
            Input::PortImpedance(p) => slopes.ports[p].1.0[lane],
            Input::SenseImpedance => slopes.sense[0].0[lane],
            Input::ResponseTime => slopes.sense[1].0[lane],
            Input::Reference => slopes.sense[2].0[lane],
            Input::StartVoltage => start[lane].voltage,
            Input::StartGate(k) => start[lane].gates[k],
            Input::Mean(k) => currents[k].mean.0[lane],
            Input::Slope(k) => currents[k].slope.0[lane],
            Input::Wave(p, k) => waves[p][k].0[lane],
        }
    }
}

impl Run {
    /// How [`Run::number`] changes along a change of many inputs, each with its lane, forwards.
    fn along(&self, changes: &[(Input, usize, f64)]) -> f64 {
        let group = self.group();
        let mut parameters = group.level();
        let mut start = vec![(0.0, vec![0.0; group.n_gates()]); LANES];
        let mut currents = vec![DriveLanes::<LANES>::default(); self.drives.len()];
        let mut waves = vec![vec![Lanes::<LANES>::default(); self.drives.len() + 1]; self.waves.len()];
        for &(input, lane, change) in changes {
            let of = match input {
                Input::Capacitance => &mut parameters.capacitance.0[lane],
                Input::Conductance(k) => &mut parameters.conductance[k].0[lane],
                Input::Reversal(k) => &mut parameters.reversal[k].0[lane],
                Input::PortCapacitance(p) => &mut parameters.ports[p].0.0[lane],
                Input::PortImpedance(p) => &mut parameters.ports[p].1.0[lane],
                Input::SenseImpedance => &mut parameters.sense[0].0[lane],
                Input::ResponseTime => &mut parameters.sense[1].0[lane],
                Input::Reference => &mut parameters.sense[2].0[lane],
                Input::StartVoltage => &mut start[lane].0,
                Input::StartGate(k) => &mut start[lane].1[k],
                Input::Mean(k) => &mut currents[k].mean.0[lane],
                Input::Slope(k) => &mut currents[k].slope.0[lane],
                Input::Wave(p, k) => &mut waves[p][k].0[lane],
            };
            *of += change;
        }
        let mut change = group.begun(&self.start, &start, &parameters, DT, UNITS);
        let mut moved = Moved::default();
        let mut sum = 0.0;
        self.forwards(&group, |first, begun, course| {
            let n_steps = course.v.len() - 1;
            let mut incoming =
                Incoming { currents: currents[first..first + n_steps].to_vec(), ..Incoming::default() };
            for (to, waves) in incoming.waves.iter_mut().zip(&waves) {
                *to = waves[first..=first + n_steps].to_vec();
            }
            let window = Forwards {
                dt: DT,
                units: UNITS,
                start: begun,
                course,
                drive: &self.drives[first..first + n_steps],
                arriving: std::array::from_fn(|p| {
                    self.waves.get(p).map_or(&[][..], |waves| &waves[first..=first + n_steps])
                }),
                incoming: &incoming,
            };
            group.along(&mut change, &parameters, &mut moved, &window);
            for (k, lane) in (0..n_steps).flat_map(|k| (0..LANES).map(move |lane| (k, lane))) {
                sum += self.of_voltages[first + k].0[lane] * moved.v[k + 1].0[lane];
                for (of, leaving) in self.of_leaving.iter().zip(&moved.leaving) {
                    sum += of[first + k].0[lane] * leaving[k].0[lane];
                }
            }
        });
        sum
    }
}

/// By five points, to fourth order.
fn difference(run: &Run, input: Input, lane: usize, by: f64) -> f64 {
    let at = |change: f64| {
        let mut run = run.clone();
        run.put(input, lane, change);
        run.number()
    };
    (8.0 * (at(by) - at(-by)) - (at(2.0 * by) - at(-2.0 * by))) / (12.0 * by)
}

fn library(of: &[(&str, f64, f64)]) -> Channels {
    let channel = |&(name, conductance, reversal): &(&str, f64, f64)| Channel {
        name: Name::new(name),
        gating: Published::named(name).unwrap().gating(&[], None).unwrap(),
        conductance,
        reversal: Some(reversal),
    };
    let leak = Channel::chloride(0.3, -54.387);
    of.iter().map(channel).chain([leak]).collect()
}

#[test]
fn a_number_backwards_has_the_slopes_of_its_differences() {
    let three = Channels::three([36.0, 120.0, 0.3], [-77.0, 50.0, -54.387]);
    let single = Channels::single(36.0, -77.0);
    let connor = library(&[
        ("connor-stevens-sodium", 120.0, 55.0),
        ("connor-stevens-potassium", 20.0, -72.0),
        ("connor-stevens-a", 47.7, -75.0),
    ]);
    // Gates that follow the voltage at once.
    let morris = library(&[("morris-lecar-calcium", 4.4, 120.0), ("morris-lecar-potassium", 8.0, -84.0)]);
    let (apart, shared) = (BathRule::Independent, BathRule::SharedMode);
    let cases = [
        ("three channels", &three, apart, 0, false),
        ("with ports", &three, apart, 2, false),
        ("with many ports", &three, apart, 4, false),
        ("with one bath", &three, shared, 2, false),
        ("sensed", &three, apart, 2, true),
        ("single channel", &single, apart, 1, false),
        ("Connor and Stevens", &connor, apart, 2, false),
        ("Connor and Stevens with one bath", &connor, shared, 0, false),
        ("Morris and Lecar", &morris, apart, 2, false),
        ("Morris and Lecar, sensed", &morris, apart, 2, true),
    ];
    for (seed, (name, channels, baths, n_ports, sensed)) in cases.into_iter().enumerate() {
        let mut random = ChaCha8Rng::seed_from_u64(seed as u64);
        let run = Run::new(&mut random, channels, baths, n_ports, sensed);
        let slope = run.slopes();
        let steps = run.drives.len();
        let mut inputs = vec![(Input::Capacitance, 1.0), (Input::StartVoltage, 60.0)];
        let each = |n: usize, size: f64, of: fn(usize) -> Input| (0..n).map(move |k| (of(k), size));
        inputs.extend(each(channels.len(), 10.0, Input::Conductance));
        inputs.extend(each(channels.len(), 60.0, Input::Reversal));
        inputs.extend(each(n_ports, 0.2, Input::PortCapacitance));
        inputs.extend(each(n_ports, 1.5, Input::PortImpedance));
        inputs.extend(each(run.circuits[0].n_gates(), 0.5, Input::StartGate));
        if sensed {
            inputs.extend([(Input::SenseImpedance, 4.0), (Input::ResponseTime, 0.3), (Input::Reference, 60.0)]);
        }
        for k in [0, 16, 17, 18, steps - 1] {
            inputs.extend([(Input::Mean(k), 30.0), (Input::Slope(k), 30.0)]);
            inputs.extend((0..n_ports).map(|p| (Input::Wave(p, k), 20.0)));
        }
        inputs.extend((0..n_ports).map(|p| (Input::Wave(p, steps), 20.0)));
        // Relative to the largest effect of any input, by its size.
        let largest = inputs.iter().map(|&(input, size)| (size * slope(input, 2)).abs()).fold(0.0, f64::max);
        assert!(largest > 1.0, "{name}: nothing has an effect");
        let changes: Vec<_> = (0..LANES)
            .flat_map(|lane| inputs.iter().map(move |&(input, size)| (input, lane, size)))
            .map(|(input, lane, size)| (input, lane, size * within(&mut random, -1.0, 1.0)))
            .collect();
        let terms = changes.iter().map(|&(input, lane, change)| change * slope(input, lane));
        let (sum, forwards) = (terms.clone().sum::<f64>(), run.along(&changes));
        let off = (sum - forwards).abs() / terms.map(f64::abs).sum::<f64>();
        assert!(off < 1e-14, "{name}: backwards {sum}, forwards {forwards}, off by {off} of the terms");
        for (input, size) in inputs {
            for lane in [0, 2] {
                let (exact, expected) = (slope(input, lane), difference(&run, input, lane, 1e-4 * size));
                let off = size * (exact - expected).abs();
                assert!(
                    off < 1e-6 * (size * expected.abs()) + 2e-10 * largest,
                    "{name}: {input:?} of lane {lane} has the slope {exact}, by differences {expected}"
                );
            }
        }
    }
}

/// Steps of neurons that stay where they are, against those of any course.
#[test]
fn steps_that_are_all_the_same_are_those_of_a_course_that_stays() {
    let three = Channels::three([36.0, 120.0, 0.3], [-77.0, 50.0, -54.387]);
    let morris = library(&[("morris-lecar-calcium", 4.4, 120.0), ("morris-lecar-potassium", 8.0, -84.0)]);
    let (apart, shared) = (BathRule::Independent, BathRule::SharedMode);
    let alternating: [f64; LANES] = std::array::from_fn(|lane| if lane % 2 == 0 { 1.0 } else { 0.0 });
    let (all, some, none) = (None, Some(alternating), Some([0.0; LANES]));
    let cases = [
        ("three channels", &three, apart, 2, false, all),
        ("with many ports", &three, apart, 4, false, some),
        ("with one bath", &three, shared, 0, false, all),
        ("sensed", &three, apart, 2, true, some),
        ("gates held", &three, apart, 2, false, none),
        ("gates held and sensed", &three, apart, 1, true, none),
        ("Morris and Lecar, sensed", &morris, apart, 2, true, all),
        ("Morris and Lecar", &morris, apart, 1, false, some),
    ];
    for (seed, (name, channels, baths, n_ports, sensed, responding)) in cases.into_iter().enumerate() {
        let mut random = ChaCha8Rng::seed_from_u64(100 + seed as u64);
        let run = Run::new(&mut random, channels, baths, n_ports, sensed);
        let (group, responding) = (run.group(), responding.map(Lanes));
        let state = group.state(&run.start, DT, UNITS);
        let n_steps = 30;
        let n_gates = group.n_gates();
        let course = Course {
            v: vec![state.v; n_steps + 1],
            staged: vec![state.v; n_steps],
            records: state.record.map_or_else(Vec::new, |record| vec![record; n_steps + 1]),
            gates: state.gates[..n_gates].repeat(n_steps + 1),
            u: std::array::from_fn(|p| state.u.get(p).map_or_else(Vec::new, |u| vec![*u; n_steps + 1])),
            ..Course::default()
        };
        let leaving: [Vec<Lanes>; MAX_PORTS] =
            std::array::from_fn(|p| run.of_leaving.get(p).map_or_else(Vec::new, |of| of[..n_steps].to_vec()));
        let still = group.still(&state, responding, DT, UNITS);
        let mut begun = group.insensitive();
        begun.v = random_lanes(&mut random, 1.0);
        if let Some(responding) = responding {
            begun.hold(responding);
        }
        let (mut any, mut same) = (begun.clone(), begun);
        let (mut of_any, mut of_same) = (Incoming::default(), Incoming::default());
        // Twice, so that all there is of a state is handed on.
        for part in 0..2 {
            let window = Backwards {
                dt: DT,
                units: UNITS,
                start: &state,
                course: &course,
                arriving: [&[]; MAX_PORTS],
                voltages: &[],
                leaving: leaving.each_ref().map(Vec::as_slice),
                responding,
            };
            group.reverse(&mut any, None, &mut of_any, window);
            still.reverse(&mut same, &mut of_same, &leaving, n_steps);
            let near = |a: &[Lanes], b: &[Lanes]| {
                let largest = a.iter().flat_map(|a| a.0).fold(1e-3, |most: f64, a| most.max(a.abs()));
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_near(*b, 1e-12 * largest))
            };
            let currents = |of: &Incoming<LANES>| -> Vec<Lanes> {
                of.currents.iter().flat_map(|current| [current.mean, current.slope]).collect()
            };
            assert!(near(&currents(&of_any), &currents(&of_same)), "{name}: currents, part {part}");
            for p in 0..n_ports {
                assert!(near(&of_any.waves[p], &of_same.waves[p]), "{name}: waves at port {p}, part {part}");
            }
            assert!(near(&of_any.records, &of_same.records), "{name}: records, part {part}");
            assert!(near(&[any.v, any.record], &[same.v, same.record]), "{name}: node, part {part}");
            assert!(
                near(&any.u, &same.u) && near(&any.gates, &same.gates),
                "{name}: ports and gates, part {part}"
            );
            assert!(any.v.0.iter().any(|v| v.abs() > 1e-6), "{name}: nothing is left, part {part}");
        }
    }
}
