//! Reports: one page that needs nothing from elsewhere, shows what the lake holds, and fits a phone and a desk.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::eval::copied;
use crate::support::{firefly, made_or_skip, ok, rows, run};

/// A browser of this machine.
fn browser() -> Option<&'static str> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|b| Command::new(b).arg("--version").output().is_ok())
}

/// A page that shows another in a frame: windows of a browser have a least width, frames have none.
const FRAME: &str = r#"<body style="margin:0"><iframe id="f" src="PAGE" style="border:0;width:WIDTHpx;height:3000px"></iframe>
<script>f.onload = () => { Object.assign(document.body.dataset, f.contentDocument.body.dataset); document.body.append(f.contentDocument.getElementById('main').cloneNode(true)); };</script>"#;

/// The page as a browser has made it, this wide; a picture of it, where a folder for pictures is named.
fn opened(browser: &str, page: &Path, width: u32, dark: bool) -> String {
    let home = tempfile::tempdir().unwrap();
    let frame = home.path().join("frame.html");
    std::fs::write(&frame, FRAME.replace("PAGE", &page.to_string_lossy()).replace("WIDTH", &width.to_string())).unwrap();
    let start = || {
        let mut command = Command::new(browser);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=6000"]);
        command.arg("--allow-file-access-from-files").arg(format!("--window-size={},3000", width.max(500))).env("HOME", home.path());
        if dark {
            command.arg("--blink-settings=preferredColorScheme=0");
        }
        command
    };
    let address = format!("file://{}", frame.display());
    if let Some(folder) = std::env::var_os("FIREFLY_PICTURES") {
        let stem = page.file_stem().unwrap().to_string_lossy();
        let picture = PathBuf::from(folder).join(format!("{stem}-{width}{}.png", if dark { "-dark" } else { "" }));
        start().arg(format!("--screenshot={}", picture.display())).arg(&address).output().unwrap();
    }
    let output = start().arg("--dump-dom").arg(&address).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn mark(dom: &str, name: &str) -> i64 {
    let start = format!("data-{name}=\"");
    let body = &dom[dom.find("<body").unwrap_or_default()..];
    let at = body.find(&start).unwrap_or_else(|| panic!("the page did not get to its end: {}", &dom[dom.len().saturating_sub(500)..]));
    body[at + start.len()..].split('"').next().unwrap().parse().unwrap()
}

#[test]
fn a_report_shows_the_runs_and_fits_a_phone() {
    let made = made_or_skip!();
    let Some(browser) = browser() else {
        eprintln!("SKIPPED a_report_shows_the_runs_and_fits_a_phone: no Chromium on this machine");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let lake = copied(&made.lake, folder.path());
    for agent in ["gold", "random", "shortcut"] {
        ok(firefly(&lake).args(["eval", "--agent", agent, "--run", agent, "--split", "all", "--trials", "3", "--distractors", "3"]));
    }
    let runs = folder.path().join("runs.html");
    ok(firefly(&lake).args(["report", "gold", "random", "shortcut", "--out"]).arg(&runs));
    let whole = folder.path().join("lake.html");
    ok(firefly(&lake).args(["report", "--out"]).arg(&whole));
    let trials = rows(&lake, "SELECT count(*) AS n FROM eval_trial")[0]["n"].as_i64().unwrap();
    for page in [&runs, &whole] {
        let text = std::fs::read_to_string(page).unwrap();
        assert!(!text.contains("src=\"http") && !text.contains("href=\"http"), "the page needs nothing from elsewhere");
        for (width, dark) in [(390, false), (1280, false), (1280, true)] {
            let dom = opened(browser, page, width, dark);
            assert!(mark(&dom, "ready") >= 5, "charts");
            assert_eq!(mark(&dom, "width"), i64::from(width));
            assert_eq!(mark(&dom, "overflow"), 0, "{} at {width}", page.display());
            assert_eq!(mark(&dom, "trials"), if page == &runs { trials } else { 0 });
            assert!(dom.contains("<h2") && dom.contains("pass@1") && dom.contains("<svg"));
        }
    }
    // What the page says of a run is what the lake says.
    let dom = opened(browser, &runs, 1280, false);
    let figures = ok(firefly(&lake).args(["stats", "eval/runs", "--format", "json"]));
    let figures: Vec<serde_json::Value> = serde_json::from_str(&figures).unwrap();
    for run in &figures {
        let shown = format!("{:.1}%", 100.0 * run["pass_1"].as_f64().unwrap());
        assert!(dom.contains(&shown), "{shown}");
    }
    // The first trial is open: its answer beside its provenance, its calls with their verdicts.
    assert!(dom.contains("label read from") && dom.contains("Transcript"));
    let none = run(firefly(&lake).args(["report", "nothing", "--out"]).arg(&runs));
    assert!(none.code == 1 && none.err.contains("no trials of a run `nothing`"), "{}", none.err);
}
