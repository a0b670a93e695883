import type { OvsdbError } from "../errors.ts";
import type { Connection } from "../jsonrpc/connection.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import type { Lock } from "./locks.ts";
import type {
  SessionOptions,
  SessionParticipant,
  SessionRequestOptions,
  SessionState,
  WaitOptions,
} from "./types.ts";

/** Signatures; the code follows. */
export declare class Session {
  readonly database: string;
  constructor(options: SessionOptions);
  get state(): SessionState;
  get connected(): boolean;
  get remote(): string | null;
  get connection(): Connection | null;
  get lastError(): OvsdbError | null;
  /** Resolves once the session is closed for good, by close() or because `retry` is false; never rejects. */
  readonly closed: Promise<void>;
  start(): void;
  attach(participant: SessionParticipant): () => void;
  request(method: string, params: readonly JsonValue[], options?: SessionRequestOptions): Promise<JsonValue>;
  whenUp(options?: WaitOptions): Promise<Connection>;
  forceReconnect(reason: string): void;
  setProbeInterval(ms: number): void;
  lock(name: string): Lock;
  onStateChange(listener: (state: SessionState) => void): () => void;
  close(): Promise<void>;
}
