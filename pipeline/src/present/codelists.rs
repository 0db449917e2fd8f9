//! Code lists for readers of tables: projects as regions and as a country, municipalities as counties. From the public register and the public code
//! lists alone, so that a sum over them is a sum over what everybody can look up.

use std::collections::BTreeMap;

use arrow::array::{Array as _, AsArray as _};
use serde::Serialize;

use crate::catalogue::register;
use crate::catalogue::schema::{Catalogue, CodeList as PublicList, Column, TableSchema};
use utfall_ground::error::Error;
use utfall_ground::text::Text;

/// The file, as a server reads it.
#[derive(Debug, Serialize)]
struct CodeLists<'c> {
    format: u32,
    codelists: Vec<CodeList<'c>>,
}

/// A list by which the codes of a key can be read as fewer.
#[derive(Debug, Serialize)]
struct CodeList<'c> {
    id: String,
    dimension: &'c str,
    #[serde(rename = "type")]
    kind: &'static str,
    label: Text,
    values: Vec<Group>,
}

/// One of the fewer codes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    code: String,
    label: Text,
    value_map: Vec<String>,
}

/// The code lists of a catalogue, as a file: of each public table whose key is one column with a list, by each other column that has a list,
/// and everything together.
///
/// # Errors
/// When a register does not fit its schema.
pub fn file(catalogue: &Catalogue) -> Result<Vec<u8>, Error> {
    let mut codelists = Vec::new();
    for table in catalogue.tables() {
        codelists.extend(of(catalogue, table)?);
    }
    serde_json::to_vec(&CodeLists { format: 1, codelists }).map_err(Error::not_encodable)
}

fn of<'c>(catalogue: &'c Catalogue, table: &'c TableSchema) -> Result<Vec<CodeList<'c>>, Error> {
    let ([key], Some(path)) = (table.primary_key.as_slice(), &table.data) else { return Ok(Vec::new()) };
    let is_listed = |name: &str| table.columns.get(name).is_some_and(|column| catalogue.codes_of(column).is_some());
    if !is_listed(key) {
        return Ok(Vec::new());
    }
    let rows = register::read(table, catalogue, path)?;
    let texts = |name: &str| rows.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    let Some(keys) = texts(key) else { return Ok(Vec::new()) };
    let pairs = |name: &str| -> Vec<(String, String)> {
        let Some(values) = texts(name) else { return Vec::new() };
        let told = (0..rows.num_rows()).filter(|row| keys.is_valid(*row) && values.is_valid(*row));
        told.map(|row| (values.value(row).to_owned(), keys.value(row).to_owned())).collect()
    };
    let by = |(name, column): (&'c String, &'c Column)| {
        let list = catalogue.codes_of(column).filter(|_| name != key)?;
        let label = column.title.clone().unwrap_or_else(|| Text { sv: name.clone(), en: name.clone() });
        Some(aggregation(key, name, label, groups(list, &pairs(name))))
    };
    let mut lists: Vec<CodeList<'c>> = table.columns.iter().filter_map(by).collect();
    let all = Text { sv: "Alla".to_owned(), en: "All".to_owned() };
    let value_map = (0..rows.num_rows()).filter(|row| keys.is_valid(*row)).map(|row| keys.value(row).to_owned()).collect();
    lists.push(aggregation(key, "all", all.clone(), vec![Group { code: "all".to_owned(), label: all, value_map }]));
    Ok(lists)
}

fn aggregation<'c>(key: &'c str, by: &str, label: Text, values: Vec<Group>) -> CodeList<'c> {
    CodeList { id: format!("agg_{key}_{by}"), dimension: key, kind: "Aggregation", label, values }
}

/// The codes of a list of which there are any, in its order, each with the keys that it stands for.
fn groups(list: &PublicList, pairs: &[(String, String)]) -> Vec<Group> {
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (code, key) in pairs {
        found.entry(code).or_default().push(key.clone());
    }
    let group = |entry: &crate::catalogue::schema::CodeEntry| {
        let value_map = found.remove(entry.code.as_str())?;
        Some(Group { code: entry.code.clone(), label: entry.label.clone(), value_map })
    };
    list.entries.iter().filter_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_are_read_as_regions_and_municipalities_as_counties() {
        let schemas = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
        let file = file(&Catalogue::read(&schemas).unwrap()).unwrap();
        let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
        let lists = file["codelists"].as_array().unwrap();
        let of = |id: &str| lists.iter().find(|list| list["id"] == id).unwrap_or_else(|| panic!("{id}"));
        let regions = of("agg_project_region");
        assert_eq!(regions["dimension"], "project");
        let north = regions["values"].as_array().unwrap().iter().find(|group| group["code"] == "SE33").unwrap();
        assert!(north["valueMap"].as_array().unwrap().iter().any(|code| code == "asap"), "{north}");
        assert_eq!(of("agg_municipality_county")["values"].as_array().unwrap().len(), 21);
        assert_eq!(of("agg_municipality_all")["values"][0]["valueMap"].as_array().unwrap().len(), 290);
        // No key is in two groups of a list: nobody is counted twice.
        for list in lists {
            let groups = list["values"].as_array().unwrap();
            let keys: Vec<_> = groups.iter().flat_map(|group| group["valueMap"].as_array().unwrap()).collect();
            let apart: std::collections::BTreeSet<String> = keys.iter().map(ToString::to_string).collect();
            assert_eq!(apart.len(), keys.len(), "{}", list["id"]);
        }
    }
}
