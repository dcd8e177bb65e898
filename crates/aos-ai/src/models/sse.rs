//! Server-sent events (WHATWG HTML, section 9.2), as far as providers use them: the data of each event.

/// An event longer than this is none of a model's.
const EVENT_BYTES_MAX: usize = 1 << 20;

/// Takes bytes as they come and gives the events that are whole.
#[derive(Default)]
pub(super) struct Events {
    line: Vec<u8>,
    event: String,
    has_data: bool,
}

/// An event has no end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endless;

impl Events {
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<String>, Endless> {
        let mut events = Vec::new();
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            events.extend(self.end_line());
            self.check()?;
        }
        self.line.extend_from_slice(rest);
        self.check()?;
        Ok(events)
    }

    /// Gives what is left at the end of the stream; some servers leave out the last empty line.
    pub fn finish(mut self) -> Option<String> {
        let ended = self.end_line();
        ended.or_else(|| self.has_data.then_some(self.event))
    }

    fn end_line(&mut self) -> Option<String> {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let line = text.strip_suffix('\r').unwrap_or(&text);
        if line.is_empty() {
            let whole = std::mem::take(&mut self.event);
            return std::mem::take(&mut self.has_data).then_some(whole);
        }
        if let Some(data) = line.strip_prefix("data:") {
            if self.has_data {
                self.event.push('\n');
            }
            self.event.push_str(data.strip_prefix(' ').unwrap_or(data));
            self.has_data = true;
        }
        None
    }

    fn check(&self) -> Result<(), Endless> {
        if self.line.len() + self.event.len() > EVENT_BYTES_MAX { Err(Endless) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_whole_however_they_are_cut_and_comments_are_left_out() {
        let stream = ": hello\r\nevent: x\r\ndata: {\"a\":\r\ndata: \"ü\"}\r\n\r\ndata:two\n\ndata: three";
        for size in 1..stream.len() {
            let mut events = Events::default();
            let mut seen = Vec::new();
            for piece in stream.as_bytes().chunks(size) {
                seen.extend(events.take(piece).unwrap());
            }
            seen.extend(events.finish());
            assert_eq!(seen, ["{\"a\":\n\"ü\"}", "two", "three"], "in pieces of {size}");
        }
    }

    #[test]
    fn an_event_without_end_is_not_collected() {
        let mut events = Events::default();
        let ended = (0..100_000).find_map(|_| events.take(&[b'x'; 1024]).err());
        assert_eq!(ended, Some(Endless));
    }
}
