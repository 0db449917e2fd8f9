//! What the tests of all releases in `queries/` share.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::*;

/// A world with all of the demo's lists, for the tests that only read it.
pub(super) struct Shared {
    pub(super) world: World,
    _folder: tempfile::TempDir,
}

/// The world that another test holds just now, or a new one.
pub(super) fn shared() -> Arc<Shared> {
    static SHARED: Mutex<Weak<Shared>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let folder = tempfile::tempdir().unwrap();
        let new = Arc::new(Shared { world: World::whole(folder.path(), "100"), _folder: folder });
        *shared = Arc::downgrade(&new);
        new
    })
}

/// One test for each release in `queries/`, so that a failure has its name and all cores have work; and one for those that
/// have no name here.
macro_rules! each_release {
    ($try:ident: $($name:ident = $release:literal),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                $try($release);
            }
        )*

        #[test]
        fn any_other() {
            let named = [$($release),*];
            let all = crate::catalogue::spec::names(&repository().join("queries")).unwrap();
            assert!(named.iter().all(|name| all.iter().any(|known| known == name)), "there is no such release: {named:?}");
            all.iter().filter(|name| is_tried(name) && !named.contains(&name.as_str())).for_each(|name| $try(name));
        }
    };
}
pub(super) use each_release;
