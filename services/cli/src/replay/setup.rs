//! Scripted engines that play what was recorded, in every specialist.

use std::io::Write as _;

use plexus_core::{Price, estimate_tokens};
use serde_json::json;
use tempfile::TempDir;

use super::{ReplayArgs, rows::Row};

/// What is played where no text was recorded; nothing in it can be checked.
pub(super) const NO_TEXT: &str = "(no text was recorded)";

/// One of the two engines.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Engine {
    /// Its name in the data.
    pub(super) name: String,
    /// US dollars for a million tokens, read or written.
    pub(super) price: f64,
}

impl Engine {
    pub(super) fn price(&self) -> Price {
        Price {
            input_per_mtok: self.price,
            output_per_mtok: self.price,
        }
    }
}

/// The two engines.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Engines {
    pub(super) weak: Engine,
    pub(super) strong: Engine,
}

impl Engines {
    /// Those that are asked for, else the worst and the best of `known`, which has the worst first.
    pub(super) fn choose(known: &[(String, f64)], args: &ReplayArgs) -> Result<Self, String> {
        let named = |name: &Option<String>, option: &str| match name {
            Some(name) if known.iter().any(|(other, _)| other == name) => Ok(Some(name.clone())),
            Some(name) => {
                let known: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
                Err(format!("{option} {name}: every row holds only {}", known.join(", ")))
            }
            None => Ok(None),
        };
        let at = |place: Option<&(String, f64)>| place.map(|(name, _)| name.clone());
        let weak = named(&args.weak, "--weak")?.or_else(|| at(known.first()));
        let strong = named(&args.strong, "--strong")?.or_else(|| at(known.last()));
        match (weak, strong) {
            (Some(weak), Some(strong)) if weak != strong => Ok(Self {
                weak: Engine {
                    name: weak,
                    price: args.weak_price,
                },
                strong: Engine {
                    name: strong,
                    price: args.strong_price,
                },
            }),
            _ => Err("there must be two engines that every row holds".to_owned()),
        }
    }
}

/// Tokens read and written. One written token where no text was recorded: the letter of a choice.
fn tokens(row: &Row, engine: &str) -> (u64, u64) {
    let text = row.engines.get(engine).and_then(|recorded| recorded.text.as_deref());
    (estimate_tokens(&row.prompt), text.map_or(1, estimate_tokens))
}

/// What the engines play, in a folder that goes with it.
#[derive(Debug)]
pub(super) struct Script(TempDir);

impl Script {
    /// Writes a file for each engine.
    pub(super) fn write(rows: &[Row], engines: &Engines) -> std::io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("plexus-replay-").tempdir()?;
        for (file, engine) in [("weak", &engines.weak), ("strong", &engines.strong)] {
            let file = std::fs::File::create(folder.path().join(format!("{file}.jsonl")))?;
            let mut out = std::io::BufWriter::new(file);
            for row in rows {
                let text = row
                    .engines
                    .get(&engine.name)
                    .and_then(|recorded| recorded.text.as_deref());
                let (input, output) = tokens(row, &engine.name);
                let line = json!({
                    "prompt": row.prompt,
                    "text": text.filter(|text| !text.is_empty()).unwrap_or(NO_TEXT),
                    "input_tokens": input,
                    "output_tokens": output,
                });
                writeln!(out, "{line}")?;
            }
            out.flush()?;
        }
        Ok(Self(folder))
    }

    /// The engines of all specialists, always in the order of their prices: the same again gives the same.
    pub(super) fn environment(&self, engines: &Engines) -> Vec<(String, String)> {
        let entry = |engine: &Engine, file: &str| {
            let path = self.0.path().join(format!("{file}.jsonl"));
            let text = |text: &str| toml::Value::String(text.to_owned()).to_string();
            format!(
                "{{name = {}, kind = \"scripted\", tier = \"edge\", file = {}, \
                 price = {{input_per_mtok = {price:?}, output_per_mtok = {price:?}}}}}",
                text(&engine.name),
                text(&path.display().to_string()),
                price = engine.price,
            )
        };
        let both = format!(
            "[{}, {}]",
            entry(&engines.weak, "weak"),
            entry(&engines.strong, "strong")
        );
        let services = ["CODE", "MATH", "REASONING", "LANGUAGE"];
        let keys = |service| {
            [
                (format!("PLEXUS_{service}__ENGINES"), both.clone()),
                (format!("PLEXUS_{service}__ADAPTATION__ENABLED"), "false".to_owned()),
            ]
        };
        services.into_iter().flat_map(keys).collect()
    }
}
