//! Triples, told thing by thing: everything of one thing stands together, in every form.

use oxrdf::{Literal, NamedNode, Triple};

use super::vocabulary::{self, RDF};
use utfall_ground::text::{Lang, Text};

/// Triples in the order in which they were told.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) triples: Vec<Triple>,
}

/// A thing of which triples are told.
#[derive(Debug)]
pub(super) struct Thing<'g> {
    graph: &'g mut Graph,
    name: NamedNode,
}

/// A name of a vocabulary: its namespace and the name in it.
pub(super) type Term = (&'static str, &'static str);

/// The full name of a term.
pub(super) fn full((namespace, name): Term) -> String {
    format!("{namespace}{name}")
}

/// A name that is made of parts which are known to be fit: the serialisers look at each again.
fn node(name: impl Into<String>) -> NamedNode {
    NamedNode::new_unchecked(name)
}

impl Graph {
    /// Begins a thing of a class.
    pub(super) fn thing(&mut self, name: &str, class: Term) -> Thing<'_> {
        let mut thing = Thing { graph: self, name: node(name) };
        thing.link((RDF, "type"), &full(class));
        thing
    }
}

impl Thing<'_> {
    fn add(&mut self, property: Term, value: impl Into<oxrdf::Term>) -> &mut Self {
        self.graph.triples.push(Triple::new(self.name.clone(), node(full(property)), value));
        self
    }

    /// Something that has a name itself.
    pub(super) fn link(&mut self, property: Term, name: &str) -> &mut Self {
        self.add(property, node(name))
    }

    /// A text in both languages.
    pub(super) fn text(&mut self, property: Term, text: &Text) -> &mut Self {
        for lang in Lang::ALL {
            let literal = Literal::new_language_tagged_literal_unchecked(printable(text.get(lang)), lang.tag());
            self.add(property, literal);
        }
        self
    }

    /// A text of no language.
    pub(super) fn plain(&mut self, property: Term, text: &str) -> &mut Self {
        self.add(property, Literal::new_simple_literal(printable(text)))
    }

    /// A value of a type of XML Schema.
    pub(super) fn value(&mut self, property: Term, value: &str, datatype: &'static str) -> &mut Self {
        self.add(property, Literal::new_typed_literal(value, node(full((vocabulary::XSD, datatype)))))
    }
}

/// A text without the characters that XML 1.0 cannot hold (its production `Char`).
fn printable(text: &str) -> String {
    let fits = |c: char| (matches!(c, '\t' | '\n') || !c.is_control()) && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.replace("\r\n", "\n").chars().filter(|c| fits(*c)).collect()
}

/// A name as a part of an address (RFC 3986): what is not unreserved is written in percent.
pub(crate) fn segment(name: &str) -> String {
    let mut written = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            written.push(char::from(byte));
        } else {
            written.push_str(&format!("%{byte:02X}"));
        }
    }
    written
}
