//! What was used and what it cost.

use std::ops::AddAssign;

/// What was used and what it cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// US dollars, rejected and failed attempts included.
    pub cost_usd: f64,
    /// What the most expensive engine would have cost, US dollars.
    pub strongest_cost_usd: f64,
    /// Whether tokens were estimated.
    pub estimated: bool,
    /// The part of the cost that bought nothing, US dollars.
    pub wasted_cost_usd: f64,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.cost_usd += other.cost_usd;
        self.strongest_cost_usd += other.strongest_cost_usd;
        self.estimated |= other.estimated;
        self.wasted_cost_usd += other.wasted_cost_usd;
    }
}

/// Tokens that a question of usual size reads.
const USUAL_INPUT: u64 = 80;
/// Tokens that its answer has.
const USUAL_OUTPUT: u64 = 40;

/// Price of an engine, US dollars for a million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Price {
    /// For tokens read.
    pub input_per_mtok: f64,
    /// For tokens written.
    pub output_per_mtok: f64,
}

impl Price {
    /// US dollars for so many tokens.
    pub fn of(&self, input_tokens: u64, output_tokens: u64) -> f64 {
        (input_tokens as f64 * self.input_per_mtok + output_tokens as f64 * self.output_per_mtok) / 1e6
    }

    /// What so many tokens cost, as a multiple of what a question of usual size costs; 0 where nothing costs anything.
    pub fn weight(&self, input_tokens: u64, output_tokens: u64) -> f64 {
        let usual = self.of(USUAL_INPUT, USUAL_OUTPUT);
        match usual > 0.0 {
            true => self.of(input_tokens, output_tokens) / usual,
            false => 0.0,
        }
    }
}

/// About how many tokens a text has: four bytes a token, the usual rule for English.
pub fn estimate_tokens(text: &str) -> u64 {
    estimate_tokens_of(text.len() as u64)
}

/// The same for a text of that many bytes, e.g. one that came in pieces.
pub fn estimate_tokens_of(bytes: u64) -> u64 {
    bytes.div_ceil(4)
}
