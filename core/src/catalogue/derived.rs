//! What is computed once from the columns, when it is first asked for, and forgotten when they change.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use super::Catalogue;
use super::columns::{Cells, Columns};
use super::query::{Matches, Ranks, Sort, Texts};

/// Computed parts of a catalogue. They are no value of it: a copy begins without them, and a change of many
/// rows pays nothing for those that were never asked for.
#[derive(Default)]
pub(super) struct Derived(OnceLock<Box<Computed>>);

#[derive(Default)]
struct Computed {
    kinds: OnceLock<Kinds>,
    texts: OnceLock<Texts>,
    ranks: [OnceLock<Ranks>; Sort::ALL.len()],
    orders: [[OnceLock<Vec<u32>>; 2]; Sort::ALL.len()],
    /// What the last text was found in: the next one is often that and a letter more.
    last: Mutex<Option<Arc<Matches>>>,
}

impl Clone for Derived {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Derived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Derived")
    }
}

impl Derived {
    fn get(&self) -> &Computed {
        self.0.get_or_init(Box::default)
    }

    /// Forgets all.
    pub(super) fn forget(&mut self) {
        self.0.take();
    }

    /// Forgets what marks of the user are part of.
    pub(super) fn forget_kinds(&mut self) {
        self.0.get_mut().into_iter().for_each(|computed| drop(computed.kinds.take()));
    }

    /// What the last text was found in; `None` too while another thread looks.
    pub(super) fn last(&self) -> Option<Arc<Matches>> {
        self.get().last.try_lock().ok()?.clone()
    }

    pub(super) fn set_last(&self, matches: &Arc<Matches>) {
        if let Ok(mut last) = self.get().last.try_lock() {
            *last = Some(matches.clone());
        }
    }
}

impl Catalogue {
    /// The kinds of rows.
    pub(super) fn kinds(&self) -> &Kinds {
        self.derived.get().kinds.get_or_init(|| Kinds::of(&self.columns))
    }

    /// The texts of rows that are searched.
    pub(super) fn texts(&self) -> &Texts {
        self.derived.get().texts.get_or_init(|| Texts::of(self))
    }

    /// Where each row stands by a key.
    pub(super) fn ranks(&self, sort: Sort) -> Option<&Ranks> {
        Some(self.derived.get().ranks.get(sort as usize)?.get_or_init(|| Ranks::of(self, sort)))
    }

    /// Every row in the order of a key, the largest first where it `falls`, unknown ones last.
    pub(super) fn ordered(&self, sort: Sort, falls: bool) -> &[u32] {
        let both = self.derived.get().orders.get(sort as usize);
        let order = both.and_then(|both| both.get(usize::from(falls)));
        order.zip(self.ranks(sort)).map_or(&[], |(order, ranks)| order.get_or_init(|| ranks.ordered(falls)))
    }
}

/// Rows that are alike in all that has few values: what asks for these asks each kind once.
pub(super) struct Kinds {
    /// The number of each row's kind.
    pub(super) of: Vec<u32>,
    /// A row of each kind.
    pub(super) all: Vec<Cells>,
}

impl Kinds {
    fn of(columns: &Columns) -> Self {
        let (mut of, mut all, mut numbers) = (Vec::with_capacity(columns.len()), Vec::new(), HashMap::new());
        // Most rows are of few kinds, and the map's hash is slow.
        let mut near = [(u64::MAX, 0_u32); 1024];
        for (row, code) in (0..).zip(codes(columns)) {
            let place = near.get_mut(code.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_shr(54) as usize);
            let number = match place.as_deref() {
                Some((known, number)) if *known == code => *number,
                _ => *numbers.entry(code).or_insert_with(|| {
                    all.extend(columns.get(row));
                    all.len() as u32 - 1
                }),
            };
            if let Some(place) = place {
                *place = (code, number);
            }
            of.push(number);
        }
        Self { of, all }
    }
}

/// One number for each row, equal where kinds are.
fn codes(columns: &Columns) -> Vec<u64> {
    let mut codes = vec![0; columns.len()];
    add(&mut codes, &columns.protocol, |it| it as u64);
    add(&mut codes, &columns.network, |it| it as u64);
    add(&mut codes, &columns.security, |it| it.map_or(0xff, |it| it as u64));
    add(&mut codes, &columns.safety, |it| it as u64);
    add(&mut codes, &columns.issues, |it| u64::from(it.bits()));
    add(&mut codes, &columns.engines, |it| u64::from(it.bits()));
    add(&mut codes, &columns.working, |it| it.map_or(0xff, u64::from));
    add(&mut codes, &columns.favourite, u64::from);
    codes
}

/// Eight bits more for each row.
fn add<T: Copy>(codes: &mut [u64], column: &[T], code: impl Fn(T) -> u64) {
    for (all, value) in codes.iter_mut().zip(column) {
        *all = *all << 8 | code(*value);
    }
}
