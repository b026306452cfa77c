//! Questions to the language solver, and what it says.

use plexus_language::domain::{EmbedError, Embedder, LanguageSolver, identify, sentences};
use plexus_specialist::exact::ExactSolver;
use proptest::prelude::*;

/// The text of an answer, or why there is none.
fn solve(solver: &LanguageSolver, question: &str) -> Result<String, String> {
    solver
        .solve(question)
        .map(|solution| solution.text)
        .map_err(|declined| declined.0.into_owned())
}

#[track_caller]
fn says(question: &str, answer: &str) {
    assert_eq!(
        solve(&LanguageSolver::default(), question),
        Ok(answer.to_owned()),
        "{question}"
    );
}

#[track_caller]
fn declines(question: &str) {
    if let Ok(answer) = solve(&LanguageSolver::default(), question) {
        panic!("{question}\n{answer}");
    }
}

/// Sentences by hand; each must be told right.
#[rustfmt::skip]
const SENTENCES: &[(&str, &str)] = &[
    ("Wo ist der Bahnhof?", "deu"), ("Ich habe heute keine Zeit.", "deu"), ("Guten Morgen, wie geht es dir?", "deu"),
    ("Der schnelle braune Fuchs springt über den faulen Hund.", "deu"), ("Das Wetter ist heute sehr schön.", "deu"),
    ("Können Sie mir bitte helfen?", "deu"),
    ("hola amigo", "spa"), ("¿Dónde está la biblioteca?", "spa"), ("Me gusta mucho comer paella los domingos.", "spa"),
    ("Buenos días, ¿cómo estás?", "spa"), ("El perro duerme debajo de la mesa.", "spa"), ("No tengo dinero para comprar el coche.", "spa"),
    ("Où est la gare ?", "fra"), ("Je ne sais pas quoi faire aujourd'hui.", "fra"), ("Bonjour, comment allez-vous ?", "fra"),
    ("Le chat dort sur le canapé.", "fra"), ("C'est la vie, mon ami.", "fra"), ("Il fait beau ce matin et nous allons à la plage.", "fra"),
    ("Dov'è la stazione?", "ita"), ("Ciao, come stai oggi?", "ita"), ("Il gatto dorme sul divano.", "ita"), ("Vorrei un caffè, per favore.", "ita"),
    ("Non so cosa fare questa sera con gli amici.", "ita"),
    ("Onde fica a estação de trem?", "por"), ("Bom dia, tudo bem com você?", "por"), ("Eu não falo muito bem português.", "por"),
    ("O cachorro está dormindo na minha cama.", "por"), ("Obrigado pela sua ajuda.", "por"),
    ("Where is the nearest train station?", "eng"), ("I would like a cup of tea, please.", "eng"), ("The quick brown fox jumps over the lazy dog.", "eng"),
    ("Good morning, how are you today?", "eng"), ("She sells sea shells on the shore.", "eng"),
    ("Waar is het station?", "nld"), ("Ik heb vandaag geen tijd om te koken.", "nld"), ("Goedemorgen, hoe gaat het met je?", "nld"),
    ("Где находится вокзал?", "rus"), ("Я не знаю, что делать сегодня вечером.", "rus"), ("Доброе утро, как у вас дела?", "rus"),
    ("Де знаходиться вокзал і скільки це коштує?", "ukr"),
    ("你好，今天天气很好。", "cmn"), ("我喜欢吃米饭。", "cmn"), ("これは日本語の文章です。", "jpn"), ("駅はどこですか。", "jpn"),
    ("안녕하세요, 만나서 반갑습니다.", "kor"), ("기차역이 어디에 있습니까?", "kor"),
    ("أين محطة القطار من فضلك؟", "ara"), ("هذا الكتاب جيد جدا", "ara"), ("این کتاب خیلی خوب است", "pes"), ("میں آج بہت خوش ہوں", "urd"),
    ("मुझे चाय बहुत पसंद है।", "hin"), ("स्टेशन कहाँ है?", "hin"), ("আমি বাংলায় কথা বলি।", "ben"), ("மிகவும் நன்றி", "tam"),
    ("నేను తెలుగు మాట్లాడతాను", "tel"), ("मी मराठी बोलतो आणि ते खूप छान आहे", "mar"),
    ("İstasyon nerede ve bilet ne kadar?", "tur"), ("Bugün hava çok güzel değil mi?", "tur"),
    ("Di mana stasiun kereta api?", "ind"), ("Saya tidak bisa berbicara bahasa itu.", "ind"),
    ("Ga tàu ở đâu?", "vie"), ("Tôi không biết nói tiếng Anh.", "vie"), ("Gdzie jest dworzec kolejowy?", "pol"), ("Nie mam dzisiaj czasu.", "pol"),
    ("Var ligger tågstationen och vad kostar det?", "swe"), ("Jag har inte tid idag.", "swe"), ("Missä rautatieasema on?", "fin"),
    ("Kde je vlakové nádraží?", "ces"), ("Unde este gara și cât costă biletul?", "ron"), ("Hol van a vasútállomás?", "hun"),
    ("สถานีรถไฟอยู่ที่ไหน", "tha"), ("Πού είναι ο σταθμός;", "ell"), ("איפה תחנת הרכבת?", "heb"),
];

#[test]
fn languages() {
    let mut unsure = Vec::new();
    for (text, code) in SENTENCES {
        match identify(text) {
            Some(found) => assert_eq!(found.code, *code, "{text}"),
            None => unsure.push(*text),
        }
    }
    assert!(unsure.len() * 20 <= SENTENCES.len(), "too often unsure: {unsure:?}");
}

#[test]
fn unsure_languages() {
    for text in [
        "",
        "ok",
        "123",
        "xyzzy",
        "Amsterdam",
        "no",
        "la",
        "de",
        "taxi",
        "!!!",
        "Lorem ipsum",
        "a b c",
        "москва",
        "hello 你好 привет",
    ] {
        assert_eq!(identify(text), None, "{text}");
    }
}

#[test]
fn language_questions() {
    says(
        "what language is this: 'Wo ist der Bahnhof?'",
        "German (ISO 639-3: deu).",
    );
    says("What language is 'hola amigo'?", "Spanish (ISO 639-3: spa).");
    says(
        "which language is \"Où est la gare ?\" written in?",
        "French (ISO 639-3: fra).",
    );
    says(
        "In which language is 'Dov'è la stazione?' written?",
        "Italian (ISO 639-3: ita).",
    );
    says(
        "Identify the language: Где находится вокзал?",
        "Russian (ISO 639-3: rus).",
    );
    says(
        "what language is this sentence in? これは日本語の文章です。",
        "Japanese (ISO 639-3: jpn).",
    );
    says(
        "\"Eu não falo muito bem português.\" what language is this?",
        "Portuguese (ISO 639-3: por).",
    );
    says(
        "please detect the language of the following text:\nThe weather is not very good today.",
        "English (ISO 639-3: eng).",
    );
    for question in [
        "what language is spoken in Brazil?",
        "which language should I learn first?",
        "what language is this code written in: def f(x): return x",
        "what language is Linux written in?",
        "what language is this: 'ok'",
        "which language is best for web development?",
    ] {
        declines(question);
    }
}

#[test]
fn counts() {
    says("how many words are in: the quick brown fox", "4 words.");
    says("How many words are in 'one two three'?", "3 words.");
    says(
        "count the characters in \"héllo wörld\"",
        "11 characters (10 without spaces).",
    );
    says(
        "how many sentences are in this text: Dr. Smith came. He left at 5 p.m. yesterday! Why?",
        "3 sentences.",
    );
    says("how many letters are in the word strawberry?", "10 letters.");
    says(
        "count letter r in strawberry",
        "The letter \"r\" appears 3 times in \"strawberry\".",
    );
    says(
        "How many r's are in strawberry?",
        "The letter \"r\" appears 3 times in \"strawberry\".",
    );
    says(
        "how many times does the letter s appear in 'Mississippi'?",
        "The letter \"s\" appears 4 times in \"Mississippi\".",
    );
    says(
        "How many times does the letter 'e' occur in the word \"cheese\"?",
        "The letter \"e\" appears 3 times in \"cheese\".",
    );
    says("how many vowels are in 'education'?", "5 vowels (a, e, i, o, u).");
    says(
        "reading time of: one two three",
        "1 second (3 words at 238 words a minute).",
    );
    assert!(
        solve(&LanguageSolver::default(), "text statistics: One two. Three.")
            .unwrap()
            .contains("- words: 3")
    );
    for question in [
        "how many words are in the English language?",
        "how many letters are in the alphabet?",
        "how many sentences are in the US constitution?",
        "how many people live in France?",
        "how many a's in a pack of cards do I need to win?",
        "how many syllables are in 'banana'?",
    ] {
        declines(question);
    }
}

#[test]
fn transformations() {
    says("reverse the string 'hello'", "olleh");
    says("reverse: hello", "olleh");
    says("reverse the word stressed", "desserts");
    says("reverse the words in 'one two three'", "three two one");
    says("convert 'hello world' to uppercase", "HELLO WORLD");
    says("uppercase: hello", "HELLO");
    says("put 'the lord of the rings' in title case", "The Lord of the Rings");
    says("make \"HELLO\" lowercase", "hello");
    says("sort these words alphabetically: pear, apple, Fig", "apple, Fig, pear");
    says(
        "is 'racecar' a palindrome?",
        "Yes, \"racecar\" is a palindrome (spaces, marks and case aside).",
    );
    says(
        "Is \"A man, a plan, a canal: Panama\" a palindrome?",
        "Yes, \"A man, a plan, a canal: Panama\" is a palindrome (spaces, marks and case aside).",
    );
    says(
        "is hello a palindrome",
        "No, \"hello\" is not a palindrome: backwards it reads \"olleh\".",
    );
    says(
        "are 'listen' and 'silent' anagrams?",
        "Yes, \"listen\" and \"silent\" are anagrams: they have the same letters.",
    );
    for question in [
        "reverse a linked list",
        "reverse engineering",
        "what is a palindrome?",
        "sort these numbers: 3, 1, 2",
        "is 121 a palindrome",
        "is it a palindrome?",
    ] {
        declines(question);
    }
}

const TEXT: &str = "The city council approved the new tram line on Monday. The tram line will connect the harbour with the \
university. Construction of the tram line starts in May and will take three years. Mr. Jones, who lives nearby, grows \
tomatoes. The council expects the tram line to carry 40,000 passengers a day. It rained in the evening. Critics of the tram \
line say that the council ignored the cost of construction.";

#[test]
fn summaries() {
    let three = solve(
        &LanguageSolver::default(),
        &format!("summarise the following in three sentences: {TEXT}"),
    )
    .unwrap();
    let picked = sentences(&three);
    assert_eq!(picked.len(), 3, "{three}");
    let all = sentences(TEXT);
    let places: Vec<_> = picked
        .iter()
        .map(|one| all.iter().position(|other| other == one).unwrap())
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(!three.contains("tomatoes") && !three.contains("rained"), "{three}");
    for (question, count) in [
        (format!("Summarize this text in 2 sentences: {TEXT}"), 2),
        (format!("summarise: {TEXT}"), 3),
        (
            format!("Please give me a one-sentence summary of the following article:\n\n{TEXT}"),
            1,
        ),
        (format!("{TEXT}\n\nSummarise the above in two sentences."), 2),
        (format!("Can you summarise this in a single sentence?\n{TEXT}"), 1),
    ] {
        let answer = solve(&LanguageSolver::default(), &question).unwrap();
        assert_eq!(sentences(&answer).len(), count, "{question}\n{answer}");
    }
    let bullets = solve(
        &LanguageSolver::default(),
        &format!("summarise this in 2 bullet points: {TEXT}"),
    )
    .unwrap();
    assert!(
        bullets.lines().count() == 2 && bullets.lines().all(|line| line.starts_with("- ")),
        "{bullets}"
    );
    for question in [
        "summarise this: Short text.".to_owned(),
        format!("summarise this in French: {TEXT}"),
        format!("summarise this as a poem: {TEXT}"),
        format!("summarise this for a child: {TEXT}"),
        "summarise Hamlet".to_owned(),
        "summarise the plot of Hamlet in three sentences".to_owned(),
        "what is a summary?".to_owned(),
    ] {
        declines(&question);
    }
}

/// Puts every text that speaks of rain apart from the rest.
struct Rain;

impl Embedder for Rain {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(texts
            .iter()
            .map(|text| {
                if text.contains("rain") {
                    vec![1.0, 0.2]
                } else {
                    vec![0.0, 1.0]
                }
            })
            .collect())
    }
}

struct Broken(Result<Vec<Vec<f32>>, EmbedError>);

impl Embedder for Broken {
    fn embed(&self, _: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.0.clone()
    }
}

#[test]
fn an_embedder_ranks_and_a_broken_one_is_done_without() {
    let question = format!("summarise in 2 sentences: {TEXT}");
    let plain = solve(&LanguageSolver::default(), &question).unwrap();
    let by_rain = solve(&LanguageSolver::new(Some(Box::new(Rain))), &question).unwrap();
    assert_eq!(sentences(&by_rain).len(), 2);
    for broken in [
        Err(EmbedError("down".into())),
        Ok(Vec::new()),
        Ok(vec![vec![f32::NAN]; 7]),
        Ok(vec![vec![1.0]; 2]),
    ] {
        assert_eq!(
            solve(&LanguageSolver::new(Some(Box::new(Broken(broken)))), &question).unwrap(),
            plain
        );
    }
}

#[test]
fn key_phrases() {
    let answer = solve(&LanguageSolver::default(), &format!("key phrases of: {TEXT}")).unwrap();
    assert_eq!(answer.lines().count(), 5, "{answer}");
    assert!(answer.contains("tram line"), "{answer}");
    let three = solve(
        &LanguageSolver::default(),
        &format!("Give me 3 keywords from this text: {TEXT}"),
    )
    .unwrap();
    assert_eq!(three.lines().count(), 3, "{three}");
    declines("what are key phrases?");
    declines("key phrases of: too short");
}

#[test]
fn sentences_of_text() {
    assert_eq!(
        sentences(
            "Dr. A. Smith paid $3.50. \"Really?\" he said. It is 5 p.m. now, e.g. in Rome.\n\nNew paragraph\nwith a break. U.S. troops left."
        ),
        [
            "Dr. A. Smith paid $3.50.",
            "\"Really?\" he said.",
            "It is 5 p.m. now, e.g. in Rome.",
            "New paragraph with a break.",
            "U.S. troops left."
        ]
    );
}

#[test]
fn everything_else() {
    for question in [
        "",
        "hello",
        "write a poem",
        "translate 'dog' to French",
        "what is the capital of France?",
        "tell me a joke",
        "who are you",
        "What is 2 + 2?",
    ] {
        declines(question);
    }
}

fn mix() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "what language is ",
        "'",
        "\"",
        ": ",
        "summarise ",
        "in three sentences",
        "key phrases of: ",
        "how many words are in ",
        "reverse ",
        "the word ",
        "hola",
        "é",
        "日本",
        ". ",
        "?",
        "\n",
        "\n\n",
        "Mr. ",
        "count letter r in ",
        "0",
        "uppercase ",
        "sort these words: ",
        "a, b",
        "is ",
        " a palindrome",
        "“",
        "”",
        "🦀",
        "the",
        "A. ",
    ]);
    prop::collection::vec(bits, 0..20).prop_map(|bits| bits.concat())
}

proptest! {
    #[test]
    fn never_panics(question in any::<String>()) {
        let _ = solve(&LanguageSolver::default(), &question);
        let _ = identify(&question);
    }

    #[test]
    fn never_panics_on_mixes(question in mix()) {
        let _ = solve(&LanguageSolver::default(), &question);
    }

    #[test]
    fn sentences_keep_every_word(text in "[ -~éü\n]{0,200}") {
        let marks = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        prop_assert_eq!(marks(&sentences(&text).concat()), marks(&text));
    }
}
