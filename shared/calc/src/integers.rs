//! Primes and divisors of numbers below 2^64.

/// Factors up to here are found by trial.
const TRIAL: u64 = 1 << 12;
/// The steps of one search for a factor; a 64-bit number has one within some 2^17.
const MAX_STEPS: u32 = 1 << 19;

fn mul_mod(a: u64, b: u64, n: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(n)) as u64
}

fn pow_mod(mut base: u64, mut exponent: u64, n: u64) -> u64 {
    let mut result = 1 % n;
    base %= n;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = mul_mod(result, base, n);
        }
        base = mul_mod(base, base, n);
        exponent >>= 1;
    }
    result
}

/// Miller-Rabin with the bases that decide every 64-bit number.
pub(crate) fn is_prime(n: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if n < 2 {
        return false;
    }
    if let Some(p) = BASES.into_iter().find(|p| n.is_multiple_of(*p)) {
        return n == p;
    }
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    BASES.into_iter().all(|base| {
        let mut x = pow_mod(base, odd, n);
        if x == 1 || x == n - 1 {
            return true;
        }
        (1..twos).any(|_| {
            x = mul_mod(x, x, n);
            x == n - 1
        })
    })
}

/// Prime factors in order, with multiplicity; none where the search ran out of steps.
pub(crate) fn prime_factors(mut n: u64) -> Option<Vec<u64>> {
    let mut factors = Vec::new();
    for p in 2..TRIAL {
        while n > 1 && n.is_multiple_of(p) {
            factors.push(p);
            n /= p;
        }
    }
    let mut rest = vec![n];
    while let Some(n) = rest.pop() {
        if n == 1 {
            continue;
        }
        if is_prime(n) {
            factors.push(n);
            continue;
        }
        let factor = split(n)?;
        rest.push(factor);
        rest.push(n / factor);
    }
    factors.sort_unstable();
    Some(factors)
}

/// A proper factor of a composite number: Pollard's rho.
fn split(n: u64) -> Option<u64> {
    let mut steps = 0;
    for c in 1..20 {
        let step = |x: u64| ((u128::from(mul_mod(x, x, n)) + c) % u128::from(n)) as u64;
        let (mut slow, mut fast) = (2, 2);
        loop {
            steps += 1;
            if steps > MAX_STEPS {
                return None;
            }
            slow = step(slow);
            fast = step(step(fast));
            let factor = num_integer::gcd(slow.abs_diff(fast), n);
            if factor == n {
                break;
            }
            if factor > 1 {
                return Some(factor);
            }
        }
    }
    None
}

/// All divisors in order, where they are few.
pub(crate) fn divisors(n: u64, most: usize) -> Option<Vec<u64>> {
    let mut divisors = vec![1];
    let mut last = 0;
    let mut from = 0;
    for p in prime_factors(n)? {
        // A prime seen again multiplies only what its last occurrence added.
        let start = if p == last { from } else { 0 };
        from = divisors.len();
        let more: Vec<u64> = divisors[start..].iter().map(|d| d * p).collect();
        divisors.extend(more);
        last = p;
        if divisors.len() > most {
            return None;
        }
    }
    divisors.sort_unstable();
    Some(divisors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_trial_division() {
        let by_trial = |n: u64| n > 1 && (2..n).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d));
        for n in 0..5000 {
            assert_eq!(is_prime(n), by_trial(n), "{n}");
        }
    }

    #[test]
    fn factors_multiply_back() {
        for n in (1..3000).chain([
            u64::MAX,
            u64::MAX - 1,
            18446744073709551557,
            4294967291 * 4294967279,
            1 << 63,
        ]) {
            let factors = prime_factors(n).unwrap();
            assert!(factors.iter().all(|p| is_prime(*p)), "{n}");
            assert_eq!(factors.iter().product::<u64>(), n);
        }
    }

    #[test]
    fn divisors_divide() {
        for n in 1..500u64 {
            let expected: Vec<u64> = (1..=n).filter(|d| n.is_multiple_of(*d)).collect();
            assert_eq!(divisors(n, 100).unwrap(), expected);
        }
    }
}
