//! The same with the data in a bucket: killed between any two steps, the bucket is right after the next run, on this machine and on
//! another.

use super::*;
use crate::store::objects::tests::{begun, killed, moved, next, server::Server};

#[test]
fn killed_at_any_step_an_upkeep_in_a_bucket_is_finished_by_the_next_run() {
    Server::run("upkeep::tests::objects::steps_within");
}

/// The child of the next test.
#[test]
fn crash_child() {
    if let Some((_copy, root, work)) = begun() {
        let done = World::open(&root).work(&root, &work);
        panic!("was to be killed, but: {done:?}");
    }
}

#[test]
fn steps_within() {
    if !Server::is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let before = folder.path().join("before");
    let landed = World::create(&before).landed();
    for (work, steps) in [
        ("erase", &["noted", "written#1", "committed#1", "changed#2", "erased", "receipted"][..]),
        ("rotate", &["drawn part", "noted", "written#1", "committed#2", "told"]),
        ("merge", &["aliased", "noted", "written#1", "committed#1", "changed#2"]),
        ("correction", &["noted", "written#1", "committed#1", "committed#2", "changed#2"]),
    ] {
        let whole = folder.path().join(work);
        copy(&before, &whole);
        World::open(&whole).work(&whole, work).unwrap();
        let expected = World::open(&whole).landed();
        for (at, step) in steps.iter().enumerate() {
            let (prefix, cache) = (format!("{work}-{at}"), folder.path().join(format!("{work}-{at}")));
            moved(&before, &prefix, &cache);
            killed("upkeep::tests::objects::crash_child", (&prefix, &cache), step, work);
            let (open, root) = next(&prefix, &cache);
            let world = World::open(&root);
            let unnoted = *step == "drawn part";
            assert_eq!(is_pending(world.store.root()), !unnoted, "{work}, {step}: half of it is never released");
            let finished = runtime().block_on(resume(&world.store, &world.catalogue)).unwrap().finished;
            assert!(told(&world, finished, work) || unnoted, "{work}, {step}");
            let again = matches!((work, *step), ("correction", "noted" | "written#1")) || unnoted;
            assert!(!again || World::open(&root).landed() == landed, "{work}, {step}");
            if again || work == "correction" {
                World::open(&root).work(&root, work).unwrap();
            }
            let world = World::open(&root);
            assert_eq!(world.landed(), expected, "{work}, {step}");
            assert!(work == "correction" || world.strays() == 0, "{work}, {step}: files that nobody has any more");
            let keys = root.join("keys");
            drop((world, open));
            // Another machine finds all of it in the bucket.
            let (_open, root) = next(&prefix, &folder.path().join("another"));
            copy(&keys, &root.join("keys"));
            let world = World::open(&root);
            assert!(world.landed() == expected && !is_pending(world.store.root()), "{work}, {step}");
            assert!(work == "correction" || world.strays() == 0, "{work}, {step}");
        }
    }
}
