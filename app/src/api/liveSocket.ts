/** @file The WebSocket of one camera's live frames: connected again and again until closed. */

const PAUSE_MS_MIN = 300;
const PAUSE_MS_MAX = 10_000;

export interface LiveListener {
  /** A text message, as JSON. */
  onMessage(message: unknown): void;
  /** A sealed frame. */
  onFrame(frame: ArrayBuffer): void;
  /** The socket is open (again). */
  onOpen(): void;
  onLost(): void;
}

export interface LiveSocket {
  /** Sends a JSON message; nothing while the socket is not open. */
  say(message: object): void;
  close(): void;
}

export type SocketMaker = (path: string) => WebSocket;

/** Opens a socket of our own origin. */
export const sameOriginSocket: SocketMaker = (path) => {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url);
};

export function openLiveSocket(device: string, listener: LiveListener, make: SocketMaker = sameOriginSocket): LiveSocket {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = PAUSE_MS_MIN;
  let isClosed = false;
  connect();
  return {
    say: (message) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };

  function connect(): void {
    const now = make(`/api/v1/live/${device}`);
    socket = now;
    now.binaryType = "arraybuffer";
    now.onopen = () => {
      pauseMs = PAUSE_MS_MIN;
      listener.onOpen();
    };
    now.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (isClosed) return;
      if (data instanceof ArrayBuffer) listener.onFrame(data);
      else if (typeof data === "string") deliver(data);
    };
    now.onclose = () => {
      if (isClosed) return;
      listener.onLost();
      timer = setTimeout(connect, pauseMs);
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
    };
  }

  function deliver(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    listener.onMessage(message);
  }
}
