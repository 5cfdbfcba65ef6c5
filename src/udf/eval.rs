//! `pass_at_k`, `pass_hat_k`, `bootstrap_interval`, `sign_flip_p`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Float64Builder, ListBuilder, RecordBatch};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type};

use crate::eval::measure;
use crate::udf::Kernel;

/// Draws of an interval, and flips of a p-value.
const ROUNDS: usize = 10_000;
/// Level of an interval.
const LEVEL: f64 = 0.95;

fn reals() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Float64, true)))
}

fn counts(batch: &RecordBatch, of: impl Fn(u64, u64, u64) -> Option<f64>) -> ArrayRef {
    let columns = [0, 1, 2].map(|index| batch.column(index).as_primitive::<Int64Type>());
    let whole = |column: usize, row: usize| columns[column].is_valid(row).then(|| u64::try_from(columns[column].value(row)).ok()).flatten();
    let row = |row: usize| of(whole(0, row)?, whole(1, row)?, whole(2, row)?);
    Arc::new((0..batch.num_rows()).map(row).collect::<Float64Array>())
}

/// The numbers in the list of row `row`; nulls are left out.
fn numbers(batch: &RecordBatch, row: usize) -> Vec<f64> {
    let list = batch.column(0).as_list::<i32>();
    if list.is_null(row) { Vec::new() } else { list.value(row).as_primitive::<Float64Type>().iter().flatten().collect() }
}

fn seed(batch: &RecordBatch, row: usize) -> u64 {
    batch.column(1).as_primitive::<Int64Type>().value(row) as u64
}

/// `pass_at_k(n, c, k)`: chance that one of `k` trials succeeds, from `c` successes in `n`.
pub struct PassAtK;

impl Kernel for PassAtK {
    const NAME: &'static str = "pass_at_k";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Int64; 3]
    }

    fn returns() -> DataType {
        DataType::Float64
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        counts(batch, measure::pass_at_k)
    }
}

/// `pass_hat_k(n, c, k)`: chance that all of `k` trials succeed.
pub struct PassHatK;

impl Kernel for PassHatK {
    const NAME: &'static str = "pass_hat_k";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Int64; 3]
    }

    fn returns() -> DataType {
        DataType::Float64
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        counts(batch, measure::pass_hat_k)
    }
}

/// `bootstrap_interval(values, seed)`: the 95% interval of their mean as `[low, high]`, from 10,000 draws.
pub struct BootstrapInterval;

impl Kernel for BootstrapInterval {
    const NAME: &'static str = "bootstrap_interval";

    fn parameters() -> Vec<DataType> {
        vec![reals(), DataType::Int64]
    }

    fn returns() -> DataType {
        reals()
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let mut list = ListBuilder::new(Float64Builder::new());
        for row in 0..batch.num_rows() {
            let found = measure::bootstrap(&numbers(batch, row), seed(batch, row), ROUNDS, LEVEL);
            found.into_iter().for_each(|(low, high)| list.values().append_slice(&[low, high]));
            list.append(found.is_some());
        }
        Arc::new(list.finish())
    }
}

/// `sign_flip_p(differences, seed)`: p-value that paired differences have a mean of 0.
pub struct SignFlipP;

impl Kernel for SignFlipP {
    const NAME: &'static str = "sign_flip_p";

    fn parameters() -> Vec<DataType> {
        vec![reals(), DataType::Int64]
    }

    fn returns() -> DataType {
        DataType::Float64
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let p = |row: usize| measure::sign_flip(&numbers(batch, row), seed(batch, row), ROUNDS);
        Arc::new((0..batch.num_rows()).map(p).collect::<Float64Array>())
    }
}
