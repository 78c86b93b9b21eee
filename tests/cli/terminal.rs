//! What is printed where the streams are a terminal, beside what is printed where they are not.

#![cfg(target_os = "linux")]

use crate::place::Place;

/// What a command prints on a terminal of 80 columns, both streams together; none without `script`.
fn on_terminal(place: &Place, words: &[&str], colours: bool) -> Option<String> {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let line = format!("stty cols 80; exec '{}' {}", env!("CARGO_BIN_EXE_qhh"), quoted.join(" "));
    let mut command = std::process::Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).current_dir(place.path(".")).env("TERM", "xterm-256color");
    command.env_remove("NO_COLOR").env_remove("COLUMNS").env_remove("CLICOLOR").env_remove("CI");
    if !colours {
        command.env("NO_COLOR", "1");
    }
    let output = command.output().ok()?;
    // A bar is drawn over itself until it is gone.
    let text = String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n");
    Some(text.split_inclusive('\n').map(|line| line.rsplit('\r').next().unwrap_or(line)).collect())
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// The words of a text, but for what differs from run to run, and lines that are drawn.
fn words(text: &str) -> Vec<String> {
    let drawn = |word: &&str| !word.chars().all(|c| "─│╭╰·┬▲:,|`'-^[]".contains(c));
    let words = text.split_whitespace().filter(drawn);
    words.filter(|word| !word.contains("yaml:")).map(str::to_owned).collect()
}

#[test]
fn lines_end_with_a_word_at_80_columns_and_say_what_a_file_gets() {
    let place = Place::with(&["memristors.yaml", "axon.yaml"]);
    let text = place.read("axon.yaml").replace("capacitance: 1 uF", "capacitance: 1 uF/cm2");
    std::fs::write(place.path("broken.yaml"), text).unwrap();
    place.done(&["run", "axon.yaml", "--quiet"]);
    let calls: [&[&str]; 5] = [
        &["check", "memristors.yaml", "axon.yaml"],
        &["graph", "axon.yaml"],
        &["verify", "axon"],
        &["check", "broken.yaml"],
        &["run", "memristors.yaml", "--out", "new", "--force"],
    ];
    let (mut long, mut wrapped) = (0, 0);
    for call in calls {
        let Some(shown) = on_terminal(&place, call, true) else { return };
        let (shown, piped) = (plain(&shown), place.qhh(call));
        let piped = piped.stderr + &piped.stdout;
        for line in shown.lines() {
            assert!(line.chars().count() <= 80, "{call:?}: `{line}` is {} wide", line.chars().count());
        }
        long += piped.lines().filter(|line| line.chars().count() > 80).count();
        wrapped += shown.lines().count().saturating_sub(piped.lines().count());
        let timeless = |text: &str| {
            let mut words = words(text);
            words.retain(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
            words.sort();
            words
        };
        assert_eq!(timeless(&shown), timeless(&piped), "{call:?}");
    }
    assert!(long > 3 && wrapped > 3, "{long} lines are too long, {wrapped} were added");
}

#[test]
fn colours_are_there_for_terminals_that_want_them() {
    let place = Place::with(&["axon.yaml"]);
    let check = ["check", "axon.yaml"];
    let Some(coloured) = on_terminal(&place, &check, true) else { return };
    assert!(coloured.contains("\u{1b}[1m\u{1b}[32m✓"), "{coloured:?}");
    let uncoloured = on_terminal(&place, &check, false).unwrap();
    assert!(uncoloured.contains("✓ can run") && !uncoloured.contains('\u{1b}'), "{uncoloured:?}");
    let piped = place.done(&check);
    assert!(piped.ends_with("  ✓ can run\n") && !piped.contains('\u{1b}'), "{piped:?}");
    let wrong = on_terminal(&place, &["check", "missing.yaml"], true).unwrap();
    assert!(wrong.contains("\u{1b}[31m") && plain(&wrong).starts_with("error: "), "{wrong:?}");
}

#[test]
fn every_error_begins_alike_and_a_command_that_is_misspelled_is_found() {
    let place = Place::with(&["axon.yaml"]);
    std::fs::write(place.path("broken.yaml"), place.read("axon.yaml").replace("1 uF", "1 uG")).unwrap();
    for call in
        [&["check", "broken.yaml"][..], &["check", "missing.yaml"], &["verify", "nowhere"], &["runn", "axon.yaml"]]
    {
        let ended = place.qhh(call);
        assert!(ended.code == Some(2) && ended.stderr.starts_with("error: "), "{call:?}: {}", ended.stderr);
    }
    for (typed, meant) in [("runn", "run"), ("chekc", "check"), ("wacth", "watch"), ("comapre", "compare")] {
        let stderr = place.qhh(&[typed, "axon.yaml"]).stderr;
        assert!(stderr.contains(&format!("did you mean `{meant}`?")), "{typed}: {stderr}");
    }
}

#[test]
fn commands_end_with_a_verdict() {
    let place = Place::with(&["axon.yaml"]);
    let last = |text: &str| text.lines().last().unwrap_or_default().trim().to_owned();
    assert_eq!(last(&place.done(&["check", "axon.yaml"])), "✓ can run");
    assert_eq!(last(&place.done(&["graph", "axon.yaml"])), "✓ no network: 1 neuron joined to none");
    let run = last(&place.done(&["run", "axon.yaml"]));
    assert!(run.starts_with("✓ ") && run.contains(" checks hold, in 0.") && run.ends_with(" s"), "{run}");
    let verified = last(&place.done(&["verify", "axon"]));
    assert!(verified.starts_with("✓ holds: 7 files, "), "{verified}");
    std::fs::write(place.path("axon/notes.txt"), "mine").unwrap();
    let found = place.qhh(&["verify", "axon"]).stdout;
    assert_eq!(last(&found), "✗ does not hold: 1 fault with its files, 0 failed checks of the physics");
}

#[test]
fn a_budget_gives_its_deviation_in_the_unit_of_its_number() {
    let place = Place::with(&["axon.yaml"]);
    let numbers = "record.budget_of=[\"axon[0].voltage at 8 ms\", \"axon[0].spikes[0]\"]";
    let budgets: Vec<String> = place
        .done(&["run", "axon.yaml", "--set", "quantum={hbar: 0.5}", "--set", numbers])
        .lines()
        .filter_map(|line| line.trim().strip_prefix("budget").map(|rest| rest.trim().to_owned()))
        .collect();
    let [voltage, spike] = &budgets[..] else { panic!("{budgets:?}") };
    let unit = |line: &str| {
        let (_, rest) = line.split_once(", deviation ").unwrap();
        rest.split_once(':').unwrap().0.split_once(' ').unwrap().1.to_owned()
    };
    assert_eq!((unit(voltage).as_str(), unit(spike).as_str()), ("mV", "ms"));
}
