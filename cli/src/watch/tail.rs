//! The end of a file that another process is writing: whole lines only, each once. A last line that is not
//! finished, or not yet what it will be, is waited for.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use super::line::Line;

/// A place in a file that grows.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    /// The first line, which says which process writes the file; empty before it is there.
    first: Vec<u8>,
    /// Bytes that were read and understood.
    read: u64,
}

/// What is new.
#[derive(Debug, Default, PartialEq)]
pub struct News {
    /// Whether the file began anew: what was known of it no longer holds.
    pub anew: bool,
    /// The new lines.
    pub lines: Vec<Line>,
    /// Lines between others that cannot be understood.
    pub damaged: usize,
}

impl Tail {
    /// The file at `path`, which need not exist yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, first: Vec::new(), read: 0 }
    }

    /// Reads on.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn news(&mut self) -> io::Result<News> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(News::default()),
            Err(error) => return Err(error),
        };
        let mut reader = BufReader::new(file);
        let mut first = Vec::new();
        reader.read_until(b'\n', &mut first)?;
        if first.last() != Some(&b'\n') {
            return Ok(News::default());
        }
        let anew = first != self.first;
        if anew {
            (self.first, self.read) = (first, 0);
        }
        reader.seek(SeekFrom::Start(self.read))?;
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        Ok(News { anew, ..self.understand(&bytes) })
    }

    fn understand(&mut self, bytes: &[u8]) -> News {
        let mut news = News::default();
        // Bytes and lines since the last line that was understood.
        let (mut waiting, mut damaged) = (0, 0);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            waiting += line.len() as u64;
            if line.last() != Some(&b'\n') {
                break;
            }
            match serde_json::from_slice(line) {
                Ok(line) => {
                    news.lines.push(line);
                    news.damaged += damaged;
                    self.read += waiting;
                    (waiting, damaged) = (0, 0);
                }
                Err(_) => damaged += 1,
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs::OpenOptions;
    use std::io::Write as _;
    use std::path::Path;

    use switchyard::experiment::Event;

    use super::*;

    fn add(path: &Path, text: &str) {
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn warnings(news: &News) -> Vec<String> {
        let text = |line: &Line| match line {
            Line::Event(event) => match &**event {
                Event::Warning { text } => Some(text.clone()),
                _ => None,
            },
            Line::Aside(_) => None,
        };
        news.lines.iter().filter_map(text).collect()
    }

    const FIRST: &str = "{\"event\":\"live\",\"process\":1,\"at\":1}\n";

    #[test]
    fn a_line_is_read_once_and_only_when_it_is_whole() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("live.jsonl");
        let mut tail = Tail::new(path.clone());
        assert_eq!(tail.news().unwrap(), News::default(), "there is no file yet");
        add(&path, &FIRST[..9]);
        assert_eq!(tail.news().unwrap(), News::default());
        add(&path, &FIRST[9..]);
        add(&path, "{\"schema_version\":1,\"event\":\"warning\",\"te");
        let news = tail.news().unwrap();
        assert_eq!((news.anew, news.lines.len()), (true, 1));
        assert_eq!(tail.news().unwrap(), News::default());
        add(&path, "xt\":\"one\"}\n");
        assert_eq!(warnings(&tail.news().unwrap()), ["one"]);
        assert_eq!(tail.news().unwrap(), News::default());
    }

    #[test]
    fn a_damaged_line_is_waited_for_until_others_follow_it() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("live.jsonl");
        let mut tail = Tail::new(path.clone());
        add(&path, &format!("{FIRST}\0\0\0\0\n"));
        assert_eq!(tail.news().unwrap().damaged, 0, "it may still become a line");
        assert_eq!(tail.news().unwrap(), News::default());
        add(&path, "{\"event\":\"warning\",\"text\":\"two\"}\n{\"event\":\"of a later version\"}\n");
        let news = tail.news().unwrap();
        assert_eq!((warnings(&news), news.damaged), (vec!["two".to_owned()], 1));
    }

    #[test]
    fn another_process_begins_the_file_anew_even_if_it_is_longer_already() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("live.jsonl");
        let mut tail = Tail::new(path.clone());
        add(&path, FIRST);
        assert!(tail.news().unwrap().anew);
        let warning = "{\"event\":\"warning\",\"text\":\"a long text of the second process\"}\n";
        std::fs::write(&path, format!("{}{warning}", FIRST.replace("\"at\":1", "\"at\":2"))).unwrap();
        let news = tail.news().unwrap();
        assert_eq!((news.anew, warnings(&news).len()), (true, 1));
        assert!(!tail.news().unwrap().anew);
    }
}
