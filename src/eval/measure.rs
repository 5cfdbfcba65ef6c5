//! Figures of trials: pass@k, pass^k, and how sure they are.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Chance that at least one of `k` trials succeeds, estimated without bias from `c` successes in `n` trials:
/// `1 − C(n−c, k) / C(n, k)` (Chen et al., "Evaluating Large Language Models Trained on Code", 2021). None where `k` is
/// not within 1 to `n`.
pub fn pass_at_k(n: u64, c: u64, k: u64) -> Option<f64> {
    possible(n, c, k).then(|| 1.0 - share(n - c, n, k))
}

/// Chance that all of `k` trials succeed, estimated without bias: `C(c, k) / C(n, k)` (Yao et al., "τ-bench", 2024). None
/// where `k` is not within 1 to `n`.
pub fn pass_hat_k(n: u64, c: u64, k: u64) -> Option<f64> {
    possible(n, c, k).then(|| share(c, n, k))
}

fn possible(n: u64, c: u64, k: u64) -> bool {
    (1..=n).contains(&k) && c <= n
}

/// `C(part, k) / C(whole, k)` as a product, which neither overflows nor loses digits.
fn share(part: u64, whole: u64, k: u64) -> f64 {
    (0..k).map(|i| part.saturating_sub(i) as f64 / (whole - i) as f64).product()
}

/// Interval of the mean of `values` at `level` (0.95, say), by the bootstrap: percentiles of the means of `rounds` draws
/// with replacement. Where each value is the mean of one cluster (the trials of a task), it is the cluster bootstrap. None
/// without values. The order of `values` matters to what is drawn.
pub fn bootstrap(values: &[f64], seed: u64, rounds: usize, level: f64) -> Option<(f64, f64)> {
    if values.is_empty() || rounds == 0 {
        return None;
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let count = values.len();
    let mut means: Vec<f64> =
        (0..rounds).map(|_| (0..count).map(|_| values[random.random_range(0..count)]).sum::<f64>() / count as f64).collect();
    means.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - level.clamp(0.0, 1.0)) / 2.0;
    Some((quantile(&means, tail), quantile(&means, 1.0 - tail)))
}

/// Quantile of sorted values, linear between neighbours (NumPy's default).
fn quantile(sorted: &[f64], at: f64) -> f64 {
    let place = at * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    low + (high - low) * place.fract()
}

/// Most differences whose signs are all tried; more are drawn.
const EXACT: usize = 16;

/// Two-sided p-value that paired `differences` have a mean of 0, by flipping signs: over all flips where few differ from
/// 0, else over `rounds` drawn ones, counting the observed one (Phipson and Smyth 2010). 1 where none differs.
pub fn sign_flip(differences: &[f64], seed: u64, rounds: usize) -> f64 {
    let differing: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    let observed = differing.iter().sum::<f64>().abs();
    // Sums of the same numbers in another order differ in their last digits.
    let extreme = |sum: f64| sum.abs() >= observed - 1e-9 * observed.max(1e-12);
    let count = differing.len();
    if count <= EXACT {
        let flipped = |mask: u32| differing.iter().enumerate().map(|(i, d)| if mask >> i & 1 == 1 { -d } else { *d }).sum::<f64>();
        let hits = (0..1u32 << count).filter(|mask| extreme(flipped(*mask))).count();
        return hits as f64 / f64::from(1u32 << count);
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let hits = (0..rounds).filter(|_| extreme(differing.iter().map(|d| if random.random::<bool>() { -d } else { *d }).sum())).count();
    (hits + 1) as f64 / (rounds + 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Share of all ways to choose `k` of `n` trials, of which `c` succeeded, that `hold`s for its number of successes.
    fn counted(n: u64, c: u64, k: u64, hold: impl Fn(u32) -> bool) -> f64 {
        let chosen: Vec<u32> = (0..1u32 << n).filter(|mask| u64::from(mask.count_ones()) == k).collect();
        let successes = (1u32 << c) - 1;
        chosen.iter().filter(|mask| hold((**mask & successes).count_ones())).count() as f64 / chosen.len() as f64
    }

    proptest! {
        #[test]
        fn pass_is_what_counting_all_choices_gives(n in 1..9u64, c in 0..9u64, k in 1..9u64) {
            let (c, k) = (c.min(n), k.min(n));
            prop_assert!((pass_at_k(n, c, k).expect("k is at most n") - counted(n, c, k, |s| s >= 1)).abs() < 1e-12);
            prop_assert!((pass_hat_k(n, c, k).expect("k is at most n") - counted(n, c, k, |s| u64::from(s) == k)).abs() < 1e-12);
        }

        #[test]
        fn an_interval_lies_within_the_values_and_repeats(values in prop::collection::vec(0.0..1.0f64, 1..40), seed in any::<u64>()) {
            let (low, high) = bootstrap(&values, seed, 200, 0.95).expect("there are values");
            let (least, most) = values.iter().fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(*v), b.max(*v)));
            prop_assert!(least - 1e-12 <= low && low <= high && high <= most + 1e-12);
            prop_assert_eq!(bootstrap(&values, seed, 200, 0.95), Some((low, high)));
        }

        #[test]
        fn a_p_value_is_one_and_does_not_see_the_sign(differences in prop::collection::vec(-1.0..1.0f64, 0..30), seed in any::<u64>()) {
            let p = sign_flip(&differences, seed, 500);
            let turned: Vec<f64> = differences.iter().map(|d| -d).collect();
            prop_assert!(p > 0.0 && p <= 1.0);
            prop_assert!((p - sign_flip(&turned, seed, 500)).abs() < 1e-9);
        }
    }

    #[test]
    fn nothing_is_said_of_more_trials_than_there_are() {
        assert_eq!((pass_at_k(3, 1, 4), pass_hat_k(3, 1, 0), bootstrap(&[], 1, 10, 0.95)), (None, None, None));
        assert_eq!(sign_flip(&[0.0, 0.0], 1, 10), 1.0);
        // Five differences of one sign: 2 of 32 flips are as extreme.
        assert_eq!(sign_flip(&[1.0; 5], 1, 10), 2.0 / 32.0);
    }
}
