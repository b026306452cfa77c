//! Questions that a mesh without any model answers right, one for each domain and a compound one.

use std::time::Duration;

use plexus_proto::v1;

use crate::{
    client::Router,
    explain,
    failure::Failure,
    output::{BAD, FAINT, NAME, STRONG, WARN, paint, visible},
};

const TIMEOUT: Duration = Duration::from_secs(60);

/// A question and what a right answer contains.
#[derive(Debug)]
pub(crate) struct Sample {
    /// What it shows.
    pub(crate) title: &'static str,
    /// The question.
    pub(crate) query: &'static str,
    expected: &'static [&'static str],
}

/// A question of the math domain.
pub(crate) const MATH: Sample = Sample {
    title: "math",
    query: "What is an 18% tip on $84.50?",
    expected: &["15.21"],
};

/// A question of two domains.
pub(crate) const COMPOUND: Sample = Sample {
    title: "compound",
    query: "compute 15% of 240 and check this Python: def f(x) return x",
    expected: &["36", "line 1"],
};

/// One question of each domain, then the compound one.
pub(crate) const ALL: [Sample; 5] = [
    MATH,
    Sample {
        title: "code",
        query: "Is this JSON valid? {\"name\": \"plexus\", \"ports\": [50051, 50061,]}",
        expected: &["line 1"],
    },
    Sample {
        title: "language",
        query: "What language is this sentence written in? \"Der Zug nach Hamburg fährt heute leider nicht pünktlich ab.\"",
        expected: &["German"],
    },
    Sample {
        title: "reasoning",
        query: "What is 15% of 240? Then double the result.",
        expected: &["72"],
    },
    COMPOUND,
];

impl Sample {
    /// Asks it.
    pub(crate) async fn ask(&self, router: &Router) -> Result<v1::AskResponse, Failure> {
        let request = v1::AskRequest {
            query: self.query.to_owned(),
            ..v1::AskRequest::default()
        };
        router.ask(request, TIMEOUT).await
    }

    /// What is wrong with an answer.
    pub(crate) fn problem(&self, response: &v1::AskResponse) -> Option<String> {
        let missing = self.expected.iter().find(|part| !response.answer.contains(**part))?;
        Some(match response.answer.is_empty() {
            true => format!("{}: there is no answer", self.title),
            false => format!("{}: the answer does not say \"{missing}\"", self.title),
        })
    }

    /// Question, answer, who served, and how long it took.
    pub(crate) fn render(&self, response: &v1::AskResponse) -> String {
        let mut out = format!(
            "{} {}\n",
            paint(NAME, format!("{:9}", self.title)),
            paint(STRONG, self.query)
        );
        for line in visible(&response.answer).lines() {
            out.push_str(format!("          {line}").trim_end());
            out.push('\n');
        }
        out.push_str(&format!("          {}\n", paint(FAINT, explain::served_by(response))));
        if !response.degradations.is_empty() {
            let why = format!("degraded: {}", explain::degradations(&response.degradations));
            out.push_str(&format!("          {}\n", paint(WARN, why)));
        }
        if let Some(problem) = self.problem(response) {
            out.push_str(&format!("          {}\n", paint(BAD, problem)));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_right_where_it_says_what_is_expected() {
        let answer = |text: &str| v1::AskResponse {
            answer: text.into(),
            ..v1::AskResponse::default()
        };
        assert_eq!(MATH.problem(&answer("The tip is $15.21.")), None);
        assert!(MATH.problem(&answer("15.20")).unwrap().contains("15.21"));
        assert!(MATH.problem(&answer("")).unwrap().contains("no answer"));
    }
}
