//! Curation: what happens around a list between reading it and writing it.
//!
//! The steps are few, and their order is fixed: what is no proxy goes first; then what is not wanted, by
//! protocol, port, country and name; then settings that are overridden; then those that are the same
//! become one; then names; then order and number. Each step counts what it did, so that what was read is
//! what is left and what was dropped.
//!
//! ```
//! use configstream_core::curate::{Choice, Curation, Known, Step};
//! use configstream_core::document;
//!
//! let list = b"socks5://8.8.8.8:1080#Berlin\nsocks5://8.8.4.4:1080#Tokyo\nsocks5://127.0.0.1:1080#ad";
//! let names = Choice::keep(["(?i)berlin".parse().unwrap()]);
//! let curation = Curation { names, no_decoys: true, ..Curation::default() };
//! let curated = curation.apply([("my list", document::read(list).proxies)], &Known::default());
//! assert_eq!(curated.listed.len(), 1);
//! assert_eq!((curated.report.count(Step::Decoy), curated.report.count(Step::Name)), (1, 1));
//! ```

mod choice;
mod decoy;
mod file_name;
mod naming;
mod order;
mod pattern;

pub use choice::{BadWord, Choice, Place, Ports};
pub use decoy::is_decoy;
pub use file_name::file_names;
pub use naming::{Flags, Template};
pub use order::natural;
pub use pattern::{BadPattern, Pattern, Rename};

use std::collections::BTreeMap;
use std::fmt;

use crate::Proxy;
use crate::catalogue::{Listed, Merge, Sameness, Score, says};
use crate::document::Facts;
use crate::geo::Country;
use crate::proxy::{Param, Protocol};

/// What is wanted. The default changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Curation {
    /// Entries that only tell something go; they are heard in any case.
    pub no_information: bool,
    /// What cannot be a public proxy goes: see [`is_decoy`].
    pub no_decoys: bool,
    /// By protocol.
    pub protocols: Choice<Protocol>,
    /// By port.
    pub ports: Choice<Ports>,
    /// By country or part of the world; a proxy of no known country is of none.
    pub places: Choice<Place>,
    /// By name.
    pub names: Choice<Pattern>,
    /// Whether UDP may be used.
    pub udp: Override,
    /// TCP fast open.
    pub fast_open: Override,
    /// Whether certificates are left unchecked. With it anybody on the way can pretend to be the proxy,
    /// and see where you go. Only for servers of one's own that have no proper certificate; better is the
    /// certificate's hash ([`Param::CertSha256`]). Changes nothing where there is no TLS.
    pub insecure: Option<bool>,
    /// What becomes one; `None` leaves all.
    pub merge: Option<Sameness>,
    /// What is taken out of names.
    pub delete: Vec<Pattern>,
    /// What is replaced in names, one after the other.
    pub rename: Vec<Rename>,
    /// How names are made anew.
    pub template: Option<Template>,
    /// What happens with flags in names.
    pub flags: Option<Flags>,
    /// Whether the list is sorted by name, numbers in names by their value.
    pub sort: bool,
    /// How many proxies are left at most.
    pub limit: Option<usize>,
}

/// What happens with a setting of each proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Override {
    /// It stays.
    #[default]
    Leave,
    /// It is set.
    Set(bool),
    /// It is taken away: the program that uses the list decides.
    Unset,
}

/// What the caller knows of proxies beyond what lists say.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Where a proxy is, as measured; believed before its name.
    pub country: &'a dyn Fn(&Proxy) -> Option<Country>,
    /// Which of those that are the same is kept: the one with most.
    pub score: &'a Score,
}

impl Default for Known<'_> {
    /// Nothing is known; of those that are the same the one is kept that says most.
    fn default() -> Self {
        Self { country: &|_| None, score: &says }
    }
}

/// A step, in the order in which they are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Entries that only tell something.
    Information,
    /// What cannot be a public proxy.
    Decoy,
    /// Protocols that are not wanted.
    Protocol,
    /// Ports that are not wanted.
    Port,
    /// Countries that are not wanted.
    Place,
    /// Names that are not wanted.
    Name,
    /// Settings that were changed.
    Override,
    /// Proxies that are the same as one before.
    Merge,
    /// Names that were changed.
    Rename,
    /// Names that had nothing left and were given one.
    Fill,
    /// Proxies beyond the number that is wanted.
    Limit,
}

impl Step {
    /// Whether what it counts is gone.
    pub const fn drops(self) -> bool {
        !matches!(self, Self::Override | Self::Rename | Self::Fill)
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Information => "dropped: tells something and is no proxy",
            Self::Decoy => "dropped: no public proxy can have its address",
            Self::Protocol => "dropped by protocol",
            Self::Port => "dropped by port",
            Self::Place => "dropped by country",
            Self::Name => "dropped by name",
            Self::Override => "settings overridden",
            Self::Merge => "merged with one that is the same",
            Self::Rename => "renamed",
            Self::Fill => "named, since nothing was left of the name",
            Self::Limit => "dropped beyond the limit",
        }
    }
}

/// What each step did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many proxies there were.
    pub read: usize,
    counts: BTreeMap<Step, usize>,
}

impl Report {
    /// How many proxies a step changed or dropped.
    pub fn count(&self, step: Step) -> usize {
        self.counts.get(&step).copied().unwrap_or(0)
    }

    /// How many proxies are gone.
    pub fn dropped(&self) -> usize {
        self.counts.iter().filter(|(step, _)| step.drops()).map(|(_, count)| count).sum()
    }

    fn add(&mut self, step: Step, count: usize) {
        if count > 0 {
            *self.counts.entry(step).or_default() += count;
        }
    }
}

impl fmt::Display for Report {
    /// A line for each step that did something.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.counts.iter().try_for_each(|(step, count)| writeln!(f, "{count:>8} × {}", step.label()))
    }
}

/// A list as it is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Curated {
    /// The proxies, with all lists that have them and all names that they have there.
    pub listed: Vec<Listed>,
    /// What entries that are no proxies told.
    pub facts: Facts,
    /// What each step did.
    pub report: Report,
}

impl Curation {
    /// Does every step. Each list has a name, which its proxies keep.
    pub fn apply<'s>(
        &self,
        lists: impl IntoIterator<Item = (&'s str, Vec<Proxy>)>,
        known: &Known,
    ) -> Curated {
        let mut curated = Curated::default();
        let mut merge = Merge::by(self.merge, known.score);
        for (list, proxies) in lists {
            curated.report.read += proxies.len();
            merge.add(list, proxies.into_iter().filter_map(|proxy| self.take(proxy, known, &mut curated)));
        }
        curated.listed = merge.finish();
        let report = &mut curated.report;
        report.add(Step::Merge, report.read - report.dropped() - curated.listed.len());
        naming::name(self, &mut curated.listed, known, report);
        if self.sort {
            curated.listed.sort_by(|a, b| natural(&a.proxy.name, &b.proxy.name));
        }
        let limit = self.limit.unwrap_or(usize::MAX);
        report.add(Step::Limit, curated.listed.len().saturating_sub(limit));
        curated.listed.truncate(limit);
        curated
    }

    /// A proxy that is wanted, with its settings overridden.
    fn take(&self, mut proxy: Proxy, known: &Known, curated: &mut Curated) -> Option<Proxy> {
        let decoy = is_decoy(&proxy.endpoint);
        let tells = curated.facts.hear_entry(&proxy.name, decoy);
        let step = match () {
            () if tells && self.no_information => Some(Step::Information),
            () if decoy && self.no_decoys => Some(Step::Decoy),
            () => self.unwanted(&proxy, known),
        };
        if let Some(step) = step {
            curated.report.add(step, 1);
            return None;
        }
        curated.report.add(Step::Override, usize::from(self.set(&mut proxy)));
        Some(proxy)
    }

    /// The step by which a proxy is dropped.
    fn unwanted(&self, proxy: &Proxy, known: &Known) -> Option<Step> {
        let country = || (known.country)(proxy).or_else(|| Country::named_in(&proxy.name));
        let country = if self.places.is_empty() { None } else { country() };
        let steps = [
            (Step::Protocol, self.protocols.takes(|protocol| *protocol == proxy.protocol)),
            (Step::Port, self.ports.takes(|ports| ports.holds(proxy.endpoint.port))),
            (Step::Place, self.places.takes(|place| country.is_some_and(|country| place.holds(country)))),
            (Step::Name, self.names.takes(|pattern| pattern.is_in(&proxy.name))),
        ];
        steps.into_iter().find(|(_, takes)| !takes).map(|(step, _)| step)
    }

    /// Overrides settings; whether that changed anything.
    fn set(&self, proxy: &mut Proxy) -> bool {
        let mut changed = false;
        for (param, wanted) in [(Param::Udp, self.udp), (Param::FastOpen, self.fast_open)] {
            let value = match wanted {
                Override::Leave => continue,
                Override::Set(yes) => {
                    if yes {
                        "1"
                    } else {
                        "0"
                    }
                }
                Override::Unset => "",
            };
            changed |= proxy.param(param).unwrap_or_default() != value;
            proxy.set(param, value);
        }
        if let (Some(insecure), Some(tls)) = (self.insecure, proxy.tls.as_mut()) {
            changed |= tls.insecure != insecure;
            tls.insecure = insecure;
        }
        changed
    }
}
