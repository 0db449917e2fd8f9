//! The ground floor: what every room stands on and what knows none of them.
//!
//! [`text`] (two languages), [`calendar`], [`digits`] and [`clock`], [`id`], [`durable`] and [`checksum`] (files that survive a power cut
//! and show a changed bit), [`origin`] (of which a folder is a copy), [`permissions`], [`untrusted`] (files that somebody else wrote) and
//! [`redact`] (what a message shows of them), [`visible`] (text as a person sees it), [`subprocess`], [`cores`] (work side by side), and
//! [`error`], [`refusal`] and [`account`]: what people are
//! told.

pub mod account;
pub mod calendar;
pub mod checksum;
pub mod clock;
pub mod cores;
pub mod digits;
pub mod durable;
pub mod error;
pub mod id;
pub mod origin;
pub mod permissions;
pub mod redact;
pub mod refusal;
pub mod refused;
pub mod spending;
pub mod subprocess;
pub mod text;
pub mod toml;
pub mod untrusted;
pub mod visible;
