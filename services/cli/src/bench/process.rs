//! CPU time and memory of a process, from /proc (Linux).

use std::{fs, time::Duration};

/// CPU time of all threads so far; zero where it cannot be read.
pub(super) fn cpu(pid: u32) -> Duration {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Duration::ZERO;
    };
    let nanos: u64 = tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .sum();
    Duration::from_nanos(nanos)
}

/// Resident memory, bytes; zero where it cannot be read.
pub(super) fn resident(pid: u32) -> u64 {
    let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else {
        return 0;
    };
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u64 = line
        .and_then(|rest| rest.trim().trim_end_matches(" kB").trim().parse().ok())
        .unwrap_or(0);
    kib * 1024
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_both() {
        let pid = std::process::id();
        assert!(resident(pid) > 100_000);
        assert!(cpu(pid) > Duration::ZERO);
        assert_eq!((resident(0), cpu(0)), (0, Duration::ZERO));
    }
}
