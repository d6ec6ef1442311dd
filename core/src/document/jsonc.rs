//! JSON as people write it: with comments, with commas before a closing bracket, cut off in the
//! middle. The entries of a list are found first and read one by one, so that each has its place and a
//! bad one costs no other.
//!
//! Specification: <https://www.rfc-editor.org/rfc/rfc8259>
//!
//! Depth costs a byte a level here, and what is nested deeper than 128 levels does not read.

use std::borrow::Cow;

use serde_json::Value;

use crate::link::Reason;

/// `text` with comments (`//`, `#`, `/* */`) and commas before a closing bracket made blanks, byte by
/// byte: places stay what they were.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(['/', '#', ',']) {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    let (mut at, mut comma) = (0, None);
    while let Some(byte) = bytes.get(at).copied() {
        let comment = comment_end(&bytes, at);
        let end = if byte == b'"' { string_end(&bytes, at) } else { comment.unwrap_or(at + 1) };
        if comment.is_some() {
            blank(&mut bytes, at, end);
        } else if matches!(byte, b']' | b'}')
            && let Some(comma) = comma
        {
            blank(&mut bytes, comma, comma + 1);
        }
        if comment.is_none() && !byte.is_ascii_whitespace() {
            comma = (byte == b',').then_some(at);
        }
        at = end;
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Makes bytes blanks, but for ends of lines.
fn blank(bytes: &mut [u8], from: usize, to: usize) {
    let part = bytes.get_mut(from..to).unwrap_or_default();
    part.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
}

/// Where the comment that starts here ends, if one does.
fn comment_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    if rest.starts_with(b"/*") {
        let end = rest.windows(2).skip(2).position(|pair| pair == b"*/").map(|end| end + 4);
        return Some(at + end.unwrap_or(rest.len()));
    }
    let line = rest.starts_with(b"//") || rest.starts_with(b"#");
    line.then(|| at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()))
}

/// The byte after the string that starts here.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut escaped = false;
    let rest = bytes.iter().enumerate().skip(at + 1);
    for (index, byte) in rest {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    bytes.len()
}

/// The entries of the lists that stand under one of these names, and the bytes at which they start; the
/// name `""` is that of a list that is the whole text. Of lists in lists only the outer one counts. The
/// text is [`plain`].
pub(super) fn entries<'a>(text: &'a str, names: &[&str]) -> Vec<(usize, &'a str)> {
    let bytes = text.as_bytes();
    let (mut entries, mut open, mut name) = (Vec::new(), Vec::new(), "");
    let (mut list, mut start, mut at) = (None, 0, 0);
    while let Some(byte) = bytes.get(at).copied() {
        let mut end = at + 1;
        let closes = list.is_some_and(|depth| depth == open.len());
        if closes && matches!(byte, b',' | b']') {
            entries.push((start, at));
            start = end;
        }
        match byte {
            b'"' => {
                end = string_end(bytes, at);
                name = text.get(at + 1..end - 1).unwrap_or_default();
            }
            b'{' | b'[' => {
                let wanted =
                    names.iter().any(|known| if known.is_empty() { open.is_empty() } else { *known == name });
                open.push(byte);
                if byte == b'[' && list.is_none() && wanted {
                    (list, start) = (Some(open.len()), end);
                }
                name = "";
            }
            b'}' | b']' => {
                open.pop();
                list = list.filter(|_| !(closes && byte == b']'));
                name = "";
            }
            b',' => name = "",
            _ => {}
        }
        at = end;
    }
    if list.is_some() {
        entries.push((start, bytes.len()));
    }
    entries.into_iter().filter_map(|(from, to)| entry(text, from, to)).collect()
}

/// The objects and lists that stand one after the other in a text, and the bytes at which they start; the
/// last one may be cut off. The text is [`plain`].
pub(super) fn values(text: &str) -> Vec<(usize, &str)> {
    let bytes = text.as_bytes();
    let (mut values, mut depth, mut start, mut at) = (Vec::new(), 0_usize, 0, 0);
    while let Some(byte) = bytes.get(at) {
        let end = if *byte == b'"' { string_end(bytes, at) } else { at + 1 };
        match byte {
            b'{' | b'[' => {
                start = if depth == 0 { at } else { start };
                depth += 1;
            }
            b'}' | b']' => {
                values.extend((depth == 1).then_some((start, end)));
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        at = end;
    }
    values.extend((depth > 0).then_some((start, bytes.len())));
    values.into_iter().filter_map(|(from, to)| entry(text, from, to)).collect()
}

/// An entry without the blanks around it; none where there is nothing else.
fn entry(text: &str, from: usize, to: usize) -> Option<(usize, &str)> {
    let raw = text.get(from..to)?;
    let entry = raw.trim();
    (!entry.is_empty()).then(|| (from + raw.len() - raw.trim_start().len(), entry))
}

/// Reads one value.
pub(super) fn value(text: &str) -> Result<Value, Reason> {
    serde_json::from_str(text).map_err(|error| {
        if error.is_eof() {
            Reason::Malformed("the JSON is cut off in the middle")
        } else {
            Reason::Malformed(
                "no JSON: a quote, comma or bracket is missing or too many, or it is nested too deep",
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_last_commas_are_blanks_but_not_in_texts() {
        let text = "// a\n{\"a\": \"//b,]\", # c\n \"d\": [1, 2, /* , */ ], }";
        let plain = plain(text);
        assert_eq!(plain.len(), text.len());
        assert_eq!(value(&plain).unwrap(), serde_json::json!({"a": "//b,]", "d": [1, 2]}));
    }

    #[test]
    fn the_entries_of_a_named_list_have_their_places_and_what_is_cut_off_is_one_too() {
        let text = r#"{"x": ["no"], "outbounds": [ {"a": ["b", {"outbounds": [1]}]}, {"c": 2}, {"d""#;
        let found = entries(text, &["outbounds"]);
        let texts: Vec<_> = found.iter().map(|(_, entry)| *entry).collect();
        assert_eq!(texts, [r#"{"a": ["b", {"outbounds": [1]}]}"#, r#"{"c": 2}"#, r#"{"d""#]);
        assert!(found.iter().all(|(at, entry)| text[*at..].starts_with(entry)));
    }

    #[test]
    fn a_list_may_be_the_whole_text_and_names_count_only_where_they_are_one() {
        assert_eq!(entries("[1, [2], \"outbounds\"]", &[""]).len(), 3);
        assert_eq!(entries("{\"a\": \"outbounds\", \"b\": [1]}", &["outbounds"]), []);
        assert_eq!(entries("[{\"outbounds\": [1, 2]}, {\"outbounds\": [3]}]", &["outbounds"]).len(), 3);
    }

    #[test]
    fn values_that_stand_one_after_the_other_are_told_apart() {
        let found = values("{\"a\": \"}\"} junk [{}, 1]\n{\"b\": [");
        assert_eq!(found, [(0, "{\"a\": \"}\"}"), (16, "[{}, 1]"), (24, "{\"b\": [")]);
        assert_eq!(values("]} text"), []);
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = "[".repeat(100_000);
        assert_eq!(entries(&deep, &[""]).len(), 1);
        assert!(value(&deep).is_err());
    }
}
