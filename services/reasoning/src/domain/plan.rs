//! A model's plan: which steps, for whom, in which order. Pure; a model's words are untrusted.

use plexus_core::Domain;
use serde::Deserialize;

use super::{Task, task};

/// Most steps of a plan.
const MAX_STEPS: usize = 8;
/// Longest text of a step, bytes.
const MAX_TEXT: usize = 16 * 1024;

/// What a plan looks like. `{1}` in a step's text stands for the result of step 1.
pub const SCHEMA: &str = r#"{
  "type": "object",
  "required": ["steps"],
  "additionalProperties": false,
  "properties": {
    "steps": {
      "type": "array",
      "minItems": 2,
      "maxItems": 8,
      "items": {
        "type": "object",
        "required": ["domain", "ask"],
        "additionalProperties": false,
        "properties": {
          "domain": {"enum": ["code", "math", "language"]},
          "ask": {"type": "string", "minLength": 1},
          "needs": {"type": "array", "items": {"type": "integer", "minimum": 1}, "uniqueItems": true}
        }
      }
    }
  }
}"#;

#[derive(Debug, Deserialize)]
struct Plan {
    steps: Vec<Planned>,
}

#[derive(Debug, Deserialize)]
struct Planned {
    domain: String,
    ask: String,
    #[serde(default)]
    needs: Vec<usize>,
}

/// The tasks of a plan that fits [`SCHEMA`].
///
/// # Errors
/// What the schema cannot say: a step that needs a later one, a placeholder of a step that it does not need.
pub fn read(json: &str) -> Result<Vec<Task>, String> {
    let plan: Plan = serde_json::from_str(json).map_err(|error| error.to_string())?;
    if !(2..=MAX_STEPS).contains(&plan.steps.len()) {
        return Err(format!("it has {} steps, expected 2 to {MAX_STEPS}", plan.steps.len()));
    }
    let mut tasks = Vec::with_capacity(plan.steps.len());
    for (index, step) in plan.steps.into_iter().enumerate() {
        let number = index + 1;
        if step.ask.len() > MAX_TEXT {
            return Err(format!("step {number} is too long"));
        }
        let mut needs = step.needs;
        needs.extend(placeholders(&step.ask));
        needs.sort_unstable();
        needs.dedup();
        if let Some(wrong) = needs.iter().find(|need| **need == 0 || **need > index) {
            return Err(format!("step {number} needs step {wrong}, which is not an earlier one"));
        }
        let depends_on = needs.into_iter().map(|need| need - 1).collect();
        tasks.push(Task {
            placed: true,
            ..task(step.ask, depends_on, Domain::from_name(&step.domain))
        });
    }
    Ok(tasks)
}

/// Numbers of steps whose results a text has a place for: `{2}`.
fn placeholders(text: &str) -> impl Iterator<Item = usize> {
    let inside = text.split('{').skip(1);
    inside.filter_map(|rest| rest.split_once('}')?.0.trim().parse().ok())
}

/// Puts results where a text has places for them, and the rest, as facts, after it.
pub(super) fn place(text: &str, needs: &[(usize, &str)]) -> String {
    let mut placed = String::with_capacity(text.len());
    let mut used = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        placed.push_str(before);
        let found = after.split_once('}').and_then(|(name, after)| {
            let number: usize = name.trim().parse().ok()?;
            let (_, result) = needs.iter().find(|(index, _)| index + 1 == number)?;
            Some((number, *result, after))
        });
        match found {
            Some((number, result, after)) => {
                placed.push_str(result);
                used.push(number);
                rest = after;
            }
            None => {
                placed.push('{');
                rest = after;
            }
        }
    }
    placed.push_str(rest);
    for (index, result) in needs.iter().filter(|(index, _)| !used.contains(&(index + 1))) {
        placed.push_str(&format!("\n\nResult of step {}: {result}", index + 1));
    }
    placed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plan_is_read() {
        let tasks = read(
            r#"{"steps": [{"domain": "math", "ask": "15% of 240"}, {"domain": "language", "ask": "name a fruit"},
                {"domain": "math", "ask": "double {1}", "needs": [2]}]}"#,
        )
        .unwrap();
        assert_eq!(tasks[2].depends_on, [0, 1]);
        assert_eq!(tasks[0].candidates[0], Domain::Math);
        assert!(Schema::compile(SCHEMA).unwrap().fit(r#"{"steps": []}"#).is_err());
    }

    use plexus_structured::Schema;

    #[test]
    fn what_cannot_be_followed_is_told() {
        for (steps, part) in [
            (r#"[{"domain": "math", "ask": "x"}]"#, "1 steps"),
            (
                r#"[{"domain": "math", "ask": "{2}"}, {"domain": "math", "ask": "y"}]"#,
                "step 1 needs step 2",
            ),
            (
                r#"[{"domain": "math", "ask": "x"}, {"domain": "math", "ask": "y", "needs": [2]}]"#,
                "step 2 needs step 2",
            ),
        ] {
            let error = read(&format!("{{\"steps\": {steps}}}")).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn results_are_put_where_they_belong() {
        assert_eq!(place("double {1}, {x} {", &[(0, "36")]), "double 36, {x} {");
        assert_eq!(
            place("write about it", &[(0, "36"), (1, "a pear")]),
            "write about it\n\nResult of step 1: 36\n\nResult of step 2: a pear"
        );
        // A result that looks like a place is not filled in again.
        assert_eq!(place("{1}", &[(0, "{1}")]), "{1}");
    }

    proptest! {
        #[test]
        fn no_plan_makes_it_fall(text in ".{0,200}", needs in proptest::collection::vec(0_usize..5, 0..4)) {
            let _ = read(&text);
            let needs: Vec<(usize, &str)> = needs.iter().map(|index| (*index, "r")).collect();
            let _ = place(&text, &needs);
        }
    }
}
