//! HTTP clients and TLS come with the engine's crates; the program opens no socket. Here a process that opens one is killed.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

use crate::leaks::numbers;
use crate::world::{World, said};

/// What opens a socket, or makes use of one; a pair of ends within a process is none, it leads nowhere.
const CALLS: [libc::c_long; 7] = [
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_io_uring_setup,
];

/// Runs on a thread whose children are killed, by the kernel, as soon as they make such a call.
fn without_sockets<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    let rules: BTreeMap<i64, _> = CALLS.into_iter().map(|call| (call, Vec::new())).collect();
    let here = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::KillProcess, here).unwrap();
    let filter: BpfProgram = filter.try_into().unwrap();
    let run = move || {
        apply_filter(&filter).unwrap();
        run()
    };
    std::thread::scope(|scope| scope.spawn(run).join().unwrap())
}

#[test]
fn whoever_opens_a_socket_is_killed_here() {
    // A shell that is told who and where it is asks no name service, which would open a socket of its own.
    let shell = |script: &str| {
        let mut shell = Command::new("bash");
        shell.args(["--norc", "--noprofile", "-c", script]).env("HOME", "/").env("SHELL", "/bin/sh").stderr(Stdio::null());
        without_sockets(|| shell.status().unwrap())
    };
    let opened = shell("exec 3<>/dev/udp/127.0.0.1/9");
    assert_eq!(opened.signal(), Some(libc::SIGSYS), "{opened:?}");
    let none = shell("exec 3</dev/null");
    assert!(none.success(), "{none:?}");
}

#[test]
fn landing_releasing_and_all_that_follows_open_no_socket() {
    let world = World::empty();
    let number = &numbers()[0];
    let people = world.write("people.txt", number);
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let cells = [["Projekt", "Personnr", "Startdatum"], ["PROGRESS", number, "2021-04-01"]];
    for (row, cells) in (0..).zip(cells) {
        sheet.write_row(row, 0, cells).unwrap();
    }
    let workbook = world.write("inbox/workbook.xlsx", book.save_to_buffer().unwrap());
    let list = world.write("inbox/list.csv", format!("Projekt;Personnr;Startdatum\nPROGRESS;{};2021-05-01\n", numbers()[1]));
    let lists = world.text("lists");
    without_sockets(|| {
        for arguments in [
            &["init", "--epsilon", "10", "--delta", "1e-5"][..],
            &["demo", &lists],
            &["land", &workbook, &list],
            &["status"],
            &["plan", "outcomes"],
            &["release", "outcomes"],
            &["run", "--inbox", &world.text("inbox"), "outcomes-by-quarter"],
            &["forget"],
            &["key", "rotate"],
            &["verify"],
            &["publish"],
            &["ledger"],
        ] {
            let mut command = world.command(arguments);
            command.stdin(std::fs::File::open(&people).unwrap());
            let output = command.output().unwrap();
            assert_eq!(output.status.signal(), None, "{arguments:?}");
            let said = said(output);
            assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
        }
    });
}
