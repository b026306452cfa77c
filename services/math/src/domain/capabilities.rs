//! Every kind of question that is answered exactly, each with one of its kind.

use plexus_specialist::exact::Capability;

const fn kind(name: &'static str, example: &'static str) -> Capability {
    Capability::new(name, example)
}

/// The one place that lists them; what is not of these kinds is declined.
pub(super) const CAPABILITIES: &[Capability] = &[
    kind("arithmetic", "What is (3 + 4) × 2^10 / 7?"),
    kind("arithmetic in words", "two hundred and five times three"),
    kind("fractions", "What is 2/3 + 1/6?"),
    kind("decimals and fractions", "convert 0.375 to a fraction"),
    kind("percentages", "What is 15% of 240?"),
    kind("shares in percent", "20 is what percent of 80?"),
    kind("changes by percent", "percentage increase from 50 to 75"),
    kind("tips and taxes", "18% tip on $84.50"),
    kind("discounts", "20% off $50"),
    kind("shared bills", "split $120 among 4 people"),
    kind("simple interest", "simple interest on $1000 at 5% for 3 years"),
    kind(
        "compound interest",
        "compound interest on $1000 at 5% compounded monthly for 3 years",
    ),
    kind("roots and logarithms", "square root of 2"),
    kind("angles", "sin(30°)"),
    kind("factorials and combinations", "10 choose 3"),
    kind("sums and products", "sum of the numbers from 1 to 100"),
    kind("averages", "average of 3, 4 and 5"),
    kind("medians", "median of 5, 1 and 9"),
    kind("largest and smallest", "largest of 3, 9 and 4"),
    kind("comparisons", "which is bigger, 9.11 or 9.9?"),
    kind("checks", "is 17 * 23 = 391?"),
    kind("primes", "is 97 prime?"),
    kind("prime factors", "prime factors of 360"),
    kind("divisors", "greatest common divisor of 12 and 18"),
    kind("multiples", "lcm of 4, 6 and 10"),
    kind("remainders", "remainder when 17 is divided by 5"),
    kind("linear equations", "solve 3x + 5 = 20"),
    kind("quadratic equations", "x^2 - 5x + 6 = 0"),
    kind("systems of two equations", "x + y = 10, x - y = 2"),
    kind("units", "convert 5 miles to km"),
    kind("temperatures", "72 F in C"),
    kind("number bases", "convert 255 to hex"),
    kind("Roman numerals", "2024 in Roman numerals"),
    kind("rounding", "round 3.14159 to 2 decimal places"),
    kind("days between dates", "days between 2024-02-28 and 2024-03-01"),
    kind("dates before and after", "what is 30 days after January 31, 2024?"),
    kind("days of the week", "what day of the week is 2024-02-29?"),
    kind("leap years", "is 1900 a leap year?"),
    kind("arithmetic in other languages", "Was ist 15% von 240?"),
];
