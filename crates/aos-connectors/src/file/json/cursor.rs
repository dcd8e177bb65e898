//! Walks through a JSON file with bounded memory: step into members, take or skip whole values.

use super::scan::Scanner;
use crate::file::input::{Fill, Window};
use std::io;

/// How long a member's name may be.
const NAME_MAX: usize = 4 * 1024;

pub(super) struct Cursor {
    pub(super) window: Window,
}

/// A whole value in the window, not yet consumed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Value {
        length: usize,
        depth: usize,
    },
    /// Longer than the window may hold; nothing was consumed.
    TooLong,
    /// The input ended inside the value.
    Cut,
}

impl Cursor {
    /// Returns the next byte that is no white space, without consuming it.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let blank = self.window.bytes().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.window.consume(blank);
            if let Some(byte) = self.window.bytes().first() {
                return Ok(Some(*byte));
            }
            if self.window.fill()? == Fill::End {
                return Ok(None);
            }
        }
    }

    /// Consumes the next byte when it is the expected one.
    pub(super) fn accept(&mut self, byte: u8) -> io::Result<bool> {
        let found = self.peek()? == Some(byte);
        if found {
            self.window.consume(1);
        }
        Ok(found)
    }

    /// Brings the value that begins here into the window.
    pub(super) fn take(&mut self) -> io::Result<Taken> {
        let mut scanner = Scanner::default();
        let mut seen = 0;
        loop {
            if let Some(end) = scanner.feed(&self.window.bytes()[seen..]) {
                return Ok(Taken::Value { length: seen + end, depth: scanner.deepest() });
            }
            seen = self.window.bytes().len();
            match self.window.fill()? {
                Fill::More => {}
                Fill::Full => return Ok(Taken::TooLong),
                Fill::End if scanner.may_end_here() => return Ok(Taken::Value { length: seen, depth: 0 }),
                Fill::End => return Ok(Taken::Cut),
            }
        }
    }

    /// Passes over the value that begins here, whatever its size. False when the input ended first.
    pub(super) fn skip(&mut self) -> io::Result<bool> {
        let mut scanner = Scanner::default();
        loop {
            let piece = self.window.bytes();
            if let Some(end) = scanner.feed(piece) {
                self.window.consume(end);
                return Ok(true);
            }
            let length = piece.len();
            self.window.consume(length);
            if self.window.fill()? == Fill::End {
                return Ok(scanner.may_end_here());
            }
        }
    }

    /// Moves to the next member of an object that was entered, and returns its name; `None` at the object's end or when
    /// what stands here is no member.
    pub(super) fn member(&mut self) -> io::Result<Option<String>> {
        while self.accept(b',')? {}
        if self.peek()? != Some(b'"') {
            return Ok(None);
        }
        let Taken::Value { length, .. } = self.take()? else { return Ok(None) };
        if length > NAME_MAX {
            return Ok(None);
        }
        let name = aos_core::value::Value::parse_json(&String::from_utf8_lossy(&self.window.bytes()[..length]));
        self.window.consume(length);
        let name = name.ok().and_then(|name| name.as_text().map(str::to_owned));
        Ok(if self.accept(b':')? { name } else { None })
    }

    /// Enters the list behind a path of member names. False when there is none.
    pub(super) fn enter_list(&mut self, path: &[String]) -> io::Result<bool> {
        for wanted in path {
            if !self.accept(b'{')? {
                return Ok(false);
            }
            loop {
                match self.member()? {
                    Some(name) if name == *wanted => break,
                    Some(_) => {
                        self.peek()?;
                        if !self.skip()? {
                            return Ok(false);
                        }
                    }
                    None => return Ok(false),
                }
            }
        }
        self.accept(b'[')
    }
}
