//! Opening the browser, where a person is there to see it.

use std::io::IsTerminal;
use std::process::{Command, Stdio};

/// Opens an address if someone is at a terminal and nothing forbids it; whether it worked does not matter.
pub(crate) fn open(address: &str, may_open: bool) {
    if !may_open || std::env::var_os("CI").is_some() || !std::io::stdout().is_terminal() {
        return;
    }
    let (program, before): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/c", "start", ""])
    } else {
        ("xdg-open", &[])
    };
    let quiet = Command::new(program)
        .args(before)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    drop(quiet);
}
