//! Section `prompts` of a configuration.

use std::collections::BTreeMap;

use plexus_config::Invalid;
use serde::Deserialize;

use super::Prompts;

pub(super) const SYSTEM: &str = "system";
pub(super) const QUESTION: &str = "question";

/// Section `prompts`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptsConfig {
    /// Template of the system message.
    pub system: String,
    /// Template of the user's message.
    #[serde(default = "question")]
    pub question: String,
    /// Templates for capabilities, by their names.
    #[serde(default)]
    pub tasks: BTreeMap<String, TaskPrompts>,
}

/// Section `prompts.tasks.NAME`: what is not here is as for any question.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskPrompts {
    /// Template of the system message.
    pub system: Option<String>,
    /// Template of the user's message.
    pub question: Option<String>,
}

fn question() -> String {
    "{% include 'passages' %}{{ question }}".to_owned()
}

/// Dotted path of a template's key; also its name.
pub(super) fn key(task: Option<&str>, part: &str) -> String {
    match task {
        Some(task) => format!("prompts.tasks.{task}.{part}"),
        None => format!("prompts.{part}"),
    }
}

impl PromptsConfig {
    /// Refuses templates that cannot be used.
    ///
    /// # Errors
    /// The first one, with its line.
    pub fn validate(&self) -> Result<(), Invalid> {
        let names = self.tasks.iter().find(|(name, _)| !is_name(name));
        if let Some((name, _)) = names {
            let problem = "a capability's name has lower-case letters, digits and _ only";
            return Err(Invalid::new(format!("prompts.tasks.{name}"), problem));
        }
        match Prompts::new(self) {
            Ok(_) => Ok(()),
            Err(error) => Err(Invalid::new(
                error.key,
                format!("line {}: {}", error.line, error.problem),
            )),
        }
    }

    /// Every template with its key.
    pub(super) fn templates(&self) -> impl Iterator<Item = (String, &str)> {
        let common = [(SYSTEM, &self.system), (QUESTION, &self.question)];
        let common = common.map(|(part, template)| (key(None, part), template.as_str()));
        let own = self.tasks.iter().flat_map(|(task, prompts)| {
            let parts = [(SYSTEM, &prompts.system), (QUESTION, &prompts.question)];
            parts
                .into_iter()
                .filter_map(|(part, template)| Some((key(Some(task), part), template.as_deref()?)))
        });
        common.into_iter().chain(own)
    }
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !name.is_empty() && name.bytes().all(letter)
}
