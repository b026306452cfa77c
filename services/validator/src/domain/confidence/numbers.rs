//! When two numbers are the same to a person who works with them.

/// Is `written` what a person would write for a number?
pub(super) fn close(number: f64, written: f64) -> bool {
    (number - written).abs() <= f64::max(0.0051, 0.005 * number.abs())
}

/// Has it no part behind the point?
pub(super) fn whole(number: f64) -> bool {
    (number - (number + 0.5).floor()).abs() < 1e-6
}

/// Is `a` the number `b`, maybe as a percentage, its rest, or a share?
pub(super) fn same(a: f64, b: f64) -> bool {
    let off = |other: f64| (a - other).abs();
    off(b) <= 1e-6 * f64::max(1.0, a.abs())
        || off(b / 100.0) < 1e-9
        || off(b * 100.0) < 1e-6
        || (b != 0.0 && off(1.0 / b) < 1e-3)
        || off(1.0 - b / 100.0) < 1e-6
        || off(1.0 + b / 100.0) < 1e-6
        || off(100.0 - b) < 1e-9
        || (!whole(b) && off(b) <= f64::max(0.0051, 0.005 * b.abs()))
}

/// Is one of them the same?
pub(super) fn among(number: f64, numbers: &[f64]) -> bool {
    numbers.iter().any(|other| same(number, *other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sameness() {
        for (a, b) in [
            (0.2, 20.0),
            (80.0, 20.0),
            (0.8, 20.0),
            (1.2, 20.0),
            (0.25, 4.0),
            (3.33, 3.3333),
        ] {
            assert!(same(a, b), "{a} {b}");
        }
        assert!(!same(21.0, 20.0) && !same(7.0, 0.0));
        assert!(whole(-3.0) && !whole(2.5));
        assert!(close(3.3333, 3.33) && !close(36.0, 38.0));
    }
}
