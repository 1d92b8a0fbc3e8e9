//! A satellite's conversations, good and bad, on a clock of their own.

use super::*;
use crate::satellite::LEAD;
use crate::wyoming::{Artifact, AudioChunk, AudioFormat, Detection, RunPipeline, Satellite, TimerId};

const FORMAT: AudioFormat = AudioFormat { rate: 16_000, width: 2, channels: 1 };

/// A session with its clock.
struct Home {
    session: Session,
    now: Duration,
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn info(name: &str) -> Event {
    let artifact = Artifact { name: name.into(), ..Artifact::default() };
    Event::Info(Box::new(Info { satellite: Some(Satellite { artifact, ..Satellite::default() }), ..Info::default() }))
}

fn chunk(loud: i16) -> Event {
    let samples = (0..320).map(|n| if n % 16 < 8 { loud } else { -loud });
    let audio: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
    Event::AudioChunk(AudioChunk { format: FORMAT, timestamp: None, audio: audio.into() })
}

fn run(start_stage: Stage) -> Event {
    let end_stage = Stage::Tts;
    Event::RunPipeline(RunPipeline {
        start_stage,
        end_stage,
        restart_on_end: false,
        wake_word_name: None,
        wake_word_names: None,
        announce_text: None,
    })
}

fn sent(out: &[Output]) -> Vec<&str> {
    out.iter().filter_map(|output| if let Output::Send(event) = output { Some(event.kind()) } else { None }).collect()
}

fn faults(out: &[Output]) -> Vec<Fault> {
    out.iter().filter_map(|output| if let Output::Fault(fault) = output { Some(*fault) } else { None }).collect()
}

impl Home {
    /// Connected, greeted, and it knows `ping`.
    fn new() -> Self {
        let rules = SessionRules { name: Some("kitchen".into()), ..SessionRules::default() };
        let mut home = Self { session: Session::new(rules), now: ms(1000) };
        home.take(Input::Connected);
        home.hear(info("kitchen"));
        home.hear(Event::Pong(Echo::default()));
        home
    }

    fn take(&mut self, input: Input) -> Vec<Output> {
        self.session.handle(input, self.now)
    }

    fn hear(&mut self, event: Event) -> Vec<Output> {
        self.take(Input::Received(event))
    }

    fn order(&mut self, order: Order) -> Vec<Output> {
        self.take(Input::Order(order))
    }

    /// Time passes, with a satellite that answers each `ping`, or not.
    fn pass(&mut self, time: Duration, answers: bool) -> Vec<Output> {
        let end = self.now + time;
        let mut all = Vec::new();
        while let Some(due) = self.session.due().filter(|due| *due <= end) {
            self.now = due.max(self.now + ms(1));
            let out = self.take(Input::Tick);
            if answers && sent(&out).contains(&"ping") {
                all.extend(self.hear(Event::Pong(Echo::default())));
            }
            all.extend(out);
        }
        self.now = self.now.max(end);
        all
    }

    /// Sound of a loudness, in real time.
    fn speak(&mut self, loud: i16, time: Duration) -> Vec<Output> {
        let mut all = Vec::new();
        for _ in 0..time.as_millis() / 20 {
            self.now += ms(20);
            all.extend(self.hear(chunk(loud)));
        }
        all
    }

    /// Wakes it and says something.
    fn ask(&mut self) -> Vec<Output> {
        let mut all = self.hear(Event::Detection(Detection::default()));
        all.extend(self.hear(run(Stage::Asr)));
        all.extend(self.speak(10, ms(300)));
        all.extend(self.speak(4000, ms(1000)));
        all.extend(self.speak(10, ms(700)));
        all
    }

    fn say(&mut self, time: Duration, asks: bool) -> Vec<Output> {
        let answer = Sound::new(vec![1; time.as_millis() as usize * 22], 22_000);
        self.order(Order::Say { answer, asks })
    }
}

#[test]
fn a_satellite_is_asked_who_it_is_before_anything_else_is_said() {
    let mut home = Home {
        session: Session::new(SessionRules { name: Some("kitchen".into()), ..SessionRules::default() }),
        now: ms(0),
    };
    assert_eq!(sent(&home.take(Input::Connected)), ["describe"]);
    assert_eq!(home.hear(chunk(4000)), []);
    assert_eq!(home.hear(Event::Ping(Echo::default())), []);
    let out = home.hear(info("kitchen"));
    assert_eq!(sent(&out), ["run-satellite", "ping"]);
    assert!(out.contains(&Output::Identified("kitchen".into())));
    assert_eq!(home.session.mode(), Mode::Waiting);
}

#[test]
fn a_stranger_on_the_port_gets_nothing() {
    for who in [info("bedroom"), Event::Info(Box::default())] {
        let rules = SessionRules { name: Some("kitchen".into()), ..SessionRules::default() };
        let mut home = Home { session: Session::new(rules), now: ms(0) };
        home.take(Input::Connected);
        let out = home.hear(who);
        assert_eq!(out, [Output::Fault(Fault::Stranger), Output::Close]);
        assert_eq!(home.hear(run(Stage::Asr)), []);
    }
}

#[test]
fn who_does_not_say_who_it_is_is_given_up() {
    let mut home = Home { session: Session::new(SessionRules::default()), now: ms(0) };
    home.take(Input::Connected);
    assert_eq!(home.pass(ms(6000), false), [Output::Fault(Fault::NoAnswer), Output::Close]);
}

#[test]
fn from_the_wake_word_to_the_answer() {
    let mut home = Home::new();
    let out = home.ask();
    assert_eq!(out.iter().filter(|output| **output == Output::Woke).count(), 1);
    let said = out.iter().find_map(|output| if let Output::Utterance(sound) = output { Some(sound) } else { None });
    let length = said.expect("an utterance").length();
    assert!((ms(1300)..ms(1600)).contains(&length), "{length:?}");
    assert_eq!(sent(&out)[..2], ["voice-started", "voice-stopped"]);
    assert_eq!(home.session.mode(), Mode::Thinking);
    let out = home.say(ms(1000), false);
    let first: Vec<_> = sent(&out);
    assert_eq!(first[..3], ["transcript", "audio-start", "audio-chunk"]);
    let empty = out.iter().any(|output| *output == Output::Send(Event::Transcript(Transcript::default())));
    assert!(empty, "what was said is not sent back");
    let out = home.pass(ms(2000), true);
    assert!(sent(&out).contains(&"audio-stop") && out.contains(&Output::Played));
    assert_eq!(home.session.mode(), Mode::Waiting);
}

#[test]
fn an_answer_is_sent_no_faster_than_it_is_played() {
    let mut home = Home::new();
    home.ask();
    let began = home.now;
    let mut samples = sent(&home.say(ms(5000), false)).iter().filter(|kind| **kind == "audio-chunk").count() * 1024;
    for _ in 0..100 {
        let out = home.pass(ms(40), true);
        samples += sent(&out).iter().filter(|kind| **kind == "audio-chunk").count() * 1024;
        let ahead = Duration::from_secs_f64(samples as f64 / 22_000.0).saturating_sub(home.now - began);
        assert!(ahead <= LEAD + ms(47), "{ahead:?} ahead");
    }
    assert_eq!(sent(&home.order(Order::Stop))[0], "audio-stop");
    assert_eq!(home.session.mode(), Mode::Waiting);
}

#[test]
fn speaking_is_interrupted_by_the_wake_word() {
    let mut home = Home::new();
    home.ask();
    home.say(ms(5000), false);
    home.pass(ms(500), true);
    let out = home.hear(Event::Detection(Detection::default()));
    assert_eq!(sent(&out), ["audio-stop"]);
    assert!(out.contains(&Output::Woke));
    assert_eq!(home.session.mode(), Mode::Listening);
}

#[test]
fn a_question_back_is_answered_without_the_wake_word() {
    let mut home = Home::new();
    home.ask();
    assert!(!sent(&home.say(ms(500), true)).contains(&"transcript"), "the stream stays open");
    home.speak(3000, ms(300));
    home.pass(ms(1000), true);
    assert_eq!(home.session.mode(), Mode::Listening);
    let mut out = home.speak(4000, ms(500));
    out.extend(home.speak(10, ms(700)));
    assert!(out.iter().any(|output| matches!(output, Output::Utterance(_))));
    assert!(!out.contains(&Output::Woke));
    home.say(ms(500), true);
    home.pass(ms(1000), true);
    let out = home.speak(10, ms(6100));
    assert!(out.contains(&Output::NothingSaid) && sent(&out).contains(&"transcript"));
    assert_eq!(home.session.mode(), Mode::Waiting);
}

#[test]
fn a_muted_satellite_is_not_heard_whatever_it_sends() {
    let mut home = Home::new();
    home.hear(run(Stage::Asr));
    home.speak(4000, ms(400));
    assert!(sent(&home.order(Order::Mute(true))).contains(&"pause-satellite"));
    assert_eq!(home.session.mode(), Mode::Muted);
    assert_eq!(faults(&home.speak(4000, ms(1000))), []);
    let mut out = home.speak(4000, ms(3000));
    out.extend(home.ask());
    out.extend(home.hear(run(Stage::Wake)));
    out.extend(home.speak(4000, ms(500)));
    assert_eq!(faults(&out), [Fault::AudioWhileMuted]);
    assert!(!out.iter().any(|o| matches!(o, Output::Utterance(_) | Output::Ambient(_) | Output::Woke)), "{out:?}");
    // It may still speak: a timer rings in a muted room too.
    assert!(sent(&home.say(ms(100), true)).contains(&"audio-chunk"));
    home.pass(ms(1000), true);
    assert_eq!(home.session.mode(), Mode::Muted);
    assert_eq!(sent(&home.order(Order::Mute(false))), ["run-satellite"]);
    // And it stays muted over a new connection.
    home.order(Order::Mute(true));
    home.take(Input::Disconnected);
    home.take(Input::Connected);
    assert_eq!(sent(&home.hear(info("kitchen"))), ["pause-satellite", "ping"]);
}

#[test]
fn who_lost_against_another_satellite_forgets() {
    let mut home = Home::new();
    home.hear(run(Stage::Asr));
    let out = home.speak(4000, ms(180));
    assert!(out.iter().any(|output| matches!(output, Output::Loudness(loud) if *loud > 0.1)));
    assert_eq!(sent(&home.order(Order::Yield)), ["transcript"]);
    assert_eq!(home.speak(4000, ms(1000)), []);
}

#[test]
fn sound_of_a_satellite_that_cannot_wake_is_given_out_for_that() {
    let mut home = Home::new();
    assert_eq!(home.speak(1000, ms(100)), [], "unasked sound is dropped");
    home.hear(run(Stage::Wake));
    let out = home.speak(1000, ms(100));
    assert_eq!(out.iter().filter(|output| matches!(output, Output::Ambient(_))).count(), 5);
    assert_eq!(home.order(Order::Woken), [Output::Woke]);
    assert_eq!(home.session.mode(), Mode::Listening);
}

#[test]
fn a_stall_a_cut_and_an_answer_that_does_not_come_end_the_utterance() {
    let mut home = Home::new();
    home.hear(run(Stage::Asr));
    home.speak(4000, ms(500));
    let out = home.pass(ms(3100), true);
    assert_eq!(faults(&out), [Fault::Stalled]);
    assert_eq!(home.session.mode(), Mode::Waiting);
    home.hear(run(Stage::Asr));
    home.speak(4000, ms(500));
    assert_eq!(home.take(Input::Disconnected), [Output::Fault(Fault::Cut)]);
    let mut home = Home::new();
    home.ask();
    assert!(home.pass(ms(10_100), true).contains(&Output::Unanswered));
}

#[test]
fn lies_about_the_sound_end_the_utterance() {
    let odd = AudioChunk { format: FORMAT, timestamp: None, audio: vec![0; 641].into() };
    let other = AudioFormat { rate: 48_000, ..FORMAT };
    let changed = AudioChunk { format: other, timestamp: None, audio: vec![0; 640].into() };
    let none = AudioFormat { rate: 0, ..FORMAT };
    let nothing = AudioChunk { format: none, timestamp: None, audio: vec![0; 640].into() };
    for lie in [odd, changed, nothing] {
        let mut home = Home::new();
        home.hear(run(Stage::Asr));
        home.speak(4000, ms(500));
        let out = home.hear(Event::AudioChunk(lie));
        assert_eq!(faults(&out), [Fault::AudioFormat]);
        assert_eq!(sent(&out), ["error"]);
        assert_eq!(home.session.mode(), Mode::Waiting);
    }
}

#[test]
fn more_sound_than_time_and_more_events_than_reason_end_the_connection() {
    let mut home = Home::new();
    home.hear(run(Stage::Asr));
    let fast = (0..400).find_map(|_| Some(home.hear(chunk(10))).filter(|out| !faults(out).is_empty()));
    assert_eq!(fast.map(|out| faults(&out)), Some(vec![Fault::Flood]));
    let mut home = Home::new();
    let many = (0..2000).find_map(|_| Some(home.hear(Event::Played)).filter(|out| out.contains(&Output::Close)));
    assert_eq!(many, Some(vec![Output::Fault(Fault::Flood), Output::Close]));
}

#[test]
fn garbage_ends_the_connection_and_nonsense_only_when_it_goes_on() {
    let mut home = Home::new();
    assert_eq!(home.take(Input::Garbage), [Output::Fault(Fault::Garbage), Output::Close]);
    let mut home = Home::new();
    assert_eq!(faults(&home.take(Input::Malformed)), [Fault::Malformed]);
    let rest: Vec<_> = (0..20).flat_map(|_| home.take(Input::Malformed)).collect();
    assert_eq!(rest, [Output::Fault(Fault::Garbage), Output::Close]);
}

#[test]
fn who_does_not_answer_is_noticed_also_when_it_knows_no_ping() {
    let mut home = Home::new();
    let out = home.pass(ms(8000), false);
    assert_eq!(faults(&out), [Fault::Silent]);
    let rules = SessionRules::default();
    let mut old = Home { session: Session::new(rules), now: ms(0) };
    old.take(Input::Connected);
    old.hear(info("old"));
    for _ in 0..5 {
        assert_eq!(faults(&old.pass(ms(9000), false)), []);
        old.hear(info("old"));
    }
    assert_eq!(faults(&old.pass(ms(30_000), false)), [Fault::Silent]);
}

#[test]
fn a_chime_is_not_taken_for_an_answer_and_a_missing_word_is_not_waited_for() {
    let mut home = Home::new();
    home.hear(Event::Played);
    home.ask();
    home.say(ms(1000), false);
    assert!(!home.hear(Event::Played).contains(&Output::Played), "it still speaks");
    let out = home.pass(ms(4000), true);
    assert_eq!(faults(&out), [Fault::NotPlayed]);
    assert!(out.contains(&Output::Played));
}

#[test]
fn timers_are_told_and_nothing_else_in_their_name() {
    let mut home = Home::new();
    assert_eq!(sent(&home.order(Order::Timer(Event::TimerFinished(TimerId { id: "a".into() })))), ["timer-finished"]);
    assert_eq!(home.order(Order::Timer(Event::Transcript(Transcript::default()))), []);
}

#[test]
fn what_is_announced_while_somebody_speaks_waits() {
    let mut home = Home::new();
    home.hear(run(Stage::Asr));
    home.speak(4000, ms(300));
    assert_eq!(home.say(ms(300), false), []);
    home.speak(4000, ms(300));
    home.speak(10, ms(700));
    let out = home.order(Order::NothingToSay);
    assert!(sent(&out).contains(&"audio-start"), "{:?}", sent(&out));
}
