//! Archives, compressed files and Parquet: whatever the bytes, entries are read or refused.
#![no_main]

use std::io::{Read, Write};

use firefly::intake::open::{Body, entries};
use firefly::intake::parquet::rows_as_lines;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(data).expect("a file that can be written");
    let _ = entries(file.path(), "x", &|file| Box::new(file), &mut |entry| {
        let mut sink = std::io::sink();
        match entry.body {
            Body::Stream(reader) => drop(std::io::copy(&mut reader.take(1 << 22), &mut sink)),
            Body::Parquet(file) => drop(rows_as_lines(file).map(|lines| std::io::copy(&mut lines.take(1 << 22), &mut sink))),
            Body::Refused(_) => {}
        }
        Ok(())
    });
});
