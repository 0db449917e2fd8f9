"""What machines find a site by, held against what real clients and portals demand.

    python3 tests/clients/catalogue.py out

The argument is the folder of pages. One line per check; exits with 1 if one fails. Needed: rdflib, pyshacl, jsonschema, PyYAML; a
check whose library is not installed says so. Nothing is fetched.
"""

import hashlib
import html.parser
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
FORMS = {"catalog.rdf": "xml", "catalog.ttl": "turtle", "catalog.jsonld": "json-ld"}
DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
SPDX = "http://spdx.org/rdf/terms#"
FILE_TYPE = "http://publications.europa.eu/resource/authority/file-type/"
# The lists of data.europa.eu (edp-vocabularies), of the formats that a site can have.
NOT_PROPRIETARY = {FILE_TYPE + code for code in ("CSV", "HTML", "JSON", "ODS", "TXT", "XML")}
MACHINE_READABLE = {FILE_TYPE + code for code in ("CSV", "JSON", "ODS", "XLSX", "XML")}
KNOWN_TYPES = NOT_PROPRIETARY | MACHINE_READABLE | {FILE_TYPE + "PARQUET"}
# The licences that DCAT-AP-SE lists.
OPEN_LICENCES = {"http://creativecommons.org/publicdomain/zero/1.0/", "http://creativecommons.org/licenses/by/4.0/"}
LEAST_QUALITY, MOST_QUALITY = 350, 405


class Failed(Exception):
    """A check that did not hold."""


class Skipped(Exception):
    """A check that has nothing to look at."""


def graph(out, name="catalog.rdf"):
    import rdflib

    path = out / name
    if not path.is_file():
        raise Skipped(f"{path} is not there: site.toml names no address, publisher or licence")
    return rdflib.Graph().parse(path, format=FORMS[name])


def demand(holds, what):
    if not holds:
        raise Failed(what)


def things(triples, kind):
    from rdflib import RDF, URIRef

    return sorted(triples.subjects(RDF.type, URIRef(DCAT + kind)))


def value(triples, thing, name):
    from rdflib import URIRef

    return triples.value(thing, URIRef(name))


def local(out, triples, url):
    """The file that an address of the site is served from."""
    base = str(things(triples, "Catalog")[0]).split("catalog.rdf")[0]
    demand(str(url).startswith(base), f"{url} is not below {base}")
    return out / str(url).removeprefix(base)


def forms_agree(out):
    """The three forms say the same, without blank nodes, and every name is absolute."""
    import rdflib
    from rdflib.compare import isomorphic

    graphs = [graph(out, name) for name in FORMS]
    demand(all(isomorphic(graphs[0], other) for other in graphs[1:]), "the forms differ")
    for triple in graphs[0]:
        demand(not any(isinstance(term, rdflib.BNode) for term in triple), f"a blank node: {triple}")
        names = [term for term in triple if isinstance(term, rdflib.URIRef)]
        demand(all(name.split(":")[0] in ("http", "https", "mailto", "tel") for name in names), f"a relative name: {triple}")
    return f"{len(graphs[0])} triples in {len(FORMS)} forms"


def conforms(triples):
    import pyshacl

    shapes = HERE / "dcat-ap-shapes.ttl"
    return pyshacl.validate(triples, shacl_graph=str(shapes), shacl_graph_format="turtle", inference="none", advanced=True)


def profile_holds(out):
    """DCAT-AP's shapes hold, and do not without the title of a dataset."""
    from rdflib import URIRef

    triples = graph(out)
    good, _, report = conforms(triples)
    demand(good, report)
    dataset = things(triples, "Dataset")[0]
    triples.remove((dataset, URIRef(DCT + "title"), None))
    demand(not conforms(triples)[0], f"the shapes do not miss the title of {dataset}")
    return "conforms; without a title it does not"


def files_are_there(out):
    """Every distribution is a file of its size and checksum."""
    triples = graph(out)
    distributions = things(triples, "Distribution")
    demand(distributions, "there is no distribution")
    for distribution in distributions:
        url = value(triples, distribution, DCAT + "downloadURL")
        held = local(out, triples, url).read_bytes()
        size = int(value(triples, distribution, DCAT + "byteSize"))
        # As it is written: rdflib reads hexadecimal values as bytes.
        checksum = value(triples, distribution, SPDX + "checksum")
        stated = str(value(triples, checksum, SPDX + "checksumValue")).lower()
        demand(size == len(held) and stated == hashlib.sha256(held).hexdigest(), f"{url} is another file")
    return f"{len(distributions)} files"


def quality(out):
    """The score of the Metadata Quality Assessment (data.europa.eu/mqa/methodology), with files in place of HTTP."""
    triples = graph(out)
    datasets, distributions = things(triples, "Dataset"), things(triples, "Distribution")

    def share(of, holds):
        return sum(1 for thing in of if holds(thing)) / len(of)

    def has(name):
        return lambda thing: value(triples, thing, name) is not None

    def one_of(name, known):
        return lambda thing: str(value(triples, thing, name)) in known

    def answers(name):
        def exists(thing):
            url = value(triples, thing, name)
            return url is not None and local(out, triples, str(url).split("#")[0]).exists()

        return exists

    def media(thing):
        return str(value(triples, thing, DCAT + "mediaType")).startswith("https://www.iana.org/assignments/media-types/")

    rights = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
    points = {
        "keywords": 30 * share(datasets, has(DCAT + "keyword")),
        "categories": 30 * share(datasets, has(DCAT + "theme")),
        "place": 20 * share(datasets, has(DCT + "spatial")),
        "time": 20 * share(datasets, has(DCT + "temporal")),
        "access": 50 * share(distributions, answers(DCAT + "accessURL")),
        "download": 20 * share(distributions, has(DCAT + "downloadURL")),
        "download answers": 30 * share(distributions, answers(DCAT + "downloadURL")),
        "format": 20 * share(distributions, has(DCT + "format")),
        "media type": 10 * share(distributions, has(DCAT + "mediaType")),
        "from vocabularies": 10 * share(distributions, lambda of: one_of(DCT + "format", KNOWN_TYPES)(of) and media(of)),
        "not proprietary": 20 * share(distributions, one_of(DCT + "format", NOT_PROPRIETARY)),
        "machine readable": 20 * share(distributions, one_of(DCT + "format", MACHINE_READABLE)),
        "profile": 30 * conforms(triples)[0],
        "licence": 20 * share(distributions, has(DCT + "license")),
        "known licence": 10 * share(distributions, one_of(DCT + "license", OPEN_LICENCES)),
        "access rights": 10 * share(datasets, has(DCT + "accessRights")),
        "known access rights": 5 * share(datasets, one_of(DCT + "accessRights", {rights})),
        "contact": 20 * share(datasets, has(DCAT + "contactPoint")),
        "publisher": 10 * share(datasets, has(DCT + "publisher")),
        "rights": 5 * share(distributions, has(DCT + "rights")),
        "size": 5 * share(distributions, has(DCAT + "byteSize")),
        "issued": 5 * share(datasets, has(DCT + "issued")),
        "modified": 5 * share(datasets, has(DCT + "modified")),
    }
    score = sum(points.values())
    low = ", ".join(f"{name} {got:.0f}" for name, got in points.items() if got < 5)
    demand(score >= LEAST_QUALITY, f"{score:.0f} of {MOST_QUALITY}: {points}")
    return f"{score:.0f} of {MOST_QUALITY} points" + (f" (few for {low})" if low else "")


class Scripts(html.parser.HTMLParser):
    """The JSON-LD of a page."""

    def __init__(self):
        super().__init__()
        self.found, self.inside = [], False

    def handle_starttag(self, tag, attributes):
        self.inside = tag == "script"
        demand(not self.inside or ("type", "application/ld+json") in attributes, "a script that is no data")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "script"

    def handle_data(self, data):
        if self.inside:
            self.found.append(data)


def count(node):
    """How many triples a tree of JSON-LD has."""
    if isinstance(node, list):
        return sum(count(one) for one in node)
    if isinstance(node, dict):
        inner = sum(count(one) for name, one in node.items() if name != "@context")
        # Each property is a triple per value; a nested thing is the object of one more.
        return inner + sum(isinstance(one, dict) for name, of in node.items() if name != "@context" for one in (of if isinstance(of, list) else [of]))
    return 1


def search_engines_read(out):
    """What pages tell search engines is a Dataset that expands without loss."""
    import rdflib

    told = 0
    for page in sorted(out.glob("*/*.html")):
        scripts = Scripts()
        scripts.feed(page.read_text(encoding="utf-8"))
        for script in scripts.found:
            data = json.loads(script)
            demand(data.pop("@context") == "https://schema.org" and data["@type"] == "Dataset", f"{page}: no dataset")
            demand({"name", "description", "url", "license", "creator"} <= data.keys(), f"{page}: too little is said")
            demand(50 <= len(data["description"]) <= 5000, f"{page}: a description of {len(data['description'])} characters")
            # The context of schema.org maps every name to its vocabulary; it is not fetched.
            data["@context"] = {"@vocab": "https://schema.org/"}
            expanded = rdflib.Graph().parse(data=json.dumps(data), format="json-ld")
            expected = count(data) - duplicates(data)
            demand(len(expanded) == expected, f"{page}: {len(expanded)} triples of {expected}")
            told += 1
    if not told:
        raise Skipped("no page tells search engines anything: site.toml names no address")
    return f"{told} pages"


def duplicates(node):
    """How many values of one property are alike, which a graph holds once."""
    if isinstance(node, list):
        return sum(duplicates(one) for one in node)
    if isinstance(node, dict):
        plain = [[one for one in of if not isinstance(one, dict)] for of in node.values() if isinstance(of, list)]
        return sum(len(of) - len(set(of)) for of in plain) + sum(duplicates(of) for of in node.values())
    return 0


def cards_are_records(out):
    """Every privacy card is a record of the registry of deployments."""
    import jsonschema
    import yaml

    schema = json.loads((HERE / "deployment.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    cards = sorted(out.glob("*/deployment.yaml"))
    if not cards:
        raise Skipped("no release has a privacy card: none asks for the format deployment")
    for card in cards:
        record = yaml.safe_load(card.read_text(encoding="utf-8"))
        wrong = [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(record)]
        demand(not wrong, f"{card}: {wrong}")
        release = json.loads((card.parent / "datasets.json").read_text(encoding="utf-8"))["release"]
        parameters = record["deployment"]["privacy_loss"]["privacy_parameters"]
        said = (float(parameters["epsilon"]), parameters["delta"])
        demand(said == (float(release["epsilon"]), release["delta"]), f"{card}: other parameters than the release's")
    return f"{len(cards)} cards"


CHECKS = [forms_agree, profile_holds, files_are_there, quality, search_engines_read, cards_are_records]


def main(out):
    failed = False
    for check in CHECKS:
        try:
            said = check(out)
        except ImportError as error:
            said = f"skipped: {error.name} is not installed"
        except Skipped as reason:
            said = f"skipped: {reason}"
        except (Failed, OSError, ValueError, KeyError) as error:
            failed, said = True, f"FAILED: {error}"
        print(f"{check.__name__}: {said}")
    return int(failed)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1])))
