//! Whatever is measured, a plan that measures something else after coercion is refused.

use std::collections::BTreeMap;
use std::path::Path;

use datafusion::functions_aggregate::expr_fn::sum;
use datafusion::logical_expr::ExprFunctionExt as _;

use super::*;
use crate::certify::{Planner as _, check, measured};

/// Each kind of measure, by the function that needs it.
const MEASURED: [&str; 6] = [
    "count(*)",
    "count(DISTINCT participant)",
    "sum(age)",
    "avg(age)",
    "median(age)",
    "approx_percentile_cont(age, 0.25), median(age)",
];

#[test]
fn a_plan_that_measures_something_else_is_refused_for_every_measure() {
    let catalogue = Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")).unwrap();
    let engine = crate::engine::connect(&catalogue).unwrap();
    let bounds = Bounds { participations: 3, rows: BTreeMap::new(), period: None };
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for function in MEASURED {
        let sql = format!(
            "/*+++\ntitle = {{ sv = \"a\", en = \"b\" }}\n+++*/\nSELECT sex, {function} FROM participation WHERE age IS NOT NULL GROUP BY sex"
        );
        let query = crate::catalogue::spec::parse("case", "case", &sql).unwrap();
        let plan = runtime.block_on(engine.planner().plan(&query.sql)).unwrap();
        let accepted =
            check(&plan, &query, &catalogue, &bounds).unwrap_or_else(|e| panic!("{}", e.shown(utfall_ground::text::Lang::En)));
        let LogicalPlan::Aggregate(coerced) = engine.planner().coerced(measured(&accepted).unwrap()).unwrap() else {
            panic!("{function}")
        };
        let looked =
            |aggregate: &Aggregate| recheck(&LogicalPlan::Aggregate(aggregate.clone()), &accepted, &catalogue, &bounds).map(drop);
        assert_eq!(looked(&coerced), Ok(()), "{function}");
        kinds.extend(accepted.crossing.vectors.iter().map(|of| format!("{:?}", of.vector).split(' ').next().unwrap().to_owned()));
        let with = |change: &dyn Fn(&mut Aggregate)| {
            let mut changed = coerced.clone();
            change(&mut changed);
            let (group, aggregates) = (changed.group_expr.clone(), changed.aggr_expr.clone());
            Aggregate::try_new(changed.input, group, aggregates).map_or(Err(Violation::Coerced), |changed| looked(&changed))
        };
        for at in 0..coerced.aggr_expr.len() {
            let named = |expr: Expr| expr.alias(coerced.aggr_expr[at].schema_name().to_string());
            // A sum of anything, and values that are told apart where rows or people were.
            let others = [sum(lit(1_000_i64)), count(lit(1_i64)).distinct().build().unwrap()];
            for other in others {
                let refused = with(&|aggregate| aggregate.aggr_expr[at] = named(other.clone()));
                assert!(refused.is_err(), "{function}: {other} in place of {}", coerced.aggr_expr[at]);
            }
        }
        // Rows that are left out of a histogram would be in no score.
        if !accepted.crossing.valued.is_empty() {
            let rows = accepted.crossing.aggregates.iter().position(|known| *known == count(lit(1_i64))).unwrap();
            let some = count(lit(1_i64)).filter(lit(false)).build().unwrap();
            assert!(with(&|aggregate| aggregate.aggr_expr[rows] = some.clone()).is_err(), "{function}");
        }
        for at in accepted.crossing.keys.len()..coerced.group_expr.len() {
            let name = coerced.group_expr[at].schema_name().to_string();
            assert!(with(&|aggregate| aggregate.group_expr[at] = lit(1_i64).alias(name.clone())).is_err(), "{function}");
        }
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["Additive", "Histogram", "Scores", "Split"]);
}
