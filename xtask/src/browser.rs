//! One manifest for two browsers: what each of them is given.

use serde_json::{Map, Value};

use crate::step::{Failure, Result};

/// A browser family with its own extension folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Browser {
    /// Chrome and its kin.
    Chrome,
    /// Firefox.
    Firefox,
}

impl Browser {
    /// The folder in dist.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Chrome => "chrome",
            Self::Firefox => "firefox",
        }
    }

    /// What the other browser reads and this one does not, or warns about. The content script carries
    /// messages from the PWA in Firefox, which has no `externally_connectable`.
    fn foreign(self) -> &'static [&'static str] {
        match self {
            Self::Chrome => &["browser_specific_settings", "content_scripts"],
            Self::Firefox => &["key", "externally_connectable", "minimum_chrome_version"],
        }
    }

    /// The way in which the other browser names the background program.
    fn foreign_background(self) -> &'static str {
        match self {
            Self::Chrome => "scripts",
            Self::Firefox => "service_worker",
        }
    }
}

/// The manifest for one browser.
pub(crate) fn manifest(source: &[u8], browser: Browser) -> Result<String> {
    let mut manifest: Map<String, Value> =
        serde_json::from_slice(source).map_err(|error| Failure::new(format!("manifest.json: {error}")))?;
    for key in browser.foreign() {
        manifest.remove(*key);
    }
    if let Some(Value::Object(background)) = manifest.get_mut("background") {
        background.remove(browser.foreign_background());
    }
    Ok(format!("{:#}\n", Value::Object(manifest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"{
        "name": "x", "key": "k", "minimum_chrome_version": "1", "externally_connectable": {},
        "browser_specific_settings": {}, "content_scripts": [],
        "background": {"service_worker": "shell.js", "scripts": ["shell.js"], "type": "module"}
    }"#;

    fn split(browser: Browser) -> Value {
        let text = manifest(SOURCE.as_bytes(), browser).expect("the source is an object");
        serde_json::from_str(&text).expect("a manifest is JSON")
    }

    #[test]
    fn chrome_keeps_its_key_and_its_worker() {
        let expected = serde_json::json!({
            "name": "x", "key": "k", "minimum_chrome_version": "1", "externally_connectable": {},
            "background": {"service_worker": "shell.js", "type": "module"}
        });
        assert_eq!(split(Browser::Chrome), expected);
    }

    #[test]
    fn firefox_keeps_its_settings_its_scripts_and_the_content_script() {
        let expected = serde_json::json!({
            "name": "x", "browser_specific_settings": {}, "content_scripts": [],
            "background": {"scripts": ["shell.js"], "type": "module"}
        });
        assert_eq!(split(Browser::Firefox), expected);
    }

    #[test]
    fn a_damaged_manifest_is_named_in_the_failure() {
        let failure = manifest(b"[]", Browser::Chrome).expect_err("not an object");
        assert!(failure.to_string().starts_with("manifest.json: "), "{failure}");
    }
}
