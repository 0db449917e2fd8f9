//! What `utfall plan --find` answers: the smallest epsilon, and the merging of one key, with which a number can be off by no more than
//! was asked. Every epsilon that is tried divides the budget anew; no query is checked again.

use utfall_privacy::{Budget, Rational};

use super::change::merged;
use super::figures::{number, short};
use crate::catalogue::number::decimal;
use crate::catalogue::schema::Catalogue;
use crate::cli::terminal::{Terminal, tell};
use crate::engine::Engine;
use crate::release::CheckedRelease;
use crate::release::preview::{Kind, Outlook, Prospect, Statistic, most};
use crate::release::sizes::Sizes;
use utfall_ground::account::up;
use utfall_ground::error::Error;
use utfall_ground::redact::masked;
use utfall_ground::text::Message;

/// What is looked for, and where.
pub(super) struct Find<'a> {
    /// The largest ±: percentage points of a share, people of a count, percent of the people of a quantile, else the unit of the number.
    pub(super) wanted: f64,
    /// The table; all if none is named.
    pub(super) table: Option<&'a str>,
    /// What is changed beforehand.
    pub(super) changes: &'a [String],
    pub(super) tail: f64,
    pub(super) terminal: Terminal,
}

/// No larger epsilon is tried: it would protect nobody.
const MOST: f64 = 200.0;
/// Nor a smaller one.
const LEAST: f64 = 0.001;

/// How many people one of the numbers is of, and what that is called.
struct For {
    told: String,
    people: f64,
}

impl Find<'_> {
    /// Prints the answer for the tables of a release.
    ///
    /// # Errors
    /// When it has no such table, or the engine fails.
    pub(super) async fn told(
        &self,
        checked: &mut CheckedRelease,
        (engine, catalogue): (&Engine, &Catalogue),
        sizes: &[Sizes],
    ) -> Result<(), Error> {
        let known: Vec<String> = self.outlooks(checked, sizes)?.iter().map(|outlook| outlook.table.query.name.clone()).collect();
        if let Some(name) = self.table.filter(|name| !known.iter().any(|known| known == name)) {
            let (name, known) = (masked(name), known.join(", "));
            return Err(Error::usage(
                "find-table",
                Message::new(
                    format!("--table {name}: tabellen finns inte; där finns: {known}"),
                    format!("--table {name}: there is no such table; there are: {known}"),
                ),
            ));
        }
        for name in known.iter().filter(|name| self.table.is_none_or(|table| table == name.as_str())) {
            self.of_table(checked, (engine, catalogue), sizes, name).await?;
        }
        Ok(())
    }

    fn outlooks<'c>(&self, checked: &'c CheckedRelease, sizes: &'c [Sizes]) -> Result<Vec<Outlook<'c>>, Error> {
        let prospect = merged(Prospect::of(checked), self.changes)?;
        Ok(crate::release::preview::outlooks(&prospect, sizes, self.tail))
    }

    async fn of_table(
        &self,
        checked: &mut CheckedRelease,
        (engine, catalogue): (&Engine, &Catalogue),
        sizes: &[Sizes],
        name: &str,
    ) -> Result<(), Error> {
        let all = self.statistics(checked, sizes, name)?;
        let now = checked.release.budget.clone();
        for (at, of, target) in all {
            let prospect = merged(Prospect::of(checked), self.changes)?;
            let Some(outlook) = self.outlooks(checked, sizes)?.into_iter().find(|outlook| outlook.table.query.name == name)
            else {
                continue;
            };
            let off = self.written(&of, of.off(target.people));
            tell!(
                self.terminal,
                "  {name}, {}: ±{} {} {}",
                of.name,
                number(self.wanted, if self.wanted.fract() == 0.0 { 0 } else { 2 }, self.terminal),
                unit(&of, self.terminal),
                target.told
            );
            tell!(self.terminal, "    {} ±{}", self.terminal.say("nu", "now"), short(off, self.terminal));
            // What is exact enough needs no merging.
            let merging = (off > self.wanted).then(|| self.merging(&prospect, &outlook, at, target.people));
            drop(outlook);
            let found = self.epsilon(checked, (engine, catalogue), sizes, (name, at, target.people)).await?;
            checked.divide(engine, catalogue, now.clone()).await?;
            self.answer(checked, found.as_deref(), merging);
        }
        Ok(())
    }

    /// The statistics of a table, each for the sizes of its projects: of a count one will do.
    fn statistics(&self, checked: &CheckedRelease, sizes: &[Sizes], name: &str) -> Result<Vec<(usize, Statistic, For)>, Error> {
        let outlooks = self.outlooks(checked, sizes)?;
        let Some(outlook) = outlooks.iter().find(|outlook| outlook.table.query.name == name) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for (at, of) in outlook.statistics.iter().enumerate() {
            for people in self.sizes(outlook, of.kind) {
                found.push((at, of.clone(), people));
            }
        }
        Ok(found)
    }

    /// For how many people a number is looked at: the smallest and the largest project of a table that names them.
    fn sizes(&self, outlook: &Outlook<'_>, kind: Kind) -> Vec<For> {
        let terminal = self.terminal;
        let spread = |all: f64, people: f64| {
            let (all, people_told) = (number(all, 0, terminal), short(people, terminal));
            let told = terminal.say(
                format!("för {all} deltagare ({people_told} per cell)"),
                format!("for {all} participants ({people_told} per cell)"),
            );
            For { told, people }
        };
        if matches!(kind, Kind::Count | Kind::Sum) {
            let told = terminal.say("i varje cell", "in every cell").to_owned();
            return vec![For { told, people: outlook.people().max(1.0) }];
        }
        let sizes = outlook.sizes;
        if sizes.column.is_none() {
            let all = sizes.projects.iter().map(|size| size.people.number() as f64).sum();
            return vec![spread(all, outlook.people())];
        }
        let each = || sizes.projects.iter().filter(|size| size.rows > 0.0);
        let ends = [each().min_by_key(|size| size.people.number()), each().max_by_key(|size| size.people.number())];
        let mut ends: Vec<_> = ends.into_iter().flatten().collect();
        ends.dedup_by_key(|size| size.people.number());
        let of = |size: &&crate::release::sizes::Size| {
            spread(size.people.number() as f64, size.rows / size.cells as f64 / outlook.left)
        };
        ends.iter().map(of).collect()
    }

    /// A ± in the unit in which it is asked for.
    fn written(&self, of: &Statistic, off: f64) -> f64 {
        match of.kind {
            Kind::Share | Kind::Quantile(_) => off * 100.0,
            Kind::Count | Kind::Sum => off.ceil(),
            Kind::Mean(_) | Kind::Spread(_) => off,
        }
    }

    /// Whether a statistic of a table is as good as was asked, with this epsilon.
    async fn is_enough(
        &self,
        checked: &mut CheckedRelease,
        (engine, catalogue): (&Engine, &Catalogue),
        sizes: &[Sizes],
        ((name, at, people), epsilon): ((&str, usize, f64), &str),
    ) -> Result<bool, Error> {
        let Some(budget) = budget(&checked.release.budget, epsilon) else { return Ok(false) };
        match checked.divide(engine, catalogue, budget).await {
            Ok(()) => {}
            // Too little for what has an epsilon of its own.
            Err(Error::Usage(_)) => return Ok(false),
            Err(other) => return Err(other),
        }
        let outlooks = self.outlooks(checked, sizes)?;
        let of = outlooks.iter().find(|outlook| outlook.table.query.name == name).and_then(|outlook| outlook.statistics.get(at));
        Ok(of.is_some_and(|of| self.written(of, of.off(people)) <= self.wanted))
    }

    /// The smallest epsilon that is enough, to two digits: by doubling, then by bisection.
    async fn epsilon(
        &self,
        checked: &mut CheckedRelease,
        with: (&Engine, &Catalogue),
        sizes: &[Sizes],
        of: (&str, usize, f64),
    ) -> Result<Option<String>, Error> {
        let mut high = up(checked.release.budget.epsilon()).parse().unwrap_or(1.0_f64);
        while !self.is_enough(checked, with, sizes, (of, &written(high))).await? {
            high *= 2.0;
            if high > MOST {
                return Ok(None);
            }
        }
        let mut low = high / 2.0;
        while low > LEAST && self.is_enough(checked, with, sizes, (of, &written(low))).await? {
            (low, high) = (low / 2.0, low);
        }
        while high / low > 1.01 {
            let middle = (high * low).sqrt();
            // What is written is what is tried: it is rounded up.
            if self.is_enough(checked, with, sizes, (of, &written(middle))).await? { high = middle } else { low = middle }
        }
        Ok(Some(written(high)))
    }

    /// The merging of one key that is enough with the present budget, as it is written for `--what-if`.
    fn merging(&self, prospect: &Prospect<'_>, outlook: &Outlook<'_>, at: usize, people: f64) -> Option<String> {
        let left = outlook.left;
        let enough = |of: &Outlook<'_>| {
            of.statistics
                .get(at)
                .is_some_and(|statistic| self.written(statistic, statistic.off(people * left / of.left)) <= self.wanted)
        };
        let keys = outlook.keys(prospect).into_iter();
        let found = keys.filter_map(|key| Some((key, most(prospect, outlook, key, &enough, self.tail)?)));
        let (key, to) = found.max_by_key(|(_, to)| *to)?;
        let name = &outlook.table.answer.certified.grid().keys.get(key)?.name;
        Some(format!("merge={}.{name}:{to}", outlook.table.query.name))
    }

    /// Prints the smallest epsilon, and the merging of a key where one was looked for.
    fn answer(&self, checked: &CheckedRelease, epsilon: Option<&str>, merging: Option<Option<String>>) {
        let terminal = self.terminal;
        let before: String = self.changes.iter().map(|change| format!(" --what-if {change}")).collect();
        let command = |change: &str| format!("utfall plan {}{before} --what-if {change}", checked.release.name);
        match epsilon {
            Some(epsilon) => {
                let command = command(&format!("epsilon={epsilon}"));
                tell!(terminal, "    {}: {epsilon} ({command})", terminal.say("minsta epsilon", "smallest epsilon"));
            }
            None => tell!(terminal, "    {}", terminal.say("inget epsilon under 200 räcker", "no epsilon below 200 is enough")),
        }
        let now = up(checked.release.budget.epsilon());
        match merging {
            None => {}
            Some(Some(merging)) => {
                tell!(terminal, "    {} {now}: {}", terminal.say("med epsilon", "at epsilon"), command(&merging));
            }
            Some(None) => tell!(
                terminal,
                "    {}",
                terminal.say(
                    format!("med epsilon {now} räcker ingen sammanslagning av en nyckel"),
                    format!("at epsilon {now} no merging of one key is enough"),
                )
            ),
        }
    }
}

/// An epsilon in two digits and a half, never less than it is.
fn written(epsilon: f64) -> String {
    let digits = (2.0 - epsilon.log10().floor()).clamp(0.0, 6.0) as usize;
    let unit = 10_f64.powi(i32::try_from(digits).unwrap_or(0));
    let text = format!("{:.digits$}", (epsilon * unit - 1e-6).ceil() / unit);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A budget with another epsilon.
fn budget(now: &Budget, epsilon: &str) -> Option<Budget> {
    let epsilon: Rational = decimal(epsilon).ok()?;
    Budget::new(epsilon, now.delta().clone()).and_then(|budget| budget.with_keys_delta(now.keys_delta().clone())).ok()
}

/// What a ± is counted in.
fn unit(of: &Statistic, terminal: Terminal) -> &'static str {
    match of.kind {
        Kind::Share => terminal.say("procentenheter", "percentage points"),
        Kind::Count => terminal.say("personer", "people"),
        Kind::Quantile(_) => terminal.say("procent av personerna", "percent of the people"),
        Kind::Sum | Kind::Mean(_) | Kind::Spread(_) => terminal.say("i talets enhet", "in the unit of the number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epsilon_is_written_in_few_digits_and_never_as_less() {
        assert_eq!([1.0, 1.2345, 0.056_71, 12.34, 64.0].map(written), ["1", "1.24", "0.0568", "12.4", "64"]);
    }
}
