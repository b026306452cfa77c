//! What a customer wants to buy.

pub struct CartLine {
    pub article: u64,
    pub amount: u32,
    pub unit_price_cents: i64,
}

/// The sum of all lines, with ten percent off from one hundred euros on.
pub fn cart_total_cents(lines: &[CartLine]) -> i64 {
    let sum: i64 = lines.iter().map(|line| line.unit_price_cents * i64::from(line.amount)).sum();
    if sum >= 10_000 { sum - sum / 10 } else { sum }
}
