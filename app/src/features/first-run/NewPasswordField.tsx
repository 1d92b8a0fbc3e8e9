/** @file A field for a new password that says how long it is, how long it should be, and what is wrong with it. */
import { Check } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { PASSWORD_LENGTH_MIN } from "../../domain/camera.ts";
import type { PasswordFault } from "../../domain/password.ts";
import { useHome } from "../../model/HomeContext.tsx";
import { text } from "../../text/index.ts";
import { PasswordField } from "../../ui/Field.tsx";

/** Advice comes when somebody stops typing. */
const PAUSE_MS = 400;

export interface NewPassword {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly error: string | undefined;
  readonly lengthMin: number;
  /** While typing: it was judged and will do. */
  readonly isGood: boolean;
  /** Judges what is typed: the password when it will do, null when the field now says why not. */
  readonly check: () => Promise<string | null>;
}

/** A new password and what is to be said about it. `names` make poor ones: one's own, where nobody is in yet. */
export function useNewPassword(names: readonly string[]): NewPassword {
  const model = useHome();
  const [value, setValue] = useState("");
  const [error, setError] = useState<string>();
  const [isGood, setGood] = useState(false);
  const [lengthMin, setLengthMin] = useState(PASSWORD_LENGTH_MIN);
  const latest = useRef({ value, names });
  useEffect(() => {
    latest.current = { value, names };
  });

  useEffect(() => {
    let isCurrent = true;
    void model.security.passwordLengthMin().then((min) => { if (isCurrent) setLengthMin(min); });
    return () => {
      isCurrent = false;
    };
  }, [model]);

  const judge = async (password: string): Promise<{ readonly fault: PasswordFault | null; readonly lengthMin: number }> => {
    try {
      return await model.security.judgePassword(password, latest.current.names);
    } catch {
      // A bug in the advice keeps nobody from choosing a password.
      return { fault: Array.from(password).length < lengthMin ? "short" : null, lengthMin };
    }
  };

  useEffect(() => {
    if (value.length < lengthMin) return undefined;
    let isCurrent = true;
    const timer = setTimeout(() => {
      void judge(value).then(({ fault }) => {
        if (!isCurrent) return;
        setGood(fault === null);
        if (fault !== null && fault !== "short") setError(text.firstRun.passwordFaults[fault]);
      });
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `judge` reads what is newest through a ref
  }, [value, lengthMin]);

  const check = async (): Promise<string | null> => {
    const typed = latest.current.value;
    const { fault, lengthMin: min } = await judge(typed);
    if (fault === null) return typed;
    setError(fault === "short" ? text.firstRun.passwordShort(min) : text.firstRun.passwordFaults[fault]);
    return null;
  };
  const onValue = (typed: string): void => {
    setError(undefined);
    setGood(false);
    setValue(typed);
  };
  return { value, onValue, error, lengthMin, isGood, check };
}

export function NewPasswordField({ password }: { readonly password: NewPassword }): ReactNode {
  const { value, onValue, error, lengthMin, isGood } = password;
  const words = text.firstRun;
  const length = Array.from(value).length;
  return (
    <div className="flex flex-col gap-2">
      <PasswordField
        label={words.passwordLabel}
        value={value}
        onValue={onValue}
        error={error}
        help={words.passwordHelp}
        autoComplete="new-password"
        showLabel={text.common.showPassword}
        hideLabel={text.common.hidePassword}
        autoFocus
      />
      {value !== "" && error === undefined && (
        <p role="status" className="flex items-center gap-1.5 text-sm font-medium">
          {isGood && <Check aria-hidden className="size-4 text-accent" />}
          {length < lengthMin ? words.passwordCount(length, lengthMin) : isGood ? words.passwordGood(length) : words.passwordEnough(length)}
        </p>
      )}
    </div>
  );
}
