//! The plain engines of the bench: DuckDB in a process of its own, and DataFusion in this one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int16Array, RecordBatch};
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};

use super::{Clock, Cost, quoted};
use crate::catalogue::schema::Catalogue;
use crate::engine::LandedFiles;
use crate::engine::tests::database::repository;

/// The register's projects and their regions, as stored codes.
fn projects(catalogue: &Catalogue) -> Vec<(i16, i16)> {
    let path = repository().join("schemas/register/project.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (project, region) = (at("project"), at("region"));
    let id = |list: &str, code: &str| catalogue.codes(list).unwrap().find(code).unwrap().id;
    reader.records().map(|row| row.unwrap()).map(|row| (id("project", &row[project]), id("region", &row[region]))).collect()
}

/// DuckDB, which answers line by line: one query, or one run of queries, at a time.
pub(super) struct DuckDb(Option<(Child, BufReader<ChildStdout>)>);

impl DuckDb {
    /// Starts it on the landed files, and on a file that it copies them to; nothing if Python lacks it.
    pub(super) fn start(catalogue: &Catalogue, (table, files): (&str, &LandedFiles), own: &Path, threads: usize) -> Self {
        let Ok(python) = std::env::var("UTFALL_BENCH_PYTHON") else { return Self(None) };
        let child = Command::new(python)
            .arg(repository().join("tests/bench/duckdb_plain.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else { return Self(None) };
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut duck = Self(Some((child, out)));
        let paths: Vec<String> = files.files.iter().map(|(path, _)| quoted(path)).collect();
        let projects: Vec<String> = projects(catalogue).iter().map(|(p, r)| format!("({p}::SMALLINT, {r}::SMALLINT)")).collect();
        let told = serde_json::json!({ "threads": threads, "table": table, "files": paths.join(", "), "own": own, "projects": projects.join(", ") });
        if duck.ask(&told).is_none() {
            duck.0 = None;
        }
        duck
    }

    fn ask(&mut self, told: &serde_json::Value) -> Option<serde_json::Value> {
        let (child, out) = self.0.as_mut()?;
        let input = child.stdin.as_mut()?;
        writeln!(input, "{told}").ok()?;
        input.flush().ok()?;
        let mut line = String::new();
        out.read_line(&mut line).ok()?;
        serde_json::from_str(&line).ok()
    }

    /// What queries cost, one after the other, on the landed files or its own.
    pub(super) fn run(&mut self, on: &str, queries: &[&str]) -> Option<Cost> {
        let told = self.ask(&serde_json::json!({ "on": on, "queries": queries }))?;
        Some(Cost { wall: told["wall"].as_f64()?, processor: told["processor"].as_f64()?, read: told["read"].as_f64()? })
    }

    /// How it groups the landed files.
    pub(super) fn plan(&mut self, query: &str) -> String {
        let told = self.ask(&serde_json::json!({ "on": "landed", "explain": query }));
        told.and_then(|told| told["plan"].as_str().map(str::to_owned)).unwrap_or_else(|| "-".to_owned())
    }
}

impl Drop for DuckDb {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.0 {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}

/// DataFusion, as it comes.
pub(super) struct DataFusion(SessionContext);

impl DataFusion {
    pub(super) async fn new(catalogue: &Catalogue, (name, files): (&str, &LandedFiles)) -> Self {
        let context = SessionContext::new_with_config(SessionConfig::new());
        let paths: Vec<String> = files.files.iter().map(|(path, _)| path.display().to_string()).collect();
        let table = context.read_parquet(paths, ParquetReadOptions::default()).await.unwrap();
        context.register_table(name, table.into_view()).unwrap();
        let (ids, regions): (Vec<i16>, Vec<i16>) = projects(catalogue).into_iter().unzip();
        let arrays: [(&str, ArrayRef); 2] =
            [("project", Arc::new(Int16Array::from(ids))), ("region", Arc::new(Int16Array::from(regions)))];
        context.register_batch("project", RecordBatch::try_from_iter(arrays).unwrap()).unwrap();
        Self(context)
    }

    pub(super) async fn run(&self, queries: &[&str]) -> Cost {
        let clock = Clock::start();
        for sql in queries {
            std::hint::black_box(self.0.sql(sql).await.unwrap().collect().await.unwrap());
        }
        clock.stop()
    }
}
