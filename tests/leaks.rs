//! Nothing that was written holds an identity number or a piece of the key; and the search that says so finds a planted one.

use std::collections::HashSet;
use std::path::Path;

use arrow::array::{Array as _, AsArray as _};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::world::{World, files};

/// The official test numbers that ship with the demo.
pub(crate) fn numbers() -> Vec<String> {
    let file = include_str!("../pipeline/src/demo/test-identity-numbers.txt");
    file.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()).map(|l| l.trim().to_owned()).collect()
}

/// Every spelling of every number: with and without century, with `-`, `+` or nothing between.
fn spellings() -> HashSet<Vec<u8>> {
    let mut all = HashSet::new();
    for number in numbers() {
        for (date, serial) in [(&number[..8], &number[8..]), (&number[2..8], &number[8..])] {
            for sign in ["", "-", "+"] {
                all.insert(format!("{date}{sign}{serial}").into_bytes());
            }
        }
    }
    all
}

/// Every run of eight bytes of the key: raw, and as hexadecimal and base64 text.
fn key_runs(hex: &str) -> HashSet<Vec<u8>> {
    let key: Vec<u8> = (0..32).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
    let mut runs: HashSet<Vec<u8>> = key.windows(8).map(<[u8]>::to_vec).collect();
    for run in key.windows(8) {
        let hex: String = run.iter().map(|b| format!("{b:02x}")).collect();
        runs.insert(hex.to_uppercase().into_bytes());
        runs.insert(hex.into_bytes());
    }
    // Base64 of the key at each of the three alignments: any ten characters in a row carry seven and a half bytes.
    for shift in 0..3 {
        let padded = [vec![0; shift], key.clone()].concat();
        let text = base64(&padded);
        runs.extend(text.as_bytes()[4..text.len() - 4].windows(10).map(<[u8]>::to_vec));
    }
    runs
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = bytes.iter().flat_map(|b| (0..8).rev().map(move |i| b >> i & 1)).collect();
    bits.chunks(6).map(|c| char::from(ALPHABET[c.iter().fold(0, |n, b| n << 1 | usize::from(*b)) << (6 - c.len())])).collect()
}

struct Search {
    needles: HashSet<Vec<u8>>,
    lengths: Vec<usize>,
}

impl Search {
    fn new(needles: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let needles: HashSet<_> = needles.into_iter().collect();
        let lengths: HashSet<usize> = needles.iter().map(Vec::len).collect();
        Self { needles, lengths: lengths.into_iter().collect() }
    }

    fn finds(&self, bytes: &[u8]) -> bool {
        self.lengths.iter().any(|n| bytes.windows(*n).any(|w| self.needles.contains(w)))
    }

    /// Searches a file's bytes and, if it is Parquet, every value of it: as text, and binary values as they are.
    fn finds_in(&self, path: &Path) -> bool {
        let bytes = std::fs::read(path).unwrap();
        self.finds(&bytes) || (path.extension().is_some_and(|x| x == "parquet") && self.finds(&decoded(path)))
    }
}

fn decoded(path: &Path) -> Vec<u8> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap();
    let mut text = format!("{:?}", reader.metadata()).into_bytes();
    for batch in reader.build().unwrap() {
        for column in batch.unwrap().columns() {
            let formatter = ArrayFormatter::try_new(column, &FormatOptions::default()).unwrap();
            for row in 0..column.len() {
                text.extend(format!("\n{}\n", formatter.value(row)).bytes());
                if let Some(binary) = column.as_binary_opt::<i32>() {
                    text.extend(binary.value(row));
                }
            }
        }
    }
    text
}

/// A world with everything in it: landed lists, rejected and quarantined ones, a release, an engine failure, messages.
fn full() -> (World, String) {
    let world = World::landed("10");
    let mut said = world.ok(&["release", "outcomes"]);
    let numbers = numbers();
    let wrong = format!("{}{}", &numbers[1][..11], (numbers[1].as_bytes()[11] - b'0' + 1) % 10);
    let bad = format!(
        "Projekt;Personnr;Startdatum;Kön\nPROGRESS;{};2021-03-01;{}\nPROGRESS;{wrong};2021-03-01;Man\n{};{};x;y\n",
        numbers[0], numbers[0], numbers[2], numbers[3]
    );
    for (name, list) in [
        ("bad.csv", bad),
        ("headless.csv", format!("PROGRESS;{};2021-03-01\nPROGRESS;{};2021-03-01\n", numbers[0], numbers[1])),
        ("named.csv", format!("Projekt;Personnr;Startdatum;{}\nPROGRESS;{};2021-03-01;x\n", numbers[4], numbers[5])),
    ] {
        let run = world.run(&["land", &world.write(&format!("bad/{name}"), list)]);
        assert_eq!(run.code, 3, "{run:?}");
        said += &(run.out + &run.err);
    }
    for command in ["status", "ledger", "plan", "check"] {
        let run = world.run(&[command]);
        said += &(run.out + &run.err);
    }
    // A damaged file makes the engine fail: its words go to the controller's log.
    let landed = files(&world.path("data/landed/participation"))
        .into_iter()
        .find(|p| p.extension().is_some_and(|x| x == "parquet"))
        .unwrap();
    let bytes = std::fs::read(&landed).unwrap();
    std::fs::write(&landed, &bytes[..bytes.len() / 2]).unwrap();
    let late = world.write("bad/late.csv", format!("Projekt;Personnr;Startdatum\nPROGRESS;{};2021-04-01\n", numbers[6]));
    for run in [world.run(&["land", &late]), world.run(&["release", "outcomes"])] {
        said += &(run.out + &run.err);
    }
    std::fs::write(&landed, bytes).unwrap();
    (world, said)
}

#[test]
fn no_identity_number_and_no_piece_of_the_key_is_anywhere() {
    let (world, said) = full();
    let key = std::fs::read_to_string(world.path("keys/pseudonym.key")).unwrap();
    let search = Search::new(spellings().into_iter().chain(key_runs(key.trim())));
    assert!(!search.finds(said.as_bytes()), "something printed holds a number: {said}");
    let written = [files(&world.path("data")), files(&world.path("out")), vec![world.path("keys/ledger.witness")]].concat();
    assert!(written.iter().filter(|p| p.extension().is_some_and(|x| x == "parquet")).count() >= 14);
    for path in &written {
        assert!(!search.finds_in(path), "{}", path.display());
    }
}

#[test]
fn the_search_finds_what_is_planted() {
    let world = World::new("10");
    let key = std::fs::read_to_string(world.path("keys/pseudonym.key")).unwrap();
    let search = Search::new(spellings().into_iter().chain(key_runs(key.trim())));
    let number = &numbers()[7];
    let raw: Vec<u8> = (0..8).map(|i| u8::from_str_radix(&key[2 * i + 10..2 * i + 12], 16).unwrap()).collect();
    let whole: Vec<u8> = (0..32).map(|i| u8::from_str_radix(&key[2 * i..2 * i + 2], 16).unwrap()).collect();
    for planted in [
        number.clone().into_bytes(),
        format!("x{}-{}y", &number[..8], &number[8..]).into_bytes(),
        format!("x{}+{}y", &number[2..8], &number[8..]).into_bytes(),
        raw,
        key[6..22].to_uppercase().into_bytes(),
        base64(&whole).into_bytes(),
        base64(&[b"k".to_vec(), whole].concat()).into_bytes(),
    ] {
        let path = world.write("data/log/planted", [b"before ".to_vec(), planted, b" after".to_vec()].concat());
        assert!(search.finds_in(Path::new(&path)));
    }
    // Compressed Parquet hides a number from a search of its bytes, but not from this one.
    let path = world.path("planted.parquet");
    let filler: Vec<String> = (0..500).map(|i| if i == 250 { number.clone() } else { format!("filler {}", i % 3) }).collect();
    let column: arrow::array::ArrayRef = std::sync::Arc::new(arrow::array::StringArray::from(filler));
    let batch = arrow::array::RecordBatch::try_from_iter([("a", column)]).unwrap();
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_compression(parquet::basic::Compression::ZSTD(parquet::basic::ZstdLevel::default()))
        .set_statistics_enabled(parquet::file::properties::EnabledStatistics::None)
        .build();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    assert!(search.finds_in(&path));
}

#[test]
fn no_exact_count_stands_in_what_is_published_or_archived() {
    // The same data released twice under different ids: every number differs somewhere, so none of the columns is exact.
    let world = World::landed("10");
    world.ok(&["release", "outcomes"]);
    let published = || -> Vec<csv::StringRecord> {
        let mut reader = csv::Reader::from_path(world.path("out/outcomes/by_region_and_sex.csv")).unwrap();
        assert_eq!(reader.headers().unwrap().iter().skip(9).take(3).collect::<Vec<_>>(), ["participations", "lower", "upper"]);
        reader.records().map(Result::unwrap).collect()
    };
    let first = published();
    let number = &numbers()[0];
    world.ok(&["land", &world.write("late.csv", format!("Projekt;Personnr;Startdatum\nPROGRESS;{number};2021-04-01\n"))]);
    world.ok(&["release", "outcomes"]);
    let second = published();
    for i in 9..12 {
        let same = first.iter().zip(&second).filter(|(a, b)| a[i] == b[i]).count();
        assert!(same < first.len() / 3, "column {i} hardly changed: it may be exact");
    }
}
