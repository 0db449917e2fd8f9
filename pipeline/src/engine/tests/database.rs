//! Small databases as they would have landed: a fixture from `tests/fixture`, and random ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, BooleanArray, Date32Array, Int16Array, Int32Array, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::TableProvider;

use crate::catalogue::schema::{Catalogue, Kind, TableSchema};
use crate::catalogue::spec::QuerySpec;
use crate::certify::Bounds;
use crate::certify::Physical;
use crate::engine::{Answer, Engine, LandedFiles, LandedTable, other_files};
use utfall_ground::calendar::{Day, iso};

pub(super) type Row = Vec<Option<String>>;
/// The day of a person's participation, by its number.
pub(super) type DayOf<'d> = &'d dyn Fn(&str, i32) -> Option<i32>;

/// The rows of each private table, as SQL sees them: the columns of the schema, then the two numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Database {
    pub(super) tables: BTreeMap<String, Vec<Row>>,
}

pub(super) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn catalogue() -> Catalogue {
    Catalogue::read(&repository().join("schemas")).unwrap()
}

/// The bounds of every query in `tests/accepted`.
pub(crate) fn bounds() -> Bounds {
    let rows = [("activity", 3), ("milestone", 4), ("rating", 4), ("answer", 2), ("plan_review", 3)];
    Bounds { participations: 3, rows: rows.map(|(t, n)| (t.to_owned(), n)).into(), period: None }
}

pub(crate) fn query(name: &str, sql: &str) -> QuerySpec {
    let front = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\n";
    crate::catalogue::spec::parse(name, name, &format!("{front}{sql}")).unwrap()
}

/// Name and text of every query in `tests/accepted`.
pub(super) fn accepted_queries() -> Vec<(String, String)> {
    let mut queries = Vec::new();
    for entry in std::fs::read_dir(repository().join("tests/accepted")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|x| x != "slt") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let (_, after) = text.split_once("\nquery ").unwrap();
        let (_, sql) = after.split_once('\n').unwrap();
        let (sql, _) = sql.split_once("\n----").unwrap();
        queries.push((path.file_stem().unwrap().to_str().unwrap().to_owned(), sql.to_owned()));
    }
    queries.sort();
    queries
}

impl Database {
    /// The fixture of `tests/fixture`.
    pub(super) fn fixture(catalogue: &Catalogue) -> Self {
        let mut database = Self::default();
        for table in catalogue.private_tables() {
            let path = repository().join(format!("tests/fixture/{}.csv", table.name));
            let mut reader = csv::Reader::from_path(path).unwrap();
            let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
            assert_eq!(header, names(table), "{}", table.name);
            let rows = reader.records().map(|r| r.unwrap().iter().map(|c| (!c.is_empty()).then(|| c.to_owned())).collect());
            database.tables.insert(table.name.clone(), rows.collect());
        }
        database
    }

    /// The people in it.
    pub(super) fn people(&self) -> Vec<String> {
        let mut people: Vec<String> = self.tables.values().flatten().filter_map(|row| row[0].clone()).collect();
        people.sort();
        people.dedup();
        people
    }

    /// The neighbour without one person.
    pub(super) fn without(&self, person: &str) -> Self {
        let keep = |rows: &Vec<Row>| rows.iter().filter(|r| r[0].as_deref() != Some(person)).cloned().collect();
        Self { tables: self.tables.iter().map(|(name, rows)| (name.clone(), keep(rows))).collect() }
    }

    /// Writes every table as landing does and gives the scans of them.
    pub(super) fn land(&self, catalogue: &Catalogue, folder: &Path) -> Scans {
        scans(catalogue, &self.write(catalogue, folder, None), None)
    }

    /// The same with a stored day behind the columns, which `day` gives for a person and a participation.
    pub(super) fn land_by(&self, catalogue: &Catalogue, folder: &Path, day: Option<(&str, DayOf<'_>)>) -> Scans {
        scans(catalogue, &self.write(catalogue, folder, day), day.map(|(name, _)| name))
    }

    /// The written files alone.
    pub(super) fn write(
        &self,
        catalogue: &Catalogue,
        folder: &Path,
        day: Option<(&str, DayOf<'_>)>,
    ) -> BTreeMap<String, LandedFiles> {
        let mut landed = BTreeMap::new();
        for table in catalogue.private_tables() {
            let rows = self.tables.get(&table.name).cloned().unwrap_or_default();
            let path = folder.join(format!("{}.parquet", table.name));
            let mut batch = batch(table, catalogue, &rows);
            if let Some((name, day)) = day {
                batch = with_day(&batch, name, &rows, table.columns.len(), day);
            }
            let file = std::fs::File::create(&path).unwrap();
            let mut writer = crate::store::file::groups(file, table, &batch.schema());
            writer.write(&batch).unwrap();
            writer.finish().unwrap();
            let size = std::fs::metadata(&path).unwrap().len();
            landed.insert(table.name.clone(), LandedFiles { schema: table.landed(), files: vec![(path, size)] });
        }
        landed
    }
}

/// What scans each private table.
pub(super) type Scans = BTreeMap<String, Arc<dyn TableProvider>>;

/// The scans of landed files, with the day of a series if it is one.
pub(super) fn scans(catalogue: &Catalogue, files: &BTreeMap<String, LandedFiles>, day: Option<&str>) -> Scans {
    let scan = |(name, files): (&String, &LandedFiles)| {
        let table = LandedTable::new(catalogue.table(name).unwrap(), files.clone()).by(day);
        (name.clone(), Arc::new(table) as Arc<dyn TableProvider>)
    };
    files.iter().map(scan).collect()
}

/// An accepted query, planned on landed tables.
pub(super) async fn planned(engine: &Engine, catalogue: &Catalogue, answer: &Answer, landed: &Scans) -> Physical {
    let landed = |name: &str| landed.get(name).cloned();
    let bound = answer.certified.clone().bound(landed, catalogue).unwrap();
    shown(bound.physical(engine.planner(), catalogue).await.map_err(utfall_ground::error::Error::engine))
}

/// The exact vectors of a planned query on other files.
pub(super) async fn answered(
    engine: &Engine,
    catalogue: &Catalogue,
    planned: &Physical,
    files: &BTreeMap<String, LandedFiles>,
) -> Vec<Vec<i64>> {
    shown(engine.vectors(&other_files::on(planned, files, catalogue).unwrap(), catalogue).await)
}

/// The exact vectors of an accepted query on landed tables.
pub(super) async fn vectors(engine: &Engine, catalogue: &Catalogue, answer: &Answer, landed: &Scans) -> Vec<Vec<i64>> {
    shown(engine.vectors(&planned(engine, catalogue, answer, landed).await, catalogue).await)
}

/// What the engine gave; its own words if it failed.
pub(super) fn shown<T>(found: Result<T, utfall_ground::error::Error>) -> T {
    match found {
        Ok(found) => found,
        Err(utfall_ground::error::Error::Engine(failure)) => panic!("{}", failure.detail()),
        Err(other) => panic!("{other}"),
    }
}

/// The columns of a table in SQL, and its numbers.
pub(super) fn names(table: &TableSchema) -> Vec<String> {
    table.columns.keys().cloned().chain(table.numbers().map(str::to_owned)).collect()
}

/// A batch with one more column: the day of the participation of each row.
fn with_day(batch: &RecordBatch, name: &str, rows: &[Row], contribution: usize, day: DayOf<'_>) -> RecordBatch {
    let number = |row: &Row| row[contribution].as_deref().unwrap().parse().unwrap();
    let days: Date32Array = rows.iter().map(|row| day(row[0].as_deref().unwrap(), number(row))).collect();
    let fields =
        batch.schema().fields().iter().cloned().chain([Arc::new(Field::new(name, DataType::Date32, true))]).collect::<Vec<_>>();
    let columns = batch.columns().iter().cloned().chain([Arc::new(days) as ArrayRef]).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

fn batch(table: &TableSchema, catalogue: &Catalogue, rows: &[Row]) -> RecordBatch {
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (i, (_, column)) in table.columns.iter().enumerate() {
        let cells = || rows.iter().map(|r| r[i].as_deref());
        arrays.push(match column.kind {
            Kind::Identity => Arc::new(cells().map(|c| c.map(|c| format!("{c:0>16}").into_bytes())).collect::<BinaryArray>()),
            Kind::String => {
                let list = catalogue.codes_of(column).unwrap();
                let id = |code: &str| list.entries.iter().find(|e| e.code == code).unwrap_or_else(|| panic!("{code}")).id;
                Arc::new(cells().map(|c| c.map(id)).collect::<Int16Array>())
            }
            Kind::Date => {
                let day = |c: &str| c.parse::<i32>().unwrap_or_else(|_| Day::of(iso(c).unwrap()).0);
                Arc::new(cells().map(|c| c.map(day)).collect::<Date32Array>())
            }
            Kind::Integer => Arc::new(cells().map(|c| c.map(|c| c.parse::<i64>().unwrap())).collect::<Int64Array>()),
            Kind::Boolean => Arc::new(cells().map(|c| c.map(|c| c == "true")).collect::<BooleanArray>()),
        });
    }
    for i in [table.columns.len(), table.columns.len() + 1] {
        arrays.push(Arc::new(rows.iter().map(|r| r[i].as_deref().unwrap().parse::<i32>().unwrap()).collect::<Int32Array>()));
    }
    RecordBatch::try_new(table.landed(), arrays).unwrap()
}
