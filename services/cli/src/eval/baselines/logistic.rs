//! Logistic regression on sparse rows, trained by dual coordinate descent: Yu, Huang and Lin, "Dual coordinate descent
//! methods for logistic regression and maximum entropy models", Machine Learning 85 (2011), algorithm 5, as in
//! liblinear's `-s 7`. Minimises |w|²/2 + C Σ log(1 + exp(-y w·x)); the bias is one more weight.

/// A sparse row: places and values.
pub(super) type Sparse = Vec<(u32, f32)>;

/// Rounds over all rows at most.
const ROUNDS: usize = 60;
/// Steps on one variable at most.
const STEPS: usize = 100;
/// A round whose largest gradient is below it is the last.
const ENOUGH: f64 = 0.02;
/// Seed of the order in which rows are visited.
const SEED: u64 = 85;

/// Weights for one label against all others.
#[derive(Debug)]
pub(super) struct Logistic {
    /// One for each place, then the bias.
    weights: Vec<f64>,
}

impl Logistic {
    /// Trains on rows with places below `places`; `truth` says which have the label. `c`: how much errors count.
    pub(super) fn train(rows: &[Sparse], truth: &[bool], places: usize, c: f64) -> Self {
        let mut model = Self {
            weights: vec![0.0; places + 1],
        };
        // With the bias's 1.
        let norms: Vec<f64> = rows.iter().map(|row| 1.0 + square(row)).collect();
        // A row's variable and what it lacks to C; apart, so that neither is lost in rounding.
        let start = (0.001 * c).min(1e-8);
        let mut alphas = vec![[start, c - start]; rows.len()];
        let sign = |index: usize| if truth[index] { 1.0 } else { -1.0 };
        for (index, row) in rows.iter().enumerate() {
            model.add(row, sign(index) * start);
        }
        let mut order: Vec<usize> = (0..rows.len()).collect();
        let mut random = fastrand::Rng::with_seed(SEED);
        let mut inner = 1e-2;
        for _ in 0..ROUNDS {
            random.shuffle(&mut order);
            let (mut worst, mut steps) = (0.0_f64, 0);
            for &index in &order {
                let row = &rows[index];
                let step = solve(
                    &mut alphas[index],
                    norms[index],
                    sign(index) * model.logit(row),
                    c,
                    inner,
                );
                worst = worst.max(step.gradient);
                steps += step.taken;
                if step.taken > 0 {
                    model.add(row, sign(index) * step.change);
                }
            }
            if worst < ENOUGH {
                break;
            }
            if steps <= rows.len() / 10 {
                inner = (0.1 * inner).max(1e-8);
            }
        }
        model
    }

    /// The logit of a row.
    pub(super) fn logit(&self, row: &Sparse) -> f64 {
        let products = row
            .iter()
            .map(|(place, value)| self.weights[*place as usize] * f64::from(*value));
        products.sum::<f64>() + self.bias()
    }

    /// The probability of the label.
    pub(super) fn probability(&self, row: &Sparse) -> f32 {
        (1.0 / (1.0 + (-self.logit(row)).exp())) as f32
    }

    fn bias(&self) -> f64 {
        self.weights.last().copied().unwrap_or_default()
    }

    fn add(&mut self, row: &Sparse, factor: f64) {
        for (place, value) in row {
            self.weights[*place as usize] += factor * f64::from(*value);
        }
        if let Some(bias) = self.weights.last_mut() {
            *bias += factor;
        }
    }
}

/// One variable's move.
struct Step {
    /// How far the variable moved, with its sign.
    change: f64,
    /// Newton steps taken.
    taken: usize,
    /// How steep it was before.
    gradient: f64,
}

/// Minimises over one variable z: z log z + (C - z) log(C - z) + a/2 (z - old)² + b (z - old), by Newton steps that stay
/// inside (0, C). Of z and C - z the one that ends up smaller is the variable.
fn solve(alpha: &mut [f64; 2], a: f64, margin: f64, c: f64, enough: f64) -> Step {
    let (this, other, sign) = match 0.5 * a * (alpha[1] - alpha[0]) + margin < 0.0 {
        true => (1, 0, -1.0),
        false => (0, 1, 1.0),
    };
    let (old, b) = (alpha[this], sign * margin);
    let slope = |z: f64| a * (z - old) + b + (z / (c - z)).ln();
    let mut z = if c - old < 0.5 * c { 0.1 * old } else { old };
    let mut gradient = slope(z);
    let first = gradient.abs();
    let mut taken = 0;
    while gradient.abs() >= enough && taken < STEPS {
        let next = z - gradient / (a + c / (c - z) / z);
        z = if next <= 0.0 { 0.1 * z } else { next };
        gradient = slope(z);
        taken += 1;
    }
    if taken > 0 {
        alpha[this] = z;
        alpha[other] = c - z;
    }
    Step {
        change: if taken > 0 { sign * (z - old) } else { 0.0 },
        taken,
        gradient: first,
    }
}

fn square(row: &Sparse) -> f64 {
    row.iter().map(|(_, value)| f64::from(*value).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_points_by_hand() {
        // By symmetry the bias is 0 and w (1 + exp w) = 2, so w = 0.6748.
        let rows = [vec![(0, 1.0)], vec![(0, -1.0)]];
        let model = Logistic::train(&rows, &[true, false], 1, 1.0);
        assert!((model.weights[0] - 0.6748).abs() < 0.02, "{:?}", model.weights);
        assert!(model.bias().abs() < 0.02);
        assert!((model.probability(&rows[0]) - 0.6626).abs() < 0.01);
    }

    #[test]
    fn the_minimum_has_no_gradient() {
        let mut random = fastrand::Rng::with_seed(1);
        let rows: Vec<Sparse> = (0..80)
            .map(|_| (0..6).map(|place| (place, random.f32() - 0.5)).collect())
            .collect();
        let truth: Vec<bool> = rows.iter().map(|row| row[0].1 + 0.5 * row[1].1 > 0.1).collect();
        let c = 4.0;
        let model = Logistic::train(&rows, &truth, 6, c);
        // w = C Σ sigmoid(-y w·x) y x
        let mut gradient = model.weights.clone();
        for (row, truth) in rows.iter().zip(&truth) {
            let sign = if *truth { 1.0 } else { -1.0 };
            let pull = c * sign / (1.0 + (sign * model.logit(row)).exp());
            for (place, value) in row {
                gradient[*place as usize] -= pull * f64::from(*value);
            }
            gradient[6] -= pull;
        }
        assert!(gradient.iter().all(|value| value.abs() < 0.1), "{gradient:?}");
        let right = rows
            .iter()
            .zip(&truth)
            .filter(|(row, truth)| (model.logit(row) > 0.0) == **truth);
        assert!(right.count() >= 76);
        assert_eq!(
            Logistic::train(&rows, &truth, 6, c).weights,
            model.weights,
            "same rows, same weights"
        );
    }

    #[test]
    fn nothing_to_learn_from_is_no_fault() {
        assert_eq!(Logistic::train(&[], &[], 2, 1.0).probability(&vec![]), 0.5);
        let one_sided = Logistic::train(&[vec![], vec![]], &[true, true], 0, 1.0);
        assert!(one_sided.probability(&vec![]) > 0.6);
    }
}
