//! The rows of a long list that are in view, and the scroll position that brings one into view.

use std::ops::Range;

/// The rows to draw: those in view and `overscan` more on each side, so that a frame of scrolling
/// shows no blanks. All lengths are in CSS pixels.
///
/// ```
/// use configstream_ui::view::window::rows_in_view;
/// assert_eq!(rows_in_view(500.0, 300.0, 50.0, 2, 100_000), 8..18);
/// ```
pub fn rows_in_view(top: f64, height: f64, row: f64, overscan: usize, len: usize) -> Range<usize> {
    let top = top.max(0.0);
    let first = (top / row).floor() as usize;
    let last = ((top + height) / row).ceil() as usize;
    first.saturating_sub(overscan).min(len)..(last + overscan).min(len)
}

/// The scroll position, nearest to `top`, at which the row `index` is wholly in view.
pub fn reveal(top: f64, height: f64, row: f64, index: usize) -> f64 {
    let start = index as f64 * row;
    let least = start + row - height;
    if start < top || height < row { start } else { top.max(least) }
}

/// Where a key moves the active row to; `None` when the key moves nothing. `page` is the number of
/// rows in view.
pub fn step(key: &str, active: usize, page: usize, len: usize) -> Option<usize> {
    let last = len.checked_sub(1)?;
    let page = page.max(1);
    let next = match key {
        "ArrowDown" => active.saturating_add(1),
        "ArrowUp" => active.saturating_sub(1),
        "PageDown" => active.saturating_add(page),
        "PageUp" => active.saturating_sub(page),
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    Some(next.min(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_top_nothing_stands_before_the_first_row() {
        assert_eq!(rows_in_view(0.0, 300.0, 50.0, 5, 1_000), 0..11);
        assert_eq!(rows_in_view(-40.0, 300.0, 50.0, 5, 1_000), 0..11);
    }

    #[test]
    fn at_the_end_nothing_stands_after_the_last_row() {
        assert_eq!(rows_in_view(49_700.0, 300.0, 50.0, 5, 1_000), 989..1_000);
    }

    #[test]
    fn a_list_that_shrank_under_the_scroll_position_gives_an_empty_range_not_a_panic() {
        assert_eq!(rows_in_view(49_700.0, 300.0, 50.0, 5, 3), 3..3);
        assert!(rows_in_view(0.0, 300.0, 50.0, 5, 0).is_empty());
    }

    #[test]
    fn a_hundred_thousand_rows_draw_no_more_than_a_screen_and_its_margins() {
        for top in [0.0, 1.0, 49.9, 2_500_000.0, 5_200_000.0] {
            assert!(rows_in_view(top, 600.0, 52.0, 6, 100_000).len() <= 26, "{top}");
        }
    }

    #[test]
    fn a_row_in_view_does_not_move_the_list() {
        assert_eq!(reveal(100.0, 300.0, 50.0, 3).to_bits(), 100_f64.to_bits());
    }

    #[test]
    fn a_row_outside_comes_in_by_the_shortest_way() {
        assert_eq!(reveal(100.0, 300.0, 50.0, 1).to_bits(), 50_f64.to_bits());
        assert_eq!(reveal(100.0, 300.0, 50.0, 9).to_bits(), 200_f64.to_bits());
    }

    #[test]
    fn keys_stop_at_both_ends() {
        assert_eq!(step("ArrowUp", 0, 6, 10), Some(0));
        assert_eq!(step("ArrowDown", 9, 6, 10), Some(9));
        assert_eq!(step("PageDown", 5, 6, 10), Some(9));
        assert_eq!(step("End", 0, 6, 10), Some(9));
        assert_eq!(step("End", 0, 6, 0), None);
        assert_eq!(step("x", 0, 6, 10), None);
    }
}
