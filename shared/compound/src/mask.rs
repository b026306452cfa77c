//! Which bytes of a query are protected: code, quotes and brackets, inside which nothing is split.

/// One flag per byte of the query.
pub(crate) struct Mask(Vec<bool>);

impl Mask {
    pub(crate) fn of(text: &str) -> Self {
        let mut mask = Self(vec![false; text.len()]);
        mask.fences(text);
        mask.ticks(text);
        mask.quotes(text);
        mask.brackets(text);
        mask
    }

    /// Whether the byte at `at` is protected.
    pub(crate) fn covers(&self, at: usize) -> bool {
        self.0.get(at).copied().unwrap_or(false)
    }

    fn protect(&mut self, from: usize, to: usize) {
        if let Some(range) = self.0.get_mut(from..to) {
            range.fill(true);
        }
    }

    /// Fenced blocks; one that is never closed goes on to the end.
    fn fences(&mut self, text: &str) {
        let mut from = 0;
        while let Some(open) = text[from..].find("```").map(|at| from + at) {
            let end = text[open + 3..].find("```").map_or(text.len(), |at| open + 3 + at + 3);
            self.protect(open, end);
            from = end;
        }
    }

    fn ticks(&mut self, text: &str) {
        let mut open: Option<usize> = None;
        for (at, byte) in text.bytes().enumerate() {
            if self.covers(at) || byte != b'`' {
                continue;
            }
            match open.take() {
                Some(start) => self.protect(start, at + 1),
                None => open = Some(at),
            }
        }
    }

    /// Quotes that open at the start of a word and close at the end of one.
    fn quotes(&mut self, text: &str) {
        const PAIRS: [(char, char); 6] = [('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’'), ('«', '»'), ('„', '“')];
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let mut index = 0;
        // Closers that are not found once are not found further on.
        let mut missing: Vec<char> = Vec::new();
        while index < chars.len() {
            let (start, c) = chars[index];
            let pair = PAIRS.iter().find(|(open, _)| *open == c);
            let opens = index == 0 || !chars[index - 1].1.is_alphanumeric();
            if self.covers(start) || pair.is_none() || !opens {
                index += 1;
                continue;
            }
            let close = pair.map_or('"', |(_, close)| *close);
            if missing.contains(&close) {
                index += 1;
                continue;
            }
            let end = (index + 1..chars.len()).find(|&i| {
                chars[i].1 == close
                    && (close == '"' || chars.get(i + 1).is_none_or(|(_, next)| !next.is_alphanumeric()))
            });
            match end {
                Some(end) => {
                    self.protect(start, chars[end].0 + close.len_utf8());
                    index = end + 1;
                }
                None => missing.push(close),
            }
        }
    }

    /// Matching brackets outside of what is protected already.
    fn brackets(&mut self, text: &str) {
        let mut open: Vec<(u8, usize)> = Vec::new();
        for (at, byte) in text.bytes().enumerate() {
            if self.covers(at) {
                continue;
            }
            match byte {
                b'(' | b'[' | b'{' => open.push((byte, at)),
                b')' | b']' | b'}' => {
                    let wanted = match byte {
                        b')' => b'(',
                        b']' => b'[',
                        _ => b'{',
                    };
                    // A lone closer, as in "1) ...", closes nothing.
                    if open.last().is_some_and(|(opener, _)| *opener == wanted)
                        && let Some((_, start)) = open.pop()
                        && open.is_empty()
                    {
                        self.protect(start, at + 1);
                    }
                }
                _ => {}
            }
        }
    }
}
