//! Counting tests from what test programs print.

use std::fmt;

/// How many passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Tests that passed.
    pub(crate) passed: usize,
    /// Tests that failed.
    pub(crate) failed: usize,
}

impl Count {
    /// One failure: a test program that does not build or does not end as it should.
    pub(crate) const ONE_FAILED: Self = Self { passed: 0, failed: 1 };

    /// The count in a line of output: `test result: ok. 3 passed; 0 failed; …` as Rust's own tests end,
    /// or `3 passed, 0 failed` as ours in browsers end.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let line = line.trim();
        let counts = match line.strip_prefix("test result: ") {
            Some(rest) => rest.split_once(". ")?.1,
            None => line,
        };
        let mut parts = counts.split([';', ',']).map(str::trim);
        let passed = parts.next()?.strip_suffix(" passed")?.parse().ok()?;
        let failed = parts.next()?.strip_suffix(" failed")?.parse().ok()?;
        Some(Self { passed, failed })
    }
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_rust_s_own_tests_is_counted() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(Count::read(line), Some(Count { passed: 12, failed: 2 }));
    }

    #[test]
    fn the_summary_of_the_browser_tests_is_counted() {
        assert_eq!(Count::read("34 passed, 0 failed"), Some(Count { passed: 34, failed: 0 }));
    }

    #[test]
    fn a_summary_reads_back_as_it_is_printed() {
        let count = Count { passed: 3, failed: 4 };
        assert_eq!(Count::read(&count.to_string()), Some(count));
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in ["", "test a ... ok", "running 3 tests", "3 passed", "test result: "] {
            assert_eq!(Count::read(line), None, "{line}");
        }
    }
}
