//! Sentence embeddings of what tools say of themselves, by a BERT model in safetensors (all-MiniLM-L6-v2, for instance),
//! with candle. Computed once a text and model: the table `embedding` keeps them.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokenizers::{Tokenizer, TruncationParams};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::error::{Error, Result};
use crate::graph::side::{Catalogue, Tool};
use crate::lake::{Lake, Lineage, Output};

/// Tokens of a text that are read.
const TOKENS: usize = 256;
/// Texts that are embedded together.
const BATCH: usize = 32;
/// Texts that are committed together.
const GROUP: usize = 2048;

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    model: String,
    text_hash: String,
    vector: String,
}

struct Embedder {
    model: BertModel,
    tokenizer: Tokenizer,
    version: String,
}

impl Embedder {
    /// The model in the folder `dir`: `config.json`, `tokenizer.json`, `model.safetensors`.
    fn open(dir: &Path) -> Result<Embedder> {
        let read = |name: &str| {
            let path = dir.join(name);
            std::fs::read(&path).map_err(Error::io("reading", &path))
        };
        let wrong = |e: &dyn std::fmt::Display| Error::Usage(format!("{} holds no sentence embedder: {e}", dir.display()));
        let (config, tokens, weights) = (read("config.json")?, read("tokenizer.json")?, read("model.safetensors")?);
        let mut hash = Xxh3::new();
        [&config, &tokens, &weights].iter().for_each(|part| hash.update(part));
        let config: Config = serde_json::from_slice(&config).map_err(|e| wrong(&e))?;
        let mut tokenizer = Tokenizer::from_bytes(&tokens).map_err(|e| wrong(&e))?;
        tokenizer.with_padding(None);
        let cut = TruncationParams { max_length: TOKENS, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(cut)).map_err(|e| wrong(&e))?;
        let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).map_err(|e| wrong(&e))?;
        let model = BertModel::load(weights, &config).map_err(|e| wrong(&e))?;
        Ok(Embedder { model, tokenizer, version: format!("{:016x}", hash.digest()) })
    }

    /// The embeddings of `texts`, of unit length: the mean over a text's tokens.
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>> {
        let failed = |e: &dyn std::fmt::Display| Error::Query(format!("the embedder failed: {e}"));
        let mut out = Vec::with_capacity(texts.len());
        for text in texts {
            let encoded = self.tokenizer.encode(*text, true).map_err(|e| failed(&e))?;
            let vector = (|| {
                let ids = Tensor::new(encoded.get_ids(), &Device::Cpu)?.unsqueeze(0)?;
                let states = self.model.forward(&ids, &ids.zeros_like()?, None)?;
                let mean = states.mean(1)?.squeeze(0)?;
                let length = mean.sqr()?.sum_all()?.sqrt()?;
                mean.broadcast_div(&length)?.to_vec1::<f32>()
            })();
            out.push(vector.map_err(|e: candle_core::Error| failed(&e))?);
        }
        Ok(out)
    }
}

/// What of a tool is embedded.
fn text(tool: &Tool) -> String {
    format!("{}: {}", tool.tool.replace(['_', '-'], " "), tool.told)
}

/// Gives each tool of the catalogue its embedding, by the model in `dir`; what was not known is committed. The model's
/// version.
pub fn embed(lake: &Lake, catalogue: &mut Catalogue, dir: &Path) -> Result<String> {
    let embedder = Embedder::open(dir)?;
    let texts: Vec<String> = catalogue.tools.iter().map(text).collect();
    let hashes: Vec<String> = texts.iter().map(|t| format!("{:032x}", xxh3_128(t.as_bytes()))).collect();
    let rows: Vec<Row> = lake.session()?.table("embedding")?;
    let known =
        rows.into_iter().filter(|row| row.model == embedder.version).filter_map(|row| Some((row.text_hash, unpacked(&row.vector)?)));
    let mut known: BTreeMap<String, Vec<f32>> = known.collect();
    let missing: BTreeMap<&str, &str> = hashes
        .iter()
        .zip(&texts)
        .filter(|(hash, _)| !known.contains_key(*hash))
        .map(|(hash, text)| (hash.as_str(), text.as_str()))
        .collect();
    let missing: Vec<(&str, &str)> = missing.into_iter().collect();
    let bar = crate::progress::bar("embed", missing.len());
    for group in missing.chunks(GROUP) {
        let mut made = Vec::new();
        for part in group.chunks(BATCH) {
            let vectors = embedder.embed(&part.iter().map(|(_, text)| *text).collect::<Vec<_>>())?;
            made.extend(part.iter().zip(vectors).map(|((hash, _), vector)| ((*hash).to_owned(), vector)));
            bar.inc(part.len() as u64);
        }
        let rows: Vec<Row> = made
            .iter()
            .map(|(hash, vector)| Row { model: embedder.version.clone(), text_hash: hash.clone(), vector: packed(vector) })
            .collect();
        let session = lake.session()?;
        session.put("embedding", &rows)?;
        let lineage = Lineage::of(&session, "embed", &[], json!({"model": embedder.version}), None);
        lake.commit(&session, lineage, &[Output::append("embedding")])?;
        known.extend(made);
    }
    bar.finish_and_clear();
    for (tool, hash) in catalogue.tools.iter_mut().zip(&hashes) {
        tool.embedding = known.get(hash).cloned();
    }
    Ok(embedder.version)
}

/// A vector as hexadecimal text of its little-endian floats.
fn packed(vector: &[f32]) -> String {
    crate::text::hex(&vector.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())
}

fn unpacked(text: &str) -> Option<Vec<f32>> {
    let bytes: Option<Vec<u8>> = (0..text.len() / 2).map(|i| u8::from_str_radix(text.get(i * 2..i * 2 + 2)?, 16).ok()).collect();
    bytes.map(|bytes| bytes.chunks_exact(4).filter_map(|four| Some(f32::from_le_bytes(four.try_into().ok()?))).collect())
}
