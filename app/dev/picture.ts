/** @file Development only: draws the pictures of made-up cameras, with the time burnt in. */

export type View = "street" | "garden" | "hall" | "living";

const SKY: Record<View, readonly [string, string, string]> = {
  street: ["#b9d4e6", "#8b9388", "#5e6a58"],
  garden: ["#c7dcea", "#7f9a62", "#4f6b3c"],
  hall: ["#d8c9b4", "#b79f80", "#7a6248"],
  living: ["#cdbfae", "#9c8a78", "#5c4f45"],
};

export function drawPicture(context: CanvasRenderingContext2D, view: View, atMs: number): void {
  const { width, height } = context.canvas;
  const [far, middle, near] = SKY[view];
  const at = new Date(atMs);
  const hour = at.getHours() + at.getMinutes() / 60;
  const daylight = Math.max(0.25, Math.min(1, 1.25 - Math.abs(hour - 13) / 9));
  context.fillStyle = far;
  context.fillRect(0, 0, width, height);
  context.fillStyle = middle;
  context.fillRect(0, height * 0.52, width, height * 0.48);
  context.fillStyle = near;
  context.beginPath();
  context.moveTo(width * 0.3, height * 0.52);
  context.lineTo(width * 0.48, height * 0.52);
  context.lineTo(width * 0.95, height);
  context.lineTo(width * 0.02, height);
  context.fill();
  const blocks = view === "street" ? 5 : view === "garden" ? 3 : 2;
  for (let i = 0; i < blocks; i += 1) {
    const x = ((i * 0.27 + 0.03) % 1) * width;
    const top = height * (0.2 + ((i * 37) % 17) / 100);
    context.fillStyle = ["#8e7f70", "#a69482", "#7d8a80", "#9a8577", "#b0a390"][i % 5] ?? "#888";
    context.fillRect(x, top, width * 0.19, height * 0.53 - top);
    context.fillStyle = "#e9dfc8";
    for (let w = 0; w < 4; w += 1) context.fillRect(x + width * (0.025 + (w % 2) * 0.08), top + height * (0.04 + Math.floor(w / 2) * 0.12), width * 0.045, height * 0.07);
  }
  // Somebody walks by.
  const walk = ((atMs / 1000) % 12) / 12;
  const x = width * (0.1 + walk * 0.75);
  const y = height * (0.72 + Math.sin(walk * 40) * 0.004);
  context.fillStyle = "#2e2b33";
  context.fillRect(x, y - height * 0.14, width * 0.025, height * 0.2);
  context.beginPath();
  context.arc(x + width * 0.0125, y - height * 0.17, width * 0.016, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = `rgba(12, 16, 34, ${1 - daylight})`;
  context.fillRect(0, 0, width, height);
  context.font = `${Math.round(height / 18)}px monospace`;
  context.fillStyle = "white";
  context.textAlign = "right";
  context.fillText(at.toISOString().slice(11, 22), width - 8, height - 10);
}

export function newCanvas(width: number, height: number): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  return context;
}

export async function pictureUrl(view: View, atMs: number): Promise<string> {
  const context = newCanvas(480, 270);
  drawPicture(context, view, atMs);
  const blob = await new Promise<Blob | null>((resolve) => context.canvas.toBlob(resolve, "image/jpeg", 0.8));
  if (blob === null) throw new Error("no picture");
  return URL.createObjectURL(blob);
}
