//! Which source reads a file: asked of its first records, in the order in which sources are listed.

use serde_json::Value;

use crate::intake::records::Chunk;
use crate::intake::{Place, Source};

/// Records looked at: the first ones may be broken.
const LOOKED_AT: usize = 20;

/// The first of `sources` that recognises one of the first records of `chunk`.
pub fn recognise<'s>(chunk: &Chunk, place: &Place, sources: &[&'s dyn Source]) -> Option<&'s dyn Source> {
    let parsed = |(_, record): (u64, &[u8])| serde_json::from_slice::<Value>(record).ok();
    let known = |record: Value| sources.iter().copied().find(|source| source.recognises(&record, place));
    chunk.records().take(LOOKED_AT).filter_map(parsed).find_map(known)
}
