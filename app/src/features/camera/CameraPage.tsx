/** @file One camera: its picture, and the timeline under the thumb. */
import { ArrowLeft, List, Radio } from "lucide-react";
import { useCallback, useMemo, useRef, useState, type ReactNode } from "react";
import { DAY_US, MINUTE_US, SECOND_US } from "../../domain/clock.ts";
import type { CameraView, Span, TimeUs } from "../../domain/home.ts";
import { itemAt, MIN_US_PER_PX, zoom } from "../../domain/timeline.ts";
import { useHome, useHousehold } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { navigate } from "../../navigation/location.ts";
import { text } from "../../text/index.ts";
import { sayStamp } from "../../text/phrases.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { download } from "../../ui/download.ts";
import { Heading } from "../../ui/Page.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { EraseDialog } from "../erase/EraseDialog.tsx";
import { ExportDialog } from "../export/ExportDialog.tsx";
import { Alarms } from "../timeline/Alarms.tsx";
import { Cursor } from "../timeline/cursor.ts";
import { RecordingList } from "../timeline/RecordingList.tsx";
import { Strip } from "../timeline/Strip.tsx";
import { useTimeline } from "../timeline/useTimeline.ts";
import { ArmedLine } from "../rules/ArmedLine.tsx";
import { Caption } from "./Caption.tsx";
import { Controls } from "./Controls.tsx";
import { snapshotOf } from "./snapshot.ts";
import { SpanPanel } from "./SpanPanel.tsx";
import { StageView } from "./StageView.tsx";
import { TurnedOff, TurnOffButton } from "./TurnedOff.tsx";
import { useMedia } from "./useMedia.ts";
import { useFullScreen } from "./useFullScreen.ts";
import { useStage } from "./useStage.ts";

/** Twenty minutes over a phone. */
const START_US_PER_PX = 3 * SECOND_US;
const SPAN_START_US = MINUTE_US;
/** How wide a chosen span is drawn at first. */
const SPAN_WIDTH_PX = 130;

type Panel = { readonly kind: "export" | "erase"; readonly span: Span; readonly isAsked: boolean };

export function CameraPage({ camera, startAtUs }: { readonly camera: CameraView; readonly startAtUs: TimeUs | null }): ReactNode {
  const model = useHome();
  const household = useHousehold();
  const say = useToast();
  const frame = useRef<HTMLDivElement>(null);
  const liveVideo = useRef<HTMLVideoElement>(null);
  const pastVideo = useRef<HTMLVideoElement>(null);
  const cursor = useMemo(() => {
    const nowUs = model.nowUs();
    return new Cursor({ centreUs: startAtUs ?? nowUs, usPerPx: START_US_PER_PX }, { fromUs: nowUs - DAY_US, toUs: nowUs });
  }, [model, startAtUs]);
  const timeline = useTimeline(camera.id);
  const stage = useStage(camera.id, startAtUs, cursor, timeline.bounds, liveVideo, pastVideo);
  const [isMuted, setMuted] = useState(true);
  // On a phone there is room for the list between picture and timeline; on a desk it would take from the picture.
  const hasListRoom = useMedia("(max-width: 63.99rem) and (min-height: 44rem)");
  const [listChoice, setListChoice] = useState<boolean | null>(null);
  const isList = listChoice ?? hasListRoom;
  const [panel, setPanel] = useState<Panel | null>(null);
  const [isFullScreen, toggleFullScreen] = useFullScreen(frame);
  const room = household.rooms.find((one) => one.id === camera.roomId);
  const roomName = room?.name;

  const recordingSpan = useCallback((): Span | null => {
    const item = itemAt(timeline.items, cursor.centreUs(), model.nowUs());
    return item?.kind === "recording" ? { fromUs: item.startUs, toUs: item.endUs } : null;
  }, [timeline.items, cursor, model]);

  /** Zooms so that both ends can be seen and taken hold of. */
  const showSpan = (span: Span) => {
    const wanted = Math.max((span.toUs - span.fromUs) / SPAN_WIDTH_PX, 2 * MIN_US_PER_PX);
    const view = cursor.view();
    if (view.usPerPx > wanted * 2 || view.usPerPx < wanted / 1.5) cursor.setView({ ...view, usPerPx: wanted });
  };

  const openPanel = (kind: Panel["kind"]) => {
    const at = Math.round(cursor.centreUs());
    const whole = kind === "erase" ? recordingSpan() : null;
    const span = whole ?? { fromUs: at - (stage.isLive ? SPAN_START_US : 0), toUs: stage.isLive ? at : Math.min(model.nowUs(), at + SPAN_START_US) };
    setPanel({ kind, span, isAsked: false });
    showSpan(span);
  };

  const strip = () => frame.current?.querySelector<HTMLElement>("[role=slider]") ?? null;
  const closePanel = () => {
    setPanel(null);
    strip()?.focus();
  };

  const saveSnapshot = async () => {
    const video = stage.isLive ? liveVideo.current : pastVideo.current;
    const atUs = cursor.centreUs();
    const blob = video === null ? null : await snapshotOf(video);
    if (blob !== null) download(blob, text.export.pictureName(camera.name, sayStamp(atUs)));
    say({ message: blob === null ? text.camera.snapshotFailed : text.camera.snapshotSaved });
  };

  const zoomBy = (factor: number) => cursor.setView(zoom(cursor.view(), factor, 0, 0));

  return (
    <div className="flex h-dvh min-h-[34rem] flex-col short:min-h-0 lg:h-[calc(100dvh-4rem)]">
      <header className="flex items-center gap-1 px-1 py-1 lg:px-3">
        <IconButton label={text.common.back} icon={<ArrowLeft aria-hidden className="size-5" />} onClick={() => navigate({ kind: "home" })} />
        <Heading className="min-w-0 flex-1 truncate text-lg font-bold">
          {camera.name}
          {roomName !== undefined && roomName !== camera.name && <span className="ml-2 font-normal text-soft">{roomName}</span>}
        </Heading>
        <TurnOffButton camera={camera} />
        <IconButton label={text.timeline.recordings} aria-pressed={isList} className="aria-pressed:bg-accent-wash" icon={<List aria-hidden className="size-5" />} onClick={() => setListChoice(!isList)} />
      </header>
      <TurnedOff camera={camera} />
      {room?.rules.now.records === "when-armed" && <ArmedLine className="border-b border-line" />}
      <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
        <div ref={frame} className="flex min-h-0 min-w-0 flex-1 flex-col bg-paper short:grid short:grid-cols-[1fr_22rem] short:grid-rows-[auto_1fr_auto]">
          <div className={`on-stage relative w-full shrink-0 overflow-hidden bg-stage lg:aspect-auto lg:min-h-0 lg:flex-1 lg:shrink short:row-span-2 short:aspect-auto short:h-full short:max-h-none short:min-h-0 ${isFullScreen ? "min-h-0 flex-1" : "aspect-video max-h-[56dvh]"}`}>
            <StageView camera={camera} stage={stage} cursor={cursor} items={timeline.items} isMuted={isMuted} liveVideo={liveVideo} pastVideo={pastVideo} onExport={() => openPanel("export")} />
          </div>
          <div className="flex min-h-[3.75rem] shrink-0 items-center gap-2 px-4 py-1.5">
            <Caption camera={camera} cursor={cursor} items={timeline.items} isLive={stage.isLive} />
            {!stage.isLive && (
              <Button size="small" className="shrink-0" icon={<Radio aria-hidden className="size-5" />} onClick={stage.goLive}>
                {text.camera.goLive}
              </Button>
            )}
          </div>
          {!isFullScreen && (
            <div className="min-h-0 flex-1 overflow-y-auto short:hidden lg:flex-none">
              {timeline.problem !== null && (
                <div className="px-4 pb-2">
                  <ProblemNotice problem={timeline.problem} onRetry={timeline.retry} />
                </div>
              )}
              <Alarms items={timeline.items} />
              {isList && panel === null && (
                <div className="border-t border-line px-3 py-1 lg:hidden">
                  <RecordingList deviceId={camera.id} timeline={timeline} startAtUs={cursor.centreUs()} onPlay={stage.seek} />
                </div>
              )}
            </div>
          )}
          <div className="max-h-[52dvh] min-h-24 overflow-y-auto border-t lg:shrink-0 border-line py-1.5 short:max-h-none short:min-h-0 short:border-t-0 lg:border-t-0">
            {panel === null ? (
              <Controls
                stage={stage}
                hasSound={camera.microphone !== "none"}
                isMuted={isMuted}
                isFullScreen={isFullScreen}
                onMute={() => setMuted(!isMuted)}
                onFullScreen={toggleFullScreen}
                onSnapshot={() => void saveSnapshot()}
                onExport={() => openPanel("export")}
                onErase={() => openPanel("erase")}
                onZoom={zoomBy}
              />
            ) : (
              <SpanPanel
                kind={panel.kind}
                span={panel.span}
                onSpan={(span) => {
                  setPanel({ ...panel, span });
                  showSpan(span);
                }}
                atUs={() => Math.round(cursor.centreUs())}
                recordingSpan={recordingSpan}
                oldestUs={timeline.bounds.oldestUs}
                onGo={() => setPanel({ ...panel, isAsked: true })}
                onCancel={closePanel}
              />
            )}
          </div>
          <div className="shrink-0 border-t border-line short:col-span-2 pb-[env(safe-area-inset-bottom)]">
            <Strip
              deviceId={camera.id}
              cameraName={camera.name}
              cursor={cursor}
              items={timeline.items}
              isLive={stage.isLive}
              selection={panel?.span ?? null}
              onSelection={(span) => { if (panel !== null) setPanel({ ...panel, span }); }}
              onHoldStart={stage.holdStart}
              onSettle={stage.seek}
              onLive={stage.goLive}
              onToggle={stage.togglePlay}
              onWant={timeline.want}
            />
          </div>
        </div>
        {isList && (
          <aside className="hidden w-96 shrink-0 overflow-y-auto border-l border-line px-3 py-2 lg:block">
            <RecordingList deviceId={camera.id} timeline={timeline} startAtUs={cursor.centreUs()} onPlay={stage.seek} />
          </aside>
        )}
      </div>
      {panel !== null && panel.isAsked && panel.kind === "export" && (
        <ExportDialog camera={camera} span={panel.span} onClose={() => setPanel(null)} focusAfter={strip} />
      )}
      {panel !== null && panel.isAsked && panel.kind === "erase" && <EraseSpan camera={camera} span={panel.span} onClose={() => setPanel(null)} focusAfter={strip} />}
    </div>
  );
}

interface EraseSpanProps {
  readonly camera: CameraView;
  readonly span: Span;
  readonly onClose: () => void;
  readonly focusAfter: () => HTMLElement | null;
}

function EraseSpan({ camera, span, onClose, focusAfter }: EraseSpanProps): ReactNode {
  const { id } = camera;
  const request = useMemo(() => ({ kind: "span", deviceId: id, span }) as const, [id, span]);
  return <EraseDialog request={request} onClose={onClose} focusAfter={focusAfter} />;
}
