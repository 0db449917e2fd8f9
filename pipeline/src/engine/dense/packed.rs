//! A column of few different numbers as landing writes it (`store::narrow`): places in a dictionary, packed.

use datafusion::error::DataFusionError;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader as _};

use super::coder::Coder;
use super::column::{Column, Group, Small, damaged, spread};
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
        // Landing writes all numbers from the least on.
        let from = dictionary.first().copied().unwrap_or_default();
        if dictionary.iter().zip(from..).all(|(number, next)| *number == next) {
            return Ok(Some(Column::Small(Small { places: spread_out(places, mask.as_deref()), mask, from, most })));
        }
        let number = |place: &u8| dictionary.get(usize::from(*place)).copied().unwrap_or_default();
        Ok(Some(Column::Wide(spread_out(places.iter().map(number).collect(), mask.as_deref()), mask)))
    }
}

/// The numbers to which places lead; `None` if they are more than a byte can tell apart.
fn dictionary(page: &[u8], kind: Type) -> Option<Vec<i64>> {
    let numbers: Vec<i64> = match kind {
        Type::INT64 => page.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect(),
        _ => page.as_chunks().0.iter().map(|bytes| i64::from(i32::from_le_bytes(*bytes))).collect(),
    };
    (numbers.len() <= 256).then_some(numbers)
}

/// One of the numbers, if each coder has one code for all of them: intervals that hold the least and the greatest hold all between.
fn same(numbers: &[i64], coders: &[&Coder]) -> Option<i64> {
    let (least, most) = (*numbers.iter().min()?, *numbers.iter().max()?);
    let one_code = |coder: &&Coder| match coder {
        Coder::Unused => true,
        Coder::Cuts(_) => coder.code(Some(least)) == coder.code(Some(most)),
        Coder::Values { .. } => least == most && coder.code(Some(least)).is_some(),
    };
    coders.iter().all(one_code).then_some(least)
}

/// Values at the rows that have one, and nothing (0) at the others.
fn spread_out<T: Copy + Default>(values: Vec<T>, mask: Option<&[u8]>) -> Vec<T> {
    let Some(mask) = mask else { return values };
    let mut all = Vec::with_capacity(mask.len());
    spread(&values, Some(mask), &mut all);
    all
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
