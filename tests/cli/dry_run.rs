//! `qhh dry-run`: the terminal, the page and the numbers say the same.

use serde_json::Value;

use crate::place::Place;

/// What is in a page between two marks, one after the other.
fn between<'a>(page: &'a str, (start, end): (&str, &str)) -> Vec<&'a str> {
    page.split(start).skip(1).map(|rest| rest.split(end).next().unwrap()).collect()
}

/// Numbers with units in the place of bytes and seconds: `3.1 MB`, `12 us`, `98.2 %`.
fn value(text: &str) -> f64 {
    let (number, unit) = text.trim().split_once([' ', '\u{a0}']).unwrap_or((text.trim(), ""));
    let factor = match unit {
        "TB" => 1e12,
        "GB" => 1e9,
        "MB" => 1e6,
        "kB" => 1e3,
        "ms" => 1e-3,
        "us" => 1e-6,
        "s" | "bytes" | "%" | "" => 1.0,
        unit => panic!("{text}: {unit}"),
    };
    // Large numbers are in groups of three, or have an exponent: 1.2 × 10⁻⁷.
    let plain = number.replace('\u{202f}', "");
    factor * plain.parse::<f64>().unwrap_or_else(|cause| panic!("{text}: {cause}"))
}

/// Whether a text says a number to three digits.
fn says(text: &str, expected: f64) -> bool {
    (value(text) - expected).abs() <= 0.006 * expected.abs()
}

#[test]
fn the_page_says_what_the_terminal_and_the_numbers_say() {
    let place = Place::with(&["axon.yaml"]);
    let grid = [
        "neurons.axon.count=64",
        "waveguides.line={from: axon, to: axon, pattern: {grid: {width: 16, neighbours: 4}}, delay: 0.5 ms}",
        "neurons.axon.output={capacitance: 0.3 uF, impedance: 3 kOhm}",
        "neurons.axon.input={capacitance: 1 uF, impedance: 3 kOhm}",
    ];
    let mut call = vec!["dry-run", "axon.yaml", "--ranks", "4", "--steps", "400", "--threads", "1"];
    call.extend(grid.iter().flat_map(|set| ["--set", *set]));
    call.extend(["--json", "numbers.json", "--out", "page.html", "--network", "1Gbit"]);
    let terminal = place.done(&call);
    assert!(terminal.starts_with("page.html\n"), "{terminal}");
    let numbers: Value = serde_json::from_str(&place.read("numbers.json")).unwrap();
    let page = place.read("page.html").replace("&#x27;", "'").replace("&#x2f;", "/");
    let of = |name: &str| numbers[name].as_f64().unwrap();
    assert_eq!((of("rank"), of("ranks"), of("neurons"), of("neighbours")), (2.0, 4.0, 16.0, 2.0));

    let tiles: Vec<&str> = between(&page, ("<dd><b>", "</b>"));
    let [neurons, memory, built, _, heard, sent] = tiles[..] else { panic!("{tiles:?}") };
    for (tile, name) in [
        (neurons, "neurons"),
        (memory, "peak_memory_bytes"),
        (built, "build_seconds"),
        (heard, "heard_ports"),
        (sent, "sent_bytes"),
    ] {
        assert!(says(tile, of(name)), "{name}: {tile} on the page, {}", of(name));
    }
    let line = |name: &str| terminal.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
    let told = |text: &str, (start, end): (&str, &str)| between(text, (start, end))[0].to_owned();
    let memory = told(line("memory"), ("memory", " at most"));
    assert!((value(&memory) / of("peak_memory_bytes") - 1.0).abs() < 0.01, "{memory}");
    assert!(line("holds").contains(&format!("{} ports of 2 ranks", of("heard_ports"))), "{terminal}");

    let rows = between(&page, ("<tr><th scope=\"row\" class=\"n\">", "</tr>"));
    let scaling = numbers["scaling"].as_array().unwrap();
    let ranks: Vec<u64> = scaling.iter().map(|row| row["ranks"].as_u64().unwrap()).collect();
    assert_eq!((rows.len(), &ranks[..]), (6, &[1, 4, 10, 100, 1000, 10_000][..]));
    let data: Value =
        serde_json::from_str(between(&page, ("<script type=\"application/json\">", "</script>"))[0]).unwrap();
    let points = data["panels"][0]["series"][0]["points"].as_array().unwrap();
    assert_eq!(points.len(), 2 * scaling.len(), "{data}");
    for (k, (cells, row)) in rows.iter().zip(scaling).enumerate() {
        let of = |name: &str| row[name].as_f64().unwrap();
        let (computing, exchange) = (of("computing_seconds"), of("exchange_seconds"));
        let efficiency = 100.0 * computing / (computing + exchange);
        let expected = [of("neurons"), computing, exchange, of("sent_bytes"), of("memory_bytes"), efficiency];
        let cells = between(cells, ("<td class=\"n\">", "</td>"));
        assert_eq!(cells.len(), expected.len());
        for (cell, expected) in cells.iter().zip(expected).skip(1) {
            assert!(says(cell, expected), "{cell} on the page, {expected}");
        }
        let printed = line(&format!("on {} rank", of("ranks")));
        assert!(says(&told(printed, ("efficiency ", "\n")), efficiency), "{printed}, {efficiency}");
        assert!(says(&told(printed, ("neurons: ", " a step")), computing + exchange), "{printed}");
        let drawn: Vec<f64> = points[2 * k..2 * k + 2].iter().map(|one| one.as_f64().unwrap()).collect();
        assert_eq!(drawn[0], of("ranks"));
        assert!((drawn[1] - efficiency).abs() < 1e-3 * efficiency, "{drawn:?}, {efficiency}");
    }
    let last = between(&page, ("description caption\">", "</p>"))[0];
    assert!(last.starts_with("10"), "{last}");

    let assumptions = numbers["assumptions"].as_array().unwrap();
    assert!(assumptions.len() >= 4, "{assumptions:?}");
    for assumption in assumptions.iter().map(|one| one.as_str().unwrap()) {
        assert!(page.contains(&format!("<li>{assumption}</li>")), "{assumption}");
        assert!(terminal.contains(assumption), "{assumption}");
    }
}

#[test]
fn a_page_that_is_there_is_refused_before_the_rank_is_run() {
    let place = Place::with(&["axon.yaml"]);
    let call = |more: &[&'static str]| [&["dry-run", "axon.yaml", "--ranks", "1", "--steps", "40"], more].concat();
    place.done(&call(&["--json", "numbers.json"]));
    let (page, numbers) = (place.read("axon-dry-run.html"), place.read("numbers.json"));
    let refused = |more: &[&'static str], file: &str| {
        let ended = place.qhh(&call(more));
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.contains(&format!("{file} exists already")), "{}", ended.stderr);
    };
    refused(&[], "axon-dry-run.html");
    refused(&["--json", "numbers.json", "--out", "another.html"], "numbers.json");
    assert!(!place.path("another.html").exists());
    assert_eq!((page, numbers), (place.read("axon-dry-run.html"), place.read("numbers.json")));
    place.done(&call(&["--json", "numbers.json", "--force"]));
}
