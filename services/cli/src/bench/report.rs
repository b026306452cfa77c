//! What a benchmark found: as a table for a person and as JSON, so that two runs can be compared.

use std::fmt::Write as _;

use serde::Serialize;

/// Everything.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) version: &'static str,
    pub(super) cpus: usize,
    pub(super) seconds_a_run: f64,
    /// Load on the mesh and on the floor, by concurrency.
    pub(super) load: Vec<Load>,
    /// Classification by length of the query.
    pub(super) classify: Vec<Classify>,
    /// A query of three parts.
    pub(super) fan_out: FanOut,
    /// A workflow of three steps, two of them independent.
    pub(super) workflow: Workflow,
    /// Memory and start of each process.
    pub(super) processes: Vec<Process>,
}

/// One target at one concurrency.
#[derive(Debug, Serialize)]
pub(super) struct Load {
    pub(super) target: &'static str,
    pub(super) concurrency: usize,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    pub(super) requests_per_second: f64,
    /// The router's own overhead beyond classification and waiting; only of the mesh.
    pub(super) overhead_p50_us: Option<f64>,
    pub(super) overhead_p99_us: Option<f64>,
    pub(super) failed: u64,
    /// CPU microseconds a request, by process.
    pub(super) cpu_us: Vec<(String, f64)>,
    pub(super) cpu_us_total: f64,
}

/// Classification of queries of one length.
#[derive(Debug, Serialize)]
pub(super) struct Classify {
    pub(super) tokens: u32,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
}

/// A query of three parts against its slowest part.
#[derive(Debug, Serialize)]
pub(super) struct FanOut {
    pub(super) whole_p50_us: f64,
    pub(super) slowest_branch_p50_us: f64,
    pub(super) ratio_p50: f64,
}

/// A workflow of three steps of which two are independent, each answered by a scripted engine that takes its time.
#[derive(Debug, Serialize)]
pub(super) struct Workflow {
    pub(super) whole_p50_us: f64,
    pub(super) whole_p99_us: f64,
    /// Two steps in a row, as long as the script says.
    pub(super) critical_path_us: f64,
    pub(super) ratio_p50: f64,
    /// What two of its steps take when asked alone, one after the other.
    pub(super) alone_p50_us: f64,
    /// What the workflow takes beyond that.
    pub(super) overhead_p50_us: f64,
}

/// One process.
#[derive(Debug, Serialize)]
pub(super) struct Process {
    pub(super) name: String,
    pub(super) to_serving_ms: f64,
    pub(super) resident_idle_mib: f64,
    pub(super) resident_after_load_mib: f64,
}

impl Report {
    /// The tables.
    pub(super) fn table(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "plexus {} on {} CPUs, {} s a run",
            self.version, self.cpus, self.seconds_a_run
        );
        let _ = writeln!(
            out,
            "\n{:<14}{:>4}{:>11}{:>11}{:>11}{:>13}{:>15}{:>15}{:>8}",
            "target", "c", "p50 us", "p99 us", "req/s", "CPU us/req", "own p50 us", "own p99 us", "failed"
        );
        for load in &self.load {
            let own = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
            let _ = writeln!(
                out,
                "{:<14}{:>4}{:>11.0}{:>11.0}{:>11.0}{:>13.1}{:>15}{:>15}{:>8}",
                load.target,
                load.concurrency,
                load.p50_us,
                load.p99_us,
                load.requests_per_second,
                load.cpu_us_total,
                own(load.overhead_p50_us),
                own(load.overhead_p99_us),
                load.failed,
            );
        }
        let _ = writeln!(out, "\nCPU us/request by process");
        for load in &self.load {
            let parts: Vec<String> = load
                .cpu_us
                .iter()
                .map(|(name, cpu)| format!("{name} {cpu:.1}"))
                .collect();
            let _ = writeln!(out, "{:<14}{:>4}  {}", load.target, load.concurrency, parts.join(", "));
        }
        let _ = writeln!(out, "\n{:<14}{:>11}{:>11}", "classify", "p50 us", "p99 us");
        for one in &self.classify {
            let _ = writeln!(
                out,
                "{:<14}{:>11.0}{:>11.0}",
                format!("{} tokens", one.tokens),
                one.p50_us,
                one.p99_us
            );
        }
        let fan_out = &self.fan_out;
        let _ = writeln!(
            out,
            "\nfan-out of 3 with validators: {:.0} us, slowest branch {:.0} us, ratio {:.2}",
            fan_out.whole_p50_us, fan_out.slowest_branch_p50_us, fan_out.ratio_p50
        );
        let workflow = &self.workflow;
        let _ = writeln!(
            out,
            "workflow of 3, two independent: {:.0} us (p99 {:.0}), critical path {:.0} us, ratio {:.2}; its two steps alone {:.0} us, own {:.0} us",
            workflow.whole_p50_us,
            workflow.whole_p99_us,
            workflow.critical_path_us,
            workflow.ratio_p50,
            workflow.alone_p50_us,
            workflow.overhead_p50_us
        );
        let _ = writeln!(
            out,
            "\n{:<18}{:>14}{:>12}{:>18}",
            "process", "to SERVING ms", "idle MiB", "after load MiB"
        );
        for one in &self.processes {
            let _ = writeln!(
                out,
                "{:<18}{:>14.0}{:>12.1}{:>18.1}",
                one.name, one.to_serving_ms, one.resident_idle_mib, one.resident_after_load_mib
            );
        }
        out
    }
}
