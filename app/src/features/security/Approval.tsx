/** @file "Are you signing in?", on a device that is signed in: the number that the other one shows, or "This is not me". */
import { useState, type ReactNode } from "react";
import type { ApprovalView } from "../../domain/security.ts";
import { useAction, useHome, useSnapshot } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { Link } from "../../navigation/Link.tsx";
import { text } from "../../text/index.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { useToast } from "../../ui/Toast.tsx";

const words = text.approval;

export function Approval(): ReactNode {
  const { access, account } = useSnapshot();
  const [isDenied, setDenied] = useState(false);
  const [closed, setClosed] = useState<string | null>(null);
  const asked = access.kind === "in" ? account.approvals.find(({ id }) => id !== closed) : undefined;
  if (isDenied) return <Denied onClose={() => setDenied(false)} />;
  return asked === undefined ? null : <Ask key={asked.id} asked={asked} onDenied={() => setDenied(true)} onClose={() => setClosed(asked.id)} />;
}

interface AskProps {
  readonly asked: ApprovalView;
  readonly onDenied: () => void;
  readonly onClose: () => void;
}

function Ask({ asked, onDenied, onClose }: AskProps): ReactNode {
  const model = useHome();
  const say = useToast();
  const approve = useAction(model.security.approve.bind(model.security));
  const deny = useAction(model.security.deny.bind(model.security));
  const isBusy = approve.isBusy || deny.isBusy;
  const { id, client, network, numbers } = asked;
  const description = words.lead(text.devices.name(client.browser, client.system), text.devices.networks[network]);
  return (
    <Dialog isOpen onClose={onClose} title={words.title} description={description} closeLabel={text.common.close} isHeld={isBusy}>
      <ProblemNotice problem={approve.problem ?? deny.problem} />
      <div role="group" aria-label={words.numbers} className="grid grid-cols-3 gap-3">
        {numbers.map((number) => (
          <Button
            key={number}
            aria-label={words.number(number)}
            className="min-h-20 !text-3xl tabular-nums"
            onClick={() => {
              if (!isBusy) void approve.start(id, number).then((done) => { if (done !== undefined) say({ message: words.answered }); });
            }}
          >
            {number}
          </Button>
        ))}
      </div>
      <Button tone="danger" isBusy={deny.isBusy} onClick={() => void deny.start(id).then((done) => { if (done !== undefined) onDenied(); })}>
        {words.notMe}
      </Button>
    </Dialog>
  );
}

function Denied({ onClose }: { readonly onClose: () => void }): ReactNode {
  return (
    <Dialog isOpen onClose={onClose} title={words.notMe} closeLabel={text.common.close} tone="danger">
      <Notice tone="danger" title={words.denied} isLive />
      <Link to={{ kind: "security" }} className={buttonClass("primary")} onClick={onClose}>
        {words.change}
      </Link>
    </Dialog>
  );
}
