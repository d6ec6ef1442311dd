//! `build`: puts dist/chrome, dist/firefox and dist/pwa together.

use std::fmt::Write as _;
use std::path::Path;

use crate::bindgen::{Bound, Size, bind};
use crate::browser::{self, Browser};
use crate::folder::Folder;
use crate::step::{Failure, Result, step};
use crate::wasm::{self, Program};
use crate::workspace::Workspace;

/// Builds what a user gets; fails where a program weighs more than it may.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    wasm::compile(workspace, &wasm::SHIPPED)?;
    let bound = bind_all(workspace)?;
    let [background, reader, popup, pwa] = &bound;
    step("put dist together", || {
        let style = style(&Folder::read(&workspace.at("ui/style"))?);
        extension(workspace, &style, &[background, reader, popup])?;
        progressive_app(workspace, &style, pwa)
    })?;
    weigh(&bound.map(|bound| bound.size))
}

/// Builds dist/cases: the parsers as a page of the tests loads them.
pub(crate) fn build_cases(workspace: &Workspace) -> Result<()> {
    wasm::compile(workspace, &[wasm::CASES])?;
    bind(workspace, &wasm::CASES)?.files.replace(&workspace.at("dist/cases"))
}

/// All at once, since the work is long and each has its own files.
fn bind_all(workspace: &Workspace) -> Result<[Bound; 4]> {
    let [background, reader, popup, pwa] = std::thread::scope(|scope| {
        let work = wasm::SHIPPED.map(|program| scope.spawn(move || bind(workspace, &program)));
        work.map(|thread| thread.join().unwrap_or_else(|_| Err(Failure::new("wasm-bindgen panicked"))))
    });
    Ok([background?, reader?, popup?, pwa?])
}

fn extension(workspace: &Workspace, style: &str, programs: &[&Bound]) -> Result<()> {
    let mut shared = Folder::read(&workspace.at("extension/static"))?;
    shared.put("style.css", style);
    for program in programs {
        shared.merge(&program.files);
    }
    let path = workspace.at("manifest.json");
    let manifest = std::fs::read(&path).map_err(Failure::at(&path))?;
    for browser in [Browser::Chrome, Browser::Firefox] {
        let mut folder = shared.clone();
        folder.put("manifest.json", browser::manifest(&manifest, browser)?);
        folder.replace(&workspace.at("dist").join(browser.folder()))?;
    }
    Ok(())
}

fn progressive_app(workspace: &Workspace, style: &str, pwa: &Bound) -> Result<()> {
    let mut folder = Folder::read(&workspace.at("pwa/static"))?;
    folder.put("style.css", style);
    folder.merge(&pwa.files);
    let worker = folder.take("sw.js").ok_or_else(|| Failure::new("pwa/static/sw.js is missing"))?;
    let worker = service_worker(&String::from_utf8_lossy(&worker), &folder)?;
    folder.put("sw.js", worker);
    folder.replace(&workspace.at("dist/pwa"))
}

/// One style sheet: tokens and base first, since the others build on them, then the rest by name.
fn style(sheets: &Folder) -> String {
    let first = ["tokens.css", "base.css"];
    let place = |name: &str| first.iter().position(|known| *known == name).unwrap_or(first.len());
    let is_sheet = |name: &str| Path::new(name).extension().is_some_and(|extension| extension == "css");
    let mut files: Vec<_> = sheets.files().filter(|(name, _)| is_sheet(name)).collect();
    files.sort_by_key(|(name, _)| (place(name), *name));
    let texts: Vec<_> = files.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
    texts.iter().flat_map(|text| [text.trim_end(), "\n"]).collect()
}

/// The service worker with the version of what it keeps and the list of it.
fn service_worker(source: &str, kept: &Folder) -> Result<String> {
    let (version, files) = ("\"/*@VERSION@*/\"", "[/*@FILES@*/]");
    if !source.contains(version) || !source.contains(files) {
        return Err(Failure::new(format!("pwa/static/sw.js lacks {version} or {files}")));
    }
    let names: Vec<&str> = kept.names().collect();
    let hash = kept.clone().with("sw.js", source).version();
    Ok(source
        .replace(version, &serde_json::json!(hash).to_string())
        .replace(files, &serde_json::json!(names).to_string()))
}

fn weigh(sizes: &[Size; 4]) -> Result<()> {
    print!("{}", table(&wasm::SHIPPED, sizes));
    let heavy: Vec<&str> = over_budget(&wasm::SHIPPED, sizes).map(|program| program.stem).collect();
    if heavy.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("over budget: {}; `twiggy top` shows what to leave out", heavy.join(", "))))
}

fn over_budget<'a>(programs: &'a [Program], sizes: &'a [Size]) -> impl Iterator<Item = &'a Program> {
    programs
        .iter()
        .zip(sizes)
        .filter(|(program, size)| program.budget.is_some_and(|budget| size.brotli > budget * 1000))
        .map(|(program, _)| program)
}

fn table(programs: &[Program], sizes: &[Size]) -> String {
    let mut text = format!("{:<12}{:>10}{:>10}{:>10}\n", "wasm", "raw KB", "brotli KB", "budget KB");
    for (program, size) in programs.iter().zip(sizes) {
        let budget = program.budget.map_or_else(String::new, |budget| budget.to_string());
        let (raw, brotli) = (size.raw as f64 / 1000.0, size.brotli as f64 / 1000.0);
        let _ = writeln!(text, "{:<12}{raw:>10.1}{brotli:>10.1}{budget:>10}", program.stem);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> Folder {
        files.iter().fold(Folder::default(), |folder, (name, text)| folder.with(name, text))
    }

    #[test]
    fn tokens_and_base_come_before_the_other_sheets() {
        let sheets = folder(&[
            ("alert.css", "a{}\n"),
            ("base.css", "b{}"),
            ("tokens.css", "t{}"),
            ("README.md", "no"),
        ]);
        assert_eq!(style(&sheets), "t{}\nb{}\na{}\n");
    }

    #[test]
    fn the_service_worker_learns_its_version_and_its_files() {
        let kept = folder(&[("index.html", "x"), ("icons/icon.svg", "y")]);
        let worker = service_worker("v = \"/*@VERSION@*/\"; f = [/*@FILES@*/];", &kept).expect("tokens");
        assert!(worker.ends_with(r#"f = ["icons/icon.svg","index.html"];"#), "{worker}");
        assert!(!worker.contains('@'), "{worker}");
    }

    #[test]
    fn another_content_is_another_version() {
        let source = "\"/*@VERSION@*/\" [/*@FILES@*/]";
        let one = service_worker(source, &folder(&[("a", "1")])).expect("tokens");
        let two = service_worker(source, &folder(&[("a", "2")])).expect("tokens");
        assert_ne!(one, two);
    }

    #[test]
    fn a_service_worker_without_its_tokens_is_refused() {
        assert!(service_worker("[/*@FILES@*/]", &Folder::default()).is_err());
    }

    #[test]
    fn only_what_is_over_its_budget_is_named() {
        let sizes = [Size { raw: 9, brotli: 250_000 }, Size { raw: 9, brotli: 400_001 }];
        let heavy: Vec<_> =
            over_budget(&[wasm::BACKGROUND, wasm::POPUP], &sizes).map(|program| program.stem).collect();
        assert_eq!(heavy, ["popup"]);
    }
}
