//! One interface to both browsers.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::firefox::Firefox;
use crate::outcome::{Failure, Outcome, until};
use crate::peers::OwnProxy;

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chromium.
    Chromium,
    /// Firefox.
    Firefox,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        })
    }
}

/// A running browser with the extension.
#[derive(Debug)]
pub enum Browser {
    /// Chromium.
    Chromium(Chromium),
    /// Firefox.
    Firefox(Firefox),
}

/// An open tab, by the names that its browser has for it.
#[derive(Debug)]
pub struct Tab {
    pub(crate) target: String,
    pub(crate) session: String,
}

/// A key that is no letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the keys say what they are")]
pub enum Key {
    Enter,
    Escape,
    ArrowDown,
    ArrowUp,
    Tab,
}

/// The size of a page, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "width and height")]
pub struct Viewport {
    pub width: u32,
    pub height: u32,
}

/// The colours that the system asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "light and dark")]
pub enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    /// The word of the media feature `prefers-color-scheme`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// Calls a method of whichever browser it is.
macro_rules! either {
    ($self:expr, $browser:ident => $call:expr) => {
        match $self {
            Browser::Chromium($browser) => $call,
            Browser::Firefox($browser) => $call,
        }
    };
}

impl Browser {
    /// Starts a browser with the extension of its kind from `dist`, and maybe a proxy of its own.
    pub async fn launch(kind: Kind, dist: &Path, own: Option<OwnProxy>) -> Outcome<Self> {
        Ok(match kind {
            Kind::Chromium => Self::Chromium(Chromium::launch(&dist.join("chrome"), own).await?),
            Kind::Firefox => Self::Firefox(Firefox::launch(&dist.join("firefox"), own).await?),
        })
    }

    /// Ends the browser and starts it again with the same profile. Firefox forgets an extension that is
    /// only lent to it, so there is nothing to see there.
    pub async fn restart(self, dist: &Path) -> Outcome<Self> {
        match self {
            Self::Chromium(browser) => Ok(Self::Chromium(browser.restart(&dist.join("chrome")).await?)),
            Self::Firefox(_) => Err(Failure::new("Firefox forgets a temporary add-on when it restarts")),
        }
    }

    /// Which browser it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Chromium(_) => Kind::Chromium,
            Self::Firefox(_) => Kind::Firefox,
        }
    }

    /// The address of a page of the extension.
    pub fn extension_page(&self, path: &str) -> String {
        match self {
            Self::Chromium(_) => Chromium::extension_page(path),
            Self::Firefox(_) => Firefox::extension_page(path),
        }
    }

    /// Opens a page in a tab of its own; a page that does not load is a failure.
    pub async fn open(&self, url: &str) -> Outcome<Tab> {
        let tab = self.open_empty().await?;
        match self.visit(&tab, url).await? {
            Ok(()) => Ok(tab),
            Err(error) => Err(Failure::new(format!("{url} does not load: {error}"))),
        }
    }

    /// Opens an empty tab.
    pub async fn open_empty(&self) -> Outcome<Tab> {
        either!(self, browser => browser.open().await)
    }

    /// Closes a tab.
    pub async fn close(&self, tab: Tab) -> Outcome {
        either!(self, browser => browser.close(tab).await)
    }

    /// Closes every tab that a scenario left open.
    pub async fn close_all(&self) -> Outcome {
        either!(self, browser => browser.close_all().await)
    }

    /// Goes to an address; gives the network's error where the page did not load.
    pub async fn visit(&self, tab: &Tab, url: &str) -> Outcome<Result<(), String>> {
        either!(self, browser => browser.visit(tab, url).await)
    }

    /// Runs an expression in a tab's page and gives what its promise gives, through JSON.
    pub async fn evaluate(&self, tab: &Tab, expression: &str) -> Outcome<Value> {
        let wrapped = format!("(async () => JSON.stringify(await ({expression})) ?? 'null')()");
        let value = either!(self, browser => browser.evaluate(tab, &wrapped).await)?;
        Ok(serde_json::from_str(value.as_str().unwrap_or("null"))?)
    }

    /// Waits until an expression is neither false, null nor empty; gives it. A page that is just being
    /// replaced by the next counts as not yet.
    pub async fn wait_for(&self, tab: &Tab, expression: &str) -> Outcome<Value> {
        until(&format!("`{expression}` in the page"), async || {
            let value = self.evaluate(tab, expression).await.unwrap_or_default();
            let empty = [json!(null), json!(false), json!(""), json!(0)].contains(&value);
            Ok((!empty).then_some(value))
        })
        .await
    }

    /// Waits for the first element that a CSS selector finds, until it rests and nothing covers it, and
    /// presses the mouse on its middle.
    pub async fn click(&self, tab: &Tab, selector: &str) -> Outcome {
        let place = format!(
            "(async () => {{ const element = document.querySelector({}); if (!element) return null; \
             element.scrollIntoView({{block: 'center', behavior: 'instant'}}); \
             const middle = () => {{ const box = element.getBoundingClientRect(); \
             return box.width > 0 ? [box.x + box.width / 2, box.y + box.height / 2] : [] }}; \
             const before = middle(); \
             for (let i = 0; i < 2; i++) await new Promise((done) => setTimeout(done, 16)); \
             const [x, y] = middle(); \
             const rests = before.length > 0 && x === before[0] && y === before[1]; \
             return rests && element.contains(document.elementFromPoint(x, y)) && [x, y] }})()",
            json!(selector)
        );
        let place = self.wait_for(tab, &place).await?;
        let (Some(x), Some(y)) = (place[0].as_f64(), place[1].as_f64()) else {
            return Err(Failure::new(format!("{selector} has no place in the page: {place}")));
        };
        either!(self, browser => browser.press_at(tab, x, y).await)
    }

    /// Types a text, key by key, where the focus is.
    pub async fn write(&self, tab: &Tab, text: &str) -> Outcome {
        either!(self, browser => browser.write(tab, text).await)
    }

    /// Presses a key where the focus is.
    pub async fn press(&self, tab: &Tab, key: Key) -> Outcome {
        either!(self, browser => browser.press(tab, key).await)
    }

    /// Fills a field as a user who pastes: value and input event.
    pub async fn fill(&self, tab: &Tab, selector: &str, text: &str) -> Outcome {
        self.wait_for(tab, &format!("!!document.querySelector({})", json!(selector))).await?;
        let script = format!(
            "(() => {{ const field = document.querySelector({}); field.focus(); field.value = {}; \
             for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {{bubbles: true}})) }})()",
            json!(selector),
            json!(text)
        );
        self.evaluate(tab, &script).await.map(drop)
    }

    /// The text of the first element that a CSS selector finds; empty where there is none.
    pub async fn text(&self, tab: &Tab, selector: &str) -> Outcome<String> {
        let script = format!("document.querySelector({})?.textContent ?? ''", json!(selector));
        Ok(self.evaluate(tab, &script).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Gives a tab this size and colour scheme.
    pub async fn show_as(&self, tab: &Tab, viewport: Viewport, scheme: Scheme) -> Outcome {
        either!(self, browser => browser.show_as(tab, viewport, scheme).await)
    }

    /// A picture of the viewport, as PNG.
    pub async fn picture(&self, tab: &Tab) -> Outcome<Vec<u8>> {
        let base64 = either!(self, browser => browser.picture(tab).await)?;
        Ok(STANDARD.decode(base64)?)
    }

    /// Ends the extension's background program, as the browser does when it is idle.
    pub async fn stop_background(&self) -> Outcome {
        either!(self, browser => browser.stop_background().await)
    }

    /// Takes the extension away, as a user who removes it.
    pub async fn remove_extension(&self) -> Outcome {
        either!(self, browser => browser.remove_extension().await)
    }

    /// What pages wrote to their consoles since the last call.
    pub fn console(&self) -> Vec<String> {
        either!(self, browser => browser.console())
    }

    /// Ends the browser.
    pub async fn quit(self) -> Outcome {
        either!(self, browser => browser.quit().await)
    }
}
