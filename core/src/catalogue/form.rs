//! How columns are written: each as a whole, so that what is alike lies together and compresses.
//!
//! - Numbers lie in planes: the lowest byte of every row, then the next, as many as the largest needs. They
//!   count from the smallest, and 0 is what is unknown.
//! - Words, of which rows share a few, lie once each, and then their numbers. Closed sets are written by their
//!   stable keys, so that no order of an enum is part of the form.
//! - Texts are their lengths and then one text. One that can be read out of the link is not there.
//!
//! A reader asks for what the bytes that are left can hold, and no more: no count is believed.

use std::collections::HashMap;

use super::Engines;
use crate::proxy::{Network, Protocol, Security};
use crate::route::Engine;
use crate::score::{Issues, Safety, SecurityIssue};

pub(super) type Read<T> = Result<T, Broken>;

/// Why bytes are not in this form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// They end early, go on, or say what cannot be.
    Damaged,
    /// A word of a closed set that is not known here.
    Word(String),
}

/// Bytes that are read from the front.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Broken::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A number of seven bits a byte, the lowest first.
    pub(super) fn number(&mut self) -> Read<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = *self.take(1)? else { return Err(Broken::Damaged) };
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Broken::Damaged)
    }

    /// How many of something there are, each of which takes a byte at least.
    pub(super) fn count(&mut self) -> Read<usize> {
        let count = self.number()?;
        self.room_for(count)
    }

    /// So many, if there is a byte for each.
    pub(super) fn room_for(&self, count: u64) -> Read<usize> {
        usize::try_from(count).ok().filter(|count| *count <= self.0.len()).ok_or(Broken::Damaged)
    }

    pub(super) fn text(&mut self) -> Read<&'a str> {
        let length = self.count()?;
        std::str::from_utf8(self.take(length)?).map_err(|_| Broken::Damaged)
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Read<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Broken::Damaged) }
    }
}

pub(super) fn write_number(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7F {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    write_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn write_numbers(out: &mut Vec<u8>, mut numbers: Vec<u64>) {
    let least = numbers.iter().copied().filter(|number| *number > 0).min().unwrap_or(1);
    for number in numbers.iter_mut().filter(|number| **number > 0) {
        *number -= least - 1;
    }
    let most = numbers.iter().copied().max().unwrap_or_default();
    let width = (u64::BITS - most.leading_zeros()).div_ceil(8);
    write_number(out, least);
    out.push(width as u8);
    for plane in 0..width {
        out.extend(numbers.iter().map(|number| (number >> (8 * plane)) as u8));
    }
}

/// Numbers that lie in planes, read where they lie: a copy of each column would cost more than to read it.
pub(super) struct Numbers<'a> {
    planes: [&'a [u8]; 8],
    width: usize,
    rows: usize,
    above: u64,
}

/// As many numbers as there are rows.
pub(super) fn read_numbers<'a>(from: &mut Reader<'a>, rows: usize) -> Read<Numbers<'a>> {
    let above = from.number()?.checked_sub(1).ok_or(Broken::Damaged)?;
    let [width @ 0..=8] = *from.take(1)? else { return Err(Broken::Damaged) };
    let mut planes = [&[][..]; 8];
    for plane in planes.iter_mut().take(width.into()) {
        *plane = from.take(rows)?;
    }
    Ok(Numbers { planes, width: width.into(), rows, above })
}

impl Numbers<'_> {
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> {
        (0..self.rows).map(|row| self.at(row))
    }

    fn at(&self, row: usize) -> u64 {
        let byte = |plane: &&[u8]| plane.get(row).copied().map_or(0, u64::from);
        let planes = self.planes.iter().take(self.width);
        let number = planes.rev().fold(0, |number, plane| number << 8 | byte(plane));
        number.saturating_add(if number > 0 { self.above } else { 0 })
    }
}

/// The words of a column, each once, and which one each row has.
pub(super) struct Words<'a> {
    all: Vec<&'a str>,
    numbers: Numbers<'a>,
}

pub(super) fn write_words<'a>(out: &mut Vec<u8>, words: impl Iterator<Item = &'a str>) {
    let (mut all, mut known) = (Vec::new(), HashMap::new());
    let number = |word: &'a str| {
        *known.entry(word).or_insert_with(|| {
            all.push(word);
            all.len() as u64
        })
    };
    let numbers = words.map(number).collect();
    write_number(out, all.len() as u64);
    for word in all {
        write_text(out, word);
    }
    write_numbers(out, numbers);
}

pub(super) fn read_words<'a>(from: &mut Reader<'a>, rows: usize) -> Read<Words<'a>> {
    let count = from.count()?;
    let all: Vec<&str> = (0..count).map(|_| from.text()).collect::<Read<_>>()?;
    Ok(Words { all, numbers: read_numbers(from, rows)? })
}

impl Words<'_> {
    /// What each row has, where a word means something.
    pub(super) fn meaning<T: Copy>(&self, mut meaning: impl FnMut(&str) -> Read<T>) -> Read<Vec<T>> {
        let all: Vec<T> = self.all.iter().map(|word| meaning(word)).collect::<Read<_>>()?;
        let value = |number: u64| all.get((number as usize).wrapping_sub(1)).copied().ok_or(Broken::Damaged);
        self.numbers.iter().map(value).collect()
    }
}

/// Texts; `None` is what the reader knows from elsewhere.
pub(super) fn write_texts<'a>(out: &mut Vec<u8>, texts: impl Iterator<Item = Option<&'a str>>) {
    let mut all = String::new();
    let mut length = |text: Option<&str>| {
        text.map_or(0, |text| {
            all.push_str(text);
            text.len() as u64 + 1
        })
    };
    let lengths = texts.map(&mut length).collect();
    write_numbers(out, lengths);
    write_text(out, &all);
}

/// The texts that are there, one after the other; `None` for those that are known from elsewhere.
pub(super) struct Texts<'a> {
    pub(super) all: &'a str,
    lengths: Numbers<'a>,
}

pub(super) fn read_texts<'a>(from: &mut Reader<'a>, rows: usize) -> Read<Texts<'a>> {
    let lengths = read_numbers(from, rows)?;
    let all = from.text()?;
    let sum = lengths.iter().try_fold(0_u64, |sum, length| sum.checked_add(length.saturating_sub(1)));
    if sum == Some(all.len() as u64) { Ok(Texts { all, lengths }) } else { Err(Broken::Damaged) }
}

impl<'a> Texts<'a> {
    /// Each text, or an error where a letter is cut.
    pub(super) fn iter(&self) -> impl Iterator<Item = Read<Option<&'a str>>> {
        let mut rest = self.all;
        self.lengths.iter().map(move |length| {
            let Some(length) = length.checked_sub(1) else { return Ok(None) };
            let (text, after) = rest.split_at_checked(length as usize).ok_or(Broken::Damaged)?;
            rest = after;
            Ok(Some(text))
        })
    }
}

/// A value of a column that has a form of its own.
pub(super) trait Stored: Copy + PartialEq {
    fn write(out: &mut Vec<u8>, values: impl Iterator<Item = Self>);
    fn read(from: &mut Reader<'_>, rows: usize) -> Read<Vec<Self>>;
}

macro_rules! stored_numbers {
    ($($number:ty),+) => {$(
        /// One more is written, so that the largest, which is what is unknown, becomes 0.
        impl Stored for $number {
            fn write(out: &mut Vec<u8>, values: impl Iterator<Item = Self>) {
                write_numbers(out, values.map(|value| u64::from(value.wrapping_add(1))).collect());
            }

            fn read(from: &mut Reader<'_>, rows: usize) -> Read<Vec<Self>> {
                let numbers = read_numbers(from, rows)?;
                let value = |number| Self::try_from(number).map(|value| value.wrapping_sub(1));
                numbers.iter().map(value).collect::<Result<_, _>>().map_err(|_| Broken::Damaged)
            }
        }
    )+};
}

stored_numbers!(u8, u16, u32, u64);

/// A value of a closed set, which goes by its key.
trait Keyed: Copy + PartialEq {
    fn key(self) -> &'static str;
    fn of(key: &str) -> Option<Self>;
}

impl<T: Keyed> Stored for T {
    fn write(out: &mut Vec<u8>, values: impl Iterator<Item = Self>) {
        write_words(out, values.map(Keyed::key));
    }

    fn read(from: &mut Reader<'_>, rows: usize) -> Read<Vec<Self>> {
        read_words(from, rows)?.meaning(|word| T::of(word).ok_or_else(|| Broken::Word(word.to_owned())))
    }
}

impl Keyed for Protocol {
    fn key(self) -> &'static str {
        self.key()
    }

    fn of(key: &str) -> Option<Self> {
        Self::from_key(key)
    }
}

impl Keyed for Network {
    fn key(self) -> &'static str {
        self.key()
    }

    fn of(key: &str) -> Option<Self> {
        Self::from_key(key)
    }
}

/// Sets of a few values, by the word of each.
macro_rules! keyed {
    ($($set:ty: $($word:literal = $value:expr),+;)+) => {$(
        impl Keyed for $set {
            fn key(self) -> &'static str {
                [$(($value, $word)),+].iter().find(|(value, _)| *value == self).map_or("", |(_, word)| word)
            }

            fn of(key: &str) -> Option<Self> {
                [$(($value, $word)),+].iter().find(|(_, word)| *word == key).map(|(value, _)| *value)
            }
        }
    )+};
}

keyed! {
    Option<Security>: "" = None, "tls" = Some(Security::Tls), "reality" = Some(Security::Reality),
        "xtls" = Some(Security::Xtls);
    Safety: "open" = Self::Open, "unverified" = Self::Unverified, "verified" = Self::Verified;
    Option<bool>: "" = None, "failed" = Some(false), "worked" = Some(true);
}

/// A set is one word, its keys with commas between. A key that is not known here is passed over.
macro_rules! stored_set {
    ($set:ident of $item:ident, $key:path, $of:path) => {
        impl Stored for $set {
            fn write(out: &mut Vec<u8>, values: impl Iterator<Item = Self>) {
                let keys = |set: Self| set.iter().map($key).collect::<Vec<_>>().join(",");
                let words: Vec<String> = (0..=(1_u16 << $item::ALL.len()) - 1)
                    .map(|bits| Self::from_bits(bits as u8))
                    .map(keys)
                    .collect();
                let word = |set: Self| words.get(usize::from(set.bits())).map_or("", String::as_str);
                write_words(out, values.map(word));
            }

            fn read(from: &mut Reader<'_>, rows: usize) -> Read<Vec<Self>> {
                read_words(from, rows)?.meaning(|word| Ok(word.split(',').filter_map($of).collect()))
            }
        }
    };
}

stored_set!(Issues of SecurityIssue, SecurityIssue::key, SecurityIssue::from_key);
stored_set!(Engines of Engine, Engine::key, Engine::from_key);
