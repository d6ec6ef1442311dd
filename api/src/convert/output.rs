//! What `convert` writes: a document or a file per proxy, and what neither could hold.

use std::collections::BTreeMap;
use std::path::Path;

use configstream_core::Proxy;
use configstream_core::curate::file_names;
use configstream_core::document::{self, Loss, Lost, Shape, WRITERS};
use serde::Serialize;

use crate::ending::{Failure, print};

/// Writes one document to standard output.
pub(super) fn one(format: &str, proxies: &[Proxy], shape: Shape) -> Result<Vec<Loss>, Failure> {
    let written = document::write(format, proxies, shape).unwrap_or_default();
    print(&written.text)?;
    let lost = written.losses.iter().filter(|loss| matches!(loss.lost, Lost::Proxy(_))).count();
    if holds_one(format) && proxies.len() - lost > 1 {
        eprintln!(
            "configstream: programs read one proxy from a {format} document; --split DIR writes a file for each"
        );
    }
    Ok(written.losses)
}

/// Writes a file for each proxy that the format can hold.
pub(super) fn split(
    format: &str,
    proxies: &[Proxy],
    shape: Shape,
    folder: &Path,
) -> Result<Vec<Loss>, Failure> {
    std::fs::create_dir_all(folder).map_err(cannot(folder))?;
    let ending = writer(format).map_or("txt", |writer| writer.extension());
    let mut losses = Vec::new();
    for ((at, proxy), name) in proxies.iter().enumerate().zip(file_names(proxies)) {
        let written = document::write(format, std::slice::from_ref(proxy), shape).unwrap_or_default();
        if !written.losses.iter().any(|loss| matches!(loss.lost, Lost::Proxy(_))) {
            let path = folder.join(format!("{name}.{ending}"));
            std::fs::write(&path, written.text).map_err(cannot(&path))?;
        }
        losses.extend(written.losses.into_iter().map(|loss| Loss { proxy: at, ..loss }));
    }
    Ok(losses)
}

fn writer(format: &str) -> Option<&'static dyn document::Writer> {
    WRITERS.iter().find(|writer| writer.name().eq_ignore_ascii_case(format)).copied()
}

fn holds_one(format: &str) -> bool {
    writer(format).is_some_and(document::Writer::holds_one)
}

/// A loss as `--losses` writes it: one of the last three says what is lost.
#[derive(Debug, Default, Serialize)]
struct Row<'a> {
    /// Which proxy of the list, from 0.
    proxy: usize,
    name: &'a str,
    /// It is not in the document, for this reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<&'a str>,
    /// The format does not hold this field as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// It has this name in the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(loss: &'a Loss, proxies: &'a [Proxy]) -> Self {
        let name = proxies.get(loss.proxy).map_or("", |proxy| proxy.name.as_str());
        let row = Self { proxy: loss.proxy, name, ..Self::default() };
        match &loss.lost {
            Lost::Proxy(reason) => Self { left_out: Some(reason), ..row },
            Lost::Field(field) => Self { field: Some(field), ..row },
            Lost::Name(name) => Self { renamed: Some(name), ..row },
        }
    }
}

/// Writes losses, proxy by proxy.
pub(super) fn losses(path: &Path, losses: &[Loss], proxies: &[Proxy]) -> Result<(), Failure> {
    let rows: Vec<_> = losses.iter().map(|loss| Row::of(loss, proxies)).collect();
    json(path, &rows)
}

/// Writes rows as JSON.
pub(super) fn json(path: &Path, rows: &impl Serialize) -> Result<(), Failure> {
    std::fs::write(path, serde_json::to_vec_pretty(rows).unwrap_or_default()).map_err(cannot(path))
}

fn cannot(path: &Path) -> impl Fn(std::io::Error) -> Failure + '_ {
    move |error| Failure::Output(format!("{} cannot be written: {error}", path.display()))
}

/// What was lost how often: whole proxies by reason, then fields, the most frequent first; empty where
/// nothing was.
pub(super) fn summary(losses: &[Loss]) -> String {
    let whats = losses.iter().map(|loss| match &loss.lost {
        Lost::Proxy(reason) => (false, *reason),
        Lost::Field(field) => (true, field.as_str()),
        Lost::Name(_) => (true, "name"),
    });
    let mut counts: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    whats.for_each(|what| *counts.entry(what).or_default() += 1);
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|((is_field, _), count)| (*is_field, std::cmp::Reverse(*count)));
    let line = |((is_field, what), count): &((bool, &str), usize)| {
        let kind = if *is_field { "not held as it was: " } else { "left out: " };
        format!("{count:>8} × {kind}{what}\n")
    };
    counts.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use configstream_core::link;

    fn some() -> Vec<Loss> {
        let lost = [
            Lost::Field("sni".into()),
            Lost::Proxy("it has no VLESS"),
            Lost::Name("one 2".into()),
            Lost::Field("sni".into()),
        ];
        lost.into_iter().enumerate().map(|(at, lost)| Loss { proxy: at / 2, lost }).collect()
    }

    #[test]
    fn losses_are_counted_whole_proxies_first_and_then_the_most_frequent_field() {
        let expected = "       1 × left out: it has no VLESS\n       2 × not held as it was: sni\n";
        assert_eq!(summary(&some()), [expected, "       1 × not held as it was: name\n"].concat());
        assert_eq!(summary(&[]), "");
    }

    #[test]
    fn a_row_of_losses_names_the_proxy_and_what_of_it_is_lost() {
        let proxies =
            ["one", "two"].map(|name| link::parse(&format!("socks5://192.0.2.1:1#{name}")).unwrap());
        let rows: Vec<_> =
            some().iter().map(|loss| serde_json::to_string(&Row::of(loss, &proxies)).unwrap()).collect();
        let expected = [
            r#"{"proxy":0,"name":"one","field":"sni"}"#,
            r#"{"proxy":0,"name":"one","left_out":"it has no VLESS"}"#,
            r#"{"proxy":1,"name":"two","renamed":"one 2"}"#,
            r#"{"proxy":1,"name":"two","field":"sni"}"#,
        ];
        assert_eq!(rows, expected);
    }
}
