//! The command line of utfall; everything it does lives in the library.

fn main() -> std::process::ExitCode {
    utfall::cli::main()
}
