//! What the system says of processes.

use std::{fs, path::Path, process::Command};

/// Sends a signal, e.g. `KILL`, `STOP` or `CONT`.
pub(crate) fn signal(pid: u32, signal: &str) {
    // The shell's own `kill`: a program of that name is not everywhere.
    let script = format!("kill -{signal} {pid}");
    let sent = Command::new("sh").args(["-c", &script]).output();
    assert!(
        sent.as_ref().is_ok_and(|output| output.status.success()),
        "process {pid} cannot be sent {signal}: {sent:?}"
    );
}

/// Whether a process runs; one that has ended but was not collected yet does not.
pub fn alive(pid: u32) -> bool {
    let state = if Path::new("/proc/self/stat").exists() {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned())
    } else {
        let output = Command::new("ps")
            .args(["-o", "stat=", "-p", &pid.to_string()])
            .output();
        output
            .ok()
            .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    state.is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
}

/// Memory that a process has resident; none where the system does not say.
pub fn resident_bytes(pid: u32) -> Option<u64> {
    Some(status(pid, "VmRSS:")? * 1024)
}

/// Memory that a process has reserved, touched or not; none where the system does not say.
pub fn virtual_bytes(pid: u32) -> Option<u64> {
    Some(status(pid, "VmSize:")? * 1024)
}

/// Threads of a process; none where the system does not say.
pub fn threads(pid: u32) -> Option<u64> {
    status(pid, "Threads:")
}

/// Files and sockets that a process has open; none where the system does not say.
pub fn open_files(pid: u32) -> Option<u64> {
    let count = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count();
    u64::try_from(count).ok()
}

/// A number of a process's status.
fn status(pid: u32, key: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}
