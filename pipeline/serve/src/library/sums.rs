//! Whether the numbers of a table add up: only then may somebody be shown sums of them.
//!
//! They do where each row of the private table that a number counts, or sums, belongs to one cell. The certificate of a query says so:
//! it counts or sums rows, not people (`distinct-units`), makes no new rows of a person (`group-by-unit`, `union`), and has at most one
//! row for each participation. What it does not say is not assumed: a table without a certificate of its own has no sums here.

use serde_json::Value;
use utfall_publish::dataset::{DataSet, Role, Values};

/// Rules that keep, drop or widen rows, one by one.
const ROW_BY_ROW: [&str; 6] = ["scan-private", "scan-public", "filter", "project", "join", "semi"];

/// Whether sums over codes of a key are the numbers of these codes together.
pub(super) fn add_up(set: &DataSet, certificates: &Value) -> bool {
    let formula = &set.method["formula"];
    let measured = matches!(formula["kind"].as_str(), Some("count" | "sum")) && formula["vector"] == 0;
    // Whose cells are hidden below a threshold would be missing in the sum.
    let whole = !set.computed && set.method["threshold"].is_null();
    let listed = set.columns.iter().all(|column| match (column.role, &column.values) {
        (Role::Key | Role::Period, values) => matches!(values, Values::Codes { .. }),
        (role, _) => role != Role::Public,
    });
    // A query of one vector has its name; one of several is left out.
    let certificate = &certificates[&set.query];
    let kind = &certificate["crossing"]["measure"]["kind"];
    let input = &certificate["input"];
    let rows = matches!(kind.as_str(), Some("count" | "sum")) && input["d_out"]["per_contribution"] == 1;
    measured && whole && listed && rows && is_row_by_row(input)
}

fn is_row_by_row(node: &Value) -> bool {
    let known = node["rule"].as_str().is_some_and(|rule| ROW_BY_ROW.contains(&rule));
    known && node["inputs"].as_array().is_some_and(|inputs| inputs.iter().all(is_row_by_row))
}
