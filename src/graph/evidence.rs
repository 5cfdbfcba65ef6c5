//! What speaks for a value of one tool's result flowing into a parameter of another.

use crate::graph::lexicon::{cosine, share};
use crate::graph::side::{Field, Param, Scalar, Tool};
use crate::names::alike;

/// Kinds of evidence, in the order of [`Evidence`]'s values and of the weights.
pub const KINDS: [&str; 12] =
    ["name", "mention", "text", "parameter", "entity", "type", "server", "giving", "taking", "required", "choice", "open"];

/// Number of kinds.
pub const KINDS_OF: usize = KINDS.len();

/// Places of some kinds in [`KINDS`].
const NAME: usize = 0;
pub(super) const PARAMETER: usize = 3;
const TYPE: usize = 5;
/// Least likeness of names, and compatibility of types, for a value to be tried.
const AGREES: f32 = 0.5;

/// How alike a field that names something is to a parameter that takes any text.
const OPEN: f32 = 0.55;
/// Type evidence where no field of the result is known.
const UNKNOWN: f32 = 0.5;

/// All evidence for one pair of tools and one parameter, each from 0 to 1.
///
/// | kind | what it is |
/// |---|---|
/// | name | likeness of the parameter's name and the best field of the result |
/// | mention | share of the words of the parameter's name that the first tool's name, description or fields hold |
/// | text | cosine of what the first tool gives and what the second takes, over words weighted by rarity, or of their embeddings |
/// | parameter | the same for what is said of the parameter alone |
/// | entity | share of the first tool's entity that the parameter's name holds |
/// | type | compatibility of the best field's type |
/// | server | 1 for the same server, else the share of the servers' names in common |
/// | giving, taking | what the verbs of the two tools promise |
/// | required, choice, open | what the schema says of the parameter: that it must be given, that its values are listed, that it takes anything |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// The values, in the order of [`KINDS`].
    pub values: [f32; KINDS_OF],
    /// Index of the best field; none where no field is called alike.
    pub field: Option<u32>,
}

/// What is the same for all parameters of a pair.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    text: f32,
    server: f32,
}

impl Evidence {
    /// Whether a field is known whose name and type agree with the parameter's: then a value can be tried, however
    /// unlikely it is to flow.
    pub fn agrees(&self) -> bool {
        self.field.is_some() && self.values[NAME] >= AGREES && self.values[TYPE] >= AGREES
    }
}

impl Pair {
    /// Of `a` and `b`.
    pub fn of(a: &Tool, b: &Tool) -> Pair {
        let same = a.server_number == b.server_number;
        let text = match (&a.embedding, &b.embedding) {
            (Some(a), Some(b)) => a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>().clamp(0.0, 1.0),
            _ => cosine(&a.gives, &b.takes),
        };
        Pair { text, server: if same { 1.0 } else { 0.5 * share(&a.server_words, &b.server_words) } }
    }
}

/// The evidence for a value of `a` flowing into `param` of `b`.
pub fn evidence(a: &Tool, b: &Tool, pair: Pair, param: &Param) -> Evidence {
    explained(a, param, at_most(a, b, pair, param))
}

/// The same with the evidence by the parameter's description, which takes longest to compute.
pub fn explained(a: &Tool, param: &Param, mut evidence: Evidence) -> Evidence {
    evidence.values[PARAMETER] = cosine(&a.gives, &param.bag);
    evidence
}

/// The evidence with the most that the parameter's description could say.
pub fn at_most(a: &Tool, b: &Tool, pair: Pair, param: &Param) -> Evidence {
    let (field, name, compatible) = best_field(a, param);
    let flag = |set: bool| if set { 1.0 } else { 0.0 };
    let words = &param.called;
    let entity: f32 = a.entity.iter().map(|(_, w)| w).sum();
    let in_common: f32 = a.entity.iter().filter(|(word, _)| param.name.words.contains(word)).map(|(_, w)| w).sum();
    let values = [
        name,
        share(words, &a.gives),
        pair.text,
        1.0,
        if entity > 0.0 { in_common / entity } else { 0.0 },
        compatible,
        pair.server,
        a.giving,
        b.taking,
        flag(param.required),
        flag(param.choice),
        flag(param.open),
    ];
    Evidence { values, field }
}

fn best_field(a: &Tool, param: &Param) -> (Option<u32>, f32, f32) {
    if a.fields.is_empty() {
        return (None, 0.0, UNKNOWN);
    }
    let mut best: (Option<u32>, f32, f32) = (None, 0.0, 0.0);
    let related = param.name.words.iter().any(|w| a.field_words.binary_search(w).is_ok());
    if !related && !param.open {
        return best;
    }
    for (index, field) in a.fields.iter().enumerate() {
        let named = alike((&field.name.words, &field.name.kinds), (&param.name.words, &param.name.kinds)) as f32;
        let named = if param.open && fits_anything(field, param) { named.max(OPEN) } else { named };
        let compatible = compatible(field.scalar, param.scalar);
        if named * compatible > best.1 * best.2 {
            best = (Some(index as u32), named, compatible);
        }
    }
    best
}

/// Whether what a field holds is what people type into a parameter that takes anything.
fn fits_anything(field: &Field, param: &Param) -> bool {
    match param.scalar {
        Scalar::Text | Scalar::Any => field.scalar == Scalar::Text && field.telling,
        Scalar::Integer | Scalar::Number => matches!(field.scalar, Scalar::Integer | Scalar::Number) && field.telling,
    }
}

/// How well a value of one type passes for another.
fn compatible(from: Scalar, to: Scalar) -> f32 {
    match (from, to) {
        (a, b) if a == b => 1.0,
        (Scalar::Integer, Scalar::Number) => 1.0,
        (Scalar::Any, _) | (_, Scalar::Any) => 0.7,
        (Scalar::Integer | Scalar::Number, _) => 0.5,
        (Scalar::Text, _) => 0.2,
    }
}
