/** @file Short messages that pass: what was done, with an undo where there is one. Also the voice for screen readers. */
import { X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from "react";
import { Button, IconButton } from "./Button.tsx";

export interface ToastMessage {
  readonly message: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

interface Shown extends ToastMessage {
  readonly key: number;
}

const ToastContext = createContext<(toast: ToastMessage) => void>(() => undefined);

/** Says something in passing. */
export function useToast(): (toast: ToastMessage) => void {
  return use(ToastContext);
}

export interface ToastLabels {
  readonly region: string;
  readonly dismiss: string;
}

const SHOWN_AT_ONCE = 3;

export function ToastProvider({ labels, children }: { readonly labels: ToastLabels; readonly children: ReactNode }): ReactNode {
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const say = useCallback((toast: ToastMessage) => {
    setShown((before) => [...before.slice(1 - SHOWN_AT_ONCE), { ...toast, key: (before.at(-1)?.key ?? 0) + 1 }]);
  }, []);
  const drop = (key: number) => setShown((before) => before.filter((toast) => toast.key !== key));
  return (
    <ToastContext value={useMemo(() => say, [say])}>
      <Radix.Provider label={labels.region} duration={8000} swipeDirection="down">
        {children}
        {shown.map((toast) => (
          <Radix.Root
            key={toast.key}
            onOpenChange={(open) => { if (!open) drop(toast.key); }}
            className="pointer-events-auto flex animate-rise items-center gap-1 rounded-control bg-ink py-1 pr-1 pl-4 text-paper shadow-lg"
          >
            <Radix.Description className="min-w-0 flex-1 py-2">{toast.message}</Radix.Description>
            {toast.action !== undefined && (
              <Radix.Action asChild altText={toast.action.label}>
                <Button tone="quiet" size="small" className="!text-paper underline hover:!bg-white/15" onClick={toast.action.run}>
                  {toast.action.label}
                </Button>
              </Radix.Action>
            )}
            <Radix.Close asChild>
              <IconButton label={labels.dismiss} icon={<X aria-hidden className="size-5" />} className="!text-paper hover:!bg-white/15" />
            </Radix.Close>
          </Radix.Root>
        ))}
        <Radix.Viewport className="pointer-events-none fixed inset-x-3 bottom-[calc(4.75rem+env(safe-area-inset-bottom))] z-50 flex flex-col gap-2 sm:right-5 sm:bottom-5 sm:left-auto sm:w-96" />
      </Radix.Provider>
    </ToastContext>
  );
}
