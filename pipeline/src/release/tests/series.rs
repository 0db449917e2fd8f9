//! A series from landing to publication: people who exit in three quarters, what is reported late, a second vintage, runs
//! that die.

use chrono::NaiveDate;
use utfall_estimate::interval::Interval;
use utfall_privacy::{Measurement, Rational};

use super::*;
use crate::land::accept::month::Month;
use crate::release::series::{PeriodRequest, SeriesRun, standing};
use utfall_ground::calendar::Period;
use utfall_publish::Publication;

const TABLES: [(&str, &str); 3] = [
    ("exits", "SELECT f.exit_state, count(*) AS n FROM participation f WHERE f.exit_state IS NOT NULL GROUP BY f.exit_state"),
    ("scores", "SELECT count(*) AS n, avg(r.score) AS mean FROM rating r"),
    ("people", "SELECT count(DISTINCT f.participant) AS people FROM participation f"),
];

const SERIES: &str = "SERIES";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn written(root: &Path, tables: &[(&str, &str)]) -> PathBuf {
    let folder = root.join("queries/quarters");
    std::fs::create_dir_all(&folder).unwrap();
    let toml = "title = { sv = \"Kvartal\", en = \"Quarters\" }\n[privacy]\nbudget = { epsilon = \"1\", delta = \"1e-6\" }\nbounds = { participations = 3, rows = { rating = 4 } }\n[period]\ncolumn = \"end\"\nfirst = \"2021-Q2\"\nlag = \"60 days\"\n[publish]\nformats = [\"csv\", \"html\"]\ninterval = \"0.95\"\n";
    std::fs::write(folder.join("release.toml"), toml).unwrap();
    for (name, sql) in tables {
        let front = format!("/*+++ title = {{ sv = \"{name}\", en = \"{name}\" }} +++*/\n");
        std::fs::write(folder.join(format!("{name}.sql")), format!("{front}{sql}")).unwrap();
    }
    root.join("queries")
}

impl World {
    /// A world without lists, and the series beside it.
    fn of_series(root: &Path, epsilon: &str) -> Self {
        let (world, _) = Self::bare(root, epsilon);
        written(root, &TABLES);
        world
    }

    /// Lands a list of PROGRESS; `{n}` stands for an official test number.
    fn report(&self, month: &str, headings: &str, rows: &[&str]) {
        let numbers = include_str!("../../demo/test-identity-numbers.txt").lines().filter(|line| line.starts_with("19"));
        let mut text = format!("{headings}\n{}\n", rows.join("\n"));
        for (at, number) in numbers.take(20).enumerate() {
            text = text.replace(&format!("{{{at}}}"), number);
        }
        let path = self.root.join(format!("list-{month}-{}.csv", headings.len()));
        std::fs::write(&path, text).unwrap();
        let (store, key) = (self.store(), Key::read(&self.root.join("keys"), &self.root.join("data")).unwrap());
        let periods = crate::catalogue::register::periods(&self.catalogue).unwrap();
        let mut landing = Landing::new(&store, &key, &self.catalogue, &periods, day("2026-01-01"));
        landing.month = Month::parse(month);
        let reports = runtime().block_on(landing.land(&[path], |_| {})).unwrap();
        assert!(reports.iter().all(|report| !report.is_defective()), "{reports:?}");
    }

    fn people(&self, month: &str, rows: &[&str]) {
        self.report(month, "Projekt;Personnr;Startdatum;Slutdatum;Resultat", rows);
    }

    fn ratings(&self, month: &str, rows: &[&str]) {
        self.report(month, "Projekt;Personnr;Område;Datum;Skattad av;Skattning", rows);
    }

    async fn series(&self) -> CheckedRelease {
        let release = crate::catalogue::spec::read(&self.root.join("queries"), "quarters").unwrap();
        check(&self.engine, &self.catalogue, release).await.unwrap()
    }

    fn publish(&self, today: &str, asked: &PeriodRequest) -> Result<SeriesRun, Error> {
        let store = self.store();
        runtime().block_on(async {
            let checked = self.series().await;
            let mut ledger = self.ledger()?;
            crate::release::series::run(&self.engine, &self.catalogue, &store, &mut ledger, &checked, (asked, day(today))).await
        })
    }

    /// The exact numbers of a period as of now: exits to work and to studies, ratings, people.
    fn exact(&self, period: &str) -> [i64; 4] {
        let store = self.store();
        runtime().block_on(async {
            let checked = self.series().await;
            let pinned = pin(&self.catalogue, &store, &checked).await.unwrap();
            let days = Some(Period::parse(period).unwrap().days());
            let mut all = Vec::new();
            for table in &checked.tables {
                let bound = bound(table, &self.catalogue, &pinned, days).unwrap();
                let physical = bound.physical(self.engine.planner(), &self.catalogue).await.unwrap();
                all.push(self.engine.vectors(&physical, &self.catalogue).await.unwrap());
            }
            let cell = |code: &str| {
                let grid = &checked.tables[0].answer.certified.grid();
                grid.cells.iter().position(|cell| grid.keys[0].codes[usize::from(cell[0])].code == code).unwrap()
            };
            [all[0][0][cell("work")], all[0][0][cell("studies")], all[2][0][0], all[1][0][0]]
        })
    }
}

fn labels(published: &SeriesRun) -> (Vec<String>, usize, bool) {
    (published.new.iter().map(ToString::to_string).collect(), published.periods.len(), published.charge.is_some())
}

fn second() -> PeriodRequest {
    PeriodRequest { vintage: Some(2), ..PeriodRequest::default() }
}

#[test]
fn each_quarter_is_published_once_and_what_comes_late_is_in_the_next_vintage() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::of_series(folder.path(), "2");
    let none = PeriodRequest::default();
    world.people(
        "2021-03",
        &["PROGRESS;{0};2021-02-01;;", "PROGRESS;{1};2021-02-01;;", "PROGRESS;{2};2021-02-01;;", "PROGRESS;{3};2021-02-01;;"],
    );
    world.ratings("2021-03", &["PROGRESS;{0};Hälsa;2021-02-10;Deltagare;2", "PROGRESS;{2};Hälsa;2021-02-10;Deltagare;2"]);
    world.people(
        "2021-06",
        &[
            "PROGRESS;{0};2021-02-01;2021-05-10;Arbete",
            "PROGRESS;{1};2021-02-01;2021-06-01;Studier",
            "PROGRESS;{2};2021-02-01;;",
            "PROGRESS;{3};2021-02-01;;",
        ],
    );
    // Not a day before the lag is over, and then whether or not anything has been delivered since.
    assert_eq!(labels(&world.publish("2021-08-29", &none).unwrap()), (vec![], 0, false));
    assert!(world.ledger().unwrap().account().releases() == 0, "nothing is charged before there is something to publish");
    assert_eq!(world.exact("2021-Q2"), [1, 1, 1, 2]);
    assert_eq!(labels(&world.publish("2021-08-30", &none).unwrap()), (vec!["2021-Q2".into()], 1, true));
    let first = world.publish("2021-08-30", &none).unwrap();
    assert_eq!(labels(&first), (vec![], 1, false));

    // Late: an exit and a rating of the second quarter, and a corrected day. In time: an exit of the third.
    world.people(
        "2021-10",
        &[
            "PROGRESS;{0};2021-02-01;2021-05-10;Arbete",
            "PROGRESS;{1};2021-02-01;2021-07-03;Studier",
            "PROGRESS;{2};2021-02-01;2021-09-01;Arbete",
            "PROGRESS;{3};2021-02-01;2021-06-20;Arbete",
        ],
    );
    world.ratings("2021-10", &["PROGRESS;{0};Hälsa;2021-05-01;Deltagare;4", "PROGRESS;{2};Hälsa;2021-08-10;Deltagare;4"]);
    assert_eq!(world.exact("2021-Q3"), [1, 0, 2, 1], "the corrected exit stays in its quarter");
    let more = world.publish("2021-12-01", &none).unwrap();
    assert_eq!(labels(&more), (vec!["2021-Q3".into()], 2, false));
    assert_eq!(more.periods[0].hash(), first.periods[0].hash(), "what was published stands");
    // A fourth quarter without anybody is published like any other.
    assert_eq!(labels(&world.publish("2022-03-02", &none).unwrap()), (vec!["2021-Q4".into()], 3, false));
    let one = world.ledger().unwrap().account().spent();
    assert_eq!(world.ledger().unwrap().account().releases(), 1);

    // The second vintage shows what came late, costs as much again, and no less.
    assert_eq!(world.exact("2021-Q2"), [2, 1, 2, 3]);
    assert!(world.publish("2022-03-02", &PeriodRequest { vintage: Some(3), ..PeriodRequest::default() }).is_err());
    let only = PeriodRequest { vintage: Some(2), periods: vec![Period::parse("2021-Q2").unwrap()] };
    let revised = world.publish("2022-03-02", &only).unwrap();
    assert_eq!(labels(&revised), (vec!["2021-Q2".into()], 3, true));
    assert_ne!(revised.periods[0].hash(), first.periods[0].hash());
    assert_eq!(revised.periods[1].hash(), more.periods[1].hash(), "the third quarter is still in its first vintage");
    let ledger = world.ledger().unwrap();
    let two = ledger.account().spent();
    assert_eq!(ledger.account().releases(), 2, "two versions of a person's data cost two charges");
    // What is told is rounded up by less than any charge.
    let nearly = |two: &Rational, one: &Rational| {
        let more = two - one * Rational::from_integer(2.into());
        more.clone() * more < Rational::new(1.into(), 1_000_000_000_000_000_000_i64.into())
    };
    assert!(nearly(&two.rho, &one.rho) && nearly(&two.divergence, &one.divergence), "as much again: {one:?} {two:?}");
    assert_eq!(labels(&world.publish("2022-03-02", &second()).unwrap()), (vec!["2021-Q3".into(), "2021-Q4".into()], 3, false));
    let again = world.publish("2022-03-02", &second()).unwrap();
    assert_eq!((again.new.len(), world.ledger().unwrap().account().releases()), (0, 2));
    // The limit of 2 is spent: a third is refused, and what is published stays.
    let refused = world.publish("2022-03-02", &PeriodRequest { vintage: Some(3), ..PeriodRequest::default() }).unwrap_err();
    assert_eq!(refused.exit_code(), 4, "{refused}");
    let archived = archived(&folder.path().join("data"), &world.ledger().unwrap()).unwrap();
    let [Archived::Series(periods)] = archived.as_slice() else { panic!("{archived:?}") };
    assert_eq!(
        periods.iter().map(Release::hash).collect::<Vec<_>>(),
        again.periods.iter().map(Release::hash).collect::<Vec<_>>()
    );
}

/// Somebody who exits once in each of three quarters moves all of them together by what was charged, and no further,
/// whenever each is read.
#[test]
fn one_person_moves_all_quarters_together_by_no_more_than_was_charged() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::of_series(folder.path(), "10");
    let own = [
        "PROGRESS;{0};2021-02-01;2021-04-10;Arbete",
        "PROGRESS;{0};2021-05-01;2021-07-10;Arbete",
        "PROGRESS;{0};2021-08-01;2021-10-10;Arbete",
        "PROGRESS;{0};2021-11-01;2021-12-10;Arbete",
    ];
    let others = ["PROGRESS;{1};2021-02-01;2021-04-11;Arbete", "PROGRESS;{2};2021-02-01;2021-10-11;Arbete"];
    world.people("", &[&own[..], &others[..]].concat());
    let (with, sensitivity) = (
        ["2021-Q2", "2021-Q3", "2021-Q4"].map(|q| world.exact(q)),
        runtime().block_on(async {
            let checked = world.series().await;
            checked.measurements.iter().map(|m| (m.table().to_owned(), m.sensitivity())).collect::<BTreeMap<_, _>>()
        }),
    );
    let folder = tempfile::tempdir().unwrap();
    let without = World::of_series(folder.path(), "10");
    without.people("", &others);
    let without = ["2021-Q2", "2021-Q3", "2021-Q4"].map(|q| without.exact(q));
    let moved = |at: usize| with.iter().zip(&without).map(|(a, b)| a[at].abs_diff(b[at])).sum::<u64>();
    // The fourth participation is beyond the bound of three.
    assert_eq!((moved(0), sensitivity["exits"].l1()), (3, 3));
    assert_eq!((moved(3), sensitivity["people"].l1()), (3, 3));
    assert_eq!((sensitivity["people"].l2_squared(), sensitivity["exits"].l2_squared()), (3, 9));
}

/// The child of the next test. Alone it does nothing.
#[test]
fn series_crash_child() {
    if let Some(root) = std::env::var_os(SERIES) {
        let published = World::open(Path::new(&root)).publish("2022-03-02", &PeriodRequest::default());
        panic!("was to be killed, but: {published:?}");
    }
}

#[test]
fn killed_between_any_two_steps_the_next_run_goes_on_without_another_charge() {
    for step in
        ["series reserved", "reserved", "collected", "drawn", "archived", "recorded", "reserved#2", "drawn#2", "recorded#2"]
    {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let world = World::of_series(&root, "1");
        world.people("2021-06", &["PROGRESS;{0};2021-02-01;2021-05-10;Arbete", "PROGRESS;{1};2021-02-01;2021-08-10;Arbete"]);
        world.ratings("2021-06", &["PROGRESS;{0};Hälsa;2021-02-10;Deltagare;2"]);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["release::tests::series::series_crash_child", "--exact"])
            .env(SERIES, &root)
            .env("UTFALL_TEST_CRASH", step)
            .output()
            .unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.status), Some(9), "{step}: {child:?}");
        let ledger = world.ledger().unwrap();
        assert_eq!(ledger.account().releases(), 1, "{step}");
        let left = ledger.open_reservations();
        let kept = left.first().and_then(|id| Archive::new(&root.join("data")).get(id).unwrap());
        // More lands before the next run: what was archived is published as it is all the same.
        world.people(
            "2021-09",
            &[
                "PROGRESS;{0};2021-02-01;2021-05-10;Arbete",
                "PROGRESS;{1};2021-02-01;2021-08-10;Arbete",
                "PROGRESS;{2};2021-02-01;2021-08-11;Arbete",
            ],
        );
        let next = world.publish("2022-03-02", &PeriodRequest::default()).unwrap();
        assert_eq!((next.charge.is_some(), next.periods.len()), (false, 3), "{step}");
        if let Some(kept) = kept {
            assert!(next.periods.iter().any(|period| utfall_privacy::ReleaseId::of(&kept).0 == period.hash()), "{step}");
        }
        let again = world.publish("2022-03-02", &PeriodRequest::default()).unwrap();
        assert!(
            again.new.is_empty() && again.periods.iter().map(Release::hash).eq(next.periods.iter().map(Release::hash)),
            "{step}"
        );
        assert_eq!(world.ledger().unwrap().account().releases(), 1, "{step}");
    }
}

/// A series is its queries, bounds and budget: another title is the same one, another query is a new one with its own charge.
#[test]
fn another_query_is_another_series_and_another_title_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::of_series(folder.path(), "10");
    world.people("2021-06", &["PROGRESS;{0};2021-02-01;2021-05-10;Arbete"]);
    world.ratings("2021-06", &["PROGRESS;{0};Hälsa;2021-02-10;Deltagare;2"]);
    let publish = || world.publish("2021-08-30", &PeriodRequest::default()).unwrap();
    let first = publish();
    let charges = || world.ledger().unwrap().account().releases();
    assert_eq!((first.charge.is_some(), charges()), (true, 1));
    let path = folder.path().join("queries/quarters/exits.sql");
    let text = std::fs::read_to_string(&path).unwrap();
    let retitled = text.replace("en = \"exits\"", "en = \"Exits\"").replace("/*+++", "/*+++ weight = 3\n");
    let lower = ["SELECT", "FROM", "WHERE", "GROUP  BY", "IS NOT NULL", "COUNT"];
    let retitled = lower.iter().fold(retitled, |text, word| text.replace(word, &word.to_lowercase()));
    std::fs::write(&path, format!("{retitled} -- a comment\n")).unwrap();
    let again = publish();
    assert_eq!((again.charge.is_some(), again.periods[0].hash(), charges()), (false, first.periods[0].hash(), 1));
    // More public keys are more cells, at the noise that was paid for.
    let standing_now =
        runtime().block_on(async { standing(world.ledger().ok().as_ref(), &world.series().await, day("2021-12-01")).unwrap() });
    assert_eq!(
        (standing_now.vintages, standing_now.due.len(), standing_now.next.unwrap().period.to_string()),
        (1, 1, "2021-Q4".into())
    );
    std::fs::write(&path, text.replace("IS NOT NULL", "IN ('work', 'studies')")).unwrap();
    let other = publish();
    assert_eq!((other.charge.is_some(), charges()), (true, 2));
}

/// A series that an earlier version of this program began, which told queries by the case of their words, goes on.
#[test]
fn a_series_that_an_earlier_version_began_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::of_series(folder.path(), "10");
    world.people("2021-06", &["PROGRESS;{0};2021-02-01;2021-05-10;Arbete"]);
    world.ratings("2021-06", &["PROGRESS;{0};Hälsa;2021-02-10;Deltagare;2"]);
    let checked = runtime().block_on(world.series());
    let earlier = crate::release::series::begun_earlier(&checked);
    let request = utfall_privacy::Request::new(earlier, checked.measurements).unwrap();
    world.ledger().unwrap().reserve_series(&request, 0).unwrap();
    let published = world.publish("2021-08-30", &PeriodRequest::default()).unwrap();
    assert!(published.charge.is_none() && published.new.len() == 1, "{published:?}");
    assert_eq!(world.ledger().unwrap().account().releases(), 1);
}

/// What the pages and files of a series hold: every quarter beside the others, and sums that are the sums of what is published.
#[test]
fn sums_over_quarters_are_sums_of_what_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::of_series(folder.path(), "10");
    world.people("2021-06", &["PROGRESS;{0};2021-02-01;2021-05-10;Arbete", "PROGRESS;{1};2021-02-01;2021-08-10;Arbete"]);
    world.ratings("2021-06", &["PROGRESS;{0};Hälsa;2021-02-10;Deltagare;2"]);
    let published = world.publish("2023-03-02", &PeriodRequest::default()).unwrap();
    assert_eq!(published.periods.len(), 7, "2021-Q2 to 2022-Q4");
    let parts = published.periods.iter().map(|period| utfall_publish::publication::series::part(period).unwrap()).collect();
    let publication = utfall_publish::publication::series::series(parts).unwrap();
    let names: Vec<&str> = publication.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "exits",
            "exits_cumulative",
            "exits_yearly",
            "people",
            "scores_n",
            "scores_mean",
            "scores_cumulative_n",
            "scores_cumulative_mean",
            "scores_yearly_n",
            "scores_yearly_mean"
        ],
        "people of several quarters do not add up"
    );
    let table = |name: &str| publication.tables.iter().find(|table| table.name == name).unwrap();
    let (each, until, year) = (table("exits"), table("exits_cumulative"), table("exits_yearly"));
    let value = |table: &utfall_publish::Table, period: &str, state: &str| {
        let is = |cell: &utfall_publish::Cell<'_>| {
            table.description.codes(cell.codes).map(|code| code.code.as_str()).eq([period, state])
        };
        let cell = table.cells().find(is).unwrap();
        let unit = 10_i64.pow(2 - table.decimals);
        let Interval { low, high } = cell.interval.unwrap();
        (cell.value.unwrap() * unit, (high - low) * unit)
    };
    let quarters = ["2021-Q2", "2021-Q3", "2021-Q4", "2022-Q1", "2022-Q2", "2022-Q3", "2022-Q4"];
    for state in ["work", "studies"] {
        let all: Vec<i64> = quarters.iter().map(|quarter| value(each, quarter, state).0).collect();
        for (at, quarter) in quarters.iter().enumerate() {
            assert_eq!(value(until, quarter, state).0, all[..=at].iter().sum::<i64>(), "{state} through {quarter}");
        }
        assert_eq!(value(year, "2022", state).0, all[3..].iter().sum::<i64>());
        // Noise grows with the root of the number of quarters, not with their number.
        let (one, seven) = (value(each, "2021-Q2", state).1, value(until, "2022-Q4", state).1);
        assert!(seven > 2 * one && seven < 4 * one, "{one} {seven}");
    }
    assert!(year.cells().all(|cell| year.description.codes(cell.codes).all(|code| code.code != "2021")), "2021 is not whole");
    utfall_publish::rehearse(&publication).unwrap();
}

/// The intervals of sums over quarters, of counts that were reconciled and of shares that stand alone, hold as often as they say.
#[test]
fn the_intervals_of_sums_hold() {
    use rand::SeedableRng as _;
    let folder = tempfile::tempdir().unwrap();
    let from = "FROM participation f JOIN project p USING (project) WHERE f.exit_state IS NOT NULL AND p.enrols";
    let tables = [
        ("by_region", format!("SELECT p.region, f.exit_state, count(*) AS n {from} GROUP BY p.region, f.exit_state")),
        ("by_outcome", format!("SELECT f.exit_state, count(*) AS n {from} GROUP BY f.exit_state")),
        (
            "share",
            format!(
                "SELECT avg(CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share {from}"
            ),
        ),
    ];
    written(folder.path(), &tables.each_ref().map(|(name, sql)| (*name, sql.as_str())));
    let catalogue = Catalogue::read(&repository().join("schemas")).unwrap();
    let engine = crate::engine::connect(&catalogue).unwrap();
    let release = crate::catalogue::spec::read(&folder.path().join("queries"), "quarters").unwrap();
    let checked = runtime().block_on(check(&engine, &catalogue, release)).unwrap();
    let first = crate::release::series::rehearsed(&checked).unwrap();
    let description =
        Description::from_json(&describe(&catalogue, &checked, false, first, &Default::default()).unwrap()).unwrap();
    assert_eq!(description.families.len(), 1);
    // 20 in every cell of a region; the share is 3 of 10 outcomes.
    let keys = &description.tables.iter().find(|t| t.name == "by_region").unwrap().keys;
    let regions = keys[0].codes.len() as i64;
    assert_eq!(keys[1].codes.len(), 10);
    let exact = |name: &str| match name {
        "by_region" => vec![20],
        "by_outcome" => vec![20 * regions],
        _ => vec![3 * 20 * regions, 7 * 20 * regions],
    };
    let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(5);
    let mut held: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for _ in 0..120 {
        let part = |quarter: &str| {
            let mut description = description.clone();
            description.series.as_mut().unwrap().period = quarter.to_owned();
            let draw = |m: &Measurement| {
                let shape = exact(m.table());
                let exact: Vec<i64> = (0..usize::try_from(m.cells()).unwrap()).map(|at| shape[at % shape.len()]).collect();
                super::least_error::noisy(&exact, m.mechanism(), &mut rng)
            };
            let numbers: Vec<Vec<i64>> = checked.measurements.iter().map(draw).collect();
            let tables = utfall_publish::publication::rehearsed(&description, &checked.measurements, &numbers).unwrap();
            let publication = Publication { id: String::new(), description, tables, views: Vec::new(), drawn: Vec::new() };
            utfall_publish::publication::series::made_up(publication, &checked.measurements, &numbers).unwrap()
        };
        let parts: Vec<_> = ["2021-Q2", "2021-Q3", "2021-Q4", "2022-Q1"].map(part).into();
        let publication = utfall_publish::publication::series::series(parts).unwrap();
        for table in publication.tables.iter().filter(|table| table.summed) {
            for cell in table.cells() {
                let quarters =
                    i64::from(cell.codes[table.description.keys.iter().position(|k| k.name == "through").unwrap()]) + 1;
                let unit = 10_i64.pow(table.decimals);
                let truth = match table.name.as_str() {
                    "by_region_cumulative" => 20 * quarters * unit,
                    "by_outcome_cumulative" => 20 * regions * quarters * unit,
                    _ => 3 * unit / 10,
                };
                let Interval { low, high } = cell.interval.unwrap();
                let count = held.entry(table.name.clone()).or_default();
                count.0 += usize::from((low..=high).contains(&truth));
                count.1 += 1;
            }
        }
    }
    assert_eq!(held.len(), 3, "{held:?}");
    for (name, (held, all)) in held {
        let share = held as f64 / all as f64;
        println!("{name}: {share:.4} of {all} intervals of 95 % hold");
        // The share has 480 intervals, four of a run together: three standard errors and more.
        let low = if all < 1_000 { 0.90 } else { 0.935 };
        assert!((low..=0.985).contains(&share), "{name}: {share}");
    }
}

/// A series keeps the identity that it was given, whatever is proved of its queries today: the first versions of this program told
/// the case of words too.
#[test]
fn a_series_keeps_its_identity() {
    let folder = tempfile::tempdir().unwrap();
    let steps = |step: &str| format!("SELECT '{step}' AS step FROM milestone WHERE step = '{step}'");
    let steps =
        format!("SELECT step, count(*) AS n FROM ({} UNION ALL {}) AS s GROUP BY step", steps("trust"), steps("inventory"));
    let areas = "SELECT area, sum(least(greatest(score, 1), 5)) AS n FROM rating GROUP BY area, ordinal";
    let milestones = "rows = { milestone = 2, rating = 4 }";
    written(folder.path(), &[("exits", TABLES[0].1), ("steps", &steps), ("areas", areas)]);
    let file = folder.path().join("queries/quarters/release.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace("rows = { rating = 4 }", milestones);
    std::fs::write(&file, text).unwrap();
    let catalogue = Catalogue::read(&repository().join("schemas")).unwrap();
    let spec = crate::catalogue::spec::read(&folder.path().join("queries"), "quarters").unwrap();
    let checked = runtime().block_on(check(&crate::engine::connect(&catalogue).unwrap(), &catalogue, spec)).unwrap();
    let first = crate::release::series::rehearsed(&checked).unwrap().unwrap();
    assert_eq!(first.id, "3b7b024d0ae7198682121d8e3d9117b6112c4ab0bf11b4490ef41e493ae4e81f");
    let earlier = crate::release::series::id_given_earlier(&checked);
    assert_eq!(earlier.to_string(), "8430be3605abd9fe36755437a72fc5886eb7230de15ef8a9dfb3eeea02bfee5c");
}
