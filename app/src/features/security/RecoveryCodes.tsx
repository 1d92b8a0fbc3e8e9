/** @file Recovery codes: made, shown once, printed or saved, and kept on paper. */
import { Download, Printer } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { download } from "../../ui/download.ts";
import { useToast } from "../../ui/Toast.tsx";

const words = text.security;

export function RecoveryCodes({ left, onChanged }: { readonly left: number; readonly onChanged: () => void }): ReactNode {
  const model = useHome();
  const say = useToast();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const make = useAction(model.security.makeRecoveryCodes.bind(model.security));
  const label = left === 0 ? words.makeCodes : words.makeNewCodes;
  return (
    <div className="flex flex-wrap items-center gap-3">
      <div className="min-w-0 flex-1 basis-56">
        <h3 className="font-semibold">{words.codes}</h3>
        <p className="text-sm text-soft">{words.codesLeft(left)}</p>
      </div>
      <Button size="small" isBusy={make.isBusy} onClick={() => void make.start().then((made) => { if (made !== undefined) setCodes(made.value); })}>
        {label}
      </Button>
      <ProblemNotice problem={make.problem} />
      {codes !== null && (
        <Shown
          codes={codes}
          onKept={() => {
            setCodes(null);
            say({ message: words.codesKept });
            onChanged();
          }}
        />
      )}
    </div>
  );
}

/** They are shown only now, so that it takes a deliberate press to leave. */
function Shown({ codes, onKept }: { readonly codes: readonly string[]; readonly onKept: () => void }): ReactNode {
  const save = () => download(new Blob([`${words.codesFileHead}\n\n${codes.join("\n")}\n`], { type: "text/plain" }), words.codesFile);
  return (
    <Dialog isOpen onClose={onKept} title={words.codesTitle} description={words.codesLead} closeLabel={text.common.close} isHeld>
      <ol aria-label={words.codesLabel} className="grid grid-cols-1 gap-x-6 gap-y-2 rounded-control bg-sunken p-4 font-mono text-lg sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code} className="text-center select-all">
            {code}
          </li>
        ))}
      </ol>
      <div className="no-print flex flex-wrap gap-3">
        <Button size="small" icon={<Printer aria-hidden className="size-5" />} onClick={() => window.print()}>
          {words.codesPrint}
        </Button>
        <Button size="small" icon={<Download aria-hidden className="size-5" />} onClick={save}>
          {words.codesSave}
        </Button>
      </div>
      <Button tone="primary" className="no-print" onClick={onKept}>
        {words.codesWritten}
      </Button>
    </Dialog>
  );
}
