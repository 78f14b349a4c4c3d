//! Links with a digest, from outside: what a run says of what its link promised.

mod cli_harness;

use cli_harness::{TINY, digest, errors, last_line, reference, run, succeeded, text, tiny};

fn place() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

/// The link of the smallest experiment, with more parts.
fn link(more: &str) -> String {
    let directory = place();
    let arguments = [&["link"], TINY].concat();
    let plain = text(&succeeded(run(directory.path(), &arguments)));
    format!("{}{more}", plain.trim_end())
}

/// What the run of a link says about its promise, for programs and for people.
fn replayed(link: &str) -> (String, String) {
    let directory = place();
    let json = last_line(&succeeded(run(directory.path(), &["run", link, "--json", "--quiet"])));
    let human = text(&succeeded(run(directory.path(), &["run", link])));
    let line = human.lines().find_map(|line| line.strip_prefix("replay   ")).unwrap_or_default();
    (json["replay"].as_str().unwrap_or_default().to_owned(), line.to_owned())
}

#[test]
fn the_link_of_a_run_has_digest_and_build_and_is_replayed_exactly() {
    let directory = place();
    let first = last_line(&succeeded(run(directory.path(), &tiny(&["--json", "--quiet"]))));
    let link = first["link"].as_str().expect("a link");
    let build = switchyard::BUILD;
    assert!(link.contains("&digest=") && link.ends_with(&format!("&build={build}")), "{link}");
    assert!(first["replay"].is_null(), "nothing was promised");
    let (name, line) = replayed(link);
    assert_eq!(name, "exact");
    assert!(line.starts_with("exact replay. "), "{line}");
    // The link of a link keeps what it promises, and loses it when the experiment is changed.
    let again = |more: &[&str]| text(&succeeded(run(directory.path(), &[&["link", link], more].concat())));
    assert_eq!(again(&[]).trim_end(), link);
    assert!(!again(&["--seed", "3"]).contains("digest"));
}

#[test]
fn another_digest_differs_only_if_this_build_promised_it() {
    let build = switchyard::BUILD;
    let (name, line) = replayed(&link(&format!("&digest=0123456789abcdef&build={build}")));
    assert_eq!(name, "differs");
    assert!(line.starts_with("differs. "), "{line}");
    for other in ["&digest=0123456789abcdef", "&digest=0123456789abcdef&build=00000000"] {
        let (name, line) = replayed(&link(other));
        assert_eq!(name, "approximate", "{other}");
        assert!(line.starts_with("approximate (other build). "), "{line}");
    }
}

#[test]
fn the_digest_of_a_step_in_the_middle_is_not_compared_with_the_result() {
    let (name, line) = replayed(&link("&t=40&digest=0123456789abcdef"));
    assert_eq!(name, "not-compared");
    assert!(line.contains("step 40, in the middle of the run"), "{line}");
    // Beyond the end of the run, `t` means the end.
    let found = digest(reference());
    let (name, _) = replayed(&link(&format!("&t=1000000&digest={}", &found[..16])));
    assert_eq!(name, "exact");
}

#[test]
fn what_only_the_browser_follows_is_named() {
    let directory = place();
    let link = link("&versus.seed=3&t=40&ui=lesson");
    let output = succeeded(run(directory.path(), &["run", &link]));
    let told = errors(&output);
    assert!(
        told.contains("t=40 and ui=lesson and the second run (`versus`) in the link is for the browser"),
        "{told}"
    );
    let again = text(&succeeded(run(directory.path(), &["link", &link])));
    assert_eq!(again.trim_end(), link, "a link keeps what it shows");
}
