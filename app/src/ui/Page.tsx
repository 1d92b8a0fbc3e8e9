/** @file The frames of a page: its heading, its sections, and the one-question-a-screen column. */
import { ArrowLeft } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { IconButton } from "./Button.tsx";

export interface HeadingProps {
  readonly children: ReactNode;
  /** Instead of the look of a page's heading. */
  readonly className?: string;
}

/**
 * Takes the focus when a new step or page appears, so that a screen reader starts reading there; but not from a field
 * that has taken it already.
 */
export function Heading({ children, className = "text-2xl leading-tight font-bold sm:text-3xl" }: HeadingProps): ReactNode {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!(document.activeElement instanceof HTMLInputElement)) ref.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={ref} tabIndex={-1} className={`focus-visible:outline-none ${className}`}>
      {children}
    </h1>
  );
}

export interface StepProps {
  readonly title: string;
  readonly lead?: ReactNode;
  /** "Step 2 of 4": where one is. */
  readonly where?: string;
  readonly back?: { readonly label: string; readonly run: () => void } | undefined;
  readonly children: ReactNode;
}

/** One question a screen. */
export function Step({ title, lead, where, back, children }: StepProps): ReactNode {
  return (
    <section className="mx-auto flex w-full max-w-md flex-1 flex-col gap-6 px-5 py-6 sm:justify-center sm:py-12 print:max-w-none print:justify-start">
      <header className="flex flex-col gap-2">
        {(back !== undefined || where !== undefined) && (
          <div className="no-print flex min-h-11 items-center gap-2 text-soft">
            {back !== undefined && <IconButton className="-ml-3" label={back.label} icon={<ArrowLeft aria-hidden className="size-5" />} onClick={back.run} />}
            {where !== undefined && <p className="text-sm font-medium">{where}</p>}
          </div>
        )}
        <Heading>{title}</Heading>
        {lead !== undefined && <p className="text-lg text-soft">{lead}</p>}
      </header>
      {children}
    </section>
  );
}

export function Section({ title, lead, children }: { readonly title: string; readonly lead?: ReactNode; readonly children: ReactNode }): ReactNode {
  return (
    <section className="flex flex-col gap-4 rounded-card border border-line bg-card p-5">
      <header className="flex flex-col gap-1">
        <h2 className="text-lg font-bold">{title}</h2>
        {lead !== undefined && <p className="text-soft">{lead}</p>}
      </header>
      {children}
    </section>
  );
}

export function Column({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="mx-auto flex w-full max-w-2xl flex-col gap-5 px-4 py-6 sm:px-6">{children}</div>;
}

/** What a person never needs and somebody once wants. */
export function Details({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  return (
    <details className="text-sm text-soft">
      <summary className="inline-flex min-h-11 items-center rounded-control underline">{label}</summary>
      <div className="pb-2 break-words">{children}</div>
    </details>
  );
}
