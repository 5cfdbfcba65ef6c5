//! Fitting the weights of the evidence to flows that happened: logistic regression with a ridge, by Newton's method.

use crate::graph::evidence::KINDS_OF;
use crate::graph::weights::{log_odds, logistic};

/// A pair of tools and a parameter, seen once.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Evidence, in the order of [`crate::graph::KINDS`].
    pub values: [f32; KINDS_OF],
    /// Whether a value flowed.
    pub flowed: bool,
    /// How many such pairs it stands for.
    pub weight: f64,
}

/// Number of unknowns: the bias, then a weight a kind.
const SIZE: usize = KINDS_OF + 1;
/// How strongly weights are drawn to zero.
const RIDGE: f64 = 0.3;
/// Most steps; it takes about ten.
const STEPS: usize = 60;
/// Times a step that leads downhill is halved.
const HALVINGS: usize = 30;

/// Bias and weights that make what was seen likeliest. Kinds in `without` get no weight.
pub fn fit(examples: &[Example], without: &[usize]) -> (f64, [f64; KINDS_OF]) {
    let mut unknown = [0.0; SIZE];
    // The share of flows is the first guess: from there Newton's steps lead uphill.
    let (flows, all) = examples.iter().fold((0.0, 0.0), |(f, a), e| (f + if e.flowed { e.weight } else { 0.0 }, a + e.weight));
    unknown[0] = log_odds(flows / f64::max(all, 1.0));
    let mut height = likelihood(examples, without, &unknown);
    for _ in 0..STEPS {
        let (mut gradient, mut hessian) = ([0.0; SIZE], [[0.0; SIZE]; SIZE]);
        for example in examples {
            let x = input(example, without);
            let p = logistic(unknown.iter().zip(&x).map(|(w, v)| w * v).sum());
            let (error, spread) = ((f64::from(example.flowed) - p) * example.weight, p * (1.0 - p) * example.weight);
            for row in 0..SIZE {
                gradient[row] += error * x[row];
                for column in 0..=row {
                    hessian[row][column] += spread * x[row] * x[column];
                }
            }
        }
        for row in 0..SIZE {
            // The bias is free; a tiny ridge keeps the system solvable where an input is always zero.
            let ridge = if row == 0 { 1e-6 } else { RIDGE };
            gradient[row] -= if row == 0 { 0.0 } else { RIDGE * unknown[row] };
            hessian[row][row] += ridge;
        }
        // The upper half is the lower one's mirror.
        let lower = hessian;
        for (row, line) in hessian.iter_mut().enumerate() {
            line.iter_mut().enumerate().skip(row + 1).for_each(|(column, value)| *value = lower[column][row]);
        }
        let mut step = solve(hessian, gradient);
        let mut halvings = 0;
        let (next, reached) = loop {
            let next: [f64; SIZE] = std::array::from_fn(|i| unknown[i] + step[i]);
            let reached = likelihood(examples, without, &next);
            if reached >= height || halvings == HALVINGS {
                break (next, reached);
            }
            step.iter_mut().for_each(|by| *by /= 2.0);
            halvings += 1;
        };
        if reached - height < 1e-9 {
            break;
        }
        (unknown, height) = (next, reached);
    }
    let mut weights = [0.0; KINDS_OF];
    weights.copy_from_slice(&unknown[1..]);
    without.iter().for_each(|kind| weights[*kind] = 0.0);
    (unknown[0], weights)
}

/// Logarithm of how likely the examples are, less the ridge.
fn likelihood(examples: &[Example], without: &[usize], unknown: &[f64; SIZE]) -> f64 {
    let of = |example: &Example| {
        let z: f64 = unknown.iter().zip(input(example, without)).map(|(w, v)| w * v).sum();
        // ln(1 + e^z) without overflow.
        let softplus = z.max(0.0) + (-z.abs()).exp().ln_1p();
        example.weight * (if example.flowed { z } else { 0.0 } - softplus)
    };
    examples.iter().map(of).sum::<f64>() - RIDGE / 2.0 * unknown[1..].iter().map(|w| w * w).sum::<f64>()
}

fn input(example: &Example, without: &[usize]) -> [f64; SIZE] {
    let mut x = [1.0; SIZE];
    for (kind, value) in example.values.iter().enumerate() {
        x[kind + 1] = if without.contains(&kind) { 0.0 } else { f64::from(*value) };
    }
    x
}

/// Gaussian elimination with pivoting.
fn solve(mut matrix: [[f64; SIZE]; SIZE], mut right: [f64; SIZE]) -> [f64; SIZE] {
    for column in 0..SIZE {
        let pivot = (column..SIZE).max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs())).unwrap_or(column);
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        let top = matrix[column];
        if top[column] == 0.0 {
            continue;
        }
        for row in column + 1..SIZE {
            let factor = matrix[row][column] / top[column];
            for (value, above) in matrix[row].iter_mut().zip(top).skip(column) {
                *value -= factor * above;
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..SIZE).rev() {
        let known: f64 = (row + 1..SIZE).map(|column| matrix[row][column] * right[column]).sum();
        right[row] = if matrix[row][row] == 0.0 { 0.0 } else { (right[row] - known) / matrix[row][row] };
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Data drawn from known weights gives weights of the same signs and about the same size.
        #[test]
        fn finds_what_made_the_data(a in 1.0..3.0f64, b in -3.0..-1.0f64, seed in 0u64..1000) {
            use rand::{RngExt, SeedableRng};
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let examples: Vec<Example> = (0..6000).map(|_| {
                let mut values = [0.0; KINDS_OF];
                values[0] = rng.random_range(0.0..1.0);
                values[1] = rng.random_range(0.0..1.0);
                let p = logistic(-1.0 + a * f64::from(values[0]) + b * f64::from(values[1]));
                Example { values, flowed: rng.random_bool(p), weight: 1.0 }
            }).collect();
            let (_, weights) = fit(&examples, &[]);
            prop_assert!((weights[0] - a).abs() < 0.6 && (weights[1] - b).abs() < 0.6, "{weights:?}");
            prop_assert!(weights[2..].iter().all(|w| w.abs() < 1e-6));
            prop_assert_eq!(fit(&examples, &[0]).1[0], 0.0);
        }
    }
}
