/** @file One of several: a native checkbox with its label, as large as a thumb. */
import type { ReactNode } from "react";

export interface CheckFieldProps {
  readonly label: string;
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
  readonly isBusy?: boolean;
  /** Reads as something that holds at once, not as a choice in a form. */
  readonly isSwitch?: boolean;
}

export function CheckField({ label, isChecked, onChange, isBusy = false, isSwitch = false }: CheckFieldProps): ReactNode {
  return (
    <label className="flex min-h-12 cursor-pointer items-center gap-3 rounded-control border border-edge bg-card px-3.5 py-2 has-checked:border-accent has-checked:bg-accent-wash has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
      <input
        type="checkbox"
        role={isSwitch ? "switch" : undefined}
        checked={isChecked}
        aria-busy={isBusy || undefined}
        onChange={(event) => {
          if (!isBusy) onChange(event.target.checked);
        }}
        className="size-5 shrink-0 accent-accent focus-visible:outline-none"
      />
      <span className="min-w-0 font-medium">{label}</span>
    </label>
  );
}
