//! Tokenizer, ONNX session and heads: the only crate that imports ort.
