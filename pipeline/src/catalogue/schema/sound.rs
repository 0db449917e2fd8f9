//! What a catalogue must be so that lists can land by it: closed domains, keys that exist, a unit, a parent that is one. Takes a
//! catalogue as it was read, refuses the first schema that is not sound; sees no data.

use super::{Catalogue, Column, Kind, Role, TableSchema};
use utfall_ground::error::Error;
use utfall_ground::redact;
use utfall_ground::text::Message;

impl Catalogue {
    /// Whether every schema is sound beside the others.
    pub(super) fn validate(&self) -> Result<(), Error> {
        for table in self.tables() {
            let wrong = |code, why: Message| {
                Error::usage(code, why.map(redact::words).after(format!("schemas/{}.toml: ", redact::words(&table.name))))
            };
            for (name, column) in &table.columns {
                let named = |why: Message| wrong("schema-column", in_column(name, &why));
                self.validate_column(table, column).map_err(named)?;
            }
            let void = table.delivery.void.iter().map(|void| &void.column);
            for key in table.primary_key.iter().chain(table.delivery.headers.keys()).chain(void) {
                if !table.columns.contains_key(key) {
                    let why = Message::new(format!("ingen kolumn `{key}`"), format!("no column `{key}`"));
                    return Err(wrong("schema-column", why));
                }
            }
            if table.is_private() {
                self.validate_private(table).map_err(|why| wrong("schema-table", why))?;
            }
        }
        Ok(())
    }

    /// A private column has a closed domain.
    fn validate_column(&self, table: &TableSchema, column: &Column) -> Result<(), Message> {
        if let Some(list) = &column.codes
            && self.codes(list).is_none()
        {
            return Err(Message::new(
                format!("ingen kodlista `{list}`; lägg till schemas/codes/{list}.csv"),
                format!("no code list `{list}`; add schemas/codes/{list}.csv"),
            ));
        }
        if table.is_private() && column.kind == Kind::String && column.codes.is_none() {
            return Err(Message::new(
                "fri text kan inte vara privata data här; ge kolumnen en kodlista (`codes = ...`)",
                "free text cannot be private data here; give it a code list (`codes = ...`)",
            ));
        }
        let between = |c: i64| column.minimum.is_some_and(|low| low <= c) && column.maximum.is_some_and(|high| c <= high);
        if column.centre.is_some_and(|centre| !between(centre)) {
            return Err(Message::new(
                "`centre` ligger mellan `minimum` och `maximum`",
                "`centre` lies between `minimum` and `maximum`",
            ));
        }
        if table.is_private() && column.kind == Kind::Integer && (column.minimum.is_none() || column.maximum.is_none()) {
            return Err(Message::new("ett heltal behöver `minimum` och `maximum`", "an integer needs `minimum` and `maximum`"));
        }
        Ok(())
    }

    /// What landing relies on: a unit in the key, and for child rows a parent, a project and a date.
    fn validate_private(&self, table: &TableSchema) -> Result<(), Message> {
        if table.counted.is_none() {
            return Err(Message::new(
                "`counted = { sv, en }` ska säga vad raderna kallas där de räknas",
                "`counted = { sv, en }` must say what its rows are called where they are counted",
            ));
        }
        let unit =
            table.unit().ok_or_else(|| Message::new("ingen kolumn har role = \"unit\"", "no column has role = \"unit\""))?;
        for (name, column) in &table.columns {
            if (column.kind == Kind::Identity) != (name == unit) || (name == unit && !column.required) {
                let why = Message::new(
                    "enheten, och inget annat, är en obligatorisk kolumn av typen identity",
                    "the unit, and nothing else, is a required column of type identity",
                );
                return Err(in_column(name, &why));
            }
            if column.codes.is_some() && column.kind != Kind::String {
                return Err(in_column(name, &Message::new("bara text har en kodlista", "only text has a code list")));
            }
        }
        if !table.primary_key.iter().any(|key| key == unit) {
            return Err(Message::new(
                format!("primärnyckeln ska innehålla enheten `{unit}`"),
                format!("the primary key must hold the unit `{unit}`"),
            ));
        }
        let project = table.columns.get("project").is_some_and(|c| c.required && c.codes.as_deref() == Some("project"));
        let start = table.column_with(Role::Start).and_then(|name| table.columns.get(name));
        if !project || !start.is_some_and(|c| c.required && c.kind == Kind::Date) {
            return Err(Message::new(
                "en obligatorisk kolumn `project` och ett obligatoriskt datum med role = \"start\" behövs",
                "a required `project` column and a required date with role = \"start\" are needed",
            ));
        }
        self.validate_parent(table)
    }

    /// The parent of child rows is a table of participations with the same people.
    fn validate_parent(&self, table: &TableSchema) -> Result<(), Message> {
        let Some(name) = table.parent.as_deref() else { return Ok(()) };
        match self.table(name) {
            None => Err(Message::new(
                format!("ingen tabell `{name}` att vara dess förälder"),
                format!("no table `{name}` to be its parent"),
            )),
            Some(parent) if !parent.is_private() || parent.parent.is_some() => Err(Message::new(
                "föräldern ska vara en privat tabell utan förälder",
                "its parent must be a private table without a parent",
            )),
            Some(parent) if parent.identity != table.identity => Err(Message::new(
                format!("dess personer är förälderns: `identity` ska vara den i {}.toml", parent.name),
                format!("its people are its parent's: `identity` must be that of {}.toml", parent.name),
            )),
            Some(_) => Ok(()),
        }
    }
}

/// What is wrong in a column, with its name.
fn in_column(name: &str, why: &Message) -> Message {
    use utfall_ground::text::Lang::{En, Sv};
    Message::new(format!("kolumn `{name}`: {}", why.get(Sv)), format!("column `{name}`: {}", why.get(En)))
}
