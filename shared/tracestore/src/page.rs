//! Pages for people: the list of traces, and one trace as a waterfall. No scripts, nothing loaded, and every text from
//! a span escaped: whoever can reach the OTLP port writes it.

use std::{
    fmt::{self, Write as _},
    sync::Arc,
    time::Duration,
};

use opentelemetry_proto::tonic::common::v1::KeyValue;

use crate::{
    format,
    id::TraceId,
    trace::{Record, Trace, display},
    tree::Row,
};

/// Spans on a page; a browser is slow with more.
const MAX_ROWS: usize = 1_000;
/// Levels that are still indented.
const MAX_INDENT: usize = 40;

const STYLE: &str = include_str!("page.css");

/// Text, safe between tags and in quoted attributes.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // Invisible, or turns the reading direction around.
                c if (c.is_control() && c != '\n')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
                {
                    f.write_str("\u{fffd}")?;
                }
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// The newest traces.
pub(crate) fn list(traces: &[Arc<Trace>], total: usize) -> String {
    let mut body = format!(
        "<h1>Plexus traces</h1><p>{} of {total}, the newest first.</p>",
        traces.len()
    );
    if traces.is_empty() {
        body.push_str("<p>Nothing yet: ask the mesh something, then load this page again.</p>");
    } else {
        body.push_str(
            "<table><tr><th>began (UTC)</th><th>trace</th><th>duration</th><th>spans</th><th>services</th></tr>",
        );
        traces.iter().for_each(|trace| list_row(&mut body, trace));
        body.push_str("</table>");
    }
    page("Plexus traces", "", &body)
}

fn list_row(body: &mut String, trace: &Trace) {
    let summary = trace.summary();
    let (service, operation) = summary.root.unwrap_or(("", "(root not here yet)"));
    let services: Vec<&str> = summary.services.keys().copied().collect();
    let failed = if summary.total.errors > 0 { " class=err" } else { "" };
    put(
        body,
        format_args!(
            "<tr{failed}><td>{}</td><td><a href=\"/trace/{}\">{} {}</a></td><td>{}</td><td>{}</td><td>{}</td></tr>",
            format::timestamp(summary.start),
            trace.id,
            Escaped(service),
            Escaped(operation),
            format::duration(Duration::from_nanos(summary.end.saturating_sub(summary.start))),
            summary.total.spans,
            Escaped(&services.join(", ")),
        ),
    );
}

/// One trace, as an indented waterfall.
pub(crate) fn trace(trace: &Trace) -> String {
    let summary = trace.summary();
    let whole = summary.end.saturating_sub(summary.start);
    let mut body = String::from("<p><a href=\"/\">all traces</a></p>");
    let (service, operation) = summary.root.unwrap_or(("", "trace without its root"));
    put(
        &mut body,
        format_args!("<h1>{} {}</h1>", Escaped(service), Escaped(operation)),
    );
    put(
        &mut body,
        format_args!(
            "<p><code>{}</code> began {}, took {}: {} spans, {} failed. <a href=\"/api/traces/{0}\">JSON</a></p>",
            trace.id,
            format::timestamp(summary.start),
            format::duration(Duration::from_nanos(whole)),
            summary.total.spans,
            summary.total.errors,
        ),
    );
    if summary.orphans > 0 || trace.left_out > 0 {
        put(
            &mut body,
            format_args!(
                "<p class=err>{} spans have a parent that is not here; {} did not fit.</p>",
                summary.orphans, trace.left_out
            ),
        );
    }
    let rows = trace.rows();
    for row in rows.iter().take(MAX_ROWS) {
        if let Some(record) = trace.records.get(row.index) {
            span_row(&mut body, record, row, summary.start, whole);
        }
    }
    if rows.len() > MAX_ROWS {
        put(
            &mut body,
            format_args!("<p>{} more spans are in the JSON.</p>", rows.len() - MAX_ROWS),
        );
    }
    page(&format!("{service} {operation}"), "", &body)
}

fn span_row(body: &mut String, record: &Record, row: &Row, start: u64, whole: u64) {
    let offset = record.span.start_time_unix_nano.saturating_sub(start);
    let duration = record.duration();
    let percent = |nanos: f64| (nanos / whole.max(1) as f64 * 100.0).clamp(0.0, 100.0);
    let service = &record.source.process.service;
    put(
        body,
        format_args!(
            "<details{}><summary><span class=name style=\"padding-left:{}em\"><b style=\"color:hsl({hue} 55% 45%)\">{}</b> \
             {}{}</span><span class=time>{}</span><span class=track><i style=\"left:{:.2}%;width:{:.2}%;\
             background:hsl({hue} 55% 50%)\"></i></span></summary>",
            if record.is_error() { " class=err" } else { "" },
            row.depth.min(MAX_INDENT),
            Escaped(service),
            Escaped(&record.span.name),
            if row.orphan { " <em>(parent missing)</em>" } else { "" },
            format::duration(duration),
            percent(offset as f64),
            percent(duration.as_nanos() as f64),
            hue = hue(service),
        ),
    );
    details(body, record, offset);
    body.push_str("</details>");
}

fn details(body: &mut String, record: &Record, offset: u64) {
    body.push_str("<table>");
    field(body, "began after", &format::duration(Duration::from_nanos(offset)));
    field(body, "kind", record.kind().unwrap_or("not said"));
    field(body, "span id", &record.id.to_string());
    if let Some(status) = record.span.status.as_ref().filter(|status| !status.message.is_empty()) {
        field(body, "status", &status.message);
    }
    attributes(body, &record.span.attributes);
    for event in &record.span.events {
        let after = event.time_unix_nano.saturating_sub(record.span.start_time_unix_nano);
        field(
            body,
            &format!("event after {}", format::duration(Duration::from_nanos(after))),
            &event.name,
        );
        attributes(body, &event.attributes);
    }
    body.push_str("</table>");
}

fn attributes(body: &mut String, attributes: &[KeyValue]) {
    for attribute in attributes {
        field(
            body,
            &attribute.key,
            &attribute.value.as_ref().map(display).unwrap_or_default(),
        );
    }
}

fn field(body: &mut String, name: &str, value: &str) {
    put(
        body,
        format_args!("<tr><th>{}</th><td>{}</td></tr>", Escaped(name), Escaped(value)),
    );
}

/// The page of a trace that is not there (yet): spans arrive up to a second after the answer.
pub(crate) fn waiting(id: TraceId) -> String {
    let body = format!(
        "<h1>Waiting for spans</h1><p>No span of <code>{id}</code> is here. Spans arrive up to a second after the answer; \
         this page looks again every two seconds. Old traces are dropped when the store is full.</p>\
         <p><a href=\"/\">all traces</a></p>"
    );
    page("Waiting for spans", "<meta http-equiv=refresh content=2>", &body)
}

/// A page with one message.
pub(crate) fn message(title: &str, text: &str) -> String {
    let body = format!(
        "<h1>{}</h1><p>{}</p><p><a href=\"/\">all traces</a></p>",
        Escaped(title),
        Escaped(text)
    );
    page(title, "", &body)
}

fn page(title: &str, head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">{head}\
         <title>{}</title><style>{STYLE}</style></head><body>{body}</body></html>",
        Escaped(title)
    )
}

fn put(body: &mut String, text: fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = body.write_fmt(text);
}

/// A colour for each service, the same on every page.
fn hue(service: &str) -> u32 {
    service
        .bytes()
        .fold(7, |hash: u32, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)))
        % 360
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(
            Escaped("<a href='x'>\"&\u{202e}\0").to_string(),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\u{fffd}\u{fffd}"
        );
    }
}
