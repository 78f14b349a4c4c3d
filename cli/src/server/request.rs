//! What a visitor asks for: the few parts of an HTTP request that a file server needs.

use std::io::{self, BufRead as _, BufReader, Read};

/// The most bytes of a request that are read: its first line and its headers.
const LONGEST: u64 = 16 * 1024;

/// A request's first line and the headers that matter here.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `HEAD` or something that is not answered.
    pub method: String,
    /// The path and what follows it, as sent.
    pub target: String,
    /// The host that the visitor believes to talk to (`Host`).
    pub host: String,
    /// Whether the visitor can unpack gzip.
    pub accepts_gzip: bool,
    /// The versions of the file that the visitor already has (`If-None-Match`).
    pub known: Option<String>,
}

impl Request {
    /// Reads a request up to the empty line; a body is never read.
    ///
    /// # Errors
    /// When the visitor is too slow, goes away, or sends what is no text.
    pub fn read(stream: impl Read) -> io::Result<Self> {
        let mut lines = BufReader::new(stream.take(LONGEST)).lines();
        let first = lines.next().transpose()?.unwrap_or_default();
        let mut words = first.split_ascii_whitespace().map(str::to_owned);
        let mut request = Self {
            method: words.next().unwrap_or_default(),
            target: words.next().unwrap_or_default(),
            ..Self::default()
        };
        for line in lines {
            let line = line?;
            let Some((name, value)) = line.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "host" => value.trim().clone_into(&mut request.host),
                "accept-encoding" => request.accepts_gzip = accepts_gzip(value),
                "if-none-match" => request.known = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        Ok(request)
    }

    /// Whether only the head of the answer is wanted.
    pub fn is_head(&self) -> bool {
        self.method == "HEAD"
    }

    /// Whether the visitor was led here by an address of this machine, not by a foreign name that points to it.
    pub fn is_for_this_machine(&self) -> bool {
        let (name, port) = self.host.rsplit_once(':').unwrap_or((&self.host, ""));
        let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
        is_port && matches!(name, "127.0.0.1" | "localhost")
    }

    /// Whether the visitor already has the version of this tag.
    pub fn knows(&self, tag: &str) -> bool {
        let known = self.known.as_deref().unwrap_or_default();
        known.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == tag || one == "*")
    }

    /// The path, decoded, without what follows `?` or `#`; nothing when it is not UTF-8 or has a broken `%`.
    pub fn path(&self) -> Option<String> {
        decode(self.target.split(['?', '#']).next().unwrap_or_default())
    }
}

/// `gzip, deflate, br;q=0.5` and the like: gzip is accepted unless its weight is zero.
fn accepts_gzip(value: &str) -> bool {
    value.split(',').any(|part| {
        let (name, weight) = part.split_once(';').unwrap_or((part, ""));
        let refused = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Turns `%41` into `A`.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first == b'%' {
            let (digits, tail) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Request {
        Request::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_first_line_and_two_headers_are_read() {
        let request = read(
            "GET /a%20b?q=1 HTTP/1.1\r\nHost: x\r\naccept-ENCODING: br, gzip\r\nIf-None-Match: \"1\", W/\"2\"\r\n\r\n",
        );
        assert_eq!(request.method, "GET");
        assert_eq!(request.path().as_deref(), Some("/a b"));
        assert!(request.accepts_gzip);
        assert!(request.knows("\"1\"") && request.knows("\"2\"") && !request.knows("\"3\""));
    }

    #[test]
    fn only_names_of_this_machine_are_this_machine() {
        for (host, own) in [
            ("127.0.0.1:8080", true),
            ("localhost:1", true),
            ("127.0.0.1", true),
            ("example.org:8080", false),
            ("127.0.0.1.example.org", false),
            ("127.0.0.1:80@example.org", false),
            ("", false),
        ] {
            let request = read(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
            assert_eq!(request.is_for_this_machine(), own, "{host}");
        }
    }

    #[test]
    fn gzip_is_used_only_where_it_is_accepted() {
        for (value, accepted) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.1", true),
            ("gzip;q=0", false),
            ("br", false),
            ("", false),
            ("x-gzip", false),
        ] {
            assert_eq!(accepts_gzip(value), accepted, "{value}");
        }
    }

    #[test]
    fn what_is_no_request_is_read_without_harm() {
        for text in ["", "\r\n", "GET", "GET /%zz HTTP/1.1", "GET /%e4 HTTP/1.1\r\n:\r\n\r\n"] {
            let request = read(text);
            assert!(request.path().is_none_or(|path| path.is_empty()), "{text}");
        }
        assert!(Request::read([b'G', 0xff, b'\n'].as_slice()).is_err());
    }
}
