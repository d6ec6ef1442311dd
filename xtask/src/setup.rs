//! The programs that the tests need: found, or installed where that is possible without asking.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::step::{Failure, Result, call, step};
use crate::workspace::Workspace;

/// A browser: how tests are told of it, and how to find it.
struct Browser {
    /// The variable that names a program of the user's choice, and that tells the tests what was found.
    variable: &'static str,
    /// Commands to look for in `PATH`, the one that the tests are written against first.
    commands: [&'static str; 2],
    /// The package, by Debian's name.
    package: &'static str,
}

const BROWSERS: [Browser; 2] = [
    Browser { variable: "CHROMIUM", commands: ["chromium", "chromium-browser"], package: "chromium" },
    Browser { variable: "FIREFOX", commands: ["firefox-esr", "firefox"], package: "firefox-esr" },
];

/// What tests need: any of these commands or files will do; else the package brings it.
struct Need {
    any_of: &'static [&'static str],
    package: &'static str,
}

const PROXIES: [Need; 3] = [
    Need { any_of: &["tinyproxy"], package: "tinyproxy-bin" },
    Need { any_of: &["microsocks"], package: "microsocks" },
    Need {
        any_of: &[
            "/usr/lib/x86_64-linux-gnu/libnss_wrapper.so",
            "/usr/lib/aarch64-linux-gnu/libnss_wrapper.so",
            "/usr/lib64/libnss_wrapper.so",
            "/usr/lib/libnss_wrapper.so",
        ],
        package: "libnss-wrapper",
    },
];

/// The programs that judge exports, and what installs those that are Python packages.
const JUDGES: [Need; 6] = [
    Need { any_of: &["v2ray"], package: "v2ray" },
    Need { any_of: &["ss-local"], package: "shadowsocks-libev" },
    Need { any_of: &["trojan"], package: "trojan" },
    Need { any_of: &["wg-quick"], package: "wireguard-tools" },
    Need { any_of: &["openvpn", "/usr/sbin/openvpn"], package: "openvpn" },
    Need { any_of: &["pip3"], package: "python3-pip" },
];

/// What builds libFuzzer.
const COMPILER: Need = Need { any_of: &["c++"], package: "g++" };

/// Which browser lies where, as the variables that the tests read.
pub(crate) type Found = Vec<(&'static str, PathBuf)>;

/// Makes sure that browsers and proxies are there; gives the browsers.
pub(crate) fn ensure() -> Result<Found> {
    let missing = missing()?;
    if missing.is_empty() {
        return found();
    }
    let snaps = is_ubuntu(&std::fs::read_to_string("/etc/os-release").unwrap_or_default());
    let wanted: Vec<&Browser> =
        BROWSERS.iter().filter(|browser| missing.contains(&browser.package)).collect();
    if snaps && !wanted.is_empty() {
        return Err(Failure::new(advice_on_snaps(&wanted)));
    }
    install(&missing)?;
    found()
}

/// Makes sure that there is a compiler for libFuzzer, which is C++.
pub(crate) fn ensure_compiler() -> Result<()> {
    if COMPILER.met() { Ok(()) } else { install(&[COMPILER.package]) }
}

/// Installs the programs that judge exports, where that is possible without asking. Those that cannot be had
/// are not missed: the test says what it passed over.
pub(crate) fn try_judges(workspace: &Workspace) -> Result<()> {
    let can_install = find("apt-get").is_some() && is_root();
    for need in JUDGES.iter().filter(|need| can_install && !need.met()) {
        // One by one, since not every Debian has each.
        go_on(install(&[need.package]))?;
    }
    go_on(install_modules(workspace))?;
    go_on(install_schema(workspace))
}

/// Where the judges lie that are Python packages.
pub(crate) fn judges(workspace: &Workspace) -> PathBuf {
    workspace.output("judges")
}

/// Installs the judges that are Python packages, unless those very ones are there.
fn install_modules(workspace: &Workspace) -> Result<()> {
    let (wanted, place) = (workspace.at("tests/tests/exports/requirements.txt"), judges(workspace));
    let list = std::fs::read(&wanted).map_err(Failure::at(&wanted))?;
    let stamp = place.join("installed.txt");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == list) {
        return Ok(());
    }
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]);
    pip.args(["--upgrade", "--root-user-action", "ignore", "--target"]).arg(&place).arg("-r").arg(&wanted);
    step("install judges of exports", || call(&mut pip))?;
    std::fs::write(&stamp, list).map_err(Failure::at(&stamp))
}

/// The package that has the schema of mihomo's configuration, which its makers publish.
const SCHEMA: &str = "meta-json-schema@1.19.24";

/// Unpacks the schema beside the judges that are Python packages, unless that very one is there.
fn install_schema(workspace: &Workspace) -> Result<()> {
    let place = judges(workspace).join("meta_json_schema");
    let stamp = place.join(SCHEMA);
    if stamp.is_file() {
        return Ok(());
    }
    std::fs::create_dir_all(&place).map_err(Failure::at(&place))?;
    let (mut npm, mut tar) = (Command::new("npm"), Command::new("tar"));
    npm.args(["pack", "--silent", SCHEMA]).current_dir(&place).stdout(Stdio::null());
    let package = SCHEMA.replace('@', "-") + ".tgz";
    tar.args(["--extract", "--strip-components=1", "--file", &package]).current_dir(&place);
    step("fetch the schema of mihomo", || call(&mut npm).and_then(|()| call(&mut tar)))?;
    std::fs::write(&stamp, "").map_err(Failure::at(&stamp))
}

/// What fails here is said, and no more.
fn go_on(outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(Failure::Line(line)) => {
            eprintln!("without it: {line}");
            Ok(())
        }
        other => other,
    }
}

/// Installs packages where nobody has to be asked, and says how to do so elsewhere.
fn install(packages: &[&str]) -> Result<()> {
    if find("apt-get").is_none() || !is_root() {
        return Err(Failure::new(advice(packages)));
    }
    step(&format!("install {}", packages.join(", ")), || {
        call(Command::new("apt-get").arg("update"))?;
        call(Command::new("apt-get").args(["install", "-y", "--no-install-recommends"]).args(packages))
    })
}

/// Whether the proxies are there that some tests of the API use.
pub(crate) fn has_proxies() -> bool {
    PROXIES.iter().all(Need::met)
}

/// The packages that would bring what is not there.
fn missing() -> Result<Vec<&'static str>> {
    let mut missing = Vec::new();
    for browser in &BROWSERS {
        if browser.find()?.is_none() {
            missing.push(browser.package);
        }
    }
    missing.extend(PROXIES.iter().filter(|need| !need.met()).map(|need| need.package));
    Ok(missing)
}

fn found() -> Result<Found> {
    let place = |browser: &Browser| {
        let place = browser.find()?.ok_or_else(|| Failure::new(advice(&[browser.package])))?;
        Ok((browser.variable, place))
    };
    BROWSERS.iter().map(place).collect()
}

impl Browser {
    /// The program that was chosen, else the first in `PATH` that can be driven.
    fn find(&self) -> Result<Option<PathBuf>> {
        match std::env::var_os(self.variable) {
            Some(chosen) => {
                let name = chosen.to_string_lossy();
                let absent =
                    || Failure::new(format!("{}={name} is no program: set it to a browser", self.variable));
                find(&name).map(Some).ok_or_else(absent)
            }
            None => Ok(self.commands.iter().filter_map(|name| find(name)).find(|path| !is_snap(path))),
        }
    }
}

impl Need {
    fn met(&self) -> bool {
        self.any_of.iter().any(|name| find(name).is_some())
    }
}

/// The program of this name in `PATH`; a name with a folder is itself.
fn find(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let places: Vec<PathBuf> = if name.contains('/') {
        std::path::absolute(name).into_iter().collect()
    } else {
        std::env::split_paths(&folders).map(|folder| folder.join(name)).collect()
    };
    places.into_iter().find(|path| path.is_file())
}

/// Whether this starts a snap, which sees neither the profiles nor the extension of the tests: a link to
/// snap itself, or the script that Ubuntu's transitional packages put in a browser's place.
fn is_snap(program: &Path) -> bool {
    let real = program.canonicalize().unwrap_or_else(|_| program.to_owned());
    let is_link = program.starts_with("/snap") || real.starts_with("/snap") || real.ends_with("bin/snap");
    is_link || std::fs::read_to_string(real).is_ok_and(|script| script.contains("/snap/bin/"))
}

/// By [os-release](https://www.freedesktop.org/software/systemd/man/latest/os-release.html).
fn is_ubuntu(os_release: &str) -> bool {
    os_release.lines().any(|line| line.trim() == "ID=ubuntu")
}

fn is_root() -> bool {
    let answer = Command::new("id").arg("-u").output();
    answer.is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

fn advice(missing: &[&str]) -> String {
    let packages = missing.join(" ");
    format!("missing for the tests: sudo apt-get install -y --no-install-recommends {packages}")
}

fn advice_on_snaps(wanted: &[&Browser]) -> String {
    let settings: Vec<String> =
        wanted.iter().map(|browser| format!("{}=/path/to/another/build", browser.variable)).collect();
    format!(
        "Ubuntu's browsers are snaps, which tests cannot drive: {} cargo xtask test (Chrome for Testing and \
         Mozilla's own archive of Firefox will do)",
        settings.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_a_command_to_paste() {
        let advice = advice(&["tinyproxy-bin", "microsocks"]);
        assert!(advice.ends_with("sudo apt-get install -y --no-install-recommends tinyproxy-bin microsocks"));
    }

    #[test]
    fn on_ubuntu_the_advice_names_what_to_set_and_no_package() {
        let advice = advice_on_snaps(&[&BROWSERS[0], &BROWSERS[1]]);
        let command =
            "CHROMIUM=/path/to/another/build FIREFOX=/path/to/another/build cargo xtask test (Chrome";
        assert!(advice.contains(command) && !advice.contains("apt"), "{advice}");
    }

    #[test]
    fn ubuntu_is_told_from_debian() {
        assert!(is_ubuntu("NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n"));
        assert!(!is_ubuntu("ID=debian\n"));
    }

    #[test]
    fn a_script_that_starts_a_snap_is_one() {
        let script = std::env::temp_dir().join(format!("xtask-snap-{}", std::process::id()));
        std::fs::write(&script, "#!/bin/sh\nexec /snap/bin/chromium \"$@\"\n").expect("written");
        let snap = is_snap(&script);
        std::fs::remove_file(&script).expect("removed");
        assert!(snap && !is_snap(Path::new("/bin/sh")));
    }

    #[test]
    fn a_name_is_looked_up_in_the_path_and_a_place_is_taken_as_it_is() {
        assert_eq!(find("/bin/sh"), Some(PathBuf::from("/bin/sh")));
        assert!(find("sh").is_some_and(|path| path.is_absolute()));
        assert_eq!(find("/no/such/file"), None);
    }
}
