//! A release whose ledger and archive are in a bucket, killed between any two steps: it is charged once and resumed, also by another
//! machine.

use super::*;
use crate::store::objects::tests::{begun, killed, moved, next, server::Server};

#[test]
fn killed_at_any_step_a_release_in_a_bucket_is_charged_once_and_resumed() {
    Server::run("release::tests::objects::steps_within");
}

/// The child of the next test.
#[test]
fn crash_child() {
    if let Some((_copy, root, _)) = begun() {
        let released = World::open(&root).run();
        panic!("was to be killed, but: {released:?}");
    }
}

#[test]
fn steps_within() {
    if !Server::is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let before = folder.path().join("before");
    World::create(&before, "1");
    for step in STEPS {
        let cache = folder.path().join(step);
        moved(&before, step, &cache);
        killed("release::tests::objects::crash_child", (step, &cache), step, "release");
        let (open, root) = next(step, &cache);
        let world = World::open(&root);
        assert_eq!(world.ledger().unwrap().account().releases(), 1, "{step}: the budget is gone before anything is drawn");
        let first = world.run().unwrap();
        assert!(!first.charged, "{step}");
        drop((world, open));
        let (_open, other) = next(step, &folder.path().join(format!("{step} elsewhere")));
        std::fs::create_dir_all(other.join("keys")).unwrap();
        for file in std::fs::read_dir(root.join("keys")).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), other.join("keys").join(file.file_name())).unwrap();
        }
        let world = World::open(&other);
        let again = world.run().unwrap();
        assert_eq!((again.charged, again.release.hash()), (false, first.release.hash()), "{step}");
        assert_eq!(world.ledger().unwrap().account().releases(), 1, "{step}");
    }
}
