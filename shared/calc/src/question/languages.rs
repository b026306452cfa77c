//! The simplest questions in German, French, Spanish, Italian and Portuguese, put into English: `Was ist 15% von 240?`.
//!
//! Only numbers that mean the same in every country are read, and every other word declines.

/// The words of one language.
struct Words {
    /// What may stand before a question.
    asks: &'static [&'static str],
    /// Words and what they mean; longer ones first.
    means: &'static [(&'static str, &'static str)],
    /// "of", as it is written back.
    of: &'static str,
}

const LANGUAGES: &[Words] = &[
    Words {
        asks: &[
            "was ist",
            "was sind",
            "was ergibt",
            "wie viel ist",
            "wie viel sind",
            "wieviel ist",
            "berechne",
            "rechne",
        ],
        means: &[
            ("geteilt durch", "/"),
            ("multipliziert mit", "*"),
            ("prozent von", "% of"),
            ("% von", "% of"),
            ("plus", "+"),
            ("minus", "-"),
            ("mal", "*"),
        ],
        of: "von",
    },
    Words {
        asks: &[
            "combien font",
            "combien fait",
            "que font",
            "combien vaut",
            "quel est le résultat de",
            "calcule",
            "calculez",
        ],
        means: &[
            ("divisé par", "/"),
            ("multiplié par", "*"),
            ("pour cent de", "% of"),
            ("% de", "% of"),
            ("plus", "+"),
            ("moins", "-"),
            ("fois", "*"),
        ],
        of: "de",
    },
    Words {
        asks: &[
            "cuánto es",
            "cuanto es",
            "cuánto son",
            "cuanto son",
            "qué es",
            "cuánto es el",
            "cuanto es el",
            "calcula",
        ],
        means: &[
            ("dividido por", "/"),
            ("dividido entre", "/"),
            ("multiplicado por", "*"),
            ("por ciento de", "% of"),
            ("% de", "% of"),
            ("más", "+"),
            ("menos", "-"),
            ("por", "*"),
        ],
        of: "de",
    },
    Words {
        asks: &["quanto fa", "quanto è", "quanto fa il", "quanto è il", "calcola"],
        means: &[
            ("diviso per", "/"),
            ("moltiplicato per", "*"),
            ("per cento di", "% of"),
            ("% di", "% of"),
            ("più", "+"),
            ("meno", "-"),
            ("per", "*"),
        ],
        of: "di",
    },
    Words {
        asks: &["quanto é", "quanto são", "calcule"],
        means: &[
            ("dividido por", "/"),
            ("multiplicado por", "*"),
            ("por cento de", "% of"),
            ("% de", "% of"),
            ("mais", "+"),
            ("menos", "-"),
            ("vezes", "*"),
        ],
        of: "de",
    },
];

/// Longer questions (in bytes) are none of these.
const MAX: usize = 120;

/// A question in English, and the "of" of its own language.
pub(super) fn english(question: &str) -> Option<(String, &'static str)> {
    if question.len() > MAX {
        return None;
    }
    let plain = question
        .trim()
        .trim_start_matches('¿')
        .trim_end_matches(['?', '.', ' ', '\u{a0}'])
        .to_lowercase();
    LANGUAGES.iter().find_map(|words| {
        // The longest that fits: "cuánto es el 15%" after "cuánto es".
        let ask = words
            .asks
            .iter()
            .filter(|ask| follows(&plain, ask))
            .max_by_key(|ask| ask.len())?;
        Some((formula(plain[ask.len()..].trim(), words)?, words.of))
    })
}

fn follows(text: &str, words: &str) -> bool {
    text.strip_prefix(words)
        .is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// Numbers and signs by turns: nothing else is sure to mean the same.
fn formula(text: &str, words: &Words) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let (number, after) = number(rest)?;
        out.push_str(&number);
        rest = after.trim_start();
        if rest.is_empty() {
            return Some(out);
        }
        let sign = rest.chars().next().filter(|c| "+-*/×÷·".contains(*c));
        rest = match (sign, words.means.iter().find(|(word, _)| follows(rest, word))) {
            (Some(sign), _) => {
                // "24/7" stays the saying that it is.
                out.push_str(&if sign == '/' {
                    "/".to_owned()
                } else {
                    format!(" {sign} ")
                });
                &rest[sign.len_utf8()..]
            }
            (None, Some((word, sign))) => {
                out.push_str(&format!("{}{sign} ", if sign.starts_with('%') { "" } else { " " }));
                &rest[word.len()..]
            }
            _ => return None,
        };
        rest = rest.trim_start();
    }
}

/// Digits, perhaps with a comma and one or two places: three places may be thousands, and a point may be either.
fn number(text: &str) -> Option<(String, &str)> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == ','))
        .unwrap_or(text.len());
    let (written, rest) = text.split_at(end);
    let (whole, places) = written.split_once(',').unwrap_or((written, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(places) || places.len() > 2 || whole.len() > 15 || rest.starts_with('.') {
        return None;
    }
    // "1 000": a second number without a sign between is read as none.
    Some((written.replace(',', "."), rest))
}

#[cfg(test)]
mod tests {
    use crate::answer;

    #[test]
    fn the_simplest_questions_are_understood() {
        for (question, text, result) in [
            ("Was ist 15% von 240?", "15% von 240 = 36", "36"),
            ("Wie viel ist 7 mal 8?", "7 × 8 = 56", "56"),
            ("Was sind 12,5 Prozent von 80?", "12,5% von 80 = 10", "10"),
            ("Combien font 15 % de 240 ?", "15% de 240 = 36", "36"),
            ("combien font 3 fois 4 plus 2", "3 × 4 + 2 = 14", "14"),
            ("¿Cuánto es el 15% de 240?", "15% de 240 = 36", "36"),
            ("¿Cuánto es 10 dividido entre 4?", "10/4 = 2,5", "2.5"),
            ("Quanto fa 7 per 8?", "7 × 8 = 56", "56"),
            ("Quanto é 15% de 240?", "15% de 240 = 36", "36"),
        ] {
            let answer = answer(question).unwrap_or_else(|reason| panic!("{question}: {reason}"));
            assert_eq!(
                (answer.text.as_str(), answer.result.as_str()),
                (text, result),
                "{question}"
            );
        }
    }

    #[test]
    fn everything_else_declines() {
        for question in [
            "Was ist 15?",
            "Was ist Liebe?",
            "Was ist 1.500 mal 2?",
            "Was ist 1,500 mal 2?",
            "Was ist 1 000 mal 2?",
            "Was ist 100 + 10%?",
            "Was ist 3 mal so viel wie 4?",
            "Wie viel ist 5 Euro plus 3 Euro?",
            "Was ist 15% von 240 und warum?",
            "Was ist 15% von 240 plus 3?",
            "Combien font 5 km de 3 m",
            "¿Cuánto es 15 por ciento?",
            "Cuánto es 5 por",
            "Quanto fa 5 di 3",
            "Was ist 24/7?",
            "Was ist 5 / 0?",
        ] {
            assert!(answer(question).is_err(), "{question}: {:?}", answer(question));
        }
    }
}
