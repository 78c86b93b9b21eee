//! Noise of the lines: sum rule, passivity, known integrals, limits.

use proptest::prelude::*;
use qhh_core::channel::Conductances;
use qhh_core::circuit::{BathRule, Channels, Circuit, Inputs};
use qhh_core::name::Name;
use qhh_core::port::Port;
use qhh_core::quantum::bath::Bath;
use qhh_core::quantum::variance::{AdiabaticVariance, LineKind, commutator_defect};

fn port() -> impl Strategy<Value = Option<Port>> {
    prop::option::of(
        (-6.0..1.0f64, -1.0..3.0f64)
            .prop_map(|(c, z)| Port { capacitance: 10f64.powf(c), impedance: 10f64.powf(z) }),
    )
}

fn circuits() -> impl Strategy<Value = Circuit> {
    (-6.0..1.0f64, 0.01..50.0f64, 0.01..150.0f64, 1e-4..1.0f64, port(), port()).prop_map(
        |(c, k, na, cl, output, input)| Circuit {
            capacitance: 10f64.powf(c),
            channels: Channels::three([k, na, cl], None),
            output,
            inputs: input.into(),
            sense: None,
        },
    )
}

fn conductances() -> impl Strategy<Value = Conductances> {
    (1e-3..30.0f64, 0.0..30.0f64, 1e-4..1.0f64)
        .prop_map(|(potassium, sodium, chloride)| [potassium, sodium, chloride].into())
}

fn shares(circuit: &Circuit, rule: BathRule, bath: Bath, g: &Conductances) -> (f64, f64) {
    let variance = AdiabaticVariance::new(circuit, rule, bath, rule.effective_conductance(g));
    let shares = variance.shares(g);
    (shares.iter().map(|s| s.vacuum).sum(), shares.iter().map(|s| s.thermal).sum())
}

proptest! {
    #[test]
    fn a_passive_circuit_has_a_positive_resistance_at_every_frequency(circuit in circuits(), g in conductances(), w in -4.0..6.0f64) {
        let z = circuit.impedance(g.total(), 10f64.powf(w));
        prop_assert!(z.re > 0.0, "Re z = {} at w = 1e{w}", z.re);
    }

    /// int_0^inf Re z dw = pi/(2C): the commutator [phi, V] = i hbar/C.
    #[test]
    fn the_sum_rule_holds_for_any_circuit(circuit in circuits(), g in conductances()) {
        let defect = commutator_defect(&circuit, g.total());
        prop_assert!(defect < 1e-9, "defect {defect}");
    }

    /// Every line's share is positive, and so is the variance, at any temperature and cutoff.
    #[test]
    fn the_variance_is_positive_line_by_line(circuit in circuits(), g in conductances(), kt in 0.0..5.0f64, wc in 0.1..1e5f64) {
        let bath = Bath { hbar: 0.7, thermal_energy: kt, cutoff: wc };
        for rule in [BathRule::Independent, BathRule::SharedMode] {
            let variance = AdiabaticVariance::new(&circuit, rule, bath, rule.effective_conductance(&g));
            for (line, share) in variance.lines().iter().zip(variance.shares(&g)) {
                let silent = *line == LineKind::Channel(Name::SODIUM) && g[1] == 0.0;
                prop_assert!(share.vacuum > 0.0 || silent, "{line:?}: {share:?}");
                prop_assert!(share.thermal >= 0.0, "{line:?}: {share:?}");
            }
        }
    }

    /// Johnson and Nyquist: for hbar -> 0 the variance is kT/C, whatever the conductances and ports.
    #[test]
    fn without_hbar_the_variance_is_that_of_equipartition(circuit in circuits(), g in conductances()) {
        let fastest = 1.0 / circuit.capacitance.min(1e-6) * 1e3;
        let bath = Bath { hbar: 0.0, thermal_energy: 2.0, cutoff: 1e6 * fastest };
        let (vacuum, thermal) = shares(&circuit, BathRule::Independent, bath, &g);
        prop_assert_eq!(vacuum, 0.0);
        let expected = 2.0 / circuit.capacitance;
        prop_assert!((thermal / expected - 1.0).abs() < 1e-5, "{thermal}, expected {expected}");
    }
}

/// One resistor and one capacitor: (hbar/pi) int_0^wc w g/(g^2 + w^2 C^2) dw = hbar g/(2 pi C^2) ln(1 + (wc C/g)^2).
#[test]
fn the_vacuum_of_a_resistor_is_a_logarithm_of_the_cutoff() {
    let channels = Channels::single(1.0, None);
    let circuit = Circuit { capacitance: 2.0, channels, output: None, inputs: Inputs::NONE, sense: None };
    for (g, cutoff) in [(0.3, 200.0), (30.0, 200.0), (1.0, 1e6), (5.0, 1e-3)] {
        let bath = Bath { hbar: 0.4, thermal_energy: 0.0, cutoff };
        let conductances = Conductances::from([g]);
        let (vacuum, thermal) = shares(&circuit, BathRule::SharedMode, bath, &conductances);
        let x: f64 = cutoff * 2.0 / g;
        let exact = 0.4 * g / (std::f64::consts::TAU * 4.0) * (x * x).ln_1p();
        assert!((vacuum / exact - 1.0).abs() < 1e-12, "g = {g}: {vacuum}, exactly {exact}");
        assert_eq!(thermal, 0.0);
    }
}

/// The papers' rule for equal conductances is sqrt 3 times Kirchhoff's; for one channel the two agree.
#[test]
fn shared_modes_raise_the_conductance_by_up_to_the_square_root_of_three() {
    let equal = Conductances::from([2.0, 2.0, 2.0]);
    let ratio = BathRule::SharedMode.effective_conductance(&equal) / equal.total();
    assert!((ratio - 3f64.sqrt()).abs() < 1e-15);
    let one = Conductances::from([2.0, 0.0, 0.0]);
    assert!((BathRule::SharedMode.effective_conductance(&one) - 2.0).abs() < 1e-15);
    // Paper: theta Z with theta = sqrt(Z_K Z_Cl + ..)/(sqrt(Z_K Z_Cl) + ..).
    let g = Conductances::from([0.5, 0.02, 3e-4]);
    let (zk, zna, zcl) = (1.0 / g[0], 1.0 / g[1], 1.0 / g[2]);
    let products = [zk * zcl, zna * zcl, zk * zna];
    let theta = products.iter().sum::<f64>().sqrt() / products.iter().map(|p| p.sqrt()).sum::<f64>();
    let impedance = 1.0 / BathRule::SharedMode.effective_conductance(&g);
    assert!((impedance * g.total() / theta - 1.0).abs() < 1e-14);
}
