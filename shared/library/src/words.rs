//! The words of a text, as questions and sources share them.
//!
//! An identifier counts as a whole and by its parts: `parseHTTPRequest_v2` is itself, `parse`, `http`, `request`, `v2`.
//! Plurals lose their ending (the S-stemmer of Harman 1991); scripts without spaces are read in pairs of letters.

/// Longer words are noise: hashes, encoded data.
const MAX_WORD: usize = 64;

/// Words that say nothing of what a text is about.
const STOP: [&str; 52] = [
    "a", "about", "an", "and", "are", "as", "at", "be", "by", "can", "did", "do", "does", "for", "from", "had", "has",
    "have", "how", "i", "if", "in", "into", "is", "it", "its", "me", "my", "of", "on", "or", "our", "so", "that",
    "the", "their", "there", "this", "to", "use", "was", "we", "what", "when", "where", "which", "who", "why", "will",
    "with", "you", "your",
];

/// Calls `each` with every word, in lower case.
pub fn words(text: &str, mut each: impl FnMut(&str)) {
    let mut word = String::new();
    for run in text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')) {
        let run = run.trim_matches('_');
        if run.is_empty() || run.len() > MAX_WORD {
            continue;
        }
        if run.chars().any(unspaced) {
            pairs(run, &mut each);
            continue;
        }
        let mut parts = parts(run).peekable();
        let first = parts.next().unwrap_or_default();
        let whole = parts.peek().is_none();
        lower(run, &mut word);
        if whole {
            tell(&mut word, &mut each);
            continue;
        }
        word.retain(|letter| letter != '_');
        each(&word);
        for part in std::iter::once(first).chain(parts) {
            lower(part, &mut word);
            tell(&mut word, &mut each);
        }
    }
}

fn lower(text: &str, word: &mut String) {
    word.clear();
    word.extend(text.chars().flat_map(char::to_lowercase));
}

fn tell(word: &mut String, each: &mut impl FnMut(&str)) {
    if STOP.binary_search(&word.as_str()).is_ok() {
        return;
    }
    stem(word);
    each(word);
}

/// Takes a plural's ending off.
fn stem(word: &mut String) {
    if word.len() < 4 || !word.is_ascii() || !word.ends_with('s') {
        return;
    }
    if word.ends_with("ies") && !word.ends_with("eies") && !word.ends_with("aies") {
        word.truncate(word.len() - 3);
        word.push('y');
    } else if !(word.ends_with("us") || word.ends_with("ss") || word.ends_with("is")) {
        word.truncate(word.len() - 1);
    }
}

/// The parts of an identifier: between `_`, before a capital that begins a word.
fn parts(run: &str) -> impl Iterator<Item = &str> {
    run.split('_').flat_map(humps).filter(|part| !part.is_empty())
}

fn humps(part: &str) -> impl Iterator<Item = &str> {
    let mut rest = part;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (hump, after) = rest.split_at(hump_end(rest));
        rest = after;
        Some(hump)
    })
}

/// Where the first hump ends: `parse|HTTP`, `HTTP|Request`, `v2|Api`.
fn hump_end(text: &str) -> usize {
    let mut letters = text.char_indices().peekable();
    let mut before: Option<char> = None;
    while let Some((index, letter)) = letters.next() {
        if let Some(before) = before
            && letter.is_uppercase()
        {
            let begins = letters.peek().is_some_and(|(_, next)| next.is_lowercase());
            if !before.is_uppercase() || begins {
                return index;
            }
        }
        before = Some(letter);
    }
    text.len()
}

/// Whether a letter is of a script that puts no spaces between words.
fn unspaced(letter: char) -> bool {
    matches!(u32::from(letter), 0x0E00..=0x0EFF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

fn pairs(run: &str, each: &mut impl FnMut(&str)) {
    let starts: Vec<usize> = run.char_indices().map(|(index, _)| index).chain([run.len()]).collect();
    if starts.len() == 2 {
        each(run);
    }
    for pair in starts.windows(3) {
        each(&run[pair[0]..pair[2]]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        words(text, |word| found.push(word.to_owned()));
        found
    }

    #[test]
    fn identifiers_are_whole_and_in_parts() {
        assert_eq!(
            of("parseHTTPRequest_v2(x)"),
            ["parsehttprequestv2", "parse", "http", "request", "v2", "x"]
        );
        assert_eq!(of("retry_after_ms"), ["retryafterms", "retry", "after", "ms"]);
        assert_eq!(of("MAX_SIZE"), ["maxsize", "max", "size"]);
        // However it is written, it is the same identifier.
        assert_eq!(of("maxSize")[0], of("max_size")[0]);
    }

    #[test]
    fn plurals_meet_their_singulars_and_stop_words_go() {
        assert_eq!(
            of("How are the retries and policies made?"),
            ["retry", "policy", "made"]
        );
        assert_eq!(of("status class analysis"), ["status", "class", "analysis"]);
    }

    #[test]
    fn scripts_without_spaces_come_in_pairs() {
        assert_eq!(of("東京都 x"), ["東京", "京都", "x"]);
        assert_eq!(of("字"), ["字"]);
        assert_eq!(of("Größe Ärger"), ["größe", "ärger"]);
    }

    #[test]
    fn the_stop_words_are_in_order() {
        assert!(STOP.is_sorted());
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_short_words(text in ".{0,200}") {
            words(&text, |word| assert!(!word.is_empty() && word.len() <= 3 * MAX_WORD));
        }
    }
}
