//! What the program carries of its own repository: schemas, code lists, and registers that are nobody's own, so that a place can be
//! started where the repository is not; and the first files of such a place.

/// A file, by its path in the place.
pub(super) type File = (&'static str, &'static str);

macro_rules! of_the_repository {
    ($($path:literal),* $(,)?) => { &[$(($path, include_str!(concat!("../../../../", $path)))),*] };
}

/// Files as they are in the repository. The register of projects and what they promised are not among them: they are those of the
/// demonstration.
pub(super) const REPOSITORY: &[File] = of_the_repository![
    "schemas/activity.toml",
    "schemas/allocation.toml",
    "schemas/answer.toml",
    "schemas/association.toml",
    "schemas/codes/activity_kind.csv",
    "schemas/codes/age_band.csv",
    "schemas/codes/age_group.csv",
    "schemas/codes/agreement.csv",
    "schemas/codes/answer.csv",
    "schemas/codes/area_combination.csv",
    "schemas/codes/asap_outcome.csv",
    "schemas/codes/association.csv",
    "schemas/codes/chain_outcome.csv",
    "schemas/codes/county.csv",
    "schemas/codes/direction.csv",
    "schemas/codes/duration.csv",
    "schemas/codes/education.csv",
    "schemas/codes/exit_state.csv",
    "schemas/codes/fidelity.csv",
    "schemas/codes/follow_up.csv",
    "schemas/codes/halland.csv",
    "schemas/codes/income_group.csv",
    "schemas/codes/income_source.csv",
    "schemas/codes/indicator.csv",
    "schemas/codes/instrument_area.csv",
    "schemas/codes/labour_status.csv",
    "schemas/codes/milestone_step.csv",
    "schemas/codes/moment.csv",
    "schemas/codes/municipality.csv",
    "schemas/codes/occupation.csv",
    "schemas/codes/occupation_group.csv",
    "schemas/codes/office.csv",
    "schemas/codes/outcome.csv",
    "schemas/codes/question.csv",
    "schemas/codes/rater.csv",
    "schemas/codes/referrer.csv",
    "schemas/codes/region.csv",
    "schemas/codes/sex.csv",
    "schemas/codes/start_level.csv",
    "schemas/codes/training.csv",
    "schemas/codes/way.csv",
    "schemas/codes/workplace.csv",
    "schemas/indicator.toml",
    "schemas/milestone.toml",
    "schemas/municipality.toml",
    "schemas/participation.toml",
    "schemas/plan_review.toml",
    "schemas/project.toml",
    "schemas/rating.toml",
    "schemas/register/allocation.csv",
    "schemas/register/association.csv",
    "schemas/register/indicator.csv",
    "schemas/register/municipality.csv",
    "schemas/target.toml",
];

/// Files to begin with, to be changed by whoever starts; what stands between `{{` and `}}` is filled in.
pub(super) const START: &[File] = &[
    ("README.md", include_str!("start/README.md")),
    ("utfall.toml", include_str!("start/utfall.toml")),
    ("schemas/register/project.csv", include_str!("start/project.csv")),
    ("schemas/register/target.csv", include_str!("start/target.csv")),
    ("queries/site.toml", include_str!("start/site.toml")),
    ("queries/outcomes/release.toml", include_str!("start/release.toml")),
    ("queries/outcomes/by_region_and_sex.sql", include_str!("start/by_region_and_sex.sql")),
    ("operate/utfall.service", include_str!("start/utfall.service")),
    ("operate/utfall.timer", include_str!("start/utfall.timer")),
    ("operate/crontab", include_str!("start/crontab")),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_schema_and_code_list_is_carried_and_nothing_of_the_demonstration() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut there = BTreeSet::new();
        for folder in ["schemas", "schemas/codes", "schemas/register"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file())
            {
                there.insert(format!("{folder}/{}", entry.file_name().to_str().unwrap()));
            }
        }
        let carried: BTreeSet<String> = REPOSITORY.iter().chain(START).map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(there.difference(&carried).collect::<Vec<_>>(), Vec::<&String>::new(), "name it in REPOSITORY");
        for (path, text) in REPOSITORY.iter().chain(START) {
            for name in ["fler-i-arbete", "traning-ger-fardighet", "progress,", "nystart,"] {
                assert!(!text.contains(name), "{path}: {name}");
            }
            // Ten digits or twelve.
            let mut runs = text.split(|c: char| !c.is_ascii_digit()).map(str::len);
            assert!(runs.all(|length| length != 10 && length < 12), "{path} holds what may be an identity number");
        }
    }
}
