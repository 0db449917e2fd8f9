//! Every query in `tests/accepted` is accepted, and gives exactly the answer that stands there if no noise is added.
//!
//! The answers were computed by another engine on the bounded tables, with every cell of the grid: see
//! `tests/accepted/README.md`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use datafusion::catalog::TableProvider;
use datafusion::error::DataFusionError;
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};

use super::database::{Database, bounds, catalogue, query, repository, vectors};
use crate::above;
use crate::catalogue::schema::Catalogue;
use crate::certify::Planner as _;
use crate::engine::{Engine, connect};
use crate::release::{CheckedTable, described};
use utfall_publish::TableDescription;
use utfall_publish::description::Above;

/// The release of a query with noise left out, as a database that sqllogictest can ask.
struct WithoutNoise {
    catalogue: Arc<Catalogue>,
    engine: Arc<Engine>,
    landed: Arc<std::collections::BTreeMap<String, Arc<dyn TableProvider>>>,
}

#[async_trait]
impl AsyncDB for WithoutNoise {
    type Error = std::io::Error;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Self::Error> {
        let refused = |e: String| std::io::Error::other(e);
        let query = query("case", sql);
        let answer = self.engine.check(&query, &self.catalogue, &bounds()).await.map_err(|e| refused(e.to_string()))?;
        let vectors = vectors(&self.engine, &self.catalogue, &answer, &self.landed).await;
        let plan = self.engine.planner().plan(&query.sql).await.unwrap();
        let table = CheckedTable::new(query, answer, crate::release::Draw::Noise, Vec::new());
        let mut described = described(&self.catalogue, &table);
        let crossing = table.answer.certified.accepted().crossing_at;
        let above = match described.above.take() {
            Some(above) => above,
            // A plain query is its noisy table; the same path shows it row by row.
            None => Above { sources: self.engine.sources(&plan, &self.catalogue).await.unwrap(), crossing, columns: Vec::new() },
        };
        // A selection without noise is the first of the best.
        let chosen: Vec<Vec<i64>> = table.answer.certified.accepted().crossing.vectors.iter().zip(vectors).map(best).collect();
        let chosen: Vec<&[i64]> = chosen.iter().map(Vec::as_slice).collect();
        let rows = above::view(&described, &above, &chosen).await.map_err(|e| refused(e.to_string()))?;
        apart(&described, &above, (&chosen, &rows)).await.map_err(|e| refused(e.to_string()))?;
        let rows: Vec<Vec<String>> =
            rows.into_iter().map(|r| r.into_iter().map(|c| c.unwrap_or_else(|| "NULL".into())).collect()).collect();
        let types = vec![DefaultColumnType::Any; rows.first().map_or(0, Vec::len)];
        Ok(DBOutput::Rows { types, rows })
    }

    async fn shutdown(&mut self) {}
}

/// Several draws computed in one go give what each gives by itself.
async fn apart(
    described: &TableDescription,
    above: &Above,
    (chosen, rows): (&[&[i64]], &[Vec<Option<String>>]),
) -> Result<(), DataFusionError> {
    let other: Vec<Vec<i64>> = chosen.iter().map(|vector| vector.iter().rev().copied().collect()).collect();
    let other: Vec<&[i64]> = other.iter().map(Vec::as_slice).collect();
    let sorted = |mut rows: Vec<Vec<Option<String>>>| {
        rows.sort();
        rows
    };
    if let Some(mut each) = above::each_draw(described, above, &[chosen.to_vec(), other.clone(), chosen.to_vec()]).await? {
        let mut of = |draw: &str| sorted(each.remove(draw).unwrap_or_default());
        let rows = sorted(rows.to_vec());
        assert_eq!((of("0"), of("2")), (rows.clone(), rows), "{}", described.sql);
        assert_eq!(of("1"), sorted(above::view(described, above, &other).await?), "{}", described.sql);
        CARRIED.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// How many queries were computed for several draws at a time.
static CARRIED: AtomicUsize = AtomicUsize::new(0);

fn best((certified, values): (&crate::certify::CertifiedVector, Vec<i64>)) -> Vec<i64> {
    let crate::certify::Vector::Scores { candidates, .. } = &certified.vector else { return values };
    let first = |scores: &[i64]| {
        let most = scores.iter().max().unwrap();
        i64::try_from(scores.iter().position(|s| s == most).unwrap()).unwrap()
    };
    values.chunks(usize::try_from(*candidates).unwrap()).map(first).collect()
}

#[test]
fn every_accepted_query_gives_its_exact_answer_before_noise() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = Arc::new(catalogue());
    let engine = Arc::new(connect(&catalogue).unwrap());
    let landed = Arc::new(Database::fixture(&catalogue).land(&catalogue, folder.path()));
    let mut cases: Vec<_> = std::fs::read_dir(repository().join("tests/accepted")).unwrap().map(|e| e.unwrap().path()).collect();
    cases.retain(|p| p.extension().is_some_and(|x| x == "slt"));
    cases.sort();
    assert!(cases.len() >= 60);
    let (mut wrong, mut times) = (Vec::new(), Vec::new());
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap();
    runtime.block_on(async {
        for case in cases {
            let parts = (&catalogue, &engine, &landed);
            let mut runner = Runner::new(|| async {
                Ok(WithoutNoise { catalogue: parts.0.clone(), engine: parts.1.clone(), landed: parts.2.clone() })
            });
            let (begun, name) = (Instant::now(), case.file_stem().unwrap().to_string_lossy().into_owned());
            if let Err(error) = runner.run_file_async(&case).await {
                wrong.push(format!("{name}: {}", error.display(false)));
            }
            times.push((begun.elapsed().as_millis(), name));
        }
    });
    times.sort_unstable_by(|one, other| other.cmp(one));
    println!("milliseconds of each file, of {} in all:", times.iter().map(|(time, _)| time).sum::<u128>());
    times.iter().for_each(|(time, name)| println!("{time:>6}  {name}"));
    let carried = CARRIED.load(Ordering::Relaxed);
    assert!(carried > 150, "most queries can be computed for several draws at a time, not {carried}");
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n\n"));
}
