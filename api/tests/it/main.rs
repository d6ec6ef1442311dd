//! The program as its users meet it: the real binary, real servers and real proxies on loopback
//! addresses.

mod bad_input;
mod catalogue;
mod convert;
mod http;
mod life;
mod probes;
mod proxies;
mod sources;
mod support;
