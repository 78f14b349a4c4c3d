//! A small file server for the page. It answers this machine only and knows what a page needs: media types,
//! compressed files, caching and the headers that keep foreign code out. It is not meant for the open network.

mod follow;
mod request;
mod response;
mod site;

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub use site::Site;

use crate::watch::Followed;
use request::Request;
use response::Response;

/// How long a visitor may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// A bound port, and the page that will be served under a path.
pub struct Server {
    listener: TcpListener,
    page: Page,
}

/// What is served where.
struct Page {
    site: Site,
    /// The path of the page; it starts and ends with a slash.
    base: String,
    /// The run that is shown under `follow/`, if one is.
    followed: Option<Mutex<Followed>>,
}

impl Page {
    fn answer(&self, request: &Request) -> Response {
        let followed = self.followed.as_ref();
        let answer = followed.and_then(|followed| follow::to(request, followed, &self.base));
        answer.unwrap_or_else(|| response::to(request, &self.site, &self.base))
    }
}

impl Server {
    /// Takes a port of this machine; 0 takes any free one. `base` starts and ends with a slash.
    ///
    /// # Errors
    /// When the port is taken or may not be used.
    pub fn bind(site: Site, base: &str, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        Ok(Self { listener, page: Page { site, base: base.to_owned(), followed: None } })
    }

    /// Also shows a run, under `follow/`.
    pub fn follow(&mut self, run: Followed) {
        self.page.followed = Some(Mutex::new(run));
    }

    /// The address to open.
    ///
    /// # Errors
    /// When the system does not tell the port.
    pub fn url(&self) -> io::Result<String> {
        Ok(format!("http://{}{}", self.listener.local_addr()?, self.page.base))
    }

    /// Answers until the program ends, one thread for each connection.
    pub fn serve(self) {
        let page = Arc::new(self.page);
        for stream in self.listener.incoming().flatten() {
            let page = Arc::clone(&page);
            // A visitor that goes away early is no error of ours.
            thread::spawn(move || answer(stream, &page).ok());
        }
    }
}

fn answer(mut stream: TcpStream, page: &Page) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = Request::read(&stream)?;
    let response = page.answer(&request);
    stream.write_all(response.head().as_bytes())?;
    if !request.is_head() {
        stream.write_all(&response.body)?;
    }
    stream.flush()
}
