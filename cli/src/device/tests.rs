//! Names of devices, and what is said of those that are not there.

use super::*;

#[test]
fn every_name_that_is_built_in_comes_back_as_it_was_written() {
    for text in ["flex", "ndarray", "wgpu", "wgpu:1", "cuda", "cuda:0", "remote:ws://127.0.0.1:7700"] {
        let kind = text.split(':').next().expect("a word");
        match text.parse::<DeviceName>() {
            Ok(name) => {
                assert!(built_in().contains(&kind), "{text}");
                assert_eq!((name.to_string().as_str(), name.kind()), (text, kind));
            }
            Err(problem) => {
                assert!(!built_in().contains(&kind), "{problem}");
                assert!(problem.contains(&format!("--features {kind}")), "{problem}");
            }
        }
    }
}

#[test]
fn what_is_no_device_is_refused_with_what_to_write() {
    let cases = [
        ("abacus", "flex"),
        ("flex,flex", "one device is meant here"),
        ("", "flex"),
        ("flex:0", "leave out what follows it"),
        ("cuda:one", "as in `cuda:1`"),
        ("cuda:", "as in `cuda:1`"),
        ("cuda:-1", "as in `cuda:1`"),
        ("wgpu:70000", "as in `wgpu:1`"),
        ("remote", "remote:ws://127.0.0.1:7700"),
        ("remote:127.0.0.1:7700", "remote:ws://"),
        ("remote:wss://host:7700", "remote:ws://"),
        ("remote:ws://host", "remote:ws://"),
        ("remote:ws://host:0", "remote:ws://"),
        ("remote:ws://:7700", "remote:ws://"),
        ("remote:ws://me@host:7700", "remote:ws://"),
    ];
    for (text, word) in cases {
        let problem = text.parse::<DeviceName>().expect_err(text);
        assert!(problem.contains(word), "`{text}`: `{problem}` should say `{word}`");
    }
}

#[test]
fn a_number_beyond_the_devices_of_the_machine_is_named_with_what_is_there() {
    let place = |name: DeviceName, count| name.place(count).map_err(|error| error.to_string());
    assert_eq!(place(DeviceName::Cuda(None), 1), Ok(0));
    assert_eq!(place(DeviceName::Cuda(Some(1)), 2), Ok(1));
    let cases = [
        (DeviceName::Cuda(Some(1)), 1, "`cuda:1`: this machine has only `cuda:0`"),
        (DeviceName::Wgpu(Some(7)), 3, "`wgpu:7`: this machine has only `wgpu:0` to `wgpu:2`"),
        (DeviceName::Wgpu(None), 0, "`wgpu`: no such device was found on this machine"),
        (DeviceName::Cuda(Some(0)), 0, "`cuda:0`: no such device was found on this machine"),
    ];
    for (name, count, words) in cases {
        let problem = place(name, count).expect_err("it is not there");
        assert!(problem.contains(words), "`{problem}` should say `{words}`");
    }
}

/// What hears panics is one for the whole process, and property tests of this program change it too.
#[test]
fn a_panic_of_a_backend_becomes_its_words_and_the_first_one_counts() {
    let program = std::env::current_exe().expect("this program has a place");
    let alone = ["--exact", "device::tests::in_a_process_of_its_own", "--ignored"];
    let output = std::process::Command::new(program).args(alone).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "started by the test above, in a process of its own"]
fn in_a_process_of_its_own() {
    let problem = carefully(|| {
        let own = std::thread::spawn(|| panic!("no driver"));
        own.join().expect("the runner answers");
    });
    assert_eq!(problem, Err("no driver".to_owned()));
    assert_eq!(carefully(|| 3), Ok(3));
}

#[cfg(feature = "flex")]
#[test]
fn the_processor_is_there_and_can_add() {
    let device = DeviceName::Flex.open().expect("the processor is always there");
    assert_eq!(sum(&device), Ok(3.0));
    assert!(found().iter().any(|found| found.name == "flex"));
}

/// Also on machines without such devices: then the sentence is looked at.
#[cfg(any(feature = "wgpu", feature = "cuda"))]
#[test]
fn a_graphics_processor_opens_or_a_sentence_says_why_not() {
    for kind in ["wgpu", "cuda"].into_iter().filter(|kind| built_in().contains(kind)) {
        let name: DeviceName = kind.parse().expect("it is built in");
        let is_there = found().iter().any(|found| found.name.starts_with(kind));
        match name.open() {
            Ok(_) => assert!(is_there, "{kind} opened, and is not listed"),
            Err(error) => assert!(error.to_string().contains(&format!("`{kind}`: ")), "{error}"),
        }
    }
}
