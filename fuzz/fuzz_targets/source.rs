//! Every source, on any bytes: the first byte chooses the source, the second the name of the file.
#![no_main]

use firefly::ingest::SOURCES;
use firefly::intake::Place;
use firefly::intake::reader::read_text;

const NAMES: [&str; 4] = ["x.json", "x.csv", "domains/airline/split_tasks.json", "x.eval!samples/1.json"];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [source, name, text @ ..] = data else { return };
    let source = SOURCES[usize::from(*source) % SOURCES.len()];
    let place = Place { path: NAMES[usize::from(*name) % NAMES.len()].into(), folder: None };
    read_text(text, source, &place);
});
