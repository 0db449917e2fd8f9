//! Counters over stored codes: the same answers as the planned road, for plans of a simple shape, at a small part of its cost.
//!
//! Where every column that a query reads has few values, it is enough to know how often each combination of them occurs. One pass
//! over the files finds that for all tables of a release at once (`tally`, from the pages of the files by `column` and `coder`);
//! the plan's own nodes then run on the combinations (`shape`, `weighted`). A plan that groups by person runs as it is, on a range of
//! people after the other (`apart`, `ranges`). Start reading at [`batches`].

mod apart;
mod cells;
mod coder;
mod column;
mod packed;
mod people;
mod ranges;
mod shape;
mod tally;
mod weighted;

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;

use crate::catalogue::schema::Catalogue;
use shape::{Scan, Shape, shape};
use tally::{Counted, tally};

/// The answers of some plans, in order; `None` for each that must run as it is planned.
///
/// # Errors
/// When a file is missing, has another size or cannot be read, or the engine fails.
pub(super) async fn batches(
    plans: &[&Arc<dyn ExecutionPlan>],
    catalogue: &Catalogue,
    context: &Arc<TaskContext>,
) -> Result<Vec<Option<Vec<RecordBatch>>>, DataFusionError> {
    let shapes: Vec<Option<Shape>> = plans.iter().map(|plan| shape(plan, catalogue)).collect();
    let scans: Vec<&Scan> = shapes.iter().flatten().flat_map(|shape| &shape.scans).collect();
    let mut counted = counted(&scans)?.into_iter();
    let mut answers = Vec::with_capacity(plans.len());
    for (plan, shape) in plans.iter().zip(&shapes) {
        answers.push(match shape {
            None => match apart::scans(plan, catalogue) {
                Some(scans) => ranges::answer(plan, &scans, context)?,
                None => None,
            },
            Some(shape) => {
                let own: Vec<Option<Counted>> = counted.by_ref().take(shape.scans.len()).collect();
                match own.into_iter().collect::<Option<Vec<_>>>() {
                    Some(own) => weighted::answer(shape, &own, Arc::clone(context)).await?,
                    None => None,
                }
            }
        });
    }
    Ok(answers)
}

/// Path and size of each file that one pass reads.
type Files<'f> = &'f [(PathBuf, u64)];

/// The combinations of each scan, in order: one pass for all that read the same files.
fn counted(scans: &[&Scan]) -> Result<Vec<Option<Counted>>, DataFusionError> {
    let mut found: Vec<Option<Counted>> = scans.iter().map(|_| None).collect();
    let mut passes: Vec<(Files<'_>, Vec<usize>)> = Vec::new();
    for (at, scan) in scans.iter().enumerate() {
        match passes.iter_mut().find(|(files, _)| *files == scan.files) {
            Some((_, together)) => together.push(at),
            None => passes.push((&scan.files, vec![at])),
        }
    }
    for (files, together) in passes {
        let tables: Vec<_> = together.iter().filter_map(|at| scans.get(*at)).map(|scan| scan.columns.as_slice()).collect();
        let Some(counted) = tally(files, &tables)? else { continue };
        for (at, counted) in together.into_iter().zip(counted) {
            if let Some(slot) = found.get_mut(at) {
                *slot = Some(counted);
            }
        }
    }
    Ok(found)
}

/// Which plans run on a range of people after the other.
#[cfg(test)]
pub(crate) fn apart(plans: &[&Arc<dyn ExecutionPlan>], catalogue: &Catalogue) -> Vec<bool> {
    let is_apart = |plan: &&Arc<dyn ExecutionPlan>| shape(plan, catalogue).is_none() && apart::scans(plan, catalogue).is_some();
    plans.iter().map(is_apart).collect()
}

/// Which plans are counted.
#[cfg(test)]
pub(crate) fn shapes(plans: &[&Arc<dyn ExecutionPlan>], catalogue: &Catalogue) -> Vec<bool> {
    plans.iter().map(|plan| shape(plan, catalogue).is_some()).collect()
}

/// Seconds that it takes to open some columns of files on all cores, and to do nothing with them: the floor of every answer.
#[cfg(test)]
pub(crate) fn opened(files: &[(PathBuf, u64)], names: &[&str]) -> Result<f64, DataFusionError> {
    let start = std::time::Instant::now();
    let landed = files.iter().map(|(path, size)| column::Landed::open(path, *size)).collect::<Result<Vec<_>, _>>()?;
    let groups: Vec<_> = landed.iter().flat_map(|file| (0..file.groups()).map(move |at| (file, at))).collect();
    tally::on_all_cores(
        groups.len(),
        || (),
        |(), at| {
            let Some((file, at)) = groups.get(at) else { return Ok(()) };
            let group = file.group(*at)?;
            names.iter().try_for_each(|name| {
                group
                    .column(name, &[&coder::Coder::Values { low: 0, size: 256 }])
                    .map(|column| drop(std::hint::black_box(column)))
            })
        },
    )?;
    Ok(start.elapsed().as_secs_f64())
}
