//! Recomputes every arithmetic claim of an answer.

use plexus_calc::{Conclusion, Verdict};

use super::{Finding, MAX_FINDINGS, Report, VerdictResult};

/// The longest query that is answered anew to compare; longer ones are no plain questions of arithmetic.
const MAX_QUERY: usize = 1024;

/// Checks an answer: its claims, and its result where the query has an exact one. Linear in the answer's length, and
/// bounded: a megabyte of it is read, and two thousand claims are recomputed.
pub fn check(query: &str, answer: &str) -> Report {
    let claims = plexus_calc::claims(answer);
    let mut findings = Vec::new();
    let (mut held, mut wrong) = (0_usize, 0_usize);
    for claim in &claims {
        match plexus_calc::verify(claim) {
            Verdict::Holds => held += 1,
            Verdict::Unknown => {}
            Verdict::Wrong { expected } => {
                wrong += 1;
                if findings.len() < MAX_FINDINGS {
                    findings.push(Finding {
                        excerpt: claim.excerpt.clone(),
                        problem: format!("should be {expected}"),
                        line: claim.line,
                        column: claim.column,
                    });
                }
            }
        }
    }
    let exact = if query.len() <= MAX_QUERY {
        plexus_calc::answer(query).ok()
    } else {
        None
    };
    let concluded = exact.as_ref().and_then(|exact| plexus_calc::conclusion(answer, exact));
    if let (Some(exact), Some(Conclusion::Differs { excerpt, line, column })) = (&exact, &concluded) {
        wrong += 1;
        let problem = format!("the result should be {}: {}", exact.result, exact.text);
        // Placed first: it is what the caller asked for.
        findings.insert(
            0,
            Finding {
                excerpt: excerpt.clone(),
                problem,
                line: *line,
                column: *column,
            },
        );
        findings.truncate(MAX_FINDINGS);
    }
    let confirmed = concluded == Some(Conclusion::Agrees);
    let (judgement, reason) = match (wrong, held, confirmed) {
        (1, _, _) => (VerdictResult::Fail, "one claim is wrong".to_owned()),
        (2.., _, _) => (VerdictResult::Fail, format!("{wrong} claims are wrong")),
        (0, 0, true) => (VerdictResult::Pass, "the result is right".to_owned()),
        (0, 0, false) => (VerdictResult::Unsure, "no arithmetic that can be checked".to_owned()),
        (0, 1, _) => (VerdictResult::Pass, "the one arithmetic claim holds".to_owned()),
        (0, _, _) => (VerdictResult::Pass, format!("all {held} arithmetic claims hold")),
    };
    Report {
        judgement,
        reason,
        findings,
        confidence: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(query: &str, answer: &str) -> VerdictResult {
        check(query, answer).judgement
    }

    #[test]
    fn right_claims_pass() {
        let report = check("how much?", "First 12 * 4 = 48.\nThen 15% of 48 = 7.2.");
        assert_eq!(report.judgement, VerdictResult::Pass);
        assert_eq!(report.reason, "all 2 arithmetic claims hold");
        assert!(report.findings.is_empty());
    }

    #[test]
    fn a_wrong_claim_fails_with_its_place() {
        let report = check("", "Easy.\n  So 12 × 12 = 145.");
        assert_eq!(report.judgement, VerdictResult::Fail);
        let [finding] = report.findings.as_slice() else {
            panic!("{report:?}")
        };
        assert_eq!((finding.line, finding.column), (2, 6));
        assert_eq!(
            (finding.excerpt.as_str(), finding.problem.as_str()),
            ("12 × 12 = 145", "should be 144")
        );
    }

    #[test]
    fn no_claim_is_unsure() {
        for text in [
            "",
            "Paris.",
            "Let x = 5.",
            "```\n2 + 2 = 5\n```",
            "In 1984 there were 3-5 of them.",
        ] {
            assert_eq!(judge("Tell me something", text), VerdictResult::Unsure, "{text}");
        }
    }

    #[test]
    fn the_result_of_the_query_counts() {
        assert_eq!(judge("What is 15% of 240?", "36"), VerdictResult::Pass);
        assert_eq!(judge("What is 15% of 240?", "The answer is 36."), VerdictResult::Pass);
        assert_eq!(judge("What is 15% of 240?", "The answer is 38."), VerdictResult::Fail);
        assert_eq!(judge("What is 15% of 240?", "thirty-six"), VerdictResult::Pass);
        assert_eq!(judge("18% tip on $84.50", "Leave $15.21."), VerdictResult::Pass);
        assert_eq!(
            judge("18% tip on $84.50", "The total is $99.71."),
            VerdictResult::Unsure
        );
        assert_eq!(judge("what is 72 F in C", "About 22 °C."), VerdictResult::Pass);
        assert_eq!(judge("what is 72 F in C", "That is 24 °C."), VerdictResult::Fail);
        assert_eq!(judge("Who wrote 1984?", "The answer is 38."), VerdictResult::Unsure);
    }

    #[test]
    fn findings_are_bounded() {
        let report = check("", &"1 + 1 = 3\n".repeat(5000));
        assert_eq!(report.findings.len(), MAX_FINDINGS);
        assert_eq!(report.reason, "2000 claims are wrong");
    }

    #[test]
    fn a_megabyte_ends_soon() {
        let hard = ["(", "1=1+1=", "{\\frac", "<<", "1 is 2 ", "x=1 "];
        for part in hard {
            let started = std::time::Instant::now();
            check("", &part.repeat((1 << 20) / part.len()));
            let took = started.elapsed();
            assert!(took.as_secs() < 20, "{part}");
        }
    }
}
