//! Every query of every release on neighbouring data: one person less moves the integers that enter the mechanism by no more
//! than was certified.

use super::*;
use crate::store::file::ENDED;

/// The landed rows of every private table.
type Rows = BTreeMap<String, RecordBatch>;

async fn all(world: &World) -> Rows {
    let mut rows = Rows::new();
    for table in world.catalogue.private_tables() {
        rows.insert(table.name.clone(), world.rows(&table.name).await);
    }
    rows
}

/// The demo and one more person, with ten participations of the same kind in one project and the rows within one of them in
/// each: more than any bound allows.
fn crowded(mut rows: Rows) -> (Rows, Vec<u8>) {
    let person = people(&rows["rating"])[0].clone();
    for (table, rows) in &mut rows {
        let mine: BooleanArray = people(rows).iter().map(|p| Some(*p == person)).collect();
        let mine = filter_record_batch(rows, &mine).unwrap();
        let mine = if table == "participation" { mine.slice(0, 1) } else { mine };
        let mut all = vec![without(rows, &person)];
        for number in 1..=10 {
            let mut columns = mine.columns().to_vec();
            let numbers: ArrayRef = Arc::new(Int32Array::from(vec![number; mine.num_rows()]));
            columns[rows.schema().index_of("contribution").unwrap()] = Arc::clone(&numbers);
            if table == "participation" {
                columns[rows.schema().index_of("entry").unwrap()] = numbers;
            }
            all.push(RecordBatch::try_new(rows.schema(), columns).unwrap());
        }
        *rows = concat_batches(&rows.schema(), &all).unwrap();
    }
    (rows, person)
}

/// Writes the rows as landing does; gives what scans them.
fn landed(world: &World, folder: &Path, rows: &Rows) -> BTreeMap<String, LandedFiles> {
    let mut landed = BTreeMap::new();
    for (name, rows) in rows {
        let mut rows = rows.clone();
        if let Some(end) = rows.column_by_name("end").filter(|_| name == "participation").cloned() {
            let ended = arrow::datatypes::Field::new(ENDED, arrow::datatypes::DataType::Date32, true);
            let fields = rows.schema().fields().iter().cloned().chain([Arc::new(ended)]).collect::<Vec<_>>();
            let columns = rows.columns().iter().cloned().chain([end]).collect();
            rows = RecordBatch::try_new(Arc::new(arrow::datatypes::Schema::new(fields)), columns).unwrap();
        }
        let path = folder.join(format!("{name}.parquet"));
        let mut writer = ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), rows.schema(), None).unwrap();
        writer.write(&rows).unwrap();
        writer.close().unwrap();
        let size = std::fs::metadata(&path).unwrap().len();
        let schema = world.catalogue.table(name).unwrap().landed();
        landed.insert(name.clone(), LandedFiles { schema, files: vec![(path, size)] });
    }
    landed
}

/// The integers of every vector of a table; of a series, all time is one period.
async fn vectors(world: &World, table: &CheckedTable, landed: &BTreeMap<String, LandedFiles>) -> Vec<Vec<i64>> {
    let Answer { accepted, grid, .. } = table.answer.clone();
    let accepted = accepted.at((i32::MIN, i32::MAX));
    let day = accepted.scans[0].period.as_ref().map(plan::Slice::column);
    let provider = |name: &str| {
        let schema = world.catalogue.table(name)?;
        Some(Arc::new(LandedTable::new(schema, landed.get(name)?.clone()).by(day)) as Arc<dyn TableProvider>)
    };
    let bounded = bound(accepted, grid, provider, &world.catalogue).unwrap();
    world.engine.vectors(bounded, &world.catalogue).await.unwrap()
}

#[test]
fn one_person_moves_every_query_by_no_more_than_certified() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::whole(folder.path(), "10");
    runtime().block_on(async {
        let (rows, hostile) = crowded(all(&world).await);
        let everybody = people(&rows["participation"]);
        let several = everybody.iter().filter(|p| everybody.iter().filter(|q| q == p).count() > 1);
        let others: BTreeSet<&Vec<u8>> = several.chain(everybody.iter().step_by(40)).collect();
        assert!(others.len() > 40 && others.contains(&hostile));
        let mut tables = Vec::new();
        for name in crate::query::names(&repository().join("queries")).unwrap() {
            tables.extend(world.checked(&name).await.tables.into_iter().map(|table| (name.clone(), table)));
        }
        let with_all = landed(&world, folder.path(), &rows);
        let mut with = Vec::new();
        for (name, table) in &tables {
            let vectors = vectors(&world, table, &with_all).await;
            assert!(vectors.iter().all(|vector| vector.iter().any(|n| *n != 0)), "{name}/{} counts somebody", table.query.name);
            with.push(vectors);
        }
        let mut furthest: Vec<Vec<u64>> = with.iter().map(|vectors| vec![0; vectors.len()]).collect();
        for person in &others {
            let fewer: Rows = rows.iter().map(|(name, rows)| (name.clone(), without(rows, person))).collect();
            let folder = tempfile::tempdir().unwrap();
            let fewer = landed(&world, folder.path(), &fewer);
            for (((name, table), with), furthest) in tables.iter().zip(&with).zip(&mut furthest) {
                let without = vectors(&world, table, &fewer).await;
                let certified =
                    table.answer.accepted.crossing.vectors.iter().map(|(_, certificate)| certificate.crossing.sensitivity);
                for (((with, without), furthest), certified) in with.iter().zip(&without).zip(furthest).zip(certified) {
                    let (l1, l2_squared) = moved(with, without);
                    let within = l1 <= certified.l1() && l2_squared <= certified.l2_squared();
                    assert!(within, "{name}/{}: {l1}, {l2_squared}; certified {certified:?}", table.query.name);
                    *furthest = l1.max(*furthest);
                }
            }
        }
        for ((name, table), furthest) in tables.iter().zip(furthest) {
            assert!(furthest.iter().all(|l1| *l1 > 0), "{name}/{}: somebody moves it", table.query.name);
            // Where a query counts rows as they are, the bound is tight: the crowded person reaches it.
            if ["outcomes", "outcomes-by-quarter"].contains(&name.as_str()) {
                let l1 = table.answer.accepted.crossing.vectors[0].1.crossing.sensitivity.l1();
                assert_eq!(furthest[0], l1, "{name}/{}", table.query.name);
            }
        }
    });
}
