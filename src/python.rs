//! Texts that are Python's: a CallToolResult printed by the MCP SDK, and literals.

use serde_json::{Value, json};

/// Deepest nesting of a literal.
const MAX_DEPTH: usize = 64;

/// Reads `meta=None content=[TextContent(type='text', text='…', annotations=None)] isError=False`, which is how the
/// MCP Python SDK prints a CallToolResult. None for anything else.
pub fn call_tool_result(text: &str) -> Option<Value> {
    let start = text.starts_with("meta=").then(|| text.find(" content=["))??;
    let body = &text[start + " content=[".len()..];
    let mut blocks = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.strip_prefix("TextContent(type='text', text=") {
        let end = literal_end(at)?;
        blocks.push(json!({"type": "text", "text": string(&at[..end])?}));
        // Up to the end of the block; its annotations hold nothing that a result is read from.
        rest = &at[end..];
        rest = rest[rest.find(')')? + 1..].trim_start_matches(", ");
    }
    let failed = rest.strip_prefix(']')?;
    Some(json!({"content": blocks, "isError": failed.contains("isError=True")}))
}

/// Length of the string literal that `text` begins with.
fn literal_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = *bytes.first().filter(|b| matches!(b, b'\'' | b'"'))?;
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// The text of a Python string literal.
fn string(literal: &str) -> Option<String> {
    let inner = literal.get(1..literal.len().checked_sub(1)?)?;
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let code = |chars: &mut std::str::Chars<'_>, digits: usize| {
            let hex: String = chars.by_ref().take(digits).collect();
            u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32)
        };
        match chars.next()? {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            '0' => out.push('\0'),
            'x' => out.push(code(&mut chars, 2)?),
            'u' => out.push(code(&mut chars, 4)?),
            'U' => out.push(code(&mut chars, 8)?),
            '\n' => {}
            other if matches!(other, '\\' | '\'' | '"') => out.push(other),
            other => out.extend(['\\', other]),
        }
    }
    Some(out)
}

/// JSON, or a Python literal of lists, tuples, dicts, texts, numbers, `True`, `False` and `None`. None for anything else,
/// and for literals beyond 64 levels.
pub fn json_or_literal(text: &str) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    let mut literal = Literal { rest: text.trim() };
    let value = literal.value(0)?;
    literal.rest.is_empty().then_some(value)
}

/// What is left of a literal.
struct Literal<'a> {
    rest: &'a str,
}

impl Literal<'_> {
    /// The next value, with the blanks behind it.
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let value = match self.rest.chars().next()? {
            '[' => Value::Array(self.items(']', depth)?),
            '(' => Value::Array(self.items(')', depth)?),
            '{' => self.members(depth)?,
            '\'' | '"' => Value::String(self.text()?),
            _ => self.word()?,
        };
        self.skip();
        Some(value)
    }

    fn items(&mut self, close: char, depth: usize) -> Option<Vec<Value>> {
        let mut items = Vec::new();
        self.take_char();
        while !self.ends(close) {
            items.push(self.value(depth + 1)?);
            if !self.ends(',') && !self.rest.starts_with(close) {
                return None;
            }
        }
        Some(items)
    }

    fn members(&mut self, depth: usize) -> Option<Value> {
        let mut members = serde_json::Map::new();
        self.take_char();
        while !self.ends('}') {
            let Value::String(name) = self.value(depth + 1)? else { return None };
            if !self.ends(':') {
                return None;
            }
            members.insert(name, self.value(depth + 1)?);
            if !self.ends(',') && !self.rest.starts_with('}') {
                return None;
            }
        }
        Some(Value::Object(members))
    }

    /// Texts that stand side by side are one.
    fn text(&mut self) -> Option<String> {
        let mut whole = String::new();
        while self.rest.starts_with(['\'', '"']) {
            let end = literal_end(self.rest)?;
            whole.push_str(&string(&self.rest[..end])?);
            self.rest = &self.rest[end..];
            self.skip();
        }
        Some(whole)
    }

    fn word(&mut self) -> Option<Value> {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_'))).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "None" => Some(Value::Null),
            "True" => Some(Value::Bool(true)),
            "False" => Some(Value::Bool(false)),
            number => serde_json::from_str::<serde_json::Number>(number).ok().map(Value::Number),
        }
    }

    fn take_char(&mut self) {
        let mut chars = self.rest.chars();
        chars.next();
        self.rest = chars.as_str();
        self.skip();
    }

    /// Whether `mark` comes next; then it is taken.
    fn ends(&mut self, mark: char) -> bool {
        let found = self.rest.starts_with(mark);
        if found {
            self.take_char();
        }
        found
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_printed_by_python_are_read() {
        let one = r"meta=None content=[TextContent(type='text', text='it\'s \u00e9\n', annotations=None)] isError=True";
        assert_eq!(call_tool_result(one), Some(json!({"content": [{"type": "text", "text": "it's é\n"}], "isError": true})));
        assert_eq!(call_tool_result("meta=None content=[] isError=False"), Some(json!({"content": [], "isError": false})));
        assert_eq!(call_tool_result("meta=None content=[ImageContent(data='x')] isError=False"), None);
        assert_eq!(call_tool_result("meta=None content=[TextContent(type='text', text='x\\"), None);
    }

    #[test]
    fn literals_are_read_like_json() {
        assert_eq!(json_or_literal("{'a': ('x' 'y', -1.5, []), \"b\": False,}"), Some(json!({"a": ["xy", -1.5, []], "b": false})));
        assert_eq!(json_or_literal("['a' 'b', 'c'"), None);
        assert_eq!(json_or_literal("[1 2]"), None);
        assert_eq!(json_or_literal("['a', \"it's\", 1, True, None]"), Some(json!(["a", "it's", 1, true, null])));
        assert_eq!(json_or_literal("__import__('os')"), None);
        assert_eq!(json_or_literal(&"[".repeat(100_000)), None);
    }
}
