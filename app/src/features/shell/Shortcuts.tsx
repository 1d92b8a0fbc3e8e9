/** @file The list of keys, behind "?": what can be done without a mouse. */
import type { ReactNode } from "react";
import { text } from "../../text/index.ts";
import { Dialog } from "../../ui/Dialog.tsx";

export function ShortcutList({ onClose }: { readonly onClose: () => void }): ReactNode {
  const words = text.shortcuts;
  return (
    <Dialog isOpen onClose={onClose} title={words.title} closeLabel={text.common.close}>
      {words.groups.map(({ title, keys }) => (
        <section key={title} className="flex flex-col gap-2">
          <h3 className="font-bold">{title}</h3>
          <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-1.5">
            {keys.map(({ key, does }) => (
              <div key={key} className="contents">
                <dt>
                  <kbd className="rounded-md border border-edge bg-sunken px-2 py-0.5 font-mono text-sm whitespace-nowrap">{key}</kbd>
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
