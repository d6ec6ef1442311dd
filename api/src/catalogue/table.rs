//! Tables as text for people.

use configstream_core::catalogue::Row;

/// Where the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// A column: its title, and where its cells stand.
pub(super) type Column = (&'static str, Side);

/// Rows under titles, each column as wide as it must be, two blanks between.
pub(super) fn table<const N: usize>(columns: [Column; N], rows: &[[String; N]]) -> String {
    let titles = columns.map(|(title, _)| title.to_owned());
    let lines = || std::iter::once(&titles).chain(rows);
    let mut widths = [0; N];
    for cells in lines() {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |cells: &[String; N]| {
        let cells = cells.iter().zip(columns).zip(widths).map(|((cell, (_, side)), width)| match side {
            Side::Left => format!("{cell:<width$}"),
            Side::Right => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    lines().map(line).collect()
}

/// A text of others as a terminal may show it: what would move its cursor or turn its direction is gone.
pub(super) fn harmless(text: &str) -> String {
    let is_harmless = |letter: &char| {
        !letter.is_control()
            && !matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(is_harmless).collect()
}

/// Where a row is: `host:port`, IPv6 in brackets.
pub(super) fn endpoint(row: &Row<'_>) -> String {
    let host = harmless(row.host());
    if host.contains(':') { format!("[{host}]:{}", row.port()) } else { format!("{host}:{}", row.port()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_must_be_and_lines_have_no_end_of_blanks() {
        let rows = [["1".to_owned(), "ä".to_owned()], ["100".to_owned(), String::new()]];
        let table = table([("n", Side::Right), ("name", Side::Left)], &rows);
        assert_eq!(table, "  n  name\n  1  ä\n100\n");
    }

    #[test]
    fn no_text_of_others_moves_the_cursor_or_turns_the_direction() {
        assert_eq!(harmless("a\u{1b}[2Jb\nc\u{202e}d\u{200f}🇩🇪"), "a[2Jbcd🇩🇪");
    }
}
