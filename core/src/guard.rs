//! Verdicts: checks of what a connection claims. For now one, the exit.

use serde::{Deserialize, Serialize};

use crate::geo::Country;

/// The address the world sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// IPv4 or IPv6.
    pub address: std::net::IpAddr,
    /// Its country, where known.
    #[serde(default)]
    pub country: Option<Country>,
}

/// Why an answer of a judge is no evidence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoExit {
    /// Not a success.
    #[error("the judge answered with status {0}")]
    Status(u16),
    /// No exit in the body: a captive portal, an advertisement, something else.
    #[error("the answer is not the judge's: something on the way replaced it")]
    NotAnExit,
}

/// The judges that any network can reach; used where the configured API is on this machine, or
/// does not answer. Both are read over TLS, so a proxy cannot forge them.
pub const PUBLIC_JUDGES: [&str; 2] =
    ["https://www.cloudflare.com/cdn-cgi/trace", "https://api.ipify.org/?format=json"];

/// Reads a judge's answer: the JSON of our own (`{"address", "country"}`, or `"ip"`), or lines of
/// `ip=` and `loc=` as Cloudflare's trace gives them.
///
/// ```
/// use configstream_core::guard::exit;
/// let seen = exit(200, "ip=192.0.2.7\nloc=DE\n").unwrap();
/// assert_eq!((seen.address.to_string().as_str(), seen.country.unwrap().code()), ("192.0.2.7", "DE"));
/// assert!(exit(200, "<html>Log in to the hotel").is_err());
/// ```
pub fn exit(status: u16, body: &str) -> Result<Exit, NoExit> {
    if !(200..300).contains(&status) {
        return Err(NoExit::Status(status));
    }
    from_json(body).or_else(|| from_lines(body)).ok_or(NoExit::NotAnExit)
}

#[derive(Deserialize)]
struct Answer {
    #[serde(alias = "ip")]
    address: std::net::IpAddr,
    #[serde(default)]
    country_code: Option<String>,
}

fn from_json(body: &str) -> Option<Exit> {
    let answer: Answer = serde_json::from_str(body).ok()?;
    let country = answer.country_code.as_deref().and_then(Country::from_code);
    Some(Exit { address: answer.address, country })
}

fn from_lines(body: &str) -> Option<Exit> {
    let value = |key: &str| body.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let address = value("ip")?.trim().parse().ok()?;
    Some(Exit { address, country: value("loc").and_then(|code| Country::from_code(code.trim())) })
}

/// Whether a request to `url` can be evidence at all: browsers never send requests for this machine
/// through a proxy, so an answer from it proves nothing.
pub fn is_evidence(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host_of(authority.rsplit('@').next().unwrap_or_default());
    !(host.is_empty() || is_this_machine(&host.to_ascii_lowercase()))
}

fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = host.trim_end_matches('.');
    match name.parse::<std::net::IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback() || address.is_unspecified(),
        Err(_) => name == "localhost" || name.ends_with(".localhost") || ends_in_a_number(name),
    }
}

/// Browsers read such names as IPv4 addresses (`127.1`, `0x7f000001`), and so maybe as this machine.
/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>
fn ends_in_a_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    last.starts_with("0x") || last.bytes().all(|byte| byte.is_ascii_digit())
}

/// The judges to ask, in order: the one that was set and no other; else the API's own and the public
/// ones. An answer over plain HTTP can be forged by the very proxy that is judged, so the API's own
/// counts only over TLS; one that was set is the user's choice.
pub fn judges(set: &str, api: &str) -> Vec<String> {
    let set = set.trim();
    if !set.is_empty() {
        return Some(set.to_owned()).filter(|url| is_evidence(url)).into_iter().collect();
    }
    let own = format!("{}/api/v1/exit", api.trim_end_matches('/'));
    let own = Some(own).filter(|url| url.starts_with("https://") && is_evidence(url));
    own.into_iter().chain(PUBLIC_JUDGES.map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_no_evidence_however_it_is_spelled() {
        for url in [
            "http://127.0.0.1:8080/exit",
            "http://127.1/exit",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://localhost",
            "http://api.localhost:1/",
            "http://[::1]:80/",
            "http://[::ffff:127.0.0.1]/",
            "http://user@127.0.0.1/",
            "http://0.0.0.0/",
            "nonsense",
            "",
        ] {
            assert!(!is_evidence(url), "{url}");
        }
        for url in
            ["https://judge.example/exit", "http://192.0.2.1:8080/", "http://[2001:db8::1]/", "https://a.io"]
        {
            assert!(is_evidence(url), "{url}");
        }
    }

    #[test]
    fn the_judge_that_was_set_is_the_only_one_and_public_ones_stand_in_for_a_local_api() {
        assert_eq!(judges("https://j.example/exit", "https://api.example"), ["https://j.example/exit"]);
        assert_eq!(judges("", "http://127.0.0.1:8080"), PUBLIC_JUDGES);
        assert_eq!(judges("", "https://api.example/")[0], "https://api.example/api/v1/exit");
        assert_eq!(judges("", "http://api.example"), PUBLIC_JUDGES, "plain HTTP can be forged");
        assert!(judges("http://127.0.0.1/exit", "").is_empty());
    }

    #[test]
    fn the_hosted_apis_own_answer_reads() {
        let body =
            r#"{"address":"2001:db8::7","country":"Germany","country_code":"DE","asn":null,"headers":{}}"#;
        assert_eq!(exit(200, body).map(|exit| exit.country), Ok(Country::from_code("DE")));
        assert_eq!(exit(407, body), Err(NoExit::Status(407)));
        assert_eq!(exit(200, "{\"ip\":\"not an address\"}"), Err(NoExit::NotAnExit));
    }
}
