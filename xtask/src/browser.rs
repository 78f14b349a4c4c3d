//! Opening the finished page in a browser without a screen, and reading what it shows.

use crate::failure::Failure;
use crate::layout::Layout;
use crate::process;
use crate::server::Server;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

/// The heading that the WebAssembly draws; the start file alone does not hold it.
const HEADING: &str = "<h1>Switchyard</h1>";
/// A path other than `/`, to see that the page works wherever it is put.
const SUB_PATH: &str = "/some/where/";
/// A slow machine gets several tries, each with more of the page's own time, in milliseconds.
const BUDGETS: [u32; 3] = [5_000, 15_000, 45_000];
const LONGEST_TRY: Duration = Duration::from_secs(120);

/// Serves the built page, opens it and asks that its heading appears.
pub fn check(layout: &Layout, browser: &Path) -> Result<(), Failure> {
    let dist = layout.dist();
    let start = fs::read_to_string(dist.join("index.html")).map_err(|error| {
        Failure::Step(format!("there is no built page ({error}). Run the step `page` first."))
    })?;
    if start.contains(HEADING) {
        return Err(Failure::Step(
            "index.html holds the heading itself, so seeing it would prove nothing.".into(),
        ));
    }
    let server = Server::bind(&dist, SUB_PATH, 0)
        .map_err(|error| Failure::Step(format!("no port could be taken: {error}.")))?;
    let url = server.url().map_err(|error| Failure::Step(format!("the server has no address: {error}.")))?;
    thread::spawn(move || server.serve());
    let profile = layout.scratch("browser");
    let mut shown = String::new();
    for budget in BUDGETS {
        shown = dump(browser, &url, &profile, budget)?;
        if shown.contains(HEADING) {
            println!("the page shows its heading under {SUB_PATH}");
            return Ok(());
        }
        println!("no heading after {budget} ms of page time; trying again");
    }
    let beginning: String = shown.chars().take(2000).collect();
    Err(Failure::Step(format!("the page never showed {HEADING}. The browser saw:\n{beginning}")))
}

/// The page's elements after its scripts have run, as text.
fn dump(browser: &Path, url: &str, profile: &Path, budget: u32) -> Result<String, Failure> {
    let mut command = process::program(browser);
    command.args([
        "--headless",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--mute-audio",
    ]);
    // The page must not need any other machine.
    command.arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
    command.arg(format!("--user-data-dir={}", profile.display()));
    command.arg(format!("--virtual-time-budget={budget}"));
    if process::is_root() {
        // Chromium's sandbox does not work for root.
        command.arg("--no-sandbox");
    }
    command.args(["--dump-dom", url]).stdout(Stdio::piped()).stderr(Stdio::null());
    println!("$ {}", process::as_typed(&command));
    let unusable = |error| Failure::Step(format!("the browser could not be run: {error}."));
    let mut child = command.spawn().map_err(unusable)?;
    let output = child.stdout.take();
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut output) = output {
            output.read_to_end(&mut text).ok();
        }
        text
    });
    let start = Instant::now();
    while child.try_wait().map_err(unusable)?.is_none() {
        if start.elapsed() > LONGEST_TRY {
            child.kill().map_err(unusable)?;
            child.wait().map_err(unusable)?;
            return Err(Failure::Step(format!(
                "the browser did not finish within {} s.",
                LONGEST_TRY.as_secs()
            )));
        }
        thread::sleep(Duration::from_millis(50));
    }
    fs::remove_dir_all(profile).ok();
    let text = reader.join().map_err(|_| Failure::Step("reading from the browser failed.".into()))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
