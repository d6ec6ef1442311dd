//! `/proxies`: the list, filtered, sorted and cut into pages; and one proxy with its history.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::http::header::LINK;
use axum::response::Response;
use configstream_core::api::{Detail, Proxy, Reason, Test};
use configstream_core::catalogue::{FILTERS, Filter, Kind, Query};
use configstream_core::proxy::Fingerprint;
use configstream_core::score;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use super::App;
use super::answer::{HEALTH, LIST, json, tagged};
use super::layers::{NEAR_MATCH, TOTAL_COUNT};
use super::problem::Fault;
use crate::clock;
use crate::publish::Published;
use crate::store::Probed;

/// Rows of a page where none are asked for, and the most that may be.
const USUAL: usize = 100;
const MOST: usize = 1000;

/// Which rows of the result are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Page {
    limit: usize,
    offset: usize,
}

/// The parameters of the list that filter and sort, as the table of filters has them.
struct Filters;

impl IntoParams for Filters {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let named = |filter: &'static Filter| [(filter, filter.name), (filter, filter.not)];
        let all = FILTERS.iter().flat_map(named).filter(|(_, name)| !name.is_empty());
        all.map(|(filter, name)| parameter(filter, name)).collect()
    }
}

fn parameter(filter: &Filter, name: &str) -> Parameter {
    let not = if name == filter.not { "none of these: " } else { "" };
    let said = format!("{not}{}: {}", filter.help, (filter.expected)());
    let schema = ObjectBuilder::new().schema_type(kind(filter));
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query);
    parameter.required(Required::False).description(Some(said)).schema(Some(schema)).build()
}

/// The type of a parameter's value, by what it takes.
fn kind(filter: &Filter) -> Type {
    let takes = |value: &str| Query::from_url(&format!("{}={value}", filter.name)).is_ok();
    match filter.kind {
        Kind::AnyOf => Type::String,
        _ if takes("any text") => Type::String,
        _ if takes("true") => Type::Boolean,
        _ if takes("1") => Type::Integer,
        _ => Type::String,
    }
}

/// The list. Repeated or comma-separated values of a filter mean any of them.
#[utoipa::path(get, path = "/api/v1/proxies", tag = "catalogue",
    params(
        Filters,
        ("limit" = Option<usize>, Query, description = "rows of a page, 1 to 1000; 100 where not given"),
        ("offset" = Option<usize>, Query, description = "rows to pass over"),
    ),
    responses((status = 200, body = [Proxy], headers(
                  ("X-Total-Count" = usize, description = "how many rows match, of which this is a page"),
                  ("Link" = String, description = "the first, previous, next and last page"),
                  ("X-Near-Match" = Option<bool>, description = "true when no row has the words of q, and \
                      these have nearly the same; absent otherwise"),
              )), (status = 304, description = "the caller has it already"),
              (status = 400, body = configstream_core::api::Problem)))]
pub async fn list(
    State(app): State<App>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let raw = raw.unwrap_or_default();
    known(&raw)?;
    let query = Query::from_url(&raw).map_err(|bad| Fault::bad_parameter(bad.to_string()))?;
    let page = Page::from_url(&raw)?;
    let published = app.shelf.current();
    let tag = published.tag();
    let work = move || rows(&published, &query, page);
    let Found { total, is_near, body } =
        tokio::task::spawn_blocking(work).await.map_err(|_| Fault::interrupted())?;
    let mut fields = vec![(TOTAL_COUNT.clone(), total.to_string()), (LINK, page.links(&raw, total))];
    if is_near {
        fields.push((NEAR_MATCH.clone(), "true".to_owned()));
    }
    Ok(tagged(&headers, &tag, LIST, &fields, || body.into()))
}

/// Refuses parameters that there are not: a filter with a typing error must not look as if it were
/// kept.
fn known(raw: &str) -> Result<(), Fault> {
    let known = || Query::PARAMETERS.into_iter().chain(Page::PARAMETERS);
    let names = raw.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    match names.filter(|name| !name.is_empty()).find(|name| !known().any(|known| known == *name)) {
        None => Ok(()),
        Some(name) => {
            let known = known().collect::<Vec<_>>().join(", ");
            Err(Fault::bad_parameter(format!("{name}: there is no such parameter; there are {known}")))
        }
    }
}

/// What was found.
struct Found {
    /// How many rows match.
    total: usize,
    /// Whether they have only nearly the words.
    is_near: bool,
    /// The wanted ones as JSON.
    body: Vec<u8>,
}

fn rows(published: &Published, query: &Query, page: Page) -> Found {
    let search = published.catalogue().search(query, clock::now());
    let rows = search.rows();
    let wanted = rows.iter().skip(page.offset).take(page.limit);
    let proxies: Vec<Proxy> =
        wanted.filter_map(|row| published.catalogue().row(*row)).map(Proxy::from).collect();
    let body = serde_json::to_vec(&proxies).unwrap_or_default();
    Found { total: rows.len(), is_near: search.is_near() && !rows.is_empty(), body }
}

/// One proxy with its history and the reasons of its score.
#[utoipa::path(get, path = "/api/v1/proxies/{id}", tag = "catalogue",
    params(("id" = String, Path, description = "16 hexadecimal digits")),
    responses((status = 200, body = Detail), (status = 400, body = configstream_core::api::Problem),
              (status = 404, body = configstream_core::api::Problem)))]
pub async fn one(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Fault> {
    let fingerprint = fingerprint(&id)?;
    let published = app.shelf.current();
    let row = published.catalogue().find(fingerprint);
    let row = row.ok_or_else(|| Fault::not_found(format!("id: no proxy is {id}")))?;
    let history = app.store.history(fingerprint).await.map_err(|error| Fault::store(&error))?;
    let (_, reasons) = score::score(&row.evidence(), published.at());
    let detail = Detail {
        proxy: Proxy::from(row),
        reasons: reasons.into_iter().map(Reason::from).collect(),
        history: history.into_iter().map(Test::from).collect(),
    };
    Ok(json(HEALTH, &detail))
}

fn fingerprint(id: &str) -> Result<Fingerprint, Fault> {
    let expected = || Fault::bad_parameter("id: expected 16 hexadecimal digits");
    if id.len() != 16 {
        return Err(expected());
    }
    id.parse().map_err(|_| expected())
}

impl Page {
    const PARAMETERS: [&str; 2] = ["limit", "offset"];

    /// Reads `limit` and `offset`; the other parameters are the query's.
    fn from_url(raw: &str) -> Result<Self, Fault> {
        let mut page = Self { limit: USUAL, offset: 0 };
        for (name, value) in url::form_urlencoded::parse(raw.as_bytes()) {
            let bad = |expected: &str| Fault::bad_parameter(format!("{name}: expected {expected}"));
            let number = value.parse::<usize>().ok();
            match &*name {
                "limit" => {
                    let limit = number.filter(|limit| (1..=MOST).contains(limit));
                    page.limit = limit.ok_or_else(|| bad("a number from 1 to 1000"))?;
                }
                "offset" => page.offset = number.ok_or_else(|| bad("a number from 0"))?,
                _ => {}
            }
        }
        Ok(page)
    }

    /// RFC 8288 links to the first, previous, next and last page.
    fn links(self, raw: &str, total: usize) -> String {
        let last = total.saturating_sub(1) / self.limit * self.limit;
        let next = self.offset.saturating_add(self.limit);
        let pages = [
            (Some(0), "first"),
            ((self.offset > 0).then(|| self.offset.saturating_sub(self.limit).min(last)), "prev"),
            ((next < total).then_some(next), "next"),
            (Some(last), "last"),
        ];
        let link = |(offset, rel): (Option<usize>, &str)| {
            Some(format!("<{}>; rel=\"{rel}\"", self.address(raw, offset?)))
        };
        pages.into_iter().filter_map(link).collect::<Vec<_>>().join(", ")
    }

    fn address(self, raw: &str, offset: usize) -> String {
        let others = raw.split('&').filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !matches!(name, "" | "limit" | "offset")
        });
        let own = [format!("limit={}", self.limit), format!("offset={offset}")];
        let pairs: Vec<&str> = others.chain(own.iter().map(String::as_str)).collect();
        format!("/api/v1/proxies?{}", pairs.join("&"))
    }
}

impl From<Probed> for Test {
    fn from(probed: Probed) -> Self {
        Self {
            tested_at: probed.moment(),
            is_working: probed.working != 0,
            latency: probed.latency,
            exit: probed.exit,
            country_code: probed.country,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_is_documented_with_the_type_of_its_value() {
        let documented = Filters::into_params(|| None);
        let names: Vec<&str> = documented.iter().map(|parameter| parameter.name.as_str()).collect();
        assert_eq!(names, Query::PARAMETERS);
        let is = |name, kind| FILTERS.iter().any(|filter| filter.name == name && super::kind(filter) == kind);
        assert!(is("protocol", Type::String) && is("q", Type::String) && is("order", Type::String));
        assert!(is("max_latency", Type::Integer) && is("fastest", Type::Integer));
        assert!(is("working", Type::Boolean));
    }
}
