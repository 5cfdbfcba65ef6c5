//! Finding the answer in what an agent said last.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::json::canonical;

/// Longest answer that is read, in bytes; no honest answer is longer.
pub const MAX_ANSWER: usize = 64 << 10;

/// The object of answer fields in `text`; why there is none.
///
/// It is the one JSON object in the text, alone, in an array of one, in a code fence or amid prose. Where several
/// differ there is none: whoever lists candidates has not answered. An object whose only member is `answer` stands for
/// what is in it. Where `label` has one field and that is a scalar, the whole text may be that scalar.
pub fn answer(text: &str, label: &Value) -> Result<Value, &'static str> {
    if text.len() > MAX_ANSWER {
        return Err("the answer is too long to be one");
    }
    let text = text.trim_start_matches('\u{feff}').trim();
    match the_object(text)? {
        Some(object) => Ok(unwrapped(object, label)),
        None => bare(text, label).ok_or("the answer holds no JSON object"),
    }
}

/// The one object in `text`.
fn the_object(text: &str) -> Result<Option<Value>, &'static str> {
    let mut found: Option<(Value, String)> = None;
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        rest = &rest[start..];
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Single>();
        match stream.next() {
            Some(Ok(Single(object))) => {
                rest = &rest[stream.byte_offset()..];
                let written = canonical(&object);
                match &found {
                    Some((_, first)) if *first != written => return Err("the answer holds different JSON objects"),
                    Some(_) => {}
                    None => found = Some((object, written)),
                }
            }
            Some(Err(error)) if error.is_data() => return Err("a member stands twice in the answer"),
            _ => rest = &rest[1..],
        }
    }
    Ok(found.map(|(object, _)| object))
}

/// What stands in an object whose only member is `answer`.
fn unwrapped(object: Value, label: &Value) -> Value {
    let alone = object.as_object().is_some_and(|o| o.len() == 1) && label.get("answer").is_none();
    match object.get("answer") {
        Some(inner) if alone && inner.is_object() => inner.clone(),
        _ => object,
    }
}

/// A text that is nothing but the value of the label's only field.
fn bare(text: &str, label: &Value) -> Option<Value> {
    let (name, want) = label.as_object().filter(|fields| fields.len() == 1)?.iter().next()?;
    let value = serde_json::from_str(text).ok().unwrap_or_else(|| Value::from(text));
    let scalar = |value: &Value| !value.is_array() && !value.is_object();
    (scalar(want) && scalar(&value)).then(|| Value::Object(Map::from_iter([(name.clone(), value)])))
}

/// A JSON value in which no object has a member twice. What a reader of such an object sees depends on the reader, so that
/// it could be two answers at once.
struct Single(Value);

impl<'de> Deserialize<'de> for Single {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Single, D::Error> {
        deserializer.deserialize_any(Once).map(Single)
    }
}

struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(Single(item)) = items.next_element()? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some((name, Single(value))) = members.next_entry::<String, Single>()? {
            if out.insert(name, value).is_some() {
                return Err(A::Error::custom("a member stands twice"));
            }
        }
        Ok(Value::Object(out))
    }
}
