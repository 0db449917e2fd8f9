//! The targets that a query's number is held against: those of the public register, and only where the query has the number that the
//! register promises. A verdict on another number than the promised one would be worse than none.

use std::collections::BTreeMap;

use datafusion::logical_expr::{Expr, LogicalPlan};

use self::conditions::{Conditions, Place, Quantity, Rows, Values, both};
use self::number::{Keys, Number, What, number};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::QuerySpec;
use crate::certify::{Planner as _, PublicScan, unalias};
use crate::engine::{Answer, Engine};
use utfall_ground::error::Error;
use utfall_ground::text::{Message, Text};
use utfall_publish::estimate::target::{Kind, Part, Target};

mod conditions;
mod number;
mod read;
pub(crate) mod telling;

/// A share that may be so many percentage points off a promise is no promise kept.
const MOST_TOLERANCE: i64 = 20;

/// What a table of targets has; the others of [`Row`] may be missing, and then mean a share, all of it, and no tolerance.
const COLUMNS: [&str; 4] = ["target", "project", "minimum", "numerator"];

/// One row of the register, by column.
struct Row(BTreeMap<String, String>);

impl Row {
    fn text(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    /// A whole number, if one is given.
    fn number(&self, column: &str) -> Option<i64> {
        self.text(column).parse().ok()
    }

    /// What kind of number it promises.
    fn kind(&self) -> Result<Kind, Message> {
        match self.text("kind") {
            "" | "share" => Ok(Kind::Share),
            "count" => Ok(Kind::Count),
            "mean" => Ok(Kind::Mean),
            other => Err(Message::new(
                format!("har slaget `{other}`; det är share, count eller mean"),
                format!("is of the kind `{other}`; it is share, count or mean"),
            )),
        }
    }

    /// What it promises, between which ends, and how far from them it counts as met.
    fn target(&self) -> Result<Target, Message> {
        let kind = self.kind()?;
        let (minimum, maximum) = (self.number("minimum"), self.number("maximum"));
        let tolerance = self.number("tolerance").unwrap_or(0);
        let ends = minimum.into_iter().chain(maximum);
        let most = if kind == Kind::Share { 100 } else { i64::MAX };
        if ends.clone().count() == 0
            || ends.clone().any(|end| !(0..=most).contains(&end))
            || minimum.zip(maximum).is_some_and(|(a, b)| a > b)
        {
            return Err(Message::new(
                "har inga gränser som passar: minimum, maximum eller båda, en andel i procent från 0 till 100",
                "has no ends that fit: minimum, maximum or both, a share in percent from 0 to 100",
            ));
        }
        if tolerance < 0 || (kind == Kind::Share && tolerance > MOST_TOLERANCE) {
            return Err(Message::new(
                "har en tolerans under noll, eller över 20 procentenheter av en andel",
                "has a tolerance below zero, or above 20 percentage points of a share",
            ));
        }
        let title = Text { sv: self.text("name_sv").to_owned(), en: self.text("name_en").to_owned() };
        Ok(Target { title, code: self.text("project").to_owned(), kind, part: None, minimum, maximum, tolerance })
    }
}

/// The targets that a query names.
///
/// # Errors
/// When the register has no such target, or the query does not measure what it promises.
pub(super) async fn targets(
    engine: &Engine,
    catalogue: &Catalogue,
    query: &QuerySpec,
    answer: &Answer,
) -> Result<Vec<Target>, Error> {
    if query.targets.is_empty() {
        return Ok(Vec::new());
    }
    let wrong = |why: Message| Error::usage("targets", why.after(format!("{}: targets: ", query.file)));
    let number = number(answer, catalogue).ok_or_else(|| wrong(shape()))?;
    if query.private_keys.is_some() {
        return Err(wrong(shape()));
    }
    let is_shown = answer.above.is_none() || passed_on(engine, query, answer).await?;
    let register = catalogue.tables().find(|t| !t.is_private() && COLUMNS.iter().all(|column| t.columns.contains_key(*column)));
    let Some(register) = register else {
        return Err(wrong(Message::new("ingen offentlig tabell har mål", "no public table has targets")));
    };
    let scan = PublicScan { table: register.name.clone(), conditions: Vec::new(), optional: false };
    let columns: Vec<&str> = register.columns.keys().map(String::as_str).collect();
    let rows: Vec<Row> = engine.combinations(&scan, &columns).await?.into_iter().map(|row| named(&columns, row)).collect();
    let one = |name: &String| {
        let row = rows.iter().find(|row| row.text("target") == name).ok_or_else(|| {
            let known: Vec<&str> = rows.iter().map(|row| row.text("target")).collect();
            let known = known.join(", ");
            wrong(Message::new(
                format!("`{name}` finns inte i registret; där finns: {known}"),
                format!("`{name}` is not in the register; it has: {known}"),
            ))
        })?;
        let held = held(row, &number, answer, catalogue).map_err(|why| wrong(why.after(format!("`{name}` "))))?;
        // The part that a quota is of is computed beside the verdict, whatever else is.
        if is_shown || held.part.is_some() { Ok(held) } else { Err(wrong(shape())) }
    };
    query.targets.iter().map(one).collect()
}

fn named(columns: &[&str], row: Vec<Option<String>>) -> Row {
    let cells = columns.iter().zip(row).filter_map(|(name, cell)| Some(((*name).to_owned(), cell?)));
    Row(cells.collect())
}

/// What a query must be that a target is held against.
fn shape() -> Message {
    let share = "`SELECT avg(CASE WHEN column IN ('code', …) THEN 1 ELSE 0 END) … WHERE project = 'code'`";
    Message::new(
        format!(
            "ett mål gäller ett enda tal om deltaganden, uppdelat på projekt eller i ett projekt: en andel {share}, ett antal `count(*)` \
             eller ett medelvärde `avg(kolumn)`; eller antal efter den kolumn som en kvot gäller. Räkna inte om talet ovanför dörren"
        ),
        format!(
            "a target is for one number of participations, by project alone or of one project: a share {share}, a count `count(*)` or a \
             mean `avg(column)`; or counts by the column that a quota is of. Do not compute another number of it above the door"
        ),
    )
}

/// Whether what stands above the door only chooses, orders and names rows: the number that is judged is the one that is shown.
async fn passed_on(engine: &Engine, query: &QuerySpec, answer: &Answer) -> Result<bool, Error> {
    let plan = engine.planner().plan(query.text()).await.map_err(Error::engine)?;
    let (mut plan, mut before) = (&plan, 0);
    loop {
        plan = match plan {
            // Another aggregate above the door computes another number.
            LogicalPlan::Aggregate(_) => return Ok(before == answer.certified.accepted().crossing_at),
            LogicalPlan::Projection(of) if of.expr.iter().all(|expr| matches!(unalias(expr), Expr::Column(_))) => &of.input,
            LogicalPlan::Filter(of) => &of.input,
            LogicalPlan::Sort(of) => &of.input,
            LogicalPlan::Limit(of) => &of.input,
            LogicalPlan::SubqueryAlias(of) => &of.input,
            _ => return Ok(false),
        };
        before += 1;
    }
}

/// A target of the register, held against the number of a query; or why it cannot be.
fn held(row: &Row, number: &Number, answer: &Answer, catalogue: &Catalogue) -> Result<Target, Message> {
    let target = row.target()?;
    let promise = Promise::of(row, target.kind, catalogue)?;
    let code = target.code.clone();
    let is_root = |table: &String| catalogue.private_tables().first().is_some_and(|root| root.name == *table);
    if let (Kind::Share, What::Count(table), Keys::Columns(keys)) = (target.kind, &number.what, &number.keys)
        && is_root(table)
    {
        let (code, part) = promise.quota(keys, number, &code)?;
        return Ok(Target { code, part: Some(part), ..target });
    }
    // The row of a column's code is of those who have it.
    let of_code = match &number.keys {
        Keys::Columns(places) => Some(promise.code(places)?),
        _ => None,
    };
    promise.is(number, of_code.as_ref(), catalogue)?;
    let grid = answer.certified.grid();
    let by_project = grid.keys.iter().any(|key| key.codes.iter().any(|c| c.code == code));
    let own = match (&number.keys, &number.projects) {
        (Keys::Project, Some(only)) => by_project && only.contains(&code),
        (Keys::Project, None) => by_project,
        (_, Some(only)) => only.iter().eq([&code]),
        (_, None) => false,
    };
    if !own {
        return Err(Message::new(
            format!("är ett mål för {code}, som inte har någon rad i tabellen"),
            format!("is a target of {code}, which has no row in the table"),
        ));
    }
    let code = match &number.keys {
        Keys::Choice(code) => code.clone(),
        Keys::Columns(_) => of_code.map_or(code, |(_, own)| own),
        Keys::None | Keys::Project => code,
    };
    Ok(Target { code, ..target })
}

/// What the register promises, read.
struct Promise<'r> {
    row: &'r Row,
    /// The number, with those that it is of.
    what: What,
    among: Conditions,
}

impl<'r> Promise<'r> {
    fn of(row: &'r Row, kind: Kind, catalogue: &Catalogue) -> Result<Self, Message> {
        let (numerator, denominator) = (row.text("numerator"), row.text("denominator"));
        let unread = || {
            Message::new(
                format!("lovar {} som ingen fråga kan jämföras med", Said(numerator, denominator).sv()),
                format!("promises {} which no query can be compared with", Said(numerator, denominator).en()),
            )
        };
        let among = Rows::parse(denominator).ok_or_else(unread)?.conditions;
        let (what, among) = match kind {
            Kind::Share => (What::Share(Rows::parse(numerator).ok_or_else(unread)?.conditions), among),
            Kind::Mean => (What::Mean(Quantity::parse(numerator).ok_or_else(unread)?), among),
            Kind::Count => {
                let rows = Rows::parse(numerator).ok_or_else(unread)?;
                let root = catalogue.private_tables().first().map(|table| table.name.clone()).unwrap_or_default();
                let table = rows.tables.into_iter().next().unwrap_or(root);
                (What::Count(table), both(rows.conditions, &among))
            }
        };
        Ok(Self { row, what, among })
    }

    /// That the register promises another number, and what another one the query has.
    fn other(&self, sv: &str, en: &str) -> Message {
        let said = Said(self.row.text("numerator"), self.row.text("denominator"));
        Message::new(format!("lovar {}, {sv}", said.sv()), format!("promises {}, {en}", said.en()))
    }

    /// Whether a query's number is this one; or why not. `of_code`: that of the row of a code.
    fn is(&self, number: &Number, of_code: Option<&(Place, String)>, catalogue: &Catalogue) -> Result<(), Message> {
        let others = || self.other("och frågans WHERE utelämnar andra rader", "and the query's WHERE leaves other rows out");
        let among = number.among.clone().ok_or_else(others)?;
        let row: Conditions = of_code.iter().map(|(place, code)| (place.clone(), Values::one(code))).collect();
        let among = both(among, &row);
        match (&self.what, &number.what) {
            (What::Share(promised), What::Share(counted)) => {
                let among = once(among);
                if among != self.among {
                    return Err(others());
                }
                if both(counted.clone(), &among) == both(promised.clone(), &among) {
                    Ok(())
                } else {
                    Err(self.other("och frågans CASE räknar andra", "and the query's CASE counts others"))
                }
            }
            (What::Count(promised), What::Count(counted)) => {
                if promised != counted || among != self.among {
                    return Err(self.other(
                        "och frågan räknar andra rader: table.entry=1 är var och en en gång, annars räknas varje deltagande",
                        "and the query counts other rows: table.entry=1 is each person once, otherwise every participation counts",
                    ));
                }
                Ok(())
            }
            (What::Mean(promised), What::Mean(of)) => {
                if promised != of {
                    return Err(self.other("och frågans avg är av något annat", "and the query's avg is of something else"));
                }
                let among = once(among);
                let required = |(table, column): &Place| {
                    catalogue.table(table).and_then(|table| table.columns.get(column)).is_some_and(|column| column.required)
                };
                // Rows without a value are in no mean, but where an end stands for it: then they must have been left out.
                let lack: Conditions =
                    of.places().filter(|place| !required(place)).map(|place| (place.clone(), Values::Any)).collect();
                if of.clamp.is_some() && !lack.keys().all(|place| among.contains_key(place)) {
                    return Err(others());
                }
                if both(among, &lack) == both(self.among.clone(), &lack) { Ok(()) } else { Err(others()) }
            }
            (_, What::Share(_)) if number.among.is_none() => Err(others()),
            (_, what) => {
                let (sv, en) = match what {
                    What::Share(_) => ("en andel (kind = share)", "a share (kind = share)"),
                    What::Count(_) => ("ett antal (kind = count)", "a count (kind = count)"),
                    What::Mean(_) => ("ett medelvärde (kind = mean)", "a mean (kind = mean)"),
                };
                Err(self.other(&format!("och frågans tal är {sv}"), &format!("and the query's number is {en}")))
            }
        }
    }

    /// The code of the only key of a table, which the register must name: the row that is judged.
    fn code(&self, keys: &[Place]) -> Result<(Place, String), Message> {
        let own = |place: &Place| Some((place.clone(), self.among.get(place)?.single()?.clone()));
        match keys {
            [place] if let Some(own) = own(place) => Ok(own),
            _ => Err(shape()),
        }
    }

    /// The row of a table of counts of which the register promises that it is such a part of the others.
    fn quota(&self, keys: &[Place], number: &Number, project: &str) -> Result<(String, Part), Message> {
        let What::Share(counted) = &self.what else { return Err(shape()) };
        let others = || {
            self.other(
                "och frågans rader räknar andra: nämnaren är alla rader med samma koder i de andra nycklarna",
                "and the query's rows count others: the denominator is all rows with the same codes in the other keys",
            )
        };
        // Whose row it is, and whose rows it is a part of.
        let own = |place: &Place| {
            counted.get(place).and_then(Values::single).filter(|_| self.among.get(place).is_none_or(|all| all.single().is_none()))
        };
        let key = keys.iter().position(|place| own(place).is_some()).ok_or_else(others)?;
        let code = keys.get(key).and_then(own).cloned().ok_or_else(others)?;
        let mut among = once(number.among.clone().ok_or_else(others)?);
        let mut within = Vec::new();
        let is_project = |place: &Place| place.1 == "project";
        for place in keys.iter().enumerate().filter(|(at, _)| *at != key).map(|(_, place)| place) {
            let code = match self.among.get(place).and_then(Values::single) {
                Some(code) => code.clone(),
                None if is_project(place) => project.to_owned(),
                None => return Err(others()),
            };
            if !is_project(place) {
                among = both(among, &Conditions::from([(place.clone(), Values::one(&code))]));
            }
            within.push(code);
        }
        let is_own = keys.iter().any(is_project) || number.projects.as_ref().is_some_and(|only| only.iter().eq([project]));
        let counted: Conditions =
            counted.iter().filter(|(place, _)| Some(*place) != keys.get(key)).map(|(p, v)| (p.clone(), v.clone())).collect();
        if !is_own || among != self.among || both(counted, &among) != among {
            return Err(others());
        }
        Ok((code, Part { key, within }))
    }
}

/// Shares and means are of participations, or of each person's first one in the project: that leaves nobody out.
fn once(mut among: Conditions) -> Conditions {
    among.retain(|(_, column), values| !(column == "entry" && values.single().is_some_and(|entry| entry == "1")));
    among
}

/// What the register promises, in its own words.
struct Said<'r>(&'r str, &'r str);

impl Said<'_> {
    fn sv(&self) -> String {
        let Self(numerator, denominator) = self;
        if denominator.is_empty() { format!("`{numerator}`") } else { format!("`{numerator}` av `{denominator}`") }
    }

    fn en(&self) -> String {
        let Self(numerator, denominator) = self;
        if denominator.is_empty() { (*numerator).to_owned() } else { format!("{numerator} of {denominator}") }
    }
}
