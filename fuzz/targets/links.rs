#![no_main]

use configstream_fuzz::{properties, seeds};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: seeds::write("links"), |bytes: &[u8]| properties::links(bytes));
