//! The programs that the tests in browsers need, installed where that is possible without asking.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{Failure, Result, call, step};

/// One need: any of these commands or files will do; else this package brings it.
struct Need {
    /// A variable that names a program of the user's choice.
    variable: Option<&'static str>,
    /// Commands to look for in `PATH`, or absolute files.
    any_of: &'static [&'static str],
    /// The package, by Debian's name.
    package: &'static str,
}

const NEEDS: [Need; 5] = [
    Need { variable: Some("CHROMIUM"), any_of: &["chromium", "chromium-browser"], package: "chromium" },
    Need { variable: Some("FIREFOX"), any_of: &["firefox-esr", "firefox"], package: "firefox-esr" },
    Need { variable: None, any_of: &["tinyproxy"], package: "tinyproxy-bin" },
    Need { variable: None, any_of: &["microsocks"], package: "microsocks" },
    Need {
        variable: None,
        any_of: &[
            "/usr/lib/x86_64-linux-gnu/libnss_wrapper.so",
            "/usr/lib/aarch64-linux-gnu/libnss_wrapper.so",
            "/usr/lib64/libnss_wrapper.so",
            "/usr/lib/libnss_wrapper.so",
        ],
        package: "libnss-wrapper",
    },
];

/// Makes sure that browsers and proxies are there.
pub(crate) fn ensure() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    if !has_apt() || !is_root() {
        return Err(Failure::new(advice(&missing)));
    }
    step(&format!("install {}", missing.join(", ")), || {
        call(Command::new("apt-get").arg("update"))?;
        call(Command::new("apt-get").args(["install", "-y", "--no-install-recommends"]).args(&missing))
    })
}

fn missing() -> Vec<&'static str> {
    NEEDS.iter().filter(|need| !need.met()).map(|need| need.package).collect()
}

impl Need {
    fn met(&self) -> bool {
        let chosen = self.variable.and_then(std::env::var_os);
        chosen.is_some_and(|program| Path::new(&program).is_file())
            || self.any_of.iter().any(|name| find(name).is_some())
    }
}

/// The program of this name in `PATH`; an absolute name is itself.
fn find(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn has_apt() -> bool {
    find("apt-get").is_some()
}

fn is_root() -> bool {
    let answer = Command::new("id").arg("-u").output();
    answer.is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

fn advice(missing: &[&str]) -> String {
    let packages = missing.join(" ");
    format!(
        "missing for the tests: sudo apt-get install -y --no-install-recommends {packages} (on Ubuntu chromium \
         and firefox are snaps, which cannot be driven from here: set CHROMIUM and FIREFOX to other builds)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_a_command_to_paste() {
        let advice = advice(&["tinyproxy-bin", "microsocks"]);
        assert!(advice.contains("sudo apt-get install -y --no-install-recommends tinyproxy-bin microsocks "));
    }

    #[test]
    fn an_absolute_name_is_looked_up_as_it_is() {
        assert_eq!(find("/bin/sh"), Some(PathBuf::from("/bin/sh")));
        assert_eq!(find("/no/such/file"), None);
    }
}
