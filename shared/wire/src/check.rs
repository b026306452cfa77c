//! Checks of requests: everything that is wrong is named at once, field by field.

use plexus_core::{Constraints, Message, Part, Role};
use plexus_errors::{FieldViolation, ServiceError};
use plexus_proto::v1;

use crate::{domain, tier};

/// Longest text of a query, an answer or a conversation, bytes.
pub const MAX_TEXT: usize = 1024 * 1024;
/// Most messages of a conversation.
pub const MAX_MESSAGES: usize = 256;
/// Longest name of a task, bytes.
const MAX_TASK: usize = 64;
/// Longest name of a request or a session, characters.
pub const MAX_ID: usize = 128;

/// Collects what is wrong with a request.
#[derive(Debug, Default)]
pub struct Violations(Vec<FieldViolation>);

impl Violations {
    /// Notes a problem of a field.
    pub fn add(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        self.0.push(FieldViolation {
            field: field.into(),
            problem: problem.into(),
        });
    }

    /// Refuses names that are too long or hold control characters.
    pub fn id(&mut self, field: &str, id: &str) {
        let length = id.chars().count();
        if length > MAX_ID {
            self.add(field, format!("has {length} characters; at most {MAX_ID} are allowed"));
        } else if id.chars().any(char::is_control) {
            self.add(field, "has control characters");
        }
    }

    /// INVALID_ARGUMENT with everything that was noted, if anything was.
    ///
    /// # Errors
    /// That.
    pub fn check(self) -> Result<(), ServiceError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ServiceError::violations(self.0))
        }
    }
}

/// Notes a text that is empty or too long.
pub fn text(field: &str, text: &str, violations: &mut Violations) {
    if text.trim().is_empty() {
        violations.add(field, "is empty");
    } else if text.len() > MAX_TEXT {
        violations.add(
            field,
            format!("has {} bytes; at most {MAX_TEXT} are allowed", text.len()),
        );
    }
}

/// Reads a conversation. Its last message must be the user's unless `any_end`.
pub fn messages(field: &str, messages: Vec<v1::Message>, any_end: bool, violations: &mut Violations) -> Vec<Message> {
    if messages.len() > MAX_MESSAGES {
        violations.add(
            field,
            format!("has {} messages; at most {MAX_MESSAGES} are allowed", messages.len()),
        );
        return Vec::new();
    }
    let total: usize = messages.iter().map(|message| message.content.len()).sum();
    if total > MAX_TEXT {
        violations.add(
            field,
            format!("has {total} bytes of text; at most {MAX_TEXT} are allowed"),
        );
        return Vec::new();
    }
    let last = messages.len().saturating_sub(1);
    let mut read = Vec::with_capacity(messages.len());
    for (index, message) in messages.into_iter().enumerate() {
        let role = match v1::Role::try_from(message.role) {
            Ok(v1::Role::System) => Role::System,
            Ok(v1::Role::User) => Role::User,
            Ok(v1::Role::Assistant) => Role::Assistant,
            Ok(v1::Role::Unspecified) | Err(_) => {
                violations.add(
                    format!("{field}[{index}].role"),
                    unknown(message.role, "ROLE_SYSTEM, ROLE_USER, ROLE_ASSISTANT"),
                );
                continue;
            }
        };
        if index == last && !any_end {
            if role != Role::User {
                violations.add(format!("{field}[{index}].role"), "the last message must be the user's");
            }
            text(&format!("{field}[{index}].content"), &message.content, violations);
        }
        read.push(Message {
            role,
            content: message.content,
        });
    }
    read
}

/// Reads a caller's demands.
pub fn constraints(field: &str, constraints: Option<v1::Constraints>, violations: &mut Violations) -> Constraints {
    let constraints = constraints.unwrap_or_default();
    let mut read = Constraints {
        max_output_tokens: constraints.max_output_tokens,
        ..Constraints::default()
    };
    for (index, number) in constraints.domains.into_iter().enumerate() {
        match domain(number) {
            Some(domain) if !read.domains.contains(&domain) => read.domains.push(domain),
            Some(_) => {}
            None => violations.add(
                format!("{field}.domains[{index}]"),
                unknown(number, "DOMAIN_CODE, DOMAIN_MATH, DOMAIN_REASONING, DOMAIN_LANGUAGE"),
            ),
        }
    }
    for (index, number) in constraints.tiers.into_iter().enumerate() {
        match tier(number) {
            Some(tier) if !read.tiers.contains(&tier) => read.tiers.push(tier),
            Some(_) => {}
            None => {
                violations.add(
                    format!("{field}.tiers[{index}]"),
                    unknown(number, "TIER_EDGE, TIER_ONPREM, TIER_CLOUD"),
                );
            }
        }
    }
    if let Some(cost) = constraints.max_cost_usd {
        if cost.is_finite() && cost >= 0.0 {
            read.max_cost_usd = Some(cost);
        } else {
            violations.add(
                format!("{field}.max_cost_usd"),
                format!("is {cost}; it must be 0 or more"),
            );
        }
    }
    for (index, region) in constraints.regions.into_iter().enumerate() {
        let field = format!("{field}.regions[{index}]");
        match region.is_empty() {
            true => violations.add(field, "is empty"),
            false => violations.id(&field, &region),
        }
        read.regions.push(region);
    }
    if let Some(confidence) = constraints.min_confidence {
        read.min_confidence = probability(&format!("{field}.min_confidence"), confidence, violations);
    }
    if constraints.max_output_tokens == Some(0) {
        violations.add(format!("{field}.max_output_tokens"), "is 0; it must be 1 or more");
    }
    read
}

/// Reads a probability.
pub fn probability(field: &str, value: f64, violations: &mut Violations) -> Option<f64> {
    let sane = (0.0..=1.0).contains(&value);
    if !sane {
        violations.add(field, format!("is {value}; it must be between 0 and 1"));
    }
    sane.then_some(value)
}

/// Refuses names of tasks that no deployment can have.
pub fn task(field: &str, task: &str, violations: &mut Violations) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if task.len() > MAX_TASK || !task.chars().all(plain) {
        violations.add(
            field,
            format!("must be at most {MAX_TASK} of the characters a-z, 0-9 and _"),
        );
    }
}

/// Reads the parts of a workflow, at most `max`. A part may build on earlier ones only.
pub fn parts(field: &str, parts: Vec<v1::Part>, max: usize, violations: &mut Violations) -> Vec<Part> {
    if parts.len() > max {
        violations.add(field, format!("has {} parts; at most {max} are allowed", parts.len()));
        return Vec::new();
    }
    let mut read = Vec::with_capacity(parts.len());
    for (index, part) in parts.into_iter().enumerate() {
        text(&format!("{field}[{index}].text"), &part.text, violations);
        let depends_on: Vec<usize> = part.depends_on.iter().map(|number| *number as usize).collect();
        if depends_on.iter().any(|number| *number >= index) {
            violations.add(
                format!("{field}[{index}].depends_on"),
                "names a part that is not an earlier one",
            );
            continue;
        }
        match domain(part.domain) {
            Some(domain) => read.push(Part {
                text: part.text,
                domain,
                depends_on,
            }),
            None => violations.add(
                format!("{field}[{index}].domain"),
                unknown(
                    part.domain,
                    "DOMAIN_CODE, DOMAIN_MATH, DOMAIN_REASONING, DOMAIN_LANGUAGE",
                ),
            ),
        }
    }
    read
}

fn unknown(number: i32, allowed: &str) -> String {
    match number {
        0 => format!("is not set; allowed are {allowed}"),
        _ => format!("{number} is unknown; allowed are {allowed}"),
    }
}

#[cfg(test)]
mod tests {
    use plexus_core::{Domain, Tier};

    use super::*;

    #[test]
    fn everything_wrong_is_named() {
        let mut violations = Violations::default();
        text("query", "  ", &mut violations);
        let wrong = v1::Constraints {
            domains: vec![2, 99],
            tiers: vec![0],
            max_cost_usd: Some(f64::NAN),
            max_output_tokens: Some(0),
            regions: vec!["eu-west".to_owned(), String::new()],
            min_confidence: Some(1.5),
        };
        let read = constraints("constraints", Some(wrong), &mut violations);
        assert_eq!(read.domains, [Domain::Math]);
        let message = violations.check().unwrap_err().to_string();
        for part in [
            "query: is empty",
            "constraints.domains[1]: 99 is unknown",
            "constraints.tiers[0]: is not set",
            "constraints.max_cost_usd",
            "constraints.max_output_tokens",
            "constraints.regions[1]: is empty",
            "constraints.min_confidence: is 1.5",
        ] {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn a_conversation_ends_with_the_user() {
        let message = |role: v1::Role, text: &str| v1::Message {
            role: role.into(),
            content: text.to_owned(),
        };
        let check = |all: Vec<v1::Message>| {
            let mut violations = Violations::default();
            messages("messages", all, false, &mut violations);
            violations.check().map_err(|error| error.to_string())
        };
        assert_eq!(
            check(vec![
                message(v1::Role::Assistant, "hi"),
                message(v1::Role::User, "2 + 2?")
            ]),
            Ok(())
        );
        assert!(
            check(vec![message(v1::Role::Assistant, "hi")])
                .unwrap_err()
                .contains("messages[0].role")
        );
        assert!(
            check(vec![message(v1::Role::User, " ")])
                .unwrap_err()
                .contains("messages[0].content: is empty")
        );
        assert!(
            check(vec![message(v1::Role::Unspecified, "x")])
                .unwrap_err()
                .contains("messages[0].role: is not set")
        );
    }

    #[test]
    fn words_survive_the_contract() {
        for one in Domain::ALL {
            assert_eq!(domain(crate::domain_to_proto(one).into()), Some(one));
        }
        for one in Tier::ALL {
            assert_eq!(tier(crate::tier_to_proto(one).into()), Some(one));
        }
    }
}
