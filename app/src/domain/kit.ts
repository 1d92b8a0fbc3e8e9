/** @file Which groups of a new recovery kit a person types back, and whether they are right. Pure. */

/** Two different groups, from two random numbers in [0, 1). */
export function chosenGroups(count: number, first: number, second: number): readonly [number, number] {
  const a = Math.floor(first * count) % count;
  const b = (a + 1 + (Math.floor(second * (count - 1)) % (count - 1))) % count;
  return a < b ? [a, b] : [b, a];
}

export function isSameGroup(typed: string, group: string): boolean {
  return typed.replaceAll(/[\s-]/g, "").toUpperCase() === group.toUpperCase();
}
