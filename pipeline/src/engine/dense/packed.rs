//! A column of few different numbers as landing writes it (`store::narrow`): places in a dictionary, packed.

use datafusion::error::DataFusionError;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader as _};

use super::coder::Coder;
use super::column::{Column, Group, Small, damaged, spread_bytes};
use crate::store::hybrid;

impl Group<'_> {
    /// A column whose pages name places in a dictionary of few numbers; `None` if it is written otherwise.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn packed(&self, at: usize, coders: &[&Coder]) -> Result<Option<Column>, DataFusionError> {
        let chunk = self.metadata.row_group(self.at).column(at);
        let (optional, kind) = (chunk.column_descr().max_def_level(), chunk.column_type());
        let is_packed = chunk.encodings().any(|e| e == Encoding::RLE_DICTIONARY);
        let is_whole = matches!(kind, Type::INT32 | Type::INT64);
        if !is_packed || !is_whole || optional > 1 || chunk.column_descr().max_rep_level() > 0 {
            return Ok(None);
        }
        let mut pages = self.pages(at)?;
        let Some(Page::DictionaryPage { buf, encoding: Encoding::PLAIN, .. }) = pages.get_next_page()? else { return Ok(None) };
        let Some(dictionary) = dictionary(&buf, kind) else { return Ok(None) };
        // Landing writes one page for a group.
        let data = (pages.get_next_page()?, pages.get_next_page()?);
        let (Some(Page::DataPage { buf, num_values, encoding, def_level_encoding, .. }), None) = data else { return Ok(None) };
        if encoding != Encoding::RLE_DICTIONARY || (optional == 1 && def_level_encoding != Encoding::RLE) {
            return Ok(None);
        }
        let rows = usize::try_from(num_values).ok().filter(|rows| *rows == self.rows).ok_or_else(damaged)?;
        let (mask, places) = if optional == 0 { (None, &*buf) } else { levels(&buf, rows).ok_or_else(damaged)? };
        if let Some(same) = same(&dictionary, coders) {
            return Ok(Some(Column::Same(same, mask)));
        }
        let present = mask.as_ref().map_or(rows, |mask| mask.iter().map(|one| usize::from(*one)).sum());
        let places = match places.split_first() {
            Some((width, runs)) => hybrid::decode(runs, u32::from(*width), present).ok_or_else(damaged)?,
            None if present == 0 => Vec::new(),
            None => return Err(damaged()),
        };
        let most = places.iter().fold(0, |most: u8, place| most.max(*place));
        if !places.is_empty() && usize::from(most) >= dictionary.len() {
            return Err(damaged());
        }
        let from = dictionary.first().copied().unwrap_or_default();
        let places = match &mask {
            None => places,
            Some(mask) => spread_bytes(&places, mask),
        };
        Ok(Some(Column::Small(Small { places, mask, from, most })))
    }
}

/// The numbers to which places lead; `None` if they are more than a byte can tell apart, or not all from the least on, as landing
/// writes them.
fn dictionary(page: &[u8], kind: Type) -> Option<Vec<i64>> {
    let numbers: Vec<i64> = match kind {
        Type::INT64 => page.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect(),
        _ => page.as_chunks().0.iter().map(|bytes| i64::from(i32::from_le_bytes(*bytes))).collect(),
    };
    let are_all = numbers.first().is_none_or(|first| numbers.iter().zip(*first..).all(|(number, next)| *number == next));
    (numbers.len() <= 256 && are_all).then_some(numbers)
}

/// One of the numbers, if each coder has one code for all of them: intervals that hold the least and the greatest hold all between.
fn same(numbers: &[i64], coders: &[&Coder]) -> Option<i64> {
    let (least, most) = (*numbers.first()?, *numbers.last()?);
    let one_code = |coder: &&Coder| match coder {
        Coder::Unused => true,
        Coder::Cuts(_) => coder.code(Some(least)) == coder.code(Some(most)),
        Coder::Values { .. } => least == most && coder.code(Some(least)).is_some(),
    };
    coders.iter().all(one_code).then_some(least)
}

/// The definition levels at the beginning of a page (a length in four bytes, then runs), as a mask if a row is NULL, and what
/// follows them.
pub(super) fn levels(page: &[u8], rows: usize) -> Option<(Option<Vec<u8>>, &[u8])> {
    let (length, rest) = page.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (runs, rest) = rest.split_at_checked(length)?;
    let mask = if hybrid::begins_with_ones(runs, rows) { None } else { Some(hybrid::decode(runs, 1, rows)?) };
    // Ones in several runs are no mask either: what has one is slower.
    Some((mask.filter(|mask| mask.contains(&0)), rest))
}
