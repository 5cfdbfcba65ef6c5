//! Stands between a server's standard streams and the protocol: lets whole JSON lines through, keeps
//! junk out, bounds what one line may hold, and remembers what was wrong so that it can be named.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use crate::text::shorten;

/// Longest line a server may send, in bytes.
pub const MAX_LINE: usize = 16 << 20;
const STDERR_TAIL: usize = 2000;

/// What was noticed of a server beside its answers: what was wrong with its output, and what it said had changed.
#[derive(Debug, Default)]
pub struct Noticed {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    junk_lines: usize,
    first_junk: String,
    fatal: Option<String>,
    stderr: Vec<u8>,
    missing: Vec<String>,
    changed: bool,
}

impl Noticed {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Lines on standard output that were no protocol, in words; none where there were none.
    pub fn junk(&self) -> Option<String> {
        let state = self.lock();
        (state.junk_lines > 0).then(|| format!("wrote {} lines of junk on stdout, first `{}`", state.junk_lines, state.first_junk))
    }

    /// Notes that the server left `field` out of its introduction.
    pub fn missing(&self, field: &str) {
        self.lock().missing.push(field.to_owned());
    }

    /// What it left out, in words; none where it left out nothing.
    pub fn left_out(&self) -> Option<String> {
        let state = self.lock();
        (!state.missing.is_empty()).then(|| format!("its initialize result lacks {}", state.missing.join(", ")))
    }

    /// Notes that it said that its tools changed.
    pub fn changed(&self) {
        self.lock().changed = true;
    }

    /// Whether it said since the last time asked that its tools changed.
    pub fn take_changed(&self) -> bool {
        std::mem::take(&mut self.lock().changed)
    }

    /// The fault that ended the connection, if one did.
    pub fn fatal(&self) -> Option<String> {
        self.lock().fatal.clone()
    }

    /// The last lines on standard error.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.lock().stderr).trim().to_owned()
    }
}

/// Copies lines from `from` to `to` until either ends or a line is beyond what can be accepted.
pub async fn filter_lines(from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, noticed: Arc<Noticed>) {
    let mut from = BufReader::with_capacity(1 << 16, from);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut from).take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if line.len() > MAX_LINE {
            noticed.lock().fatal = Some(format!("sent a message of more than {} MiB", MAX_LINE >> 20));
            return;
        }
        let text = line.trim_ascii();
        if text.first() == Some(&b'{') {
            if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(text) {
                let start = shorten(&String::from_utf8_lossy(text), 80);
                noticed.lock().fatal = Some(format!("sent invalid JSON-RPC ({error}): {start}"));
                return;
            }
            if to.write_all(&line).await.is_err() {
                return;
            }
        } else if !text.is_empty() {
            let mut state = noticed.lock();
            state.junk_lines += 1;
            if state.junk_lines == 1 {
                state.first_junk = shorten(&String::from_utf8_lossy(text), 80);
            }
        }
    }
}

/// Keeps the end of a server's standard error.
pub async fn keep_stderr(mut from: impl AsyncRead + Unpin, noticed: Arc<Noticed>) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let mut state = noticed.lock();
        state.stderr.extend_from_slice(&buffer[..read]);
        let excess = state.stderr.len().saturating_sub(STDERR_TAIL);
        state.stderr.drain(..excess);
    }
}
