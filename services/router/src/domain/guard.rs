//! What is done with attacks.

use plexus_classifier::Signals;
use serde::Deserialize;

/// What is done with attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuardMode {
    /// Nothing.
    Off,
    /// They are flagged and answered.
    Flag,
    /// Sure ones are refused, others flagged.
    Refuse,
}

/// What is done with a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardAction {
    /// It is answered.
    Allow,
    /// It is answered and flagged.
    Flag,
    /// It is refused.
    Refuse,
}

impl GuardAction {
    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Flag => "flag",
            Self::Refuse => "refuse",
        }
    }
}

impl GuardMode {
    /// What is done with a query of these signals; the limits are those of the model that made them.
    pub fn action(self, signals: &Signals) -> GuardAction {
        let (attack, limits) = (signals.guard.attack, &signals.thresholds);
        match self {
            Self::Off => GuardAction::Allow,
            Self::Refuse if attack >= limits.guard_refuse => GuardAction::Refuse,
            Self::Flag | Self::Refuse if attack >= limits.guard_flag => GuardAction::Flag,
            Self::Flag | Self::Refuse => GuardAction::Allow,
        }
    }
}
