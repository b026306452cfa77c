//! The same hashes as the reference gives (`services/router/training/lexical.py`).

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Count, sum, exclusive or, and sum of the slots of 16 bits.
#[derive(Debug, Default, PartialEq, Eq)]
struct Check([u32; 4]);

impl Check {
    fn add(&mut self, hash: u32) {
        let Self([count, sum, xor, slots]) = self;
        *count += 1;
        *sum = sum.wrapping_add(hash);
        *xor ^= hash;
        *slots = slots.wrapping_add(slot(hash, 16) as u32);
    }

    fn of(value: &Value) -> Self {
        Self(["count", "sum", "xor", "slots"].map(|key| value[key].as_u64().unwrap() as u32))
    }
}

#[derive(Default)]
struct Checks {
    words: Check,
    chars: Check,
}

impl Sink for Checks {
    fn word(&mut self, hash: u32) {
        self.words.add(hash);
    }

    fn chars(&mut self, hash: u32) {
        self.chars.add(hash);
    }
}

#[test]
fn hashes_are_those_of_the_reference() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    assert!(vectors.len() > 20);
    for vector in vectors {
        let unit = vector["text"].as_str().unwrap();
        let text = unit.repeat(vector["times"].as_u64().unwrap() as usize);
        let mut checks = Checks::default();
        features(&text, &mut checks);
        assert_eq!(checks.words, Check::of(&vector["words"]), "words of {unit:?}");
        assert_eq!(checks.chars, Check::of(&vector["chars"]), "characters of {unit:?}");
    }
}

#[test]
fn it_is_told_how_much_was_read() {
    let extent = |text: &str| features(text, &mut Checks::default());
    assert_eq!(extent("What is 15% of 240?"), Extent { total: 7, read: 7 });
    assert_eq!(extent(""), Extent { total: 0, read: 0 });
    let long = extent(&"word ".repeat(10_000));
    assert!(
        (1_200..1_300).contains(&long.read) && (9_900..10_100).contains(&long.total),
        "{long:?}"
    );
}

proptest! {
    #[test]
    fn every_text_is_read(text in "[\\x00-\\x7f\\PC]*", times in 1_usize..400) {
        let mut checks = Checks::default();
        features(&text.repeat(times), &mut checks);
        let Check([words, ..]) = checks.words;
        prop_assert!(words >= 7);
    }
}
