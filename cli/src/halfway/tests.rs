//! Files of tasks under way: bit for bit, refused when they do not fit, the older one instead of a damaged one.

#![allow(clippy::unwrap_used)]

use switchyard::experiment::Outcome;

use super::*;

const TASK: &str = "supernet/neuron-wise/seed-2";

fn saved(step: u64) -> Saved {
    let row = vec![0.1, -0.0, f64::MIN_POSITIVE, f64::NAN, f64::INFINITY, 1.0 / 3.0];
    let numbers = BTreeMap::from([("curve".to_owned(), row), ("none".to_owned(), Vec::new())]);
    Saved { step, numbers, tensors: b"tensors\n{\"with\": lines}\n".to_vec() }
}

fn events() -> Vec<Event> {
    vec![Event::Scalar { task: TASK.to_owned(), step: 1, name: "train_loss".to_owned(), value: 0.1 }]
}

fn put(place: &Path, step: u64) -> PathBuf {
    write(place, "e", (TASK, &events()), &saved(step)).unwrap().0
}

fn names(place: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(place).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn problem<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("it must be refused"),
        Err(error) => {
            assert_eq!(error.exit(), crate::exit::Exit::Checkpoint);
            error.to_string()
        }
    }
}

#[test]
fn what_was_saved_comes_back_bit_for_bit() {
    let place = tempfile::tempdir().unwrap();
    let (path, size) = write(place.path(), "e", (TASK, &events()), &saved(120)).unwrap();
    assert_eq!(path.metadata().unwrap().len(), size);
    assert_eq!(names(place.path()), ["supernet~neuron-wise~seed-2.step-0000000120.halfway"]);
    let read = Halfway::read(&path, "e").unwrap();
    assert_eq!((read.task.as_str(), read.build.as_str()), (TASK, switchyard::BUILD));
    assert_eq!(read.events, events());
    let bits = |saved: &Saved| -> Vec<Vec<u64>> {
        saved.numbers.values().map(|row| row.iter().map(|value| value.to_bits()).collect()).collect()
    };
    assert_eq!(bits(&read.saved), bits(&saved(120)));
    assert_eq!((read.saved.step, read.saved.tensors), (120, saved(120).tensors));
}

#[test]
fn every_truncation_and_every_changed_byte_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let path = put(place.path(), 7);
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        problem(Halfway::read(&path, "e"));
    }
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        problem(Halfway::read(&path, "e"));
    }
    std::fs::write(&path, &whole).unwrap();
    Halfway::read(&path, "e").unwrap();
}

#[test]
fn foreign_renamed_and_newer_files_are_refused_and_say_why() {
    let place = tempfile::tempdir().unwrap();
    let path = put(place.path(), 7);
    assert!(problem(Halfway::read(&path, "other")).contains("another experiment"));
    let renamed = self::path(place.path(), "supernet/neuron-wise/seed-3", 7);
    std::fs::copy(&path, &renamed).unwrap();
    assert!(problem(Halfway::read(&renamed, "e")).contains("`supernet/neuron-wise/seed-2` at step 7"));
    // A sealed file of a later version, with a member that this one does not know.
    let whole = std::fs::read(&path).unwrap();
    let (content, tensors) = verified(&whole).unwrap();
    let newer = String::from_utf8(content.to_vec()).unwrap();
    let newer = newer.replacen("{\"schema_version\":1", "{\"schema_version\":2,\"more\":0", 1);
    let sum = checksum(newer.as_bytes(), tensors);
    let parts = [BEFORE_CHECKSUM, sum.as_bytes(), BEFORE_CONTENT, newer.as_bytes(), AFTER_CONTENT, tensors];
    std::fs::write(&path, parts.concat()).unwrap();
    assert!(problem(Halfway::read(&path, "e")).contains("version 2, this build reads 1"));
}

#[test]
fn the_rotation_takes_only_older_files_of_the_same_task() {
    let place = tempfile::tempdir().unwrap();
    let steps = |task: &str| -> Vec<u64> {
        files_of(place.path(), task).unwrap().into_iter().map(|(step, _)| step).collect()
    };
    for step in [10, 20, 30, 40, 90] {
        put(place.path(), step);
    }
    write(place.path(), "e", ("supernet/neuron-wise/seed-20", &[]), &saved(5)).unwrap();
    rotate(place.path(), TASK, 40, 2).unwrap();
    assert_eq!(steps(TASK), [30, 40, 90], "what is newer is not touched");
    rotate(place.path(), TASK, 40, 1).unwrap();
    assert_eq!(steps(TASK), [40, 90]);
    remove(place.path(), TASK).unwrap();
    assert_eq!((steps(TASK), steps("supernet/neuron-wise/seed-20")), (vec![], vec![5]));
}

#[test]
fn an_older_file_is_used_with_a_warning_and_without_one_the_damaged_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let [older, newer] = [10, 20].map(|step| put(place.path(), step));
    let restored = Restored::read(place.path(), "e").unwrap();
    assert_eq!((&restored.halfway[TASK], restored.cautions.len()), (&newer, 0));
    std::fs::write(&newer, b"torn").unwrap();
    let restored = Restored::read(place.path(), "e").unwrap();
    assert_eq!(restored.halfway[TASK], older);
    let caution = restored.cautions.concat();
    for part in ["step-0000000020", "truncated", "older file of step 10"] {
        assert!(caution.contains(part), "`{part}` is missing in `{caution}`");
    }
    std::fs::write(&older, b"").unwrap();
    let sentence = problem(Restored::read(place.path(), "e"));
    assert!(sentence.contains("step-0000000020"), "{sentence}");
    std::fs::remove_file(&newer).unwrap();
    std::fs::remove_file(&older).unwrap();
    // A directory in the place of a file is no file.
    std::fs::create_dir(&newer).unwrap();
    assert!(problem(Restored::read(place.path(), "e")).contains("cannot be read"));
}

#[test]
fn what_a_finished_task_left_behind_is_removed_and_not_read() {
    let place = tempfile::tempdir().unwrap();
    let path = put(place.path(), 10);
    std::fs::write(&path, b"torn").unwrap();
    let task = TASK.to_owned();
    Checkpoint { task, outcome: Outcome::default(), events: Vec::new() }.write(place.path(), "e").unwrap();
    let restored = Restored::read(place.path(), "e").unwrap();
    assert!(restored.halfway.is_empty() && restored.cautions.is_empty() && !path.exists());
    assert_eq!(restored.finished.len(), 1);
}
