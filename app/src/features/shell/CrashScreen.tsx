/** @file What is shown when the app itself broke: no blank page, and a way on. */
import { Component, type ReactNode } from "react";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { Details, Step } from "../../ui/Page.tsx";

interface State {
  readonly error: Error | null;
}

export class CrashScreen extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error("unknown") };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className="flex flex-1 flex-col">
        <Step title={text.crash.title} lead={text.crash.lead}>
          <Button tone="primary" onClick={() => location.assign("/")}>
            {text.crash.reload}
          </Button>
          <Details label={text.common.details}>
            <code className="font-mono">{error.name}</code>
          </Details>
        </Step>
      </main>
    );
  }
}
