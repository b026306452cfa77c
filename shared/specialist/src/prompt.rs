//! What models are told: templates of a configuration, filled in for each question.
//!
//! Templates are Jinja (minijinja). They are compiled and tried at the start. What a caller or a document says is only
//! ever a value in them: it is not parsed as a template, and nothing in it is escaped.

mod config;
mod render;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

pub use config::{PromptsConfig, TaskPrompts};
use plexus_core::Domain;
use plexus_library::Passage;

/// What a model is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    /// The system message; empty: none.
    pub system: String,
    /// The user's message.
    pub user: String,
}

/// What templates may speak of.
#[derive(Debug, Clone, Copy)]
pub struct PromptInput<'a> {
    /// The text to answer.
    pub question: &'a str,
    /// Who answers.
    pub domain: Domain,
    /// The capability that is asked for; empty: none.
    pub task: &'a str,
    /// What the library has on the question.
    pub passages: &'a [Passage],
    /// The JSON Schema that the answer must fit; empty: any text.
    pub json_schema: &'a str,
    /// Longest answer; none: not limited.
    pub max_output_tokens: Option<u32>,
}

/// A template that cannot be used, or not for this question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("key `{key}`, line {line}: {problem}")]
pub struct PromptError {
    /// Dotted path of the template's key.
    pub key: String,
    /// Line of the template, from 1.
    pub line: usize,
    /// What is wrong; never a value.
    pub problem: String,
}

/// Compiled templates.
#[derive(Debug)]
pub struct Prompts {
    templates: minijinja::Environment<'static>,
    tasks: Vec<String>,
    /// Keys of templates with a place for passages.
    reading: Vec<String>,
}

impl Prompts {
    /// Compiles the templates of a configuration and tries each once.
    ///
    /// # Errors
    /// The first template that is wrong.
    pub fn new(config: &PromptsConfig) -> Result<Self, PromptError> {
        let mut templates = render::environment();
        for (key, template) in config.templates() {
            render::compile(&mut templates, key, template)?;
        }
        let prompts = Self {
            templates,
            tasks: config.tasks.keys().cloned().collect(),
            reading: config
                .templates()
                .filter(|(_, template)| template.contains("passages"))
                .map(|(key, _)| key)
                .collect(),
        };
        for (key, template) in config.templates() {
            render::attempt(&prompts.templates, &key, template)?;
        }
        Ok(prompts)
    }

    /// Capabilities that have a prompt of their own.
    pub fn tasks(&self) -> &[String] {
        &self.tasks
    }

    /// Fills the templates in: those of the task where it has its own, else the common ones.
    ///
    /// # Errors
    /// A template that fails for this input, or says too much.
    pub fn render(&self, input: &PromptInput<'_>) -> Result<Prompt, PromptError> {
        let values = render::values(input);
        let fill = |part: &str| render::fill(&self.templates, &self.key(input.task, part), values.clone());
        Ok(Prompt {
            system: fill(config::SYSTEM)?.trim().to_owned(),
            user: fill(config::QUESTION)?,
        })
    }

    /// Whether a task's prompt has a place for passages.
    pub fn reads_passages(&self, task: &str) -> bool {
        let reads = |part| self.reading.contains(&self.key(task, part));
        reads(config::SYSTEM) || reads(config::QUESTION)
    }

    /// The key of the template that serves a task.
    fn key(&self, task: &str, part: &str) -> String {
        if self.tasks.iter().any(|known| known == task) {
            let own = config::key(Some(task), part);
            if self.templates.get_template(&own).is_ok() {
                return own;
            }
        }
        config::key(None, part)
    }
}

/// A word that stands in none of the passages, so that none of them can pretend to have ended.
fn fence(passages: &[Passage]) -> String {
    let mut fence = String::new();
    for number in 1_u32.. {
        fence.clear();
        let _ = write!(fence, "passage-{number}");
        let taken = |passage: &Passage| passage.text.contains(&fence) || passage.source.contains(&fence);
        if !passages.iter().any(taken) {
            break;
        }
    }
    fence
}
