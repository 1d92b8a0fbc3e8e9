/** @file A text as a QR code, drawn as one path: dark on light whatever the theme, since phones read it so. */
import type { ReactNode } from "react";
import { encode } from "uqr";

const QUIET = 4;

export function QrCode({ value, label }: { readonly value: string; readonly label: string }): ReactNode {
  const { data, size } = encode(value, { ecc: "M", border: 0 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : []))).join("");
  const whole = size + 2 * QUIET;
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${whole} ${whole}`} shapeRendering="crispEdges" className="w-full max-w-64 rounded-card">
      <rect width={whole} height={whole} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
