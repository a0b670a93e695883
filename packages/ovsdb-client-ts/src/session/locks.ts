/** Signatures; the code follows. */
export interface Lock {
  readonly name: string;
  readonly held: boolean;
  readonly requested: boolean;
  /** Asks for the lock and waits in line, again after every reconnect (RFC 7047 §4.1.8). */
  request(): void;
  /** Takes the lock from whoever holds it (§4.1.9). Resolves when it is ours. */
  steal(): Promise<void>;
  /** Gives the lock back, or leaves the line (§4.1.10). */
  release(): Promise<void>;
  /** Called after each change of `held`. Returns the function that ends this. */
  onChange(listener: (held: boolean) => void): () => void;
}
