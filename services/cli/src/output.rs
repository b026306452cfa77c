//! What reaches the terminal: colours only there, foreign text only as text, a broken pipe as a quiet end.

use std::io::{self, IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};

use crate::failure::Failure;

/// Right, healthy.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Less than wanted.
pub const WARN: Style = AnsiColor::Yellow.on_default();
/// Wrong, down, refused.
pub const BAD: Style = AnsiColor::Red.on_default();
/// Names and labels.
pub const NAME: Style = AnsiColor::Cyan.on_default();
/// What stands out.
pub const STRONG: Style = Style::new().bold();
/// What stands back.
pub const FAINT: Style = Style::new().dimmed();

/// Longest foreign text on one line.
const MAX_LINE: usize = 400;

/// Text in a style; [`print`] drops the style where there is no terminal.
pub fn paint(style: Style, text: impl AsRef<str>) -> String {
    match text.as_ref() {
        "" => String::new(),
        text => format!("{style}{text}{style:#}"),
    }
}

/// Prints text that may carry styles.
///
/// # Errors
/// Standard output cannot be written.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Prints text in the place of everything on a terminal; elsewhere as [`print`] does.
///
/// # Errors
/// Standard output cannot be written.
pub fn screen(text: &str) -> Result<(), Failure> {
    if !io::stdout().is_terminal() {
        return print(text);
    }
    // Past what drops styles: without colours it would drop the way back to the top too.
    let mut out = io::stdout().lock();
    out.write_all(in_place(text, colors()).as_bytes())?;
    Ok(out.flush()?)
}

/// Text for the top of a terminal. Whatever is left below is erased afterwards: no flicker.
fn in_place(text: &str, colors: bool) -> String {
    let text = match colors {
        true => text.to_owned(),
        false => anstream::adapter::strip_str(text).to_string(),
    };
    format!("\x1b[H{}\x1b[J", text.replace('\n', "\x1b[K\n"))
}

/// Prints an answer, or a piece of one: into a pipe as it is, onto a terminal without control sequences.
///
/// # Errors
/// Standard output cannot be written.
pub fn answer(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        out.write_all(visible(text).as_bytes())?;
    } else {
        out.write_all(text.as_bytes())?;
    }
    Ok(out.flush()?)
}

/// Prints a line on standard error; one that cannot be written is lost.
pub fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Prints how a command failed.
pub fn failure(failure: &Failure) {
    if !failure.is_quiet() {
        note(&format!("{} {failure}", paint(BAD, "error:")));
    }
}

/// Foreign text without control characters, nor those that turn the reading direction; lines stay lines.
pub fn visible(text: &str) -> String {
    let unsafe_here = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if unsafe_here(c) { '\u{fffd}' } else { c })
        .collect()
}

/// Foreign text as one line of bearable length.
pub fn line(text: &str) -> String {
    let mut words = String::new();
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    let mut line: String = words.chars().take(MAX_LINE).collect();
    if words.chars().nth(MAX_LINE).is_some() {
        line.push('…');
    }
    visible(&line)
}

/// Columns of the terminal; 120 where there is none.
pub fn width() -> usize {
    terminal_size::terminal_size_of(io::stdout()).map_or(120, |(width, _)| usize::from(width.0).max(40))
}

/// Whether colours are wanted on standard output: a terminal, and NO_COLOR is not set.
pub fn colors() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Rows whose columns line up, each cell with its style.
#[derive(Debug, Default)]
pub struct Table(Vec<Vec<(Style, String)>>);

impl Table {
    /// Adds a row; foreign text must have gone through [`line`].
    pub fn row(&mut self, cells: impl IntoIterator<Item = (Style, String)>) {
        self.0.push(cells.into_iter().collect());
    }

    /// The rows as lines, indented by so many spaces; no blanks at the ends of lines.
    pub fn render(&self, indent: usize) -> String {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(|row| row.get(column));
            cells.map(|(_, text)| text.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut out = String::new();
        for row in &self.0 {
            let last = row
                .iter()
                .rposition(|(_, text)| !text.is_empty())
                .map_or(0, |last| last + 1);
            out.push_str(&" ".repeat(indent));
            for (column, (style, text)) in row.iter().take(last).enumerate() {
                out.push_str(&paint(*style, text));
                if column + 1 < last {
                    out.push_str(&" ".repeat(widths[column] - text.chars().count() + 2));
                }
            }
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_drive_the_terminal() {
        assert_eq!(visible("a\x1b[31mb\n\tc\u{202e}"), "a\u{fffd}[31mb\n\tc\u{fffd}");
        assert_eq!(line(" two\n words\r\n\x07 "), "two words \u{fffd}");
        assert_eq!(line(&"x".repeat(500)).chars().count(), MAX_LINE + 1);
    }

    #[test]
    fn without_colours_a_screen_is_still_written_in_place() {
        let text = format!("{}\n", paint(GOOD, "up"));
        assert_eq!(in_place(&text, false), "\x1b[Hup\x1b[K\n\x1b[J");
        assert!(in_place(&text, true).contains("\x1b[32mup"));
    }

    #[test]
    fn columns_line_up() {
        let mut table = Table::default();
        let plain = |cells: &[&str]| cells.iter().map(|text| (GOOD, (*text).to_owned())).collect::<Vec<_>>();
        table.row(plain(&["a", "bb", ""]));
        table.row(plain(&["ccc", "d", "e"]));
        let text = anstream::adapter::strip_str(&table.render(2)).to_string();
        assert_eq!(text, "  a    bb\n  ccc  d   e\n");
    }
}
