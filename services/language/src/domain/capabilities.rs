//! Every kind of question that is answered exactly, each with one of its kind.

use plexus_specialist::exact::Capability;

const fn kind(name: &'static str, example: &'static str) -> Capability {
    Capability::new(name, example)
}

/// The one place that lists them; what is not of these kinds is declined.
pub(super) const CAPABILITIES: &[Capability] = &[
    kind("which language", "What language is this: 'Wo ist der Bahnhof?'"),
    kind("words counted", "How many words are in: \"one two three\"?"),
    kind("sentences counted", "How many sentences are in \"It rains. Why?\""),
    kind("characters counted", "count the characters in \"hello world\""),
    kind("letters counted", "how many letters are in the word strawberry?"),
    kind("one letter counted", "How many r's are in strawberry?"),
    kind("vowels and consonants counted", "how many vowels are in 'education'?"),
    kind("digits and spaces counted", "how many digits are in 'b2b 1999'?"),
    kind(
        "lines and paragraphs counted",
        "how many lines are in this text:\none\ntwo",
    ),
    kind("text statistics", "text statistics: One two. Three."),
    kind("reading time", "reading time of: one two three"),
    kind("text reversed", "reverse the string 'hello'"),
    kind("words reversed", "reverse the words in 'one two three'"),
    kind("upper and lower case", "convert 'hello world' to uppercase"),
    kind("title case", "put 'the lord of the rings' in title case"),
    kind("words sorted", "sort these words alphabetically: pear, apple, fig"),
    kind("palindromes", "is 'racecar' a palindrome?"),
    kind("anagrams", "are 'listen' and 'silent' anagrams?"),
    kind(
        "extracts as summaries",
        "summarise in one sentence: The council approved the tram line. The tram line will connect the harbour with the \
         university. It rained in the evening. Construction of the tram line starts in May.",
    ),
    kind(
        "key phrases",
        "key phrases of: The city council approved the new tram line on Monday, and the tram line will connect the \
         harbour with the university.",
    ),
];
