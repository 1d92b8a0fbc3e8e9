/** @file Dialogs: a sheet from below on a phone, a card in the middle on a desk. Focus goes in and comes back. */
import { clsx } from "clsx";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { IconButton } from "./Button.tsx";

export interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly closeLabel: string;
  /** While true neither Escape nor a press outside closes it: something is going on that must be seen through. */
  readonly isHeld?: boolean;
  readonly tone?: "plain" | "danger";
  /** Where the focus goes afterwards, when what opened the dialog is gone by then. */
  readonly focusAfter?: (() => HTMLElement | null) | undefined;
  readonly children: ReactNode;
}

export function Dialog({ isOpen, onClose, title, description, closeLabel, isHeld = false, tone = "plain", focusAfter, children }: DialogProps): ReactNode {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => { if (!open && !isHeld) onClose(); }}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-black/50" />
        <Radix.Content
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          onCloseAutoFocus={(event) => {
            const element = focusAfter?.() ?? null;
            if (element === null) return;
            event.preventDefault();
            element.focus();
          }}
          className={clsx(
            "fixed z-50 flex max-h-[92dvh] flex-col overflow-y-auto overscroll-contain bg-card text-ink shadow-2xl animate-rise",
            "inset-x-0 bottom-0 rounded-t-card px-5 pt-5 pb-[max(1.25rem,env(safe-area-inset-bottom))]",
            "sm:inset-0 sm:m-auto sm:h-fit sm:max-w-lg sm:rounded-card sm:p-7",
            tone === "danger" && "border-t-4 border-danger",
          )}
        >
          <div className="flex items-start gap-3">
            <Radix.Title className="min-w-0 flex-1 pt-2 text-xl leading-snug font-bold">{title}</Radix.Title>
            {!isHeld && (
              <Radix.Close asChild>
                <IconButton label={closeLabel} icon={<X aria-hidden className="size-5" />} className="-mr-2" />
              </Radix.Close>
            )}
          </div>
          {description !== undefined && <Radix.Description className="mt-2 text-soft">{description}</Radix.Description>}
          <div className="mt-5 flex flex-col gap-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** The row of buttons at the end of a dialog: the main one nearest the thumb. */
export function DialogActions({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="mt-2 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">{children}</div>;
}
