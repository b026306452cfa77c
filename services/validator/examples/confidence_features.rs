//! Reads `{"question": …, "answer": …}` line by line and prints what the service sees of each: `{"part": …, "features":
//! {…}}`, or `{}` where it has no opinion. Training reads that, so that there is one copy of the features.

use std::io::{self, BufRead as _, Write as _};

use plexus_validator::domain::confidence::features;
use serde_json::{Map, Value, json};

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let item: Value = serde_json::from_str(&line?)?;
        let text = |key: &str| item[key].as_str().unwrap_or_default();
        let seen = features(text("question"), text("answer")).map(|features| {
            let values: Map<String, Value> = features
                .values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect();
            json!({"part": features.part.name(), "features": values})
        });
        writeln!(out, "{}", seen.unwrap_or(json!({})))?;
    }
    out.flush()
}
