//! Values of arguments, each with what is wrong with a wrong one.

use std::time::Duration;

use plexus_client::Endpoint;

pub(super) fn endpoint(text: &str) -> Result<Endpoint, String> {
    Endpoint::try_from(text.to_owned()).map_err(|error| error.to_string())
}

pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| format!("{error}: write it like 500ms, 60s or 2m"))?;
    match time.is_zero() {
        true => Err("must be longer than 0s".to_owned()),
        false => Ok(time),
    }
}

pub(super) fn probability(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "write it like 0.8".to_owned())?;
    match (0.0..=1.0).contains(&value) {
        true => Ok(value),
        false => Err("must be between 0 and 1".to_owned()),
    }
}

pub(super) fn dollars(text: &str) -> Result<f64, String> {
    let amount: f64 = text.parse().map_err(|_| "write it like 0.05".to_owned())?;
    match amount.is_finite() && amount >= 0.0 {
        true => Ok(amount),
        false => Err("must be 0 or more".to_owned()),
    }
}
