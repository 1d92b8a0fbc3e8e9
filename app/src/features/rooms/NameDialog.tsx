/** @file Asks for one name: of a room, of a camera. */
import { useState, type ReactNode } from "react";
import type { Outcome } from "../../domain/home.ts";
import { useAction } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/Field.tsx";

export interface NameDialogProps<T> {
  readonly title: string;
  readonly label: string;
  readonly initial: string;
  readonly onSave: (name: string) => Promise<Outcome<T>>;
  readonly onSaved?: (name: string) => void;
  readonly onClose: () => void;
}

export function NameDialog<T>({ title, label, initial, onSave, onSaved, onClose }: NameDialogProps<T>): ReactNode {
  const [name, setName] = useState(initial);
  const [error, setError] = useState<string>();
  const save = useAction(onSave);
  const submit = async () => {
    const trimmed = name.trim();
    if (trimmed === "") {
      setError(text.firstRun.nameEmpty);
      return;
    }
    if ((await save.start(trimmed)) === undefined) return;
    onSaved?.(trimmed);
    onClose();
  };
  return (
    <Dialog isOpen onClose={onClose} title={title} closeLabel={text.common.close}>
      <form
        className="flex flex-col gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <ProblemNotice problem={save.problem} />
        <TextField label={label} value={name} onValue={(typed) => { setError(undefined); setName(typed); }} error={error} maxLength={64} autoComplete="off" autoFocus />
        <DialogActions>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button tone="primary" type="submit" isBusy={save.isBusy}>
            {text.common.save}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
