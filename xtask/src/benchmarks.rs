//! `bench`: the criterion benchmarks, then the same work in PyTorch where Python has it. It judges no number.

use crate::failure::Failure;
use crate::layout::Layout;
use crate::process;

/// Runs all benchmarks, or those whose name contains `filter`.
pub fn run(layout: &Layout, filter: Option<&str>) -> Result<(), Failure> {
    let mut command = process::cargo();
    command
        .args(["bench", "--package", "switchyard-benches"])
        .current_dir(layout.root())
        .env("CARGO_TARGET_DIR", layout.native_target());
    if let Some(filter) = filter {
        command.args(["--", filter]);
    }
    process::run(&mut command)?;
    peers(layout)
}

/// Runs every Python program of `benches/peers`, in the order of their names.
fn peers(layout: &Layout) -> Result<(), Failure> {
    let folder = layout.root().join("benches").join("peers");
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut programs: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "py"))
        .collect();
    programs.sort();
    if programs.is_empty() {
        println!("\nNo comparison: benches/peers holds no Python program.");
        return Ok(());
    }
    let with_torch = ["python3", "python"]
        .iter()
        .filter_map(|name| process::find(name))
        .find(|python| process::read(process::program(python).args(["-c", "import torch"])).is_some());
    let Some(python) = with_torch else {
        println!("\nNo comparison: no Python with PyTorch was found. By hand: pip install torch");
        return Ok(());
    };
    for program in programs {
        process::run(process::program(&python).arg(program).current_dir(layout.root()))?;
    }
    Ok(())
}
