//! Stands between machines and does what networks do: hears all that is said, falls silent, breaks.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What becomes of a connection once enough has been said to the worker.
pub(crate) type Then = Arc<dyn Fn() -> Fate + Send + Sync>;

#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(dead_code, reason = "each of those who include this uses some")]
pub(crate) enum Fate {
    /// It goes on.
    Passes,
    /// Nothing goes through any more, either way, and nothing ends.
    Freezes,
    /// It ends.
    Breaks,
}

/// What was heard.
#[derive(Default)]
struct Heard {
    bytes: Vec<u8>,
    connections: usize,
    fate: Option<Fate>,
}

/// A proxy in front of one worker.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) port: u16,
    heard: Arc<Mutex<Heard>>,
}

#[allow(dead_code, reason = "each of those who include this uses some")]
impl Proxy {
    /// Passes everything on to a worker, until this many bytes were said to it: then asks what is to become of it.
    pub(crate) fn to(worker: SocketAddr, after: usize, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::<Mutex<Heard>>::default();
        let all = Arc::clone(&heard);
        std::thread::spawn(move || {
            let said = Arc::new(Mutex::new(0));
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(worker) else { continue };
                all.lock().unwrap().connections += 1;
                let (back, forth) = ((server.try_clone().unwrap(), client.try_clone().unwrap()), (client, server));
                let (heard, then, said) = (Arc::clone(&all), Arc::clone(&then), Arc::clone(&said));
                let count = move |heard: &mut Heard, read: usize| {
                    let mut said = said.lock().unwrap();
                    *said += read;
                    if *said > after && heard.fate.is_none() {
                        heard.fate = Some(then());
                    }
                };
                std::thread::spawn(move || pass(forth, &heard, count));
                let heard = Arc::clone(&all);
                std::thread::spawn(move || pass(back, &heard, |_, _| ()));
            }
        });
        Self { port, heard }
    }

    /// One that only listens.
    pub(crate) fn listening(worker: SocketAddr) -> Self {
        Self::to(worker, usize::MAX, Arc::new(|| Fate::Passes))
    }

    /// Whether this was said in plain text, by anybody.
    pub(crate) fn heard(&self, words: &str) -> bool {
        let heard = self.heard.lock().unwrap();
        heard.bytes.windows(words.len()).any(|said| said == words.as_bytes())
    }

    /// How many bytes were said.
    pub(crate) fn bytes(&self) -> usize {
        self.heard.lock().unwrap().bytes.len()
    }

    /// How many have spoken to the worker.
    pub(crate) fn connections(&self) -> usize {
        self.heard.lock().unwrap().connections
    }

    /// What became of it.
    pub(crate) fn fate(&self) -> Option<Fate> {
        self.heard.lock().unwrap().fate
    }
}

fn pass((mut from, mut to): (TcpStream, TcpStream), heard: &Mutex<Heard>, count: impl Fn(&mut Heard, usize)) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(read) = from.read(&mut bytes) {
        let fate = {
            let mut heard = heard.lock().unwrap();
            heard.bytes.extend_from_slice(&bytes[..read]);
            count(&mut heard, read);
            heard.fate
        };
        match fate {
            Some(Fate::Freezes) => loop {
                std::thread::park();
            },
            Some(Fate::Breaks) => break,
            _ if read == 0 || to.write_all(&bytes[..read]).is_err() => break,
            _ => {}
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
