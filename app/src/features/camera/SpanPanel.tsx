/** @file Under the picture while one chooses what to save or erase: the timeline stays in reach. */
import { useEffect, useRef, type ReactNode } from "react";
import type { Span, TimeUs } from "../../domain/home.ts";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { SpanChooser } from "../timeline/SpanChooser.tsx";

export interface SpanPanelProps {
  readonly kind: "export" | "erase";
  readonly span: Span;
  readonly onSpan: (span: Span) => void;
  readonly atUs: () => TimeUs;
  readonly recordingSpan: () => Span | null;
  readonly oldestUs: TimeUs | null;
  readonly onGo: () => void;
  readonly onCancel: () => void;
}

export function SpanPanel({ kind, span, onSpan, atUs, recordingSpan, oldestUs, onGo, onCancel }: SpanPanelProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const title = kind === "export" ? text.export.title : text.erase.title;
  return (
    <section aria-label={title} className="flex flex-col gap-3 px-4 py-3 lg:flex-row lg:items-end lg:justify-between">
      <h2 ref={heading} tabIndex={-1} className="font-bold focus-visible:outline-none lg:sr-only">
        {title}
      </h2>
      <SpanChooser span={span} onSpan={onSpan} atUs={atUs} recordingSpan={recordingSpan} {...(kind === "erase" ? { oldestUs } : {})} />
      {/* Always in sight, also when the choices above need scrolling. */}
      <div className="sticky -bottom-1.5 -my-2 flex shrink-0 flex-wrap justify-end gap-2 bg-paper py-2 lg:static lg:my-0">
        <Button size="small" onClick={onCancel}>
          {text.common.cancel}
        </Button>
        <Button size="small" tone={kind === "export" ? "primary" : "danger"} disabled={span.toUs <= span.fromUs} onClick={onGo}>
          {kind === "export" ? text.export.start : text.erase.check}
        </Button>
      </div>
    </section>
  );
}
