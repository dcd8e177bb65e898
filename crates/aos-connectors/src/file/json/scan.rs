//! Finds where a JSON value ends, piece by piece and without holding it. Knows nesting and strings, and judges nothing else.

use memchr::memchr2;

/// Follows one value over any number of pieces.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    state: State,
    depth: usize,
    deepest: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    Inside,
    Text,
    Escape,
    /// A number, `true`, `false`, `null`, or something that should not be there.
    Bare,
}

impl Scanner {
    /// Returns how many bytes of the piece belong to the value when it ends within the piece. The first piece begins with the value.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < piece.len() {
            match self.state {
                State::Text => match memchr2(b'"', b'\\', &piece[at..]) {
                    None => return None,
                    Some(found) => {
                        at += found + 1;
                        self.state = if piece[at - 1] == b'\\' { State::Escape } else { State::Inside };
                        if self.state == State::Inside && self.depth == 0 {
                            return Some(at);
                        }
                    }
                },
                State::Escape => {
                    at += 1;
                    self.state = State::Text;
                }
                State::Bare => match piece[at..].iter().position(|byte| b",]}\n\r\t ".contains(byte)) {
                    Some(end) => return Some(at + end),
                    None => return None,
                },
                // What begins no value is taken alone, so that reading always goes on behind it.
                State::Start if b",]}".contains(&piece[at]) => return Some(1),
                State::Start if !b"{[\"".contains(&piece[at]) => self.state = State::Bare,
                State::Start | State::Inside => {
                    let is_telling = |byte: &u8| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']');
                    let found = piece[at..].iter().position(is_telling)?;
                    at += found + 1;
                    self.state = State::Inside;
                    match piece[at - 1] {
                        b'"' => self.state = State::Text,
                        b'{' | b'[' => {
                            self.depth += 1;
                            self.deepest = self.deepest.max(self.depth);
                        }
                        _ => {
                            self.depth -= 1;
                            if self.depth == 0 {
                                return Some(at);
                            }
                        }
                    }
                }
            }
        }
        None
    }

    /// How deep the value was nested, as far as it was followed.
    pub(super) fn deepest(&self) -> usize {
        self.deepest
    }

    /// True when the end of the input ends the value as well: a bare word needs nothing behind it.
    pub(super) fn may_end_here(&self) -> bool {
        self.state == State::Bare
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_its_brackets_do_however_it_is_cut() {
        for (json, length) in
            [(r#"{"a":"}\"]","b":[1,{}]} {"#, 23), ("[1,2],", 5), (r#""x\\","#, 5), ("12.5,", 4), ("null]", 4)]
        {
            for cut in 0..json.len() {
                let mut scanner = Scanner::default();
                let (first, second) = json.as_bytes().split_at(cut);
                let found = scanner.feed(first).or_else(|| scanner.feed(second).map(|end| end + cut));
                assert_eq!(found, Some(length), "{json} cut at {cut}");
            }
        }
    }
}
