//! Cuts a text into passages, where it divides itself: before headings and definitions, else at blank lines.

use std::ops::Range;

/// Most lines of a passage.
pub const MAX_LINES: usize = 40;
/// Most bytes of a passage.
pub const MAX_BYTES: usize = 1200;
/// A passage of this many bytes ends where a new section begins.
const ENOUGH: usize = 500;
/// Lines that are repeated where a passage had to be cut inside a block.
const OVERLAP: usize = 4;

/// A passage of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// First line, from 1.
    pub first_line: u32,
    /// Last line.
    pub last_line: u32,
    /// Where it is in the text, bytes.
    pub range: Range<usize>,
}

/// A line: where it is, and how well a passage may begin with it.
struct Line {
    range: Range<usize>,
    begins: Begins,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Begins {
    Nothing,
    /// A paragraph: after a blank line.
    Block,
    /// A heading, or a definition: after a blank line, not indented.
    Section,
}

/// The passages of a text, in order. Every line that is not blank is in one; lines of none are blank.
pub fn chunks(text: &str) -> Vec<Chunk> {
    let lines = lines(text);
    let mut chunks = Vec::new();
    let mut first = 0;
    // Where the passage ended that this one goes on from.
    let mut before = None;
    while first < lines.len() {
        if lines[first].range.len() > MAX_BYTES {
            split_line(text, first, &lines[first].range, &mut chunks);
            first += 1;
            continue;
        }
        let (end, inside) = end_of(&lines, first, before);
        push(
            text,
            first..end,
            lines[first].range.start..lines[end - 1].range.end,
            &mut chunks,
        );
        (first, before) = match inside {
            true => (overlapped(&lines, first, end), Some(end)),
            false => (end, None),
        };
    }
    chunks
}

fn lines(text: &str) -> Vec<Line> {
    let mut start = 0;
    let mut after_blank = true;
    let mut fenced = false;
    text.split_inclusive('\n')
        .map(|line| {
            let range = start..start + line.len();
            start = range.end;
            let blank = line.trim().is_empty();
            let indented = line.starts_with([' ', '\t']);
            let closes = line.starts_with(['}', ')', ']']) || line.trim_end() == "end";
            let heading = !fenced && is_heading(line);
            fenced ^= line.trim_start().starts_with("```");
            let begins = match () {
                () if blank => Begins::Nothing,
                () if heading || (after_blank && !indented && !closes && !fenced) => Begins::Section,
                () if after_blank => Begins::Block,
                () => Begins::Nothing,
            };
            after_blank = blank;
            Line { range, begins }
        })
        .collect()
}

/// `# Title` of Markdown; in a shell script or in Python it is a comment, after which to cut does no harm.
fn is_heading(line: &str) -> bool {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    (1..=6).contains(&level) && text.starts_with(' ')
}

/// Where the passage that begins with line `first` ends, and whether that is inside a block.
fn end_of(lines: &[Line], first: usize, before: Option<usize>) -> (usize, bool) {
    let start = lines[first].range.start;
    let mut best: Option<(usize, Begins)> = None;
    for (index, line) in lines.iter().enumerate().skip(first + 1) {
        let size = line.range.start - start;
        if line.begins == Begins::Section && (size >= ENOUGH || before.is_some_and(|end| index >= end)) {
            return (index, false);
        }
        // The last of the best ones, but none that would leave almost nothing.
        if line.begins > Begins::Nothing && size >= ENOUGH / 4 && best.is_none_or(|(_, begins)| line.begins >= begins) {
            best = Some((index, line.begins));
        }
        if line.range.end - start > MAX_BYTES || index - first == MAX_LINES {
            return best.map_or((index, true), |(index, _)| (index, false));
        }
    }
    (lines.len(), false)
}

/// Where the passage after one that was cut inside a block begins.
fn overlapped(lines: &[Line], first: usize, end: usize) -> usize {
    // A quarter at most, so that it goes on; never a line that would fill a passage by itself.
    let back = OVERLAP.min((end - first) / 4);
    let small = |index: &usize| lines[*index].range.len() <= MAX_BYTES / 8;
    let fits = end < lines.len() && lines[end].range.len() <= MAX_BYTES / 2;
    match fits && (end - back..end).all(|index| small(&index)) {
        true => end - back,
        false => end,
    }
}

/// Pieces of a line that is longer than a passage.
fn split_line(text: &str, line: usize, range: &Range<usize>, chunks: &mut Vec<Chunk>) {
    let mut start = range.start;
    while start < range.end {
        let end = text.floor_char_boundary((start + MAX_BYTES).min(range.end));
        push(text, line..line + 1, start..end, chunks);
        start = end;
    }
}

/// Adds a passage without the blank lines around it, unless nothing is left.
fn push(text: &str, lines: Range<usize>, range: Range<usize>, chunks: &mut Vec<Chunk>) {
    let whole = &text[range.clone()];
    let end = range.start + whole.trim_end().len();
    let mut start = range.start;
    let mut first = lines.start;
    for line in whole.split_inclusive('\n') {
        if !line.trim().is_empty() {
            break;
        }
        start += line.len();
        first += 1;
    }
    if start >= end {
        return;
    }
    let newlines = text[start..end].bytes().filter(|byte| *byte == b'\n').count();
    let number = |line: usize| u32::try_from(line + 1).unwrap_or(u32::MAX);
    chunks.push(Chunk {
        first_line: number(first),
        last_line: number(first + newlines),
        range: start..end,
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        chunks(text).into_iter().map(|chunk| &text[chunk.range]).collect()
    }

    #[test]
    fn functions_and_sections_begin_passages() {
        let function = |name: &str| format!("/// Does it.\nfn {name}() {{\n{}}}\n", "    work();\n".repeat(38));
        let text = format!("{}\n{}", function("one"), function("two"));
        let found = texts(&text);
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[0].starts_with("/// Does it.\nfn one"));
        assert!(found[2].starts_with("/// Does it.\nfn two"));

        let text = format!("# One\n{}\n# Two\nshort\n", "some words of it here\n".repeat(30));
        let second = &chunks(&text)[1];
        assert_eq!((second.first_line, second.last_line), (33, 34));
        assert_eq!(&text[second.range.clone()], "# Two\nshort");
    }

    #[test]
    fn small_ones_stay_together_and_blank_ones_are_none() {
        assert_eq!(texts("fn a() {}\n\nfn b() {}\n"), ["fn a() {}\n\nfn b() {}"]);
        assert_eq!(texts("\n \n\n"), [""; 0]);
        let spaced = chunks("\n\n  x\n\n");
        assert_eq!((spaced[0].first_line, spaced[0].last_line), (3, 3));
    }

    #[test]
    fn a_block_that_is_too_long_is_cut_with_an_overlap() {
        let text: String = (1..=90).map(|line| format!("    line {line}\n")).collect();
        let found = chunks(&text);
        assert_eq!((found[0].first_line, found[0].last_line), (1, 40));
        assert_eq!((found[1].first_line, found[1].last_line), (37, 76));
        assert_eq!(found[2].last_line, 90);
    }

    fn a_text() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            6 => "[ ]{0,6}[a-zé東{}#` ]{0,60}",
            2 => Just(String::new()),
            1 => "#{1,3} [a-z]{1,9}",
            1 => "[a-z東🦀]{500,3000}",
        ];
        prop::collection::vec(line, 0..160).prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #[test]
        fn every_line_is_in_a_passage_and_no_passage_is_too_large(text in a_text()) {
            let found = chunks(&text);
            let mut covered = vec![false; text.len()];
            for chunk in &found {
                let passage = &text[chunk.range.clone()];
                prop_assert!(passage.len() <= MAX_BYTES, "{} bytes", passage.len());
                prop_assert!(!passage.trim().is_empty());
                let lines = text[..chunk.range.start].matches('\n').count() + 1;
                prop_assert_eq!(chunk.first_line as usize, lines);
                prop_assert_eq!(chunk.last_line as usize, lines + passage.matches('\n').count());
                prop_assert!((chunk.last_line - chunk.first_line) < MAX_LINES as u32);
                covered[chunk.range.clone()].fill(true);
            }
            for (index, letter) in text.char_indices() {
                prop_assert!(covered[index] || letter.is_whitespace(), "{letter:?} at {index} is in none");
            }
            prop_assert!(found.windows(2).all(|pair| pair[0].range.start < pair[1].range.start));
        }
    }
}
