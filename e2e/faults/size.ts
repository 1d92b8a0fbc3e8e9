/** @file How much of each fault is done: a sample in `make test`, everything that is promised in `make faults`. */

const isFull = process.env["EAVES_FAULTS"] === "full";
const number = (name: string, sample: number, full: number): number => {
  const given = process.env[name];
  return given === undefined ? (isFull ? full : sample) : Number(given);
};

export const size = {
  kills: number("EAVES_FAULTS_KILLS", 20, 200),
  cameraKills: number("EAVES_FAULTS_CAMERA_KILLS", 6, 50),
  vaultAwaySeconds: number("EAVES_FAULTS_AWAY_SECONDS", 20, 600),
} as const;

/** One figure of what was measured, for a person to read. */
export function report(name: string, value: string | number): void {
  process.stdout.write(`fault\t${name}\t${String(value)}\n`);
}
