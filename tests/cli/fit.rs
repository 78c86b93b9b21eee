//! `qhh fit`: values found again, the same bytes for any threads and after a stop, and what is refused.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::place::Place;

/// A place with the files of a fit that is shipped.
fn with_fit(name: &str) -> Place {
    let place = Place::with(&[]);
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks/fit");
    fs::create_dir(place.path("data")).unwrap();
    for file in [format!("{name}.yaml"), format!("{name}_network.yaml"), format!("data/{name}.csv")] {
        if from.join(&file).exists() {
            fs::copy(from.join(&file), place.path(&file)).unwrap();
        }
    }
    place
}

fn after(summary: &Value, parameter: usize) -> f64 {
    summary["parameters"][parameter]["after"].as_f64().unwrap()
}

/// Every fit that is shipped is sound, and says how many numbers it trains.
#[test]
fn the_shipped_fits_can_be_fitted() {
    for (name, trained) in
        [("recover", "3 values"), ("patterns", "8 values"), ("digits", "640 values"), ("squeezing", "2 values")]
    {
        let told = with_fit(name).done(&["check", &format!("{name}.yaml")]);
        assert!(told.contains(trained) && told.contains("can be fitted"), "{name}: {told}");
    }
    // What trains no more than a readout of the same neurons.
    let place = with_fit("digits");
    for file in ["digits_readout.yaml", "digits_readout_network.yaml"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks/fit");
        fs::copy(from.join(file), place.path(file)).unwrap();
    }
    let told = place.done(&["check", "digits_readout.yaml"]);
    assert!(told.contains("74 neurons") && told.contains("can learn"), "{told}");
}

/// Twelve pairs of neurons, joined by waveguides whose transmissions `transmission` gives.
fn pairs(transmission: &str) -> String {
    format!(
        "name: pairs
simulation: {{duration: 6 ms, step: 0.02 ms, sleep: off}}
neurons:
  near: &cell
    count: 12
    membrane: {{capacitance: 1 uF}}
    channels:
      potassium: {{conductance: 36 mS, reversal: -77 mV}}
      sodium: {{conductance: 120 mS, reversal: 50 mV}}
      chloride: {{conductance: 0.3 mS, reversal: -54.387 mV}}
    output: {{capacitance: 0.3 uF, impedance: 3 kOhm}}
    input: {{capacitance: 1 uF, impedance: 3 kOhm}}
  far: {{<<: *cell}}
sources:
  kick: {{into: near, current: {{shape: pulse, amplitude: 40 uA, start: 0.5 ms, duration: 1 ms}}}}
waveguides:
  axon: {{from: near, to: far, pattern: one-to-one, delay: 1 ms, transmission: {transmission}}}
record: {{every: 0.1 ms, of: far, quantities: [voltage]}}
"
    )
}

/// One value in the file, twelve that are trained: long lists are gone through at once.
#[test]
fn each_waveguide_has_a_transmission_of_its_own_that_is_found_again() {
    let place = Place::with(&[]);
    let truth: Vec<f64> = (0..12).map(|k| 0.03 + 0.002 * f64::from(k * k % 7)).collect();
    fs::write(place.path("truth.yaml"), pairs(&format!("{truth:?}"))).unwrap();
    place.done(&["run", "truth.yaml", "--out", "truth", "--no-report"]);
    fs::write(place.path("pairs.yaml"), pairs("0.02")).unwrap();
    let trace = |k: u32| format!("  - trace: {{neuron: \"far[{k}]\", file: truth/traces.csv}}\n");
    let traces = (0..12).map(trace).collect::<Vec<_>>().concat();
    let fit = |each: &str, path: &str| {
        format!(
            "name: each\nnetwork: pairs.yaml\nparameters: [{{path: {path}, each: {each}, bounds: [0.001, 0.2]}}]\nobjective:\n\
             {traces}optimizer: {{lbfgs: {{iterations: 100}}}}\n"
        )
    };
    fs::write(place.path("each.yaml"), fit("true", "waveguides.axon.transmission")).unwrap();
    place.done(&["fit", "each.yaml"]);
    let summary = place.summary("each");
    for (parameter, truth) in truth.iter().enumerate() {
        let found = after(&summary, parameter);
        assert!((found / truth - 1.0).abs() < 1e-4, "{found} in place of {truth}: {summary}");
    }
    fs::write(place.path("count.yaml"), fit("true", "neurons.near.count")).unwrap();
    let ended = place.qhh(&["fit", "count.yaml"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("`neurons.near.count` is the same for all 12"), "{}", ended.stderr);
}

/// The target is a run of the program with values that the file does not name.
#[test]
fn a_conductance_a_delay_and_a_transmission_are_found_again() {
    let place = with_fit("recover");
    let printed = place.done(&["fit", "recover.yaml"]);
    assert!(printed.contains("waveguides.axon.delay"), "{printed}");
    let summary = place.summary("recover");
    for (parameter, truth) in [37.3, 1.237, 0.8].into_iter().enumerate() {
        let found = after(&summary, parameter);
        assert!((found / truth - 1.0).abs() < 1e-5, "{found} in place of {truth}: {summary}");
    }
    let names = place.names("recover");
    let expected = [
        "SHA256SUMS",
        "fit_traces.csv",
        "fitted.yaml",
        "history.csv",
        "input.yaml",
        "network.yaml",
        "report.html",
        "summary.json",
        "task.yaml",
    ];
    assert_eq!(names, expected);
    assert_eq!(place.read("recover/input.yaml"), place.read("recover_network.yaml"));
    place.done(&["verify", "recover"]);
    // What was fitted is a network that runs, to the target's own voltages.
    place.done(&["run", "recover/fitted.yaml", "--out", "again", "--no-report"]);
    assert!(place.read("recover/fitted.yaml").contains("-fitted\n"), "the name of another folder");
    let last = |file: &str| -> Vec<f64> {
        let text = place.read(file);
        text.lines().last().unwrap().split(',').map(|cell| cell.parse().unwrap()).collect()
    };
    for (a, b) in last("again/traces.csv").iter().zip(last("data/recover.csv")) {
        assert!((a - b).abs() < 1e-2, "{a} and {b}");
    }
}

#[test]
fn threads_change_nothing() {
    let place = with_fit("patterns");
    // Nor do shares in per cent.
    for (threads, out, shares) in [
        ("1", "one", ["validation=0.25", "optimizer.adam.rate=0.15"]),
        ("2", "two", ["validation=25 %", "optimizer.adam.rate=15 %"]),
        ("5", "five", ["validation=0.25", "optimizer.adam.rate=0.15"]),
    ] {
        let short = ["--set", "optimizer.adam.epochs=1", "--set", "examples.most=6", "--no-report"];
        let short = [&short[..], &["--set", shares[0], "--set", shares[1]]].concat();
        place.done(&[&["fit", "patterns.yaml", "-j", threads, "--out", out], &short[..]].concat());
    }
    for file in ["history.csv", "fitted.yaml", "summary.json", "fit_traces.csv"] {
        let one = place.read(&format!("one/{file}"));
        assert!(one == place.read(&format!("two/{file}")) && one == place.read(&format!("five/{file}")), "{file}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a case after the other")]
fn a_fit_refuses_what_it_cannot_do_at_its_place() {
    let place = with_fit("recover");
    let (fit, network) = (place.read("recover.yaml"), place.read("recover_network.yaml"));
    let potassium = "neurons.relay.channels.potassium.conductance";
    let trace = "trace: {neuron: \"relay[0]\", file: data/recover.csv}";
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/messages.md")).unwrap();
    let page = page.split_once("## Fits").unwrap().1;
    let cases: &[(&str, &str, &[&str])] = &[
        (
            potassium,
            "neurons.relay.channels.potasium.conductance",
            &["has no number at", "did you mean `neurons.relay"],
        ),
        (
            potassium,
            "neurons.relay.count",
            &["broken.yaml:7", "`neurons.relay.count` cannot be trained", "not a count"],
        ),
        (
            "[20 mS, 60 mS]",
            "[40 mS, 60 mS]",
            &["starts at 33, which is not between its bounds, 40 and 60", "widen the bounds"],
        ),
        ("[20 mS, 60 mS]", "[60 mS, 20 mS]", &["the lower bound must be below the upper one"]),
        ("[20 mS, 60 mS]", "[20 uS, 60 uS]", &["is in `uS`, not `mS`", "in the unit that the value has"]),
        ("60 mS]}", "60 mS], start: 10 mS}", &["starts at 10"]),
        (", bounds: [20 mS, 60 mS]", ", start: random", &["a random start lies within bounds", "write `bounds`"]),
        (
            trace,
            "trace: {neuron: \"relay[9]\", file: data/recover.csv, value: \"relay[0].voltage\"}",
            &["there is no `relay[9]`"],
        ),
        (
            trace,
            "trace: {neuron: relay, file: data/recover.csv, value: \"relay[0].voltage\"}",
            &["is several neurons", "name one of them, such as `relay[0]`"],
        ),
        (
            trace,
            "trace: {neuron: \"relay[0]\", file: data/recover.csv, value: v}",
            &["has no column `v`", "first row"],
        ),
        (trace, "trace: {neuron: \"relay[0]\", file: data/none.csv}", &["cannot read"]),
        (
            trace,
            "trace: {neuron: \"relay[0]\", times: [1 ms, 30 ms], values: [0, 1]}",
            &["the target is at 30, but the run is from 0 to 12"],
        ),
        (
            trace,
            "trace: {neuron: \"relay[0]\", times: [2 ms, 1 ms], values: [0, 1]}",
            &["do not ascend", "sort the rows"],
        ),
        (trace, "trace: {neuron: \"relay[0]\"}", &["a target trace is a `file`, or `times` with `values`"]),
        (trace, "measure: {of: relay.volume, aim: least}", &["there is no measure `volume`"]),
        (trace, "measure: {of: relay.variance.last, aim: least}", &["a variance takes a `quantum` block"]),
        (
            trace,
            "measure: {of: relay.voltage.last, aim: lowest}",
            &["`aim` cannot be `lowest`", "`least`, `most`"],
        ),
        (trace, "measure: {of: relay.voltage.last, aim: .nan}", &["`aim` must be a finite number, got NaN"]),
        (
            trace,
            "measure: {of: relay.voltage.last, aim: least, weight: -1}",
            &["`weight` must be above zero, got -1", "what is to be large has `aim: most`"],
        ),
        (
            trace,
            "smooth-spikes: {neurons: relay, target: -3}",
            &["`target` is a number of spikes, 0 or above, got -3"],
        ),
        (
            trace,
            "measure: {of: relay.2.voltage.mean(2 ms, 5 ms), aim: most}",
            &["put it between quotes: `of: \"relay.2.voltage.mean(2 ms, 5 ms)\"`"],
        ),
        (
            trace,
            "cross-entropy: {classes: [relay], label: digit}",
            &["there are no examples with a column `digit`"],
        ),
        ("optimizer: {lbfgs", "validation: 0.2\noptimizer: {lbfgs", &["there are no examples to hold out"]),
        (
            "optimizer: {lbfgs",
            "validation: 100 %\noptimizer: {lbfgs",
            &["holds out all examples", "`0.2` or `20 %`"],
        ),
        ("optimizer: {lbfgs", "validation: 20\noptimizer: {lbfgs", &["write `20 %` if per cent are meant"]),
        (
            trace,
            "measure: {of: relay.voltage.last, aim: most, weight: 20 %}",
            &["a weight is a factor, which may be above 1: write `0.2`"],
        ),
        ("[0.5, 1]", "[0.5, 2]", &["cannot go as far as this bound", "write bounds that the network can have"]),
        ("[0.5, 1]", "[50 %, 100 %]", &["is in `%`, and `waveguides.axon.transmission` is a bare number"]),
        ("axon.transmission, bounds", "axon.weight, bounds", &["it is left at its default: write `weight: 1`"]),
        ("axon.transmission, bounds: [0.5, 1]", "axon", &["name a number in it, such as `waveguides.axon.delay`"]),
        (trace, "measure: {of: relay.2.first_spike, aim: .nan}", &["`aim` must be a finite number, got NaN"]),
        ("optimizer: {lbfgs", "optimizer: {bfgs", &["unknown key `bfgs`"]),
        ("network: recover_network.yaml", "network: none.yaml", &["there is no network file `none.yaml`"]),
    ];
    for (old, new, words) in cases {
        assert!(fit.contains(old), "{old}");
        fs::write(place.path("broken.yaml"), fit.replacen(old, new, 1)).unwrap();
        let ended = place.qhh(&["fit", "broken.yaml", "--out", "out"]);
        assert_eq!(ended.code, Some(2), "{new}: {}{}", ended.stdout, ended.stderr);
        for word in *words {
            let flat = ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
            assert!(flat.contains(word), "{new} lacks `{word}`: {}", ended.stderr);
            assert!(page.contains(word) || word.starts_with("broken.yaml"), "docs/messages.md lacks `{word}`");
        }
        assert!(!place.path("out").exists());
    }
    // What only the network says.
    for (old, new, words) in [
        ("sleep: off", "sleep: off, precision: f32", "`precision: f32` is too coarse for derivatives"),
        ("amplitude: 40 uA", "amplitude: 1 uA", "there is no spike"),
    ] {
        fs::write(place.path("recover_network.yaml"), network.replacen(old, new, 1)).unwrap();
        let fit = fit.replacen(trace, "measure: {of: \"relay[2].first_spike\", aim: 6}", 1);
        fs::write(place.path("broken.yaml"), fit).unwrap();
        let ended = place.qhh(&["fit", "broken.yaml", "--out", "out"]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(page.contains(words), "docs/messages.md lacks `{words}`");
        assert!(ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ").contains(words), "{}", ended.stderr);
    }
}

/// Not after the fit, whose work would be lost.
#[test]
fn a_folder_that_a_fit_must_not_replace_is_refused_before_it() {
    let place = with_fit("recover");
    fs::create_dir(place.path("recover")).unwrap();
    // As learning and runs leave them.
    for file in ["summary.json", "network.yaml", "model.json"] {
        fs::write(place.path("recover").join(file), "{}").unwrap();
    }
    let refused = place.qhh(&["fit", "recover.yaml", "--force"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(!refused.stderr.contains("iteration") && !refused.stderr.contains("memory"), "{}", refused.stderr);
    assert_eq!(place.read("recover/model.json"), "{}");
}

#[test]
fn a_fit_says_what_it_takes_and_that_neurons_do_not_sleep() {
    let place = with_fit("recover");
    let network = place.read("recover_network.yaml").replace(", sleep: off", "");
    fs::write(place.path("recover_network.yaml"), network).unwrap();
    let ended = place.qhh(&["fit", "recover.yaml", "--set", "optimizer.lbfgs.iterations=1"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("the backward pass keeps the run in memory (about"), "{}", ended.stderr);
    assert!(ended.stderr.contains("a fit runs with `sleep: off`"), "{}", ended.stderr);
    // Why it ended, where that is not that the best was found within the bounds.
    for (of, told) in [
        ("relay.2.spikes", "a number of spikes jumps, `smooth_spikes` has a slope"),
        ("\"relay.0.voltage.mean(2 ms, 5 ms)\"", "neurons.relay.channels.potassium.conductance is at its bound"),
    ] {
        let objective = format!("objective=[{{measure: {{of: {of}, aim: most}}}}]");
        let printed = place.done(&["fit", "recover.yaml", "--set", &objective, "--force"]);
        assert!(printed.contains(told), "{printed}");
    }
}

/// At 5 ms alone the lowest variance takes the packet's vacuum away but for e^{-2r} of it, at the right phase.
#[test]
fn squeezing_is_trained_to_its_closed_form() {
    let place = with_fit("squeezing");
    let fit = place.read("squeezing.yaml");
    let one = fit.lines().filter(|line| !line.contains("5.3 ms)")).collect::<Vec<_>>().join("\n");
    let one =
        one.replacen("{path: sources.signal.state.squeezed.r, bounds: [0, 2]}", "", 1).replacen("  - \n", "", 1);
    fs::write(place.path("one.yaml"), one).unwrap();
    place.done(&["fit", "one.yaml", "--out", "fitted", "--no-report"]);
    let summary = place.summary("fitted");
    // The phase that is left is the only one: half a turn of it away, the variance is highest.
    let phase = after(&summary, 0);
    let variance = |r: f64, phase: f64| {
        let (r, phase) = (
            format!("sources.signal.state.squeezed.r={r}"),
            format!("sources.signal.state.squeezed.phase={phase}"),
        );
        place.done(&[
            "run",
            "squeezing_network.yaml",
            "--set",
            &r,
            "--set",
            &phase,
            "--out",
            "run",
            "--force",
            "--no-report",
        ]);
        let text = place.read("run/traces.csv");
        let column = text.lines().next().unwrap().split(',').position(|name| name == "relay[0].variance").unwrap();
        let row = text.lines().find(|line| line.starts_with("5,")).unwrap();
        row.split(',').nth(column).unwrap().parse::<f64>().unwrap()
    };
    let (best, vacuum, worst) =
        (variance(0.3, phase), variance(0.0, phase), variance(0.3, phase + std::f64::consts::PI));
    // The packet's share of the vacuum, |u|², shrinks by e^{-2r} and grows by e^{2r}.
    let ratio = (worst - vacuum) / (vacuum - best);
    let exact = (0.6_f64.exp() - 1.0) / (1.0 - (-0.6_f64).exp());
    assert!((ratio / exact - 1.0).abs() < 1e-3, "{ratio} and {exact}");
    assert!((summary["objective"][1].as_f64().unwrap() - best).abs() < 1e-6 * best);
}
