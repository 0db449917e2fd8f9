//! How far from its promise a result must be for a verdict: what is said before anything is measured is what draws of the noise give.

use rand::SeedableRng as _;
use rand::rngs::ChaCha20Rng;
use utfall_publish::estimate::target::Verdict;
use utfall_publish::publication::rehearsed;

use super::*;
use crate::release::targets::telling::{Telling, telling};

const DRAWS: usize = 300;

/// A release of a query that names a target of the register, and perhaps of another behind a semicolon.
fn checked(world: &World, epsilon: &str, target: &str, sql: &str) -> CheckedRelease {
    let folder = world.root.join("queries/telling");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let toml = format!(
        "title = {{ sv = \"a\", en = \"a\" }}\n[privacy]\nbudget = {{ epsilon = \"{epsilon}\", delta = \"1e-6\" }}\nbounds = {{ participations = 1, rows = {{ milestone = 4 }} }}\n[publish]\nformats = [\"csv\"]\ninterval = \"0.95\"\n"
    );
    std::fs::write(folder.join("release.toml"), toml).unwrap();
    let front = format!("/*+++\ntitle = {{ sv = \"a\", en = \"a\" }}\ntargets = [\"{target}\"]\n+++*/\n");
    for (name, sql) in ["number", "finer"].iter().zip(sql.split(';')) {
        let front = if *name == "number" { &front } else { "/*+++\ntitle = { sv = \"a\", en = \"a\" }\n+++*/\n" };
        std::fs::write(folder.join(format!("{name}.sql")), format!("{front}{sql}")).unwrap();
    }
    let spec = crate::catalogue::spec::read(&world.root.join("queries"), "telling").unwrap();
    runtime().block_on(check(&world.engine, &world.catalogue, spec)).unwrap()
}

/// Exact numbers of each measurement of counts by office, or by office and more: so many people in each row.
fn exact(checked: &CheckedRelease, offices: &[i64]) -> Vec<Vec<i64>> {
    let each = |measurement: &utfall_privacy::Measurement| {
        let table = checked.measured().find(|table| table.query.name == measurement.table()).unwrap();
        let grid = table.answer.certified.grid();
        let office = grid.keys.iter().position(|key| key.codes.iter().any(|code| code.code == "af_stockholm")).unwrap();
        let share = grid.cells.len() as i64 / offices.len() as i64;
        grid.cells.iter().map(|cell| offices[usize::from(cell[office])] / share).collect()
    };
    checked.measurements.iter().map(each).collect()
}

/// The part of the draws that give a verdict without reserve where these are the exact numbers.
fn told(world: &World, checked: &CheckedRelease, exact: &[i64], verdict: Verdict) -> f64 {
    let described = describe(&world.catalogue, checked, true, None, &Default::default()).unwrap();
    let description = Description::from_json(&described).unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let one = |_| {
        let drawn = super::least_error::noisy(exact, checked.measurements[0].mechanism(), &mut rng);
        let tables = rehearsed(&description, &checked.measurements, &[drawn]).unwrap();
        tables.iter().flat_map(|table| table.tracked()).next().unwrap().verdict == verdict
    };
    (0..DRAWS).map(one).filter(|told| *told).count() as f64 / DRAWS as f64
}

fn of(checked: &CheckedRelease, people: f64) -> Telling {
    let table = &checked.tables[0];
    telling(checked, table, &table.targets[0], people, 0.05).unwrap()
}

/// The places that have a quota.
const PLACES: &str = "'af_stockholm', 'af_huddinge', 'af_sodertalje', 'af_solna', 'municipal_sodertalje', 'municipal_nynashamn', \
    'municipal_spanga_tensta', 'municipal_solna_sundbyberg_jarfalla'";

#[test]
fn the_distance_that_a_verdict_needs_is_that_of_the_draws() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path());
    let supporting = "SELECT avg(CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
        FROM participation WHERE project = 'fler-i-arbete'";
    let share = checked(&world, "0.5", "fler-i-arbete-self-supporting", supporting);
    let distance = of(&share, 400.0).distance;
    assert!((of(&share, 200.0).distance / distance - 2.0).abs() < 1e-9, "half as many people, twice as far");
    // The promise is 65 percent, within three points.
    let at = |points: f64| {
        let positive = (400.0 * (0.62 + points / 100.0)).round() as i64;
        told(&world, &share, &[positive, 400 - positive], Verdict::Met)
    };
    let parts = [at(0.0), at(distance), at(2.0 * distance)];
    assert!(parts[0] < 0.06 && (0.35..0.65).contains(&parts[1]) && parts[2] > 0.94, "{distance}: {parts:?}");

    let people = "SELECT count(*) AS n FROM participation WHERE project = 'progress' AND entry = 1";
    let count = checked(&world, "0.5", "progress-participants", people);
    let distance = of(&count, 300.0).distance;
    let at = |more: f64| told(&world, &count, &[(270.0 + more).round() as i64], Verdict::Met);
    let parts = [at(0.0), at(distance), at(2.0 * distance)];
    assert!(parts[0] < 0.06 && (0.35..0.65).contains(&parts[1]) && parts[2] > 0.94, "{distance}: {parts:?}");

    let offices = "SELECT office, count(*) AS n FROM participation
        WHERE project = 'traning-ger-fardighet' AND referrer = 'employment_service' AND office IN (PLACES) GROUP BY office";
    let quota = checked(&world, "0.5", "traning-af-stockholm", &offices.replace("PLACES", PLACES));
    let distance = of(&quota, 400.0).distance;
    let codes = &quota.tables[0].answer.certified.grid().keys[0].codes;
    let place = codes.iter().position(|code| code.code == "af_stockholm").unwrap();
    let at = |points: f64| {
        // 35 percent were promised, within five points.
        let own = (400.0 * (0.4 + points / 100.0)).round() as i64;
        let mut exact = vec![(400 - own) / (codes.len() as i64 - 1); codes.len()];
        exact[place] = own;
        told(&world, &quota, &exact, Verdict::NotMet)
    };
    let parts = [at(0.0), at(distance), at(2.0 * distance)];
    assert!(parts[0] < 0.08 && (0.3..0.7).contains(&parts[1]) && parts[2] > 0.9, "{distance}: {parts:?}");
}

#[test]
fn a_promise_of_all_can_be_met_where_the_tolerance_is_wider_than_the_noise() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path());
    let planned = "SELECT avg(CASE WHEN m.n IS NOT NULL THEN 1 ELSE 0 END) AS share
        FROM participation f LEFT JOIN (SELECT participant, contribution, count(*) AS n FROM milestone WHERE step = 'action_plan'
        GROUP BY participant, contribution) AS m ON f.participant = m.participant AND f.contribution = m.contribution
        WHERE f.project = 'nystart'";
    let mut all = checked(&world, "1", "nystart-action-plan", planned);
    assert!(of(&all, 2_000.0).can_be_met && !of(&all, 20.0).can_be_met);
    all.tables[0].targets[0].tolerance = 0;
    assert!(!of(&all, 2_000.0).can_be_met, "a share of less than all agrees with any noise");
    assert_eq!(telling(&all, &all.tables[0], &all.tables[0].targets[0], 0.0, 0.05), None);
}

/// Where the exact number is just at the promise, the probability that it was reached is any: all alike often.
#[test]
fn the_probability_of_reconciled_numbers_is_that_of_their_noise() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path());
    let of = "FROM participation
        WHERE project = 'traning-ger-fardighet' AND referrer = 'employment_service' AND office IN (PLACES) GROUP BY office";
    let of = of.replace("PLACES", PLACES);
    let both = format!("SELECT office, count(*) AS n {of};SELECT office, sex, count(*) AS n {of}, sex");
    let mut checked = checked(&world, "0.5", "traning-af-stockholm", &both);
    let number = checked.tables.iter_mut().find(|table| table.query.name == "number").unwrap();
    let target = &mut number.targets[0];
    (target.minimum, target.maximum, target.tolerance) = (Some(40), None, 0);
    let codes = number.answer.certified.grid().keys[0].codes.clone();
    let others = codes.len() as i64 - 1;
    let offices: Vec<i64> = codes.iter().map(|code| if code.code == "af_stockholm" { 120 * others } else { 180 }).collect();
    let exact = exact(&checked, &offices);
    let described = describe(&world.catalogue, &checked, true, None, &Default::default()).unwrap();
    let description = Description::from_json(&described).unwrap();
    assert_eq!(description.families.len(), 1, "both are reconciled");
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let mut one = || {
        let noisy = checked.measurements.iter().zip(&exact);
        let drawn: Vec<_> = noisy.map(|(m, exact)| super::least_error::noisy(exact, m.mechanism(), &mut rng)).collect();
        let tables = rehearsed(&description, &checked.measurements, &drawn).unwrap();
        tables.iter().flat_map(|table| table.tracked()).next().unwrap().judged.reached.unwrap()
    };
    let mut reached: Vec<f64> = (0..DRAWS).map(|_| one()).collect();
    reached.sort_by(f64::total_cmp);
    let quantiles = [0.1, 0.25, 0.5, 0.75, 0.9].map(|part| (part, reached[(part * DRAWS as f64) as usize]));
    assert!(quantiles.iter().all(|(part, found)| (part - found).abs() < 0.1), "{quantiles:?}");
}
