//! Tokenizers of every kind, and long texts.

use serde_json::{Value, json};

use super::*;

fn tokenizer(model: Value, pre: Value, post: Value) -> Tokenizer {
    let all = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": pre, "post_processor": post, "decoder": null, "model": model,
    });
    Tokenizer::from_bytes(all.to_string()).unwrap()
}

fn word_piece(post: Value) -> Tokenizer {
    let model = json!({
        "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
        "vocab": { "[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "b": 4, "##b": 5 },
    });
    tokenizer(model, json!({ "type": "BertPreTokenizer" }), post)
}

fn byte_pairs(post: Value) -> Tokenizer {
    let model = json!({
        "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
        "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
        "vocab": { "<s>": 0, "</s>": 1, "a": 2, "b": 3, "ab": 4, "Ġ": 5 }, "merges": [["a", "b"]],
    });
    let pre = json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true });
    tokenizer(model, pre, post)
}

fn unigram() -> Tokenizer {
    let model = json!({
        "type": "Unigram", "unk_id": 0, "byte_fallback": false,
        "vocab": [["<unk>", 0.0], ["▁a", -1.0], ["b", -2.0], ["▁", -3.0]],
    });
    let pre = json!({ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true });
    tokenizer(model, pre, Value::Null)
}

fn ids(tokenizer: &Tokenizer, text: &str, max: usize) -> Vec<u32> {
    let around = Around::of(tokenizer).unwrap();
    tokenize(tokenizer, text, max, &around).unwrap().ids
}

#[test]
fn special_tokens_are_those_of_the_post_processor() {
    let bert = word_piece(json!({ "type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1] }));
    assert_eq!(ids(&bert, "a ab x", 8), [1, 3, 3, 5, 0, 2]);
    let template = word_piece(json!({
        "type": "TemplateProcessing",
        "single": [{ "SpecialToken": { "id": "[CLS]", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }],
        "pair": [],
        "special_tokens": { "[CLS]": { "id": "[CLS]", "ids": [1], "tokens": ["[CLS]"] } },
    }));
    assert_eq!(ids(&template, "a", 8), [1, 3]);
    let roberta = byte_pairs(json!({
        "type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0],
        "trim_offsets": true, "add_prefix_space": false,
    }));
    assert_eq!(ids(&roberta, "ab a", 8), [0, 4, 5, 2, 1]);
}

#[test]
fn a_tokenizer_without_special_tokens_works() {
    assert_eq!(ids(&word_piece(Value::Null), "a b", 8), [3, 4]);
    assert_eq!(ids(&byte_pairs(Value::Null), "ba", 8), [3, 2]);
    assert_eq!(ids(&unigram(), "ab a", 8), [1, 2, 1]);
    assert_eq!(ids(&unigram(), "", 8), [0], "a graph wants one token");
}

#[test]
fn cut_texts_keep_head_tail_and_special_tokens() {
    let bert = word_piece(json!({ "type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1] }));
    let text = format!("{}{}", "a ".repeat(50), "b ".repeat(50));
    let around = Around::of(&bert).unwrap();
    let tokens = tokenize(&bert, &text, 8, &around).unwrap();
    assert_eq!(tokens.ids, [1, 3, 3, 3, 4, 4, 4, 2]);
    assert_eq!((tokens.total, tokens.read), (100, 6));
}

#[test]
fn long_texts_keep_head_and_tail() {
    let ids: Vec<u32> = (0..100).collect();
    assert_eq!(head_and_tail(&ids, 6), [0, 1, 2, 97, 98, 99]);
    let text = "ä".repeat(10_000);
    let (head, tail) = ends(&text);
    assert_eq!((head.len(), tail.len()), (HEAD_BYTES, TAIL_BYTES));
    assert_eq!(ends("short"), ("short", ""));
}
