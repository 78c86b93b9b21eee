//! A browser that stays open and is driven while things happen around it: headless Chromium over its DevTools protocol,
//! which it speaks through two pipes.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser;

/// Longest wait for an answer, and for a page to become what it should.
const PATIENCE: Duration = Duration::from_secs(120);

/// Browsers started so far: several tests of one program may have one each.
static SESSIONS: AtomicUsize = AtomicUsize::new(0);

/// One tab of a browser of its own.
pub(crate) struct Session {
    child: Child,
    to: fs::File,
    answers: Receiver<Value>,
    page: String,
    calls: u64,
    faults: Vec<String>,
    folder: PathBuf,
}

impl Session {
    /// Starts it.
    pub(crate) fn new() -> Self {
        let browser = browser::chromium();
        let number = SESSIONS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("qhh-session-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let [to, from] = ["to", "from"].map(|name| folder.join(name));
        assert!(Command::new("mkfifo").args([&to, &from]).status().unwrap().success());
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$@\" 3<\"$TO\" 4>\"$FROM\"", "sh"]).arg(browser);
        command.args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--remote-debugging-pipe",
        ]);
        command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
        command.env("TO", &to).env("FROM", &from).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let to = fs::OpenOptions::new().write(true).open(to).unwrap();
        let mut from = BufReader::new(fs::File::open(from).unwrap());
        let (sender, answers) = mpsc::channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while from.read_until(0, &mut message).is_ok_and(|n| n > 0) {
                let read = serde_json::from_slice(message.strip_suffix(b"\0").unwrap_or(&message)).unwrap();
                if sender.send(read).is_err() {
                    break;
                }
                message.clear();
            }
        });
        let page = String::new();
        let mut own = Self { child, to, answers, page, calls: 0, faults: Vec::new(), folder };
        let target = own.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attached =
            own.call("Target.attachToTarget", &json!({"targetId": target["targetId"], "flatten": true}));
        attached["sessionId"].as_str().unwrap().clone_into(&mut own.page);
        for method in ["Page.enable", "Runtime.enable", "Log.enable"] {
            own.call(method, &json!({}));
        }
        own
    }

    /// Has it do something, and gives the result.
    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let mut message = json!({"id": self.calls, "method": method, "params": parameters});
        if !self.page.is_empty() {
            message["sessionId"] = json!(self.page);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let answer = self.answers.recv_timeout(PATIENCE).expect("the browser answers");
            match answer["method"].as_str() {
                Some("Runtime.exceptionThrown") => {
                    self.faults.push(answer["params"]["exceptionDetails"].to_string());
                }
                Some("Log.entryAdded") if answer["params"]["entry"]["level"] == "error" => {
                    self.faults.push(answer["params"]["entry"].to_string());
                }
                _ if answer["id"] == self.calls => {
                    assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                    return answer["result"].clone();
                }
                _ => {}
            }
        }
    }

    /// Shows pages as they are printed on A4, from now on.
    pub(crate) fn on_paper(&mut self) {
        let sheet = json!({"width": 718, "height": 1040, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", &sheet);
        self.call("Emulation.setEmulatedMedia", &json!({"media": "print"}));
    }

    /// Goes to an address.
    pub(crate) fn open(&mut self, address: &str) {
        self.call("Page.navigate", &json!({"url": address}));
    }

    /// Evaluates an expression, which must give a text.
    pub(crate) fn value(&mut self, expression: &str) -> String {
        let answer = self.evaluate(expression);
        answer["value"].as_str().unwrap_or_else(|| panic!("{expression} is no text: {answer}")).to_owned()
    }

    /// Runs statements.
    pub(crate) fn run(&mut self, statements: &str) {
        self.evaluate(statements);
    }

    fn evaluate(&mut self, expression: &str) -> Value {
        let call = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", &call);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"].clone()
    }

    /// Waits until an expression gives this text.
    pub(crate) fn until(&mut self, expression: &str, wanted: &str) {
        let begun = Instant::now();
        // While a page is being replaced there may be nothing to evaluate.
        let expression =
            format!("(() => {{ try {{ return {expression}; }} catch (error) {{ return `${{error}}`; }} }})()");
        loop {
            let found = self.value(&expression);
            if found == wanted {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{expression} stays {found}, not {wanted}");
            sleep(Duration::from_millis(10));
        }
    }

    /// Errors of scripts, and what the browser refused, so far.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.faults.clone()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
