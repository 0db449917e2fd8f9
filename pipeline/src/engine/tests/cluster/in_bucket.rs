//! Workers of a data directory in a bucket: they read there, and conform as others do.

use super::*;
use crate::store::objects::tests::address;
use crate::store::objects::tests::server::Server;
use crate::store::objects::{Access, BucketReader, WorkingCopy};
use utfall_ground::durable;

#[test]
fn workers_read_objects_of_a_bucket_where_they_are() {
    Server::each().for_each(|server| server.run_with("engine::tests::cluster::in_bucket::workers_within"));
}

/// The files of some tables as a bucket has them: those that are there are put into it, once.
fn put(files: &BTreeMap<String, LandedFiles>, copy: &Path) -> BTreeMap<String, LandedFiles> {
    let mut files = files.clone();
    for (file, _) in files.values_mut().flat_map(|table| &mut table.files) {
        let object = copy.join("landed").join(file.strip_prefix(std::env::temp_dir()).unwrap());
        if file.exists() && !object.exists() {
            durable::create_folder(object.parent().unwrap()).unwrap();
            std::fs::copy(&file, &object).unwrap();
            durable::sync_all(copy, std::slice::from_ref(&object)).unwrap();
        }
        *file = object;
    }
    files
}

#[test]
fn workers_within() {
    if !Server::is_there() {
        return;
    }
    let (catalogue, cache) = (catalogue(), tempfile::tempdir().unwrap());
    let copy = WorkingCopy::open(&address("workers"), cache.path(), Access::Begin, |_| {}).unwrap();
    runtime().block_on(async {
        let serve = async || {
            let reader = BucketReader::open(&address("workers")).unwrap();
            trial::worker_of(Files::Bucket(Arc::new(reader)), None, None).await.port()
        };
        let there = on(&catalogue, &[serve().await, serve().await]);
        let fixture = tempfile::tempdir().unwrap();
        let files = put(&thirds(&catalogue, fixture.path()), copy.root());
        let here = answer(&connect(&catalogue).unwrap(), &catalogue, &files, BY_SEX).await.unwrap();
        assert_eq!(answer(&there, &catalogue, &files, BY_SEX).await.unwrap(), here);
        let land: conformance::Land<'_> = &|catalogue, files| scans(catalogue, &put(files, copy.root()), None);
        conformance::engine(&there, &catalogue, land).await.unwrap();
        // Where this machine's copy has lost a file, which no worker misses.
        let (lost, size) = files["participation"].files[0].clone();
        std::fs::rename(&lost, cache.path().join("aside")).unwrap();
        assert_eq!(answer(&there, &catalogue, &files, BY_SEX).await.unwrap(), here);
        std::fs::rename(cache.path().join("aside"), &lost).unwrap();

        let mut longer = files.clone();
        longer.get_mut("participation").unwrap().files[0].1 = size + 1;
        let (told, detail) = answer(&there, &catalogue, &longer, BY_SEX).await.unwrap_err();
        assert!(detail.contains("has another size") && !told.contains("landed"), "{told} {detail}");
        durable::remove(&lost).unwrap();
        let (_, detail) = answer(&there, &catalogue, &files, BY_SEX).await.unwrap_err();
        assert!(detail.contains("is missing in the bucket"), "{detail}");
        // What has not landed is nothing to read: neither another folder of the bucket, nor one above.
        for elsewhere in ["ledger/1", "store.toml"] {
            let mut other = files.clone();
            other.get_mut("participation").unwrap().files[0].0 = copy.root().join(elsewhere);
            let (_, detail) = answer(&there, &catalogue, &other, BY_SEX).await.unwrap_err();
            assert!(detail.contains("is not a landed file"), "{elsewhere}: {detail}");
        }
    });
    let reader = BucketReader::open(&address("workers")).unwrap();
    for above in ["../ledger/1", "a/../../ledger/1", "./../store.toml"] {
        assert_eq!(reader.name(above), None, "{above}");
    }
}
