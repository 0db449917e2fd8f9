//! Any bytes as a whole list: opened, mapped, every row read and pseudonymised. A first byte below 32, with which no list
//! begins, says what the controller said beside it: a project, a month, a mapping, and on how many threads it is read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use utfall_fuzz::prepared::{Said, delivery, file};

fuzz_target!(|bytes: &[u8]| {
    match bytes.split_first() {
        Some((said @ ..32, list)) => delivery(&file(list), Said::of(*said)),
        _ => delivery(&file(bytes), Said::default()),
    }
});
