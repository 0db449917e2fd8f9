//! A certificate as one line of JSON, for auditors, next to the release. Not trusted: what is read has still to be verified.
//! Archives and auditors compare its bytes, so the form stands still.

mod json;

use json::Json;
use utfall_privacy::certificate::{Certificate, Claim, Crossing, JoinKind, Measure, Node, PublicKey, Rule, rule};
use utfall_privacy::{Error, Sensitivity};

/// The first field. A change of format is a new number.
const VERSION: &str = "utfall certificate 1";

/// The first field where every public scan states its key.
const STATED: &str = "utfall certificate 2";

/// What every node starts from.
const D_IN: &str = "1 person";

/// The first field where an input of some union is told from the others by a constant; public scans state their keys here too.
const TAGGED: &str = "utfall certificate 3";

type Read<T> = Result<T, &'static str>;

/// The certificate as one line of JSON.
pub fn write(certificate: &Certificate) -> String {
    let Certificate { table, crossing, input } = certificate;
    let all = object([
        ("format", text(version(input))),
        ("table", text(table)),
        ("crossing", write_crossing(crossing)),
        ("input", write_node(input)),
    ]);
    let mut out = String::new();
    all.write(&mut out);
    out
}

/// Reads what [`write()`] writes; blanks between tokens and the order of fields are free.
///
/// # Errors
/// Why the text is no certificate.
pub fn read(text: &str) -> Result<Certificate, Error> {
    Json::parse(text).and_then(read_certificate).map_err(|why| Error::Syntax { what: "a certificate", why })
}

fn read_certificate(json: Json) -> Read<Certificate> {
    let mut fields = Fields::of(json)?;
    let format = fields.text("format")?;
    if ![VERSION, STATED, TAGGED].contains(&format.as_str()) {
        return Err("expected the format `utfall certificate 1`, `2` or `3`");
    }
    let certificate = Certificate {
        table: fields.text("table")?,
        crossing: fields.take("crossing").and_then(read_crossing)?,
        input: fields.take("input").and_then(read_node)?,
    };
    let mut stated = Vec::new();
    keys(&certificate.input, &mut stated);
    if stated.contains(&(format == VERSION)) {
        return Err("a public scan states its key in the second format and later, and not in the first");
    }
    if is_tagged(&certificate.input) != (format == TAGGED) {
        return Err("a union has a tag in the third format, and in no other");
    }
    fields.end(certificate)
}

/// The format of a certificate: the first, unless its public scans state their keys or a union has a tag.
fn version(input: &Node) -> &'static str {
    let mut stated = Vec::new();
    if is_tagged(input) {
        return TAGGED;
    }
    keys(input, &mut stated);
    if stated.contains(&true) { STATED } else { VERSION }
}

/// Whether a union of a tree has a tag.
fn is_tagged(node: &Node) -> bool {
    matches!(&node.rule, Rule::Union(rule::Union { tags }) if !tags.is_empty()) || node.inputs.iter().any(is_tagged)
}

/// Whether each public scan of a tree states its key.
fn keys(node: &Node, stated: &mut Vec<bool>) {
    if let Rule::ScanPublic(rule::ScanPublic { stated: key, .. }) = &node.rule {
        stated.push(key.is_some());
    }
    node.inputs.iter().for_each(|input| keys(input, stated));
}

fn write_crossing(crossing: &Crossing) -> Json {
    let Crossing { sets, measure, sensitivity } = crossing;
    let measure = match measure {
        Measure::Count => object([("kind", text("count"))]),
        Measure::DistinctUnits => object([("kind", text("distinct-units"))]),
        Measure::Sum { low, high } => object([("kind", text("sum")), ("low", number(*low)), ("high", number(*high))]),
        Measure::Split { low, high } => object([("kind", text("split")), ("low", number(*low)), ("high", number(*high))]),
        Measure::Scores { weight } => object([("kind", text("scores")), ("weight", number(*weight))]),
    };
    let norms = object([("l1", number(sensitivity.l1())), ("l2_squared", number(sensitivity.l2_squared()))]);
    object([("sets", write_sets(sets)), ("measure", measure), ("sensitivity", norms)])
}

fn read_crossing(json: Json) -> Read<Crossing> {
    let mut fields = Fields::of(json)?;
    let crossing = Crossing {
        sets: fields.take("sets").and_then(read_sets)?,
        measure: fields.take("measure").and_then(read_measure)?,
        sensitivity: fields.take("sensitivity").and_then(read_sensitivity)?,
    };
    fields.end(crossing)
}

fn read_measure(json: Json) -> Read<Measure> {
    let mut fields = Fields::of(json)?;
    let measure = match fields.text("kind")?.as_str() {
        "count" => Measure::Count,
        "distinct-units" => Measure::DistinctUnits,
        "sum" => Measure::Sum { low: fields.number("low")?, high: fields.number("high")? },
        "split" => Measure::Split { low: fields.number("low")?, high: fields.number("high")? },
        "scores" => Measure::Scores { weight: fields.number("weight")? },
        _ => return Err("its measure is unknown"),
    };
    fields.end(measure)
}

fn read_sensitivity(json: Json) -> Read<Sensitivity> {
    let mut fields = Fields::of(json)?;
    let (l1, l2_squared) = (fields.number("l1")?, fields.number("l2_squared")?);
    fields.end(Sensitivity::new(l1, l2_squared).map_err(|_| "no integer table has its sensitivity")?)
}

fn write_node(node: &Node) -> Json {
    let Node { rule, columns, claim, inputs, note } = node;
    object([
        ("rule", text(rule.name())),
        ("constants", write_constants(rule)),
        ("columns", Json::Array(columns.iter().map(|column| text(column)).collect())),
        ("d_in", text(D_IN)),
        ("d_out", write_claim(claim)),
        ("note", text(note)),
        ("inputs", Json::Array(inputs.iter().map(write_node).collect())),
    ])
}

fn read_node(json: Json) -> Read<Node> {
    let mut fields = Fields::of(json)?;
    let name = fields.text("rule")?;
    if fields.text("d_in")? != D_IN {
        return Err("a node starts from something else than 1 person");
    }
    let node = Node {
        rule: read_rule(&name, fields.take("constants")?)?,
        columns: fields.list("columns", Json::into_text)?,
        claim: fields.take("d_out").and_then(read_claim)?,
        inputs: fields.list("inputs", read_node)?,
        note: fields.text("note")?,
    };
    fields.end(node)
}

fn write_constants(rule: &Rule) -> Json {
    match rule {
        Rule::ScanPrivate(rule::ScanPrivate { table, contributions, rows, unit, contribution, second, project }) => object([
            ("table", text(table)),
            ("contributions", number(*contributions)),
            ("rows", rows.map_or(Json::Null, number)),
            ("unit", place(*unit)),
            ("contribution", place(*contribution)),
            ("second", place(*second)),
            ("project", project.map_or(Json::Null, place)),
        ]),
        Rule::ScanPublic(rule::ScanPublic { table, key, stated: None }) => object([("table", text(table)), ("key", places(key))]),
        Rule::ScanPublic(rule::ScanPublic { table, key, stated: Some(stated) }) => object([
            ("table", text(table)),
            ("key", places(key)),
            ("rows", number(stated.rows())),
            ("digest", text(stated.digest())),
        ]),
        Rule::Filter(rule::Filter { fixed }) => object([("fixed", places(fixed))]),
        Rule::Project(rule::Project { from }) => {
            object([("from", Json::Array(from.iter().map(|from| from.map_or(Json::Null, place)).collect()))])
        }
        Rule::Join(rule::Join { on, kind }) => {
            let kind = match kind {
                JoinKind::Inner => "inner",
                JoinKind::Left => "left",
            };
            object([("on", write_pairs(on)), ("kind", text(kind))])
        }
        Rule::Semi(rule::Semi { on, anti }) => object([("on", write_pairs(on)), ("anti", Json::Bool(*anti))]),
        Rule::Union(rule::Union { tags }) if tags.is_empty() => object([]),
        Rule::Union(rule::Union { tags }) => object([("tags", places(tags))]),
        Rule::GroupByUnit(rule::GroupByUnit { keys, aggregates }) => {
            object([("keys", places(keys)), ("aggregates", place(*aggregates))])
        }
    }
}

fn read_rule(name: &str, constants: Json) -> Read<Rule> {
    let mut fields = Fields::of(constants)?;
    let rule = match name {
        "scan-private" => Rule::ScanPrivate(rule::ScanPrivate {
            table: fields.text("table")?,
            contributions: fields.number("contributions")?,
            rows: fields.option("rows")?,
            unit: fields.number("unit")?,
            contribution: fields.number("contribution")?,
            second: fields.number("second")?,
            project: fields.option("project")?,
        }),
        "scan-public" => Rule::ScanPublic(rule::ScanPublic {
            table: fields.text("table")?,
            key: fields.list("key", Json::into_number)?,
            stated: match fields.has("rows") {
                true => {
                    let stated = PublicKey::stated(fields.number("rows")?, fields.text("digest")?);
                    Some(stated.ok_or("a digest is not 64 hexadecimal digits")?)
                }
                false => None,
            },
        }),
        "filter" => Rule::Filter(rule::Filter { fixed: fields.list("fixed", Json::into_number)? }),
        "project" => Rule::Project(rule::Project { from: fields.list("from", Json::into_option)? }),
        "join" => Rule::Join(rule::Join {
            on: fields.list("on", read_pair)?,
            kind: match fields.text("kind")?.as_str() {
                "inner" => JoinKind::Inner,
                "left" => JoinKind::Left,
                _ => return Err("its kind of join is unknown"),
            },
        }),
        "semi" => Rule::Semi(rule::Semi { on: fields.list("on", read_pair)?, anti: fields.boolean("anti")? }),
        "union" => Rule::Union(rule::Union {
            tags: if fields.has("tags") { fields.list("tags", Json::into_number)? } else { Vec::new() },
        }),
        "group-by-unit" => Rule::GroupByUnit(rule::GroupByUnit {
            keys: fields.list("keys", Json::into_number)?,
            aggregates: fields.number("aggregates")?,
        }),
        _ => return Err("its rule is unknown"),
    };
    fields.end(rule)
}

fn write_claim(claim: &Claim) -> Json {
    let Claim { rows, contributions, per_contribution, unit, contribution, unique } = claim;
    object([
        ("rows", number(*rows)),
        ("contributions", number(*contributions)),
        ("per_contribution", number(*per_contribution)),
        ("unit", unit.map_or(Json::Null, place)),
        ("contribution", contribution.map_or(Json::Null, place)),
        ("unique", write_sets(unique)),
    ])
}

fn read_claim(json: Json) -> Read<Claim> {
    let mut fields = Fields::of(json)?;
    let claim = Claim {
        rows: fields.number("rows")?,
        contributions: fields.number("contributions")?,
        per_contribution: fields.number("per_contribution")?,
        unit: fields.option("unit")?,
        contribution: fields.option("contribution")?,
        unique: fields.take("unique").and_then(read_sets)?,
    };
    fields.end(claim)
}

fn write_sets(sets: &[Vec<usize>]) -> Json {
    Json::Array(sets.iter().map(|set| places(set)).collect())
}

fn read_sets(json: Json) -> Read<Vec<Vec<usize>>> {
    json.into_list(|set| set.into_list(Json::into_number))
}

fn write_pairs(pairs: &[(usize, usize)]) -> Json {
    Json::Array(pairs.iter().map(|(left, right)| places(&[*left, *right])).collect())
}

fn read_pair(json: Json) -> Read<(usize, usize)> {
    let pair: [usize; 2] = json.into_list(Json::into_number)?.try_into().map_err(|_| "a pair of columns is not two numbers")?;
    Ok(pair.into())
}

fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
    Json::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn text(text: &str) -> Json {
    Json::Text(text.to_owned())
}

fn number(number: impl Into<i128>) -> Json {
    Json::Integer(number.into())
}

/// A column. A `usize` has at most 64 bits.
fn place(column: usize) -> Json {
    Json::Integer(i128::try_from(column).unwrap_or(i128::MAX))
}

fn places(columns: &[usize]) -> Json {
    Json::Array(columns.iter().copied().map(place).collect())
}

impl Json {
    fn into_number<T: TryFrom<i128>>(self) -> Read<T> {
        let Self::Integer(value) = self else { return Err("a number is missing") };
        T::try_from(value).map_err(|_| "a number is outside its range")
    }

    fn into_option<T: TryFrom<i128>>(self) -> Read<Option<T>> {
        if self == Self::Null { Ok(None) } else { self.into_number().map(Some) }
    }

    fn into_text(self) -> Read<String> {
        let Self::Text(text) = self else { return Err("a text is missing") };
        Ok(text)
    }

    fn into_list<T>(self, read: impl Fn(Self) -> Read<T>) -> Read<Vec<T>> {
        let Self::Array(items) = self else { return Err("a list is missing") };
        items.into_iter().map(read).collect()
    }
}

/// The fields of an object that have not been read yet.
struct Fields(Vec<(String, Json)>);

impl Fields {
    fn of(json: Json) -> Read<Self> {
        let Json::Object(fields) = json else { return Err("an object is missing") };
        Ok(Self(fields))
    }

    fn take(&mut self, name: &str) -> Read<Json> {
        let place = self.0.iter().position(|(other, _)| other == name).ok_or("a field is missing")?;
        Ok(self.0.remove(place).1)
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    /// What was read, if nothing is left.
    fn end<T>(self, read: T) -> Read<T> {
        if self.0.is_empty() { Ok(read) } else { Err("a field is unknown") }
    }

    fn text(&mut self, name: &str) -> Read<String> {
        self.take(name)?.into_text()
    }

    fn number<T: TryFrom<i128>>(&mut self, name: &str) -> Read<T> {
        self.take(name)?.into_number()
    }

    fn option<T: TryFrom<i128>>(&mut self, name: &str) -> Read<Option<T>> {
        self.take(name)?.into_option()
    }

    fn boolean(&mut self, name: &str) -> Read<bool> {
        let Json::Bool(value) = self.take(name)? else { return Err("true or false is missing") };
        Ok(value)
    }

    fn list<T>(&mut self, name: &str, read: impl Fn(Json) -> Read<T>) -> Read<Vec<T>> {
        self.take(name)?.into_list(read)
    }
}

#[cfg(test)]
mod tests;
