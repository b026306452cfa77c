//! What the router says of a request, as text for a person. Pure.

mod steps;

use plexus_proto::v1;

use crate::{
    output::{BAD, FAINT, GOOD, NAME, STRONG, WARN, line, paint},
    words,
};

/// Columns of the labels on the left.
const LABEL: usize = 10;
/// Longest input of a step that is shown.
const INPUT: usize = 72;

/// Everything about a request but its answer. `trace_url` shows its trace.
pub fn response(response: &v1::AskResponse, trace_url: &str) -> String {
    let mut out = Sections::default();
    if let Some(route) = &response.route {
        out.route(route);
    }
    out.steps(&response.steps);
    out.verdicts(&response.verdicts);
    out.degradations(&response.degradations);
    if let Some(usage) = &response.usage {
        out.section("usage", [usage_line(usage)]);
    }
    if let Some(timings) = &response.timings {
        out.section("time", [timings_line(timings)]);
    }
    if !response.trace_id.is_empty() {
        out.section(
            "trace",
            [format!("{}  {}", line(&response.trace_id), paint(FAINT, trace_url))],
        );
    }
    out.0
}

/// How a query would be routed.
pub fn route(route: &v1::Route) -> String {
    let mut out = Sections::default();
    out.route(route);
    out.0
}

/// One line: what was less than planned, and why.
pub fn degradations(all: &[v1::Degradation]) -> String {
    all.iter().map(degradation).collect::<Vec<_>>().join("; ")
}

/// Who answered, in a few words: `math · exact · 1.27ms`.
pub fn served_by(response: &v1::AskResponse) -> String {
    let steps = response.steps.iter().map(|step| {
        let who = [
            words::domain(step.domain),
            line(&step.replica),
            line(&step.engine),
            words::time(step.latency.as_ref()),
        ];
        let who: Vec<String> = who.into_iter().filter(|word| !word.is_empty()).collect();
        who.join(" · ")
    });
    steps.collect::<Vec<_>>().join("  +  ")
}

#[derive(Default)]
struct Sections(String);

impl Sections {
    /// A label and its lines.
    fn section(&mut self, label: &str, lines: impl IntoIterator<Item = String>) {
        let mut label = label;
        for text in lines {
            self.0.push_str(&paint(STRONG, format!("{label:LABEL$}")));
            self.0.push_str(&text);
            self.0.push('\n');
            label = "";
        }
    }

    fn route(&mut self, route: &v1::Route) {
        let domains = route.domains.iter().enumerate().map(|(place, one)| {
            let style = if place == 0 { NAME } else { FAINT };
            paint(style, format!("{} {:.2}", words::domain(one.domain), one.score))
        });
        let domains = domains.collect::<Vec<_>>().join("  ");
        let mut lines = vec![format!(
            "{domains}  {}",
            paint(FAINT, format!("complexity {:.2}", route.complexity))
        )];
        lines.push(line(&route.reason));
        if let Some(guard) = &route.guard {
            let style = match guard.action.as_str() {
                "allow" => FAINT,
                "flag" => WARN,
                _ => BAD,
            };
            let text = format!(
                "guard: {} ({} {:.2})",
                line(&guard.action),
                line(&guard.label),
                guard.score
            );
            lines.push(paint(style, text));
        }
        let read = match route.tokens_read < route.tokens {
            true => format!(
                "{} of {} read",
                route.tokens_read,
                words::count(route.tokens.into(), "token")
            ),
            false => words::count(route.tokens.into(), "token"),
        };
        let how = [
            line(&route.model),
            words::stage(route.stage),
            if route.cached { "kept from before" } else { "" }.to_owned(),
            line(&route.language),
            read,
        ];
        let how: Vec<String> = how.into_iter().filter(|word| !word.is_empty()).collect();
        lines.push(paint(FAINT, how.join(", ")));
        self.section("route", lines);
        if let Some(plan) = &route.plan {
            self.plan(plan);
        }
    }

    fn plan(&mut self, plan: &v1::Plan) {
        let steps = plan.steps.iter().enumerate().flat_map(|(index, step)| {
            let checks = match step.validators.is_empty() {
                true => String::new(),
                false => paint(FAINT, format!("  checked by {}", line(&step.validators.join(", ")))),
            };
            let domain = paint(NAME, words::domain(step.domain));
            let parts = step.parts.iter().enumerate().map(|(part_index, part)| {
                let after = part
                    .depends_on
                    .iter()
                    .map(|on| format!("{}", on + 1))
                    .collect::<Vec<_>>();
                let after = match after.is_empty() {
                    true => String::new(),
                    false => format!("  after part {}", after.join(", ")),
                };
                let domain = words::domain(part.domain);
                format!(
                    "   part {} {domain} \"{}\"{}",
                    part_index + 1,
                    short(&part.text),
                    paint(FAINT, after)
                )
            });
            let head = format!("{} {domain} \"{}\"{checks}", index + 1, short(&step.input));
            std::iter::once(head).chain(parts).collect::<Vec<_>>()
        });
        let lines: Vec<String> = std::iter::once(words::mode(plan.mode)).chain(steps).collect();
        self.section("plan", lines);
    }

    fn steps(&mut self, steps: &[v1::Step]) {
        let mut lines = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            steps::lines(&(index + 1).to_string(), 0, step, &mut lines);
        }
        self.section("steps", lines);
    }

    fn verdicts(&mut self, verdicts: &[v1::Verdict]) {
        let lines = verdicts.iter().flat_map(|verdict| {
            let style = match v1::VerdictResult::try_from(verdict.result) {
                Ok(v1::VerdictResult::Pass) => GOOD,
                Ok(v1::VerdictResult::Fail) => BAD,
                _ => FAINT,
            };
            let head = format!(
                "{} {} says {}: {}  {}",
                verdict.step + 1,
                line(&verdict.validator),
                paint(style, words::verdict(verdict.result)),
                line(&verdict.reason),
                paint(FAINT, words::time(verdict.latency.as_ref())),
            );
            let findings = verdict.findings.iter().map(|finding| {
                let place = match finding.line {
                    0 => String::new(),
                    at => format!("line {at}, column {}: ", finding.column),
                };
                format!(
                    "  {place}{} {}",
                    line(&finding.problem),
                    paint(FAINT, format!("\"{}\"", short(&finding.excerpt)))
                )
            });
            std::iter::once(head.trim_end().to_owned())
                .chain(findings)
                .collect::<Vec<_>>()
        });
        self.section("verdicts", lines.collect::<Vec<_>>());
    }

    fn degradations(&mut self, all: &[v1::Degradation]) {
        self.section("degraded", all.iter().map(|one| paint(WARN, degradation(one))));
    }
}

fn degradation(one: &v1::Degradation) -> String {
    let domain = words::domain(one.domain);
    let who = match domain.is_empty() {
        true => String::new(),
        false => format!("{domain}: "),
    };
    let instead = match one.served_by.is_empty() {
        true => String::new(),
        false => format!(", {} served instead", line(&one.served_by)),
    };
    let detail = match one.detail.is_empty() {
        true => String::new(),
        false => format!(" ({})", line(&one.detail)),
    };
    format!("{who}{}{instead}{detail}", words::reason(one.reason))
}

fn usage_line(usage: &v1::Usage) -> String {
    let estimated = if usage.estimated { " (estimated)" } else { "" };
    let tokens = match usage.input_tokens + usage.output_tokens {
        0 => "no tokens".to_owned(),
        _ => format!(
            "{} in, {} out{estimated}",
            words::count(usage.input_tokens, "token"),
            usage.output_tokens
        ),
    };
    let saved = match usage.strongest_cost_usd {
        strongest if strongest > usage.cost_usd => format!(
            ", {:.0}% less than the {} of the strongest engine",
            (1.0 - usage.cost_usd / strongest) * 100.0,
            words::dollars(strongest)
        ),
        _ => String::new(),
    };
    let wasted = match usage.wasted_cost_usd {
        wasted if wasted > 0.0 => format!(", {} of it for answers that were not taken", words::dollars(wasted)),
        _ => String::new(),
    };
    format!(
        "{}, {tokens}{}{}",
        words::dollars(usage.cost_usd),
        paint(WARN, wasted),
        paint(GOOD, saved)
    )
}

fn timings_line(timings: &v1::Timings) -> String {
    let part = |name: &str, time: Option<&prost_types::Duration>| format!("{name} {}", words::time(time));
    let parts = [
        part("classify", timings.classify.as_ref()),
        part("upstream", timings.upstream.as_ref()),
        part("own", timings.overhead.as_ref()),
    ];
    format!(
        "{} {}",
        words::time(timings.total.as_ref()),
        paint(FAINT, format!("= {}", parts.join(" + ")))
    )
}

fn short(text: &str) -> String {
    let text = line(text);
    match text.char_indices().nth(INPUT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
