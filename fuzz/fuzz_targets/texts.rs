//! Texts inside records: Python's literals and results, secrets, and whatever a tool said.
#![no_main]

use firefly::intake::Json;
use firefly::python;
use firefly::intake::reading::Reader;
use firefly::redact;

libfuzzer_sys::fuzz_target!(|text: &str| {
    python::call_tool_result(text);
    python::json_or_literal(text);
    redact::text(text);
    let mut reader = Reader::default();
    let _ = reader.result(&Json::Raw(text.into()));
    let _ = reader.result(&Json::Text(text.into()));
    let _ = reader.arguments(&Json::Raw(text.into()));
});
