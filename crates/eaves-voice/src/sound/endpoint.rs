//! Where an utterance begins and ends, by loudness above what the room sounds like anyway.

use super::{RATE, loudness};
use std::time::Duration;

/// Samples that are judged at once: 20 ms.
const FRAME: usize = RATE as usize / 50;
const FRAME_LENGTH: Duration = Duration::from_millis(20);
/// Quieter than this is never speech.
const FLOOR_MIN: f32 = 0.000_9;
/// Speech is at least so many times louder than the room. To go on, less is enough.
const BEGINS: f32 = 3.2;
const GOES_ON: f32 = 2.0;

/// How long is long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointRules {
    /// Sound of this length is speech.
    pub speech: Duration,
    /// A pause of this length is the end.
    pub pause: Duration,
    /// Without speech, it ends after this.
    pub nothing: Duration,
    /// It ends after this in any case.
    pub longest: Duration,
}

impl Default for EndpointRules {
    fn default() -> Self {
        Self {
            speech: Duration::from_millis(120),
            pause: Duration::from_millis(600),
            nothing: Duration::from_secs(5),
            longest: Duration::from_secs(12),
        }
    }
}

/// What the newest sound was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nobody has spoken yet.
    Nothing,
    /// Somebody speaks.
    Speech,
    /// They have stopped.
    End,
    /// Nobody spoke in time.
    Silence,
    /// It was too long, and is cut here.
    TooLong,
}

/// Judges one utterance. It learns the room from the quietest moments, and holds no sound beyond 20 ms.
pub struct Endpoint {
    rules: EndpointRules,
    frame: Vec<i16>,
    floor: f32,
    /// The loudest that was heard, fading.
    peak: f32,
    heard: Duration,
    loud: Duration,
    quiet: Duration,
    has_spoken: bool,
}

impl Endpoint {
    /// Before the first sound.
    pub fn new(rules: EndpointRules) -> Self {
        Self {
            rules,
            frame: Vec::with_capacity(FRAME),
            floor: 0.004,
            peak: 0.0,
            heard: Duration::ZERO,
            loud: Duration::ZERO,
            quiet: Duration::ZERO,
            has_spoken: false,
        }
    }

    /// Takes samples at [`RATE`]; says what was heard with the last of them.
    pub fn hear(&mut self, samples: &[i16]) -> Heard {
        for sample in samples {
            self.frame.push(*sample);
            if self.frame.len() == FRAME {
                let loud = loudness(&self.frame);
                zeroize::Zeroize::zeroize(self.frame.as_mut_slice());
                self.frame.clear();
                self.judge(loud);
                let now = self.now();
                if !matches!(now, Heard::Nothing | Heard::Speech) {
                    return now;
                }
            }
        }
        self.now()
    }

    /// The part of what was heard that came after the speech.
    pub fn quiet_at_the_end(&self) -> Duration {
        self.quiet
    }

    fn judge(&mut self, loud: f32) {
        self.heard += FRAME_LENGTH;
        // Down at once, up slowly: about 40 % a second.
        self.floor = if loud < self.floor { loud.max(FLOOR_MIN) } else { (self.floor * 1.007).max(FLOOR_MIN) };
        self.peak = self.peak.max(loud) * 0.998;
        let factor = if self.loud.is_zero() { BEGINS } else { GOES_ON };
        // After loud speech, a murmur is no longer part of it.
        let is_speech = loud > self.floor * factor && loud > self.peak * 0.03;
        if is_speech {
            self.loud += FRAME_LENGTH;
            self.quiet = Duration::ZERO;
            self.has_spoken |= self.loud >= self.rules.speech;
        } else {
            self.quiet += FRAME_LENGTH;
            // A click is no speech.
            if !self.has_spoken && self.quiet >= self.rules.speech {
                self.loud = Duration::ZERO;
            }
        }
    }

    fn now(&self) -> Heard {
        if self.has_spoken && self.quiet >= self.rules.pause {
            Heard::End
        } else if self.heard >= self.rules.longest {
            Heard::TooLong
        } else if self.has_spoken {
            Heard::Speech
        } else if self.heard >= self.rules.nothing {
            Heard::Silence
        } else {
            Heard::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise of a loudness, the same each time.
    fn noise(loud: f32, length: Duration, seed: &mut u32) -> Vec<i16> {
        let count = (length.as_secs_f32() * RATE as f32) as usize;
        (0..count)
            .map(|_| {
                *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((*seed >> 16) as f32 / 32_768.0 - 1.0) * loud * 1.732 * 32_768.0
            })
            .map(|sample| sample as i16)
            .collect()
    }

    /// Spans of (loudness, milliseconds) to what was heard, and after how many milliseconds.
    fn after(spans: &[(f32, u64)]) -> (Heard, u64) {
        let mut endpoint = Endpoint::new(EndpointRules::default());
        let mut seed = 7;
        let mut heard = Heard::Nothing;
        let mut at = 0;
        for (loud, length) in spans {
            for _ in 0..length / 20 {
                heard = endpoint.hear(&noise(*loud, FRAME_LENGTH, &mut seed));
                at += 20;
                if !matches!(heard, Heard::Nothing | Heard::Speech) {
                    return (heard, at);
                }
            }
        }
        (heard, at)
    }

    #[test]
    fn an_utterance_ends_with_a_pause_and_not_between_its_words() {
        for room in [0.0003, 0.002, 0.01] {
            let said = [(room, 400), (0.1, 500), (room, 400), (0.08, 700), (room, 2000)];
            let (heard, at) = after(&said);
            assert_eq!(heard, Heard::End, "{room}");
            assert!((2560..=2700).contains(&at), "{room}: {at}");
        }
    }

    #[test]
    fn a_click_is_no_speech_and_silence_ends() {
        assert_eq!(after(&[(0.001, 500), (0.2, 40), (0.001, 8000)]), (Heard::Silence, 5000));
        assert_eq!(after(&[(0.0, 8000)]), (Heard::Silence, 5000));
    }

    #[test]
    fn it_always_ends() {
        let (heard, at) = after(&[(0.002, 300), (0.1, 20_000)]);
        assert!(matches!(heard, Heard::TooLong | Heard::End), "{heard:?}");
        assert!(at <= 12_000);
    }

    #[test]
    fn speech_from_the_first_sample_is_heard() {
        assert_eq!(after(&[(0.1, 900), (0.002, 2000)]), (Heard::End, 1500));
    }
}
