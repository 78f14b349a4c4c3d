//! What the reader does: a file of routes is read and measured in one go, by a worker of its own, so nothing waits for it.

use switchyard::inspection::{Findings, inspect};
use switchyard::interchange::{Options, read};

use crate::protocol::{Command, Envelope, Failure, Report, VERSION};

/// The seed of permutations and resamples: the one that `switchyard inspect` has without `--seed`.
const SEED: u64 = 0;

/// The reader's first report: that it is loaded.
pub fn greeting() -> Envelope<Report> {
    let body = Report::Loaded { protocol: VERSION, build: switchyard::BUILD.to_owned() };
    Envelope { run: 0, sequence: 0, body }
}

/// Measures the file that came with a message; `bytes` are its text, or why there is none, as half a sentence.
pub fn answer(text: &str, bytes: Result<Vec<u8>, String>) -> Envelope<Report> {
    let failed =
        |run, code, message| Envelope { run, sequence: 1, body: Report::Failed { code, message, key: None } };
    let envelope = Envelope::<Command>::from_text(text);
    let Ok(Envelope { run, body: Command::Inspect { name, experts, leave_out_ties }, .. }) = envelope else {
        let message = "The message that came with a file could not be read. Reload the page.".to_owned();
        return failed(0, Failure::Message, message);
    };
    let options = Options { experts, leave_out_ties };
    match bytes.and_then(|bytes| findings(&bytes, &options)) {
        Ok(Findings { facts, plates, missing, notes }) => {
            Envelope { run, sequence: 1, body: Report::Inspected { facts, plates, missing, notes } }
        }
        Err(problem) => failed(run, Failure::Data, format!("`{name}`: {problem}")),
    }
}

fn findings(bytes: &[u8], options: &Options) -> Result<Findings, String> {
    let found = read(bytes, options).and_then(|contents| inspect(&contents, SEED));
    found.map(|inspection| Findings::of(&inspection, SEED)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(bytes: Result<&str, &str>, experts: Option<usize>) -> Report {
        let body = Command::Inspect { name: "routes.csv".to_owned(), experts, leave_out_ties: false };
        let text = Envelope { run: 4, sequence: 0, body }.to_text();
        let answer = answer(&text, bytes.map(|text| text.as_bytes().to_vec()).map_err(str::to_owned));
        assert_eq!(answer.run, 4);
        assert_eq!(Envelope::from_text(&answer.to_text()), Ok(answer.clone()), "it reads back");
        answer.body
    }

    #[test]
    fn a_file_is_shown_as_the_command_shows_it() {
        let Report::Inspected { facts, plates, .. } = asked(Ok("unit,expert\n0,1\n1,0\n2,1\n"), Some(4))
        else {
            panic!("it is whole")
        };
        let titles: Vec<String> = plates.iter().map(|plate| plate.title().into_owned()).collect();
        assert!(titles.iter().any(|title| title == "Balance"), "{titles:?}");
        assert!(facts.iter().any(|(_, value)| value == "1 decision, 3 edges"));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_refused_with_its_line() {
        let refused = |bytes, experts| match asked(bytes, experts) {
            Report::Failed { code: Failure::Data, message, .. } => message,
            other => panic!("{other:?}"),
        };
        let message = refused(Ok("unit,expert\n0,1\n1,many\n"), None);
        assert!(message.starts_with("`routes.csv`: ") && message.contains("line 3, column "), "{message}");
        assert!(refused(Ok("unit,expert\n0,1\n"), Some(0)).contains("`experts` is 0"));
        assert_eq!(refused(Err("it was cut off"), None), "`routes.csv`: it was cut off");
    }

    #[test]
    fn it_says_that_it_is_loaded_and_what_it_cannot_read() {
        assert!(matches!(greeting().body, Report::Loaded { .. }));
        let body = answer("{}", Ok(Vec::new())).body;
        assert!(matches!(body, Report::Failed { code: Failure::Message, .. }));
    }
}
