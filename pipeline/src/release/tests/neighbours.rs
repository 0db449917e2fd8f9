//! Every query of every release on neighbouring data: one person less moves the integers that enter the mechanism by no more
//! than was certified.

use utfall_ground::calendar::Day;

use super::*;
use crate::certify::Physical;
use crate::engine::other_files::on;
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

/// A query as it runs, on these files; of a series, all time is one period.
async fn planned(world: &World, table: &CheckedTable, landed: &BTreeMap<String, LandedFiles>) -> Physical {
    let certified = table.answer.certified.clone().at(Days { first: Day(i32::MIN), last: Day(i32::MAX) });
    let day = certified.day();
    let provider = |name: &str| {
        let schema = world.catalogue.table(name)?;
        Some(Arc::new(LandedTable::new(schema, landed.get(name)?.clone()).by(day)) as Arc<dyn TableProvider>)
    };
    let bound = certified.bound(provider, &world.catalogue).unwrap();
    bound.physical(world.engine.planner(), &world.catalogue).await.unwrap()
}

/// The integers of every vector of a query on these files.
async fn vectors(world: &World, planned: &Physical, landed: &BTreeMap<String, LandedFiles>) -> Vec<Vec<i64>> {
    world.engine.vectors(&on(planned, landed, &world.catalogue).unwrap(), &world.catalogue).await.unwrap()
}

/// How many people are taken out of every query, each alone; everybody with `UTFALL_AUDIT_PEOPLE`.
const PEOPLE: usize = 12;

/// Everybody, each once: first the crowded person, then one of each kind (in which projects, how often, with rows in which
/// tables), then the others.
fn by_kind(rows: &Rows, crowded: &[u8]) -> Vec<Vec<u8>> {
    let mut kinds: BTreeMap<Vec<u8>, BTreeMap<String, usize>> = BTreeMap::new();
    for (table, rows) in rows {
        let projects = rows.column_by_name("project").map(|column| column.as_primitive::<arrow::datatypes::Int16Type>());
        for (at, person) in people(rows).into_iter().enumerate() {
            let kind = kinds.entry(person).or_default();
            match projects.filter(|_| table == "participation") {
                Some(projects) => *kind.entry(format!("{table} {}", projects.value(at))).or_default() += 1,
                None => *kind.entry(table.clone()).or_default() = 1,
            }
        }
    }
    let mut met = BTreeSet::new();
    let mut order = Vec::new();
    for (person, kind) in kinds {
        let rank = if person == crowded { 0 } else { 1 + usize::from(!met.insert(kind.clone())) };
        // Those who are in most come first; pseudonyms, which are others in each run, decide nothing but who stands for a kind.
        let most = std::cmp::Reverse(kind.values().sum::<usize>());
        order.push((rank, most, kind, person));
    }
    order.sort();
    order.into_iter().map(|(.., person)| person).collect()
}

fn one_person_moves_it_by_no_more_than_certified(release: &str) {
    let shared = shared();
    let world = &shared.world;
    let everybody = std::env::var_os("UTFALL_AUDIT_PEOPLE").is_some();
    runtime().block_on(async {
        let (rows, crowded) = crowded(all(world).await);
        let people = by_kind(&rows, &crowded);
        assert!(people.len() > 500 && people[0] == crowded);
        let folder = tempfile::tempdir().unwrap();
        let with_all = landed(world, folder.path(), &rows);
        let mut queries = Vec::new();
        for table in world
            .checked(release)
            .await
            .tables
            .into_iter()
            .filter(|table| table.measured_with.is_none() && table.quotes.is_none())
        {
            let planned = planned(world, &table, &with_all).await;
            let with = vectors(world, &planned, &with_all).await;
            assert!(with.iter().all(|vector| vector.iter().any(|n| *n != 0)), "{release}/{} counts somebody", table.query.name);
            let furthest = vec![0; with.len()];
            queries.push((table, planned, with, furthest));
        }
        let (mut neighbours, mut compared) = (0, 0);
        for (at, person) in people.iter().enumerate() {
            // After a dozen, the others are tried only for what nobody has moved so far.
            let unmoved = |furthest: &[u64]| everybody || at < PEOPLE || furthest.contains(&0);
            if !queries.iter().any(|(.., furthest)| unmoved(furthest)) {
                break;
            }
            let fewer: Rows = rows.iter().map(|(name, rows)| (name.clone(), without(rows, person))).collect();
            let folder = tempfile::tempdir().unwrap();
            let fewer = landed(world, folder.path(), &fewer);
            neighbours += 1;
            for (table, planned, with, furthest) in queries.iter_mut().filter(|(.., furthest)| unmoved(furthest)) {
                let without = vectors(world, planned, &fewer).await;
                compared += 1;
                let crossing = &table.answer.certified.accepted().crossing;
                let certified = crossing.vectors.iter().map(|of| of.certificate.crossing.sensitivity);
                for (((with, without), furthest), certified) in with.iter().zip(&without).zip(furthest).zip(certified) {
                    let (l1, l2_squared) = moved(with, without);
                    let within = l1 <= certified.l1() && l2_squared <= certified.l2_squared();
                    assert!(within, "{release}/{}: {l1}, {l2_squared}; certified {certified:?}", table.query.name);
                    *furthest = l1.max(*furthest);
                }
            }
        }
        println!("{release}: {} queries, {neighbours} neighbours, {compared} comparisons", queries.len());
        for (table, _, _, furthest) in queries {
            assert!(furthest.iter().all(|l1| *l1 > 0), "{release}/{}: somebody moves it", table.query.name);
            // Where a query counts rows as they are, the bound is tight: the crowded person reaches it.
            if ["outcomes", "outcomes-by-quarter"].contains(&release) {
                let l1 = table.answer.certified.accepted().crossing.vectors[0].certificate.crossing.sensitivity.l1();
                assert_eq!(furthest[0], l1, "{release}/{}", table.query.name);
            }
        }
    });
}

fn is_tried(_release: &str) -> bool {
    true
}

each_release! {
    one_person_moves_it_by_no_more_than_certified:
    across = "across",
    asap = "asap",
    associations = "associations",
    fler_i_arbete = "fler-i-arbete",
    indicators = "indicators",
    nystart = "nystart",
    outcomes = "outcomes",
    outcomes_by_quarter = "outcomes-by-quarter",
    progress = "progress",
    traning_ger_fardighet = "traning-ger-fardighet",
}
