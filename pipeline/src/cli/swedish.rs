//! The help of the program in Swedish: the commands and arguments as they are derived, with the words of [`words`] put on them.
//! A command or an argument without words there keeps its English ones, and a test fails. Start reading at [`translated`].

mod words;

#[cfg(test)]
mod tests;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, Command};

use self::words::{AFTER_HELP, ARGUMENTS, COMMANDS, CommandWords, HEADINGS, NAMES, VALUES};

const TEMPLATE: &str = "{before-help}{about-with-newline}\nAnvändning: {usage}\n\n{all-args}{after-help}";

/// The same commands with Swedish words.
pub(super) fn translated(mut command: Command) -> Command {
    command.build();
    translate(command, "").after_help(AFTER_HELP)
}

/// How a command is written, without its heading and with a Swedish word for its options.
pub(super) fn usage(english: &str) -> String {
    english.trim_start_matches("Usage:").trim().replace("[OPTIONS]", "[FLAGGOR]")
}

/// A command by its path: `ledger raise`; the program itself has none.
fn translate(command: Command, path: &str) -> Command {
    let mut command = command
        .help_template(TEMPLATE)
        .subcommand_help_heading("Kommandon")
        .subcommand_value_name("KOMMANDO")
        .mut_args(|argument| with_words(argument, path))
        .mut_subcommands(|inner| {
            let path = format!("{path} {}", inner.get_name());
            translate(inner, path.trim())
        });
    if let Some(CommandWords { about, more, .. }) = words_of(path) {
        let long = if more.is_empty() { (*about).to_owned() } else { format!("{about}\n\n{more}") };
        command = command.about(*about).long_about(long);
    }
    let usage = usage(&command.render_usage().to_string());
    command.override_usage(usage)
}

/// The words of a command; of one below `help`, those of the command that it tells of.
fn words_of(path: &str) -> Option<&'static CommandWords> {
    let known = |path: &str| COMMANDS.iter().find(|words| words.path == path);
    known(path).or_else(|| known(path.strip_prefix("help ")?))
}

/// The words of an argument: of this command, or of all.
fn argument_words(path: &str, id: &str) -> Option<&'static str> {
    let of_command = format!("{path}/{id}");
    let known = |id: &str| ARGUMENTS.iter().find(|(known, _)| *known == id).map(|(_, words)| *words);
    known(&of_command).or_else(|| known(id))
}

fn with_words(argument: Arg, path: &str) -> Arg {
    let heading = argument.get_help_heading().unwrap_or(if argument.is_positional() { "Arguments" } else { "Options" });
    let heading = translation(HEADINGS, heading);
    let names = argument.get_value_names().unwrap_or_default().iter().map(|name| translation(NAMES, name.as_str()));
    let names: Vec<&'static str> = names.flatten().collect();
    let told = argument_words(path, argument.get_id().as_str()).map(|words| format!("{words}{}", particulars(&argument)));
    let mut argument = argument.help_heading(heading);
    if !names.is_empty() {
        argument = argument.value_names(names);
    }
    match told {
        // What stands in brackets is in the words.
        Some(told) => argument
            .help(told)
            .long_help(clap::builder::Resettable::Reset)
            .hide_default_value(true)
            .hide_env(true)
            .hide_possible_values(true),
        None => argument,
    }
}

/// What stands behind the words of an argument: its possible values, its default, and the variable that may hold it.
fn particulars(argument: &Arg) -> String {
    let takes = !matches!(
        argument.get_action(),
        ArgAction::SetTrue | ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    );
    if !takes {
        return String::new();
    }
    let mut all = String::new();
    let values = argument.get_possible_values();
    let named = values.iter().map(|value| match translation(VALUES, value.get_name()) {
        Some(words) => format!("{} ({words})", value.get_name()),
        None => value.get_name().to_owned(),
    });
    if !values.is_empty() {
        all += &format!(" [möjliga värden: {}]", named.collect::<Vec<_>>().join(", "));
    }
    if let Some(default) = argument.get_default_values().first().filter(|default| !default.is_empty()) {
        all += &format!(" [förval: {}]", default.to_string_lossy());
    }
    if let Some(variable) = argument.get_env() {
        all += &format!(" [miljövariabel: {}]", variable.to_string_lossy());
    }
    all
}

/// The command with the meaning of each possible value in Swedish. Values are texts then, so it is for showing alone.
pub(super) fn with_values(command: Command) -> Command {
    let told = |argument: Arg| {
        let named = argument.get_possible_values().into_iter().map(|value| match translation(VALUES, value.get_name()) {
            Some(words) => value.help(words),
            None => value,
        });
        let named: Vec<PossibleValue> = named.collect();
        if named.is_empty() { argument } else { argument.value_parser(PossibleValuesParser::new(named)) }
    };
    command.mut_args(told).mut_subcommands(with_values)
}

fn translation(table: &[(&str, &'static str)], english: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == english).map(|(_, swedish)| *swedish)
}
