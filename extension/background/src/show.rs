//! What the toolbar and the popup show of a session.

use configstream_core::message::{Phase, Status};

use crate::browser;

/// Publishes the status, and puts it on the badge and into the tooltip.
pub(crate) async fn status(status: &Status) {
    browser::publish("status", status).await;
    let (text, colour) = badge(status.phase);
    browser::badge(text, colour, &(title(status) + private(status))).await;
}

fn badge(phase: Phase) -> (&'static str, &'static str) {
    match phase {
        Phase::Off => ("", "#6b7280"),
        Phase::Connecting => ("…", "#b45309"),
        Phase::Connected => ("ON", "#15803d"),
        Phase::Blocked => ("STOP", "#b91c1c"),
        Phase::Failed => ("!", "#b91c1c"),
    }
}

fn title(status: &Status) -> String {
    let through = status.proxy.as_ref().map_or("", |proxy| proxy.name.as_str());
    let fault = status.fault.as_ref().map_or("", |fault| fault.message.as_str());
    match status.phase {
        Phase::Off => "ConfigStream: off".to_owned(),
        Phase::Connecting => ["ConfigStream: checking the exit of ", through].concat(),
        Phase::Connected => ["ConfigStream: connected through ", through, &exit(status)].concat(),
        Phase::Blocked => ["ConfigStream: blocked, nothing leaves these windows. ", fault].concat(),
        Phase::Failed => ["ConfigStream: not protected. ", fault].concat(),
    }
}

fn private(status: &Status) -> &'static str {
    if status.covers_private || status.phase == Phase::Off { "" } else { " Private windows are not covered." }
}

fn exit(status: &Status) -> String {
    let Some(exit) = &status.exit else { return String::new() };
    let country = exit.country.map_or("country unknown", |country| country.name());
    [", exit ", &exit.address.to_string(), " (", country, ")"].concat()
}
