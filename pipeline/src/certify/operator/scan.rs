//! Reading a table: a private one under its bounds, a public one by its key.

use super::*;

impl Walk<'_> {
    pub(in crate::certify) fn scan(&mut self, scan: &TableScan) -> Result<Relation, Violation> {
        let name = scan.table_name.table();
        let Some(table) = self.catalogue.table(name) else { return Err(Violation::Sql(format!("no table `{name}`"))) };
        if scan.fetch.is_some() || !scan.filters.is_empty() || scan.projection.is_some() {
            return Err(Violation::Node("LIMIT"));
        }
        let schema = &scan.projected_schema;
        let at = |column: &str| schema.fields().iter().position(|f| f.name() == column);
        let public = (!table.is_private()).then_some(self.public.len());
        let bounds = if table.is_private() { Some(self.bounded(name)?) } else { None };
        let numbers = table.numbers();
        let value = |field: &arrow::datatypes::FieldRef| {
            let number = |most: u64| Domain::Integer(ValueRange::new(1, most.into()));
            let domain = match (&bounds, table.columns.get(field.name())) {
                (_, Some(column)) => Domain::of_column(column),
                (Some(b), None) if field.name() == numbers[1] => number(b.rows.unwrap_or(b.participations)),
                (Some(b), None) => number(b.participations),
                (None, None) => Domain::Other,
            };
            let origin = Origin { table: name.to_owned(), column: field.name().clone(), public };
            // What the schema promises, not what the engine assumes: a damaged file must not make the engine fail.
            let required = table.columns.get(field.name()).is_none_or(|c| c.required);
            Value { domain, nullable: !required, origin: Some(origin), possible: None }
        };
        let columns = schema.fields().iter().map(value).collect();
        let missing = || Violation::Sql(format!("table `{name}` lacks a column that its bound needs"));
        let step = match bounds {
            None => {
                let key = table.primary_key.iter().map(|k| at(k)).collect::<Option<Vec<_>>>().ok_or_else(missing)?;
                self.public.push(PublicScan { table: name.to_owned(), conditions: Vec::new(), optional: false });
                Rule::ScanPublic(rule::ScanPublic { table: name.to_owned(), key, stated: None })
            }
            Some(bounds) => {
                let unit = table.unit().and_then(at).ok_or_else(missing)?;
                let [first, second] = [at(numbers[0]).ok_or_else(missing)?, at(numbers[1]).ok_or_else(missing)?];
                let project = if bounds.rows.is_none() { at("project") } else { None };
                let (contributions, rows) = (bounds.participations, bounds.rows);
                self.private.push(bounds);
                let table = name.to_owned();
                Rule::ScanPrivate(rule::ScanPrivate { table, contributions, rows, unit, contribution: first, second, project })
            }
        };
        Relation::new(schema, columns, step, format!("FROM {name}"), Vec::new()).ok_or_else(|| Violation::TooMany(name.into()))
    }

    /// The bounds that will stand on the scan of a private table.
    pub(in crate::certify) fn bounded(&self, name: &str) -> Result<PrivateScan, Violation> {
        let child = self.catalogue.table(name).is_some_and(|t| t.parent.is_some());
        let rows = self.bounds.rows.get(name).copied().filter(|_| child);
        if child && rows.is_none() {
            return Err(Violation::RowBound(name.to_owned()));
        }
        let period = self.bounds.period.clone();
        Ok(PrivateScan { table: name.to_owned(), participations: self.bounds.participations, rows, period })
    }
}

impl Encoder<'_> {
    /// Private tables bounded, with codes as stored; public ones with codes in place of text.
    pub(in crate::certify) fn scanned(&self, scan: &TableScan) -> Result<Coded, DataFusionError> {
        let table = self.catalogue.table(scan.table_name.table());
        let list = |name: &String| table.and_then(|t| t.columns.get(name)).and_then(|c| c.codes.clone());
        let lists = scan.projected_schema.fields().iter().map(|f| list(f.name())).collect();
        Ok(Coded { plan: (self.scan)(scan)?, lists })
    }
}

/// A private table has the period of its rows as a last column.
pub(in crate::certify) fn lifted(node: &Node) -> Option<Lifted> {
    Lifted::derive(node.rule.clone(), with_period(&node.columns), Vec::new(), node)
}
