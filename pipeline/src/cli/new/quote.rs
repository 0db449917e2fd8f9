//! Paths as units of systemd and crontabs have them. None holds a control character.

/// As a value that takes the rest of its line: only its specifiers are ours (systemd.unit(5)).
pub(super) fn specifiers(text: &str) -> String {
    text.replace('%', "%%")
}

/// As one of several paths (systemd.syntax(7), quoting).
pub(super) fn path(text: &str) -> String {
    format!("\"{}\"", specifiers(text).replace('\\', "\\\\").replace('"', "\\\""))
}

/// As a word of a command (systemd.service(5), command lines), where variables are put in.
pub(super) fn word(text: &str) -> String {
    path(text).replace('$', "$$")
}

/// As a word of a shell's in a crontab, where a per cent sign ends the line (crontab(5)).
pub(super) fn cron(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''")).replace('%', "\\%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_path_wherever_it_stands() {
        let odd = "/srv/it's 5% \"a\\b\" $HOME";
        assert_eq!(specifiers(odd), "/srv/it's 5%% \"a\\b\" $HOME");
        assert_eq!(path(odd), "\"/srv/it's 5%% \\\"a\\\\b\\\" $HOME\"");
        assert_eq!(word(odd), "\"/srv/it's 5%% \\\"a\\\\b\\\" $$HOME\"");
        assert_eq!(cron(odd), "'/srv/it'\\''s 5\\% \"a\\b\" $HOME'");
    }
}
