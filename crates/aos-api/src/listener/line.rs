//! The bytes of one connection. Whoever does not take what waits for them is cut off, and the connection's place is held for as long as its
//! bytes may flow, also after it became a WebSocket.

use super::{Place, unreadable};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

pub(super) struct Line {
    stream: TcpStream,
    stall_timeout: Duration,
    /// Runs while the peer takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
    instead: Option<Instead>,
    /// Set with every byte that the peer sends.
    heard: Arc<AtomicBool>,
    _place: Place,
}

/// What is being written in place of something else.
struct Instead {
    text: Vec<u8>,
    written: usize,
    stands_for: usize,
}

impl Line {
    pub(super) fn new(stream: TcpStream, stall_timeout: Duration, heard: Arc<AtomicBool>, place: Place) -> Self {
        Self { stream, stall_timeout, stalled: None, instead: None, heard, _place: place }
    }

    /// Goes on with what is written in place of something else, and says in the end that all of that is written.
    fn poll_instead(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        while let Some(instead) = &mut self.instead {
            let tried = Pin::new(&mut self.stream).poll_write(context, &instead.text[instead.written..]);
            let tried = self.patiently(context, tried);
            let written = ready!(tried)?;
            let Some(instead) = &mut self.instead else { break };
            instead.written += written;
            if written == 0 || instead.written == instead.text.len() {
                let stands_for = instead.stands_for;
                self.instead = None;
                return Poll::Ready(Ok(if written == 0 { 0 } else { stands_for }));
            }
        }
        Poll::Ready(Ok(0))
    }

    /// Passes on what came of writing, and gives up when nothing came of it for too long.
    fn patiently<T>(&mut self, context: &mut Context<'_>, tried: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if tried.is_ready() {
            self.stalled = None;
            return tried;
        }
        let limit = self.stall_timeout;
        ready!(self.stalled.get_or_insert_with(|| Box::pin(sleep(limit))).as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer does not take what is sent")))
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        if into.filled().len() > before {
            self.heard.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.instead.is_none() {
            let instead = unreadable::in_place_of(bytes);
            self.instead = instead.map(|text| Instead { text, written: 0, stands_for: bytes.len() });
        }
        if self.instead.is_some() {
            return self.poll_instead(context);
        }
        let tried = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.patiently(context, tried)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut parts = bytes.iter().filter(|part| !part.is_empty());
        if let (Some(only), None) = (parts.next(), parts.next()) {
            return self.poll_write(context, only);
        }
        let tried = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.patiently(context, tried)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let tried = Pin::new(&mut self.stream).poll_flush(context);
        self.patiently(context, tried)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
