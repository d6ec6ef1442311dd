//! Line icons on a grid of 24, in the colour of the text. They say nothing to a screen reader: the
//! words beside them do.

use leptos::prelude::*;

/// The paths of the icons.
pub mod path {
    /// On and off.
    pub const POWER: &str = "M12 3v9M6.3 6.8a8 8 0 1 0 11.4 0";
    /// Two arrows in a circle.
    pub const REFRESH: &str = "M20 11a8 8 0 0 0-14.3-4L3.5 9.500M3.500 4v5.500H9M4 13a8 8 0 0 0 14.300 4l2.200-2.500M20.500 20v-5.500H15";
    /// Two sliders.
    pub const SETTINGS: &str = "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5";
    /// A question.
    pub const HELP: &str = "M9 9a3 3 0 1 1 4.200 2.700c-.8.4-1.200 1-1.200 1.800v.5M12 17.500v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z";
    /// A magnifying glass.
    pub const SEARCH: &str = "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM20 20l-4-4";
    /// Two sheets.
    pub const COPY: &str = "M9 9h10v11H9zM5 15V4h10";
    /// A cross.
    pub const CLOSE: &str = "M6 6l12 12M18 6 6 18";
    /// An i in a circle.
    pub const INFO: &str = "M12 11v5.500M12 7.500v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z";
    /// A triangle with a mark.
    pub const WARNING: &str = "M12 4 2.800 20h18.400ZM12 10v4.500M12 17.300v.01";
    /// A tick.
    pub const TICK: &str = "M5 12.500l4.500 4.500L19 7.500";
    /// A shield.
    pub const SHIELD: &str =
        "M12 3l7.500 2.800v5.700c0 4.500-3.100 7.700-7.500 9.500-4.400-1.800-7.500-5-7.500-9.500V5.800Z";
    /// An arrow into a tray.
    pub const INSTALL: &str = "M12 4v11M7.500 11l4.500 4.500 4.500-4.500M5 20h14";
    /// A bin.
    pub const REMOVE: &str = "M5 7h14M10 7V4.500h4V7M7 7l.8 12.500h8.400L17 7";
    /// A star.
    pub const STAR: &str = "M12 3.500l2.600 5.400 5.900.8-4.300 4.100 1.100 5.900L12 16.800l-5.300 2.900 1.100-5.900L3.500 9.700l5.900-.8Z";
    /// Three sliders that stand.
    pub const WEIGHTS: &str = "M6 4v4M6 12v8M12 4v9M12 17v3M18 4v2M18 10v10M3.500 10h5M9.500 15h5M15.500 8h5";
    /// Three columns.
    pub const CHART: &str = "M6 20v-8M12 20V4M18 20v-5M3 20h18";
    /// A funnel.
    pub const FILTER: &str = "M4 5h16l-6.300 7.500v6l-3.400-2v-4Z";
    /// A pencil.
    pub const EDIT: &str = "M4 20l1-4.500L16 4.500 19.500 8 8.500 19Z";
}

/// One of [`path`]'s icons.
#[component]
pub fn Icon(
    /// The path to draw.
    d: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=d />
        </svg>
    }
}

/// The mark: streams that meet in one point.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 48 48" aria-hidden="true">
            <path class="mark-stream" d="M5 11c13 0 13 13 24 13M5 24h24M5 37c13 0 13-13 24-13" />
            <circle class="mark-point" cx="36" cy="24" r="7" />
        </svg>
    }
}
