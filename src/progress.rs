//! Progress of long work: a bar with rate and time left on a terminal, nothing elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};

static HIDDEN: AtomicBool = AtomicBool::new(false);

/// Hides all bars from here on (`--quiet`, `--no-progress`).
pub fn hide() {
    HIDDEN.store(true, Ordering::Relaxed);
}

/// A bar for `total` pieces of the work called `label`.
pub fn bar(label: &str, total: usize) -> ProgressBar {
    let bar = ProgressBar::new(total as u64);
    if HIDDEN.load(Ordering::Relaxed) || !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{prefix:>11} {bar:32} {pos}/{len} {rate:>7} eta {eta:>4} {wide_msg}");
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        // A bar that can't be written is no reason to fail.
        let _ = write!(out, "{:.1}/s", state.per_sec());
    };
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).with_key("rate", rate));
    bar.set_prefix(label.to_owned());
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

/// A bar for bytes, whose total grows with the files that are found.
pub fn bytes(label: &str) -> ProgressBar {
    let bar = bar(label, 0);
    let style =
        ProgressStyle::with_template("{prefix:>11} {bar:32} {bytes:>10}/{total_bytes} {binary_bytes_per_sec:>12} eta {eta:>4} {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
