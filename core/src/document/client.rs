//! The formats of programs whose files are lines under sections: what is the same in all of them.
//!
//! Specification: <https://manual.nssurge.com/policies/overview.html>

use super::policy::plain_name;
use super::whose::{Program, is_of};
use super::{Format, Reader, Reading, Shape, Writer};
use crate::Proxy;

/// A program whose files are read.
pub(super) trait Client: Sync + 'static {
    const PROGRAM: Program;
    const NAME: &'static str;
    const SPECIFICATION: &'static str;
    const EXAMPLE: &'static str;

    /// Reads the lines of a file.
    fn read_file(text: &str, reading: &mut Reading);
}

/// One whose files are written too, which nothing that only reads carries.
pub(super) trait Written: Client {
    const READER: &'static dyn Reader;

    /// Whether it can use a proxy at all, and if not, why not.
    fn takes(proxy: &Proxy) -> Result<(), &'static str>;

    /// Writes proxies that it can use.
    fn file(proxies: &[Proxy], shape: Shape) -> String;
}

impl<T: Client> Format for T {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn specification(&self) -> &'static str {
        T::SPECIFICATION
    }

    fn example(&self) -> &'static str {
        T::EXAMPLE
    }
}

impl<T: Client> Reader for T {
    fn detect(&self, text: &str) -> bool {
        is_of(T::PROGRAM, text)
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        T::read_file(text, reading);
    }
}

impl<T: Written> Writer for T {
    fn reader(&self) -> &'static dyn Reader {
        T::READER
    }

    fn fits(&self, proxy: &Proxy) -> Result<(), &'static str> {
        T::takes(proxy)
    }

    fn name_of(&self, name: &str) -> String {
        plain_name(name)
    }

    fn has_configuration(&self) -> bool {
        true
    }

    fn write(&self, proxies: &[Proxy], shape: Shape) -> String {
        T::file(proxies, shape)
    }
}
