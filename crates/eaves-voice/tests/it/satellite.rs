//! The ecosystem's reference satellite, as a process, over a socket.

use crate::peers;
use eaves_voice::satellite::link::{LinkRules, run};
use eaves_voice::satellite::{Fault, Mode, Order, Output, SessionRules};
use eaves_voice::sound::Sound;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// The satellite, which hears `microphone.py` and plays to its standard output.
fn satellite(port: u16) -> Child {
    let python = peers::python("satellite");
    let microphone = format!("{} {}", python.display(), peers::path("microphone.py").display());
    Command::new(&python)
        .args(["-m", "wyoming_satellite", "--no-zeroconf", "--name", "kitchen", "--snd-command", "cat"])
        .args(["--uri", &format!("tcp://127.0.0.1:{port}"), "--mic-command", &microphone])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts")
}

struct Hub {
    orders: mpsc::Sender<Order>,
    outputs: mpsc::Receiver<Output>,
    mode: watch::Receiver<Mode>,
    link: tokio::task::JoinHandle<()>,
}

impl Hub {
    fn start(port: u16, name: &str) -> Self {
        let session = SessionRules { name: Some(name.into()), ..SessionRules::default() };
        let (orders, taken) = mpsc::channel(8);
        let (given, outputs) = mpsc::channel(64);
        let (told, mode) = watch::channel(Mode::Away);
        let link = tokio::spawn(run(LinkRules { host: "127.0.0.1".into(), port, session }, taken, given, told));
        Self { orders, outputs, mode, link }
    }

    /// Waits for an output; others are dropped.
    async fn until(&mut self, what: &str, is_it: impl Fn(&Output) -> bool) -> Output {
        let waiting = async {
            loop {
                let output = self.outputs.recv().await.expect("the link goes on");
                if is_it(&output) {
                    return output;
                }
            }
        };
        timeout(Duration::from_secs(30), waiting).await.unwrap_or_else(|_| panic!("waited for {what}"))
    }

    async fn order(&self, order: Order) {
        self.orders.send(order).await.expect("the link goes on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_satellite_hears_a_question_and_plays_the_answer() {
    let port = free_port();
    // The link tries again until it is there.
    let mut hub = Hub::start(port, "kitchen");
    let mut satellite = satellite(port);
    let mut speaker = satellite.stdout.take().expect("a pipe");
    hub.until("its name", |output| *output == Output::Identified("kitchen".into())).await;
    hub.until("its sound", |output| matches!(output, Output::Ambient(_))).await;
    hub.order(Order::Woken).await;
    let said = hub.until("an utterance", |output| matches!(output, Output::Utterance(_))).await;
    let Output::Utterance(said) = said else { unreachable!("as asked") };
    assert!((Duration::from_secs(1)..Duration::from_secs(5)).contains(&said.length()), "{said:?}");
    let answer = Sound::new((0..22_050).map(|n| (n % 100 * 100) as i16).collect(), 22_050);
    hub.order(Order::Say { answer: answer.clone(), asks: false }).await;
    let mut heard = vec![0; answer.samples().len() * 2];
    timeout(Duration::from_secs(15), speaker.read_exact(&mut heard)).await.expect("in time").expect("all of it");
    let sent: Vec<u8> = answer.samples().iter().flat_map(|sample| sample.to_le_bytes()).collect();
    assert_eq!(heard, sent);
    hub.until("the end of it", |output| *output == Output::Played).await;
    hub.order(Order::Mute(true)).await;
    timeout(Duration::from_secs(5), hub.mode.wait_for(|mode| *mode == Mode::Muted))
        .await
        .expect("in time")
        .expect("muted");
    // This release knows no `pause-satellite` and goes on sending: the hub does not hear it, and says so.
    hub.until("a fault", |output| *output == Output::Fault(Fault::AudioWhileMuted)).await;
    drop(hub.orders);
    timeout(Duration::from_secs(5), hub.link).await.expect("in time").expect("the link ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_satellite_at_the_address_gets_nothing() {
    let port = free_port();
    let _satellite = satellite(port);
    let mut hub = Hub::start(port, "bedroom");
    hub.until("a fault", |output| *output == Output::Fault(Fault::Stranger)).await;
    assert_eq!(*hub.mode.borrow(), Mode::Away);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_satellite_is_found_out() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let mut hub = Hub::start(port, "kitchen");
    let (mut stream, _) = listener.accept().await.expect("the link connects");
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n").await.expect("sent");
    hub.until("a fault", |output| *output == Output::Fault(Fault::Garbage)).await;
}
