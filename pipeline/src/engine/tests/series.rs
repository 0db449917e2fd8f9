//! Queries answered period by period: how far one person moves all periods together.

use rand::SeedableRng as _;
use rand::rngs::ChaCha20Rng;
use utfall_ground::calendar::{Day, Days};

use super::database::{Database, accepted_queries, answered, bounds, catalogue, query, scans};
use super::neighbours::moved;
use crate::catalogue::schema::Catalogue;
use crate::certify::{Bounds, Physical, Skeleton, Slice, skeleton, stands};
use crate::engine::{Answer, Engine, connect};
use crate::store::file::ENDED;

/// Three periods of ten days; what lies beyond them lies in none.
const PERIODS: [Days; 3] = [days(100, 109), days(110, 119), days(120, 129)];

const fn days(first: i32, last: i32) -> Days {
    Days { first: Day(first), last: Day(last) }
}

fn by_period(catalogue: &Catalogue) -> Bounds {
    Bounds { period: Slice::of(catalogue, "end", PERIODS[0]), ..bounds() }
}

/// SQL, and L1 and squared L2 of each of its vectors over all periods.
const CASES: &[(&str, &[(u64, u64)])] = &[
    ("SELECT sex, count(*) AS n FROM participation GROUP BY sex", &[(3, 9)]),
    ("SELECT count(*) AS n FROM participation WHERE contribution = 1", &[(1, 1)]),
    // One in each period: a national number of people moves by as many as there are participations.
    ("SELECT count(DISTINCT participant) AS n FROM participation", &[(3, 3)]),
    ("SELECT count(DISTINCT participant) AS n FROM rating", &[(12, 12)]),
    ("SELECT project, count(*) AS n FROM participation WHERE entry = 1 GROUP BY project", &[(3, 3)]),
    // At most one row per person in a period; in all periods one for each participation.
    (
        "SELECT k, count(*) AS n FROM (SELECT participant, count(*) AS k FROM activity GROUP BY participant) AS q GROUP BY k",
        &[(3, 3)],
    ),
    (
        "SELECT k, count(*) AS n FROM (SELECT participant, contribution, count(*) AS k FROM activity GROUP BY participant, contribution) AS q GROUP BY k",
        &[(3, 9)],
    ),
    ("SELECT kind, count(*) AS n FROM (SELECT DISTINCT participant, kind FROM activity) AS q GROUP BY kind", &[(9, 9)]),
    (
        "SELECT f.sex, count(*) AS n FROM participation f JOIN activity a USING (participant, contribution) GROUP BY f.sex",
        &[(9, 81)],
    ),
    ("SELECT f.sex, count(*) AS n FROM participation f JOIN activity a USING (participant) GROUP BY f.sex", &[(27, 729)]),
    (
        "SELECT f.sex, count(*) AS n FROM participation f WHERE NOT EXISTS (SELECT 1 FROM rating r WHERE r.participant = f.participant) GROUP BY f.sex",
        &[(3, 9)],
    ),
    ("SELECT p.region, count(*) AS n FROM participation f LEFT JOIN project p USING (project) GROUP BY p.region", &[(3, 9)]),
    ("SELECT avg(age) AS m, count(age) AS n FROM participation", &[(3, 9), (180, 32_400)]),
    ("SELECT median(age) AS m FROM participation", &[(3, 9), (3, 9)]),
    // A filter that leaves one row of a person in a period may leave one in each.
    ("SELECT sex, count(*) AS n FROM participation WHERE project = 'asap' AND entry = 1 GROUP BY sex", &[(1, 1)]),
];

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap()
}

#[test]
fn all_periods_together_have_the_sensitivity_that_follows_from_the_rules() {
    let catalogue = catalogue();
    let (engine, bounds) = (connect(&catalogue).unwrap(), by_period(&catalogue));
    runtime().block_on(async {
        for (sql, expected) in CASES {
            let answer = engine.check(&query("case", sql), &catalogue, &bounds).await.unwrap_or_else(|e| panic!("{sql}\n{e}"));
            let vectors = answer.certified.accepted().crossing.vectors.iter();
            let found: Vec<(u64, u64)> =
                vectors.map(|of| of.certificate.crossing.sensitivity).map(|s| (s.l1(), s.l2_squared())).collect();
            assert_eq!(found, *expected, "{sql}");
        }
    });
}

/// In which period a participation of the random databases lies: it depends on the person and its number alone.
fn ended(person: &str, contribution: i32) -> Option<i32> {
    let mix = person.bytes().map(i32::from).sum::<i32>() * 7 + contribution * 5;
    Some(100 + mix.rem_euclid(30)).filter(|day| day % 11 != 0)
}

/// The plans of every period.
async fn planned(engine: &Engine, catalogue: &Catalogue, answer: &Answer, database: &Database) -> Vec<Physical> {
    let folder = tempfile::tempdir().unwrap();
    let landed = scans(catalogue, &database.write(catalogue, folder.path(), Some((ENDED, &ended))), Some(ENDED));
    let mut all = Vec::new();
    for days in PERIODS {
        let answer = Answer { certified: answer.certified.clone().at(days), ..answer.clone() };
        all.push(super::database::planned(engine, catalogue, &answer, &landed).await);
    }
    all
}

/// Every vector of every period.
async fn periods(engine: &Engine, catalogue: &Catalogue, plans: &[Physical], database: &Database) -> Vec<Vec<Vec<i64>>> {
    let folder = tempfile::tempdir().unwrap();
    let files = database.write(catalogue, folder.path(), Some((ENDED, &ended)));
    let mut all = Vec::new();
    for planned in plans {
        all.push(answered(engine, catalogue, planned, &files).await);
    }
    all
}

/// Every accepted query as a series, on random databases with and without each person.
#[test]
fn no_person_moves_all_periods_of_an_accepted_query_further_than_certified() {
    let catalogue = catalogue();
    let (engine, bounds) = (connect(&catalogue).unwrap(), by_period(&catalogue));
    let (mut cases, mut reached, mut several) = (0, 0, 0);
    runtime().block_on(async {
        for (seed, (name, sql)) in accepted_queries().into_iter().enumerate() {
            let answer = engine.check(&query(&name, &sql), &catalogue, &bounds).await.unwrap_or_else(|e| panic!("{name}\n{e}"));
            let wanted = std::env::var("UTFALL_AUDIT_CASES").map_or(1, |_| 10);
            for round in 0..wanted {
                let database = Database::random(&catalogue, &mut ChaCha20Rng::seed_from_u64(1_000 * round + seed as u64));
                let plans = planned(&engine, &catalogue, &answer, &database).await;
                let with = periods(&engine, &catalogue, &plans, &database).await;
                for person in database.people().iter().take(2) {
                    let without = periods(&engine, &catalogue, &plans, &database.without(person)).await;
                    for (at, vector) in answer.certified.accepted().crossing.vectors.iter().enumerate() {
                        let each: Vec<_> =
                            with.iter().zip(&without).map(|(with, without)| moved(vector, &with[at], &without[at])).collect();
                        let (l1, l2) = each.iter().fold((0, 0), |(a, b), (l1, l2)| (a + l1, b + l2));
                        let certified = vector.certificate.crossing.sensitivity;
                        assert!(
                            l1 <= certified.l1().into() && l2 <= certified.l2_squared().into(),
                            "{name}, {person}: moved by {l1}, {l2}; certified {certified:?}"
                        );
                        reached += usize::from(l1 == certified.l1().into());
                        several += usize::from(each.iter().filter(|(l1, _)| *l1 > 0).count() > 1);
                    }
                    cases += 1;
                }
            }
        }
    });
    println!("{cases} neighbours; {reached} vectors were moved as far as certified, {several} in several periods");
    assert!(cases > 100 && reached > 3 && several > 20);
}

/// The period stands on every scan of what runs; a plan for another period is not this one.
#[test]
fn what_runs_reads_the_rows_of_the_period_and_no_other_plan_passes() {
    let catalogue = catalogue();
    let (engine, bounds) = (connect(&catalogue).unwrap(), by_period(&catalogue));
    let folder = tempfile::tempdir().unwrap();
    let landed = Database::fixture(&catalogue).land_by(&catalogue, folder.path(), Some((ENDED, &ended)));
    let sql = "SELECT f.sex, count(*) AS n FROM participation f JOIN milestone m USING (participant, contribution) \
               WHERE EXISTS (SELECT 1 FROM rating r WHERE r.participant = f.participant) GROUP BY f.sex";
    runtime().block_on(async {
        let answer = engine.check(&query("case", sql), &catalogue, &bounds).await.unwrap();
        let bound = answer.certified.at(PERIODS[1]).bound(|name| landed.get(name).cloned(), &catalogue).unwrap();
        let planned = bound.physical(engine.planner(), &catalogue).await.unwrap();
        let (physical, accepted) = (planned.plan().clone(), planned.certified().accepted().clone());
        assert!(stands(&physical, &accepted.scans, &catalogue));
        for days in [PERIODS[0], PERIODS[2], days(110, 118), days(111, 119)] {
            assert!(!stands(&physical, &accepted.clone().at(days).scans, &catalogue), "{days:?}");
        }
        // Nor does a plan without periods pass for one with.
        let folder = tempfile::tempdir().unwrap();
        let whole = Database::fixture(&catalogue).land(&catalogue, folder.path());
        let answer = engine.check(&query("case", sql), &catalogue, &super::database::bounds()).await.unwrap();
        let bound = answer.certified.bound(|name| whole.get(name).cloned(), &catalogue).unwrap();
        let planned = bound.physical(engine.planner(), &catalogue).await.unwrap();
        let (physical, unbounded) = (planned.plan(), planned.certified().accepted());
        assert!(stands(physical, &unbounded.scans, &catalogue) && !stands(physical, &accepted.scans, &catalogue));
    });
}

/// Two queries that read differently are two skeletons, and a column more in a table is none.
#[test]
fn a_skeleton_is_the_query_as_the_proof_sees_it() {
    let catalogue = catalogue();
    let (engine, bounds) = (connect(&catalogue).unwrap(), by_period(&catalogue));
    runtime().block_on(async {
        let mut all = std::collections::BTreeSet::new();
        for (sql, _) in CASES {
            let answer = engine.check(&query("case", sql), &catalogue, &bounds).await.unwrap();
            let certificate = &answer.certified.accepted().crossing.vectors[0].certificate;
            let Skeleton { tree: text, .. } = skeleton(certificate);
            assert!(text.contains("scan-private") && certificate.input.columns.contains(&"period".to_owned()), "{text}");
            let mut wider = certificate.clone();
            let scan = scan(&mut wider.input);
            scan.columns.push("new".into());
            assert_eq!(skeleton(&wider).tree, text);
            all.insert(text);
        }
        assert!(all.len() > CASES.len() / 2);
    });
}

fn scan(node: &mut utfall_privacy::certificate::Node) -> &mut utfall_privacy::certificate::Node {
    if node.inputs.is_empty() { node } else { scan(&mut node.inputs[0]) }
}

/// The period is told by the first or the last day of a participation and by nothing else.
#[test]
fn a_period_is_told_by_a_day_of_the_participation() {
    let catalogue = catalogue();
    assert_eq!(Slice::of(&catalogue, "end", days(1, 2)).unwrap().column(), "ended");
    assert_eq!(Slice::of(&catalogue, "start", days(1, 2)).unwrap().column(), "began");
    for wrong in ["age", "participant", "date", "quarter"] {
        assert!(Slice::of(&catalogue, wrong, days(1, 2)).is_none(), "{wrong}");
    }
}
