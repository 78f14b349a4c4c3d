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
    peers(layout, filter)
}

/// Builds our side and runs every comparison of `benches/peers` (`compare*.py`), in the order of their names.
fn peers(layout: &Layout, filter: Option<&str>) -> Result<(), Failure> {
    let folder = layout.root().join("benches").join("peers");
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut programs: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.starts_with("compare") && name.ends_with(".py")
        })
        .collect();
    programs.sort();
    if programs.is_empty() {
        println!("\nNo comparison: benches/peers holds no comparison.");
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
    let mut build = process::cargo();
    build
        .args(["build", "--release", "--package", "switchyard-benches", "--bin", "steps"])
        .current_dir(layout.root())
        .env("CARGO_TARGET_DIR", layout.native_target());
    process::run(&mut build)?;
    let ours = layout.native_target().join("release").join("steps");
    for program in programs {
        let mut compare = process::program(&python);
        compare.arg(program).arg("--ours").arg(&ours).current_dir(layout.root());
        if let Some(filter) = filter {
            compare.args(["--only", filter]);
        }
        process::run(&mut compare)?;
    }
    Ok(())
}
