//! `switchyard play` from outside: what it serves, what it refuses, and how it ends.

mod cli_harness;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Child;

use cli_harness::{code, errors, run, start, text};

const USAGE: i32 = 2;
const DATA: i32 = 5;

/// A folder with a page of a few files.
fn page() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let files: [(&str, &[u8]); 6] = [
        ("index.html", b"<h1>front</h1>"),
        ("start-0123456789abcdef.js", b"plain script"),
        ("start-0123456789abcdef.js.gz", b"packed script"),
        ("engine/0123456789ab/engine_bg.wasm", b"\0asm"),
        ("lessons/a b.json", b"{}"),
        ("sw.js", b"worker"),
    ];
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("writable");
        std::fs::write(path, bytes).expect("writable");
    }
    folder
}

/// A running `switchyard play`, ended with the test.
struct Playing {
    program: Child,
    url: String,
}

impl Playing {
    /// Starts it on a free port, with the page's folder, and waits for its address.
    fn start(folder: &Path, more: &[&str]) -> Self {
        let place = folder.to_str().expect("a plain path");
        let mut program = start(folder, &[&["play", "--folder", place, "--port", "0"], more].concat());
        let output = program.stdout.take().expect("the output is kept");
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url).expect("the address is written");
        Self { program, url: url.trim_end().to_owned() }
    }

    fn address(&self) -> SocketAddr {
        let (_, rest) = self.url.split_once("://").expect("an address");
        rest.split('/').next().expect("a host").parse().expect("an address of this machine and a port")
    }

    /// Sends a request and gives the head and the body of the answer.
    fn ask(&self, method: &str, target: &str, headers: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.address()).expect("the server listens");
        write!(stream, "{method} {target} HTTP/1.1\r\nHost: x\r\n{headers}\r\n").expect("the server reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the server answers");
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
        let body = answer.split_off(end);
        (String::from_utf8(answer).expect("the head is text"), body)
    }

    fn get(&self, target: &str) -> (String, Vec<u8>) {
        self.ask("GET", target, "")
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn a_page_is_served_to_this_machine_under_a_path() {
    let folder = page();
    let playing = Playing::start(folder.path(), &["--path", "some/where"]);
    assert!(playing.address().ip().is_loopback(), "{}", playing.url);
    assert!(playing.url.ends_with("/some/where/"), "{}", playing.url);
    let (head, body) = playing.get("/some/where/");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert_eq!(body, b"<h1>front</h1>");
    assert_eq!(header(&head, "Content-Type"), Some("text/html; charset=utf-8"));
    assert_eq!(header(&head, "X-Content-Type-Options"), Some("nosniff"));
    assert_eq!(header(&head, "Referrer-Policy"), Some("no-referrer"));
    assert!(
        header(&head, "Content-Security-Policy").is_some_and(|policy| policy.contains("default-src 'none'"))
    );
    let (head, _) = playing.get("/some/where");
    assert_eq!(header(&head, "Location"), Some("/some/where/"));
}

#[test]
fn every_kind_of_file_has_its_media_type() {
    let folder = page();
    let playing = Playing::start(folder.path(), &[]);
    for (target, expected) in [
        ("/engine/0123456789ab/engine_bg.wasm", "application/wasm"),
        ("/lessons/a%20b.json", "application/json"),
        ("/sw.js?x=1", "text/javascript; charset=utf-8"),
    ] {
        let (head, _) = playing.get(target);
        assert_eq!(header(&head, "Content-Type"), Some(expected), "{target}");
    }
}

#[test]
fn compressed_files_are_for_those_who_accept_them() {
    let folder = page();
    let playing = Playing::start(folder.path(), &[]);
    let target = "/start-0123456789abcdef.js";
    let (head, body) = playing.ask("GET", target, "Accept-Encoding: br, gzip\r\n");
    assert_eq!(
        (header(&head, "Content-Encoding"), body.as_slice()),
        (Some("gzip"), b"packed script".as_slice())
    );
    assert_eq!(header(&head, "Vary"), Some("Accept-Encoding"));
    let (head, body) = playing.ask("GET", target, "Accept-Encoding: gzip;q=0\r\n");
    assert_eq!((header(&head, "Content-Encoding"), body.as_slice()), (None, b"plain script".as_slice()));
}

#[test]
fn what_is_unchanged_is_not_sent_twice_and_what_never_changes_is_not_asked_for() {
    let folder = page();
    let playing = Playing::start(folder.path(), &[]);
    let (head, _) = playing.get("/");
    assert_eq!(header(&head, "Cache-Control"), Some("no-cache"));
    let known = format!("If-None-Match: {}\r\n", header(&head, "ETag").expect("a tag"));
    let (again, body) = playing.ask("GET", "/", &known);
    assert!(again.starts_with("HTTP/1.1 304 "), "{again}");
    assert_eq!(body, b"");
    std::fs::write(folder.path().join("index.html"), "changed").expect("writable");
    assert_eq!(playing.ask("GET", "/", &known).1, b"changed");
    let (head, _) = playing.get("/engine/0123456789ab/engine_bg.wasm");
    assert!(header(&head, "Cache-Control").is_some_and(|value| value.contains("immutable")), "{head}");
}

#[test]
fn nothing_outside_the_folder_is_served() {
    let above = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(above.path().join("secret"), "secret").expect("writable");
    let inside = above.path().join("page");
    cli_harness::copy(page().path(), &inside);
    let playing = Playing::start(&inside, &[]);
    for target in [
        "/../secret",
        "/%2e%2e/secret",
        "/lessons/../../secret",
        "/..%2fsecret",
        "//etc/hosts",
        "/%00",
        "/none",
        "/lessons",
        "secret",
    ] {
        let (head, body) = playing.get(target);
        assert!(head.starts_with("HTTP/1.1 404 "), "{target}: {head}");
        assert!(!body.windows(6).any(|six| six == b"secret"), "{target}");
    }
}

#[test]
fn only_heads_and_whole_files_are_answered() {
    let folder = page();
    let playing = Playing::start(folder.path(), &[]);
    let (head, body) = playing.ask("HEAD", "/", "");
    assert_eq!((header(&head, "Content-Length"), body.as_slice()), (Some("14"), b"".as_slice()));
    let (head, _) = playing.ask("POST", "/", "");
    assert!(head.starts_with("HTTP/1.1 405 "), "{head}");
    assert_eq!(header(&head, "Allow"), Some("GET, HEAD"));
}

#[test]
fn the_address_opens_the_experiment_that_was_named() {
    let folder = page();
    for experiment in ["mos-tiny", "https://example.org/elsewhere/#v=1&run=mos-tiny"] {
        let playing = Playing::start(folder.path(), &[experiment]);
        assert!(playing.url.ends_with("/#v=1&run=mos-tiny"), "{}", playing.url);
    }
    let json = Playing::start(folder.path(), &["#v=1&run=mos-tiny&seed=7&t=3&ui=lesson", "--json"]);
    let line: serde_json::Value = serde_json::from_str(&json.url).expect("one JSON object");
    let url = line["url"].as_str().expect("the address");
    assert!(url.ends_with("/#v=1&run=mos-tiny&seed=7&t=3&ui=lesson"), "{url}");
}

/// Expects that nothing is served: this exit code, these words, no output.
fn refused(folder: &Path, arguments: &[&str], expected: i32, words: &[&str]) {
    let output = run(folder, &[&["play"], arguments].concat());
    let errors = errors(&output);
    assert_eq!(code(&output), Some(expected), "{arguments:?}: {errors}");
    assert_eq!(text(&output), "", "{arguments:?}");
    for word in words {
        assert!(errors.contains(word), "{arguments:?}: `{word}` is missing in `{errors}`");
    }
}

#[test]
fn a_link_that_cannot_be_run_is_refused_with_its_key() {
    let folder = page();
    let place = folder.path();
    refused(place, &["#v=1&run=mos-tiny&seedz=1", "--folder", "."], USAGE, &["seedz", "did you mean"]);
    refused(place, &["#v=2&run=mos-tiny", "--folder", "."], USAGE, &["version 2"]);
    refused(place, &["#v=1&run=mos-tiny&seeds=-1", "--folder", "."], USAGE, &["`seeds`", "-1"]);
    refused(place, &["mos-tine", "--folder", "."], USAGE, &["did you mean `mos-tiny`?"]);
}

#[test]
fn a_folder_without_a_page_and_a_path_that_is_none_are_refused() {
    let empty = tempfile::tempdir().expect("a temporary directory");
    refused(empty.path(), &["--folder", "nowhere"], DATA, &["nowhere"]);
    refused(empty.path(), &["--folder", "."], DATA, &["index.html", "cargo xtask page"]);
    let folder = page();
    refused(folder.path(), &["--folder", ".", "--path", "/a b/"], USAGE, &["--path", "/a b/"]);
    refused(folder.path(), &["--folder", ".", "--port", "65536"], USAGE, &["65536"]);
}

#[test]
fn a_port_that_is_taken_is_refused_when_it_was_asked_for() {
    let folder = page();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("a bound port").port().to_string();
    refused(folder.path(), &["--folder", ".", "--port", &port], USAGE, &["--port", &port, "another port"]);
}

#[cfg(unix)]
#[test]
fn a_request_to_end_is_obeyed_as_success() {
    let folder = page();
    let mut playing = Playing::start(folder.path(), &[]);
    let id = playing.program.id().to_string();
    let sent = std::process::Command::new("kill").args(["-INT", &id]).status().expect("kill can be started");
    assert!(sent.success());
    assert_eq!(playing.program.wait().expect("it ends").code(), Some(0));
}
