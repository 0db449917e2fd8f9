//! A data directory in a bucket. In builds with the feature `object-store` on a real server over HTTP, which `make objects` installs;
//! without it, that it is refused.

#[cfg(feature = "object-store")]
mod buckets;
#[cfg(feature = "object-store")]
#[allow(dead_code, reason = "tests of the library use the rest")]
mod server;

use crate::world::World;

/// A run with a data directory at an address, and no server that would answer.
fn at(world: &World, address: &str, arguments: &[&str]) -> crate::world::Said {
    let mut command = world.command(arguments);
    command.env("UTFALL_DATA", address).env("UTFALL_CACHE", world.path("cache"));
    crate::world::said(command.output().unwrap())
}

#[cfg(not(feature = "object-store"))]
#[test]
fn objects_need_a_program_that_is_built_with_them() {
    let world = World::empty();
    for address in ["s3://bucket/data", "gs://bucket", "az://container/data"] {
        for command in [&["init", "--epsilon", "1", "--delta", "1e-5"][..], &["status"], &["release"]] {
            let refused = at(&world, address, command);
            assert!(refused.code == 2 && refused.err.contains("--features object-store"), "{refused:?}");
        }
    }
    world.write("utfall.toml", "data = \"s3://bucket/data\"\n");
    let told = crate::world::said(
        world.command(&["status", "--lang", "sv"]).env_remove("UTFALL_DATA").current_dir(world.folder.path()).output().unwrap(),
    );
    assert!(told.code == 2 && told.err.contains("s3://bucket/data: det här programmet är byggt utan objektlagring"), "{told:?}");
    assert!(!world.path("keys").exists() && !world.path("cache").exists());
}

#[test]
fn objects_have_addresses_of_one_form_without_secrets() {
    let world = World::empty();
    for wrong in ["s3://key:secret@bucket/data", "s3://", "gs://a b/c", "az://container/../data"] {
        let refused = at(&world, wrong, &["status"]);
        assert!(refused.code == 2 && refused.err.contains("address-unusable"), "{wrong}: {refused:?}");
    }
}
