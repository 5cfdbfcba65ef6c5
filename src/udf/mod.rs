//! Kernels over Arrow arrays, registered as DuckDB scalar functions. A kernel knows nothing of DuckDB;
//! [`register`] is the only place that does.

mod alike;
mod eval;
mod json;
mod minhash;
mod names;
mod reward;
mod sample;
mod text;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use duckdb::Connection;
use duckdb::vscalar::{ArrowFunctionSignature, VArrowScalar};

use crate::error::{Error, Result};

/// A function from columns to one column of the same length.
pub trait Kernel: 'static {
    /// Name in SQL.
    const NAME: &'static str;
    /// Arrow types of its arguments.
    fn parameters() -> Vec<DataType>;
    /// Arrow types of its arguments in each form that it can be called in.
    fn forms() -> Vec<Vec<DataType>> {
        vec![Self::parameters()]
    }
    /// Arrow type of its result.
    fn returns() -> DataType;
    /// Computes one batch.
    fn compute(batch: &RecordBatch) -> ArrayRef;
}

/// Carries a [`Kernel`] into DuckDB.
struct Registered<K>(std::marker::PhantomData<K>);

impl<K: Kernel> VArrowScalar for Registered<K> {
    type State = ();

    fn invoke((): &(), batch: RecordBatch) -> Result<Arc<dyn Array>, Box<dyn std::error::Error>> {
        Ok(K::compute(&batch))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        K::forms().into_iter().map(|form| ArrowFunctionSignature::exact(form, K::returns())).collect()
    }
}

fn add<K: Kernel>(connection: &Connection) -> Result<()> {
    connection.register_scalar_function::<Registered<K>>(K::NAME).map_err(Error::sql(K::NAME))
}

/// Registers all kernels.
pub fn register(connection: &Connection) -> Result<()> {
    add::<json::JsonCanonical>(connection)?;
    add::<json::JsonLeaves>(connection)?;
    add::<json::PointerPattern>(connection)?;
    add::<json::SchemaParams>(connection)?;
    add::<json::SchemaInputs>(connection)?;
    add::<json::SchemaFields>(connection)?;
    add::<names::FieldWords>(connection)?;
    add::<names::ParamWords>(connection)?;
    add::<names::IsPaging>(connection)?;
    add::<names::ToolPurity>(connection)?;
    add::<text::TextWords>(connection)?;
    add::<text::Mentions>(connection)?;
    add::<text::GivesAway>(connection)?;
    add::<text::LastNumber>(connection)?;
    add::<text::LineValue>(connection)?;
    add::<minhash::MinhashBands>(connection)?;
    add::<minhash::TextJaccard>(connection)?;
    add::<minhash::NearTexts>(connection)?;
    add::<minhash::WordNgrams>(connection)?;
    add::<alike::AlikeTexts>(connection)?;
    add::<sample::DrawDags>(connection)?;
    add::<eval::PassAtK>(connection)?;
    add::<eval::PassHatK>(connection)?;
    add::<eval::BootstrapInterval>(connection)?;
    add::<eval::SignFlipP>(connection)?;
    add::<reward::Reward>(connection)?;
    add::<reward::RewardFields>(connection)
}

/// Column `index` of a batch as text. DuckDB hands each VARCHAR over as Utf8.
fn texts(batch: &RecordBatch, index: usize) -> &StringArray {
    batch.column(index).as_string::<i32>()
}
