//! What `utfall plan` says that the numbers of a table are worth: of each statistic, for each project by what it plans for, and what would
//! make them better.

use datafusion::logical_expr::Expr;

use super::figures::{number, percent, short};
use crate::catalogue::schema::Catalogue;
use crate::certify::{Subject, Vector};
use crate::cli::terminal::{Terminal, tell};
use crate::release::preview::{Coarser, Expected, Kind, Outlook, Prospect, Range, Statistic, axes, coarser};
use crate::release::sizes::{People, Size, Sizes, column_title};
use crate::release::{Telling, telling};
use utfall_ground::text::Lang;
use utfall_publish::estimate::target;
use utfall_publish::unit;

/// A table whose worth is told.
pub(super) struct Worth<'a> {
    pub(super) prospect: &'a Prospect<'a>,
    pub(super) outlook: &'a Outlook<'a>,
    /// What is expected of its first vector.
    pub(super) expected: Option<&'a Expected>,
    pub(super) catalogue: &'a Catalogue,
    pub(super) tail: f64,
    pub(super) terminal: Terminal,
}

impl Worth<'_> {
    /// Prints it.
    pub(super) fn told(&self) {
        let (name, several) = (&self.outlook.table.query.name, self.outlook.statistics.len() > 1);
        for of in &self.outlook.statistics {
            let half = self.half(of);
            let of_table = if several { format!("{name}, {}", of.name) } else { name.clone() };
            tell!(self.terminal, "\n  {of_table}: {}", general(of, self.terminal));
            self.sizes(of, half);
            self.wider(of);
            if let Some(Half { margin, .. }) = half {
                let least = number((margin / 0.05).ceil(), 0, self.terminal);
                tell!(
                    self.terminal,
                    "    {}",
                    self.terminal.say(
                        format!("en andel ±5 procentenheter: från {least} personer"),
                        format!("a share ±5 percentage points: from {least} people"),
                    )
                );
            }
            if of.kind == Kind::Count {
                self.coarser(of);
            }
        }
        self.targets();
        self.alone();
    }

    /// What a share of one half is worth: of counts, by the last key that is not the project (the outcome, where queries name it last).
    fn half(&self, of: &Statistic) -> Option<Half> {
        match of.kind {
            Kind::Share => Some(Half { margin: of.margin, cells: 1.0 }),
            Kind::Count => {
                let axes = axes(self.prospect.checked, &of.vector);
                let (axis, column) = axes.iter().rfind(|(_, of)| of.is_some() && *of != self.outlook.sizes.column)?;
                let margin = self.prospect.pair(&of.vector, Some(*axis), self.tail)?.half;
                Some(Half { margin, cells: self.prospect.codes(&of.vector, (*column)?)? as f64 })
            }
            Kind::Sum | Kind::Mean(_) | Kind::Spread(_) | Kind::Quantile(_) => None,
        }
    }

    /// A line for each project of a table that names them; else one for all of them together.
    fn sizes(&self, of: &Statistic, half: Option<Half>) {
        let (terminal, sizes) = (self.terminal, self.outlook.sizes);
        let label = |size: &Size| size.label.as_ref().map(|label| label.get(terminal.lang()).to_owned());
        if sizes.column.is_none() {
            let all: f64 = sizes.projects.iter().map(|size| size.people.number() as f64).sum();
            let name = match sizes.projects.as_slice() {
                [] => return,
                [one] => label(one),
                several => {
                    Some(terminal.say(format!("alla {} projekten", several.len()), format!("all {} projects", several.len())))
                }
            };
            let how = match (&name, sizes.projects.as_slice()) {
                (None, _) => terminal.say("personer i allt", "people in all"),
                (_, [one]) => how(one.people, terminal),
                _ => terminal.say("planerade", "planned"),
            };
            let name = name.map(|name| format!("{name}: ")).unwrap_or_default();
            let worth = self.of(of, self.outlook.people(), half);
            tell!(terminal, "    {name}{} {how}, {worth}", number(all, 0, terminal));
            return;
        }
        let mut silent = Vec::new();
        for size in &sizes.projects {
            let (people, cell) = (size.people.number() as f64, size.rows / size.cells as f64 / self.outlook.left);
            if let People::Usual(_) = size.people {
                silent.extend(label(size).map(|label| (label, people, cell)));
                continue;
            }
            let worth = self.of(of, cell, half);
            let (label, people) = (label(size).unwrap_or_default(), number(people, 0, terminal));
            tell!(terminal, "    {label}: {people} {}, {worth}", how(size.people, terminal));
        }
        if let Some((_, people, cell)) = silent.first() {
            let worth = self.of(of, *cell, half);
            let names: Vec<&str> = silent.iter().map(|(label, ..)| label.as_str()).collect();
            let (names, people) = (names.join(", "), number(*people, 0, terminal));
            let told = terminal.say(
                format!("planerade deltagare saknas; med {people}, {worth}"),
                format!("planned participants are not stated; with {people}, {worth}"),
            );
            tell!(terminal, "    {names}: {told}");
        }
    }

    /// What a statistic is worth in a cell of so many people, and a share of those of all cells that one key tells apart.
    fn of(&self, of: &Statistic, cell: f64, half: Option<Half>) -> String {
        let terminal = self.terminal;
        let spread = short(cell, terminal);
        let spread = terminal.say(format!("jämnt fördelade {spread} per cell"), format!("evenly spread {spread} per cell"));
        let off = of.off(cell);
        let told = match of.kind {
            _ if cell <= 0.0 => terminal.say("ingen", "nobody").to_owned(),
            Kind::Count => {
                let share =
                    half.map(|half| format!(", {}", points(half.margin / (half.cells * cell), terminal))).unwrap_or_default();
                format!("±{}{share}", number(off.ceil(), 0, terminal))
            }
            Kind::Sum => format!("±{}", number(off.ceil(), 0, terminal)),
            Kind::Share => points(off, terminal),
            Kind::Mean(_) | Kind::Spread(_) => format!("±{}", short(off, terminal)),
            Kind::Quantile(order) => ranks(order, off, terminal),
        };
        let doubt =
            if of.marked(cell) > 0.5 && cell > 0.0 { terminal.say("; mest OTILLFÖRLITLIGT", "; mostly UNRELIABLE") } else { "" };
        format!("{spread}: {told}{doubt}")
    }

    /// Says where a mean can be off by more than is possible, and how to clamp it.
    fn wider(&self, of: &Statistic) {
        let (terminal, Sizes { cells, .. }) = (self.terminal, self.outlook.sizes);
        let mut people = cells.iter().map(|people| people / self.outlook.left).filter(|people| *people > 0.0);
        let Kind::Mean(Range { low, high }) = of.kind else { return };
        if !people.any(|people| of.is_wider_than_possible(people)) {
            return;
        }
        let Column { name, unit } = Column::of(self.outlook, of, self.catalogue, terminal);
        let range = format!("{}–{}{unit}", number(low, 0, terminal), number(high, 0, terminal));
        let few = number((2.0 * of.margin / (high - low)).ceil(), 0, terminal);
        tell!(
            terminal,
            "    {}",
            terminal.say(
                format!("för färre än {few} mer än vad som är möjligt ({range}): begränsa med least(greatest({name}, a), b)"),
                format!("for fewer than {few} larger than what is possible ({range}): clamp with least(greatest({name}, a), b)"),
            )
        );
    }

    /// What fewer codes of its keys would give.
    fn coarser(&self, of: &Statistic) {
        let Self { prospect, outlook, catalogue, tail, terminal, .. } = *self;
        for key in outlook.keys(prospect) {
            let Some(codes) = prospect.codes(&of.vector, key) else { continue };
            let margin =
                |to: usize| Some(number(prospect.merged(outlook.table, key, to)?.margin(&of.vector, tail)?.ceil(), 0, terminal));
            let title = |lang: Lang| column_title(prospect.checked, &of.vector, key, lang);
            let name = title(terminal.lang());
            if let Some(Coarser { title: other, codes: to }) = coarser(prospect.checked, catalogue, &of.vector, key)
                && let Some(margin) = margin(to)
            {
                let (other, name, times) = (other.get(terminal.lang()).to_lowercase(), name.to_lowercase(), codes / to);
                tell!(
                    terminal,
                    "    {}",
                    terminal.say(
                        format!("{other} i stället för {name}: ±{margin}, och {times} gånger så många personer per cell"),
                        format!("{other} in place of {name}: ±{margin}, and {times} times as many people per cell"),
                    )
                );
                continue;
            }
            let Some(margin) = Some(codes).filter(|codes| *codes >= 4).and_then(|_| margin(2)) else { continue };
            let times = number(codes as f64 / 2.0, 0, terminal);
            tell!(
                terminal,
                "    {}",
                terminal.say(
                    format!("{name} i två grupper: ±{margin}, och {times} gånger så många personer per cell"),
                    format!("{name} in two groups: ±{margin}, and {times} times as many people per cell"),
                )
            );
        }
    }

    /// How far from its promise a result must lie for a verdict, target by target.
    fn targets(&self) {
        let Self { prospect, outlook, tail, terminal, .. } = *self;
        for target in &outlook.table.targets {
            let title = target.title.get(terminal.lang());
            let people = match target.part {
                Some(_) => outlook.sizes.cells.iter().sum(),
                None => outlook.people_of(&target.code).unwrap_or_else(|| outlook.people()),
            };
            let told = match telling(prospect.checked, outlook.table, target, people, tail) {
                Some(telling) => distance(&telling, terminal),
                None => terminal.say("inget utslag att vänta", "no verdict to be expected").to_owned(),
            };
            tell!(terminal, "    {}, {title}: {told}", terminal.say("mål", "target"));
        }
    }

    /// How much better it would be alone.
    fn alone(&self) {
        let Some(Expected { margin, alone, .. }) = self.expected else { return };
        let times = margin.high / alone;
        // Alone and with an enormous budget it would have no error at all.
        if times > 1.05 && times.is_finite() {
            let times = number(times, 1, self.terminal);
            tell!(
                self.terminal,
                "    {}",
                self.terminal.say(
                    format!("ensam i publiceringen: {times} gånger så små fel"),
                    format!("alone in the release: errors {times} times smaller"),
                )
            );
        }
    }
}

/// How far a share of one half can be off, times its people, and over how many cells these are spread.
#[derive(Clone, Copy)]
struct Half {
    margin: f64,
    cells: f64,
}

/// The column that a statistic is of, and its unit after a blank; what is computed of several has the statistic's name.
pub(super) struct Column {
    pub(super) name: String,
    unit: String,
}

impl Column {
    /// Of a statistic of a table.
    pub(super) fn of(outlook: &Outlook<'_>, of: &Statistic, catalogue: &Catalogue, terminal: Terminal) -> Self {
        let crossing = &outlook.table.answer.certified.accepted().crossing;
        let subject = crossing.estimators.iter().find(|named| named.name == of.name).map(|named| &named.subject);
        let Some(Subject::Of(_, Some(origin))) = subject else {
            let vectors = outlook.table.vectors();
            let vector = vectors.iter().position(|name| *name == of.vector).and_then(|at| crossing.vectors.get(at));
            let aggregate = match vector.map(|of| &of.vector) {
                Some(Vector::Split { sum: at, .. } | Vector::Additive { aggregate: at }) => crossing.aggregates.get(*at),
                _ => None,
            };
            let columns: Vec<_> = aggregate.into_iter().flat_map(Expr::column_refs).collect();
            let name = if let [column] = columns.as_slice() { column.name.clone() } else { of.name.clone() };
            return Self { name, unit: String::new() };
        };
        let declared = catalogue.table(&origin.table).and_then(|table| table.columns.get(&origin.column)?.unit.clone());
        let unit = declared.map_or_else(String::new, |declared| format!(" {}", unit(terminal.lang(), &declared)));
        Self { name: origin.column.clone(), unit }
    }
}

/// How far from a promise a verdict is.
fn distance(telling: &Telling, terminal: Terminal) -> String {
    let [once, twice] = [telling.distance, 2.0 * telling.distance].map(|distance| short(distance, terminal));
    let points = if telling.kind == target::Kind::Share { terminal.say(" procentenheter", " percentage points") } else { "" };
    let never = if telling.can_be_met { "" } else { terminal.say("; aldrig ett ja", "; never a yes") };
    terminal.say(
        format!("utslag varannan gång vid ±{once}{points} från löftet, nästan alltid vid ±{twice}{never}"),
        format!("a verdict every second time at ±{once}{points} from the promise, almost always at ±{twice}{never}"),
    )
}

/// Where a number of people comes from.
fn how(people: People, terminal: Terminal) -> &'static str {
    match people {
        People::Stated(_) => terminal.say("planerade", "planned"),
        People::Assumed(_) => terminal.say("antagna", "assumed"),
        People::Usual(_) => terminal.say("som andra brukar ha", "as others usually have"),
    }
}

/// What holds of a statistic for any number of people.
fn general(of: &Statistic, terminal: Terminal) -> String {
    let margin = || number(of.margin.ceil(), 0, terminal);
    match of.kind {
        Kind::Count => {
            let (margin, twice) = (margin(), number(2.0 * of.margin.ceil(), 0, terminal));
            terminal.say(
                format!("±{margin}; en cell med {margin} personer skiljs från noll varannan gång, en med {twice} nästan alltid"),
                format!("±{margin}; a cell of {margin} people is told from zero every second time, one of {twice} almost always"),
            )
        }
        Kind::Sum => terminal.say(format!("en summa ±{}", margin()), format!("a sum ±{}", margin())),
        Kind::Share | Kind::Mean(_) => {
            let half = number(of.margin, 1, terminal);
            terminal.say(format!("ett värde för N personer: ±{half}/N"), format!("a value for N people: ±{half}/N"))
        }
        Kind::Spread(_) => {
            let half = number(of.margin, 1, terminal);
            terminal.say(
                format!("spridningen bland N personer: omkring ±{half}/N"),
                format!("the spread among N people: about ±{half}/N"),
            )
        }
        Kind::Quantile(_) => {
            let ranks = margin();
            terminal.say(
                format!("värdet ligger högst {ranks} personer fel i ordningen"),
                format!("the value is at most {ranks} people off in their order"),
            )
        }
    }
}

/// A share with so much either way.
fn points(share: f64, terminal: Terminal) -> String {
    if share >= 0.5 {
        return terminal.say("en andel säger ingenting", "a share says nothing").to_owned();
    }
    let points = number(share * 100.0, 0, terminal);
    terminal.say(format!("en andel ±{points} procentenheter"), format!("a share ±{points} percentage points"))
}

/// Between which percentiles a quantile lies that may be off by this part of the people.
fn ranks(order: f64, off: f64, terminal: Terminal) -> String {
    let (low, high) = ((order - off).max(0.0) * 100.0, (order + off).min(1.0) * 100.0);
    if low <= 0.0 && high >= 100.0 {
        return terminal.say("vilket värde som helst", "any value").to_owned();
    }
    let part = percent(off, terminal);
    let (low, high) = (low.round() as u64, high.round() as u64);
    terminal.say(
        format!("inom percentilerna {low}–{high} ({part} av personerna åt vardera hållet)"),
        format!("within the {low}{} to the {high}{} percentile ({part} of the people either way)", ordinal(low), ordinal(high)),
    )
}

/// What English writes after a number of an order.
fn ordinal(number: u64) -> &'static str {
    match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}
