/** @file The field for the nine groups of a recovery kit. */
import type { ReactNode } from "react";
import { groupedCode } from "../../domain/route.ts";
import { text } from "../../text/index.ts";
import { TextField } from "../../ui/Field.tsx";

const KIT_GROUPS = 9;

export function isWholeKit(typed: string): boolean {
  return typed.length >= KIT_GROUPS * 5 - 1;
}

export interface KitFieldProps {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly error: string | undefined;
  readonly autoFocus?: boolean;
}

export function KitField({ value, onValue, error, autoFocus = false }: KitFieldProps): ReactNode {
  return (
    <TextField
      label={text.signIn.kitLabel}
      value={value}
      onValue={(typed) => onValue(groupedCode(typed, KIT_GROUPS))}
      help={text.signIn.kitHelp}
      error={error}
      className="font-mono"
      lines={2}
      autoComplete="off"
      autoCapitalize="characters"
      spellCheck={false}
      autoFocus={autoFocus}
    />
  );
}
