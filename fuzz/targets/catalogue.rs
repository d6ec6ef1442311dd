#![no_main]

use configstream_fuzz::seeds;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: seeds::write("catalogue"), |bytes: &[u8]| configstream_fuzz::catalogue(bytes));
