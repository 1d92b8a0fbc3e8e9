/** @file Progress of something that takes a moment, and a meter of how full something is. */
import type { ReactNode } from "react";

interface BarProps {
  readonly label: string;
  readonly value: ReactNode;
  /** 0..1; null: not known yet. */
  readonly fraction: number | null;
}

export function ProgressBar({ label, value, fraction }: BarProps): ReactNode {
  const percent = fraction === null ? null : Math.round(Math.min(1, Math.max(0, fraction)) * 100);
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap justify-between gap-x-4">
        <span className="font-medium">{label}</span>
        <span className="text-soft tabular-nums">{value}</span>
      </div>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(percent === null ? {} : { "aria-valuenow": percent })}
        className="h-2.5 overflow-hidden rounded-full bg-sunken"
      >
        <div
          className={`meter-fill h-full rounded-full bg-accent transition-[width] duration-200 ${percent === null ? "w-full animate-breathe" : ""}`}
          style={percent === null ? undefined : { width: `${percent}%` }}
        />
      </div>
    </div>
  );
}

export function Meter({ label, value, fraction }: BarProps): ReactNode {
  const percent = Math.round(Math.min(1, Math.max(0, fraction ?? 0)) * 100);
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap justify-between gap-x-4">
        <span className="font-medium">{label}</span>
        <span className="text-soft tabular-nums">{value}</span>
      </div>
      <div role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} className="h-2.5 overflow-hidden rounded-full bg-sunken">
        <div className="meter-fill h-full rounded-full bg-accent" style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}

/** The grey shape of what will be here. The region around it says in words that it is loading. */
export function Skeleton({ className }: { readonly className?: string }): ReactNode {
  return <div aria-hidden className={`animate-breathe rounded-control bg-sunken ${className ?? ""}`} />;
}
