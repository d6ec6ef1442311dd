//! `/history`: how the catalogue was, hour by hour or day by day.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use clap::ValueEnum;
use configstream_core::api::{Period, Problem};

use super::App;
use super::answer::{HEALTH, json};
use super::problem::Fault;
use crate::clock;
use crate::store::{Bucket, KEEP_HOURS};

/// How many days are told of where none are asked for.
pub const USUAL_DAYS: u64 = 7;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    bucket: Bucket,
    days: u64,
}

/// How the catalogue was, the oldest first. An hour or a day in which the API did not run is left out.
#[utoipa::path(get, path = "/api/v1/history", tag = "totals",
    params(
        ("bucket" = Option<String>, Query, description = "`hour` or `day` (of UTC); `hour` where not given"),
        ("days" = Option<u64>, Query,
            description = "those that began in the last so many days, 1 to 90; 7 where not given"),
    ),
    responses((status = 200, body = [Period]), (status = 400, body = Problem)))]
pub async fn history(State(app): State<App>, RawQuery(raw): RawQuery) -> Result<Response, Fault> {
    let Wanted { bucket, days } = Wanted::from_url(&raw.unwrap_or_default())?;
    let periods =
        app.store.periods(bucket, days, clock::now()).await.map_err(|error| Fault::store(&error))?;
    Ok(json(HEALTH, &periods))
}

impl Wanted {
    fn from_url(raw: &str) -> Result<Self, Fault> {
        let mut wanted = Self { bucket: Bucket::default(), days: USUAL_DAYS };
        for (name, value) in url::form_urlencoded::parse(raw.as_bytes()) {
            let bad = |expected: String| Fault::bad_parameter(format!("{name}: {expected}"));
            match &*name {
                "bucket" => {
                    let bucket = Bucket::from_str(&value, false);
                    wanted.bucket = bucket.map_err(|_| bad("expected hour or day".to_owned()))?;
                }
                "days" => {
                    let days = value.parse().ok().filter(|days| (1..=KEEP_HOURS).contains(days));
                    let expected = || bad(format!("expected a number from 1 to {KEEP_HOURS}"));
                    wanted.days = days.ok_or_else(expected)?;
                }
                _ => return Err(bad("there is no such parameter; there are bucket, days".to_owned())),
            }
        }
        Ok(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_asked_for_is_the_usual_and_a_wrong_value_is_named() {
        let wanted = |bucket, days| Ok(Wanted { bucket, days });
        assert_eq!(Wanted::from_url(""), wanted(Bucket::Hour, 7));
        assert_eq!(Wanted::from_url("days=90&bucket=day"), wanted(Bucket::Day, 90));
        for (raw, detail) in [
            ("bucket=week", "bucket: expected hour or day"),
            ("days=91", "days: expected a number from 1 to 90"),
            ("days=0", "days: expected a number from 1 to 90"),
            ("days=-1", "days: expected a number from 1 to 90"),
            ("since=1", "since: there is no such parameter; there are bucket, days"),
        ] {
            assert_eq!(Wanted::from_url(raw), Err(Fault::bad_parameter(detail)), "{raw}");
        }
    }
}
