/**
 * What these tests use of Leap0's JavaScript SDK (leap0-dev/leap0-js 0.1.0, `src/services`), which is no dependency of
 * ours: `npm run test:sdk` is given a copy of it.
 */
export interface Sdk {
  readonly Leap0Client: new (config?: Config) => Leap0Client;
  readonly Leap0Error: ErrorKind;
  readonly Leap0NotFoundError: ErrorKind;
  readonly Leap0PermissionError: ErrorKind;
  readonly Leap0ConflictError: ErrorKind;
}

type ErrorKind = new (message: string) => Error;

/** Everything else comes from the environment. */
export interface Config {
  readonly authHeader?: string;
  readonly bearer?: boolean;
}

export interface Leap0Client {
  readonly sandboxes: {
    create(request?: object): Promise<SdkSandbox>;
    get(id: string): Promise<SdkSandbox>;
    pause(id: string): Promise<SdkSandbox>;
    delete(id: string): Promise<void>;
    invokeUrl(id: string): string;
  };
  readonly snapshots: {
    create(sandbox: SdkSandbox, request?: object): Promise<SdkSnapshot>;
    pause(sandbox: SdkSandbox, request?: object): Promise<SdkSnapshot>;
    resume(request: object): Promise<SdkSandbox>;
    delete(snapshot: SdkSnapshot): Promise<void>;
  };
  readonly templates: { create(request: object): Promise<object> };
  close(): Promise<void>;
}

export interface SdkSnapshot {
  readonly id: string;
  readonly name: string;
}

interface Output {
  readonly output: string;
  readonly exitCode: number;
}

interface Session {
  readonly id: string;
  readonly cwd: string;
  readonly cols: number;
  readonly active: boolean;
}

export interface SdkSandbox {
  readonly id: string;
  readonly state: string;
  readonly timeoutMin?: number;
  refresh(): Promise<SdkSandbox>;
  pause(): Promise<SdkSandbox>;
  delete(): Promise<void>;
  readonly process: {
    execute(request: object): Promise<{ exitCode: number; result: string; stdout: string; stderr: string }>;
  };
  readonly filesystem: Filesystem;
  readonly git: Git;
  readonly pty: {
    list(): Promise<Session[]>;
    create(request?: object): Promise<Session>;
    get(id: string): Promise<Session>;
    resize(id: string, cols: number, rows: number): Promise<Session>;
    delete(id: string): Promise<void>;
    connect(id: string): { send(text: string): void; recv(): Promise<Uint8Array>; close(): void };
  };
  readonly ssh: {
    createAccess(): Promise<SshAccess>;
    validateAccess(id: string, password: string): Promise<{ valid: boolean; sandboxId: string }>;
    regenerateAccess(): Promise<SshAccess>;
    deleteAccess(): Promise<void>;
  };
}

interface SshAccess {
  readonly id: string;
  readonly password: string;
  readonly sshCommand: string;
}

interface Filesystem {
  ls(path: string, how?: object): Promise<{ items: { name: string; isDir: boolean }[] }>;
  stat(path: string): Promise<{ size: number; mode: string; isDir: boolean }>;
  mkdir(path: string, how?: object): Promise<void>;
  writeFile(path: string, text: string, how?: object): Promise<void>;
  writeBytes(path: string, bytes: Uint8Array): Promise<void>;
  writeFiles(files: Record<string, string>): Promise<void>;
  readFile(path: string, how?: object): Promise<string>;
  readBytes(path: string): Promise<Uint8Array>;
  readFiles(paths: string[]): Promise<Record<string, string>>;
  delete(path: string, recursive?: boolean): Promise<void>;
  setPermissions(path: string, to: object): Promise<void>;
  glob(path: string, pattern: string): Promise<string[]>;
  grep(path: string, pattern: string): Promise<{ path: string; line: number; content: string }[]>;
  editFile(path: string, edits: object[]): Promise<{ diff: string; replacements: number }>;
  editFiles(request: object): Promise<{ items: { file: string; success: boolean }[] }>;
  move(from: string, to: string, overwrite?: boolean): Promise<void>;
  copy(from: string, to: string, how?: object): Promise<void>;
  exists(path: string): Promise<boolean>;
  tree(path: string, how?: object): Promise<{ items: { name: string; children?: object[] }[] }>;
}

interface Git {
  clone(request: object): Promise<Output>;
  status(path: string): Promise<Output>;
  branches(request: object): Promise<Output>;
  diffUnstaged(path: string, lines?: number): Promise<Output>;
  diffStaged(path: string, lines?: number): Promise<Output>;
  diff(path: string, target: string): Promise<Output>;
  reset(path: string): Promise<Output>;
  log(request: object): Promise<Output>;
  show(path: string, revision?: string): Promise<Output>;
  createBranch(request: object): Promise<Output>;
  checkoutBranch(request: object): Promise<Output>;
  deleteBranch(path: string, name: string, force?: boolean): Promise<Output>;
  add(path: string, files: string[]): Promise<Output>;
  commit(request: object): Promise<{ sha?: string; result: Output }>;
  push(request: object): Promise<Output>;
  pull(request: object): Promise<Output>;
}

/** The copy that `npm run test:sdk` was given. */
export async function loadSdk(): Promise<Sdk> {
  const path = process.env['LEAP0_SDK'];
  if (!path) throw new Error('Run these tests by `npm run test:sdk -- FOLDER`.');
  return (await import(path)) as Sdk;
}
