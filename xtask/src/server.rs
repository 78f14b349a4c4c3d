//! A small file server for the finished page. It answers this machine only, reads only files below one folder, and
//! knows the media types a page needs; it is not meant for the open network.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::Duration;

/// The longest request line and headers that are read.
const LONGEST_REQUEST: u64 = 16 * 1024;

/// A bound port and the folder that will be served under a path.
pub struct Server {
    listener: TcpListener,
    folder: PathBuf,
    base: String,
}

impl Server {
    /// Takes a port of this machine; 0 takes any free one. `base` starts and ends with a slash.
    pub fn bind(folder: &Path, base: &str, port: u16) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        Ok(Server { listener, folder: folder.to_path_buf(), base: base.to_owned() })
    }

    /// The address to open.
    pub fn url(&self) -> io::Result<String> {
        let address: SocketAddr = self.listener.local_addr()?;
        Ok(format!("http://{address}{}", self.base))
    }

    /// Answers until the program ends, one thread for each connection.
    pub fn serve(self) {
        for stream in self.listener.incoming().flatten() {
            let (folder, base) = (self.folder.clone(), self.base.clone());
            // A visitor that goes away early is no error of ours.
            thread::spawn(move || answer(stream, &folder, &base).ok());
        }
    }
}

fn answer(mut stream: TcpStream, folder: &Path, base: &str) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream.try_clone()?.take(LONGEST_REQUEST));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut words = request.split_whitespace();
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let reply = if method == "GET" || method == "HEAD" {
        find(folder, base, target)
    } else {
        Reply::text("405 Method Not Allowed", "only GET and HEAD are answered")
    };
    write!(
        stream,
        "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        reply.status,
        reply.media_type,
        reply.body.len()
    )?;
    if method != "HEAD" {
        stream.write_all(&reply.body)?;
    }
    stream.flush()
}

struct Reply {
    status: &'static str,
    media_type: &'static str,
    body: Vec<u8>,
}

impl Reply {
    fn text(status: &'static str, text: &str) -> Reply {
        Reply { status, media_type: "text/plain; charset=utf-8", body: text.as_bytes().to_vec() }
    }
}

fn find(folder: &Path, base: &str, target: &str) -> Reply {
    let missing = || Reply::text("404 Not Found", "there is no such file here");
    let path = target.split(['?', '#']).next().unwrap_or("");
    let Some(inside) = path.strip_prefix(base).and_then(decode).and_then(|name| below(folder, &name)) else {
        return missing();
    };
    let file = if inside.is_dir() { inside.join("index.html") } else { inside };
    match fs::read(&file) {
        Ok(body) => Reply { status: "200 OK", media_type: media_type(&file), body },
        Err(_) => missing(),
    }
}

/// The path below the folder, or nothing when the name would lead out of it.
fn below(folder: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    name.components().all(|part| matches!(part, Component::Normal(_))).then(|| folder.join(name))
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

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|end| end.to_str()).unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A folder that goes away with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path = std::env::temp_dir().join(format!("switchyard-server-{name}-{}", std::process::id()));
            fs::create_dir_all(path.join("inner")).unwrap();
            fs::write(path.join("index.html"), "<h1>front</h1>").unwrap();
            fs::write(path.join("inner").join("a b.wasm"), b"\0asm").unwrap();
            Folder(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    fn ask(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        String::from_utf8_lossy(&reply).into_owned()
    }

    #[test]
    fn files_are_served_with_their_types_and_nothing_else_is() {
        let folder = Folder::new("types");
        let server = Server::bind(&folder.0, "/some/path/", 0).unwrap();
        let address = server.listener.local_addr().unwrap();
        assert!(address.ip().is_loopback());
        assert_eq!(server.url().unwrap(), format!("http://{address}/some/path/"));
        thread::spawn(move || server.serve());
        let get = |path: &str| ask(address, &format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        let front = get("/some/path/?q=1");
        assert!(front.starts_with("HTTP/1.1 200 OK\r\n") && front.ends_with("<h1>front</h1>"), "{front}");
        assert!(get("/some/path/inner/a%20b.wasm").contains("Content-Type: application/wasm\r\n"));
        for path in [
            "/",
            "/some/path/none.js",
            "/some/path/../x",
            "/some/path/%2e%2e/x",
            "/some/path//etc/hosts",
            "/some/path/%zz",
        ] {
            assert!(get(path).starts_with("HTTP/1.1 404"), "{path}");
        }
        assert!(ask(address, "POST /some/path/ HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
        let head = ask(address, "HEAD /some/path/ HTTP/1.1\r\n\r\n");
        assert!(head.contains("Content-Length: 14\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    }
}
