//! The answer to a request: which file, which status, which headers.

use std::borrow::Cow;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::request::Request;
use super::site::{Body, Site};

/// What the page may load and run: the same text that the build writes into the page itself.
/// It says nothing about `frame-ancestors`, because showing the page inside another one is a feature.
const POLICY: &str = include_str!("../../../web/content-security-policy.txt");

/// The fewest hexadecimal digits that make a word in a file's name count as the hash of its content.
const HASH_DIGITS: usize = 12;

/// An answer, ready to be sent.
#[derive(Debug)]
pub struct Response {
    status: &'static str,
    headers: Vec<(&'static str, Cow<'static, str>)>,
    /// What follows the headers.
    pub body: Cow<'static, [u8]>,
}

impl Response {
    fn new(status: &'static str, media_type: &'static str, body: Cow<'static, [u8]>) -> Self {
        Self { status, headers: vec![("Content-Type", media_type.into())], body }
    }

    pub(super) fn text(status: &'static str, text: &'static str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.as_bytes().into())
    }

    fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The status line and the headers, up to and with the empty line.
    pub fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {}\r\n", self.status);
        for (name, value) in &self.headers {
            // Writing to a string cannot fail.
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ =
            write!(head, "Content-Length: {}\r\nContent-Security-Policy: {}\r\n", self.body.len(), policy());
        head.push_str("X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n");
        head.push_str("Connection: close\r\n\r\n");
        head
    }
}

/// The policy on one line.
fn policy() -> String {
    POLICY.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Answers a request for a page that lies under the path `base`.
pub fn to(request: &Request, site: &Site, base: &str) -> Response {
    if request.method != "GET" && request.method != "HEAD" {
        return Response::text("405 Method Not Allowed", "only GET and HEAD are answered\n")
            .with("Allow", "GET, HEAD");
    }
    let missing = || Response::text("404 Not Found", "there is no such file here\n");
    let Some(path) = request.path() else { return missing() };
    if format!("{path}/") == base {
        return moved(base.to_owned());
    }
    let Some(name) = path.strip_prefix(base) else { return missing() };
    let name = if name.is_empty() { "index.html" } else { name };
    let Some(found) = site.read(name, request.accepts_gzip) else { return missing() };
    file(request, name, found)
}

/// Sends the visitor on to a path with a slash at its end.
pub(super) fn moved(to: String) -> Response {
    // Without the slash, the page's relative addresses would point one folder too high.
    Response::text("308 Permanent Redirect", "").with("Location", to)
}

/// The file of this name, unless the visitor has it already.
pub(super) fn file(request: &Request, name: &str, found: Body) -> Response {
    let tag = tag(&found.bytes);
    let lasting = if is_named_by_content(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = request.knows(&tag);
    let mut response = if known {
        Response::new("304 Not Modified", media_type(name), Cow::Borrowed(&[]))
    } else {
        Response::new("200 OK", media_type(name), found.bytes)
    };
    if found.packed && !known {
        response = response.with("Content-Encoding", "gzip");
    }
    response.with("Vary", "Accept-Encoding").with("ETag", tag).with("Cache-Control", lasting)
}

/// A name for exactly these bytes.
fn tag(bytes: &[u8]) -> String {
    let mut tag = String::from("\"");
    for byte in &Sha256::digest(bytes)[..8] {
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

/// Whether a file's name holds the hash of its content, so that the name never means other bytes.
fn is_named_by_content(name: &str) -> bool {
    name.split(['/', '-', '_', '.']).any(|word| {
        let is_hex = word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        word.len() >= HASH_DIGITS && is_hex && word.bytes().any(|byte| byte.is_ascii_digit())
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "jsonl" => "application/jsonl; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "toml" => "application/toml",
        "md" => "text/markdown; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::site::Embedded;
    use super::*;

    static FILES: [Embedded; 3] = [
        Embedded { name: "index.html", packed: false, bytes: b"<h1>front</h1>" },
        Embedded { name: "start-0123456789abcdef.js", packed: true, bytes: b"packed" },
        Embedded { name: "lessons/a b.json", packed: false, bytes: b"{}" },
    ];

    fn ask(method: &str, target: &str) -> Response {
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            accepts_gzip: true,
            ..Request::default()
        };
        to(&request, &Site::Embedded(&FILES), "/some/path/")
    }

    fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
        response.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.as_ref())
    }

    #[test]
    fn files_are_found_below_the_path_and_nowhere_else() {
        assert_eq!(ask("GET", "/some/path/").body, b"<h1>front</h1>".as_slice());
        assert_eq!(ask("GET", "/some/path/?a=b").status, "200 OK");
        assert_eq!(header(&ask("GET", "/some/path"), "Location"), Some("/some/path/"));
        let lesson = ask("HEAD", "/some/path/lessons/a%20b.json");
        assert_eq!(header(&lesson, "Content-Type"), Some("application/json"));
        for target in ["/", "/some/", "/some/path/none.js", "/some/path/%zz", "/other/path/index.html", ""] {
            assert_eq!(ask("GET", target).status, "404 Not Found", "{target}");
        }
        let refused = ask("POST", "/some/path/");
        assert_eq!(
            (refused.status, header(&refused, "Allow")),
            ("405 Method Not Allowed", Some("GET, HEAD"))
        );
    }

    #[test]
    fn only_files_named_by_their_content_are_kept_without_asking() {
        for (name, kept) in [
            ("index.html", false),
            ("sw.js", false),
            ("recorded/mos-digits.jsonl", false),
            ("lessons/defaced-facade.json", false),
            ("switchyard-web-a1b2c3d4e5f60718_bg.wasm", true),
            ("engine/0123456789ab/switchyard-engine.js", true),
        ] {
            assert_eq!(is_named_by_content(name), kept, "{name}");
        }
        let hashed = ask("GET", "/some/path/start-0123456789abcdef.js");
        assert_eq!(header(&hashed, "Content-Encoding"), Some("gzip"));
        assert!(header(&hashed, "Cache-Control").unwrap().contains("immutable"));
        assert_eq!(header(&ask("GET", "/some/path/"), "Cache-Control"), Some("no-cache"));
    }

    #[test]
    fn a_visitor_that_has_the_file_gets_no_second_copy() {
        let first = ask("GET", "/some/path/");
        let request = Request {
            method: "GET".to_owned(),
            target: "/some/path/".to_owned(),
            known: header(&first, "ETag").map(str::to_owned),
            ..Request::default()
        };
        let second = to(&request, &Site::Embedded(&FILES), "/some/path/");
        assert_eq!((second.status, second.body.len()), ("304 Not Modified", 0));
    }

    #[test]
    fn every_answer_carries_the_policy_on_one_line() {
        for target in ["/some/path/", "/nothing"] {
            let head = ask("GET", target).head();
            let line = head.lines().find(|line| line.starts_with("Content-Security-Policy: ")).unwrap();
            assert!(line.contains("default-src 'none';") && line.contains("script-src 'self'"), "{line}");
            assert!(!line.contains("script-src 'self' 'unsafe-inline'"), "{line}");
            assert!(head.ends_with("\r\n\r\n"));
        }
    }
}
