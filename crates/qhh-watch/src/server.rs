//! The page over HTTP, for browsers on this machine alone.
//!
//! It listens at 127.0.0.1, where other machines cannot reach it. Other programs and web pages on this machine can, so every
//! address begins with a token drawn anew each time, and a request must name this machine in its `Host` header: a page of
//! another site that points its own name at 127.0.0.1 is refused.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use qhh::Error;
use tiny_http::{Header, Method, Request, Response, Server};

use crate::board::Board;

/// Pages that can follow at once.
const MOST_FOLLOWING: usize = 32;
/// How often a page that follows hears something, so that one that was closed is noticed.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// What answers requests.
struct Service {
    host: [String; 2],
    token: String,
    live: String,
    board: Arc<Board>,
    following: AtomicUsize,
    is_over: AtomicBool,
}

/// The server and its thread.
pub(crate) struct Served {
    address: String,
    server: Arc<Server>,
    service: Arc<Service>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// Begins to serve what `board` shows of the network file `file`.
    pub(crate) fn new(file: &Path, board: &Arc<Board>) -> Result<Self, Error> {
        let usage = |cause: &dyn std::fmt::Display| Error::Usage {
            message: format!("cannot serve a page at 127.0.0.1: {cause}"),
            remedy: "allow programs to listen on this machine",
        };
        let server = Server::http(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(|cause| usage(&cause))?;
        let port = server.server_addr().to_ip().map_or(0, |address| address.port());
        let token = token().map_err(|cause| usage(&cause))?;
        let host = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{port}"));
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
        let service = Service {
            live: qhh::qhh_report::live_page(&name),
            board: Arc::clone(board),
            following: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            host,
            token,
        };
        let (server, service) = (Arc::new(server), Arc::new(service));
        let address = format!("http://{}/{}/", service.host[0], service.token);
        let thread = {
            let (server, service) = (Arc::clone(&server), Arc::clone(&service));
            std::thread::spawn(move || {
                for request in server.incoming_requests() {
                    // A reader who has left is no error.
                    let _ = service.answer(request);
                }
            })
        };
        Ok(Self { address, server, service, thread: Some(thread) })
    }

    /// Where the page is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Ends serving; pages that follow notice that their connection ends.
    pub(crate) fn end(mut self) {
        self.service.is_over.store(true, Ordering::Relaxed);
        self.server.unblock();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the token.
        f.debug_struct("Served").field("host", &self.service.host).finish_non_exhaustive()
    }
}

impl Service {
    fn answer(self: &Arc<Self>, request: Request) -> io::Result<()> {
        let named = request.headers().iter().find(|header| header.field.equiv("Host"));
        if !named.is_some_and(|header| self.host.iter().any(|host| header.value == *host.as_str())) {
            return plain(request, 403, "This page is served to this machine alone.\n");
        }
        let path = request.url().split('?').next().unwrap_or_default().to_owned();
        let Some(path) = path.strip_prefix('/').and_then(|path| path.strip_prefix(self.token.as_str())) else {
            return plain(request, 403, "Open the address that `qhh watch` printed, with its token.\n");
        };
        if !matches!(request.method(), Method::Get | Method::Head) {
            return plain(request, 405, "There is nothing to change here.\n");
        }
        match path {
            "/" => page(request, &self.live),
            "/report" => match self.board.page() {
                Some(report) => page(request, &report),
                None => plain(request, 404, "The first run is not over.\n"),
            },
            "/events" => self.follow(request),
            _ => plain(request, 404, "There is no such page.\n"),
        }
    }

    /// Sends every state as an event, on a thread of its own, for as long as there is someone to read.
    fn follow(self: &Arc<Self>, request: Request) -> io::Result<()> {
        if self.following.fetch_add(1, Ordering::Relaxed) >= MOST_FOLLOWING {
            self.following.fetch_sub(1, Ordering::Relaxed);
            return plain(request, 503, "Too many pages follow this file: close some.\n");
        }
        let service = Arc::clone(self);
        std::thread::spawn(move || {
            let _ = service.send_all(request.into_writer());
            service.following.fetch_sub(1, Ordering::Relaxed);
        });
        Ok(())
    }

    fn send_all(&self, mut to: Box<dyn Write + Send>) -> io::Result<()> {
        to.write_all(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\
              X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        )?;
        let mut edition = 0;
        while !self.is_over.load(Ordering::Relaxed) {
            match self.board.after(edition, HEARTBEAT) {
                Some((now, state)) => {
                    edition = now;
                    write!(to, "data: {state}\n\n")?;
                }
                None => to.write_all(b": still here\n\n")?,
            }
            to.flush()?;
        }
        Ok(())
    }
}

/// 128 random bits as text.
fn token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("names and values are plain text")
}

fn page(request: Request, html: &str) -> io::Result<()> {
    send(request, Response::from_string(html), "text/html; charset=utf-8")
}

fn plain(request: Request, status: u16, text: &str) -> io::Result<()> {
    send(request, Response::from_string(text).with_status_code(status), "text/plain; charset=utf-8")
}

fn send(request: Request, response: Response<io::Cursor<Vec<u8>>>, kind: &str) -> io::Result<()> {
    let headers = [
        ("Content-Type", kind),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Content-Security-Policy", "frame-ancestors 'self'"),
    ];
    let response =
        headers.iter().fold(response, |response, (name, value)| response.with_header(header(name, value)));
    request.respond(response)
}
