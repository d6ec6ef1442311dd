//! Experience as bytes, to be kept on the device.
//!
//! Form 1, little-endian: the byte 1; then for each network of the user its number (8 bytes), how many
//! tallies follow (2 bytes), and each of them in 29 bytes: level, number of the thing, four sums, minute; last
//! the FNV-1a hash of all before, 32 bits.

use base64::prelude::{BASE64_STANDARD as STANDARD, Engine as _};

use super::{Experience, Level, Local, Tally, Thing};

const FORM: u8 = 1;

/// Why bytes are no experience. There is nothing to repair: the caller starts anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadExperience {
    /// Not what was written.
    #[error("the stored experience is damaged at byte {0}; it starts anew")]
    Damaged(usize),
    /// Written by another version.
    #[error("the stored experience has form {0}, this program reads form 1; it starts anew")]
    Form(u8),
}

impl Experience {
    /// The bytes from which [`decode`](Self::decode) reads it back: at most some 60 KB.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![FORM];
        let mut tallies = self.tallies.iter().peekable();
        while let Some(((local, _), _)) = tallies.peek() {
            let local = *local;
            let mut of_local = Vec::new();
            let mut count = 0_u16;
            while let Some(((_, thing), tally)) = tallies.next_if(|((of, _), _)| *of == local) {
                write(&mut of_local, *thing, tally);
                count += 1;
            }
            bytes.extend(local.0.to_le_bytes());
            bytes.extend(count.to_le_bytes());
            bytes.append(&mut of_local);
        }
        bytes.extend(checksum(&bytes).to_le_bytes());
        bytes
    }

    /// The same as text, for a store that keeps no bytes: Base64.
    pub fn to_text(&self) -> String {
        STANDARD.encode(self.encode())
    }

    /// Reads what [`to_text`](Self::to_text) wrote, with the usual half-life. It is read as a whole or refused.
    pub fn from_text(text: &str) -> Result<Self, BadExperience> {
        let bytes = STANDARD.decode(text).map_err(|_| BadExperience::Damaged(0))?;
        Self::decode(&bytes, Self::HALF_LIFE)
    }

    /// Reads what [`encode`](Self::encode) wrote; `half_life` is as in [`new`](Self::new). It is read as a
    /// whole or refused.
    pub fn decode(bytes: &[u8], half_life: f64) -> Result<Self, BadExperience> {
        let end = bytes.len();
        let (body, sum) = bytes.split_last_chunk().ok_or(BadExperience::Damaged(end))?;
        let (form, rest) = body.split_first().ok_or(BadExperience::Damaged(0))?;
        if *form != FORM {
            return Err(BadExperience::Form(*form));
        }
        if checksum(body) != u32::from_le_bytes(*sum) {
            return Err(BadExperience::Damaged(body.len()));
        }
        let mut read = Reader { rest, end: body.len() };
        let mut experience = Self::new(half_life);
        while !read.rest.is_empty() {
            let local = Local(u64::from_le_bytes(read.take()?));
            for _ in 0..u16::from_le_bytes(read.take()?) {
                let (thing, tally) = read.tally()?;
                experience.tallies.insert((local, thing), tally);
            }
        }
        if experience.len() > Self::MOST {
            experience.forget_oldest();
        }
        Ok(experience)
    }
}

fn write(bytes: &mut Vec<u8>, thing: Thing, tally: &Tally) {
    bytes.push(thing.0 as u8);
    bytes.extend(thing.1.to_le_bytes());
    for sum in [tally.worked, tally.failed, tally.ln_ms, tally.timed] {
        bytes.extend(sum.to_le_bytes());
    }
    bytes.extend(tally.at.to_le_bytes());
}

/// FNV-1a, 32 bits.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

struct Reader<'a> {
    rest: &'a [u8],
    end: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], BadExperience> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(self.damaged())?;
        self.rest = rest;
        Ok(*taken)
    }

    const fn damaged(&self) -> BadExperience {
        BadExperience::Damaged(self.end - self.rest.len())
    }

    fn tally(&mut self) -> Result<(Thing, Tally), BadExperience> {
        let damaged = self.damaged();
        let [level] = self.take()?;
        let level = Level::ALL.into_iter().find(|known| *known as u8 == level).ok_or(damaged)?;
        let thing = Thing(level, u64::from_le_bytes(self.take()?));
        let [worked, failed, ln_ms, timed] = [self.sum()?, self.sum()?, self.sum()?, self.sum()?];
        Ok((thing, Tally { worked, failed, ln_ms, timed, at: u32::from_le_bytes(self.take()?) }))
    }

    fn sum(&mut self) -> Result<f32, BadExperience> {
        let damaged = self.damaged();
        let sum = f32::from_le_bytes(self.take()?);
        Some(sum).filter(|sum| (0.0..=Tally::MOST).contains(sum)).ok_or(damaged)
    }
}
