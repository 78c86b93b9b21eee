//! Where points lie.

use qhh_lab::sweep::{Axis, Design, Plan, PlanError};

fn plan(axes: Vec<Axis>, design: Design, repeats: usize) -> Plan {
    Plan { axes, design, repeats, seed: 7 }
}

fn values(plan: &Plan) -> Vec<Vec<f64>> {
    let points = plan.points().unwrap();
    points.iter().map(|point| point.coordinates.iter().map(|c| c.value).collect()).collect()
}

#[test]
fn a_grid_has_every_value_with_every_other_the_last_axis_fastest() {
    let plan = plan(vec![Axis::list("a", [1.0, 2.0]), Axis::linear("b", 0.0, 1.0, 3)], Design::Grid, 1);
    let expected = [[1.0, 0.0], [1.0, 0.5], [1.0, 1.0], [2.0, 0.0], [2.0, 0.5], [2.0, 1.0]];
    assert_eq!(values(&plan), expected.map(|pair| pair.to_vec()));
}

#[test]
fn zipped_axes_go_side_by_side_and_must_be_as_long() {
    let axes = |n| vec![Axis::list("a", [1.0, 2.0, 4.0]), Axis::linear("b", 0.0, 1.0, n)];
    assert_eq!(values(&plan(axes(3), Design::Zip, 1)), [[1.0, 0.0], [2.0, 0.5], [4.0, 1.0]].map(|p| p.to_vec()));
    assert!(matches!(plan(axes(2), Design::Zip, 1).points(), Err(PlanError::Unequal { .. })));
}

#[test]
fn ranges_hit_both_ends_and_have_no_dust_of_arithmetic() {
    let steps = values(&plan(vec![Axis::linear("a", 0.1, 1.0, 19)], Design::Grid, 1));
    let expected: Vec<f64> =
        (0..19).map(|k| format!("{:.2}", 0.1 + 0.05 * f64::from(k)).parse().unwrap()).collect();
    assert_eq!(steps.concat(), expected);
    let decades = values(&plan(vec![Axis::logarithmic("a", 1e-3, 1e3, 7)], Design::Grid, 1));
    assert_eq!(decades.concat(), [1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3]);
    let through_zero = values(&plan(vec![Axis::linear("a", -0.3, 0.3, 7)], Design::Grid, 1));
    assert_eq!(through_zero.concat()[3], 0.0);
}

#[test]
fn a_logarithmic_range_through_zero_is_refused() {
    let through = plan(vec![Axis::logarithmic("a", -1.0, 1.0, 5)], Design::Grid, 1);
    assert!(matches!(through.points(), Err(PlanError::NoLogarithm { .. })));
}

#[test]
fn repeats_have_seeds_of_their_own_that_all_points_share() {
    let points = plan(vec![Axis::list("a", [1.0, 2.0])], Design::Grid, 3).points().unwrap();
    let told: Vec<(usize, usize, usize)> = points.iter().map(|p| (p.number, p.place, p.repeat)).collect();
    assert_eq!(told, [(0, 0, 0), (1, 0, 1), (2, 0, 2), (3, 1, 0), (4, 1, 1), (5, 1, 2)]);
    let seeds: Vec<u64> = points.iter().map(|p| p.seed).collect();
    assert_eq!(seeds[0], 7, "the first repeat has the network's own");
    assert_eq!(seeds[..3], seeds[3..]);
    assert!(seeds[1] != seeds[2] && seeds[1] != 7 && seeds[1] < 1 << 53);
}

/// Another axis beside it, or more points, leave a drawn axis as it was.
#[test]
fn drawn_values_depend_on_seed_and_axis_alone() {
    let a = || Axis::linear("a", 0.0, 1.0, 0);
    let alone = values(&plan(vec![a()], Design::Random(10), 1)).concat();
    let beside = values(&plan(vec![Axis::list("b", [0.0, 1.0]), a()], Design::Random(20), 1));
    assert_eq!(alone, beside[..10].iter().map(|point| point[1]).collect::<Vec<_>>());
    assert!(beside.iter().any(|p| p[0] == 0.0) && beside.iter().any(|p| p[0] == 1.0));
}

/// Of a box with a corner at the origin the share of points is nearer to its area than that of drawn points.
#[test]
fn a_sobol_sequence_fills_the_square_more_evenly_than_chance() {
    let discrepancy = |design| {
        let axes = vec![Axis::linear("a", 0.0, 1.0, 0), Axis::linear("b", 0.0, 1.0, 0)];
        let points = values(&plan(axes, design, 1));
        let corners = (1..20).flat_map(|i| (1..20).map(move |j| (f64::from(i) / 20.0, f64::from(j) / 20.0)));
        let defect = |(x, y): (f64, f64)| {
            let within = points.iter().filter(|p| p[0] < x && p[1] < y).count();
            (within as f64 / points.len() as f64 - x * y).abs()
        };
        corners.map(defect).fold(0.0, f64::max)
    };
    let (sobol, random) = (discrepancy(Design::Sobol(256)), discrepancy(Design::Random(256)));
    assert!(sobol < 0.02 && sobol < 0.5 * random, "Sobol {sobol}, drawn {random}");
}

#[test]
fn a_sweep_that_would_never_end_is_refused() {
    let axis = |name| Axis::linear(name, 0.0, 1.0, 2000);
    let endless = plan(vec![axis("a"), axis("b")], Design::Grid, 1);
    assert!(matches!(endless.points(), Err(PlanError::TooMany { .. })));
}
