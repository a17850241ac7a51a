import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

const maxBytes = 1024 * 1024;

/**
 * Appends lines to a file of at most 1 MiB, and keeps the one before it as `.1`. Callers put in no environment
 * values and no contents of commands or terminals.
 */
export class LogFile {
  readonly #path: string;
  #descriptor: number;
  #bytes: number;

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'a', 0o600);
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  info(text: string): void {
    this.#write('info', text);
  }

  warn(text: string): void {
    this.#write('warn', text);
  }

  error(text: string, error: unknown): void {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#write('error', `${text}: ${detail}`);
  }

  #write(level: string, text: string): void {
    const line = Buffer.from(`${new Date().toISOString()} ${level} ${oneLine(text)}\n`);
    try {
      if (this.#bytes + line.length > maxBytes) this.#rotate();
      this.#bytes += writeSync(this.#descriptor, line);
    } catch {
      // A full disk must not take the engine down; there is nowhere left to say so.
    }
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`);
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#path, 'a', 0o600);
    this.#bytes = 0;
  }
}

// Parts of a line come from requests, which must not be able to forge a second one.
const oneLine = (text: string) => text.replaceAll(/\s*\n\s*/g, ' | ').replaceAll(/\p{Cc}/gu, '?');
