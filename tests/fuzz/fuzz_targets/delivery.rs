//! Any bytes as a whole list: opened, mapped, every row read and pseudonymised. The first byte says what the controller said
//! beside it: a project, a month, a mapping, and on how many threads it is read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use utfall_fuzz::prepared::{Said, delivery, file};

fuzz_target!(|bytes: &[u8]| {
    let (said, list) = bytes.split_first().unwrap_or((&0, &[]));
    delivery(&file(list), Said::of(*said));
});
