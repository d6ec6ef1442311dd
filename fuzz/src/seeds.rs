//! What a fuzzer starts from: examples of the tables and every case of core's tests, and a dictionary of the
//! words in them. Made anew each time, so that what is added to a table is fuzzed from then on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use configstream_core::document::{READERS, WRITERS};
use configstream_core::link::SCHEMES;
use configstream_core::proxy::{Network, Param, Protocol};

#[path = "../../core/tests/cases/reader.rs"]
mod reader;

/// Names the folder into which seeds and dictionary are written; without it, none are.
const FOLDER: &str = "CONFIGSTREAM_SEEDS";

/// The longest seed: what is larger only makes each run slower.
const LONGEST: usize = 16 * 1024;

/// Writes the seeds of a target to `<folder>/seeds/` and its words to `<folder>/words`.
pub fn write(target: &str) {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let mut seeds = match target {
        "catalogue" => crate::properties::stored().to_vec(),
        "links" => links(),
        _ => [links(), documents()].concat(),
    };
    seeds.retain(|seed| seed.len() <= LONGEST);
    let place = folder.join("seeds");
    fs::create_dir_all(&place).expect("the folder of seeds can be made");
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(place.join(format!("{number:05}")), seed).expect("a seed can be written");
    }
    fs::write(folder.join("words"), dictionary(&seeds)).expect("the dictionary can be written");
}

fn tests(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests").join(folder)
}

/// One link of each kind, and one of each case.
fn links() -> Vec<Vec<u8>> {
    let examples = SCHEMES.iter().map(|scheme| scheme.example().to_owned());
    let cases = reader::files(&tests("cases")).into_iter().flat_map(|file| {
        let text = fs::read_to_string(file).expect("a file of cases is text");
        reader::cases(&text).map(|(link, _)| link.to_owned()).collect::<Vec<_>>()
    });
    examples.chain(cases).map(String::into_bytes).collect()
}

/// One document of each format, and each of the cases.
fn documents() -> Vec<Vec<u8>> {
    let read = READERS.iter().map(|format| format.example());
    let written = WRITERS.iter().map(|format| format.example());
    let cases =
        files(&tests("documents")).into_iter().map(|file| fs::read(file).expect("a case can be read"));
    read.chain(written).map(|text| text.as_bytes().to_vec()).chain(cases).collect()
}

/// Every document below a folder, in order; none where it is not there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let items = folder.read_dir().into_iter().flatten().flatten().map(|item| item.path());
    let mut files: Vec<_> =
        items.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    files.retain(|path| !path.to_string_lossy().ends_with(".expect.json"));
    files.sort();
    files
}

/// The names of the tables and the words of the seeds, as
/// [libFuzzer](https://llvm.org/docs/LibFuzzer.html#dictionaries) reads them.
fn dictionary(seeds: &[Vec<u8>]) -> String {
    let schemes = SCHEMES.iter().flat_map(|scheme| scheme.names()).map(|name| format!("{name}://"));
    let keys = Param::ALL.iter().map(|param| param.key());
    let keys = keys.chain(Network::ALL.iter().map(|network| network.key()));
    let keys = keys.chain(Protocol::ALL.iter().map(|protocol| protocol.key())).map(str::to_owned);
    let mut words: BTreeSet<String> = schemes.chain(keys).collect();
    words.extend(seeds.iter().flat_map(|seed| self::words(seed)));
    words.iter().map(|word| format!("\"{word}\"\n")).collect()
}

/// What could be a name of something: base64 and numbers are too long or hold no letter first.
fn words(seed: &[u8]) -> impl Iterator<Item = String> {
    let part = |byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let words = seed.split(part).filter(|word| (2..=24).contains(&word.len()));
    words.filter(|word| word[0].is_ascii_alphabetic()).map(|word| String::from_utf8_lossy(word).into_owned())
}
