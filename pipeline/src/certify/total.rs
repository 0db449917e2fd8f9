//! Records that belong to nobody in particular (protected identities): they are counted in grand totals only.
//!
//! # Privacy
//! Each such record has a unit of its own with one contribution, so the bound leaves one row of it and a release protects it
//! as it protects a person. Somebody with r of them is protected as a group of r. A condition, a key or a join would say
//! which records they are among; so none is accepted: of such records no more than how many there are is ever measured.

use datafusion::logical_expr::{Expr, LogicalPlan};

use super::below::unalias;
use super::check::Checked;
use super::words::refusal::Violation;

/// Accepts a query that counts all participations or all people, and nothing else.
///
/// # Errors
/// [`Violation::Anonymous`] for any other query.
pub(super) fn grand_total(accepted: &Checked) -> Result<(), Violation> {
    let crossing = &accepted.crossing;
    let alone = accepted.public.is_empty() && matches!(accepted.scans.as_slice(), [scan] if scan.rows.is_none());
    let whole = crossing.keys.is_empty() && crossing.valued.is_empty() && is_whole(&crossing.input);
    if alone && whole && crossing.aggregates.iter().all(counts_all) { Ok(()) } else { Err(Violation::Anonymous) }
}

/// Whether a plan is a table with all its rows.
fn is_whole(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::TableScan(scan) => scan.filters.is_empty() && scan.fetch.is_none(),
        LogicalPlan::SubqueryAlias(alias) => is_whole(&alias.input),
        _ => false,
    }
}

/// Whether an aggregate counts every row, or every person.
fn counts_all(aggregate: &Expr) -> bool {
    let Expr::AggregateFunction(f) = unalias(aggregate) else { return false };
    let all = match f.params.args.as_slice() {
        [Expr::Literal(value, _)] => !f.params.distinct && !value.is_null(),
        [Expr::Column(_)] => f.params.distinct, // of nothing else than the person, which is never null
        _ => false,
    };
    f.func.name() == "count" && f.params.filter.is_none() && all
}
