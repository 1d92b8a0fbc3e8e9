/** @file What the hub found at the address: the picture, and what the camera sends. */
import type { ReactNode } from "react";
import type { ProbedStream, ProbeResult } from "../../domain/home.ts";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Step } from "../../ui/Page.tsx";

export interface FoundProps {
  readonly found: ProbeResult;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

function sayStream(stream: ProbedStream): string {
  const words = text.addCamera;
  const rate = stream.framesPerSecond === null ? [] : [words.rate(String(Math.round(stream.framesPerSecond * 10) / 10))];
  return [stream.codec, words.size(stream.width, stream.height), ...rate].join(", ");
}

export function Found({ found, onYes, onNo }: FoundProps): ReactNode {
  const words = text.addCamera;
  return (
    <Step key="found" title={words.foundTitle} lead={found.pictureUrl === null ? words.noPicture : words.foundLead} where={text.common.step(3, 4)}>
      {found.pictureUrl !== null && <img src={found.pictureUrl} alt={words.pictureAlt} className="w-full rounded-card bg-stage" />}
      {found.warnings.map((warning) => (
        <Notice key={warning} tone={warning === "default-password" || warning === "no-password" ? "danger" : "plain"} title={words.warnings[warning].what}>
          <p>{words.warnings[warning].next}</p>
        </Notice>
      ))}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {found.streams.map((stream) => (
          <Row key={stream.role} term={stream.role === "main" ? words.main : words.sub} value={sayStream(stream)} />
        ))}
        <Row term={words.sound} value={found.audio === null ? words.soundNone : found.audio.isKept ? found.audio.codec : words.soundDropped(found.audio.codec)} />
        <Row term={words.addressLabel} value={found.address} />
      </dl>
      <div className="flex flex-col gap-3">
        <Button tone="primary" onClick={onYes}>
          {words.yes}
        </Button>
        <Button onClick={onNo}>{words.no}</Button>
      </div>
    </Step>
  );
}

function Row({ term, value }: { readonly term: string; readonly value: string }): ReactNode {
  return (
    <>
      <dt className="text-soft">{term}</dt>
      <dd className="min-w-0 break-words">{value}</dd>
    </>
  );
}
