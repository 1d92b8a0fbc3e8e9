//! Sockets and streams over real connections: the hub's channel, live pictures, events.

use crate::home::{Home, random};
use crate::world::World;
use axum::http::{HeaderValue, Method};
use eaves_api::app::{CommandOutcome, CommandState, RosterChain, Sessions, Views};
use eaves_api::channel::{DeviceState, DeviceStatus, FromHub, FromViewer, ToHub, ToViewer};
use eaves_domain::command::Action;
use eaves_domain::envelope::Envelope;
use eaves_domain::live::{FrameHeader, LiveKeyId, Watch};
use eaves_domain::{CommandId, DeviceId};
use futures::{SinkExt as _, StreamExt as _};
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

type Socket = WebSocketStream<TcpStream>;

async fn open(at: SocketAddr, path: &str, headers: &[(&'static str, String)]) -> Result<Socket, Error> {
    let mut request = format!("ws://{at}{path}").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
    }
    let stream = TcpStream::connect(at).await.unwrap();
    client_async(request, stream).await.map(|(socket, _)| socket)
}

async fn channel(at: SocketAddr, home: &Home) -> Socket {
    open(at, "/hub/v1/channel", &[("authorization", format!("Bearer {}", home.token))]).await.unwrap()
}

async fn viewer(at: SocketAddr, world: &World, home: &Home) -> Socket {
    let mut socket = silent_viewer(at, home).await;
    wish(&mut socket, world, home, home.device).await;
    socket
}

/// One that has not said that it watches.
async fn silent_viewer(at: SocketAddr, home: &Home) -> Socket {
    let headers = [("cookie", home.cookie.clone()), ("origin", format!("http://{at}"))];
    open(at, &format!("/api/v1/live/{}", home.device), &headers).await.unwrap()
}

/// Says so, signed.
async fn wish(socket: &mut Socket, world: &World, home: &Home, device: DeviceId) {
    let (household, member) = (home.household, home.member);
    let watch = Watch { household, watch: CommandId(random()), issued_us: world.now(), member, device };
    let message = FromViewer::Watch { watch: Envelope::sign(&watch, &home.signing) };
    socket.send(Message::text(serde_json::to_string(&message).unwrap())).await.unwrap();
}

/// The next message that is not a ping.
async fn next(socket: &mut Socket) -> Option<Message> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(message)) => return Some(message),
            _ => return None,
        }
    }
}

async fn told(socket: &mut Socket) -> ToHub {
    match next(socket).await {
        Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn tell(socket: &mut Socket, message: &FromHub) {
    socket.send(Message::text(serde_json::to_string(message).unwrap())).await.unwrap();
}

fn frame(home: &Home, counter: u64, is_init: bool, is_keyframe: bool) -> Vec<u8> {
    let header =
        FrameHeader { device: home.device, key: LiveKeyId([1; 8]), counter, is_init, is_keyframe, is_audio: false };
    [header.to_bytes().as_slice(), b"sealed"].concat()
}

fn key(home: &Home) -> FromHub {
    let key = Envelope { payload_type: "key".to_owned(), payload: vec![1].into(), signatures: vec![] };
    FromHub::LiveKey { device: home.device, key }
}

#[tokio::test]
async fn a_claim_is_carried_to_the_hub_until_it_has_taken_it() {
    let world = World::new().await;
    let at = world.serve().await;
    let mut home = Home::new(&world);
    home.pair(&world).await.ok();
    home.connect_hub(&world).await;
    let mut hub = channel(at, &home).await;
    home.claim(&world).await.ok();
    let ToHub::Claimed { roster, mac } = told(&mut hub).await else { panic!() };
    assert!(home.code.verifies_roster(roster.payload_digest(), &mac.0));
    assert!(matches!(told(&mut hub).await, ToHub::Claimed { .. }), "again, for it may not have been kept");
    drop(hub);
    let world = world.restart().await;
    let at = world.serve().await;
    home.connect_hub(&world).await;
    let mut hub = channel(at, &home).await;
    assert!(matches!(told(&mut hub).await, ToHub::Claimed { .. }), "also after a restart");
    let chain: RosterChain = world.call(home.hub_ask(Method::GET, "/hub/v1/roster")).await.json();
    assert_eq!(chain.rosters.len(), 1);
    home.put_roster(&world, |_| {}).await;
    loop {
        match told(&mut hub).await {
            ToHub::RosterChanged => break,
            ToHub::Claimed { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_hub_sends_while_somebody_watches_and_late_viewers_see_a_picture_at_once() {
    let world = World::new().await;
    let at = world.serve().await;
    let home = Home::settled(&world).await;
    world.call(home.hub_ask(Method::GET, "/hub/v1/roster")).await.ok();
    let mut first = viewer(at, &world, &home).await;
    let away = next(&mut first).await.unwrap().into_text().unwrap();
    assert!(matches!(serde_json::from_str(&away).unwrap(), ToViewer::HubAway));
    let mut hub = channel(at, &home).await;
    assert!(matches!(told(&mut hub).await, ToHub::Watch { .. }));
    tell(&mut hub, &key(&home)).await;
    let sent = [(0, true, false), (1, false, true), (2, false, false)].map(|(c, i, k)| frame(&home, c, i, k));
    for frame in &sent {
        hub.send(Message::binary(frame.clone())).await.unwrap();
    }
    // A frame of a camera that is not this hub's goes nowhere.
    let mut foreign = frame(&home, 3, false, true);
    foreign[1] ^= 1;
    hub.send(Message::binary(foreign)).await.unwrap();
    hub.send(Message::binary(frame(&home, 4, false, false))).await.unwrap();
    let mut second = None;
    for round in 0..2 {
        let socket = if round == 0 { &mut first } else { second.insert(viewer(at, &world, &home).await) };
        loop {
            let text = next(socket).await.unwrap().into_text().unwrap();
            if let ToViewer::LiveKey { .. } = serde_json::from_str(&text).unwrap() {
                break;
            }
        }
        for expected in sent.iter().chain([&frame(&home, 4, false, false)]) {
            assert_eq!(next(socket).await.unwrap().into_data(), *expected);
        }
    }
    let sessions: Sessions = world.call(home.ask(Method::GET, "/api/v1/sessions")).await.json();
    assert_eq!(sessions.sessions[0].watching, [home.device]);
    drop((first, second));
    assert!(matches!(told(&mut hub).await, ToHub::Watch { .. }), "the second one's wish");
    assert!(matches!(told(&mut hub).await, ToHub::Unwatch { device, .. } if device == home.device));
}

#[tokio::test]
async fn nothing_is_shown_and_no_hub_asked_before_a_viewer_signed_for_this_camera() {
    let world = World::new().await;
    let at = world.serve().await;
    let home = Home::settled(&world).await;
    world.call(home.hub_ask(Method::GET, "/hub/v1/roster")).await.ok();
    let mut hub = channel(at, &home).await;
    let mut first = viewer(at, &world, &home).await;
    assert!(matches!(told(&mut hub).await, ToHub::Watch { .. }));
    tell(&mut hub, &key(&home)).await;
    hub.send(Message::binary(frame(&home, 0, true, false))).await.unwrap();
    while !matches!(next(&mut first).await.unwrap(), Message::Binary(_)) {}
    let mut silent = silent_viewer(at, &home).await;
    let mut elsewhere = silent_viewer(at, &home).await;
    wish(&mut elsewhere, &world, &home, DeviceId(random())).await;
    assert!(next(&mut elsewhere).await.is_none(), "a wish for another camera ends the socket");
    hub.send(Message::binary(frame(&home, 1, false, true))).await.unwrap();
    while !matches!(next(&mut first).await.unwrap(), Message::Binary(_)) {}
    wish(&mut silent, &world, &home, home.device).await;
    assert!(matches!(told(&mut hub).await, ToHub::Watch { .. }), "nothing was asked for the others");
    while !matches!(next(&mut silent).await.unwrap(), Message::Binary(_)) {}
    drop((first, silent));
    let views = || async { world.call(home.ask(Method::GET, "/api/v1/views")).await.json::<Views>().views };
    while views().await.len() < 2 {
        tokio::task::yield_now().await;
    }
    assert!(views().await.iter().all(|view| view.member == home.member && view.device == home.device));
}

#[tokio::test]
async fn a_live_socket_ends_with_its_session() {
    let world = World::new().await;
    let at = world.serve().await;
    let home = Home::settled(&world).await;
    let mut socket = viewer(at, &world, &home).await;
    world.call(home.ask(Method::POST, "/api/v1/logout")).await.ok();
    loop {
        match next(&mut socket).await {
            Some(Message::Close(frame)) => {
                assert_eq!(u16::from(frame.unwrap().code), 4_401);
                break;
            }
            Some(_) => {}
            None => panic!("closed without a reason"),
        }
    }
    let headers = [("cookie", home.cookie.clone()), ("origin", format!("http://{at}"))];
    assert!(open(at, &format!("/api/v1/live/{}", home.device), &headers).await.is_err());
}

#[tokio::test]
async fn sockets_and_streams_of_every_ended_session_end() {
    let world = World::new().await;
    let at = world.serve().await;
    let mut home = Home::settled(&world).await;
    let own = home.cookie.clone();
    for way in ["one", "others", "all"] {
        home.cookie = home.sign_in_with_kit(&world).await;
        let (mut socket, mut lines) = (viewer(at, &world, &home).await, events(at, &home).await);
        // What the viewer wished is on its way.
        let session = loop {
            let list: Sessions = world.call(home.ask(Method::GET, "/api/v1/sessions")).await.json();
            let session = list.sessions.into_iter().find(|session| session.this).unwrap();
            if session.watching == [home.device] {
                break session;
            }
        };
        let (method, path) = match way {
            "one" => (Method::DELETE, format!("/api/v1/sessions/{}", session.session)),
            "others" => (Method::POST, "/api/v1/sessions/end-others".to_owned()),
            _ => (Method::POST, "/api/v1/sessions/end-all".to_owned()),
        };
        home.cookie.clone_from(&own);
        world.call(home.ask(method, &path)).await.ok();
        while let Some(message) = next(&mut socket).await {
            if let Message::Close(frame) = message {
                assert_eq!(u16::from(frame.unwrap().code), 4_401, "{way}");
                break;
            }
        }
        while event(&mut lines).await["event"] != "signed-out" {}
    }
    assert_eq!(world.call(home.ask(Method::GET, "/api/v1/roster")).await.status, 401, "all is all");
}

#[tokio::test]
async fn a_camera_is_shown_to_its_audience_only() {
    let world = World::new().await;
    let at = world.serve().await;
    let mut home = Home::settled(&world).await;
    let mut socket = viewer(at, &world, &home).await;
    home.put_roster(&world, |roster| roster.rooms[0].audience.clear()).await;
    while let Some(message) = next(&mut socket).await {
        if matches!(message, Message::Close(_)) {
            break;
        }
    }
    let headers = [("cookie", home.cookie.clone()), ("origin", format!("http://{at}"))];
    let refused = open(at, &format!("/api/v1/live/{}", home.device), &headers).await;
    assert!(matches!(refused, Err(Error::Http(response)) if response.status() == 404));
}

/// The event stream, as lines.
async fn events(at: SocketAddr, home: &Home) -> tokio::io::Lines<BufReader<TcpStream>> {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let request = format!("GET /api/v1/events HTTP/1.1\r\nhost: {at}\r\ncookie: {}\r\n\r\n", home.cookie);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("HTTP/1.1 200 OK"));
    lines
}

async fn event(lines: &mut tokio::io::Lines<BufReader<TcpStream>>) -> serde_json::Value {
    loop {
        let line = lines.next_line().await.unwrap().expect("the stream goes on");
        if let Some(json) = line.strip_prefix("data: ") {
            return serde_json::from_str(json).unwrap();
        }
    }
}

#[tokio::test]
async fn events_tell_what_happens_until_the_session_ends() {
    let world = World::new().await;
    let at = world.serve().await;
    let mut home = Home::settled(&world).await;
    world.call(home.hub_ask(Method::GET, "/hub/v1/roster")).await.ok();
    let mut hub = channel(at, &home).await;
    let status = DeviceStatus { device: home.device, state: DeviceState::Recording, since_us: world.now() };
    tell(&mut hub, &FromHub::Status(status)).await;
    let mut lines = events(at, &home).await;
    loop {
        // Known before the stream began, or told after; both are right.
        let event = event(&mut lines).await;
        if event["event"] == "device" {
            assert_eq!(
                (&event["device"], &event["state"]["state"]),
                (&home.device.to_hex().into(), &"recording".into())
            );
            break;
        }
        assert_eq!((&event["event"], &event["connected"]), (&"hub".into(), &true.into()));
    }
    home.record(&world, 10).await;
    assert_eq!(event(&mut lines).await["event"], "link");
    home.put_roster(&world, |_| {}).await;
    assert_eq!(event(&mut lines).await["version"], 2);
    let (id, erase) = home.erase_all(&world);
    world.call(home.ask(Method::POST, "/api/v1/commands").json(&erase)).await.ok();
    assert_eq!(event(&mut lines).await["event"], "erased");
    let command = event(&mut lines).await;
    assert_eq!((&command["command"], &command["keysDestroyed"]), (&id.to_hex().into(), &1.into()));
    world.call(home.ask(Method::POST, "/api/v1/logout")).await.ok();
    loop {
        let event = event(&mut lines).await;
        if event["event"] == "signed-out" {
            break;
        }
    }
}

#[tokio::test]
async fn a_probe_goes_to_the_hub_and_its_answer_to_the_asker() {
    let world = World::new().await;
    let at = world.serve().await;
    let home = Home::settled(&world).await;
    world.call(home.hub_ask(Method::GET, "/hub/v1/roster")).await.ok();
    let mut hub = channel(at, &home).await;
    let mut lines = events(at, &home).await;
    while event(&mut lines).await["connected"] != true {}
    let probe = Action::Probe { hub: home.hub, request: vec![1; 9].into(), reply_to: "age1pq1member".to_owned() };
    let command = home.command(&world, probe);
    let envelope = Envelope::sign(&command, &home.signing);
    world.call(home.ask(Method::POST, "/api/v1/commands").json(&envelope)).await.ok();
    assert!(matches!(told(&mut hub).await, ToHub::Command { command } if command == envelope));
    let outcome = CommandOutcome::Done { reply: Some(random::<32>().to_vec().into()) };
    let path = format!("/hub/v1/commands/{}/result", command.command);
    world.call(home.hub_ask(Method::POST, &path).json(&outcome)).await.ok();
    let path = format!("/api/v1/commands/{}", command.command);
    let state: CommandState = world.call(home.ask(Method::GET, &path)).await.json();
    assert!(matches!(state.outcome, Some(CommandOutcome::Done { reply: Some(_) })));
    assert_eq!(event(&mut lines).await["outcome"]["outcome"], "done");
}

#[tokio::test]
async fn a_hub_signs_in_with_its_key_once_per_nonce_and_in_time() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let ask = |envelope: &Envelope| crate::world::Ask::bare(Method::POST, "/hub/v1/session").json(envelope);
    let request = home.session_request(world.now(), random());
    world.call(ask(&request)).await.ok();
    let refused = [
        request.clone(),
        home.session_request(world.now().plus_us(601_000_000), random()),
        home.session_request(world.now().plus_us(-601_000_000), random()),
        Envelope::sign(&request.peek::<eaves_api::hub::SessionRequest>().unwrap(), &home.kit),
    ];
    for envelope in &refused {
        assert_eq!(world.call(ask(envelope)).await.code(), eaves_api::problem::Code::SignInFailed);
    }
}
