//! Firefox over [`WebDriver` `BiDi`](https://w3c.github.io/webdriver-bidi/).
//!
//! `-remote-allow-system-access` opens the extension's own pages (since Firefox 153) and the browser's
//! window, where code can do what no page can: end the extension's event page, set the colour scheme.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::browser::{Key, Scheme, Tab, Viewport};
use crate::outcome::{Failure, Outcome};
use crate::peers::{Login, OwnProxy};
use crate::process::{Process, named_by};
use crate::wire::Wire;

/// The add-on's id, as in the manifest.
const ADD_ON: &str = "{f055daa8-a413-498b-aa02-c5f2d152389c}";

/// The host of its pages, fixed by a preference so that their addresses are known.
const HOST: &str = "11111111-2222-4333-8444-555555555555";

/// What tinyproxy calls the place that its login opens.
const REALM: &str = "Tinyproxy";

/// A running Firefox with the extension.
#[derive(Debug)]
pub struct Firefox {
    wire: Wire,
    process: Process,
    profile: TempDir,
    /// The browser's own window, where code may do what no page may.
    window: String,
    /// The first tab stays: without any tab the browser would end.
    home: String,
}

impl Firefox {
    /// Starts Firefox, the program that `FIREFOX` names, with a fresh profile.
    pub async fn launch(extension: &Path, own: Option<OwnProxy>) -> Outcome<Self> {
        let profile = TempDir::with_prefix("configstream-firefox-")?;
        std::fs::write(profile.path().join("user.js"), preferences(own))?;
        let mut command = Command::new(named_by("FIREFOX")?);
        command.args([
            "-headless",
            "-no-remote",
            "--remote-debugging-port",
            "0",
            "-remote-allow-system-access",
        ]);
        command.arg("-profile").arg(profile.path()).env("HOME", profile.path()).env("MOZ_HEADLESS", "1");
        // Without it a release ignores the preference that keeps it from its settings server.
        command.env("MOZ_REMOTE_SETTINGS_DEVTOOLS", "1");
        let mut process = Process::start(command)?;
        let address = process.says("WebDriver BiDi listening on ").await?;
        let wire = Wire::connect(&format!("{}/session", address.trim())).await?;
        wire.ask("session.new", json!({"capabilities": {}})).await?;
        wire.ask("session.subscribe", json!({"events": ["log.entryAdded"]})).await?;
        let path = json!({"type": "path", "path": extension});
        wire.ask("webExtension.install", json!({"extensionData": path})).await?;
        let tree = wire.ask("browsingContext.getTree", json!({"moz:scope": "chrome"})).await?;
        let window = text(&tree["contexts"][0], "context")?;
        let home = wire.ask("browsingContext.create", json!({"type": "tab"})).await?;
        let firefox = Self { home: text(&home, "context")?, wire, process, profile, window };
        if let Some(OwnProxy { port, login: Some(login) }) = own {
            firefox.keep_login(port, login).await?;
        }
        Ok(firefox)
    }

    /// Stores the login of a proxy as Firefox does for its user.
    async fn keep_login(&self, port: u16, (username, password): Login) -> Outcome {
        let place = json!([format!("moz-proxy://127.0.0.1:{port}"), null, REALM, username, password, "", ""]);
        let script = format!(
            "(async () => {{ const Login = Components.Constructor('@mozilla.org/login-manager/loginInfo;1', \
             Ci.nsILoginInfo, 'init'); await Services.logins.addLoginAsync(new Login(...{place})) }})()"
        );
        self.evaluate_in(&self.window, &script).await.map(drop)
    }

    /// The address of a page of the extension.
    pub fn extension_page(path: &str) -> String {
        format!("moz-extension://{HOST}/{path}")
    }

    /// Opens an empty tab.
    pub async fn open(&self) -> Outcome<Tab> {
        let answer = self.wire.ask("browsingContext.create", json!({"type": "tab"})).await?;
        let context = text(&answer, "context")?;
        Ok(Tab { target: context.clone(), session: context })
    }

    /// Closes a tab.
    pub async fn close(&self, tab: Tab) -> Outcome {
        self.wire.ask("browsingContext.close", json!({"context": tab.target})).await.map(drop)
    }

    /// Closes every tab that a scenario left open.
    pub async fn close_all(&self) -> Outcome {
        let tree = self.wire.ask("browsingContext.getTree", json!({"maxDepth": 0})).await?;
        for tab in tree["contexts"].as_array().into_iter().flatten() {
            if tab["context"] != self.home.as_str() {
                let _ = self.wire.ask("browsingContext.close", json!({"context": tab["context"]})).await;
            }
        }
        Ok(())
    }

    /// Goes to an address; gives the network's error where the page did not load.
    pub async fn visit(&self, tab: &Tab, url: &str) -> Outcome<Result<(), String>> {
        let options = json!({"context": tab.target, "url": url, "wait": "complete"});
        match self.wire.ask("browsingContext.navigate", options).await {
            Ok(_) => Ok(Ok(())),
            Err(failure)
                if failure.to_string().contains("NS_ERROR") || failure.to_string().contains("Error") =>
            {
                Ok(Err(failure.to_string()))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Runs an expression in a tab's page and gives what its promise gives; a text only.
    pub async fn evaluate(&self, tab: &Tab, expression: &str) -> Outcome<Value> {
        self.evaluate_in(&tab.target, expression).await
    }

    async fn evaluate_in(&self, context: &str, expression: &str) -> Outcome<Value> {
        let options = json!({
            "expression": expression, "awaitPromise": true, "userActivation": true,
            "target": {"context": context}, "resultOwnership": "none",
        });
        let mut answer = self.wire.ask("script.evaluate", options).await?;
        if let Some(exception) = answer.get("exceptionDetails") {
            let reason = exception["text"].as_str().unwrap_or("exception");
            return Err(Failure::new(format!("in the page: {reason}")));
        }
        Ok(answer["result"]["value"].take())
    }

    /// Presses the mouse at a place in the viewport, in CSS pixels.
    pub async fn press_at(&self, tab: &Tab, x: f64, y: f64) -> Outcome {
        let actions = json!([
            {"type": "pointerMove", "x": x.round(), "y": y.round()},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]);
        self.perform(tab, &json!({"type": "pointer", "id": "mouse", "actions": actions})).await
    }

    /// Types a text, key by key.
    pub async fn write(&self, tab: &Tab, text: &str) -> Outcome {
        self.keys(tab, text).await
    }

    /// Presses a key, by its [code point](https://w3c.github.io/webdriver/#keyboard-actions).
    pub async fn press(&self, tab: &Tab, key: Key) -> Outcome {
        let code = match key {
            Key::Enter => "\u{e007}",
            Key::Escape => "\u{e00c}",
            Key::ArrowDown => "\u{e015}",
            Key::ArrowUp => "\u{e013}",
            Key::Tab => "\u{e004}",
        };
        self.keys(tab, code).await
    }

    /// Sets off the shortcut of the extension on this letter. A driver's keys do not reach the browser's
    /// window, so the window is told as it is told by its own keyboard: by a command of the key's element.
    pub async fn set_off_shortcut(&self, letter: char) -> Outcome {
        let script = format!(
            "(() => {{ const keys = [...document.querySelectorAll('keyset[id^=ext-keyset-id] key')]; \
             const key = keys.find((key) => key.getAttribute('key') === '{}'); \
             if (!key) return keys.map((key) => key.outerHTML).join() || 'no keys'; \
             key.dispatchEvent(new Event('command', {{bubbles: true}})); return '' }})()",
            letter.to_ascii_uppercase()
        );
        match self.evaluate_in(&self.window, &script).await?.as_str() {
            Some("") => Ok(()),
            found => Err(Failure::new(format!("no shortcut on {letter}: {found:?}"))),
        }
    }

    async fn keys(&self, tab: &Tab, text: &str) -> Outcome {
        let strokes: Vec<Value> = text
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key.to_string()})))
            .collect();
        self.perform(tab, &json!({"type": "key", "id": "keyboard", "actions": strokes})).await
    }

    async fn perform(&self, tab: &Tab, source: &Value) -> Outcome {
        let options = json!({"context": tab.target, "actions": [source]});
        self.wire.ask("input.performActions", options).await.map(drop)
    }

    /// Gives a tab this size and every tab this colour scheme.
    pub async fn show_as(&self, tab: &Tab, viewport: Viewport, scheme: Scheme) -> Outcome {
        let size = json!({"width": viewport.width, "height": viewport.height});
        let options = json!({"context": tab.target, "viewport": size, "devicePixelRatio": 1});
        self.wire.ask("browsingContext.setViewport", options).await?;
        let word = scheme.word();
        let script = format!(
            "for (const tab of gBrowser.tabs) \
             tab.linkedBrowser.browsingContext.prefersColorSchemeOverride = '{word}'"
        );
        self.evaluate_in(&self.window, &script).await.map(drop)
    }

    /// A picture of the viewport: PNG in base64.
    pub async fn picture(&self, tab: &Tab) -> Outcome<String> {
        let answer =
            self.wire.ask("browsingContext.captureScreenshot", json!({"context": tab.target})).await?;
        text(&answer, "data")
    }

    /// Ends the extension's event page, as the browser does when it is idle.
    pub async fn stop_background(&self) -> Outcome {
        let script = format!(
            "(async () => {{ const {{extension}} = WebExtensionPolicy.getByID('{ADD_ON}'); \
             await extension.terminateBackground() }})()"
        );
        self.evaluate_in(&self.window, &script).await.map(drop)
    }

    /// Takes the extension away.
    pub async fn remove_extension(&self) -> Outcome {
        self.wire.ask("webExtension.uninstall", json!({"extension": ADD_ON})).await.map(drop)
    }

    /// What pages wrote to their consoles since the last call.
    pub fn console(&self) -> Vec<String> {
        let line = |event: &Value| {
            let params = &event["params"];
            Some(format!("{}: {}", params["level"].as_str()?, params["text"].as_str()?))
        };
        self.wire.events().iter().filter_map(line).collect()
    }

    /// Ends the browser.
    pub async fn quit(self) -> Outcome {
        let _ = self.wire.ask("browser.close", json!({})).await;
        self.process.ended().await?;
        Ok(self.profile.close()?)
    }
}

/// The profile's `user.js`: fixed addresses, and none of Firefox's own traffic.
fn preferences(own: Option<OwnProxy>) -> String {
    let hosts = json!({ ADD_ON: HOST }).to_string();
    let preferences = [
        ("extensions.webextensions.uuids", json!(hosts)),
        // Origins are reachable without a proxy too, so that a leak would be seen.
        ("network.dns.localDomains", json!("origin.test,judge.test")),
        ("network.proxy.type", json!(i32::from(own.is_some()))),
        ("network.proxy.http", json!("127.0.0.1")),
        ("network.proxy.http_port", json!(own.map_or(0, |own| own.port))),
        ("signon.autologin.proxy", json!(true)),
        ("network.captive-portal-service.enabled", json!(false)),
        ("network.connectivity-service.enabled", json!(false)),
        ("network.trr.mode", json!(5)),
        ("dom.security.https_first", json!(false)),
        ("dom.security.https_only_mode", json!(false)),
        ("datareporting.policy.dataSubmissionEnabled", json!(false)),
        ("toolkit.telemetry.enabled", json!(false)),
        ("app.update.disabledForTesting", json!(true)),
        ("app.normandy.enabled", json!(false)),
        ("browser.shell.checkDefaultBrowser", json!(false)),
        ("browser.startup.page", json!(0)),
        ("browser.safebrowsing.update.enabled", json!(false)),
        ("extensions.getAddons.cache.enabled", json!(false)),
        ("services.settings.server", json!("data:,#remote-settings-dummy/v1")),
        ("remote.active-protocols", json!(1)),
    ];
    preferences.map(|(name, value)| format!("user_pref({}, {value});\n", json!(name))).concat()
}

fn text(value: &Value, key: &str) -> Outcome<String> {
    let text = value[key].as_str().map(str::to_owned);
    text.ok_or_else(|| Failure::new(format!("Firefox's answer lacks {key}: {value}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preference_that_holds_json_is_quoted_twice() {
        let first = preferences(None).lines().next().map(str::to_owned);
        let expected =
            format!(r#"user_pref("extensions.webextensions.uuids", "{{\"{ADD_ON}\":\"{HOST}\"}}");"#);
        assert_eq!(first, Some(expected));
    }
}
