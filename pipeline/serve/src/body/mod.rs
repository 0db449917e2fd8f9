//! What an answer with data is written as.

mod csv;
pub(crate) mod placement;

use utfall_ground::text::Lang;
use utfall_publish::dataset::selection::Excerpt;
use utfall_publish::px;

use crate::api::problem::Problem;
use placement::Placed;

/// A format of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON-stat 2.0.
    JsonStat,
    /// CSV as PxWeb writes it.
    Csv,
    /// PX.
    Px,
}

/// Every format, the default one first.
pub(crate) const FORMATS: [Format; 3] = [Format::JsonStat, Format::Csv, Format::Px];

impl Format {
    /// The format of a name; without one, that which clients ask for.
    ///
    /// # Errors
    /// When it is not served.
    pub(crate) fn named(name: Option<&str>) -> Result<Self, Problem> {
        let Some(name) = name else { return Ok(Self::JsonStat) };
        FORMATS
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| Problem::unsupported_format(name))
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::JsonStat => "json-stat2",
            Self::Csv => "csv",
            Self::Px => "px",
        }
    }

    /// Its media type, as PxWebApi says it.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::JsonStat => "application/json; charset=UTF-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Px => "application/octet-stream; charset=utf-8",
        }
    }

    /// The end of a file's name.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::JsonStat => "json",
            Self::Csv => "csv",
            Self::Px => "px",
        }
    }
}

/// How texts and codes are written in a format that leaves that open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Style {
    shown: Shown,
    has_title: bool,
    separator: Separator,
}

/// What stands for a code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Shown {
    /// Its label.
    #[default]
    Texts,
    /// Itself.
    Codes,
    /// Both.
    Both,
}

/// What stands between two fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Separator {
    #[default]
    Comma,
    Tab,
    Space,
    Semicolon,
}

impl Style {
    /// By the names in `outputFormatParams`.
    ///
    /// # Errors
    /// When one is not known.
    pub(crate) fn named(names: &[String]) -> Result<Self, Problem> {
        let mut style = Self::default();
        for name in names {
            match name.to_ascii_lowercase().as_str() {
                "usecodes" => style.shown = Shown::Codes,
                "usetexts" => style.shown = Shown::Texts,
                "usecodesandtexts" => style.shown = Shown::Both,
                "includetitle" => style.has_title = true,
                "separatortab" => style.separator = Separator::Tab,
                "separatorspace" => style.separator = Separator::Space,
                "separatorsemicolon" => style.separator = Separator::Semicolon,
                _ => return Err(Problem::parameter("outputFormatParams", name)),
            }
        }
        Ok(style)
    }
}

/// An excerpt as CSV.
pub(crate) fn csv(excerpt: Excerpt<'_>, placed: &Placed, style: Style, lang: Lang) -> Vec<u8> {
    csv::file(excerpt, placed, style, lang).into_bytes()
}

/// An excerpt as PX, in both languages.
pub(crate) fn px(excerpt: Excerpt<'_>) -> Vec<u8> {
    px::file(excerpt, px::Encoding::Utf8)
}
