//! "Key phrases of: ...": runs of content words, ranked.
//!
//! Candidates as in RAKE (Rose, Engel, Cramer and Cowley, "Automatic Keyword Extraction from Individual Documents",
//! 2010); with an encoder they are ranked by their likeness to the whole text and chosen by maximal marginal relevance, as
//! in EmbedRank (Bennani-Smires et al., CoNLL 2018), else by RAKE's own degree over frequency.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::embed::{Embedder, similarities};
use super::identify::identify;
use super::lists::is_stop_word;
use super::question::{compile, number, plain, unquoted};
use super::rank::choose;
use super::{Answer, decline, said};

/// Phrases when the question does not say how many.
const DEFAULT: usize = 5;

/// The longest phrase, in words.
const MAX_WORDS: usize = 3;

/// Candidates that are ranked by meaning.
const MAX_RANKED: usize = 40;

static ASK: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^(?:(?:what are|give|list|extract|find|show|get|name|identify)(?: me)? )?(?:the )?(?:(?:top|main|most important) )?(?:([a-z]+|\d{1,2}) )?(?:(?:main|most important|top) )?(?:key[ -]?phrases?|key[ -]?words?|key terms?)(?: (?:of|in|from|for))?(?: (?:this|the|the following|following)(?: text| article| passage| paragraph| sentence)?)?\s*[:\n]\s*(.+)$",
    )
});

pub(super) fn answer(question: &str, embedder: Option<&dyn Embedder>) -> Answer {
    let found = ASK.captures(plain(question))?;
    let wanted = match found.get(1).map(|word| word.as_str()) {
        Some(word) if !matches!(word.to_lowercase().as_str(), "the" | "all" | "some" | "any") => match number(word) {
            Some(number) => number,
            None => return decline("it is not clear how many key phrases are wanted"),
        },
        _ => DEFAULT,
    };
    let text = found.get(2)?.as_str();
    let text = unquoted(text).unwrap_or(text);
    if wanted == 0 || wanted > 30 {
        return decline("between one and thirty key phrases can be listed");
    }
    if text.split_whitespace().count() < 8 {
        return decline("the text is too short for key phrases");
    }
    if identify(text).is_none_or(|language| language.code != "eng") {
        return decline("key phrases are only found in English text");
    }
    let ranked = ranked(text, wanted, embedder);
    if ranked.is_empty() {
        return decline("the text has no content words");
    }
    let lines: Vec<String> = ranked.iter().map(|phrase| format!("- {phrase}")).collect();
    said(
        lines.join(
            "
",
        ),
        ranked.join(", "),
    )
}

/// A phrase as it first stands in the text, how often it stands there, and RAKE's score.
struct Candidate {
    text: String,
    score: f32,
}

fn ranked(text: &str, wanted: usize, embedder: Option<&dyn Embedder>) -> Vec<String> {
    let mut candidates = candidates(text);
    candidates.truncate(MAX_RANKED);
    let mut texts: Vec<&str> = candidates.iter().map(|candidate| candidate.text.as_str()).collect();
    let highest = candidates
        .iter()
        .map(|candidate| candidate.score)
        .fold(f32::MIN_POSITIVE, f32::max);
    let mut scores: Vec<f32> = candidates.iter().map(|candidate| candidate.score / highest).collect();
    texts.push(text);
    let similar = similarities(&texts, embedder);
    if embedder.is_some() {
        for (index, score) in scores.iter_mut().enumerate() {
            *score = 0.3 * *score + similar[index][texts.len() - 1];
        }
    }
    choose(&scores, &similar, wanted)
        .into_iter()
        .map(|index| texts[index].to_owned())
        .collect()
}

/// Candidates, the best by RAKE first.
fn candidates(text: &str) -> Vec<Candidate> {
    let runs = runs(text);
    let mut frequency: HashMap<String, f32> = HashMap::new();
    let mut degree: HashMap<String, f32> = HashMap::new();
    for run in &runs {
        for word in run {
            let word = word.to_lowercase();
            *frequency.entry(word.clone()).or_default() += 1.0;
            *degree.entry(word).or_default() += run.len() as f32;
        }
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut found: Vec<Candidate> = Vec::new();
    for run in runs {
        let text = run.join(" ");
        let weight = |word: &&str| {
            let word = word.to_lowercase();
            degree.get(&word).copied().unwrap_or(0.0) / frequency.get(&word).copied().unwrap_or(1.0)
        };
        match seen.get(&text.to_lowercase()) {
            // What stands there again counts again.
            Some(index) => found[*index].score *= 1.5,
            None => {
                seen.insert(text.to_lowercase(), found.len());
                let score = run.iter().map(weight).sum::<f32>();
                found.push(Candidate { text, score });
            }
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found
}

/// Runs of content words between stop words and marks.
fn runs(text: &str) -> Vec<Vec<&str>> {
    let mut runs: Vec<Vec<&str>> = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    for token in text.split_whitespace() {
        let word = token.trim_matches(|c: char| !c.is_alphanumeric());
        let word = word
            .strip_suffix("'s")
            .or_else(|| word.strip_suffix("’s"))
            .unwrap_or(word);
        let before = token.starts_with(|c: char| !c.is_alphanumeric());
        let after = token.ends_with(|c: char| !c.is_alphanumeric());
        if before {
            close(&mut open, &mut runs);
        }
        let lower = word.to_lowercase();
        let content = word.chars().count() > 2
            && !is_stop_word(&lower)
            && word.chars().any(char::is_alphabetic)
            && !lower.ends_with("ly");
        if content {
            open.push(word);
        } else {
            close(&mut open, &mut runs);
        }
        if after {
            close(&mut open, &mut runs);
        }
    }
    close(&mut open, &mut runs);
    runs
}

/// Ends a run. Long runs are lists or titles: their heads stand last.
fn close<'a>(open: &mut Vec<&'a str>, runs: &mut Vec<Vec<&'a str>>) {
    let from = open.len().saturating_sub(MAX_WORDS);
    let run: Vec<&str> = open.drain(..).skip(from).collect();
    if !run.is_empty() {
        runs.push(run);
    }
}
