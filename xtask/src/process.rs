//! Starting other programs: find them, run them, read what they print. No shell is involved.

use crate::failure::Failure;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Finds a program on the `PATH`.
pub fn find(name: &str) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    find_in(name, &folders)
}

/// Finds a program in a list of folders. On Windows the usual endings are tried too.
pub fn find_in(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ""] } else { &[""] };
    for folder in folders {
        for ending in endings {
            let candidate = folder.join(format!("{name}{ending}"));
            if is_runnable(&candidate) {
                return Some(candidate);
            }
        }
    }
    None
}

#[cfg(unix)]
fn is_runnable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_runnable(path: &Path) -> bool {
    path.is_file()
}

/// The cargo that started this program.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.stdin(Stdio::null());
    command
}

/// A program by its path or name, without a keyboard attached.
pub fn program(path: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(path);
    command.stdin(Stdio::null());
    command
}

/// The command as a reader would type it.
pub fn as_typed(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_stem().unwrap_or(command.get_program());
    let mut line = name.to_string_lossy().into_owned();
    for word in command.get_args() {
        line.push(' ');
        line.push_str(&word.to_string_lossy());
    }
    line
}

/// Prints the command, runs it with its output shown, and asks for success.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    let line = as_typed(command);
    println!("$ {line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Step(format!("`{line}` ended with {status}."))),
        Err(error) => Err(Failure::Step(format!("`{line}` could not be started: {error}."))),
    }
}

/// Runs a command quietly and gives its standard output, or nothing when it failed.
pub fn read(command: &mut Command) -> Option<String> {
    let output: Output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether this program runs as root.
pub fn is_root() -> bool {
    cfg!(unix) && read(program("id").arg("-u")).is_some_and(|text| text.trim() == "0")
}

/// The `PATH` with these folders in front.
pub fn path_with(folders: &[PathBuf]) -> Result<std::ffi::OsString, Failure> {
    let old = env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().cloned().chain(env::split_paths(&old));
    env::join_paths(all)
        .map_err(|error| Failure::Setup(format!("a folder cannot be put on the PATH: {error}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        assert_eq!(as_typed(Command::new("cargo").args(["fmt", "--check"])), "cargo fmt --check");
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert_eq!(find("no-such-program-in-any-folder"), None);
    }

    #[test]
    fn a_program_that_cannot_start_is_named() {
        let failure = run(&mut Command::new("no-such-program-in-any-folder"));
        assert!(matches!(failure, Err(Failure::Step(message)) if message.contains("no-such-program")));
    }
}
