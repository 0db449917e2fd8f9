use utfall_estimate::interval::Interval;

use super::*;
use crate::description::SeriesDescription;
use crate::description::nesting::{FamilyDescription, PartDescription};
use crate::fixture;
use crate::publication::drawn::Drawn;

const PERIODS: [&str; 4] = ["2021-Q1", "2021-Q2", "2021-Q3", "2021-Q4"];

/// A quarter of the example's numbers of participants by age band and outcome, all of them the same.
fn quarter(period: &str, value: i64, families: &[FamilyDescription]) -> ReleasedPeriod {
    let mut description = fixture::description();
    description.tables.retain(|table| table.name == "by_age_band");
    description.families = families.to_vec();
    description.series = Some(SeriesDescription {
        id: "a5".repeat(32),
        vintage: 1,
        period: period.to_owned(),
        first: PERIODS[0].to_owned(),
        last: None,
        lag: 60,
        ended: false,
        adds: vec!["by_age_band".to_owned()],
    });
    let values = vec![value; 80];
    let noise = Arc::new(KnownNoise::from(fixture::laplace(9, 1)));
    let measured = [Measured { name: "by_age_band", values: &values, keys: None, noise }];
    let tables = tables(&description, &measured).unwrap();
    let drawn = vec![Drawn::of(&description, &measured)];
    let publication = Publication { id: String::new(), description, tables, views: Vec::new(), drawn };
    with_estimates(publication, &measured).unwrap()
}

/// A year of them, with the families of each.
pub(crate) fn year(families: [&[FamilyDescription]; 4]) -> Publication {
    let quarters = PERIODS.iter().zip([40, 7, 0, 3]).zip(families);
    series(quarters.map(|((period, value), families)| quarter(period, value, families)).collect()).unwrap()
}

/// The interval of the first cell of a code of the period or of what it is summed to, in whole numbers.
fn interval(publication: &Publication, table: &str, code: &str) -> Interval<i64> {
    let table = publication.tables.iter().find(|t| t.name == table).unwrap();
    let cell = table.cells().find(|cell| table.description.codes(cell.codes).any(|c| c.code == code)).unwrap();
    let unit = 10_i64.pow(table.decimals);
    cell.interval.unwrap().map(|end| if end % unit == 0 { end / unit } else { panic!("{end} is not whole") })
}

/// The family of one table, which is measured once: reconciled with nothing.
pub(crate) fn single() -> FamilyDescription {
    let part = PartDescription {
        vector: "by_age_band".to_owned(),
        level: 0,
        keys: Vec::new(),
        places: vec![Vec::new()],
        axes: vec![(0, 0), (1, 1)],
        split: None,
        slice: None,
    };
    FamilyDescription { levels: Vec::new(), axes: vec![8, 10], parts: vec![part] }
}

#[test]
fn the_same_number_has_the_same_interval_in_every_table() {
    let family = [single()];
    for families in [[&[][..]; 4], [&family[..]; 4], [&[], &family[..], &[], &[]]] {
        let year = year(families);
        // A period stands beside the others and is the first of the sums.
        assert_eq!(interval(&year, "by_age_band", "2021-Q1"), Interval::new(13, 67));
        assert_eq!(interval(&year, "by_age_band_cumulative", "2021-Q1"), Interval::new(13, 67));
        // A year is everything until its end: the least margin of four of these noises, by convolution.
        let Interval { low, high } = interval(&year, "by_age_band_yearly", "2021");
        assert_eq!(interval(&year, "by_age_band_cumulative", "2021-Q4"), Interval { low, high });
        assert_eq!((low, high), (50 - 51, 50 + 51));
        // What people are shown is no wider.
        let shown = year.for_people();
        assert_eq!(interval(&shown, "by_age_band_yearly", "2021"), Interval::new(0, 101));
        assert_eq!(interval(&shown, "by_age_band_cumulative", "2021-Q1"), Interval::new(13, 67));
    }
}
