//! One cell as text.

use std::fmt::Write as _;

use calamine::{Data, ExcelDateTime};

use super::ERROR;

/// Writes what a cell holds.
pub(super) fn write(text: &mut String, cell: &Data) {
    let _ = match cell {
        Data::Empty => Ok(()),
        Data::String(s) | Data::DurationIso(s) => {
            write_text(text, s);
            Ok(())
        }
        Data::DateTimeIso(s) => write_moment(text, s),
        Data::Int(n) => write!(text, "{n}"),
        Data::Float(n) => write_number(text, *n),
        Data::Bool(b) => text.write_str(if *b { "ja" } else { "nej" }),
        Data::DateTime(moment) => write_date(text, moment),
        Data::Error(e) => write!(text, "{ERROR}{e:?}"),
    };
}

/// Text on one line.
pub(super) fn write_text(text: &mut String, s: &str) {
    text.extend(s.chars().map(|c| if c.is_control() { ' ' } else { c }));
}

/// A number with the fifteen digits that a spreadsheet shows of it: what is stored has sixteen or seventeen, and the last ones
/// are what its arithmetic left over. Whole numbers have no point.
fn write_number(text: &mut String, n: f64) -> std::fmt::Result {
    let is_plain = |n: f64| n.fract() == 0.0 && n.abs() < 1e15;
    let shown = if is_plain(n) { n } else { format!("{n:.14e}").parse().unwrap_or(n) };
    match shown {
        0.0 => text.write_char('0'), // also the one below zero
        n if n.fract() == 0.0 && n.abs() < 1e22 => write!(text, "{n:.0}"),
        n => write!(text, "{n}"),
    }
}

/// A moment at midnight is a date; any other keeps its time and is no date. Days before the first one are none.
fn write_date(text: &mut String, moment: &ExcelDateTime) -> std::fmt::Result {
    if !moment.is_datetime() || moment.as_f64().is_nan() || moment.as_f64() < 0.0 {
        return write_number(text, moment.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    write!(text, "{year:04}-{month:02}-{day:02}")?;
    if (hour, minute, second) == (0, 0, 0) { Ok(()) } else { write!(text, " {hour:02}:{minute:02}:{second:02}") }
}

/// A moment that is written as text in the file, the same way.
fn write_moment(text: &mut String, moment: &str) -> std::fmt::Result {
    let moment = moment.trim();
    let Some((day, time)) = moment.split_once(['T', 't', ' ']) else {
        write_text(text, moment.trim_end_matches(['Z', 'z']));
        return Ok(());
    };
    // What the clock says there: the zone is that of whoever wrote it.
    let clock = time.split(['Z', 'z', '+', '-']).next().unwrap_or_default();
    let is_midnight = !clock.is_empty() && clock.bytes().all(|b| b"0:.,".contains(&b));
    write_text(text, day);
    if !is_midnight {
        text.push(' ');
        write_text(text, clock);
    }
    Ok(())
}
