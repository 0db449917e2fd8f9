//! What a process that reads a workbook may do: compute, and read and write what it was given. Its code is foreign code that is
//! told hostile bytes; should they take it over, they are in a process that reaches no file, no network and no other process.

use std::io::{Error, ErrorKind};

use landlock::{ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, Scope};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use seccompiler::{SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule};

/// How much memory it may use: so much, and so many times the workbook's bytes.
const MEMORY: (u64, u64) = (2 << 30, 16);
/// For how many seconds it may use a core: so many, and so many for each mebibyte of the workbook.
const SECONDS: (u64, u64) = (20, 10);

/// Confines this process, for a workbook of so many bytes. Limits on memory and time must hold; what else the kernel has is
/// used, and what it has not, or what a container refuses, is no reason to stop.
///
/// # Errors
/// When the limits cannot be set.
pub(super) fn confine(length: u64) -> Result<(), Error> {
    limits(length)?;
    let _ = without_files();
    // No file or socket can be opened; those that are open stay.
    let _ = limit(Resource::Nofile, 0, 0);
    let _ = without_calls();
    Ok(())
}

/// No image of its memory, so much memory and time, and no file written.
fn limits(length: u64) -> Result<(), Error> {
    crate::keyzone::harden();
    limit(Resource::As, length.saturating_mul(MEMORY.1).saturating_add(MEMORY.0), 0)?;
    // At the first of two seconds it is told which limit it has reached, and so is who started it.
    limit(Resource::Cpu, (length >> 20).saturating_mul(SECONDS.1).saturating_add(SECONDS.0), 1)?;
    let _ = limit(Resource::Fsize, 0, 0);
    Ok(())
}

/// Sets a limit, and one so much above it that nothing can raise; what is lower already stays.
fn limit(what: Resource, most: u64, more: u64) -> Result<(), Error> {
    let Rlimit { current, maximum } = getrlimit(what);
    let lower = |most: u64, known: Option<u64>| Some(known.map_or(most, |known| known.min(most)));
    Ok(setrlimit(what, Rlimit { current: lower(most, current), maximum: lower(most.saturating_add(more), maximum) })?)
}

/// Landlock, as much of it as the kernel has: no file can be opened, no port be connected or bound, no signal be sent. No
/// program that it starts would have more rights than it (`no_new_privs`).
fn without_files() -> Result<(), Error> {
    let newest = ABI::V6;
    let rules = Ruleset::default().handle_access(AccessFs::from_all(newest));
    let rules = rules.and_then(|rules| rules.handle_access(AccessNet::from_all(newest)));
    let rules = rules.and_then(|rules| rules.scope(Scope::from_all(newest)));
    rules.and_then(Ruleset::create).and_then(landlock::RulesetCreated::restrict_self).map_err(Error::other)?;
    Ok(())
}

/// The calls without which nothing can be computed, nor threads be made for it.
const CALLS: [libc::c_long; 30] = [
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_clone3,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_membarrier,
];

/// Seccomp: the kernel answers no other calls, and `no_new_privs` is set also where it cannot.
fn without_calls() -> Result<(), Error> {
    let architecture = std::env::consts::ARCH.try_into().map_err(Error::other)?;
    let install = |rules: Vec<(libc::c_long, Vec<SeccompRule>)>, otherwise, matched| {
        let filter = SeccompFilter::new(rules.into_iter().collect(), otherwise, matched, architecture);
        let filter = filter.and_then(seccompiler::BpfProgram::try_from).map_err(Error::other)?;
        seccompiler::apply_filter(&filter).map_err(Error::other)
    };
    // What it would make with this call stands in memory, where no filter looks; without it threads are made with `clone`.
    let missing = u32::try_from(libc::ENOSYS).map_err(Error::other)?;
    install(vec![(libc::SYS_clone3, Vec::new())], SeccompAction::Allow, SeccompAction::Errno(missing))?;
    let thread = u64::try_from(libc::CLONE_THREAD).map_err(Error::other)?;
    let itself = u64::from(std::process::id());
    let threads = argument(SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread), thread)?;
    let allowed = CALLS.into_iter().map(|call| (call, Vec::new()));
    let abort = (libc::SYS_tgkill, vec![argument(SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, itself)?]);
    let refused = SeccompAction::Errno(u32::try_from(libc::EPERM).map_err(Error::other)?);
    install(allowed.chain([(libc::SYS_clone, vec![threads]), abort]).collect(), refused, SeccompAction::Allow)
}

/// That a call's first argument is this one.
fn argument(length: SeccompCmpArgLen, is: SeccompCmpOp, value: u64) -> Result<SeccompRule, Error> {
    let condition = SeccompCondition::new(0, length, is, value);
    condition.and_then(|condition| SeccompRule::new(vec![condition])).map_err(|e| Error::new(ErrorKind::Unsupported, e))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};
    use std::os::unix::net::UnixDatagram;
    use std::process::{Command, Stdio};

    use super::*;

    /// Which of the walls the other process is to try.
    const WALL: &str = "UTFALL_TEST_WALL";

    /// Runs [`the_other_process`] in a process of its own; what it said.
    fn tried(wall: &str) -> String {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let name = format!("{}::the_other_process", module_path!().split_once("::").unwrap().1);
        command.args([&name, "--exact", "--nocapture", "--test-threads=1"]).env(WALL, wall).stdin(Stdio::null());
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains("1 passed"), "{wall}: {output:?}");
        said
    }

    fn opens_files() -> bool {
        std::fs::File::open("/etc/passwd").is_ok() || std::fs::read_dir("/").is_ok() || std::fs::File::create("/tmp/it").is_ok()
    }

    fn opens_sockets() -> bool {
        TcpListener::bind("127.0.0.1:0").is_ok() || UdpSocket::bind("127.0.0.1:0").is_ok() || UnixDatagram::unbound().is_ok()
    }

    fn computes() -> bool {
        let sum = std::thread::spawn(|| vec![1_u64; 1 << 20].into_iter().sum::<u64>());
        sum.join().is_ok_and(|sum| sum == 1 << 20) && std::collections::HashMap::from([(1, 2)]).len() == 1
    }

    /// Not a test of its own: what the others start. It tries what a workbook's reader must not be able to do.
    #[test]
    fn the_other_process() {
        let Ok(wall) = std::env::var(WALL) else { return };
        let raised = |what| setrlimit(what, Rlimit { current: Some(1 << 40), maximum: Some(1 << 40) }).is_ok();
        assert!(opens_sockets() && std::fs::File::open("/etc/passwd").is_ok(), "before");
        match wall.as_str() {
            "all" => {
                confine(1 << 20).unwrap();
                assert!(Vec::<u8>::new().try_reserve_exact(3 << 30).is_err(), "memory");
                assert!(!opens_files() && !opens_sockets() && !raised(Resource::Nofile) && !raised(Resource::As));
                assert!(Command::new("/bin/true").spawn().is_err(), "a program");
            }
            "limits" => {
                limits(1 << 20).unwrap();
                let limits = [Resource::Core, Resource::Fsize, Resource::Cpu, Resource::As].map(|what| getrlimit(what).maximum);
                assert_eq!(limits, [0, 0, 31, (2 << 30) + (16 << 20)].map(Some));
                assert!(Vec::<u8>::new().try_reserve_exact(3 << 30).is_err(), "memory");
            }
            "files" => match without_files() {
                Ok(()) => println!("held: {}", !opens_files()),
                Err(e) => println!("not here: {e}"),
            },
            _ => match without_calls() {
                Ok(()) => println!("held: {}", !opens_files() && !opens_sockets() && Command::new("/bin/true").spawn().is_err()),
                Err(e) => println!("not here: {e}"),
            },
        }
        assert!(computes(), "it still computes");
    }

    #[test]
    fn who_reads_a_workbook_opens_no_file_and_no_socket_and_starts_no_program() {
        tried("all");
        tried("limits");
    }

    #[test]
    fn each_wall_that_the_kernel_has_holds_alone() {
        let has_filters = std::fs::read_to_string("/proc/self/status").unwrap().contains("Seccomp:");
        let said = tried("calls");
        assert!(said.contains("held: true") || (!has_filters && said.contains("not here")), "{said}");
        // A kernel without Landlock, or with it switched off, restricts nothing and says so by no error.
        let said = tried("files");
        let has_landlock = std::fs::read_to_string("/sys/kernel/security/lsm").is_ok_and(|lsm| lsm.contains("landlock"));
        assert!(said.contains("held: true") || !has_landlock, "{said}");
    }
}
