//! Every snippet of `queries/README.md` does what the text around it says.
//!
//! The first words after a fence say what its block is:
//! - `toml release`: the release.toml of every snippet; there is one.
//! - `sql accepted NAME`, `sql refused RULE NAME`: the file `queries/trial/NAME.sql`. One that shows no front matter gets one
//!   of one line, so its lines count from 2.
//! - `console`: lines `$ utfall …`, each with all that it prints, run in a folder that holds the last snippet, or with
//!   `console A B` the snippets A and B.
//! - `text`: a picture; nothing is done with it.
//!
//! After changing a message on purpose: `UTFALL_WRITE_MESSAGES=1 make test`, then read the diff.

use std::path::PathBuf;

use crate::world::{Said, World, home, repository, said};

const FRONT: &str = "/*+++ title = { sv = \"Prov\", en = \"Trial\" } +++*/\n";

/// A snippet: its name, its file, and the rule that refuses it.
struct Snippet {
    name: String,
    file: String,
    refused: Option<String>,
}

/// A block between fences: what stands after the first, and the lines between them.
struct Block<'t> {
    info: Vec<&'t str>,
    text: String,
}

/// The tutorial in pieces: lines of prose, and blocks.
enum Piece<'t> {
    Prose(&'t str),
    Block(Block<'t>),
}

fn pieces(tutorial: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut lines = tutorial.lines();
    while let Some(line) = lines.next() {
        match line.strip_prefix("```") {
            None => pieces.push(Piece::Prose(line)),
            Some(info) => {
                let within: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
                let text = within.iter().map(|l| format!("{l}\n")).collect();
                pieces.push(Piece::Block(Block { info: info.split_whitespace().collect(), text }));
            }
        }
    }
    pieces
}

/// The tutorial, a place where the demo's lists have landed, and the release.toml that its snippets stand beside.
struct Reader {
    world: World,
    release: String,
    snippets: Vec<Snippet>,
}

impl Reader {
    /// A folder with these snippets and no others.
    fn home(&self, snippets: &[&Snippet]) -> PathBuf {
        let _ = std::fs::remove_dir_all(self.world.path("home"));
        let queries: Vec<(&str, &str)> = snippets.iter().map(|s| (s.name.as_str(), s.file.as_str())).collect();
        home(&self.world, &self.release, &queries)
    }

    /// What the program says in a folder with these snippets, its paths as a reader would see them.
    fn run(&self, arguments: &[&str], snippets: &[&Snippet]) -> Said {
        let home = self.home(snippets);
        let mut command = self.world.command(arguments);
        let said = said(command.env("UTFALL_HOME", ".").current_dir(home).output().unwrap());
        let short = |text: String| text.replace("./queries/", "queries/").replace(&self.world.text(""), "");
        Said { out: short(said.out), err: short(said.err), ..said }
    }

    fn sql(&mut self, block: &Block<'_>) {
        let (name, refused) = match block.info.as_slice() {
            [_, "accepted", name] => (*name, None),
            [_, "refused", rule, name] => (*name, Some((*rule).to_owned())),
            other => panic!("{other:?} is neither `sql accepted NAME` nor `sql refused RULE NAME`"),
        };
        assert!(self.snippets.iter().all(|s| s.name != name), "two snippets are called {name}");
        let front = if block.text.starts_with("/*+++") { "" } else { FRONT };
        let snippet = Snippet { name: name.to_owned(), file: format!("{front}{}", block.text), refused };
        let quoted = |other: &&Snippet| block.text.contains(&format!("published.trial.{}", other.name));
        let said = self.run(&["check"], &[self.snippets.iter().filter(quoted).collect(), vec![&snippet]].concat());
        match &snippet.refused {
            None => assert_eq!(said.code, 0, "{name}: {said:?}"),
            Some(rule) => {
                assert_eq!((said.code, said.out.as_str()), (2, ""), "{name} was not refused: {said:?}");
                assert!(said.err.contains(&format!("refused[{rule}]")), "{name}: {said:?}");
            }
        }
        self.snippets.push(snippet);
    }

    /// The block as it should be: each command with what it prints.
    fn console(&self, block: &Block<'_>) -> String {
        let named = |name: &&str| self.snippets.iter().find(|s| s.name == *name).unwrap_or_else(|| panic!("no snippet {name}"));
        let snippets: Vec<&Snippet> = match block.info.get(1..) {
            Some([]) | None => self.snippets.last().into_iter().collect(),
            Some(names) => names.iter().map(named).collect(),
        };
        let mut text = String::new();
        for command in block.text.lines().filter(|l| l.starts_with('$')) {
            let arguments: Vec<&str> =
                command.strip_prefix("$ utfall ").unwrap_or_else(|| panic!("{command}")).split(' ').collect();
            let said = self.run(&arguments, &snippets);
            text.push_str(&format!("{command}\n{}{}", said.out, said.err));
        }
        assert!(!text.is_empty(), "a console block without a command");
        text
    }
}

#[test]
fn every_snippet_does_what_the_tutorial_says() {
    let path = repository().join("queries/README.md");
    let tutorial = std::fs::read_to_string(&path).unwrap();
    let pieces = pieces(&tutorial);
    let blocks = || pieces.iter().filter_map(|p| if let Piece::Block(b) = p { Some(b) } else { None });
    let releases: Vec<&Block<'_>> = blocks().filter(|b| b.info == ["toml", "release"]).collect();
    let [release] = releases.as_slice() else { panic!("the tutorial shows one release.toml") };
    let mut reader = Reader { world: World::landed("10"), release: release.text.clone(), snippets: Vec::new() };
    let (mut corrected, mut consoles) = (String::new(), 0);
    for piece in &pieces {
        let block = match piece {
            Piece::Prose(line) => {
                corrected.push_str(&format!("{line}\n"));
                continue;
            }
            Piece::Block(block) => block,
        };
        let text = match block.info.first().copied() {
            Some("sql") => {
                reader.sql(block);
                block.text.clone()
            }
            Some("console") => {
                consoles += 1;
                reader.console(block)
            }
            Some("toml" | "text") => block.text.clone(),
            other => panic!("a block {other:?}; there are toml, sql, console and text"),
        };
        corrected.push_str(&format!("```{}\n{text}```\n", block.info.join(" ")));
    }
    let refused = reader.snippets.iter().filter(|s| s.refused.is_some()).count();
    assert!(reader.snippets.len() >= 20 && refused >= 5 && consoles >= 8, "the tutorial lost its snippets");
    if std::env::var_os("UTFALL_WRITE_MESSAGES").is_some() {
        std::fs::write(&path, &corrected).unwrap();
    }
    let wrong = corrected.lines().zip(tutorial.lines()).find(|(now, written)| now != written);
    assert!(corrected == tutorial, "queries/README.md shows other output than the program: {wrong:?}");

    // What is accepted can be released too: the engine computes it and the SQL above the door runs on noisy numbers.
    let accepted: Vec<&Snippet> = reader.snippets.iter().filter(|s| s.refused.is_none()).collect();
    let said = reader.run(&["release"], &accepted);
    assert_eq!(said.code, 0, "{said:?}");
    let said = reader.run(&["verify"], &accepted);
    assert!(said.code == 0 && said.out.lines().count() >= accepted.len(), "{said:?}");
}
