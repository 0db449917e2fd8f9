use clap::CommandFactory as _;

use super::*;
use crate::cli::Arguments;

/// English words that no Swedish help holds.
const ENGLISH: [&str; 26] = [
    "the",
    "usage",
    "options",
    "option",
    "error",
    "required",
    "and",
    "for",
    "with",
    "print",
    "commands",
    "command",
    "arguments",
    "default",
    "possible",
    "values",
    "value",
    "file",
    "folder",
    "see",
    "of",
    "to",
    "is",
    "not",
    "directory",
    "everywhere",
];

/// English words in a text; what stands between quotation marks of code is none.
fn english(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_' && c != '/' && c != '.').map(str::to_lowercase);
    words.filter(|word| ENGLISH.contains(&word.as_str())).collect()
}

/// Every command with its path, those below `help` left out.
fn every(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    found.push((path.to_owned(), command.clone()));
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        every(inner, format!("{path} {}", inner.get_name()).trim(), found);
    }
}

fn commands(swedish: bool) -> Vec<(String, Command)> {
    let mut command = Arguments::command();
    command.build();
    let command = if swedish { translated(Arguments::command()) } else { command };
    let mut found = Vec::new();
    every(&command, "", &mut found);
    found
}

#[test]
fn every_command_and_argument_has_swedish_words() {
    for (path, command) in commands(false) {
        let words = words_of(&path).unwrap_or_else(|| panic!("no Swedish words of the command `{path}`"));
        let long = command.get_long_about().is_some_and(|long| long.to_string().contains("\n\n"));
        assert_eq!(!words.more.is_empty(), long, "{path}");
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            assert!(argument_words(&path, id).is_some(), "no Swedish words of `{path}/{id}`");
            let takes = argument.get_num_args().is_some_and(|number| number.takes_values());
            for name in argument.get_value_names().unwrap_or_default().iter().filter(|_| takes) {
                assert!(translation(NAMES, name).is_some(), "no Swedish word for the value {name} of `{path}/{id}`");
            }
            for value in argument.get_possible_values().iter().filter(|value| value.get_help().is_some()) {
                assert!(translation(VALUES, value.get_name()).is_some(), "no Swedish words of the value {}", value.get_name());
            }
        }
    }
}

#[test]
fn words_are_of_commands_and_arguments_that_are_there() {
    let all = commands(false);
    for (id, _) in ARGUMENTS.iter().filter(|(id, _)| !["subcommand", "help", "version"].contains(id)) {
        let (path, id) = id.split_once('/').map_or((None, *id), |(path, id)| (Some(path), id));
        let known = all.iter().filter(|(of, _)| path.is_none_or(|path| path == of));
        let known = known.flat_map(|(_, command)| command.get_arguments()).any(|argument| argument.get_id() == id);
        assert!(known, "{id}");
    }
}

#[test]
fn no_help_in_swedish_holds_an_english_word() {
    for (path, mut command) in commands(true) {
        for text in [command.render_help().to_string(), command.render_long_help().to_string()] {
            assert_eq!(english(&text), Vec::<String>::new(), "{path}:\n{text}");
            assert!(text.contains("Användning: utfall"), "{text}");
        }
    }
}

#[test]
fn wrong_usage_is_told_in_swedish() {
    let wrong = [
        "--nonsense",
        "--lang",
        "--lang fi",
        "nonsense",
        "statsu",
        "land",
        "land --mont 2021-03 a.csv",
        "land --month mars a.csv",
        "land --project",
        "land --part --part a.csv",
        "init --epsilon 1",
        "init --epsilon 1 --epsilon 2 --delta 0",
        "forget --expired --project progress",
        "forget --reason nonsense",
        "key",
        "key nonsense",
        "key backup",
        "register",
        "register add page.txt --programme-period 1999",
        "plan --assume 0",
        "release --vintage 0",
        "release --period never",
        "status extra",
        "verify --certificate a one",
        "ledger raise --epsilon 1",
        "run",
        "completions",
        "completions nonsense",
    ];
    for line in wrong {
        let words = std::iter::once("utfall").chain(line.split(' '));
        let error = translated(Arguments::command()).try_get_matches_from(words).expect_err(line);
        let told = crate::cli::usage::swedish_words(&error);
        assert_eq!(english(&told), Vec::<String>::new(), "{line}: {told}");
        assert!(error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand || told.contains("--help"));
    }
}
