//! Small components that know nothing of proxies.

pub mod dialog;
pub mod flag;
pub mod icon;
pub mod list;
pub mod meter;
pub mod toggle;
