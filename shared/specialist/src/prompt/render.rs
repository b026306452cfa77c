//! The template engine: what it may use, what it may cost, and how its errors are told.

use std::io;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, context};
use plexus_core::Domain;
use plexus_library::Passage;

use super::{PromptError, PromptInput, fence};

/// Instructions that filling in one template may take.
const FUEL: u64 = 50_000;
/// Largest message.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Pieces that templates may include.
const PIECES: [(&str, &str); 2] = [
    ("passages", include_str!("pieces/passages.txt")),
    ("json", include_str!("pieces/json.txt")),
];
/// Variables of templates.
const VARIABLES: [&str; 7] = [
    "question",
    "domain",
    "task",
    "passages",
    "fence",
    "json_schema",
    "max_output_tokens",
];

pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    for (name, piece) in PIECES {
        environment
            .add_template(name, piece)
            .expect("the pieces are tried by tests");
    }
    environment
}

/// Adds a template.
pub(super) fn compile(environment: &mut Environment<'static>, key: String, template: &str) -> Result<(), PromptError> {
    environment
        .add_template_owned(key.clone(), template.to_owned())
        .map_err(|error| told(&key, &error))?;
    Ok(())
}

/// Finds out at the start, not at the first question, that a template speaks of what there is not.
pub(super) fn attempt(environment: &Environment<'_>, key: &str, source: &str) -> Result<(), PromptError> {
    let compiled = environment.get_template(key).map_err(|error| told(key, &error))?;
    let mut unknown: Vec<String> = compiled
        .undeclared_variables(false)
        .into_iter()
        .filter(|name| !VARIABLES.contains(&name.as_str()) && environment.globals().all(|(known, _)| known != name))
        .collect();
    unknown.sort();
    if let Some(name) = unknown.first() {
        let line = source.lines().position(|line| line.contains(name.as_str()));
        return Err(PromptError {
            key: key.to_owned(),
            line: line.map_or(1, |line| line + 1),
            problem: format!("there is no `{name}`; known are {}", VARIABLES.join(", ")),
        });
    }
    let passages = [Passage {
        source: "handbook/deploy.md".to_owned(),
        first_line: 1,
        last_line: 2,
        text: "# Deploy".to_owned(),
        score: 1.0,
    }];
    let bare = PromptInput {
        question: "What is 2 + 2?",
        domain: Domain::Language,
        task: "",
        passages: &[],
        json_schema: "",
        max_output_tokens: None,
    };
    let full = PromptInput {
        task: "summarise",
        passages: &passages,
        json_schema: "{}",
        max_output_tokens: Some(100),
        ..bare
    };
    for input in [bare, full] {
        run(&compiled, values(&input)).map_err(|error| told(key, &error))?;
    }
    Ok(())
}

/// The variables of an input.
pub(super) fn values(input: &PromptInput<'_>) -> Value {
    let passages: Vec<Value> = input
        .passages
        .iter()
        .map(|passage| {
            context! {
                source => passage.source.as_str(),
                first_line => passage.first_line,
                last_line => passage.last_line,
                text => passage.text.as_str(),
            }
        })
        .collect();
    context! {
        question => input.question,
        domain => input.domain.name(),
        task => input.task,
        passages => passages,
        fence => fence(input.passages),
        json_schema => input.json_schema,
        max_output_tokens => input.max_output_tokens,
    }
}

/// Fills a template in. Its error names no value: it may be told to callers.
pub(super) fn fill(environment: &Environment<'_>, key: &str, values: Value) -> Result<String, PromptError> {
    let filled = environment
        .get_template(key)
        .and_then(|template| run(&template, values));
    filled.map_err(|error| PromptError {
        key: key.to_owned(),
        line: error.line().unwrap_or(1),
        problem: match error.kind() {
            ErrorKind::OutOfFuel => format!("takes more than {FUEL} steps"),
            ErrorKind::WriteFailure => format!("gives more than {MAX_BYTES} bytes"),
            kind => kind.to_string(),
        },
    })
}

fn run(template: &minijinja::Template<'_, '_>, values: Value) -> Result<String, Error> {
    let mut text = Bounded(Vec::new());
    template.render_captured_to(values, &mut text)?;
    String::from_utf8(text.0).map_err(|_| Error::from(ErrorKind::WriteFailure))
}

/// An error of a template that no caller has a part in.
fn told(key: &str, error: &Error) -> PromptError {
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    PromptError {
        key: key.to_owned(),
        line: error.line().unwrap_or(1),
        problem: format!("{}{detail}", error.kind()),
    }
}

/// Takes [`MAX_BYTES`] and no more.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > MAX_BYTES - self.0.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
