//! The edge: a satellite's socket. It has no decisions of its own beyond when to try again.

use super::session::{Input, Mode, Order, Output, Session, SessionRules};
use crate::wyoming::{Decoder, Event};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How long a satellite may take to accept what it is sent before it counts as gone.
const SEND_MAX: Duration = Duration::from_secs(5);
const WAIT_MIN: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(60);
/// A connection that held so long was a good one: the next attempt comes soon.
const GOOD_AFTER: Duration = Duration::from_secs(30);
const READ_AT_ONCE: usize = 16 * 1024;

/// Where a satellite listens, and what is fixed for it.
#[derive(Clone, Debug)]
pub struct LinkRules {
    /// Its address, as a name or number.
    pub host: String,
    /// Its port, 10700 by custom.
    pub port: u16,
    /// What is fixed for it.
    pub session: SessionRules,
}

/// Keeps a satellite connected until `orders` is closed: connects, tries again with pauses that grow to a minute, and
/// gives everything but what goes over the wire to `outputs`. When nobody takes that, the satellite waits. At the end it
/// is told to pause, so that it does not wait for a hub that is gone.
pub async fn run(
    rules: LinkRules,
    mut orders: mpsc::Receiver<Order>,
    outputs: mpsc::Sender<Output>,
    mode: watch::Sender<Mode>,
) {
    let mut link =
        Link { session: Session::new(rules.session.clone()), began: Instant::now(), outputs, mode, is_wanted: true };
    let mut wait = WAIT_MIN;
    while link.is_wanted {
        let stream = timeout(CONNECT_MAX, TcpStream::connect((rules.host.as_str(), rules.port))).await;
        let connected = Instant::now();
        if let Ok(Ok(stream)) = stream {
            // Small pieces are sent as they come.
            let _ = stream.set_nodelay(true);
            link.converse(stream, &mut orders).await;
            let _ = link.take(Input::Disconnected, None).await;
        }
        wait = if connected.elapsed() > GOOD_AFTER { WAIT_MIN } else { wait };
        let again = Instant::now() + wait;
        while link.is_wanted && Instant::now() < again {
            tokio::select! {
                () = sleep_until(again) => {}
                order = orders.recv() => match order {
                    // What is wanted of a satellite that is away is remembered by the session, or means nothing.
                    Some(order) => drop(link.take(Input::Order(order), None).await),
                    None => link.is_wanted = false,
                },
            }
        }
        wait = (wait * 2).min(WAIT_MAX);
    }
}

struct Link {
    session: Session,
    began: Instant,
    outputs: mpsc::Sender<Output>,
    mode: watch::Sender<Mode>,
    is_wanted: bool,
}

/// The connection cannot go on.
struct Over;

impl Link {
    async fn converse(&mut self, mut stream: TcpStream, orders: &mut mpsc::Receiver<Order>) {
        let mut decoder = Decoder::new();
        let mut piece = zeroize::Zeroizing::new(vec![0; READ_AT_ONCE]);
        if self.take(Input::Connected, Some(&mut stream)).await.is_err() {
            return;
        }
        loop {
            let due = self.session.due().unwrap_or_else(|| self.began.elapsed() + WAIT_MAX);
            let taken = tokio::select! {
                read = stream.read(&mut piece) => match read {
                    Ok(count) if count > 0 => self.read(&mut decoder, &piece[..count], &mut stream).await,
                    _ => Err(Over),
                },
                order = orders.recv() => match order {
                    Some(order) => self.take(Input::Order(order), Some(&mut stream)).await,
                    None => {
                        self.is_wanted = false;
                        let _ = self.send(&Event::PauseSatellite, &mut stream).await;
                        let _ = stream.shutdown().await;
                        Err(Over)
                    }
                },
                () = sleep_until(self.began + due) => self.take(Input::Tick, Some(&mut stream)).await,
            };
            if taken.is_err() {
                return;
            }
        }
    }

    async fn read(&mut self, decoder: &mut Decoder, mut bytes: &[u8], stream: &mut TcpStream) -> Result<(), Over> {
        loop {
            let input = match decoder.read(&mut bytes) {
                Ok(None) => return Ok(()),
                Ok(Some(frame)) => Event::from_frame(frame).map_or(Input::Malformed, Input::Received),
                Err(_) => Input::Garbage,
            };
            self.take(input, Some(stream)).await?;
        }
    }

    /// Has the session take an input, and does what follows from it.
    async fn take(&mut self, input: Input, mut stream: Option<&mut TcpStream>) -> Result<(), Over> {
        let outputs = self.session.handle(input, self.began.elapsed());
        let mode = self.session.mode();
        self.mode.send_if_modified(|known| std::mem::replace(known, mode) != mode);
        let mut result = Ok(());
        for output in outputs {
            match (output, &mut stream) {
                (Output::Send(event), Some(stream)) if result.is_ok() => result = self.send(&event, stream).await,
                (Output::Send(_), _) => {}
                (Output::Close, _) => result = Err(Over),
                (output, _) => {
                    if self.outputs.send(output).await.is_err() {
                        self.is_wanted = false;
                        result = Err(Over);
                    }
                }
            }
        }
        result
    }

    async fn send(&self, event: &Event, stream: &mut TcpStream) -> Result<(), Over> {
        // What we write ourselves is neither malformed nor too long.
        let frame = event.to_frame().map_err(|_| Over)?;
        let bytes = frame.to_bytes().map_err(|_| Over)?;
        match timeout(SEND_MAX, stream.write_all(bytes.as_slice())).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Over),
        }
    }
}
