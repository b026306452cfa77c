//! "Summarise the following in three sentences: ...": the sentences that say most, as they stand, in their order.

use std::sync::LazyLock;

use regex::Regex;

use super::embed::similarities;
use super::question::{compile, number, plain, unquoted};
use super::rank::{centrality, choose};
use super::sentences::sentences;
use super::{Answer, Embedder, decline, said};

/// Sentences when the question does not say how many.
const DEFAULT: usize = 3;

/// Longer texts (in sentences) are declined.
const MAX_SENTENCES: usize = 400;

/// What the first sentence gets on top: it tends to say what the text is about.
const LEAD: f32 = 0.1;

static VERB: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^(?:summari[sz]e|sum up|condense|tl;?dr|(?:give|write|make|create|provide|produce|extract|get)(?: me)?(?: an?| the)?(?: [\w-]+){0,3}? summary|(?:an?|the) (?:[\w-]+ ){0,2}summary|what is the summary)\b",
    )
});
static COUNT: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"\b([a-z]+|\d{1,3})[ -](?:key |main |short |most important )?(?:sentences?|bullet points?|bullets)\b")
});
static BELOW: LazyLock<Regex> =
    LazyLock::new(|| compile(r"\n\s*((?:please )?(?:summari[sz]e|sum up|tl;?dr)[^\n]{0,120})$"));

/// The words that may stand in the request; any other asks for more than an extract.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "summarise", "summarize", "summary", "sum", "up", "condense", "tl;dr", "tldr", "give", "write", "make", "create", "provide",
    "produce", "extract", "extractive", "get", "me", "a", "an", "the", "of", "this", "that", "these", "following", "text", "article",
    "passage", "paragraph", "paragraphs", "story", "document", "report", "email", "message", "essay", "news", "content", "in", "to",
    "into", "with", "for", "below", "above", "it", "using", "exactly", "at", "most", "only", "just", "about", "sentence",
    "sentences", "brief", "briefly", "short", "concise", "key", "main", "important", "point", "points", "bullet", "bullets",
    "please", "no", "more", "than", "what", "is", "and", "as", "by", "from", "max", "maximum", "down",
];

pub(super) fn answer(question: &str, embedder: Option<&dyn Embedder>) -> Answer {
    let question = plain(question);
    let (request, text) = parts(question)?;
    let words = || {
        request
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '.' | '?' | '-'))
            .filter(|word| !word.is_empty())
    };
    if let Some(other) = words().find(|word| !KNOWN.contains(&word.to_lowercase().as_str()) && number(word).is_none()) {
        return decline(format!("an extract of sentences cannot do \"{other}\""));
    }
    let counted = COUNT.captures(request).and_then(|found| number(found.get(1)?.as_str()));
    let wanted = counted.unwrap_or(DEFAULT);
    let bullets = request.to_lowercase().contains("bullet");
    if text.trim().is_empty() {
        return decline("there is no text to summarise");
    }
    let found = sentences(unquoted(text).unwrap_or(text));
    if wanted == 0 || wanted > 50 {
        return decline("a summary has between one and fifty sentences");
    }
    if found.len() <= wanted {
        return decline(format!(
            "the text has {} sentences, so that there is nothing to leave out",
            found.len()
        ));
    }
    if found.len() > MAX_SENTENCES {
        return decline("the text is too long to be ranked here");
    }
    let texts: Vec<&str> = found.iter().map(String::as_str).collect();
    let chosen = select(&texts, wanted, embedder);
    let picked: Vec<&str> = chosen.iter().map(|index| texts[*index]).collect();
    let text = if bullets {
        picked
            .iter()
            .map(|text| format!("- {text}"))
            .collect::<Vec<_>>()
            .join("\n")
    } else {
        picked.join(" ")
    };
    said(text.clone(), text)
}

/// Indices of the sentences that say most, in the order of the text.
fn select(texts: &[&str], wanted: usize, embedder: Option<&dyn Embedder>) -> Vec<usize> {
    let similar = similarities(texts, embedder);
    let mut scores = centrality(&similar);
    for (index, text) in texts.iter().enumerate() {
        // What is asked or said in three words sums up little.
        if text.ends_with('?') || text.split_whitespace().count() < 4 && text.is_ascii() {
            scores[index] *= 0.5;
        }
    }
    if let Some(first) = scores.first_mut() {
        *first += LEAD;
    }
    let mut chosen = choose(&scores, &similar, wanted);
    chosen.sort_unstable();
    chosen
}

/// The request and the text: before and behind a colon or a line break, or the other way round.
fn parts(question: &str) -> Option<(&str, &str)> {
    if VERB.is_match(question) {
        let colon = question.find(':').filter(|at| !question[..*at].contains('\n'));
        let end = match (colon, question.find('\n')) {
            (Some(colon), _) => colon,
            (None, Some(line)) => line,
            // No mark between the two: nothing tells where the text begins.
            (None, None) => question.find(['"', '“']).unwrap_or(question.len()),
        };
        let text = question[end..].trim_start_matches(':');
        return Some((&question[..end], text));
    }
    let below = BELOW.captures(question)?.get(1)?;
    Some((below.as_str(), &question[..below.start()]))
}
