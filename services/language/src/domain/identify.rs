//! Which language a text is written in, or nothing where that is not sure.
//!
//! Trigrams (whatlang) misread short texts, so that they never decide alone: letters rule languages out, common words
//! count, and both must agree or one of them be plain.

use std::sync::LazyLock;

use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

use super::lexicon::{Score, knows, scores};
use super::question::{compile, plain, subject};
use super::script::{Told, rules_out, told};
use super::{Answer, decline, said};

/// No more of a text is looked at.
const MAX_LOOK_BYTES: usize = 8 * 1024;

/// A language that a text is surely written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identified {
    /// English name.
    pub name: &'static str,
    /// ISO 639-3 code.
    pub code: &'static str,
}

/// The language of a text.
pub fn identify(text: &str) -> Option<Identified> {
    let text = &text[..text.floor_char_boundary(MAX_LOOK_BYTES)];
    match told(text) {
        Told::One(code, name) => Some(Identified { name, code }),
        Told::Nothing => None,
        Told::Several => by_words(text),
    }
}

fn by_words(text: &str) -> Option<Identified> {
    let words: Vec<String> = text
        .unicode_words()
        .map(|word| word.to_lowercase().replace('’', "'"))
        .collect();
    // "l'eau", "c'è": the parts count too.
    let tokens = words.iter().flat_map(|word| {
        let parts = word.split('\'').filter(move |_| word.contains('\''));
        std::iter::once(word.as_str()).chain(parts)
    });
    let ranked: Vec<Score> = scores(tokens)
        .into_iter()
        .filter(|score| !rules_out(score.code, text))
        .collect();
    let trigrams = whatlang::detect(text);
    let guess = trigrams.map(|info| {
        (
            info.lang().code(),
            info.lang().eng_name(),
            info.is_reliable(),
            info.confidence(),
        )
    });
    if let Some(best) = ranked.first() {
        let next = ranked.get(1);
        let (next_hits, next_weight) = next.map_or((0, 0.0), |next| {
            (next.hits, ranked[1..].iter().map(|s| s.weight).fold(0.0, f32::max))
        });
        let ahead = best.hits > next_hits || (best.hits == next_hits && best.weight > next_weight * 1.5);
        let covered = best.hits * 4 >= words.len();
        let agrees = guess.is_some_and(|(code, ..)| code == best.code);
        let objects =
            guess.is_some_and(|(code, _, reliable, _)| reliable && code != best.code && !rules_out(code, text));
        let clear = best.hits >= 2 && best.hits >= next_hits + 2 && best.weight >= 1.5;
        let own = best.weight >= 1.0 && best.hits > next_hits;
        let sure = covered
            && ahead
            && ((agrees && own) || (clear && !objects) || best.hits >= next_hits * 2 + 3 && best.weight >= 3.0)
            || covered && words.len() <= 4 && best.hits == words.len() && best.weight >= next_weight * 2.0 && own;
        return sure.then_some(Identified {
            name: best.name,
            code: best.code,
        });
    }
    // A language without a list, or no common word at all.
    let (code, name, reliable, confidence) = guess?;
    let long = text.chars().filter(|c| c.is_alphabetic()).count() >= 60;
    (reliable && confidence > 0.95 && long && !knows(code) && !CLOSE.contains(&code))
        .then_some(Identified { name, code })
}

/// Languages whose trigrams are too much like those of a neighbour.
const CLOSE: &[&str] = &[
    "hrv", "srp", "slv", "slk", "afr", "aze", "tuk", "uzb", "jav", "mkd", "bel", "yid", "lat", "epo", "sna", "zul",
    "aka",
];

static ASKS: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    let thing = r"(?:this|that|the following|the|it)?(?: (?:text|sentence|phrase|word|line|quote|message|paragraph|passage|string))?";
    [
        compile(&format!(
            r"^(?:in )?(?:what|which) language (?:is|was|are) {thing}(?: (?:written|said))?(?: in)?\s*[:?]?\s*(.+)$"
        )),
        compile(&format!(
            r"^(?:identify|detect|recogni[sz]e|name|guess|determine|find)(?: out)? (?:the |which |what )?language\b ?(?:of |in |is |used in )?{thing}(?: (?:is )?(?:written )?in| is)?\s*[:?]?\s*(.+)$"
        )),
        compile(
            r"^(.+?)\s*(?:[-–—,:]|is)?\s*(?:in )?(?:what|which) language(?: is (?:this|that|it))?(?: written)?(?: in)?\s*\?*$",
        ),
        compile(&format!(
            r"^language (?:identification|detection|of|id)(?: of| for)? ?{thing}\s*:\s*(.+)$"
        )),
    ]
});

static WRITTEN: LazyLock<Regex> = LazyLock::new(|| compile(r"\s*(?:written|said)?(?: in)?\s*\?*$"));

pub(super) fn answer(question: &str) -> Answer {
    let question = plain(question);
    let (index, found) = ASKS
        .iter()
        .enumerate()
        .find_map(|(index, ask)| Some((index, ask.captures(question)?)))?;
    let given = found.get(1)?.as_str();
    let start = found.get(1)?.start();
    // Unquoted text must stand behind a colon or on a line of its own.
    let marked = question[..start].trim_end().ends_with([':', '?']) || question[..start].contains('\n');
    let quoted = subject(given, false).or_else(|| subject(&given[..WRITTEN.find(given)?.start()], false));
    let text = match quoted {
        Some(text) => text,
        None if marked && index != 2 => given,
        None => return None,
    };
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    match identify(text) {
        Some(language) => said(
            format!("{} (ISO 639-3: {}).", language.name, language.code),
            language.name,
        ),
        None if letters < 12 => decline("the text is too short to tell its language for sure"),
        None => decline("the language of the text is not sure"),
    }
}
