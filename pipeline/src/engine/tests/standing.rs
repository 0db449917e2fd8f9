//! What physically runs is what was certified: the bound stands on every scan of private files, with that k.

use super::database::{Database, bounds, catalogue, query};
use crate::certify::{PrivateScan, stands};
use crate::engine::connect;

const QUERIES: [&str; 3] = [
    "SELECT sex, count(*) AS n FROM participation WHERE contribution <= 5 GROUP BY sex",
    "SELECT f.sex, count(*) AS n FROM participation f JOIN milestone m USING (participant, contribution) \
     WHERE EXISTS (SELECT 1 FROM rating r WHERE r.participant = f.participant) GROUP BY f.sex",
    "SELECT sex, count(DISTINCT participant) AS n FROM participation GROUP BY sex",
];

#[test]
fn the_physical_plan_holds_each_certified_bound_and_no_other_plan_passes() {
    let catalogue = catalogue();
    let engine = connect(&catalogue).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let landed = Database::fixture(&catalogue).land(&catalogue, folder.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap();
    runtime.block_on(async {
        for sql in QUERIES {
            let answer = engine.check(&query("case", sql), &catalogue, &bounds()).await.unwrap();
            let bound = answer.certified.bound(|name| landed.get(name).cloned(), &catalogue).unwrap();
            let planned = bound.physical(engine.planner(), &catalogue).await.unwrap();
            let (physical, accepted) = (planned.plan().clone(), planned.certified().accepted().clone());
            assert!(stands(&physical, &accepted.scans, &catalogue), "{sql}");
            // Certified for less, for one scan fewer, for another table, or for fewer rows: not this plan.
            for change in 0..accepted.scans.len() {
                let with = |f: &dyn Fn(&mut Vec<PrivateScan>)| {
                    let mut scans = accepted.scans.clone();
                    f(&mut scans);
                    stands(&physical, &scans, &catalogue)
                };
                assert!(!with(&|scans| scans[change].participations = 2), "{sql}");
                assert!(
                    !with(&|scans| {
                        scans.remove(change);
                    }),
                    "{sql}"
                );
                assert!(!with(&|scans| scans[change].table = "answer".into()), "{sql}");
                if accepted.scans[change].rows.is_some() {
                    assert!(!with(&|scans| scans[change].rows = Some(1)), "{sql}");
                }
            }
            // The same files without any bound.
            let context = engine.planner.context.clone();
            let scan = accepted.scans[0].clone();
            context.register_table("bare", landed[&scan.table].clone()).unwrap();
            let bare = context.sql("SELECT count(*) FROM bare WHERE contribution >= 1").await.unwrap();
            let bare = bare.create_physical_plan().await.unwrap();
            assert!(!stands(&bare, &[scan], &catalogue), "a scan without its bound passed");
            context.deregister_table("bare").unwrap();
        }
    });
}
