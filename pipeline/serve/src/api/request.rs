//! What a request asks for: its parameters, whose names are alike in capital and small letters, and the body of a POST.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utfall_ground::text::Lang;

use super::problem::Problem;
use crate::selection::Choice;

/// The parameters of an address, decoded, with their names in small letters.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn of(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(pairs.map(|(name, value)| (name.to_lowercase(), value.into_owned())).collect())
    }

    /// The value of a parameter; an empty one is none.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The language that is asked for; Swedish where none is.
    ///
    /// # Errors
    /// When nothing is published in it.
    pub(crate) fn lang(&self) -> Result<Lang, Problem> {
        let Some(tag) = self.get("lang") else { return Ok(Lang::Sv) };
        Lang::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(tag)).ok_or_else(|| Problem::unsupported_language(tag))
    }

    /// A whole number above 0.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn number(&self, name: &str) -> Result<Option<usize>, Problem> {
        let read = |text: &str| text.parse().ok().filter(|number| *number > 0).ok_or_else(|| Problem::parameter(name, text));
        self.get(name).map(read).transpose()
    }

    /// Yes or no.
    ///
    /// # Errors
    /// When it is neither.
    pub(crate) fn is_true(&self, name: &str) -> Result<bool, Problem> {
        match self.get(name).map(str::to_lowercase).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Problem::parameter(name, other)),
        }
    }

    /// Names with commas between.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let all = self.0.iter().filter(|(of, _)| of == name);
        all.flat_map(|(_, value)| split(value)).collect()
    }

    /// What is chosen by `valuecodes[X]` and `codelist[X]`, in the order in which the dimensions are first named.
    pub(crate) fn choices(&self) -> Vec<Choice> {
        let mut choices: Vec<Choice> = Vec::new();
        for (name, value) in &self.0 {
            let Some((kind, variable)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) else { continue };
            if !matches!(kind, "valuecodes" | "codelist") {
                continue;
            }
            let choice = chosen(&mut choices, variable);
            match kind {
                "valuecodes" => choice.values.extend(split(value)),
                _ => choice.codelist = Some(value.clone()).filter(|id| !id.is_empty()),
            }
        }
        choices
    }
}

/// The choice of a variable among others, a new one if there is none.
fn chosen<'c>(choices: &'c mut Vec<Choice>, variable: &str) -> &'c mut Choice {
    let at = choices.iter().position(|of| of.variable.eq_ignore_ascii_case(variable)).unwrap_or_else(|| {
        choices.push(Choice { variable: variable.to_owned(), ..Choice::default() });
        choices.len() - 1
    });
    &mut choices[at]
}

/// The parts of a text between its commas, but for those within parentheses: `SE11,RANGE(2021,2023)`.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0u32);
    for c in text.chars() {
        depth = match c {
            '(' => depth + 1,
            ')' => depth.saturating_sub(1),
            _ => depth,
        };
        match parts.last_mut() {
            Some(part) if c != ',' || depth > 0 => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The id in an address.
#[derive(Debug)]
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Problem::parameter("id", parts.uri.path()))
    }
}

/// The body of a POST.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    selection: Vec<Variable>,
    pub(crate) placement: Option<Placement>,
}

/// The same as JSON, whose objects are no lists.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    selection: Option<Vec<Map<String, Value>>>,
    placement: Option<Map<String, Value>>,
}

/// What is asked for of one dimension.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Variable {
    variable_code: String,
    #[serde(default)]
    value_codes: Vec<String>,
    /// Written so in the specification, and `codeList` by some.
    #[serde(default, alias = "codeList")]
    codelist: Option<String>,
}

/// Where dimensions stand in a table.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Placement {
    pub(crate) heading: Vec<String>,
    pub(crate) stub: Vec<String>,
}

impl Asked {
    /// Reads it; an empty body asks for nothing in particular.
    ///
    /// # Errors
    /// When it is not JSON of that form.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Problem> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        let object: Option<Map<String, Value>> = serde_json::from_slice(body).map_err(Problem::body)?;
        let body: Body = read(object.unwrap_or_default())?;
        let selection = body.selection.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { selection, placement: body.placement.map(read).transpose()? })
    }

    /// What is chosen. A variable that is named twice is chosen once, with the values of both.
    pub(crate) fn choices(&self) -> Vec<Choice> {
        let mut choices = Vec::new();
        for of in &self.selection {
            let choice = chosen(&mut choices, &of.variable_code);
            choice.values.extend(of.value_codes.iter().cloned());
            choice.codelist = of.codelist.clone().filter(|id| !id.is_empty()).or(choice.codelist.take());
        }
        choices
    }
}

fn read<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, Problem> {
    serde_json::from_value(Value::Object(object)).map_err(Problem::body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_within_parentheses_separates_nothing() {
        assert_eq!(split("SE11, RANGE(2021,2023),*"), ["SE11", "RANGE(2021,2023)", "*"]);
        assert_eq!(split(",a,,b,"), ["a", "b"]);
        assert_eq!(split("a),b"), ["a)", "b"]);
        assert!(split("").is_empty());
    }

    #[test]
    fn names_are_alike_in_any_case_and_brackets_may_be_encoded() {
        let of =
            Parameters::of(Some("valueCodes%5BRegion%5D=SE11&VALUECODES[region]=SE12,TOP(1,2)&codelist[sex]=x&Lang=EN&lang=sv"));
        let choice = |variable: &str, values: &[&str], list: Option<&str>| Choice {
            variable: variable.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            codelist: list.map(str::to_owned),
        };
        assert_eq!(of.choices(), [choice("region", &["SE11", "SE12", "TOP(1,2)"], None), choice("sex", &[], Some("x"))]);
        assert_eq!(of.lang(), Ok(Lang::En));
        let title = |query: &str| Parameters::of(Some(query)).lang().map_err(|problem| problem.title);
        assert_eq!([title("lang="), title("lang=fi")], [Ok(Lang::Sv), Err("Unsupported language")]);
    }

    #[test]
    fn numbers_and_words_are_what_they_have_to_be() {
        let of = Parameters::of(Some("pagenumber=0&pageSize=10&pastdays=x&a=True&b=yes&c="));
        assert_eq!(of.number("pagesize"), Ok(Some(10)));
        assert!(of.number("pagenumber").is_err() && of.number("pastdays").is_err());
        assert_eq!((of.number("none"), of.number("c")), (Ok(None), Ok(None)));
        assert_eq!((of.is_true("a"), of.is_true("none")), (Ok(true), Ok(false)));
        assert!(of.is_true("b").is_err());
    }

    #[test]
    fn a_body_is_read_or_refused() {
        let read = |text: &str| Asked::read(text.as_bytes()).map(|asked| asked.choices());
        assert_eq!(read(" "), Ok(Vec::new()));
        assert_eq!(read("null"), Ok(Vec::new()));
        let two =
            r#"{"selection":[{"variableCode":"A","valueCodes":["x"]},{"variableCode":"a","valueCodes":["y,z"],"codeList":"l"}]}"#;
        let choices = read(two).unwrap();
        assert_eq!((choices.len(), choices[0].values.as_slice()), (1, ["x".to_owned(), "y,z".to_owned()].as_slice()));
        assert_eq!(choices[0].codelist.as_deref(), Some("l"));
        for wrong in [
            "{",
            "[]",
            r#"{"selection":{}}"#,
            r#"{"selection":[{"valueCodes":[]}]}"#,
            r#"{"selection":[{"variableCode":1}]}"#,
            "\u{feff}",
        ] {
            assert_eq!(read(wrong).map_err(|problem| problem.title), Err("Illegal body of the request"), "{wrong}");
        }
    }
}
