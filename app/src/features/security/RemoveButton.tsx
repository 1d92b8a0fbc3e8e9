/** @file Taking a way in away: a button, the question with what it means, and why not when it is the last one. */
import { Trash2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Outcome } from "../../domain/home.ts";
import { useAction } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { useToast } from "../../ui/Toast.tsx";

export interface RemoveButtonProps {
  /** On the button, and once more in the dialog. */
  readonly label: string;
  /** Only a picture on the button, where the line says already what it is about. */
  readonly isIcon?: boolean;
  readonly title: string;
  readonly lead: string;
  readonly done: string;
  readonly remove: () => Promise<Outcome<void>>;
  readonly onRemoved: () => void;
}

export function RemoveButton({ label, isIcon = false, title, lead, done, remove, onRemoved }: RemoveButtonProps): ReactNode {
  const say = useToast();
  const [isAsking, setAsking] = useState(false);
  const removing = useAction(remove);
  const close = () => {
    removing.clear();
    setAsking(false);
  };
  return (
    <>
      {isIcon ? (
        <IconButton label={label} icon={<Trash2 aria-hidden className="size-5" />} onClick={() => setAsking(true)} />
      ) : (
        <Button tone="quiet" onClick={() => setAsking(true)}>
          {label}
        </Button>
      )}
      <Dialog isOpen={isAsking} onClose={close} title={title} description={lead} closeLabel={text.common.close} isHeld={removing.isBusy} tone="danger">
        <ProblemNotice problem={removing.problem} />
        <DialogActions>
          <Button onClick={close}>{text.common.cancel}</Button>
          <Button
            tone="danger"
            isBusy={removing.isBusy}
            onClick={() =>
              void removing.start().then((gone) => {
                if (gone === undefined) return;
                say({ message: done });
                setAsking(false);
                onRemoved();
              })
            }
          >
            {text.security.remove}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
