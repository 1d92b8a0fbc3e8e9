/** @file Choosing a span for saving or erasing: move the timeline, say "start here" and "end here", or take a length. */
import type { ReactNode } from "react";
import { DAY_US, dayStart, MINUTE_US } from "../../domain/clock.ts";
import type { Span, TimeUs } from "../../domain/home.ts";
import { useHome } from "../../model/HomeContext.tsx";
import { text } from "../../text/index.ts";
import { sayLength, sayMoment } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";

export interface SpanChooserProps {
  readonly span: Span;
  readonly onSpan: (span: Span) => void;
  /** Where the timeline stands. */
  readonly atUs: () => TimeUs;
  /** The recording there, if any. */
  readonly recordingSpan: () => Span | null;
  /** Where the timeline begins. Given, whole days and everything before can be chosen at once. */
  readonly oldestUs?: TimeUs | null;
}

const PRESET_MINUTES = [1, 5, 15, 60] as const;

export function SpanChooser({ span, onSpan, atUs, recordingSpan, oldestUs }: SpanChooserProps): ReactNode {
  const model = useHome();
  const words = text.export;
  const nowUs = model.nowUs();
  const row = (label: string, valueUs: TimeUs, action: string, set: () => void) => (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="w-12 shrink-0 text-soft">{label}</span>
      <output className="min-w-0 flex-1 font-semibold tabular-nums">{sayMoment(valueUs, nowUs)}</output>
      <Button size="small" onClick={set}>
        {action}
      </Button>
    </div>
  );
  return (
    <div className="flex flex-col gap-3 lg:grid lg:grid-cols-[1fr_1fr] lg:gap-x-8 lg:gap-y-2">
      <p className="text-sm text-soft lg:col-span-2">{words.hint}</p>
      {row(words.from, span.fromUs, words.setFrom, () => {
        const at = atUs();
        onSpan({ fromUs: at, toUs: Math.max(span.toUs, at) });
      })}
      {row(words.to, span.toUs, words.setTo, () => {
        const at = atUs();
        onSpan({ fromUs: Math.min(span.fromUs, at), toUs: at });
      })}
      <div role="group" aria-label={words.presets} className="flex flex-wrap gap-2">
        <Button
          size="small"
          onClick={() => {
            const whole = recordingSpan();
            if (whole !== null) onSpan(whole);
          }}
        >
          {words.thisRecording}
        </Button>
        {PRESET_MINUTES.map((count) => (
          <Button key={count} size="small" onClick={() => onSpan({ fromUs: span.fromUs, toUs: Math.min(nowUs, span.fromUs + count * MINUTE_US) })}>
            {words.minutes(count)}
          </Button>
        ))}
        {oldestUs !== undefined && oldestUs !== null && (
          <>
            <Button
              size="small"
              onClick={() => {
                const fromUs = dayStart(atUs());
                onSpan({ fromUs, toUs: Math.min(nowUs, dayStart(fromUs + 1.5 * DAY_US)) });
              }}
            >
              {words.wholeDay}
            </Button>
            <Button size="small" onClick={() => onSpan({ fromUs: Math.min(oldestUs, atUs()), toUs: atUs() })}>
              {words.allBefore}
            </Button>
            <Button size="small" onClick={() => onSpan({ fromUs: oldestUs, toUs: nowUs })}>
              {words.all}
            </Button>
          </>
        )}
      </div>
      <p role="status" className="text-sm text-soft">
        {sayLength((span.toUs - span.fromUs) / 1000)}
      </p>
    </div>
  );
}
