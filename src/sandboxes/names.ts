import type { Disposable } from '../common/disposable.ts';
import { Emitter } from '../common/event.ts';
import { ProviderError } from './errors.ts';
import type { Shared } from './sharing.ts';

/** What is known of sandboxes that no service knows. */
export interface NamesData {
  /** The user's labels, by the sandbox's key. */
  readonly labels: Readonly<Record<string, Kept>>;
  /** The keys of sandboxes whose id is another one by now, by account and id. */
  readonly keys: Readonly<Record<string, Kept>>;
}

interface Kept {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Since when the lists of its account lack what it belongs to; milliseconds since 1970. */
  readonly absentSince?: number | undefined;
}

/** The sandboxes that an account is known to have. */
export interface Census {
  readonly accountId: string;
  readonly sandboxes: readonly { readonly id: string; readonly key: string }[];
  /** When it was asked for: what was kept later is not judged by it. Milliseconds since 1970. */
  readonly askedAt: number;
}

type Change = (now: NamesData) => NamesData;

/**
 * What a list lacks may be there again: the account may have been at another service for a while, or the service may
 * have answered nonsense. But not for ever, or the file would grow with every sandbox that there ever was.
 */
const forgetAfterMs = 30 * 24 * 3_600_000;
/** What was deleted is not there again, but other windows may show it for some moments more. */
const forgetDeletedAfterMs = 3_600_000;

/** The user's own names for sandboxes, and the keys by which a sandbox is known for all its life. */
export class Names implements Disposable {
  readonly #open: () => Promise<Shared<NamesData>>;
  readonly #inherited: () => Readonly<Record<string, string>>;
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  /** What all windows know; nothing before it was read, or where nobody has kept anything yet. */
  #kept: NamesData | undefined;
  /** What has not been written, or cannot be: this window knows it all the same. */
  #unsaved: readonly Change[] = [];
  #now: NamesData | undefined;
  #visible = false;
  #watch: Disposable | undefined;

  /** @param inherited Labels by key, with which everything begins. */
  constructor(open: () => Promise<Shared<NamesData>>, inherited: () => Readonly<Record<string, string>>) {
    this.#open = open;
    this.#inherited = inherited;
  }

  labelOf(key: string): string | undefined {
    return this.#known().labels[key]?.value;
  }

  keyOf(accountId: string, id: string): string {
    return this.#known().keys[nameOf(accountId, id)]?.value ?? nameOf(accountId, id);
  }

  /** Takes in what other windows have kept. Never rejects: what cannot be read stays as it was known. */
  async load(): Promise<void> {
    const kept = await this.#open()
      .then((shared) => shared.read())
      .catch(() => this.#kept);
    const isNew = JSON.stringify(kept) !== JSON.stringify(this.#kept);
    if (isNew) this.#learn(kept);
  }

  /**
   * Gives a sandbox a label, or takes it back.
   * @throws ProviderError when it could not be kept, though this window knows it
   */
  async setLabel(key: string, label: string | undefined): Promise<void> {
    try {
      // Later than what it takes the place of, even when the clock was set back.
      const since = Math.max(Date.now(), (this.#known().labels[key]?.since ?? 0) + 1);
      await this.#change(({ labels, keys }) => ({ labels: withValue(labels, key, label, since), keys }));
    } catch (cause) {
      const advice = 'Only this window knows it, until it is closed.';
      throw new ProviderError('unavailable', 'The name could not be saved.', { cause, advice });
    }
  }

  /** Keeps the key of a sandbox whose id was changed by its service. Never rejects. */
  async follow(accountId: string, oldId: string, newId: string): Promise<void> {
    const [key, since] = [this.keyOf(accountId, oldId), Date.now()];
    const name = nameOf(accountId, newId);
    await this.#change(({ labels, keys }) => ({ labels, keys: withValue(keys, name, key, since) })).catch(
      ignore,
    );
  }

  /** Forgets what was kept for sandboxes that have been gone for a month. Never rejects. */
  forgetGone({ accountId, sandboxes, askedAt }: Census): Promise<void> {
    const names = new Set(sandboxes.map(({ id }) => nameOf(accountId, id)));
    const keys = new Set(sandboxes.map(({ key }) => key));
    const judge = (living: ReadonlySet<string>) => (name: string, kept: Kept) => {
      const isJudged = name.startsWith(`${accountId}/`) && kept.since < askedAt;
      return isJudged ? judged(kept, living.has(name), askedAt) : kept;
    };
    return this.#tidy(({ labels, keys: ids }) => [each(labels, judge(keys)), each(ids, judge(names))]);
  }

  /** Has what was kept for a sandbox that was deleted forgotten soon. Never rejects. */
  forget(accountId: string, id: string): Promise<void> {
    const key = this.keyOf(accountId, id);
    const absentSince = Date.now() - forgetAfterMs + forgetDeletedAfterMs;
    return this.#tidy(({ labels, keys }) => [
      each(labels, (name, kept) => (name === key ? { ...kept, absentSince } : kept)),
      each(keys, (_, kept) => (kept.value === key ? { ...kept, absentSince } : kept)),
    ]);
  }

  /** Forgets what was kept for the sandboxes of an account. Never rejects. */
  forgetAccount(accountId: string): Promise<void> {
    const others = (name: string, kept: Kept) => (name.startsWith(`${accountId}/`) ? undefined : kept);
    return this.#tidy(({ labels, keys }) => [each(labels, others), each(keys, others)]);
  }

  /** Follows what other windows keep only while somebody looks. */
  setVisible(visible: boolean): void {
    this.#visible = visible;
    this.#watch?.dispose();
    this.#watch = undefined;
    if (visible) void this.#startWatching().catch(ignore);
  }

  dispose(): void {
    this.setVisible(false);
    this.#changed.dispose();
  }

  async #startWatching(): Promise<void> {
    const shared = await this.#open();
    if (this.#visible) this.#watch ??= shared.watch(() => void this.load());
  }

  async #tidy(tidy: (now: NamesData) => readonly [labels: Values, keys: Values]): Promise<void> {
    const change: Change = (now) => {
      const [labels, keys] = tidy(now);
      return labels === now.labels && keys === now.keys ? now : { labels, keys };
    };
    if (change(this.#known()) !== this.#known()) await this.#change(change).catch(ignore);
  }

  async #change(change: Change): Promise<void> {
    this.#unsaved = [...this.#unsaved, change];
    this.#learn(this.#kept);
    const shared = await this.#open();
    const saving = this.#unsaved;
    const kept = await shared.update((now) => applied(saving, now ?? this.#beginning()));
    this.#unsaved = this.#unsaved.filter((one) => !saving.includes(one));
    this.#learn(kept);
  }

  #learn(kept: NamesData | undefined): void {
    this.#kept = kept;
    this.#now = undefined;
    this.#changed.fire();
  }

  #known(): NamesData {
    this.#now ??= applied(this.#unsaved, this.#kept ?? this.#beginning());
    return this.#now;
  }

  #beginning(): NamesData {
    const labels = Object.entries(this.#inherited()).map(([key, value]) => [key, { value, since: 0 }]);
    return { labels: Object.fromEntries(labels), keys: {} };
  }
}

const nameOf = (accountId: string, id: string): string => `${accountId}/${id}`;

const applied = (changes: readonly Change[], data: NamesData): NamesData =>
  changes.reduce((now, change) => change(now), data);

type Values = NamesData['labels'];

/** What could not be written at once is written later: what another window has kept since then stays. */
function withValue(values: Values, name: string, value: string | undefined, since: number): Values {
  const { [name]: kept, ...others } = values;
  if (kept && kept.since > since) return values;
  return value === undefined ? others : { ...others, [name]: { value, since } };
}

/** What is left of it after a list that was asked for at `askedAt`; nothing when it is to be forgotten. */
function judged(kept: Kept, isThere: boolean, askedAt: number): Kept | undefined {
  const { absentSince, ...present } = kept;
  if (isThere) return absentSince === undefined ? kept : present;
  if (absentSince === undefined) return { ...kept, absentSince: askedAt };
  return askedAt - absentSince > forgetAfterMs ? undefined : kept;
}

/** The values as `turn` answers them, without those for which it answers nothing. */
function each(values: Values, turn: (name: string, kept: Kept) => Kept | undefined): Values {
  const all = Object.entries(values);
  const turned = all.flatMap(([name, kept]) => {
    const next = turn(name, kept);
    return next ? [[name, next] as const] : [];
  });
  const isSame = turned.length === all.length && turned.every(([name, kept]) => values[name] === kept);
  return isSame ? values : Object.fromEntries(turned);
}

const ignore = () => undefined;
