//! `qhh watch` over real sockets, while real files change.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cases::STOPS_OF_WATCHING;
use crate::place::Place;

/// Longest wait for anything, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A neuron that is quick to run.
pub(crate) fn network(name: &str, duration: &str) -> String {
    format!(
        "name: {name}
simulation: {{duration: {duration}, step: 0.05 ms}}
neurons:
  cell:
    membrane: {{capacitance: 1 uF}}
    channels:
      potassium: {{conductance: 36 mS, reversal: -77 mV}}
      sodium: {{conductance: 120 mS, reversal: 50 mV}}
      chloride: {{conductance: 0.3 mS, reversal: -54.387 mV}}
sources:
  step: {{into: cell, current: {{shape: constant, amplitude: 10 uA, start: 1 ms}}}}
"
    )
}

/// A network file that is shipped.
fn shipped(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks").join(name)
}

/// Hours of steps.
const ENDLESS: &str = "1e9 ms";

/// The program, following a file; ends with its owner.
pub(crate) struct Watched {
    child: Child,
    host: String,
    token: String,
}

impl Watched {
    pub(crate) fn new(place: &Place, file: &str) -> Self {
        let mut command = place.command(&["watch", file, "--threads", "1"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap_or_else(|| panic!("no address: {line}"));
        let (host, token) = address.strip_suffix('/').unwrap().split_once('/').unwrap();
        Self { child, host: host.to_owned(), token: token.to_owned() }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}/{}/", self.host, self.token)
    }

    fn ask(&self, request: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        BufReader::new(stream)
    }

    /// Status and body of an answer.
    fn answer(&self, method: &str, path: &str, host: &str) -> (u16, String) {
        let mut answer = String::new();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        self.ask(&request).read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.answer("GET", &format!("/{}/{path}", self.token), &self.host)
    }

    /// The events from now on.
    fn events(&self) -> Events {
        let request = format!("GET /{}/events HTTP/1.1\r\nHost: {}\r\n\r\n", self.token, self.host);
        Events(self.ask(&request))
    }

    /// Threads of the program; none where the system does not tell.
    fn threads(&self) -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        text.lines().find_map(|line| line.strip_prefix("Threads:"))?.trim().parse().ok()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Events(BufReader<TcpStream>);

impl Events {
    fn next(&mut self) -> Value {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream ended");
            if let Some(data) = line.strip_prefix("data: ") {
                return serde_json::from_str(data).unwrap();
            }
        }
        panic!("no event");
    }

    fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let event = self.next();
            if wanted(&event) {
                return event;
            }
        }
        panic!("it never came");
    }

    fn done(&mut self) -> Value {
        self.until(|event| event["state"] == "done")
    }
}

#[test]
fn the_page_follows_the_file_and_shows_mistakes_with_their_line() {
    let place = Place::with(&[]);
    let file = place.path("cell.yaml");
    fs::write(&file, network("first", "5 ms")).unwrap();
    let watched = Watched::new(&place, "cell.yaml");
    let mut events = watched.events();
    assert_eq!(events.done()["page"], 1);
    assert!(watched.get("report").1.contains("<title>first</title>"));
    let (status, around) = watched.get("");
    assert!(status == 200 && around.contains("cell.yaml") && around.contains("EventSource"));

    // Saved as editors do: a new file takes the place of the old.
    fs::write(place.path(".cell.yaml.swp"), network("second", "5 ms")).unwrap();
    fs::rename(place.path(".cell.yaml.swp"), &file).unwrap();
    assert_eq!(events.done()["page"], 2);
    assert!(watched.get("report").1.contains("<title>second</title>"));

    // Of a mistake the page says where; the page of the last run stays.
    fs::write(&file, network("third", "5 ms").replace("120 mS", "120 mV")).unwrap();
    let failed = events.until(|event| event["state"] == "failed");
    let mistake = &failed["mistakes"][0];
    assert_eq!(mistake["place"][0], 8, "{failed}");
    assert_eq!(mistake["path"], "neurons.cell.channels.sodium.conductance");
    let lines: Vec<u64> =
        mistake["lines"].as_array().unwrap().iter().map(|line| line[0].as_u64().unwrap()).collect();
    assert_eq!(lines, [6, 7, 8, 9, 10]);
    assert!(mistake["lines"][2][1].as_str().unwrap().contains("120 mV"), "{failed}");
    assert_eq!(failed["page"], 2);
    assert!(watched.get("report").1.contains("<title>second</title>"));

    fs::write(&file, network("fourth", "5 ms")).unwrap();
    assert_eq!(events.done()["page"], 3);

    // A page that is opened later sees the state at once.
    assert_eq!(watched.events().next()["page"], 3);
    // A save of the same text is no change.
    fs::write(&file, network("fourth", "5 ms")).unwrap();
    fs::write(&file, network("fifth", "5 ms")).unwrap();
    assert_eq!(events.done()["page"], 4);
}

#[test]
fn a_data_file_is_followed_and_one_that_is_missing_is_awaited() {
    let place = Place::with(&[]);
    let text = network("fed", "5 ms").replace(
        "{shape: constant, amplitude: 10 uA, start: 1 ms}",
        "{shape: file, path: data/current.csv, column: current}",
    );
    fs::create_dir(place.path("data")).unwrap();
    fs::write(place.path("fed.yaml"), text.replace("data/current.csv", "late.csv")).unwrap();
    let watched = Watched::new(&place, "fed.yaml");
    let mut events = watched.events();
    events.until(|event| event["state"] == "failed");
    fs::write(place.path("late.csv"), "t,current\n0,0\n5,1\n").unwrap();
    events.done();
    fs::write(place.path("data/current.csv"), "t,current\n0,0\n5,2\n").unwrap();
    fs::write(place.path("fed.yaml"), &text).unwrap();
    let page = events.done()["page"].as_u64().unwrap();
    let before = watched.get("report").1;
    fs::write(place.path("data/current.csv"), "t,current\n0,0\n5,40\n").unwrap();
    assert_eq!(events.done()["page"], page + 1);
    assert_ne!(watched.get("report").1, before);
}

#[test]
fn strangers_are_refused() {
    let place = Place::with(&[]);
    fs::write(place.path("cell.yaml"), network("cell", "5 ms")).unwrap();
    let watched = Watched::new(&place, "cell.yaml");
    let (token, host) = (&watched.token, &watched.host);
    assert!(token.len() == 32 && host.starts_with("127.0.0.1:"), "{host} {token}");
    watched.events().done();
    let page = format!("/{token}/report");
    let ask = |method: &str, path: &str, host: &str| watched.answer(method, path, host).0;
    assert_eq!(ask("GET", &page, host), 200);
    assert_eq!(ask("GET", &page, &host.replace("127.0.0.1", "localhost")), 200);
    // Another name that leads here, and no name of ours.
    for host in ["attacker.example", "127.0.0.1", "127.0.0.1:1", &format!("{host}.attacker.example"), ""] {
        assert_eq!(ask("GET", &page, host), 403, "{host}");
    }
    // A wrong token, none, and parts of the right one.
    let wrong = format!("/{}/report", "0".repeat(32));
    for path in [&wrong, "/", "/report", "/events", &page[..20], &format!("//{token}/report")] {
        assert_eq!(ask("GET", path, host), 403, "{path}");
    }
    assert_eq!(ask("GET", &format!("/{token}/../Cargo.toml"), host), 404);
    assert_eq!(ask("GET", &format!("/{token}report"), host), 404);
    assert_eq!(ask("POST", &page, host), 405);
    // Nobody else gets the same.
    let other = Watched::new(&place, "cell.yaml");
    assert_ne!(other.token, *token);
    assert_eq!(other.answer("GET", &page, &other.host).0, 403);
}

#[test]
fn a_run_that_is_overtaken_is_dropped_at_once_and_progress_is_streamed() {
    let place = Place::with(&[]);
    let file = place.path("cell.yaml");
    fs::write(&file, network("endless", ENDLESS)).unwrap();
    let watched = Watched::new(&place, "cell.yaml");
    let mut events = watched.events();
    let share = |event: &Value| event["share"].as_f64().unwrap_or_default();
    let first = share(&events.until(|event| share(event) > 0.0));
    assert!(share(&events.until(|event| share(event) > first)) < 1.0);
    let saved = Instant::now();
    fs::write(&file, network("short", "1 ms")).unwrap();
    // Waits for no end of the first run; how soon, on a machine that does nothing else, docs/pages.md says.
    events.done();
    assert!(saved.elapsed() < Duration::from_secs(20), "{:?}", saved.elapsed());
    assert!(watched.get("report").1.contains("<title>short</title>"));
}

/// Within 0.2 s of a save the run before is gone, whatever it was doing: laying out a million neurons, stepping, following
/// field modes, drawing samples. Timed in an optimised build alone.
#[test]
fn a_run_is_cancelled_in_the_middle_of_whatever_it_does() {
    let place = Place::with(&[]);
    let file = place.path("cell.yaml");
    let short = |k: usize| network(&format!("short-{k}"), "1 ms");
    let chain = |quantum: &str| {
        let of_many = network("long", "400 ms").replace("  cell:\n", "  cell:\n    count: 60\n");
        let ports = "    output: {capacitance: 0.3 uF, impedance: 3 kOhm}\n    input: {capacitance: 1 uF, impedance: 3 kOhm}\n";
        let joined = "waveguides:\n  axon: {from: cell, to: cell, pattern: chain, delay: 1 ms}\n";
        let record = "record: {every: 0.1 ms, of: cell.0..30, quantities: [voltage, variance]}\n";
        let of_many =
            of_many.replace("into: cell,", "into: cell.0,").replace("sources:\n", &format!("{ports}sources:\n"));
        format!("{of_many}{joined}{record}quantum: {{hbar: 0.1, {quantum}}}\n")
    };
    let stages = [
        std::fs::read_to_string(shipped("million.yaml")).unwrap(),
        network("long", ENDLESS),
        chain("fluctuations: heisenberg, modes: 400"),
        chain("fluctuations: wigner, samples: 20000, cutoff: 60 rad/ms"),
    ];
    fs::write(&file, short(0)).unwrap();
    let watched = Watched::new(&place, "cell.yaml");
    let mut events = watched.events();
    events.done();
    let waits = &[100, 900, 400, 1500][..STOPS_OF_WATCHING.number()];
    let mut longest = Duration::ZERO;
    for (k, (text, wait)) in stages.iter().flat_map(|text| waits.iter().map(move |&wait| (text, wait))).enumerate()
    {
        fs::write(&file, text).unwrap();
        let begun = events.until(|event| event["state"] == "running" || event["state"] == "failed");
        assert_eq!(begun["state"], "running", "{begun}");
        sleep(Duration::from_millis(wait));
        let saved = Instant::now();
        fs::write(&file, short(k + 1)).unwrap();
        events.done();
        longest = longest.max(saved.elapsed());
        assert!(watched.get("report").1.contains(&format!("<title>short-{}</title>", k + 1)));
    }
    eprintln!("at most {longest:?} from a save to its page");
    // With the wait for the end of a burst, 80 ms, and a short run of its own.
    let allowed = Duration::from_millis(if cfg!(debug_assertions) { 20_000 } else { 300 });
    assert!(longest < allowed, "{longest:?}");
}

#[test]
fn a_thousand_quick_saves_end_with_the_last() {
    let place = Place::with(&[]);
    let file = place.path("cell.yaml");
    fs::write(&file, network("first", "5 ms")).unwrap();
    let watched = Watched::new(&place, "cell.yaml");
    let mut events = watched.events();
    events.done();
    let before = watched.threads();
    for save in 0..1000 {
        // Some mistakes among them, some long runs, some files that take the place of the old one.
        let text = match save % 10 {
            3 => "name: [".to_owned(),
            7 => network(&format!("save-{save}"), ENDLESS),
            _ => network(&format!("save-{save}"), "5 ms"),
        };
        if save % 2 == 0 {
            fs::write(&file, text).unwrap();
        } else {
            fs::write(place.path("cell.new"), text).unwrap();
            fs::rename(place.path("cell.new"), &file).unwrap();
        }
    }
    fs::write(&file, network("the-last", "5 ms")).unwrap();
    let begun = Instant::now();
    while !watched.get("report").1.contains("<title>the-last</title>") {
        assert!(begun.elapsed() < PATIENCE, "the last save is not on the page");
        sleep(Duration::from_millis(20));
    }
    let last = events.until(|event| event["state"] == "done" && event["page"].as_u64() > Some(1));
    assert!(last["page"].as_u64().unwrap() <= 1000, "{last}");
    assert_eq!(watched.get("").0, 200);
    // Closed pages and finished runs leave nothing behind, but for threads of the server that wait for more.
    if let (Some(before), Some(after)) = (before, watched.threads()) {
        assert!(after < before + 20, "{before} threads before, {after} after");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_and_it_writes_nothing() {
    let place = Place::with(&[]);
    fs::write(place.path("cell.yaml"), network("endless", ENDLESS)).unwrap();
    let mut watched = Watched::new(&place, "cell.yaml");
    watched.events().next();
    std::process::Command::new("kill").args(["-INT", &watched.child.id().to_string()]).status().unwrap();
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = watched.child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < PATIENCE, "it goes on");
        sleep(Duration::from_millis(10));
    };
    assert_eq!(status.code(), Some(130));
    assert_eq!(place.names("."), ["cell.yaml"]);
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let place = Place::with(&[]);
    let ended = place.qhh(&["watch", "missing.yaml"]);
    assert!(
        ended.code == Some(2) && ended.stderr.contains("missing.yaml: there is no such file"),
        "{}",
        ended.stderr
    );
}
