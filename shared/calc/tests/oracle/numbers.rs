//! Whole numbers: bases, Roman numerals, divisors, primes, counting.

use plexus_testkit::oracle::Dice;

use super::{Asked, wrapped};

pub(crate) fn bases(dice: &mut Dice) -> Asked {
    let most = dice.pick(&[16, 300, 1 << 40]);
    let n = dice.between(0, most);
    match dice.between(1, 9) {
        1 => (format!("convert {n} to hex"), format!("word('0x%X' % {n})")),
        2 => (format!("What is {n} in binary?"), format!("word(bin({n}))")),
        3 => (format!("{n} in octal"), format!("word(oct({n}))")),
        4 => (format!("0x{n:X} in decimal"), format!("number({n}, text=False)")),
        5 => (
            format!("convert 0b{n:b} to decimal"),
            format!("number({n}, text=False)"),
        ),
        6 => (format!("convert binary {n:b} to decimal"), format!("ints(2, '{n:b}')")),
        7 => (format!("what is hex {n:x} in decimal?"), format!("ints(16, '{n:x}')")),
        8 => (format!("convert octal {n:o} to decimal"), format!("ints(8, '{n:o}')")),
        _ => (format!("write {n} in hexadecimal"), format!("word('0x%X' % {n})")),
    }
}

pub(crate) fn roman(dice: &mut Dice) -> Asked {
    let n = dice.between(1, 3999);
    (
        dice.pick(&[
            "{} in roman numerals",
            "convert {} to a Roman numeral",
            "What is {} in Roman numerals?",
        ])
        .replace("{}", &n.to_string()),
        format!("word(roman({n}))"),
    )
}

pub(crate) fn divisors(dice: &mut Dice) -> Asked {
    let shared = dice.between(1, 60);
    let (a, b, c) = (
        shared * dice.between(1, 200),
        shared * dice.between(1, 200),
        shared * dice.between(1, 40),
    );
    let (text, check) = match dice.between(1, 10) {
        1 => (format!("gcd of {a} and {b}"), format!("number(math.gcd({a}, {b}))")),
        2 => (
            format!("the greatest common divisor of {a}, {b} and {c}"),
            format!("number(math.gcd({a}, {b}, {c}))"),
        ),
        3 => (format!("gcd({a}, {b})"), format!("number(math.gcd({a}, {b}))")),
        4 => (format!("lcm of {a} and {b}"), format!("number(math.lcm({a}, {b}))")),
        5 => (
            format!("the least common multiple of {a}, {b} and {c}"),
            format!("number(math.lcm({a}, {b}, {c}))"),
        ),
        6 => (
            format!("the remainder when {a} is divided by {c}"),
            format!("number({a} % {c})"),
        ),
        7 => (format!("{a} mod {c}"), format!("number({a} % {c})")),
        8 => return (format!("list the divisors of {c}"), format!("divisors({c})")),
        9 => return (format!("Is {a} divisible by {c}?"), format!("yes({a} % {c} == 0)")),
        _ => return (format!("is {a} a multiple of {b}"), format!("yes({a} % {b} == 0)")),
    };
    (wrapped(dice, &text), check)
}

pub(crate) fn primes(dice: &mut Dice) -> Asked {
    let most = dice.pick(&[100, 5000, 10_000_000]);
    let n = dice.between(2, most);
    match dice.between(1, 6) {
        1 => (format!("is {n} prime?"), format!("yes(is_prime({n}))")),
        2 => (format!("Is {n} a prime number?"), format!("yes(is_prime({n}))")),
        3 => (format!("is {n} composite"), format!("yes(not is_prime({n}))")),
        4 => (format!("prime factorization of {n}"), format!("factors({n})")),
        5 => (format!("What are the prime factors of {n}?"), format!("factors({n})")),
        _ => (
            format!("is {n} a perfect square?"),
            format!("yes(math.isqrt({n})**2 == {n})"),
        ),
    }
}

pub(crate) fn counting(dice: &mut Dice) -> Asked {
    let (n, k) = (dice.between(0, 60), dice.between(0, 20));
    match dice.between(1, 8) {
        1 => (
            wrapped(dice, &format!("{} choose {k}", n + k)),
            format!("number(math.comb({}, {k}))", n + k),
        ),
        2 => (format!("factorial of {n}"), format!("number(math.factorial({n}))")),
        3 => (
            format!("what is {n} factorial?"),
            format!("number(math.factorial({n}))"),
        ),
        4 => (
            format!("sum of the numbers from {k} to {}", n + k + 1),
            format!("number(sum(range({k}, {})))", n + k + 2),
        ),
        5 => (
            format!("What is the sum of the first {} natural numbers?", n + 1),
            format!("number(sum(range({})))", n + 2),
        ),
        6 => (format!("is {n} even?"), format!("yes({n} % 2 == 0)")),
        7 => (format!("is {n} an odd number"), format!("yes({n} % 2)")),
        _ => (format!("what is {n}^{k}"), format!("number({n}**{k})")),
    }
}
