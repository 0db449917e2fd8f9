//! The first format of a description, in which a query had one table of counts. Archives keep it forever; it is read by
//! turning it into the format of today.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::description::formula::Formula;
use crate::description::{self, KeyColumn, VectorDescription};
use utfall_ground::text::Text;

/// A release in format 1.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Description {
    #[serde(rename = "format")]
    _format: u32,
    name: String,
    title: Text,
    #[serde(default)]
    demonstration: bool,
    epsilon: String,
    delta: String,
    participations: u64,
    interval: String,
    formats: Vec<String>,
    tables: Vec<Table>,
}

/// A table in format 1: one vector of counts, named as the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    title: Text,
    sql: String,
    keys: Vec<KeyColumn>,
    measure: Measure,
    cells: Vec<Vec<u16>>,
    #[serde(default)]
    rows: Option<u64>,
}

/// What was counted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Measure {
    name: String,
    title: Text,
}

impl From<Description> for description::Description {
    fn from(old: Description) -> Self {
        Self {
            format: Self::FORMAT,
            name: old.name,
            title: old.title,
            demonstration: old.demonstration,
            epsilon: old.epsilon,
            delta: old.delta,
            participations: old.participations,
            interval: old.interval,
            formats: old.formats,
            series: None,
            about: None,
            words: None,
            bases: Vec::new(),
            families: Vec::new(),
            computed: None,
            asked: None,
            tables: old.tables.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Table> for description::TableDescription {
    fn from(old: Table) -> Self {
        let measure = description::Statistic {
            name: old.measure.name,
            title: old.measure.title,
            formula: Formula::Count { vector: 0 },
            unit: None,
        };
        Self {
            vectors: vec![VectorDescription { name: old.name.clone(), certificate: "null".to_owned(), follows: false }],
            name: old.name,
            title: old.title,
            sql: old.sql,
            keys: old.keys,
            cells: old.cells,
            private_keys: false,
            anonymous: false,
            // The format did not say the table whose rows were bounded.
            rows: old.rows.map(|rows| BTreeMap::from([(String::new(), rows)])).unwrap_or_default(),
            public: Vec::new(),
            measures: vec![measure],
            above: None,
            targets: Vec::new(),
            measured_with: None,
            quotes: None,
            differs: None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::Formula;
    use crate::description::Description;

    /// As the first version wrote it.
    pub(crate) const OLD: &str = r#"{"format":1,"name":"outcomes","title":{"sv":"Utfall","en":"Outcomes"},"demonstration":true,"epsilon":"1","delta":"1e-6","participations":3,"interval":"0.95","formats":["html","csv"],"tables":[{"name":"steps","title":{"sv":"Steg","en":"Steps"},"sql":"SELECT step, count(*) AS n FROM milestone GROUP BY step","keys":[{"name":"step","title":{"sv":"Steg","en":"Step"},"codes":[{"code":"a","label":{"sv":"A","en":"A"}},{"code":"missing","label":{"sv":"Uppgift saknas","en":"Not stated"}}]}],"measure":{"name":"n","title":{"sv":"Milstolpar","en":"Milestones"}},"cells":[[0],[1]],"rows":3}]}"#;

    #[test]
    fn the_first_format_is_still_read() {
        let description = Description::from_json(OLD.as_bytes()).unwrap();
        let table = &description.tables[0];
        assert_eq!((description.format, description.demonstration, description.participations), (3, true, 3));
        assert_eq!((table.vectors.len(), table.vectors[0].name.as_str(), table.cells.len()), (1, "steps", 2));
        assert_eq!((table.measures.len(), &table.measures[0].formula), (1, &Formula::Count { vector: 0 }));
        assert_eq!((table.measures[0].name.as_str(), table.stem(&table.measures[0])), ("n", "steps".to_owned()));
        assert_eq!(table.rows.values().copied().collect::<Vec<_>>(), [3]);
        // Written again, it is of today's format, and says the same.
        let json = description.to_json().unwrap();
        assert!(json.starts_with(br#"{"format":3,"#));
        assert_eq!(Description::from_json(&json).unwrap(), description);
    }

    #[test]
    fn a_format_has_its_own_fields_only() {
        assert!(Description::from_json(OLD.replace("\"format\":1", "\"format\":2").as_bytes()).is_err());
        assert!(Description::from_json(OLD.replace("\"rows\":3", "\"private_keys\":true").as_bytes()).is_err());
    }
}
