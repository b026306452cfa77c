//! "What does cron 0 9 * * 1-5 mean?": five fields in words.

use super::question::has;
use super::schedule::{FIELDS, Field, Item, number, parse};
use super::{Answer, decline};

pub(super) fn answer(question: &str) -> Answer {
    let lower = question.to_lowercase();
    if !has(&lower, &["cron", "crontab", "cronjob"])
        || !has(
            &lower,
            &[
                "mean",
                "means",
                "explain",
                "when",
                "what",
                "describe",
                "how often",
                "translate",
            ],
        )
    {
        return None;
    }
    let tokens: Vec<&str> = question
        .split_whitespace()
        .map(|token| {
            token.trim_matches(|c: char| matches!(c, '"' | '\'' | '`' | '?' | '(' | ')' | ':' | '.' | '!' | ';'))
        })
        .map(|token| token.trim_end_matches(','))
        .filter(|token| !token.is_empty())
        .collect();
    if let Some(nickname) = tokens.iter().find(|token| token.starts_with('@')) {
        return match expand(nickname) {
            Some(fields) => describe(&fields.split(' ').collect::<Vec<_>>(), nickname),
            None => decline("this nickname of cron is not known"),
        };
    }
    let like_field = |token: &&str| {
        let known = |item: &str| item == "*" || FIELDS.iter().any(|field| number(field, item).is_some());
        token.split([',', '-', '/']).all(known)
    };
    let runs: Vec<&[&str]> = tokens
        .split(|token| !like_field(token))
        .filter(|run| run.len() >= 4)
        .collect();
    match runs[..] {
        [fields] if fields.len() == 5 => describe(fields, &fields.join(" ")),
        [fields] if fields.len() >= 6 => decline("six fields or more are a dialect of cron: which one is not said"),
        [_, _, ..] => decline("there is more than one cron expression"),
        _ => decline("there is no cron expression of five fields"),
    }
}

fn expand(nickname: &str) -> Option<&'static str> {
    Some(match nickname.to_lowercase().as_str() {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => return None,
    })
}

fn describe(fields: &[&str], written: &str) -> Answer {
    let mut parsed = Vec::with_capacity(5);
    for (field, text) in FIELDS.iter().zip(fields) {
        if text.to_lowercase().ends_with("-sun") || steps_over(field, text) {
            return decline("crons differ on steps over the end of a field, and on weeks that end with Sunday");
        }
        match parse(field, text) {
            Ok(items) => parsed.push(items),
            Err(problem) => {
                return Some(Ok(format!("`{written}` is not a valid cron expression: {problem}.")));
            }
        }
    }
    let [minute, hour, day, month, weekday] = &parsed[..] else {
        return None;
    };
    let any = |items: &[Item]| items.iter().any(Item::is_any);
    let mut text = time(minute, hour);
    let days = words(&FIELDS[2], day);
    let weekdays = words(&FIELDS[4], weekday);
    match (any(day), any(weekday)) {
        (true, true) if is_clock(&text) => text.push_str(", every day"),
        (true, true) => {}
        (false, true) => text.push_str(&format!(", on {days}")),
        (true, false) => text.push_str(&format!(", {weekdays}")),
        // A stepped star restricts both at once in most crons and either in others.
        (false, false) if day.iter().chain(weekday).any(|item| item.star) => {
            return decline("crons differ on a stepped day of the month together with a day of the week");
        }
        (false, false) => text.push_str(&format!(", on {days} or {weekdays} (whichever comes)")),
    }
    if !any(month) {
        text.push_str(&format!(", in {}", words(&FIELDS[3], month)));
    }
    Some(Ok(format!("`{written}` runs {text}.")))
}

/// Whether a step is longer than the field: some crons take it, some do not.
fn steps_over(field: &Field, text: &str) -> bool {
    let steps = text
        .split(',')
        .filter_map(|item| item.split_once('/')?.1.parse::<u32>().ok());
    steps.into_iter().any(|step| step > field.high)
}

/// "at 09:00".
fn is_clock(text: &str) -> bool {
    text.strip_prefix("at ")
        .is_some_and(|rest| rest.as_bytes().get(2) == Some(&b':'))
}

fn single(items: &[Item]) -> Option<u32> {
    match items {
        [item] if item.from == item.to => Some(item.from),
        _ => None,
    }
}

fn time(minute: &[Item], hour: &[Item]) -> String {
    let any = |items: &[Item]| items.iter().any(Item::is_any);
    let hours: Option<Vec<u32>> = hour
        .iter()
        .map(|item| (item.from == item.to).then_some(item.from))
        .collect();
    if let (Some(minute), Some(hours)) = (single(minute), &hours) {
        let times: Vec<String> = hours.iter().map(|hour| format!("{hour:02}:{minute:02}")).collect();
        return format!("at {}", list(&times));
    }
    let minutes = match minute {
        _ if any(minute) => "every minute".to_owned(),
        [Item { star: true, step, .. }] if 60 % step == 0 => format!("every {step} minutes"),
        _ => match single(minute) {
            Some(0) if any(hour) => return "at the start of every hour".to_owned(),
            Some(one) => format!("at minute {one}"),
            None => format!("at {}", words(&FIELDS[0], minute)),
        },
    };
    if any(hour) {
        return if minutes.starts_with("every") {
            minutes
        } else {
            format!("{minutes} of every hour")
        };
    }
    match hour {
        [Item { star: true, step, .. }] if 24 % step == 0 => format!("{minutes}, every {step} hours (from 00:00 on)"),
        [
            Item {
                star: false,
                from,
                to,
                step: 1,
            },
        ] if from < to && minutes.starts_with("every") => {
            format!("{minutes}, from {from:02}:00 to {to:02}:59")
        }
        _ => format!("{minutes} of {}", words(&FIELDS[1], hour)),
    }
}

/// The items of a field as words.
fn words(field: &Field, items: &[Item]) -> String {
    let name = |value: u32| match field.names {
        [] => value.to_string(),
        names => names
            .get((value - field.low) as usize)
            .map_or_else(|| value.to_string(), |name| (*name).to_owned()),
    };
    let parts: Vec<String> = items
        .iter()
        .map(|item| {
            let plain = match (item.from == item.to, item.star) {
                (_, true) => String::new(),
                (true, _) => name(item.from),
                _ => format!("{} to {}", name(item.from), name(item.to)),
            };
            match (item.step, item.star) {
                (1, _) => plain,
                (step, true) => format!("every {step}{} from {}", ordinal(step), name(item.from)),
                (step, false) => format!("every {step}{} from {plain}", ordinal(step)),
            }
        })
        .collect();
    let text = list(&parts);
    let many = items.len() > 1 || items.iter().any(|item| item.from != item.to);
    match (field.name, many) {
        ("minute", true) => format!("minutes {text}"),
        ("hour", true) => format!("hours {text}"),
        ("hour", false) => format!("hour {text}"),
        ("day of the month", true) => format!("days {text} of the month"),
        ("day of the month", false) => format!("day {text} of the month"),
        ("day of the week", _) => format!("on {text}"),
        _ => text,
    }
}

fn ordinal(step: u32) -> &'static str {
    match (step % 10, step % 100) {
        (1, teen) if teen != 11 => "st",
        (2, teen) if teen != 12 => "nd",
        (3, teen) if teen != 13 => "rd",
        _ => "th",
    }
}

fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
