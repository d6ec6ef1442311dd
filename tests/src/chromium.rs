//! Chromium over the [Chrome `DevTools` Protocol](https://chromedevtools.github.io/devtools-protocol/).
//!
//! Chromium and not Chrome: branded Chrome ignores `--load-extension` since version 137.

use std::path::{Path, PathBuf};

use configstream_core::message::CHROME_EXTENSION_ID;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::browser::{Key, Scheme, Tab, Viewport};
use crate::outcome::{Failure, Outcome, until};
use crate::peers::{Login, OwnProxy};
use crate::process::{Process, named_by};
use crate::wire::Wire;

/// `--disable-features`: what would ignore the extension, or turn an origin's `http` into `https`.
const NO_FEATURES: &str = "DisableLoadExtensionCommandLineSwitch,HttpsUpgrades,HttpsFirstBalancedMode,\
                           HttpsFirstBalancedModeAutoEnable,OptimizationHints,MediaRouter";

const FLAGS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--remote-debugging-port=0",
    // Origins are reachable without a proxy too, so that a leak would be seen.
    "--host-resolver-rules=MAP *.test 127.0.0.1",
    "--lang=en-US",
];

/// A running Chromium with the extension.
#[derive(Debug)]
pub struct Chromium {
    wire: Wire,
    process: Process,
    profile: TempDir,
    /// The first tab stays: without any tab the browser would end.
    home: String,
}

impl Chromium {
    /// Starts Chromium, the program that `CHROMIUM` names, with a fresh profile.
    pub async fn launch(extension: &Path, own: Option<OwnProxy>) -> Outcome<Self> {
        Self::with_profile(TempDir::with_prefix("configstream-chromium-")?, extension, own).await
    }

    /// Ends Chromium and starts it again with the same profile.
    pub async fn restart(self, extension: &Path) -> Outcome<Self> {
        let _ = self.wire.ask("Browser.close", json!({})).await;
        self.process.ended().await?;
        Self::with_profile(self.profile, extension, None).await
    }

    async fn with_profile(profile: TempDir, extension: &Path, own: Option<OwnProxy>) -> Outcome<Self> {
        let mut command = Command::new(named_by("CHROMIUM")?);
        command.args(FLAGS).arg(format!("--disable-features={NO_FEATURES}"));
        command.arg(format!("--user-data-dir={}", profile.path().display())).env("HOME", profile.path());
        let mut extensions = extension.display().to_string();
        if let Some(own) = own {
            command.arg(format!("--proxy-server=http://127.0.0.1:{}", own.port));
            if let Some(login) = own.login {
                extensions = format!("{extensions},{}", keeper(profile.path(), own.port, login)?.display());
            }
        }
        for switch in ["--disable-extensions-except", "--load-extension"] {
            command.arg(format!("{switch}={extensions}"));
        }
        let mut process = Process::start(command)?;
        let address = process.says("DevTools listening on ").await?;
        let wire = Wire::connect(address.trim()).await?;
        let home = wire.ask("Target.createTarget", json!({"url": "about:blank"})).await?;
        Ok(Self { home: text(&home, "targetId")?, wire, process, profile })
    }

    /// The address of a page of the extension.
    pub fn extension_page(path: &str) -> String {
        format!("chrome-extension://{CHROME_EXTENSION_ID}/{path}")
    }

    /// Opens an empty tab.
    pub async fn open(&self) -> Outcome<Tab> {
        let target = self.wire.ask("Target.createTarget", json!({"url": "about:blank"})).await?;
        let target = text(&target, "targetId")?;
        let session =
            self.wire.ask("Target.attachToTarget", json!({"targetId": target, "flatten": true})).await?;
        let tab = Tab { target, session: text(&session, "sessionId")? };
        self.ask(&tab, "Page.enable", json!({})).await?;
        self.ask(&tab, "Runtime.enable", json!({})).await?;
        self.ask(&tab, "Emulation.setFocusEmulationEnabled", json!({"enabled": true})).await?;
        Ok(tab)
    }

    /// Closes a tab.
    pub async fn close(&self, tab: Tab) -> Outcome {
        self.wire.ask("Target.closeTarget", json!({"targetId": tab.target})).await.map(drop)
    }

    /// Closes every tab that a scenario left open.
    pub async fn close_all(&self) -> Outcome {
        for target in self.targets().await? {
            if target["type"] == "page" && target["targetId"] != self.home.as_str() {
                let _ = self.wire.ask("Target.closeTarget", json!({"targetId": target["targetId"]})).await;
            }
        }
        Ok(())
    }

    async fn targets(&self) -> Outcome<Vec<Value>> {
        let answer = self.wire.ask("Target.getTargets", json!({"filter": [{}]})).await?;
        Ok(answer["targetInfos"].as_array().cloned().unwrap_or_default())
    }

    /// Goes to an address; gives the network's error where the page did not load.
    pub async fn visit(&self, tab: &Tab, url: &str) -> Outcome<Result<(), String>> {
        let answer = self.ask(tab, "Page.navigate", json!({"url": url})).await?;
        if let Some(error) = answer["errorText"].as_str() {
            return Ok(Err(error.to_owned()));
        }
        until(&format!("{url} to load"), async || {
            let state = self.evaluate(tab, "document.readyState + location.href").await;
            let loaded = state.is_ok_and(|state| {
                state
                    .as_str()
                    .is_some_and(|state| state.starts_with("complete") && !state.ends_with("about:blank"))
            });
            Ok(loaded.then_some(()))
        })
        .await
        .map(Ok)
    }

    /// Runs an expression in a tab's page and gives what its promise gives.
    pub async fn evaluate(&self, tab: &Tab, expression: &str) -> Outcome<Value> {
        let options = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        let mut answer = self.ask(tab, "Runtime.evaluate", options).await?;
        if let Some(exception) = answer.get("exceptionDetails") {
            let reason = exception["exception"]["description"].as_str().or(exception["text"].as_str());
            return Err(Failure::new(format!("in the page: {}", reason.unwrap_or("exception"))));
        }
        Ok(answer["result"]["value"].take())
    }

    /// Presses the mouse at a place in the viewport, in CSS pixels.
    pub async fn press_at(&self, tab: &Tab, x: f64, y: f64) -> Outcome {
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let event = json!({"type": kind, "x": x, "y": y, "button": button, "clickCount": 1});
            self.ask(tab, "Input.dispatchMouseEvent", event).await?;
        }
        Ok(())
    }

    /// Types a text, key by key.
    pub async fn write(&self, tab: &Tab, text: &str) -> Outcome {
        for letter in text.chars() {
            let letter = letter.to_string();
            self.key_event(tab, json!({"key": letter, "text": letter})).await?;
        }
        Ok(())
    }

    /// Presses a key.
    pub async fn press(&self, tab: &Tab, key: Key) -> Outcome {
        let (name, code) = match key {
            Key::Enter => ("Enter", 13),
            Key::Escape => ("Escape", 27),
            Key::ArrowDown => ("ArrowDown", 40),
            Key::ArrowUp => ("ArrowUp", 38),
            Key::Tab => ("Tab", 9),
        };
        let mut event = json!({"key": name, "code": name, "windowsVirtualKeyCode": code});
        if key == Key::Enter {
            event["text"] = json!("\r");
        }
        self.key_event(tab, event).await
    }

    async fn key_event(&self, tab: &Tab, mut event: Value) -> Outcome {
        event["type"] = json!("keyDown");
        self.ask(tab, "Input.dispatchKeyEvent", event.clone()).await?;
        event["type"] = json!("keyUp");
        self.ask(tab, "Input.dispatchKeyEvent", event).await.map(drop)
    }

    /// Gives a tab this size and colour scheme.
    pub async fn show_as(&self, tab: &Tab, viewport: Viewport, scheme: Scheme) -> Outcome {
        let size = json!({
            "width": viewport.width, "height": viewport.height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.ask(tab, "Emulation.setDeviceMetricsOverride", size).await?;
        let feature = json!({"name": "prefers-color-scheme", "value": scheme.word()});
        self.ask(tab, "Emulation.setEmulatedMedia", json!({"features": [feature]})).await.map(drop)
    }

    /// A picture of the viewport: PNG in base64.
    pub async fn picture(&self, tab: &Tab) -> Outcome<String> {
        let answer = self.ask(tab, "Page.captureScreenshot", json!({"format": "png"})).await?;
        text(&answer, "data")
    }

    /// Ends the extension's service worker, as the browser does when it is idle.
    pub async fn stop_background(&self) -> Outcome {
        let Some(running) = self.background().await? else { return Ok(()) };
        self.wire.ask("Target.closeTarget", json!({"targetId": running})).await?;
        // An event may have started the next one already.
        until("the service worker to end", async || {
            Ok((self.background().await?.as_ref() != Some(&running)).then_some(()))
        })
        .await
    }

    /// Takes the extension away; a page of it may ask for that itself.
    pub async fn remove_extension(&self) -> Outcome {
        let tab = self.open().await?;
        if let Err(error) = self.visit(&tab, &Self::extension_page("options.html")).await? {
            return Err(Failure::new(error));
        }
        // The page ends with its extension: it answers first.
        let soon = "void setTimeout(() => chrome.management.uninstallSelf(), 100)";
        let _ = self.evaluate(&tab, soon).await;
        until("the extension to be gone", async || {
            let ours = Self::extension_page("");
            let is_ours = |target: &Value| target["url"].as_str().is_some_and(|url| url.starts_with(&ours));
            Ok((!self.targets().await?.iter().any(is_ours)).then_some(()))
        })
        .await
    }

    /// The role and the name of everything that assistive technology is told of in a tab.
    pub async fn spoken(&self, tab: &Tab) -> Outcome<Vec<(String, String)>> {
        self.ask(tab, "Accessibility.enable", json!({})).await?;
        let tree = self.ask(tab, "Accessibility.getFullAXTree", json!({})).await?;
        let nodes = tree["nodes"].as_array().into_iter().flatten().filter(|node| node["ignored"] == false);
        let word =
            |node: &Value, key: &str| node[key]["value"].as_str().unwrap_or_default().trim().to_owned();
        Ok(nodes.map(|node| (word(node, "role"), word(node, "name"))).collect())
    }

    async fn background(&self) -> Outcome<Option<String>> {
        let ours = |target: &&Value| {
            target["type"] == "service_worker"
                && target["url"].as_str().is_some_and(|url| url.starts_with(&Self::extension_page("")))
        };
        self.targets().await?.iter().find(ours).map(|target| text(target, "targetId")).transpose()
    }

    /// What pages wrote to their consoles since the last call.
    pub fn console(&self) -> Vec<String> {
        self.wire.events().iter().filter_map(console_line).collect()
    }

    /// Ends the browser.
    pub async fn quit(self) -> Outcome {
        let _ = self.wire.ask("Browser.close", json!({})).await;
        self.process.ended().await?;
        Ok(self.profile.close()?)
    }

    async fn ask(&self, tab: &Tab, method: &str, params: Value) -> Outcome<Value> {
        self.wire.ask_in(&tab.session, method, params).await
    }
}

/// Another extension, which knows the login of the browser's own proxy: Chromium itself keeps none.
fn keeper(profile: &Path, port: u16, (username, password): Login) -> Outcome<PathBuf> {
    let folder = profile.join("keeper");
    std::fs::create_dir_all(&folder)?;
    let manifest = json!({
        "manifest_version": 3, "name": "keeper", "version": "1",
        "permissions": ["webRequest", "webRequestAuthProvider"], "host_permissions": ["<all_urls>"],
        "background": {"service_worker": "keeper.js"},
    });
    let script = format!(
        "chrome.webRequest.onAuthRequired.addListener((details, reply) => \
         reply(details.isProxy && details.challenger.port === {port} ? {{authCredentials: {}}} : {{}}), \
         {{urls: ['<all_urls>']}}, ['asyncBlocking']);",
        json!({"username": username, "password": password})
    );
    std::fs::write(folder.join("manifest.json"), manifest.to_string())?;
    std::fs::write(folder.join("keeper.js"), script)?;
    Ok(folder)
}

fn console_line(event: &Value) -> Option<String> {
    let params = &event["params"];
    match event["method"].as_str()? {
        "Runtime.consoleAPICalled" => {
            let words = params["args"].as_array()?.iter();
            let words: Vec<String> = words
                .map(|word| word["value"].as_str().or(word["description"].as_str()).unwrap_or("?").to_owned())
                .collect();
            Some(format!("{}: {}", params["type"].as_str()?, words.join(" ")))
        }
        "Runtime.exceptionThrown" => {
            Some(format!("exception: {}", params["exceptionDetails"]["exception"]["description"].as_str()?))
        }
        _ => None,
    }
}

fn text(value: &Value, key: &str) -> Outcome<String> {
    let text = value[key].as_str().map(str::to_owned);
    text.ok_or_else(|| Failure::new(format!("Chromium's answer lacks {key}: {value}")))
}
