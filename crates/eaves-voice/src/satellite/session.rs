//! One satellite, from the moment that it is connected.
//!
//! The hub asks who is there before it says anything else: the reference satellite belongs to whoever first says more
//! than `describe`, and another satellite than the one that was set up gets nothing. What somebody said is never sent
//! back: the `transcript` that ends a satellite's stream is empty. It comes when the conversation is over, not when
//! the question is, so that an answer that asks something can be answered without the wake word.

mod messages;
mod state;

pub use messages::{Input, Mode, Order, Output, SessionRules};

use super::intake::Intake;
use super::speaker::Speaker;
use super::{Fault, arbiter};
use crate::sound::{Endpoint, EndpointRules, Heard, RATE, Sound, loudness};
use crate::wyoming::{At, Echo, Event, Failure, Info, RunPipeline, Stage, Transcript};
use state::{Listening, Speaking, State};
use std::time::Duration;

const GREETING_MAX: Duration = Duration::from_secs(5);
const PING_EVERY: Duration = Duration::from_secs(2);
const SILENT_AFTER: Duration = Duration::from_secs(5);
/// Satellites of the first release do not know `ping`, but every one answers `describe`.
const DESCRIBE_EVERY: Duration = Duration::from_secs(10);
const STALL_AFTER: Duration = Duration::from_secs(3);
const THINK_MAX: Duration = Duration::from_secs(10);
/// Sound that is still on its way when a satellite is muted is dropped without a word.
const MUTE_GRACE: Duration = Duration::from_secs(1);
const SAME_FAULT_AFTER: Duration = Duration::from_secs(60);
const MALFORMED_MAX: u32 = 20;
/// Sound after the last word that is kept.
const TAIL: Duration = Duration::from_millis(160);

/// The machine of one satellite.
pub struct Session {
    rules: SessionRules,
    state: State,
    intake: Intake,
    muted: Option<Duration>,
    /// It sends sound until it is told that the utterance is over.
    is_streaming: bool,
    /// It sends sound all the time, and the hub looks for the wake word.
    is_ambient: bool,
    /// Said while somebody spoke; follows when they are answered.
    later: Option<(Sound, bool)>,
    last_event: Duration,
    next_probe: Duration,
    knows_ping: bool,
    knows_played: bool,
    malformed: u32,
    faults: Vec<(Fault, Duration)>,
    out: Vec<Output>,
}

impl Session {
    /// A satellite that is not connected.
    pub fn new(rules: SessionRules) -> Self {
        Self {
            rules,
            state: State::Off,
            intake: Intake::new(Duration::ZERO),
            muted: None,
            is_streaming: false,
            is_ambient: false,
            later: None,
            last_event: Duration::ZERO,
            next_probe: Duration::ZERO,
            knows_ping: false,
            knows_played: false,
            malformed: 0,
            faults: Vec::new(),
            out: Vec::new(),
        }
    }

    /// What it does now.
    pub fn mode(&self) -> Mode {
        match self.state {
            State::Off | State::Greeting { .. } => Mode::Away,
            State::Listening(_) => Mode::Listening,
            State::Thinking { .. } => Mode::Thinking,
            State::Speaking(_) | State::Draining { .. } => Mode::Speaking,
            State::Waiting if self.muted.is_some() => Mode::Muted,
            State::Waiting => Mode::Waiting,
        }
    }

    /// When it wants to be [ticked](Input::Tick).
    pub fn due(&self) -> Option<Duration> {
        let own = match &self.state {
            State::Off => return None,
            State::Greeting { until } => return Some(*until),
            State::Waiting => None,
            State::Listening(listening) => Some(listening.last_sound + STALL_AFTER),
            State::Thinking { until } | State::Draining { until, .. } => Some(*until),
            State::Speaking(speaking) => speaking.speaker.due(),
        };
        Some(own.map_or(self.next_probe, |own| own.min(self.next_probe)))
    }

    /// Takes an input; gives what follows from it, in order.
    pub fn handle(&mut self, input: Input, now: Duration) -> Vec<Output> {
        match input {
            Input::Connected => self.connected(now),
            Input::Disconnected => {
                if matches!(self.state, State::Listening(_)) {
                    self.fault(Fault::Cut, now);
                }
                self.off();
            }
            Input::Garbage => self.fault(Fault::Garbage, now),
            Input::Malformed => {
                self.malformed += 1;
                let is_hopeless = self.malformed > MALFORMED_MAX;
                self.fault(if is_hopeless { Fault::Garbage } else { Fault::Malformed }, now);
            }
            Input::Received(event) => {
                self.last_event = now;
                match self.intake.event(now) {
                    Ok(()) => self.received(event, now),
                    Err(fault) => self.fault(fault, now),
                }
            }
            Input::Tick => {}
            Input::Order(order) => self.order(order, now),
        }
        self.tick(now);
        std::mem::take(&mut self.out)
    }

    fn send(&mut self, event: Event) {
        self.out.push(Output::Send(event));
    }

    fn off(&mut self) {
        self.state = State::Off;
        self.is_streaming = false;
        self.is_ambient = false;
        self.later = None;
    }

    /// Reports a fault, the same one at most once a minute, and does what follows from it.
    fn fault(&mut self, fault: Fault, now: Duration) {
        match self.faults.iter_mut().find(|(known, _)| *known == fault) {
            Some((_, at)) if now < *at + SAME_FAULT_AFTER => {}
            Some((_, at)) => {
                *at = now;
                self.out.push(Output::Fault(fault));
            }
            None => {
                self.faults.push((fault, now));
                self.out.push(Output::Fault(fault));
            }
        }
        if fault.ends_connection() && !matches!(self.state, State::Off) {
            self.off();
            self.out.push(Output::Close);
        }
    }

    fn connected(&mut self, now: Duration) {
        self.off();
        self.state = State::Greeting { until: now + GREETING_MAX };
        self.intake = Intake::new(now);
        self.malformed = 0;
        self.knows_ping = false;
        self.last_event = now;
        self.send(Event::Describe);
    }

    fn greeted(&mut self, info: &Info, now: Duration) {
        let name = info.satellite.as_ref().map(|satellite| &satellite.artifact.name);
        let Some(name) = name.filter(|name| self.rules.name.as_ref().is_none_or(|pinned| pinned == *name)) else {
            return self.fault(Fault::Stranger, now);
        };
        self.out.push(Output::Identified(name.clone()));
        self.state = State::Waiting;
        self.send(if self.muted.is_some() { Event::PauseSatellite } else { Event::RunSatellite });
        self.send(Event::Ping(Echo::default()));
        self.next_probe = now + PING_EVERY;
    }

    fn received(&mut self, event: Event, now: Duration) {
        if let State::Greeting { .. } = self.state {
            // Nothing else is believed, and nothing answered, before it has said who it is.
            if let Event::Info(info) = event {
                self.greeted(&info, now);
            }
            return;
        }
        if matches!(self.state, State::Off) {
            return;
        }
        match event {
            Event::Ping(echo) => self.send(Event::Pong(echo)),
            Event::Pong(_) => self.knows_ping = true,
            Event::Detection(_) => self.woken(now),
            Event::RunPipeline(pipeline) => self.asked_to_run(&pipeline, now),
            Event::AudioStart(start) => {
                if let Err(fault) = self.intake.begin(Some(start.format)) {
                    self.lied(fault, now);
                }
            }
            Event::AudioChunk(chunk) => {
                let mut sound = Sound::new(Vec::new(), RATE);
                match self.intake.sound(&chunk, &mut sound) {
                    Ok(()) => self.sound(sound, now),
                    Err(fault) => self.lied(fault, now),
                }
            }
            Event::AudioStop(_) => {
                let _ = self.intake.begin(None);
                self.is_streaming = false;
                if let State::Listening(listening) = &self.state {
                    self.heard(if listening.has_spoken { Heard::End } else { Heard::Silence }, now);
                }
            }
            Event::Played => {
                self.knows_played = true;
                if let State::Draining { .. } = self.state {
                    self.played(now);
                }
            }
            Event::Error(_) => {
                self.fault(Fault::OwnError, now);
                if let State::Listening(_) = self.state {
                    self.is_streaming = false;
                    self.wait(now);
                }
            }
            _ => {}
        }
    }

    fn asked_to_run(&mut self, pipeline: &RunPipeline, now: Duration) {
        match pipeline.start_stage {
            Stage::Wake => self.is_ambient = true,
            Stage::Asr => self.woken(now),
            // The hub finds its own intents and speaks its own words.
            Stage::Intent | Stage::Handle | Stage::Tts => {
                self.send(Event::Error(Failure { text: "not supported".into(), code: Some("unsupported".into()) }));
            }
        }
    }

    fn woken(&mut self, now: Duration) {
        if self.muted.is_some() {
            return;
        }
        match &self.state {
            // `detection` and `run-pipeline` tell of the same.
            State::Listening(listening) if !listening.has_spoken => return,
            State::Speaking(_) => self.send(Speaker::end()),
            _ => {}
        }
        self.is_streaming = true;
        self.later = None;
        self.out.push(Output::Woke);
        self.listen(self.rules.endpoint, now);
    }

    fn listen(&mut self, rules: EndpointRules, now: Duration) {
        self.state = State::Listening(Listening {
            sound: Sound::with_room(RATE, rules.longest + Duration::from_secs(8)),
            endpoint: Endpoint::new(rules),
            began: now,
            last_sound: now,
            has_spoken: false,
        });
    }

    fn sound(&mut self, sound: Sound, now: Duration) {
        if let Some(since) = self.muted {
            if now > since + MUTE_GRACE {
                self.fault(Fault::AudioWhileMuted, now);
            }
            return;
        }
        let State::Listening(listening) = &mut self.state else {
            let can_wake = matches!(self.state, State::Waiting | State::Speaking(_) | State::Draining { .. });
            if self.is_ambient && can_wake && !sound.is_empty() {
                self.out.push(Output::Ambient(sound));
            }
            return;
        };
        listening.last_sound = now;
        listening.sound.extend(sound.samples());
        let heard = listening.endpoint.hear(sound.samples());
        if now < listening.began + arbiter::WINDOW {
            self.out.push(Output::Loudness(loudness(sound.samples())));
        }
        if heard == Heard::Speech && !std::mem::replace(&mut listening.has_spoken, true) {
            self.send(Event::VoiceStarted(At::default()));
        }
        if !matches!(heard, Heard::Nothing | Heard::Speech) {
            self.heard(heard, now);
        }
    }

    /// The utterance is over.
    fn heard(&mut self, heard: Heard, now: Duration) {
        let State::Listening(listening) = std::mem::replace(&mut self.state, State::Waiting) else { return };
        // Noise that never stops may be cut without a word in it; the recogniser will say so.
        if heard == Heard::Silence || listening.sound.is_empty() {
            self.out.push(Output::NothingSaid);
            return self.wait(now);
        }
        self.send(Event::VoiceStopped(At::default()));
        let quiet = listening.endpoint.quiet_at_the_end().saturating_sub(TAIL);
        let quiet = (quiet.as_secs_f64() * f64::from(RATE)) as usize;
        let samples = listening.sound.samples();
        let said = Sound::new(samples[..samples.len() - quiet.min(samples.len())].to_vec(), RATE);
        self.state = State::Thinking { until: now + THINK_MAX };
        self.out.push(Output::Utterance(said));
    }

    /// Sound that is not what it says it is, or too much of it.
    fn lied(&mut self, fault: Fault, now: Duration) {
        self.fault(fault, now);
        if let State::Listening(_) = self.state {
            self.send(Event::Error(Failure { text: "audio format".into(), code: Some("audio-format".into()) }));
            self.is_streaming = false;
            self.wait(now);
        }
    }

    /// The conversation is over: the satellite stops sending, and what had to wait is said.
    fn wait(&mut self, now: Duration) {
        self.state = State::Waiting;
        if let Some((answer, asks)) = self.later.take() {
            return self.say(answer, asks, now);
        }
        self.end_stream();
    }

    fn end_stream(&mut self) {
        if std::mem::take(&mut self.is_streaming) {
            self.send(Event::Transcript(Transcript::default()));
        }
    }

    fn say(&mut self, answer: Sound, asks: bool, now: Duration) {
        match self.state {
            State::Off | State::Greeting { .. } => return,
            State::Listening(_) => {
                self.later = Some((answer, asks));
                return;
            }
            State::Speaking(_) => self.send(Speaker::end()),
            State::Waiting | State::Thinking { .. } | State::Draining { .. } => {}
        }
        if !asks || self.muted.is_some() {
            self.end_stream();
        }
        let (speaker, start) = Speaker::begin(answer, now);
        self.send(start);
        self.state = State::Speaking(Speaking { speaker, asks });
    }

    fn played(&mut self, now: Duration) {
        let State::Draining { asks, .. } = self.state else { return };
        self.out.push(Output::Played);
        // Without a stream there is nothing to listen to.
        if asks && self.muted.is_none() && (self.is_streaming || self.is_ambient) {
            self.listen(EndpointRules { nothing: self.rules.follow_up, ..self.rules.endpoint }, now);
        } else {
            self.wait(now);
        }
    }

    fn order(&mut self, order: Order, now: Duration) {
        if let Order::Mute(mute) = order {
            return self.mute(mute, now);
        }
        match order {
            Order::Say { answer, asks } => self.say(answer, asks, now),
            Order::Yield if matches!(self.state, State::Listening(_) | State::Thinking { .. }) => self.wait(now),
            Order::NothingToSay if matches!(self.state, State::Thinking { .. }) => self.wait(now),
            Order::Woken if self.is_ambient => self.woken(now),
            Order::Stop if matches!(self.state, State::Speaking(_) | State::Draining { .. }) => {
                self.send(Speaker::end());
                self.wait(now);
            }
            Order::Timer(event) if !matches!(self.state, State::Off | State::Greeting { .. }) => {
                let is_timer = matches!(
                    event,
                    Event::TimerStarted(_)
                        | Event::TimerUpdated(_)
                        | Event::TimerCancelled(_)
                        | Event::TimerFinished(_)
                );
                if is_timer {
                    self.send(event);
                }
            }
            _ => {}
        }
    }

    fn mute(&mut self, mute: bool, now: Duration) {
        if mute == self.muted.is_some() {
            return;
        }
        self.muted = mute.then_some(now);
        if matches!(self.state, State::Off | State::Greeting { .. }) {
            return;
        }
        if mute && matches!(self.state, State::Listening(_) | State::Thinking { .. }) {
            self.wait(now);
        }
        if mute {
            self.is_streaming = false;
            self.is_ambient = false;
        }
        self.send(if mute { Event::PauseSatellite } else { Event::RunSatellite });
    }

    fn tick(&mut self, now: Duration) {
        match &mut self.state {
            State::Off => return,
            State::Greeting { until } => {
                if now >= *until {
                    self.fault(Fault::NoAnswer, now);
                }
                return;
            }
            State::Waiting => {}
            State::Listening(listening) => {
                if now >= listening.last_sound + STALL_AFTER {
                    self.fault(Fault::Stalled, now);
                    self.wait(now);
                }
            }
            State::Thinking { until } => {
                if now >= *until {
                    self.out.push(Output::Unanswered);
                    self.wait(now);
                }
            }
            State::Speaking(speaking) => {
                while let Some(chunk) = speaking.speaker.next(now) {
                    self.out.push(Output::Send(chunk));
                }
                if speaking.speaker.due().is_none() {
                    let patience = if self.knows_played { Duration::from_secs(2) } else { super::LEAD };
                    let until = speaking.speaker.played_at().max(now) + patience;
                    let asks = speaking.asks;
                    self.state = State::Draining { until, asks };
                    self.send(Speaker::end());
                }
            }
            State::Draining { until, .. } => {
                if now >= *until {
                    if self.knows_played {
                        self.fault(Fault::NotPlayed, now);
                    }
                    self.played(now);
                }
            }
        }
        self.probe(now);
    }

    fn probe(&mut self, now: Duration) {
        if matches!(self.state, State::Off) {
            return;
        }
        let patience = if self.knows_ping { SILENT_AFTER } else { DESCRIBE_EVERY + SILENT_AFTER };
        if now >= self.last_event + patience {
            return self.fault(Fault::Silent, now);
        }
        if now >= self.next_probe {
            self.next_probe = now + if self.knows_ping { PING_EVERY } else { DESCRIBE_EVERY };
            self.send(if self.knows_ping { Event::Ping(Echo::default()) } else { Event::Describe });
        }
    }
}

#[cfg(test)]
mod tests;
