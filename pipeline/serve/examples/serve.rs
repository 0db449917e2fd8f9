//! Serves a folder of pages at an address: `serve out 127.0.0.1:8080`. What readers may ask for can be narrowed by the environment, as tests of
//! clients do: `CELLS`, `CALLS`.

use std::process::ExitCode;

use utfall_publish::Settings;
use utfall_serve::{Limits, Serve};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(out), Some(Ok(address))) = (arguments.next(), arguments.next().map(|text| text.parse())) else {
        eprintln!("serve FOLDER ADDRESS:PORT");
        return ExitCode::from(2);
    };
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let mut limits = Limits::default();
    limits.cells = number("CELLS").unwrap_or(limits.cells);
    limits.calls = number("CALLS").and_then(|calls| u32::try_from(calls).ok()).unwrap_or(limits.calls);
    let serve = Serve { out: out.into(), address, base: None, proxied: false, settings: Settings::default(), limits };
    match serve.run(|| ()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(5)
        }
    }
}
