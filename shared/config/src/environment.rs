//! The environment, read once at the edge and passed on as a value, so that tests bring their own.

use std::collections::BTreeMap;

use figment::{
    Metadata, Profile, Provider,
    providers::{Format, Toml},
    util::nest,
    value::{Dict, Map, Value},
};

/// Environment variables.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process; those that are not UTF-8 are left out.
    pub fn process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// The value of a variable; empty counts as unset.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// One provider for each variable of a service, so that an error can name the variable.
    pub(crate) fn providers(&self, service: &str) -> Vec<Variable> {
        let prefix = format!("PLEXUS_{}__", service.to_uppercase());
        self.0
            .iter()
            .filter_map(|(name, value)| {
                let key = name.strip_prefix(&prefix)?;
                Some(Variable {
                    name: name.clone(),
                    key: key.to_lowercase().replace("__", "."),
                    value: value.clone(),
                })
            })
            .collect()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

/// One environment variable as a source of configuration.
pub(crate) struct Variable {
    name: String,
    key: String,
    value: String,
}

impl Provider for Variable {
    fn metadata(&self) -> Metadata {
        Metadata::named(format!("environment variable {}", self.name))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let value = match toml_value(&self.value) {
            Ok(value) => value,
            Err(problem) if is_composed(&self.value) => {
                return Err(figment::Error::from(format!(
                    "no list or table as TOML writes it (a table in braces stands on one line): {problem}"
                )));
            }
            Err(_) => Value::from(self.value.clone()),
        };
        let dict = nest(&self.key, value).into_dict().unwrap_or_default();
        Ok(Profile::Default.collect(dict))
    }
}

/// A number, a boolean, a list or a quoted string, as TOML writes it.
fn toml_value(text: &str) -> Result<Value, String> {
    let data = Toml::string(&format!("value = {text}"))
        .data()
        .map_err(|error| error.to_string())?;
    let value = data.into_values().next().and_then(|mut dict| dict.remove("value"));
    value.ok_or_else(|| "there is nothing in it".to_owned())
}

/// Whether a text is meant as a list or a table; an address such as `[::1]:80` is not.
fn is_composed(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('{') || (text.starts_with('[') && !text.contains("]:"))
}
