//! What in a manifest makes no sense together.

use super::{Activation, Head, Manifest};

/// The fewest tokens that leave room for a text between special ones.
const MIN_TOKENS: usize = 8;

/// The first thing that makes no sense; none where all does.
pub(super) fn problem(manifest: &Manifest) -> Option<String> {
    input(manifest)
        .or_else(|| heads(manifest))
        .or_else(|| first_stage(manifest))
        .or_else(|| thresholds(manifest))
        .or_else(|| languages(&manifest.languages))
}

fn input(manifest: &Manifest) -> Option<String> {
    let tokens = manifest.input.max_tokens;
    (tokens < MIN_TOKENS).then(|| format!("`input.max_tokens` is {tokens}, at least {MIN_TOKENS} are needed"))
}

fn heads(manifest: &Manifest) -> Option<String> {
    let heads = &manifest.heads;
    let heads = [
        ("domain", Some(&heads.domain), None),
        ("guard", heads.guard.as_ref(), Some(Activation::Softmax)),
        ("complexity", heads.complexity.as_ref(), Some(Activation::Sigmoid)),
    ];
    heads
        .into_iter()
        .find_map(|(name, head, activation)| one_head(name, head?, activation))
}

fn one_head(name: &str, head: &Head, fixed: Option<Activation>) -> Option<String> {
    if head.labels.is_empty() {
        return Some(format!("`heads.{name}.labels` is empty"));
    }
    if name == "complexity" && head.labels.len() != 1 {
        return Some(format!(
            "`heads.complexity.labels` has {} labels, it must have one",
            head.labels.len()
        ));
    }
    if !(head.temperature > 0.0 && head.temperature.is_finite()) {
        return Some(above_zero(&format!("heads.{name}.temperature"), head.temperature));
    }
    if let (Some(fixed), Some(set)) = (fixed, head.activation)
        && fixed != set
    {
        return Some(format!(
            "`heads.{name}.activation` is {set:?}, this head is always {fixed:?}"
        ));
    }
    if !head.second.is_finite()
        || (head.second != 0.0 && (name != "domain" || head.activation == Some(Activation::Softmax)))
    {
        return Some(format!(
            "`heads.{name}.second` is {}, only a domain head with sigmoid has one, and it is finite",
            head.second
        ));
    }
    let stray = head.map.keys().find(|label| !head.labels.contains(label))?;
    Some(format!(
        "`heads.{name}.map` maps `{stray}`, which is no label of this head"
    ))
}

fn first_stage(manifest: &Manifest) -> Option<String> {
    let first = match (&manifest.first_stage, &manifest.files.first_stage) {
        (Some(first), Some(_)) => first,
        (None, None) => return None,
        (Some(_), None) => return Some("`first_stage` is there, but `files.first_stage` is not".to_owned()),
        (None, Some(_)) => return Some("`files.first_stage` is there, but `first_stage` is not".to_owned()),
    };
    let (temperature, weight) = (first.temperature, first.weight);
    let above = [
        ("temperature.domain", temperature.domain),
        ("temperature.guard", temperature.guard),
        ("temperature.complexity", temperature.complexity),
    ];
    let any = [
        ("weight.domain", weight.domain),
        ("weight.guard", weight.guard),
        ("weight.complexity", weight.complexity),
    ];
    let parts = [("sure", first.sure), ("others", first.others), ("attack", first.attack)];
    above
        .into_iter()
        .find(|(_, value)| !(*value > 0.0 && value.is_finite()))
        .map(|(key, value)| above_zero(&format!("first_stage.{key}"), value))
        .or_else(|| {
            let (key, value) = any.into_iter().find(|(_, value)| !value.is_finite())?;
            Some(format!("`first_stage.{key}` is {value}, it must be finite"))
        })
        .or_else(|| between("first_stage", &parts))
}

fn thresholds(manifest: &Manifest) -> Option<String> {
    let limits = &manifest.thresholds;
    let limits = [
        ("multi_label", limits.multi_label),
        ("not_sure", limits.not_sure),
        ("outside", limits.outside),
        ("guard_flag", limits.guard_flag),
        ("guard_refuse", limits.guard_refuse),
    ];
    between("thresholds", &limits)
}

fn languages(codes: &[String]) -> Option<String> {
    let plain = |code: &&String| !(code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase()));
    let odd = codes.iter().find(plain)?;
    Some(format!(
        "`languages` holds `{odd}`: ISO 639-1 codes are two small letters, e.g. \"en\""
    ))
}

fn above_zero(key: &str, value: f32) -> String {
    format!("`{key}` is {value}, it must be above 0")
}

fn between(section: &str, values: &[(&str, f32)]) -> Option<String> {
    let (key, value) = values.iter().find(|(_, value)| !(0.0..=1.0).contains(value))?;
    Some(format!("`{section}.{key}` is {value}, it must lie between 0 and 1"))
}
