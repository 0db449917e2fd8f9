//! What a reader may ask for, so that no one of them takes the server from the others.

use std::time::Duration;

/// The most that is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Cells of one answer with data.
    pub cells: usize,
    /// Calls of the interface from one address within [`Limits::window`].
    pub calls: u32,
    /// The seconds within which calls are counted.
    pub window: u32,
    /// Bytes of a request's body.
    pub body: usize,
    /// How long one answer, the head of one request, or its end after the server was stopped may take.
    pub time: Duration,
    /// How long a connection may last, whatever is asked over it.
    pub connection: Duration,
    /// Requests that are answered at the same time.
    pub requests: usize,
    /// Connections that are open at the same time.
    pub connections: usize,
    /// Bytes of pages that are kept in memory.
    pub cache: usize,
}

impl Default for Limits {
    /// Limits as those of large statistical offices, for a machine of two cores.
    fn default() -> Self {
        Self {
            cells: 100_000,
            calls: 30,
            window: 10,
            body: 1 << 20,
            time: Duration::from_secs(30),
            connection: Duration::from_secs(300),
            requests: 64,
            connections: 1024,
            cache: 64 << 20,
        }
    }
}
