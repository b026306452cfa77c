//! A trace as lines of text: a tree with durations, offsets and bars. Pure; what a span says is data and never reaches the
//! terminal as a control sequence.

use std::{collections::BTreeSet, fmt::Display};

use anstyle::AnsiColor;
use plexus_tracestore::format;

use super::{
    model::{Span, Trace},
    text::{clean, color, count, interesting, micros, tag, width},
};

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// With ANSI colours.
    pub color: bool,
    /// Tree and bars of box-drawing characters; ASCII otherwise.
    pub unicode: bool,
    /// Columns; lines are fitted to it.
    pub width: usize,
}

impl Style {
    /// For a terminal of this width; `color` as the user wishes.
    pub fn terminal(width: usize, color: bool) -> Self {
        Self {
            color,
            unicode: true,
            width,
        }
    }

    /// For a pipe or a file: ASCII, no colours.
    pub fn plain() -> Self {
        Self {
            color: false,
            unicode: false,
            width: 120,
        }
    }
}

const DURATION: usize = 7;
const OFFSET: usize = 8;
/// Levels that are drawn; deeper ones stand under the last.
const MAX_LEVELS: usize = 24;
const VALUE: usize = 60;
const ERROR: usize = 400;
const ERROR_MARK: &str = "error: ";

struct Glyphs {
    branch: &'static str,
    last: &'static str,
    line: &'static str,
    gap: &'static str,
    bar: char,
    track: char,
    cut: &'static str,
}

const UNICODE: Glyphs = Glyphs {
    branch: "├─ ",
    last: "└─ ",
    line: "│  ",
    gap: "   ",
    bar: '█',
    track: '·',
    cut: "…",
};
const ASCII: Glyphs = Glyphs {
    branch: "|- ",
    last: "`- ",
    line: "|  ",
    gap: "   ",
    bar: '#',
    track: '.',
    cut: "..",
};

/// The trace as text, one line or two for each span, each ended by a newline.
pub fn render(trace: &Trace, style: Style) -> String {
    let mut drawing = Drawing::new(trace, style);
    drawing.head();
    for place in 0..trace.rows.len() {
        drawing.row(place);
    }
    drawing.out
}

struct Drawing<'a> {
    trace: &'a Trace,
    style: Style,
    glyphs: &'static Glyphs,
    /// Columns of the tree and of the bar; no bar in a narrow terminal.
    label: usize,
    bar: usize,
    start: u64,
    whole: u64,
    /// For each level above the current row: no sibling follows there.
    closed: Vec<bool>,
    out: String,
}

impl<'a> Drawing<'a> {
    fn new(trace: &'a Trace, style: Style) -> Self {
        let numbers = DURATION + 2 + OFFSET + 1;
        let bar = if style.width < 72 { 0 } else { (style.width / 4).min(32) };
        let label = style.width.saturating_sub(numbers + bar + 2).max(20);
        let start = trace.start();
        Self {
            trace,
            style,
            glyphs: if style.unicode { &UNICODE } else { &ASCII },
            label,
            bar,
            start,
            whole: trace.end().saturating_sub(start),
            closed: Vec::new(),
            out: String::new(),
        }
    }

    fn head(&mut self) {
        let spans = &self.trace.spans;
        let services: BTreeSet<&str> = spans.iter().map(|span| span.service.as_str()).collect();
        let errors = spans.iter().filter(|span| span.error).count();
        let line = format!(
            "{}  {} in {} over {}{}",
            format::timestamp(self.start.saturating_mul(1_000)),
            micros(self.whole),
            count(spans.len(), "span"),
            count(services.len(), "service"),
            if errors > 0 {
                format!(", {} failed", count(errors, "span"))
            } else {
                String::new()
            },
        );
        let id = clean(&self.trace.id, usize::MAX, "");
        let id = self.paint(anstyle::Style::new().bold(), id);
        self.line(&format!("trace {id}"));
        self.line(&line);
        for warning in &self.trace.warnings {
            let warning = clean(warning, ERROR, self.glyphs.cut);
            let text = self.paint(AnsiColor::Yellow.on_default(), format!("warning: {warning}"));
            self.line(&text);
        }
        self.out.push('\n');
    }

    fn row(&mut self, place: usize) {
        let row = self.trace.rows[place];
        let span = &self.trace.spans[row.index];
        self.closed.truncate(row.depth);
        let (above, below) = self.prefixes(row.depth, row.last, self.has_children(place));
        self.closed.resize(row.depth, true);
        self.closed.push(row.last);

        let room = self.label.saturating_sub(width(&above)).max(8);
        let missing = if row.orphan { " (parent missing)" } else { "" };
        let label = clean(
            &format!("{} {}{missing}", span.service, span.operation),
            room,
            self.glyphs.cut,
        );
        let (service, operation) = label.split_at(span_service_end(&label, &span.service));
        let hue = anstyle::Style::new().fg_color(Some(color(&span.service).into()));
        let operation_style = if span.error {
            AnsiColor::Red.on_default()
        } else {
            anstyle::Style::new()
        };
        let pad = " ".repeat(self.label.saturating_sub(width(&above) + width(&label)));
        let numbers = format!(
            "{:>DURATION$}  {:<OFFSET$}",
            micros(span.duration),
            format!("+{}", micros(span.start.saturating_sub(self.start)))
        );
        let line = [
            self.paint(anstyle::Style::new().dimmed(), above),
            self.paint(hue, service),
            self.paint(operation_style, operation),
            pad,
            " ".to_owned(),
            numbers,
            self.paint(
                if span.error { AnsiColor::Red.on_default() } else { hue },
                self.bar(span),
            ),
        ];
        self.line(&line.concat());
        self.details(span, &below);
    }

    fn has_children(&self, place: usize) -> bool {
        let depth = self.trace.rows[place].depth;
        self.trace.rows.get(place + 1).is_some_and(|next| next.depth > depth)
    }

    /// What stands left of a span, and of the lines about it.
    fn prefixes(&self, depth: usize, last: bool, has_children: bool) -> (String, String) {
        let glyphs = self.glyphs;
        let drawn = depth.min(MAX_LEVELS).min(self.label / 6);
        // Level 0 has no lines: roots stand side by side.
        let bars = (1..drawn).map(|level| {
            if self.closed.get(level) == Some(&true) {
                glyphs.gap
            } else {
                glyphs.line
            }
        });
        let mut above: String = bars.collect();
        let mut below = above.clone();
        if depth > 0 {
            above.push_str(if last { glyphs.last } else { glyphs.branch });
            below.push_str(if last { glyphs.gap } else { glyphs.line });
        }
        below.push_str(if has_children { glyphs.line } else { glyphs.gap });
        (above, below)
    }

    /// The attributes worth a line, wrapped between them, and why the span failed.
    fn details(&mut self, span: &Span, prefix: &str) {
        let cut = self.glyphs.cut;
        let room = self.style.width.saturating_sub(width(prefix)).max(20);
        let dimmed = anstyle::Style::new().dimmed();
        let mut line = String::new();
        for (name, value) in interesting(span) {
            let item = clean(&format!("{name}={}", clean(value, VALUE, cut)), room, cut);
            if !line.is_empty() && width(&line) + 2 + width(&item) > room {
                self.detail(prefix, &std::mem::take(&mut line), dimmed);
            }
            if !line.is_empty() {
                line.push_str("  ");
            }
            line.push_str(&item);
        }
        if !line.is_empty() {
            self.detail(prefix, &line, dimmed);
        }
        if span.error {
            let why = tag(span, "otel.status_description").or_else(|| tag(span, "error.type"));
            let why: Vec<char> = clean(why.unwrap_or("no reason given"), ERROR, cut).chars().collect();
            for (place, part) in why.chunks(room - ERROR_MARK.len()).enumerate() {
                let mark = if place == 0 { ERROR_MARK } else { "       " };
                let part: String = part.iter().collect();
                self.detail(prefix, &format!("{mark}{part}"), AnsiColor::Red.on_default());
            }
        }
    }

    fn detail(&mut self, prefix: &str, text: &str, style: anstyle::Style) {
        let line = self.paint(anstyle::Style::new().dimmed(), prefix) + &self.paint(style, text);
        self.line(&line);
    }

    fn bar(&self, span: &Span) -> String {
        if self.bar == 0 {
            return String::new();
        }
        let columns = |micros: u64| micros as f64 / self.whole.max(1) as f64 * self.bar as f64;
        // A cast from f64 saturates.
        let begin = (columns(span.start.saturating_sub(self.start)) as usize).min(self.bar - 1);
        let length = (columns(span.duration).round() as usize).clamp(1, self.bar - begin);
        let glyphs = self.glyphs;
        let place = |column: usize| {
            if (begin..begin + length).contains(&column) {
                glyphs.bar
            } else {
                glyphs.track
            }
        };
        format!("  {}", (0..self.bar).map(place).collect::<String>())
    }

    fn paint(&self, style: anstyle::Style, text: impl Display) -> String {
        if self.style.color && !style.is_plain() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }
}

fn span_service_end(label: &str, service: &str) -> usize {
    label.floor_char_boundary(clean(service, usize::MAX, "").len())
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
