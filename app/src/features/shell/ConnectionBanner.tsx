/** @file Says when the connection is gone, and what can be done; says nothing while it stands. */
import { CloudOff } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useHome, useSnapshot } from "../../model/HomeContext.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { useToast } from "../../ui/Toast.tsx";

/** Shorter interruptions than this are nobody's business. */
const PATIENCE_MS = 1500;

export function ConnectionBanner(): ReactNode {
  const model = useHome();
  const say = useToast();
  const { connection } = useSnapshot();
  const isDown = connection.kind === "offline" || connection.kind === "reconnecting";
  const [isTold, setTold] = useState(false);
  const wasTold = useRef(false);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        setTold(isDown);
        if (!isDown && wasTold.current) say({ message: text.connection.back });
        wasTold.current = isDown;
      },
      isDown ? PATIENCE_MS : 0,
    );
    return () => clearTimeout(timer);
  }, [isDown, say]);
  return (
    <div role="status" className="no-print">
      {isTold && isDown && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 bg-ink px-4 py-2 text-paper">
          <CloudOff aria-hidden className="size-5 shrink-0" />
          <p className="min-w-0 flex-1 font-medium">{connection.kind === "offline" ? text.connection.offline : text.connection.reconnecting}</p>
          <Button size="small" tone="quiet" className="!text-paper underline hover:!bg-white/15" onClick={() => model.reconnect()}>
            {text.connection.retry}
          </Button>
        </div>
      )}
    </div>
  );
}
