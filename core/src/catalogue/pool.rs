//! Where what has no fixed size lies: the texts of all rows in one text, the lists of all rows in one list.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// Where in a [`Pool`] something lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) len: u32,
}

impl Span {
    pub(super) fn range(self) -> Range<usize> {
        let start = self.start as usize;
        start..start.saturating_add(self.len as usize)
    }
}

/// What a [`Pool`] is made of: a `String` of texts, a `Vec` of lists.
pub(super) trait Block: Default {
    type Part: ?Sized + PartialEq;

    fn size(&self) -> usize;
    fn size_of(part: &Self::Part) -> usize;
    fn part(&self, range: Range<usize>) -> Option<&Self::Part>;
    fn append(&mut self, part: &Self::Part);
    fn reserve_for(&mut self, more: usize);
}

impl Block for String {
    type Part = str;

    fn size(&self) -> usize {
        self.len()
    }

    fn size_of(part: &str) -> usize {
        part.len()
    }

    fn part(&self, range: Range<usize>) -> Option<&str> {
        self.get(range)
    }

    fn append(&mut self, part: &str) {
        self.push_str(part);
    }

    fn reserve_for(&mut self, more: usize) {
        self.reserve_exact(more);
    }
}

impl Block for Vec<u32> {
    type Part = [u32];

    fn size(&self) -> usize {
        self.len()
    }

    fn size_of(part: &[u32]) -> usize {
        part.len()
    }

    fn part(&self, range: Range<usize>) -> Option<&[u32]> {
        self.get(range)
    }

    fn append(&mut self, part: &[u32]) {
        self.extend_from_slice(part);
    }

    fn reserve_for(&mut self, more: usize) {
        self.reserve_exact(more);
    }
}

/// Parts of many rows one after the other. A part that was replaced stays until enough of them are dead.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool<B> {
    pub(super) all: B,
    dead: usize,
}

impl<B: Block> Pool<B> {
    /// The pool of a block without dead parts.
    pub(super) fn of(all: B) -> Self {
        Self { all, dead: 0 }
    }

    pub(super) fn reserve(&mut self, more: usize) {
        self.all.reserve_for(more);
    }

    /// The part at a place; `None` where there is none.
    pub(super) fn get(&self, span: Span) -> Option<&B::Part> {
        self.all.part(span.range())
    }

    /// Whether one more part has room: places are of 32 bits.
    pub(super) fn has_room(&self, part: &B::Part) -> bool {
        u32::try_from(self.all.size().saturating_add(B::size_of(part))).is_ok()
    }

    /// Adds a part, if there is room.
    pub(super) fn add(&mut self, part: &B::Part) -> Option<Span> {
        let span = Span { start: self.all.size() as u32, len: B::size_of(part) as u32 };
        self.has_room(part).then(|| {
            self.all.append(part);
            span
        })
    }

    /// Puts a part in the place of another, which may be the same, if there is room.
    pub(super) fn replace(&mut self, old: Span, part: &B::Part) -> Option<Span> {
        if self.get(old) == Some(part) {
            return Some(old);
        }
        self.release(old);
        self.add(part)
    }

    /// Says that nobody has this part any more.
    pub(super) fn release(&mut self, span: Span) {
        self.dead += span.len as usize;
    }

    /// Moves what lives together when more than half is dead, so that updates cost what they write, and
    /// memory is at most twice what lives.
    pub(super) fn tidy(&mut self, spans: &mut [Span]) {
        if self.dead > self.all.size() / 2 {
            let mut live = Self::default();
            for span in spans {
                *span = self.get(*span).and_then(|part| live.add(part)).unwrap_or_default();
            }
            *self = live;
        }
    }
}

/// Values that many rows share, each once, by number.
#[derive(Clone, Debug)]
pub(super) struct Shared<T> {
    pub(super) all: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { all: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Shared<T> {
    /// The number of a value, which is added if it is new.
    pub(super) fn number(&mut self, value: &T) -> u32 {
        if let Some(number) = self.find(value) {
            return number;
        }
        let number = self.all.len() as u32;
        self.all.push(value.clone());
        self.numbers.insert(value.clone(), number);
        number
    }

    /// The number of a value that is there.
    pub(super) fn find(&self, value: &T) -> Option<u32> {
        self.numbers.get(value).copied()
    }

    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.all.get(number as usize)
    }
}
