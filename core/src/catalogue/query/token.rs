//! Tokens: the words and `"quoted phrases"` of what a person types.

use std::ops::Range;

/// Where in a token a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// At its first letter.
    First,
    /// Where a quote opens: at its start, after a `-` there, after `:` and after `,`.
    Start,
    /// Where quotes are letters.
    Plain,
    /// Within quotes, where blanks and commas are letters.
    Quoted,
    /// After a closing quote; one more quote is a letter, and goes on.
    Closed,
}

impl At {
    /// Where the next letter stands, and whether this one belongs to what is said.
    const fn step(self, letter: char) -> (Self, bool) {
        match (self, letter) {
            (Self::First | Self::Start, '"') => (Self::Quoted, false),
            (Self::Quoted, '"') => (Self::Closed, false),
            (Self::Closed, '"') | (Self::Quoted, _) => (Self::Quoted, true),
            (Self::First, '-') | (_, ':' | ',') => (Self::Start, true),
            _ => (Self::Plain, true),
        }
    }
}

/// The places of the tokens of `text`: blanks part them, but not within quotes. A quote that is not closed
/// goes to the end.
pub(super) fn places(text: &str) -> Vec<Range<usize>> {
    let (mut places, mut start, mut state) = (Vec::new(), None, At::First);
    for (at, letter) in text.char_indices() {
        if letter.is_whitespace() && state != At::Quoted {
            places.extend(start.take().map(|start| start..at));
            state = At::First;
        } else {
            start.get_or_insert(at);
            state = state.step(letter).0;
        }
    }
    places.extend(start.map(|start| start..text.len()));
    places
}

/// The tokens of `text`.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    places(text).into_iter().filter_map(move |place| text.get(place))
}

/// The parts of a list between commas, without their quotes and without empty ones.
pub(super) fn list(text: &str) -> Vec<String> {
    let (mut parts, mut state) = (vec![String::new()], At::Start);
    for letter in text.chars() {
        let (next, is_said) = state.step(letter);
        match parts.last_mut() {
            _ if letter == ',' && state != At::Quoted => parts.push(String::new()),
            Some(part) if is_said => part.push(letter),
            _ => {}
        }
        state = next;
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// What a token says, without its quotes.
pub(super) fn unquoted(token: &str) -> String {
    let mut state = At::Start;
    let said = token.chars().filter(|letter| {
        let (next, is_said) = state.step(*letter);
        state = next;
        is_said
    });
    said.collect()
}

/// A value as a token can hold it.
pub(super) fn quote(value: &str) -> String {
    if value.contains(|letter: char| letter.is_whitespace() || matches!(letter, '"' | ',')) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blanks_part_tokens_but_not_within_quotes() {
        let all = |text| tokens(text).collect::<Vec<_>>();
        assert_eq!(all(" a  b\tc "), ["a", "b", "c"]);
        assert_eq!(all("\"a b\" -\"c d\" x:\"e f\",\"g h\""), ["\"a b\"", "-\"c d\"", "x:\"e f\",\"g h\""]);
        assert_eq!(all("5\" a \"b c"), ["5\"", "a", "\"b c"]);
        assert_eq!(all("\"say \"\"a b\"\" now\" c"), ["\"say \"\"a b\"\" now\"", "c"]);
    }

    #[test]
    fn a_list_parts_at_commas_but_not_within_quotes() {
        assert_eq!(list("a,,\"b,c\",\"d\"\"e\""), ["a", "b,c", "d\"e"]);
        assert_eq!(unquoted("\"a \"\"b\"\"\""), "a \"b\"");
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_one_token_and_reads_back(values in prop::collection::vec(any::<String>(), 1..4)) {
            let kept: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
            let token = format!("x:{}", kept.iter().map(|value| quote(value)).collect::<Vec<_>>().join(","));
            prop_assert_eq!(tokens(&token).collect::<Vec<_>>(), [token.as_str()]);
            prop_assert_eq!(list(&token[2..]), kept);
        }
    }
}
