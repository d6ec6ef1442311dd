//! The parsers' cases, read in the browser by the same code compiled to wasm.

#[path = "../../../core/tests/cases/reader.rs"]
mod reader;

use std::path::Path;

use configstream_core::document::json::case;
use serde_json::{Value, json};

use crate::origin::Server;
use crate::outcome::{Outcome, check};
use crate::world::World;

/// A text, and what to read it as: `link` or `document`.
type Case = (&'static str, String);

pub(super) async fn same(world: &World) -> Outcome {
    let server = Server::files(world.tree.dist.join("cases"), Vec::new()).await?;
    let page = world.browser.open(&format!("{}/cases.js", server.address())).await?;
    let own = all(&world.tree.root.join("core/tests"))?;
    for cases in own.into_iter().chain(others()?) {
        let expression = format!(
            "import('/cases.js').then(async ({{ default: init, run }}) => {{ \
             await init({{module_or_path: '/cases_bg.wasm'}}); \
             return {}.map(([kind, input]) => run(kind, input)) }})",
            json!(cases)
        );
        let read = world.browser.evaluate(&page, &expression).await?;
        for (index, case) in cases.iter().enumerate() {
            compare(case, read[index].as_str().unwrap_or_default())?;
        }
    }
    Ok(())
}

/// The cases of every file of links, and every document, file by file.
fn all(folder: &Path) -> Outcome<Vec<Vec<Case>>> {
    let links = reader::files(&folder.join("cases"));
    let documents = reader::files(&folder.join("documents"));
    check(!links.is_empty() && !documents.is_empty(), || "there are no cases".to_owned())?;
    let links = links.iter().map(|file| Ok(cases(&text(file)?)));
    links.chain(documents.iter().map(|file| Ok(vec![("document", text(file)?)]))).collect()
}

/// The cases of other projects, where they are to be had: see `corpus.rs` in the tests of core.
fn others() -> Outcome<Vec<Vec<Case>>> {
    let Some(corpus) = std::env::var_os("CONFIGSTREAM_CORPUS") else { return Ok(Vec::new()) };
    let files = Path::new(&corpus).join("conformance").read_dir()?.map(|file| Ok(file?.path()));
    let files = files.collect::<Outcome<Vec<_>>>()?;
    let json = files.iter().filter(|file| file.extension().is_some_and(|kind| kind == "json"));
    json.map(|file| Ok(inputs(&serde_json::from_slice::<Vec<Value>>(&std::fs::read(file)?)?))).collect()
}

/// What a file of theirs has to be read.
fn inputs(cases: &[Value]) -> Vec<Case> {
    cases.iter().filter_map(|case| Some(("document", case["input"].as_str()?.to_owned()))).collect()
}

fn text(file: &Path) -> Outcome<String> {
    Ok(String::from_utf8_lossy(&std::fs::read(file)?).into_owned())
}

/// The links of a file of cases, and the whole file as a document.
fn cases(text: &str) -> Vec<Case> {
    let links = reader::cases(text).map(|(link, _)| ("link", link.to_owned()));
    links.chain([("document", text.to_owned())]).collect()
}

fn compare((kind, input): &Case, read: &str) -> Outcome {
    let native = case(kind, input);
    check(native == read, || {
        let start = native.bytes().zip(read.bytes()).take_while(|(native, read)| native == read).count();
        let part = |text: &str| {
            String::from_utf8_lossy(text.as_bytes().get(start..).unwrap_or_default())
                .chars()
                .take(80)
                .collect::<String>()
        };
        let input: String = input.chars().take(200).collect();
        format!("{kind} `{input}`: natively `{}`, in wasm `{}`", part(&native), part(read))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_cases_is_its_links_and_itself() {
        let text = "# about ports\nhttp://a:1 => {}\nhttp://b => {\"rejected\": \"x\"}\n";
        let links = ["http://a:1", "http://b"].map(|link| ("link", link.to_owned()));
        assert_eq!(cases(text), [&links[..], &[("document", text.to_owned())]].concat());
    }

    #[test]
    fn a_difference_is_shown_where_it_begins() {
        let failure =
            compare(&("link", "nonsense".into()), r#"{"rejected":"no lunk"}"#).expect_err("differs");
        assert!(failure.to_string().ends_with("in wasm `unk\"}`"), "{failure}");
    }
}
