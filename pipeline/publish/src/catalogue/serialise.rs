//! The same triples as RDF/XML, Turtle and JSON-LD.

use std::error::Error;
use std::path::PathBuf;

use oxjsonld::JsonLdSerializer;
use oxrdf::{GraphNameRef, NamedNode, NamedOrBlankNode, Term, TripleRef};
use oxrdfxml::RdfXmlSerializer;
use oxttl::TurtleSerializer;

use super::graph::Graph;
use super::vocabulary::PREFIXES;
use super::{HARVESTED, OutputFile, PublishError};

type Written = Result<Vec<u8>, Box<dyn Error + Send + Sync>>;

/// A form of the catalogue: its file, and what writes it.
type Form = (&'static str, fn(&Graph) -> Written);

/// The files that it may have.
pub(crate) const FILES: [&str; 3] = [HARVESTED, "catalog.ttl", "catalog.jsonld"];

const FORMS: [Form; 3] = [(FILES[0], rdf_xml), (FILES[1], turtle), (FILES[2], json_ld)];

/// The catalogue in every form.
///
/// # Errors
/// When a name in it is no absolute address.
pub(super) fn files(graph: &Graph) -> Result<Vec<OutputFile>, PublishError> {
    let failed = |name: &str, error| PublishError::Compose(name.to_owned(), error);
    check(graph).map_err(|error| failed(HARVESTED, error))?;
    let form = |(name, write): &Form| {
        let bytes = write(graph).map_err(|error| failed(name, error))?;
        Ok(OutputFile { path: PathBuf::from(name), bytes })
    };
    FORMS.iter().map(form).collect()
}

/// Whether every name is one: they were put together of parts.
fn check(graph: &Graph) -> Result<(), Box<dyn Error + Send + Sync>> {
    for triple in &graph.triples {
        let subject = match &triple.subject {
            NamedOrBlankNode::NamedNode(name) => Some(name),
            NamedOrBlankNode::BlankNode(_) => None,
        };
        let object = match &triple.object {
            Term::NamedNode(name) => Some(name),
            _ => None,
        };
        for name in subject.into_iter().chain(object) {
            NamedNode::new(name.as_str()).map_err(|error| format!("{}: {error}", name.as_str()))?;
        }
    }
    Ok(())
}

fn rdf_xml(graph: &Graph) -> Written {
    let mut form = RdfXmlSerializer::new();
    for (prefix, namespace) in PREFIXES {
        form = form.with_prefix(prefix, namespace)?;
    }
    let mut writer = form.for_writer(Vec::new());
    for triple in &graph.triples {
        writer.serialize_triple(triple)?;
    }
    Ok(ended(writer.finish()?))
}

fn turtle(graph: &Graph) -> Written {
    let mut form = TurtleSerializer::new();
    for (prefix, namespace) in PREFIXES {
        form = form.with_prefix(prefix, namespace)?;
    }
    let mut writer = form.for_writer(Vec::new());
    for triple in &graph.triples {
        writer.serialize_triple(triple)?;
    }
    Ok(writer.finish()?)
}

fn json_ld(graph: &Graph) -> Written {
    let mut form = JsonLdSerializer::new();
    for (prefix, namespace) in PREFIXES {
        form = form.with_prefix(prefix, namespace)?;
    }
    let mut writer = form.for_writer(Vec::new());
    for triple in &graph.triples {
        writer.serialize_quad(TripleRef::from(triple).in_graph(GraphNameRef::DefaultGraph))?;
    }
    Ok(ended(writer.finish()?))
}

/// Texts end with a line end.
fn ended(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.push(b'\n');
    bytes
}
