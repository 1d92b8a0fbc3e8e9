/** @file One line per figure, tab-separated: `figure`, name, value, unit, and the ratio to the peer where there is one. */

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The peer's value in the same unit, measured in the same run. */
  readonly peer?: number;
}

function rounded(value: number): string {
  return Number(value.toPrecision(4)).toString();
}

export function report(figure: Figure): void {
  const fields = ["figure", figure.name, rounded(figure.value), figure.unit];
  if (figure.peer !== undefined) fields.push(rounded(figure.value / figure.peer));
  console.log(fields.join("\t"));
}

/** The value below which `share` of the samples lie. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
