//! What the bench says: a line per kind of query as it is measured, the README's table, and its picture.

use std::fmt::Write as _;

use super::{Costs, Measured};

/// What one kind of query cost.
#[derive(Default)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) ours: Costs,
    /// DuckDB on the same files, on files of its own, and plain DataFusion.
    pub(super) same: Costs,
    pub(super) own: Costs,
    pub(super) plain: Costs,
    /// The most memory of ours, in megabytes.
    pub(super) peak: f64,
    /// How DuckDB groups.
    pub(super) plan: String,
}

#[derive(Default)]
pub(super) struct Table(pub(super) Vec<Row>);

fn milliseconds(costs: &Costs) -> String {
    let told = costs.of(|cost| cost.wall).map(|all| all.map(|seconds| seconds * 1e3));
    told.map_or_else(|| "–".to_owned(), |[least, median, most]| format!("{median:.0} ({least:.0}–{most:.0})"))
}

fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"))
}

fn megabytes(costs: &Costs) -> String {
    costs.of(|cost| cost.read).map_or_else(|| "–".to_owned(), |[_, median, _]| format!("{:.0}", median / 1e6))
}

impl Row {
    /// The row of the README's table.
    pub(super) fn line(&self) -> String {
        format!(
            "| {} | {} | {} | {} | **{}** | {} | {} | {} | {} | {} | {:.0} | {} |",
            self.name,
            milliseconds(&self.ours),
            milliseconds(&self.same),
            milliseconds(&self.plain),
            ratio(self.ours.ratio(&self.same)),
            ratio(self.ours.effort(&self.same)),
            ratio(self.ours.ratio(&self.own)),
            ratio(self.ours.ratio(&self.plain)),
            megabytes(&self.ours),
            megabytes(&self.same),
            self.peak,
            self.plan.to_lowercase(),
        )
    }
}

/// Pixels: of a bar's row, where bars begin, and for a ratio of one.
const STEP: usize = 26;
const LEFT: usize = 390;
const ONE: f64 = 200.0;

impl Table {
    /// The README's table.
    pub(super) fn markdown(&self) -> String {
        let head = "| milliseconds, median (least–most) | utfall | DuckDB | DataFusion | ratio to DuckDB | its processor | to DuckDB on files of its own | to DataFusion | MB read | DuckDB's | peak MB | DuckDB's plan |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n";
        self.0.iter().fold(head.to_owned(), |text, row| text + &row.line() + "\n")
    }

    /// A bar per kind of query: the ratio to DuckDB on the same files, and a line at one.
    pub(super) fn picture(&self) -> String {
        let rows: Vec<(&str, f64)> = self.0.iter().filter_map(|row| Some((row.name, row.ours.ratio(&row.same)?))).collect();
        let (height, width) = (rows.len() * STEP + 60, LEFT + 460);
        let one = LEFT as f64 + ONE;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"14\" role=\"img\">\n<title>Time of a private answer beside DuckDB's plain one</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n<text x=\"10\" y=\"22\" font-weight=\"bold\">Time of a private answer, as a multiple of DuckDB's plain one</text>\n"
        );
        for (at, (name, ratio)) in rows.iter().enumerate() {
            let (top, bar) = (at * STEP + 36, (ratio * ONE).min(440.0));
            let colour = if *ratio <= 1.0 { "#1f6f8b" } else { "#c8553d" };
            let name = name.replace(", joined with the register", ", joined");
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{name}</text><rect x=\"{LEFT}\" y=\"{top}\" width=\"{bar:.0}\" height=\"18\" fill=\"{colour}\"/><text x=\"{:.0}\" y=\"{}\">{ratio:.2}</text>",
                LEFT - 8,
                top + 14,
                LEFT as f64 + bar + 6.0,
                top + 14,
            );
        }
        let _ = writeln!(
            svg,
            "<line x1=\"{one}\" y1=\"30\" x2=\"{one}\" y2=\"{}\" stroke=\"#222\" stroke-dasharray=\"4 3\"/><text x=\"{one}\" y=\"{}\" text-anchor=\"middle\">as much as DuckDB</text>\n</svg>",
            height - 24,
            height - 8,
        );
        svg
    }
}

/// Some kinds of query by how many rows there are, and what landing them took.
pub(super) fn by_rows(measured: &[Measured], names: &[&str]) -> String {
    let mut text = format!(
        "\n| rows | {} | landed, seconds | peak MB of landing |\n|{}\n",
        names.iter().map(|name| format!("{name}: ms (ratio to DuckDB, peak MB)")).collect::<Vec<_>>().join(" | "),
        "---|".repeat(names.len() + 3)
    );
    for Measured { rows, table, landing: (seconds, peak), .. } in measured {
        let told = |name: &&str| {
            let row = table.0.iter().find(|row| row.name == *name)?;
            Some(format!("{} ({}, {:.0})", milliseconds(&row.ours), ratio(row.ours.ratio(&row.same)), row.peak))
        };
        let cells: Vec<String> = names.iter().map(|name| told(name).unwrap_or_default()).collect();
        let _ = writeln!(text, "| {rows} | {} | {seconds:.1} | {peak:.0} |", cells.join(" | "));
    }
    text
}
