//! A line without its markup: LaTeX, Markdown emphasis, calculator annotations. Every character keeps its column.

/// Characters and where each stood in the line.
#[derive(Debug, Default)]
pub(super) struct Plain {
    pub(super) chars: Vec<char>,
    pub(super) columns: Vec<usize>,
}

impl Plain {
    fn push(&mut self, text: &str, column: usize) {
        for c in text.chars() {
            self.chars.push(c);
            self.columns.push(column);
        }
    }
}

/// Commands with their plain form; commands not listed end what is read.
const COMMANDS: &[(&str, &str)] = &[
    ("times", "*"),
    ("cdot", "*"),
    ("div", "/"),
    ("approx", "≈"),
    ("left", ""),
    ("right", ""),
    ("pi", "pi"),
    ("quad", " , "),
    ("qquad", " , "),
    ("implies", " ; "),
    ("Rightarrow", " ; "),
    ("degree", "°"),
    ("circ", "°"),
    ("ldots", "…"),
    ("dots", "…"),
    ("cdots", "…"),
    ("displaystyle", ""),
];

/// How deep fractions nest in fractions.
const MAX_DEPTH: usize = 8;

/// The line without markup, and the annotations `<<48/2=24>>` that stood in it, each a text of its own.
pub(super) fn plain(chars: &[char]) -> (Plain, Vec<Plain>) {
    let mut out = Plain::default();
    let mut annotations = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if chars[at] == '<'
            && chars.get(at + 1) == Some(&'<')
            && let Some(length) =
                (at + 2..chars.len().min(at + 202)).position(|i| chars[i] == '>' && chars.get(i + 1) == Some(&'>'))
        {
            let mut annotation = Plain::default();
            translate(chars, at + 2, at + 2 + length, 0, &mut annotation);
            annotations.push(annotation);
            at += length + 4;
            continue;
        }
        at = step(chars, at, chars.len(), 0, &mut out);
    }
    (out, annotations)
}

fn translate(chars: &[char], from: usize, to: usize, depth: usize, out: &mut Plain) {
    let mut at = from;
    while at < to {
        at = step(chars, at, to, depth, out);
    }
}

/// Translates what stands at a place, and returns where to go on.
fn step(chars: &[char], at: usize, to: usize, depth: usize, out: &mut Plain) -> usize {
    let c = chars[at];
    match c {
        '\\' => command(chars, at, to, depth, out),
        // A group: `^{10}`, `10{,}000`.
        '{' => match group(chars, at, to) {
            Some(end) if end == at + 2 && chars[at + 1] == ',' => {
                out.push(",", at);
                end + 1
            }
            Some(end) if depth < MAX_DEPTH => {
                out.push("(", at);
                translate(chars, at + 1, end, depth + 1, out);
                out.push(")", end);
                end + 1
            }
            _ => {
                out.push("{", at);
                at + 1
            }
        },
        '*' if chars.get(at + 1) == Some(&'*') => {
            let operand = |c: Option<&char>, open: char| c.is_some_and(|c| c.is_ascii_digit() || *c == open);
            let power = at > 0 && operand(chars.get(at - 1), ')') && operand(chars.get(at + 2), '(');
            out.push(if power { "^" } else { " " }, at);
            at + 2
        }
        '_' if chars.get(at + 1) == Some(&'_') => {
            out.push(" ", at);
            at + 2
        }
        // A dollar sign that no number follows delimits mathematics.
        '$' => {
            let next = chars[at + 1..to].iter().find(|c| **c != ' ');
            let money = next.is_some_and(|c| c.is_ascii_digit() || *c == '.');
            out.push(if money { "$" } else { " " }, at);
            at + 1
        }
        c => {
            out.chars.push(c);
            out.columns.push(at);
            at + 1
        }
    }
}

fn command(chars: &[char], at: usize, to: usize, depth: usize, out: &mut Plain) -> usize {
    let length = chars[at + 1..to]
        .iter()
        .take_while(|c| c.is_ascii_alphabetic())
        .take(20)
        .count();
    let name: String = chars[at + 1..at + 1 + length].iter().collect();
    let after = at + 1 + length;
    if length == 0 {
        // `\%`, `\$`, `\,`, `\(`, `\]`, `\\`
        let (text, used) = match chars.get(at + 1).filter(|_| at + 1 < to) {
            Some('%') => ("%", 2),
            Some('$') => ("$", 2),
            Some('\\') => (" ; ", 2),
            Some('(' | ')' | '[' | ']' | ',' | ';' | ':' | '!' | ' ' | '{' | '}') => (" ", 2),
            Some('*') => ("*", 2),
            _ => (" ", 1),
        };
        out.push(text, at);
        return at + used;
    }
    if depth < MAX_DEPTH {
        match name.as_str() {
            "frac" | "dfrac" | "tfrac" => {
                if let Some((first, second)) = group(chars, after, to).and_then(|a| Some((a, group(chars, a + 1, to)?)))
                {
                    out.push("((", at);
                    translate(chars, after + 1, first, depth + 1, out);
                    out.push(")/(", first);
                    translate(chars, first + 2, second, depth + 1, out);
                    out.push("))", second);
                    return second + 1;
                }
            }
            "sqrt" => {
                if let Some(end) = group(chars, after, to) {
                    out.push("sqrt(", at);
                    translate(chars, after + 1, end, depth + 1, out);
                    out.push(")", end);
                    return end + 1;
                }
            }
            "text" | "mathrm" | "textbf" | "mathbf" | "boxed" => {
                if let Some(end) = group(chars, after, to) {
                    out.push(" ", at);
                    translate(chars, after + 1, end, depth + 1, out);
                    out.push(" ", end);
                    return end + 1;
                }
            }
            _ => {}
        }
    }
    match COMMANDS.iter().find(|(command, _)| *command == name) {
        Some((_, text)) => out.push(text, at),
        None => out.push(" \\ ", at),
    }
    after
}

/// Where the group that opens here closes.
fn group(chars: &[char], open: usize, to: usize) -> Option<usize> {
    if open >= to || chars[open] != '{' {
        return None;
    }
    let mut depth = 0;
    // Groups of formulas are short; the bound keeps a line of opening braces linear.
    for (i, c) in chars.iter().enumerate().take(to.min(open + 400)).skip(open) {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(line: &str) -> (Plain, Vec<Plain>) {
        plain(&line.chars().collect::<Vec<_>>())
    }

    fn text(line: &str) -> String {
        translated(line).0.chars.iter().collect()
    }

    #[test]
    fn markup_goes_and_columns_stay() {
        assert_eq!(text(r"2 \times 3 = 6"), "2 * 3 = 6");
        assert_eq!(text(r"\frac{1}{2} + \frac{a}{b}"), "((1)/(2)) + ((a)/(b))");
        assert_eq!(text("**2 + 2 = 4**").trim(), "2 + 2 = 4");
        assert_eq!(text("2**10 = 1024"), "2^10 = 1024");
        assert_eq!(text(r"10{,}000 \div 2"), "10,000 / 2");
        assert_eq!(text("48/2 = <<48/2=24>>24"), "48/2 = 24");
        let (line, notes) = translated("48/2 = <<48/2=24>>24");
        assert_eq!(notes.len(), 1);
        assert_eq!(line.columns.last(), Some(&19));
        assert_eq!(notes[0].columns[0], 9);
    }

    #[test]
    fn survives_braces() {
        for line in [
            "{{{{{{{{{{{{{{{{",
            "}}}}",
            "\\frac{1",
            "\\",
            "\\frac",
            "<<",
            "<<1=1",
            "**",
            "$",
        ] {
            translated(line);
        }
        translated(&"{".repeat(20_000));
        translated(&"\\frac{".repeat(5_000));
    }
}
