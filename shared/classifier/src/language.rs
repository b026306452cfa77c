//! The language of a text, or nothing where that is not sure.

use whatlang::{Lang, Script, detect, detect_script};

/// Bytes of a text that are looked at.
const LOOK: usize = 512;

/// Whether nine of ten characters are ASCII.
pub(crate) fn mostly_ascii(text: &str) -> bool {
    let characters = text.chars().count();
    let ascii = text.bytes().filter(u8::is_ascii).count();
    ascii * 10 >= characters * 9
}

/// The language of a text (ISO 639-1): what is reliable, or what the script tells where at least 30% of the letters
/// are not Latin ones.
pub(crate) fn identify(text: &str) -> Option<&'static str> {
    let text = &text[..text.floor_char_boundary(LOOK)];
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let other: String = words_of_other_scripts(text);
    let count = other.chars().filter(|c| !c.is_whitespace()).count();
    if count * 10 >= letters * 3 && count > 0 {
        let guess = detect(&other).filter(|info| info.is_reliable()).map(|info| info.lang());
        return guess.and_then(code).or_else(|| by_script(&other));
    }
    let guess = detect(text).filter(|info| info.is_reliable() && info.script() == Script::Latin)?;
    code(guess.lang())
}

/// Only what is written in other letters than Latin ones. A lone Greek letter is a variable, not a word.
fn words_of_other_scripts(text: &str) -> String {
    let mut found = String::new();
    for word in text.split(|c: char| !is_mark_or_letter(c)) {
        let mut other = word.chars().filter(|c| !is_latin(*c)).peekable();
        let variable = matches!(word.chars().next(), Some('Α'..='ω')) && word.chars().nth(1).is_none();
        if other.peek().is_some() && !variable {
            found.extend(other);
            found.push(' ');
        }
    }
    found
}

/// Vowel signs of Indic scripts are no letters by themselves, but parts of words.
fn is_mark_or_letter(c: char) -> bool {
    c.is_alphabetic() || matches!(c as u32, 0x300..=0x36F | 0x900..=0x963 | 0x980..=0xDF4 | 0xE31..=0xE4E)
}

fn is_latin(c: char) -> bool {
    matches!(c as u32, 0..=0x24F | 0x300..=0x36F | 0x1E00..=0x1EFF | 0x2C60..=0x2C7F | 0xA720..=0xA7FF | 0xFF21..=0xFF5A)
}

/// The language that most texts in a script are written in.
fn by_script(text: &str) -> Option<&'static str> {
    Some(match detect_script(text)? {
        Script::Latin => return None,
        Script::Cyrillic => "ru",
        Script::Arabic => "ar",
        Script::Mandarin if text.chars().any(|c| matches!(c, 'ぁ'..='ヿ')) => "ja",
        Script::Mandarin => "zh",
        Script::Devanagari => "hi",
        Script::Hebrew => "he",
        Script::Ethiopic => "am",
        Script::Georgian => "ka",
        Script::Bengali => "bn",
        Script::Hangul => "ko",
        Script::Hiragana | Script::Katakana => "ja",
        Script::Greek => "el",
        Script::Kannada => "kn",
        Script::Tamil => "ta",
        Script::Thai => "th",
        Script::Gujarati => "gu",
        Script::Gurmukhi => "pa",
        Script::Telugu => "te",
        Script::Malayalam => "ml",
        Script::Oriya => "or",
        Script::Myanmar => "my",
        Script::Sinhala => "si",
        Script::Khmer => "km",
        Script::Armenian => "hy",
    })
}

/// ISO 639-1 of a language; none where that list has none.
fn code(language: Lang) -> Option<&'static str> {
    CODES
        .iter()
        .find(|(long, _)| *long == language.code())
        .map(|(_, short)| *short)
}

/// ISO 639-3 and ISO 639-1.
const CODES: [(&str, &str); 70] = [
    ("afr", "af"),
    ("aka", "ak"),
    ("amh", "am"),
    ("ara", "ar"),
    ("aze", "az"),
    ("bel", "be"),
    ("ben", "bn"),
    ("bul", "bg"),
    ("cat", "ca"),
    ("ces", "cs"),
    ("cmn", "zh"),
    ("cym", "cy"),
    ("dan", "da"),
    ("deu", "de"),
    ("ell", "el"),
    ("eng", "en"),
    ("epo", "eo"),
    ("est", "et"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("guj", "gu"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hrv", "hr"),
    ("hun", "hu"),
    ("hye", "hy"),
    ("ind", "id"),
    ("ita", "it"),
    ("jav", "jv"),
    ("jpn", "ja"),
    ("kan", "kn"),
    ("kat", "ka"),
    ("khm", "km"),
    ("kor", "ko"),
    ("lat", "la"),
    ("lav", "lv"),
    ("lit", "lt"),
    ("mal", "ml"),
    ("mar", "mr"),
    ("mkd", "mk"),
    ("mya", "my"),
    ("nep", "ne"),
    ("nld", "nl"),
    ("nob", "nb"),
    ("ori", "or"),
    ("pan", "pa"),
    ("pes", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("ron", "ro"),
    ("rus", "ru"),
    ("sin", "si"),
    ("slk", "sk"),
    ("slv", "sl"),
    ("sna", "sn"),
    ("spa", "es"),
    ("srp", "sr"),
    ("swe", "sv"),
    ("tam", "ta"),
    ("tel", "te"),
    ("tgl", "tl"),
    ("tha", "th"),
    ("tuk", "tk"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("urd", "ur"),
    ("uzb", "uz"),
    ("vie", "vi"),
    ("yid", "yi"),
    ("zul", "zu"),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_language_has_its_code() {
        let missing: Vec<Lang> = Lang::all().iter().copied().filter(|one| code(*one).is_none()).collect();
        assert_eq!(missing, []);
    }

    #[test]
    fn plain_cases_are_told() {
        for (text, expected) in [
            ("१५ और २५ का योग क्या है?", Some("hi")),
            ("请解释勾股定理", Some("zh")),
            ("日本語で要約してください", Some("ja")),
            ("한국어로 번역해 주세요", Some("ko")),
            ("ما هو ناتج الجمع؟", Some("ar")),
            ("Сколько будет дважды два?", Some("ru")),
            ("explain 勾股定理的证明过程 please", Some("zh")),
            (
                "Schreibe bitte eine Funktion, die eine verkettete Liste umdreht und zurückgibt.",
                Some("de"),
            ),
            ("What is the sum of α and β, and why?", Some("en")),
            ("α + β = γ", None),
            ("2 + 2", None),
            ("", None),
        ] {
            assert_eq!(identify(text), expected, "{text}");
        }
    }

    #[test]
    fn most_characters_decide() {
        assert!(mostly_ascii("What is 2 + 2?") && mostly_ascii(""));
        assert!(mostly_ascii("naïve questions about cafés"));
        assert!(!mostly_ascii("请解释 this"));
    }

    proptest! {
        #[test]
        fn every_text_can_be_asked_about(text in "\\PC*") {
            let language = identify(&text);
            prop_assert!(language.is_none_or(|code| code.len() == 2));
        }
    }
}
