//! The structure of a data set as SDMX-ML 3.0: agency, code lists, concepts and the data structure definition.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::outline::{AGENCY, Key, MEASURE, Outline};
use super::{Failure, attribute};
use crate::Edition;
use crate::dataset::notes::notes;
use crate::dataset::{NumberKind, Values};
use utfall_ground::text::{Lang, Text};

/// The namespaces, by the prefixes that SDMX itself uses.
const NAMESPACES: [(&str, &str); 3] = [
    ("xmlns:mes", "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message"),
    ("xmlns:str", "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/structure"),
    ("xmlns:com", "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common"),
];

/// The cross-domain codes of observation status that are used.
const STATUS: [(&str, &str, &str); 4] = [
    ("A", "Normalt värde", "Normal value"),
    ("E", "Skattat värde", "Estimated value"),
    ("U", "Låg tillförlitlighet", "Low reliability"),
    ("O", "Värde saknas", "Missing value"),
];

/// The cross-domain code of confidentiality that is used.
const FREE: [(&str, &str, &str); 1] = [("F", "Fritt för publicering", "Free (free for publication)")];

pub(super) fn file(outline: &Outline<'_>, edition: Edition<'_>) -> Result<Vec<u8>, Failure> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let of = Structure { outline };
    xml.create_element("mes:Structure").with_attributes(NAMESPACES).write_inner_content(|xml| {
        of.header(xml, edition)?;
        xml.create_element("mes:Structures").write_inner_content(|xml| {
            agency(xml, edition)?;
            xml.create_element("str:Codelists").write_inner_content(|xml| of.codelists(xml))?;
            xml.create_element("str:ConceptSchemes").write_inner_content(|xml| of.concepts(xml))?;
            xml.create_element("str:DataStructures").write_inner_content(|xml| of.definition(xml, edition))?;
            Ok(())
        })?;
        Ok(())
    })?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

/// What writes into a file.
type Xml = Writer<Vec<u8>>;

struct Structure<'s> {
    outline: &'s Outline<'s>,
}

/// A concept: its name and what it is called.
struct Concept {
    id: String,
    name: Text,
    role: Component,
}

/// What a concept is in the data structure.
enum Component {
    /// A dimension; with or without a list.
    Dimension { listed: bool },
    /// What is observed.
    Value,
    /// An attribute of an observation, of a list or a number.
    Attribute { list: Option<&'static str>, required: bool },
}

impl Structure<'_> {
    fn header(&self, xml: &mut Xml, edition: Edition<'_>) -> io::Result<()> {
        let release = &edition.pack.release;
        xml.create_element("mes:Header").write_inner_content(|xml| {
            leaf(xml, "mes:ID", &self.outline.id)?;
            leaf(xml, "mes:Test", if release.demonstration { "true" } else { "false" })?;
            // The schema demands a moment; what is not known is left out all the same.
            release.made.map_or(Ok(()), |made| leaf(xml, "mes:Prepared", &made.instant()))?;
            xml.create_element("mes:Sender").with_attribute(("id", AGENCY)).write_empty()?;
            Ok(())
        })?;
        Ok(())
    }

    fn version(&self) -> &str {
        &self.outline.version
    }

    /// A list of codes of its own: `CL_` and what it is of.
    fn list(&self, of: &str) -> String {
        format!("CL_{}_{of}", self.outline.id)
    }

    fn scheme(&self) -> String {
        format!("CS_{}", self.outline.id)
    }

    fn codelists(&self, xml: &mut Xml) -> io::Result<()> {
        for key in self.outline.keys.iter().filter(|key| !key.is_periods()) {
            let codes: Vec<(&str, &Text)> = match key.of {
                Some((_, of)) => key.codes.iter().map(String::as_str).zip(of.codes.iter().map(|code| &code.label)).collect(),
                None => self.outline.measures.iter().map(|measure| (measure.id.as_str(), &measure.of.label)).collect(),
            };
            self.codelist(xml, &key.id, &self.named(key), &codes)?;
        }
        if !self.outline.units.is_empty() {
            let codes: Vec<_> = self.outline.units.iter().map(|(id, unit)| (id.as_str(), &unit.label)).collect();
            self.codelist(xml, "UNIT_MEASURE", &text("Enhet", "Unit"), &codes)?;
        }
        for (id, name, codes) in [
            ("OBS_STATUS", text("Observationsstatus", "Observation status"), &STATUS[..]),
            ("CONF_STATUS", text("Sekretess", "Confidentiality"), &FREE[..]),
        ] {
            let codes: Vec<(&str, Text)> = codes.iter().map(|(code, sv, en)| (*code, text(sv, en))).collect();
            let codes: Vec<(&str, &Text)> = codes.iter().map(|(code, label)| (*code, label)).collect();
            self.codelist(xml, id, &name, &codes)?;
        }
        Ok(())
    }

    fn codelist(&self, xml: &mut Xml, of: &str, name: &Text, codes: &[(&str, &Text)]) -> io::Result<()> {
        let id = self.list(of);
        let attributes = [("id", id.as_str()), ("agencyID", AGENCY), ("version", self.version())];
        xml.create_element("str:Codelist").with_attributes(attributes).write_inner_content(|xml| {
            names(xml, name)?;
            for (code, label) in codes {
                xml.create_element("str:Code").with_attribute(("id", *code)).write_inner_content(|xml| names(xml, label))?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// What a dimension is called.
    fn named(&self, key: &Key<'_>) -> Text {
        key.of.map_or_else(|| self.outline.cube.contents_label(), |(_, of)| of.label.clone())
    }

    /// The concepts in the order of the columns.
    fn all(&self) -> Vec<Concept> {
        let dimension = |key: &Key<'_>| Concept {
            id: key.id.clone(),
            name: self.named(key),
            role: Component::Dimension { listed: !key.is_periods() },
        };
        let mut all: Vec<Concept> = self.outline.keys.iter().map(dimension).collect();
        let mut add = |id: &str, name: Text, role: Component| all.push(Concept { id: id.to_owned(), name, role });
        let attribute_of = |list: &'static str, required| Component::Attribute { list: Some(list), required };
        let number = || Component::Attribute { list: None, required: false };
        add("OBS_VALUE", text("Tal", "Number"), Component::Value);
        add("OBS_STATUS", text("Observationsstatus", "Observation status"), attribute_of("OBS_STATUS", true));
        add("CONF_STATUS", text("Sekretess", "Confidentiality"), attribute_of("CONF_STATUS", true));
        let unit = if self.outline.units.is_empty() { number() } else { attribute_of("UNIT_MEASURE", false) };
        add("UNIT_MEASURE", text("Enhet", "Unit"), unit);
        add("DECIMALS", text("Decimaler", "Decimals"), number());
        for what in &self.outline.qualities {
            let name = Text { sv: what.said(Lang::Sv).to_owned(), en: what.said(Lang::En).to_owned() };
            add(attribute(*what), name, number());
        }
        all
    }

    fn concepts(&self, xml: &mut Xml) -> io::Result<()> {
        let id = self.scheme();
        let attributes = [("id", id.as_str()), ("agencyID", AGENCY), ("version", self.version())];
        xml.create_element("str:ConceptScheme").with_attributes(attributes).write_inner_content(|xml| {
            names(xml, &text("Begrepp", "Concepts"))?;
            for concept in self.all() {
                let element = xml.create_element("str:Concept").with_attribute(("id", concept.id.as_str()));
                element.write_inner_content(|xml| names(xml, &concept.name))?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn definition(&self, xml: &mut Xml, edition: Edition<'_>) -> io::Result<()> {
        let attributes = [("id", self.outline.id.as_str()), ("agencyID", AGENCY), ("version", self.version())];
        xml.create_element("str:DataStructure").with_attributes(attributes).write_inner_content(|xml| {
            names(xml, &self.outline.cube.set.title)?;
            let notes = |lang| notes(self.outline.cube.set, &edition.pack.release, lang).into_iter().map(|note| note.text);
            let joined = |lang| notes(lang).collect::<Vec<_>>().join(" ");
            texts(xml, "com:Description", &Text { sv: joined(Lang::Sv), en: joined(Lang::En) })?;
            xml.create_element("str:DataStructureComponents").write_inner_content(|xml| self.components(xml))?;
            Ok(())
        })?;
        Ok(())
    }

    fn components(&self, xml: &mut Xml) -> io::Result<()> {
        let all = self.all();
        let descriptor = |xml: &mut Xml, name: &str, id: &str, element: &dyn Fn(&mut Xml) -> io::Result<()>| {
            xml.create_element(name).with_attribute(("id", id)).write_inner_content(|xml| element(xml)).map(|_| ())
        };
        descriptor(xml, "str:DimensionList", "DimensionDescriptor", &|xml| {
            all.iter().enumerate().try_for_each(|(at, of)| match of.role {
                Component::Dimension { listed } => self.dimension(xml, of, listed, at + 1),
                _ => Ok(()),
            })
        })?;
        descriptor(xml, "str:AttributeList", "AttributeDescriptor", &|xml| {
            all.iter().try_for_each(|of| match of.role {
                Component::Attribute { list, required } => self.attribute(xml, of, list, required),
                _ => Ok(()),
            })
        })?;
        descriptor(xml, "str:MeasureList", "MeasureDescriptor", &|xml| {
            all.iter().filter(|of| matches!(of.role, Component::Value)).try_for_each(|of| {
                xml.create_element("str:Measure").with_attribute(("id", of.id.as_str())).write_inner_content(|xml| {
                    self.identity(xml, &of.id)?;
                    representation(xml, None, self.number())
                })?;
                Ok(())
            })
        })
    }

    fn dimension(&self, xml: &mut Xml, of: &Concept, listed: bool, position: usize) -> io::Result<()> {
        let position = position.to_string();
        let (name, attributes) = match listed {
            true => ("str:Dimension", vec![("id", of.id.as_str()), ("position", position.as_str())]),
            // The schema knows one name and no place for it.
            false => ("str:TimeDimension", vec![("id", of.id.as_str())]),
        };
        xml.create_element(name).with_attributes(attributes).write_inner_content(|xml| {
            self.identity(xml, &of.id)?;
            let list = listed.then(|| self.list_urn(&of.id));
            representation(xml, list.as_deref(), "ObservationalTimePeriod")
        })?;
        Ok(())
    }

    fn attribute(&self, xml: &mut Xml, of: &Concept, list: Option<&str>, required: bool) -> io::Result<()> {
        let usage = if required { "mandatory" } else { "optional" };
        let attributes = [("id", of.id.as_str()), ("usage", usage)];
        xml.create_element("str:Attribute").with_attributes(attributes).write_inner_content(|xml| {
            self.identity(xml, &of.id)?;
            let list = list.map(|list| self.list_urn(list));
            let kind = match of.id.as_str() {
                "DECIMALS" => "Integer",
                "UNIT_MEASURE" => "String",
                _ => self.number(),
            };
            representation(xml, list.as_deref(), kind)?;
            xml.create_element("str:AttributeRelationship").write_inner_content(|xml| {
                match of.id.as_str() {
                    // What is the same for all observations of a measure.
                    "DECIMALS" | "UNIT_MEASURE" => leaf(xml, "str:Dimension", MEASURE)?,
                    _ => xml.create_element("str:Observation").write_empty().map(|_| ())?,
                }
                Ok(())
            })?;
            Ok(())
        })?;
        Ok(())
    }

    fn identity(&self, xml: &mut Xml, concept: &str) -> io::Result<()> {
        let (scheme, version) = (self.scheme(), self.version());
        let urn = format!("urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept={AGENCY}:{scheme}({version}).{concept}");
        leaf(xml, "str:ConceptIdentity", &urn)
    }

    fn list_urn(&self, of: &str) -> String {
        format!("urn:sdmx:org.sdmx.infomodel.codelist.Codelist={AGENCY}:{}({})", self.list(of), self.version())
    }

    /// How numbers are written: only where SQL computed them so with an exponent.
    fn number(&self) -> &'static str {
        let is_double = |values: &Values| matches!(values, Values::Numbers { kind: NumberKind::Double, .. });
        if self.outline.cube.contents.iter().any(|of| is_double(&of.column.values)) { "Double" } else { "Decimal" }
    }
}

/// The only agency; the publisher, where the site names it.
fn agency(xml: &mut Xml, edition: Edition<'_>) -> io::Result<()> {
    let publisher = edition.settings.publisher.as_ref().map_or_else(|| text(AGENCY, AGENCY), |of| of.name.clone());
    xml.create_element("str:AgencySchemes").write_inner_content(|xml| {
        let attributes = [("id", "AGENCIES"), ("agencyID", "SDMX"), ("isPartial", "true")];
        xml.create_element("str:AgencyScheme").with_attributes(attributes).write_inner_content(|xml| {
            names(xml, &text("Organisationer", "Agencies"))?;
            xml.create_element("str:Agency").with_attribute(("id", AGENCY)).write_inner_content(|xml| names(xml, &publisher))?;
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

fn representation(xml: &mut Xml, list: Option<&str>, kind: &str) -> io::Result<()> {
    xml.create_element("str:LocalRepresentation").write_inner_content(|xml| match list {
        Some(urn) => leaf(xml, "str:Enumeration", urn),
        None => xml.create_element("str:TextFormat").with_attribute(("textType", kind)).write_empty().map(|_| ()),
    })?;
    Ok(())
}

/// A name in both languages.
fn names(xml: &mut Xml, text: &Text) -> io::Result<()> {
    texts(xml, "com:Name", text)
}

fn texts(xml: &mut Xml, name: &str, text: &Text) -> io::Result<()> {
    for lang in Lang::ALL {
        let element = xml.create_element(name).with_attribute(("xml:lang", lang.tag()));
        element.write_text_content(BytesText::new(&printable(text.get(lang))))?;
    }
    Ok(())
}

fn leaf(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(text)).map(|_| ())
}

/// Without what XML cannot hold, however it is escaped.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c }).collect()
}

fn text(sv: &str, en: &str) -> Text {
    Text { sv: sv.to_owned(), en: en.to_owned() }
}
