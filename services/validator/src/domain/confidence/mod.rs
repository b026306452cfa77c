//! Says how probable it is that an answer is right, so that a cascade can ask a stronger engine where it is not. It
//! knows worked arithmetic and multiple choice; of everything else it has no opinion. It never rejects an answer.

mod choice;
mod numbers;
mod text;
mod tokens;
mod weights;
mod worked;

use super::{Report, VerdictResult};
use weights::{Model, WEIGHTS};

/// Longer questions and answers are neither of what it knows, in bytes.
const MAX_TEXT: usize = 64 * 1024;
/// The most that is ever said: strong words are for those who recompute.
const HIGHEST: f64 = 0.9;
/// From here on an answer passes.
const PASSES: f64 = 0.8;
/// Reasons that move the log-odds by less are not told.
const TELLING: f64 = 0.3;
/// The most reasons that are told.
const MAX_REASONS: usize = 3;

/// What question and answer were read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A question with numbers and an answer that works with them.
    Worked,
    /// A question with lettered options; the answer is not looked at.
    Choice,
}

/// What is seen of a question and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// What they were read as.
    pub part: Part,
    /// Name and value of each feature, in a fixed order.
    pub values: Vec<(&'static str, f64)>,
}

/// One feature as the code knows it.
struct Known {
    name: &'static str,
    /// Said where the feature makes an answer less probable.
    doubt: &'static str,
}

const fn known(name: &'static str, doubt: &'static str) -> Known {
    Known { name, doubt }
}

impl Part {
    /// Its name in `weights.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Worked => "worked",
            Self::Choice => "choice",
        }
    }

    fn known(self) -> &'static [Known] {
        match self {
            Self::Worked => &worked::FEATURES,
            Self::Choice => &choice::FEATURES,
        }
    }

    fn model(self) -> &'static Model {
        match self {
            Self::Worked => &WEIGHTS.worked,
            Self::Choice => &WEIGHTS.choice,
        }
    }
}

impl Features {
    fn of(part: Part, values: impl IntoIterator<Item = f64>) -> Self {
        let names = part.known().iter().map(|known| known.name);
        Self {
            part,
            values: names.zip(values).collect(),
        }
    }

    /// How probable it is that the answer is right, 0 to 0.9.
    pub fn confidence(&self) -> f64 {
        let model = self.part.model();
        let odds = model.bias + self.shifts().map(|(_, shift)| shift).sum::<f64>();
        (1.0 / (1.0 + (-odds).exp())).min(HIGHEST)
    }

    /// What each feature adds to the log-odds of an average answer.
    fn shifts(&self) -> impl Iterator<Item = (&'static Known, f64)> {
        let terms = self.part.known().iter().zip(&self.part.model().terms);
        terms
            .zip(&self.values)
            .map(|((known, term), (_, value))| (known, term.weight * (value - term.mean)))
    }

    /// What speaks most against the answer.
    fn doubts(&self) -> Vec<&'static str> {
        let mut doubts: Vec<_> = self.shifts().filter(|(_, shift)| *shift <= -TELLING).collect();
        doubts.sort_by(|a, b| a.1.total_cmp(&b.1));
        doubts
            .into_iter()
            .take(MAX_REASONS)
            .map(|(known, _)| known.doubt)
            .collect()
    }
}

/// What is seen of a question and its answer; none where they are nothing that it knows. Linear in their length.
pub fn features(query: &str, answer: &str) -> Option<Features> {
    if query.len() > MAX_TEXT {
        return None;
    }
    let choice = choice::features(query).map(|values| Features::of(Part::Choice, values));
    choice.or_else(|| {
        let answer = Some(answer).filter(|answer| answer.len() <= MAX_TEXT)?;
        Some(Features::of(Part::Worked, worked::features(query, answer)?))
    })
}

/// Says how probable it is that the answer to a query is right.
pub fn check(query: &str, answer: &str) -> Report {
    let Some(features) = features(query, answer) else {
        return Report {
            judgement: VerdictResult::Unsure,
            reason: "no opinion: neither worked arithmetic nor multiple choice".to_owned(),
            findings: Vec::new(),
            confidence: None,
        };
    };
    let confidence = features.confidence();
    let doubts = match features.doubts() {
        doubts if doubts.is_empty() => "nothing speaks against it in particular".to_owned(),
        doubts => doubts.join("; "),
    };
    Report {
        judgement: if confidence >= PASSES {
            VerdictResult::Pass
        } else {
            VerdictResult::Unsure
        },
        reason: format!("{confidence:.2}: {doubts}"),
        findings: Vec::new(),
        confidence: Some(confidence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: &str = "Mia packs 4 crates of 15 plums and eats 12 plums. How many plums are left?";

    #[test]
    fn sound_work_passes() {
        let report = check(
            QUESTION,
            "She packs 4 * 15 = 60 plums.\nThen 60 - 12 = 48 are left.\nThe answer is 48.",
        );
        assert_eq!(report.judgement, VerdictResult::Pass, "{report:?}");
        assert!(report.confidence.is_some_and(|c| (PASSES..=HIGHEST).contains(&c)));
        assert!(report.findings.is_empty());
    }

    #[test]
    fn what_speaks_against_an_answer_is_told_and_never_rejects_it() {
        let report = check(QUESTION, "She packs 4 * 15 = 70 plums, so 70 - 12 = 57.5 are left.");
        assert_eq!(report.judgement, VerdictResult::Unsure);
        let confidence = report.confidence.unwrap();
        assert!(confidence < 0.3, "{confidence}");
        assert!(
            report.reason.starts_with(&format!("{confidence:.2}: ")),
            "{}",
            report.reason
        );
        for part in ["an equation does not hold", "the final number is not whole"] {
            assert!(report.reason.contains(part), "{}", report.reason);
        }
    }

    #[test]
    fn of_everything_else_there_is_no_opinion() {
        for (query, answer) in [
            ("", ""),
            ("Who wrote 1984?", "George Orwell, in 1948."),
            (
                "What happened between 1914 and 1918?",
                "The First World War began on 28 July 1914.",
            ),
            (QUESTION, "I do not know."),
            (QUESTION, "```python\nprint(4 * 15 - 12)\n```"),
            ("Translate: I have 3 cats and 2 dogs.", "J'ai 3 chats et 2 chiens."),
        ] {
            let report = check(query, answer);
            assert_eq!(
                (report.judgement, report.confidence),
                (VerdictResult::Unsure, None),
                "{query}"
            );
            assert!(report.reason.starts_with("no opinion"), "{}", report.reason);
        }
        let long = format!("{QUESTION}{}", " 1".repeat(MAX_TEXT));
        assert_eq!(check(&long, "48").confidence, None);
        assert_eq!(check(QUESTION, &long).confidence, None);
    }

    #[test]
    fn options_decide_whatever_the_answer_is() {
        let query = "Which metal is liquid at room temperature?\nA. iron\nB. mercury\nC. tin\nD. zinc";
        let confidence = check(query, "B").confidence;
        assert!(confidence.is_some());
        assert_eq!(check(query, "3 + 4 = 9").confidence, confidence);
    }
}
