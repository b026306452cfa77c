//! What the letters of a text say about its language.

/// What a script tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Only one widely used language is written like this.
    One(&'static str, &'static str),
    /// Several are: words must tell.
    Several,
    /// No letters, or several scripts mixed.
    Nothing,
}

/// Scripts of one widely used language each: first and last code point, code, name.
#[rustfmt::skip]
const SINGLE: &[(u32, u32, &str, &str)] = &[
    (0x0370, 0x03FF, "ell", "Greek"), (0x1F00, 0x1FFF, "ell", "Greek"), (0x0530, 0x058F, "hye", "Armenian"),
    (0x0590, 0x05FF, "heb", "Hebrew"), (0x0A00, 0x0A7F, "pan", "Punjabi"), (0x0A80, 0x0AFF, "guj", "Gujarati"),
    (0x0B00, 0x0B7F, "ori", "Odia"), (0x0B80, 0x0BFF, "tam", "Tamil"), (0x0C00, 0x0C7F, "tel", "Telugu"),
    (0x0C80, 0x0CFF, "kan", "Kannada"), (0x0D00, 0x0D7F, "mal", "Malayalam"), (0x0D80, 0x0DFF, "sin", "Sinhala"),
    (0x0E00, 0x0E7F, "tha", "Thai"), (0x0E80, 0x0EFF, "lao", "Lao"), (0x1780, 0x17FF, "khm", "Khmer"),
    (0x10A0, 0x10FF, "kat", "Georgian"), (0xAC00, 0xD7AF, "kor", "Korean"), (0x1100, 0x11FF, "kor", "Korean"),
    (0x3130, 0x318F, "kor", "Korean"),
];

/// Characters of everyday Chinese that Japanese does not write.
const CHINESE: [char; 24] = [
    '的', '是', '我', '你', '他', '她', '了', '这', '這', '们', '們', '吗', '嗎', '很', '呢', '吧', '没', '沒', '说',
    '說', '请', '請', '谢', '么',
];

/// Reads the letters of a text; words in a second script (names, brands) may make up a fifth.
pub(super) fn told(text: &str) -> Told {
    let (mut kana, mut han, mut letters, mut bengali) = (0, 0, 0, 0);
    let mut single = [0_usize; SINGLE.len()];
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        let point = u32::from(c);
        match point {
            0x3040..=0x30FF => kana += 1,
            0x3400..=0x9FFF => han += 1,
            0x0980..=0x09FF => bengali += 1,
            _ => {
                if let Some(index) = SINGLE
                    .iter()
                    .position(|(first, last, ..)| (*first..=*last).contains(&point))
                {
                    single[index] += 1;
                }
            }
        }
    }
    if letters == 0 {
        return Told::Nothing;
    }
    let mostly = |count: usize| count * 5 >= letters * 4;
    if mostly(kana + han) {
        return match (kana, han) {
            // Han alone may be Japanese too: the small words of Chinese tell.
            (0, _) if text.contains(CHINESE) => Told::One("cmn", "Chinese"),
            (0, _) => Told::Nothing,
            _ => Told::One("jpn", "Japanese"),
        };
    }
    if mostly(bengali) {
        // Assamese has two letters of its own.
        return if text.contains(['ৰ', 'ৱ']) {
            Told::Nothing
        } else {
            Told::One("ben", "Bengali")
        };
    }
    for (_, _, code, name) in SINGLE {
        let count: usize = SINGLE
            .iter()
            .zip(single)
            .filter(|((_, _, other, _), _)| other == code)
            .map(|(_, count)| count)
            .sum();
        if mostly(count) {
            return if *code == "heb" && text.contains(['ײ', 'ױ', 'װ']) {
                Told::Nothing
            } else {
                Told::One(code, name)
            };
        }
    }
    let scripts = [latin, cyrillic, arabic, devanagari];
    if scripts
        .iter()
        .any(|is| mostly(text.chars().filter(|c| c.is_alphabetic() && is(*c)).count()))
    {
        Told::Several
    } else {
        Told::Nothing
    }
}

fn latin(c: char) -> bool {
    matches!(u32::from(c), 0x41..=0x24F | 0x1E00..=0x1EFF)
}

fn cyrillic(c: char) -> bool {
    matches!(u32::from(c), 0x400..=0x52F)
}

fn arabic(c: char) -> bool {
    matches!(u32::from(c), 0x600..=0x6FF | 0x750..=0x77F | 0xFB50..=0xFEFF)
}

fn devanagari(c: char) -> bool {
    matches!(u32::from(c), 0x900..=0x97F)
}

/// Letters that a language does not have: where one stands, the language is another.
pub(super) fn rules_out(code: &str, text: &str) -> bool {
    let foreign: &[char] = match code {
        "rus" => &[
            'і', 'ї', 'є', 'ґ', 'ў', 'ј', 'љ', 'њ', 'ћ', 'ђ', 'џ', 'ѓ', 'ќ', 'ѕ', 'қ', 'ғ', 'ә', 'ң', 'ө', 'ү', 'ұ',
        ],
        "ukr" => &['ы', 'э', 'ё', 'ъ', 'ў', 'ј', 'љ', 'њ', 'ћ', 'ђ', 'џ'],
        "bul" => &[
            'ы', 'э', 'ё', 'і', 'ї', 'є', 'ґ', 'ў', 'ј', 'љ', 'њ', 'ћ', 'ђ', 'џ', 'ѓ', 'ќ', 'ѕ',
        ],
        "ara" => &['پ', 'چ', 'ژ', 'گ', 'ک', 'ی', 'ٹ', 'ڈ', 'ڑ', 'ں', 'ے', 'ہ'],
        "pes" => &['ٹ', 'ڈ', 'ڑ', 'ں', 'ے', 'ہ', 'ھ'],
        "eng" => &[
            'ä', 'ö', 'ü', 'ß', 'ñ', 'ç', 'ø', 'å', 'ł', 'ş', 'ğ', 'ã', 'õ', 'ő', 'ű', 'ț', 'ș',
        ],
        "spa" => &[
            'ã', 'õ', 'ç', 'à', 'è', 'ò', 'ù', 'ä', 'ö', 'ß', 'ø', 'å', 'ł', 'ê', 'ô', 'â',
        ],
        "por" => &['ñ', 'ä', 'ö', 'ß', 'ø', 'å', 'ł', 'è', 'ù', 'î', 'û'],
        "fra" => &['ñ', 'ã', 'õ', 'ß', 'ø', 'å', 'ł', 'ò', 'ì', 'ó', 'á', 'í', 'ú'],
        "ita" => &['ñ', 'ã', 'õ', 'ß', 'ø', 'å', 'ł', 'ç', 'ä', 'ö', 'ü', 'ê', 'û', 'á'],
        "deu" => &[
            'ñ', 'ã', 'õ', 'ø', 'å', 'ł', 'ç', 'ê', 'î', 'û', 'ğ', 'ş', 'ő', 'ű', 'è', 'ì', 'ò',
        ],
        "nld" => &['ñ', 'ã', 'õ', 'ß', 'ø', 'å', 'ł', 'ç', 'ğ', 'ş', 'ä'],
        "swe" => &['ø', 'æ', 'ñ', 'ß', 'õ', 'ã', 'ü', 'ł'],
        "dan" => &['ö', 'ä', 'ñ', 'ß', 'õ', 'ã', 'ł'],
        "nob" => &['ö', 'ä', 'ñ', 'ß', 'õ', 'ã', 'ł'],
        "tur" => &['ñ', 'ã', 'õ', 'ß', 'ø', 'å', 'ł', 'ä', 'é', 'è', 'w', 'q', 'x'],
        "ind" | "tgl" | "swa" => &[
            'ä', 'ö', 'ü', 'ß', 'ø', 'å', 'ł', 'ç', 'ã', 'õ', 'ş', 'ğ', 'é', 'è', 'á',
        ],
        "fin" => &['ø', 'æ', 'ñ', 'ß', 'õ', 'ã', 'ü', 'ł', 'ç'],
        "cat" => &['ñ', 'ã', 'õ', 'ß', 'ø', 'å', 'ł', 'ä', 'ö', 'ê', 'ô'],
        "ron" => &['ñ', 'ã', 'õ', 'ß', 'ø', 'å', 'ł', 'ä', 'ö', 'é', 'ő', 'ű'],
        "pol" => &[
            'ñ', 'ã', 'õ', 'ß', 'ø', 'å', 'ä', 'ö', 'ü', 'ç', 'č', 'š', 'ř', 'ž', 'ě',
        ],
        "ces" => &[
            'ñ', 'ã', 'õ', 'ß', 'ø', 'å', 'ä', 'ö', 'ü', 'ç', 'ł', 'ą', 'ę', 'ľ', 'ĺ', 'ŕ', 'ô',
        ],
        "hun" => &['ñ', 'ã', 'õ', 'ß', 'ø', 'å', 'ä', 'ç', 'ł', 'ș', 'ț'],
        _ => &[],
    };
    text.chars().flat_map(char::to_lowercase).any(|c| foreign.contains(&c))
}
