//! The sentences of a card. The registry renders them as Markdown with mathematics, so names are escaped.

use std::collections::BTreeSet;

use crate::dataset::pack::ReleaseFacts;
use crate::{Edition, Publication, Table, VectorNoise};
use utfall_ground::text::Lang;

pub(super) const NO_CURATOR: &str = "Not stated: the settings of the site name no publisher";

pub(super) const INTENDED_USE: &str = "Public statistics on the outcomes of labour-market projects: for those who finance, compare and evaluate them, and for anybody else to read and to reuse.";

pub(super) const DOMAIN: &str = "All histories of deliveries: lists of participants, their activities, milestones, ratings and answers, as projects deliver them month by month. Accepting a delivery is the controller's act, outside the guarantee; what is then made of it is row-local or person-local.";

pub(super) const MODEL: &str = "The controller holds the lists, under keyed pseudonyms, and adds the noise. What is published is computed from the noisy integers alone.";

pub(super) const ACTORS: &str = "- Senders (projects and their offices) deliver lists and see what was wrong with them.
- The controller holds the lists, the key and the ledger of the budget, runs the program, and is trusted.
- Analysts write queries. They see no data, and what they are told of a query depends on its text and on public lists only.
- Readers see what is published. They are the adversaries: they may know everything about everybody else, have any computing power, have all other releases, and work together.
- Nothing is claimed against whoever holds the lists, or the machine while it draws.";

pub(super) const DATA_SOURCE: &str = "Lists come in and are corrected month by month. A release is of what had landed when it was made; later data are another release, with a cost of its own.";

pub(super) const ACCESS: &str = "Queries are fixed before anything is drawn. No query is answered to anybody but by publishing its release; what SQL computes afterwards reads published numbers only.";

pub(super) const JUSTIFICATION: &str = "- Budget, bounds and intervals are declared by the authors of the release before it is made, and printed in it.
- The budget is divided among the tables so that the declared objective of error is least, reckoned from the sizes of public lists, never from the data.
- Laplace or Gaussian noise is chosen by which is smaller for the same loss; discrete noise because integers can be drawn exactly.
- Every query is checked mechanically, and run by tests against neighbouring databases. The proofs can be checked again by anybody, without the data.";

/// A name on one line, without anything that Markdown, its mathematics or HTML would take for more than text.
pub(super) fn inline(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match c {
            '&' => line.push_str("&amp;"),
            '<' => line.push_str("&lt;"),
            '>' => line.push_str("&gt;"),
            '\\' => line.push_str("&#92;"),
            '`' | '*' | '_' | '[' | ']' | '|' | '$' | '#' => line.extend(['\\', c]),
            c if c.is_control() => {}
            c => line.push(c),
        }
    }
    line
}

/// What is published.
pub(super) fn description(edition: Edition<'_>) -> String {
    let release = &edition.pack.release;
    let about = release.about.as_ref().unwrap_or(&release.title).get(Lang::En);
    let mut paragraphs: Vec<String> = Vec::new();
    if release.demonstration {
        paragraphs.push("A demonstration: the participants are made up, and nobody's data are in it.".to_owned());
    }
    paragraphs.extend(about.split("\n\n").map(inline));
    let tables = edition.pack.sets.iter().map(|set| format!("- {}", inline(set.title.get(Lang::En))));
    paragraphs.push(format!("Its tables:\n{}", tables.collect::<Vec<_>>().join("\n")));
    paragraphs.join("\n\n")
}

/// What is public, and so not hidden by noise.
pub(super) fn unprotected(publication: &Publication) -> String {
    let mut lines = vec![
        "- No statistic of the lists is published without noise: there are no invariants.".to_owned(),
        "- Public beforehand: code lists, the register of projects with their budgets, plans and targets, the queries, and which cells a table has.".to_owned(),
        "- Not covered: that a project delivered at all, when it did, and when a release was made.".to_owned(),
    ];
    if publication.tables.iter().any(|table| table.threshold.is_some()) {
        lines.push("- Of the tables with a threshold, which cells are shown is protected by delta.".to_owned());
    }
    for quoted in publication.description.quotations() {
        lines.push(format!(
            "- Tables that quote the release {} show numbers that it published before, under its own guarantee (epsilon {}, delta {}).",
            inline(quoted.title.get(Lang::En)),
            quoted.epsilon,
            quoted.delta
        ));
    }
    lines.join("\n")
}

/// Who is protected, and what neighbours are.
pub(super) fn unit(publication: &Publication) -> String {
    let description = &publication.description;
    let mut text = format!(
        "Two histories of deliveries, the same deliveries accepted in the same order, are neighbours if they differ in all lines of one \
         person, in all projects and over all time (add or remove). At most {} participations of one person are in the release: those \
         that arrived first.",
        description.participations
    );
    let said = |(table, rows): (&String, &u64)| {
        let of = if table.is_empty() { "a table within a participation" } else { table };
        format!("- {}: at most {rows} rows per participation", inline(of))
    };
    let rows: BTreeSet<String> = description.own().flat_map(|table| &table.rows).map(said).collect();
    let rows: Vec<String> = rows.into_iter().collect();
    if !rows.is_empty() {
        text.push_str("\n\nRows within a participation are bounded too:\n");
        text.push_str(&rows.join("\n"));
    }
    if description.own().any(|table| table.anonymous) {
        text.push_str(
            "\n\nRecords of protected identity belong to nobody in particular. They are in grand totals only, each as a person of its \
             own: who has r of them is protected as a group of r.",
        );
    }
    text
}

/// What epsilon and delta are of.
pub(super) fn parameters(publication: &Publication) -> String {
    let description = &publication.description;
    let of = match &description.series {
        Some(_) => "all periods of the series, in one version of each",
        None => "all tables that the release measures together",
    };
    format!(
        "Declared: epsilon {}, delta {}. They hold for {of}. Other releases about the same people add to this. How much of its lifetime \
         limit the data have spent, and the limit, stand in the controller's ledger, not here.",
        description.epsilon, description.delta
    )
}

/// How often there are numbers.
pub(super) fn releases(release: &ReleaseFacts) -> String {
    let mut text = match &release.series {
        Some(series) => format!(
            "A series: each period is published once, {} days after its end, at no further cost within the budget of the series. It shows \
             {} to {}.",
            series.lag, series.first, series.last
        ),
        None => "Published once. The same release again shows the same numbers and costs nothing.".to_owned(),
    };
    text.push_str(" The budget never resets: another version is charged to the same lifetime limit.");
    for earlier in &release.earlier {
        text.push_str(&format!(
            "\n- An earlier version, with a cost of its own, was made on {}: {}",
            earlier.made.day(),
            earlier.id
        ));
    }
    text
}

/// What is done to the noisy numbers.
pub(super) fn post_processing(publication: &Publication) -> String {
    let mut lines = vec!["- Means, shares, measures of spread and intervals are computed from noisy integers.".to_owned()];
    if publication.tables.iter().any(Table::is_reconciled) {
        lines.push(
            "- Tables of the same rows are reconciled by weighted least squares, so that parts sum to the whole.".to_owned(),
        );
    }
    if !publication.views.is_empty() {
        lines.push("- Some tables are computed by SQL from noisy numbers and public tables.".to_owned());
    }
    if publication.tables.iter().any(|table| table.threshold.is_some()) {
        lines.push("- Cells of tables with a threshold are left out where the noisy count is not above it.".to_owned());
    }
    lines.push(
        "- Pages show whole numbers within what is possible; the files hold the unbiased ones, negative ones too.".to_owned(),
    );
    lines.push("- Every number is graded by its interval alone: firm, estimated (e) or unreliable (u).".to_owned());
    lines.join("\n")
}

/// How losses are added up.
pub(super) fn composition(edition: Edition<'_>) -> String {
    let mut text = "Sequential composition of all measurements, in exact rational arithmetic rounded upwards: the sum of the pure losses, or \
                    the sum of the zero-concentrated losses converted to epsilon at the given delta, whichever is lower; both hold for \
                    queries chosen in the light of earlier answers. The loss is reserved in a durable ledger before anything is drawn, and \
                    a release beyond the lifetime limit is refused."
        .to_owned();
    for quoted in edition.publication.description.quotations() {
        text.push_str(&format!("\n- Quoted, at no further loss: {} ({})", inline(quoted.title.get(Lang::En)), quoted.id));
    }
    text
}

/// What happens to rows before noise.
pub(super) fn preprocessing(publication: &Publication) -> String {
    format!(
        "- Rows are validated one by one; what cannot be read is set aside and reported to its sender, with its place and never its value.\n\
         - Each person's participations are numbered in their order of arrival; those beyond {} are not counted.\n\
         - Every summed column is clamped to limits that the query states.\n\
         - Budget, bounds and limits are declared by the authors of the queries, from how projects work. Their authors are told not to look \
         at the data for them; nothing of the program infers them from data.",
        publication.description.participations
    )
}

/// Every mechanism with its exact parameters.
pub(super) fn mechanisms(publication: &Publication) -> String {
    let mut text = format!(
        "- Implementation: utfall {}, in Rust, with samplers of its own. Noise is drawn from integers and exact rationals; no floating point \
         reaches it. Random bits are ChaCha20's, seeded by the operating system.\n\
         - Sensitivities are proved from the plan of each query; the proofs are published with the release.\n\
         - Time: one batch is drawn per release, and no time of drawing is published.\n\
         - Storage: identity numbers are replaced by keyed pseudonyms on arrival; the key lies apart from the data.\n",
        env!("CARGO_PKG_VERSION")
    );
    let bases: Vec<String> = publication.description.bases.iter().map(|base| inline(&base.name)).collect();
    if !bases.is_empty() {
        text.push_str(&format!(
            "- Measured and not published, but for what follows from it: {}. Of numbers that follow from these, the noise below is that of \
             what they follow from.\n",
            bases.join(", ")
        ));
    }
    text.push_str("\nNoise of every published measurement:\n\n");
    text.push_str("| Table | Vector | Mechanism | Parameters | Standard deviation |\n|---|---|---|---|---|\n");
    for (table, noise) in distinct(publication) {
        let deviation = noise.standard_deviation.map_or_else(|| "a choice".to_owned(), |deviation| format!("{deviation:.2}"));
        let [title, name, mechanism, parameters] =
            [table.title.get(Lang::En), &noise.name, noise.mechanism.get(Lang::En), noise.scale.get(Lang::En)].map(inline);
        text.push_str(&format!("| {title} | {name} | {mechanism} | {parameters} | {deviation} |\n"));
    }
    text.trim_end().to_owned()
}

/// What was measured by the release itself, each vector once.
fn distinct(publication: &Publication) -> Vec<(&Table, &VectorNoise)> {
    let mut seen = BTreeSet::new();
    let own = publication.tables.iter().filter(|table| table.description.quotes.is_none());
    let all = own.flat_map(|table| table.noise.iter().map(move |noise| (table, noise)));
    all.filter(|(_, noise)| seen.insert(noise.name.as_str())).collect()
}

/// What readers are told of the error.
pub(super) fn notes(publication: &Publication) -> String {
    format!(
        "Accuracy is published with the numbers: each has a noise interval at level {}, its standard error and an observation status, in the \
         pages and in every file. The release is {}.",
        publication.description.interval, publication.id
    )
}
