//! The metadata of a file of data, in CSVW.

use serde_json::{Value, json};

use super::{Field, data_name};
use crate::dataset::DataSet;
use crate::dataset::method::both;
use crate::dataset::pack::ReleaseFacts;

/// The metadata of a data set. One that SQL has computed has no key: its rows are in the order of its query.
pub(super) fn file(release: &ReleaseFacts, set: &DataSet, fields: &[Field<'_>]) -> Value {
    let mut file = json!({
        "@context": "http://www.w3.org/ns/csvw",
        "url": data_name(&set.name),
        "dc:title": both(&set.title),
        "dc:isPartOf": both(&release.title),
        "dc:identifier": release.id,
        "dialect": { "encoding": "utf-8", "delimiter": ",", "header": true },
        "tableSchema": schema(set, fields),
        "notes": [set.method],
    });
    if let Some(about) = &release.about {
        file["dc:description"] = both(about);
    }
    if let Some(made) = release.made {
        file["dc:date"] = json!(made.day());
    }
    file
}

fn schema(set: &DataSet, fields: &[Field<'_>]) -> Value {
    let columns = fields.iter().map(|field| {
        json!({
            "name": field.name,
            "titles": { "und": field.name, "sv": field.title.sv, "en": field.title.en },
            "datatype": field.datatype(),
            "required": field.is_required(),
        })
    });
    let mut schema = json!({ "columns": columns.collect::<Vec<_>>() });
    if let Some(keys) = set.primary_key() {
        schema["primaryKey"] = json!(keys);
    }
    schema
}
