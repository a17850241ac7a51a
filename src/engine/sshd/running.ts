export interface Size {
  cols: number;
  rows: number;
}

/** What runs in a session, as its client steers it. */
export interface Running {
  /** Resolves when all its output has been handed over, with its exit code or the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  resize(size: Size): void;
  signal(name: NodeJS.Signals): void;
  /** Nobody is there any more. */
  hangUp(): void;
}
