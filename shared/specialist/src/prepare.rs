//! What a question needs before a model is asked: passages of the library, and the prompt. An exact engine needs neither.

use plexus_core::Domain;
use plexus_library::Library;
use tracing::{Instrument as _, field::Empty, info_span};

use crate::{
    engine::Question,
    prompt::{PromptError, PromptInput, Prompts},
};

/// Makes questions ready for models.
pub struct Prepare {
    domain: Domain,
    prompts: Prompts,
    /// What is searched, and for how many passages.
    library: Option<(Library, usize)>,
}

impl Prepare {
    /// With prompts, and a library if there is one.
    pub fn new(domain: Domain, prompts: Prompts, library: Option<(Library, usize)>) -> Self {
        Self {
            domain,
            prompts,
            library,
        }
    }

    /// Capabilities that have a prompt of their own.
    pub fn tasks(&self) -> &[String] {
        self.prompts.tasks()
    }

    /// Searches the library, where the prompt has a place for passages, and makes the prompt.
    ///
    /// # Errors
    /// A template that cannot be filled in for this question.
    pub async fn prepare(&self, question: &mut Question) -> Result<(), PromptError> {
        if let Some((library, count)) = &self.library
            && self.prompts.reads_passages(&question.task)
        {
            let span = info_span!("library", otel.name = "search library", plexus.library.passages = Empty);
            question.passages = library.search(&question.text, *count).instrument(span.clone()).await;
            span.record("plexus.library.passages", question.passages.len());
        }
        question.prompt = self.prompts.render(&PromptInput {
            question: &question.text,
            domain: self.domain,
            task: &question.task,
            passages: &question.passages,
            json_schema: &question.json_schema,
            max_output_tokens: question.constraints.max_output_tokens,
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use plexus_library::LibraryConfig;

    use super::*;
    use crate::prompt::{PromptsConfig, TaskPrompts};

    #[tokio::test]
    async fn passages_are_found_for_prompts_that_have_a_place_for_them() {
        let folder = tempfile::tempdir().unwrap();
        let handbook = folder.path().join("handbook");
        std::fs::create_dir(&handbook).unwrap();
        std::fs::write(
            handbook.join("deploy.md"),
            "# Rollback\nUndo a release with `ship --back`.\n",
        )
        .unwrap();
        let library = LibraryConfig {
            folders: vec![handbook],
            min_score: 0.0,
            ..LibraryConfig::default()
        };
        let library = Library::with(&library, None).unwrap();
        let bare = TaskPrompts {
            system: None,
            question: Some("{{ question }}".to_owned()),
        };
        let prompts = PromptsConfig {
            system: "You are {{ domain }}.".to_owned(),
            question: "{% include 'passages' %}{{ question }}".to_owned(),
            tasks: [("translate".to_owned(), bare)].into(),
        };
        let prepare = Prepare::new(Domain::Code, Prompts::new(&prompts).unwrap(), Some((library, 3)));

        let mut question = Question {
            text: "How is a release rolled back? (rollback)".to_owned(),
            ..Question::default()
        };
        prepare.prepare(&mut question).await.unwrap();
        assert_eq!(question.prompt.system, "You are code.");
        assert!(
            question
                .prompt
                .user
                .contains("handbook/deploy.md, lines 1 to 2\n# Rollback")
        );
        assert_eq!(question.passages[0].source, "handbook/deploy.md");

        question.task = "translate".to_owned();
        question.passages.clear();
        prepare.prepare(&mut question).await.unwrap();
        assert_eq!(question.prompt.user, question.text);
        assert!(question.passages.is_empty());
    }
}
