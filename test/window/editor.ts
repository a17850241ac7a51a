import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { inject } from 'vitest';
import { launchChromium } from '../tools/chromium.mts';
import { type EditorServer, startEditor } from '../tools/editorServer.mts';
import { cache } from '../tools/paths.mts';
import {
  type Profile,
  type Settings,
  isolation,
  removeProfile,
  temporaryProfile,
} from '../tools/profile.mts';

interface Options {
  /** The folder to open; an empty one unless given. */
  folder?: string;
  /** The engine's; one of this window alone unless given, and then whoever gave it ends its engine. */
  dataFolder?: string;
  settings?: Settings;
  /** The folder of its extensions; one with ours, and a stand-in for Remote-SSH, unless given. */
  extensions?: string;
  /** What the editor finds in its environment besides. */
  env?: NodeJS.ProcessEnv;
  theme?: string;
  viewport?: { width: number; height: number };
}

/** A VS Code with the packaged extension, and its first window. */
export async function openWindow(options: Options = {}): Promise<EditorWindow> {
  await using started = new AsyncDisposableStack();
  const profile = await temporaryProfile(settingsOf(options));
  started.defer(() => removeProfile(profile));
  const start = () =>
    startEditor(
      { ...profile, extensions: options.extensions ?? inject('extensions') },
      { env: { ...isolation(profile), ...options.env } },
    );
  const server = await start();
  started.defer(() => server.stop());
  const browser = await launchChromium();
  started.defer(() => browser.close());
  const context = await browser.newContext({ viewport: options.viewport ?? { width: 1280, height: 800 } });
  const address = `http://${server.origin}/?folder=${encodeURI(options.folder ?? profile.workspace)}`;
  const page = await openPage(context, address);
  return new EditorWindow(page, profile, context, address, started.move(), {
    start,
    stop: () => server.stop(),
  });
}

/** The server of a window's editor. */
interface Server {
  /** Starts another one in its place, which listens at a port of its own. */
  readonly start: () => Promise<EditorServer>;
  readonly stop: () => Promise<void>;
}

function settingsOf({ dataFolder, settings, theme }: Options): Settings {
  return {
    ...(theme && { 'workbench.colorTheme': theme }),
    ...(dataFolder && { 'sandboxExplorer.local.dataFolder': dataFolder }),
    ...settings,
  };
}

/** Opens a page and waits until the workbench has drawn the extension's icon: it can be used from then on. */
async function openPage(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  await viewIcon(page).waitFor();
  return page;
}

/** The extension's icon in the activity bar. */
export function viewIcon(page: Page) {
  return page.locator('.activitybar .action-label[aria-label^="Sandbox Explorer"]');
}

export class EditorWindow {
  readonly page: Page;
  readonly profile: Profile;
  readonly #context: BrowserContext;
  readonly #address: string;
  readonly #resources: AsyncDisposableStack;
  readonly #server: Server;

  constructor(
    page: Page,
    profile: Profile,
    context: BrowserContext,
    address: string,
    resources: AsyncDisposableStack,
    server: Server,
  ) {
    this.page = page;
    this.profile = profile;
    this.#context = context;
    this.#address = address;
    this.#resources = resources;
    this.#server = server;
  }

  /** Another window of the same VS Code, with the same folder unless another one is given. */
  async another(folder?: string): Promise<EditorWindow> {
    const address = new URL(this.#address);
    if (folder !== undefined) address.searchParams.set('folder', folder);
    const page = await openPage(this.#context, address.href);
    const own = new AsyncDisposableStack();
    own.defer(() => page.close());
    return new EditorWindow(page, this.profile, this.#context, address.href, own, this.#server);
  }

  /** The same window in a browser that has nothing of what this one keeps. */
  async inNewBrowser(): Promise<EditorWindow> {
    const context = await this.#context.browser()?.newContext({ viewport: this.page.viewportSize() });
    if (!context) throw new Error('The browser has been closed');
    const own = new AsyncDisposableStack();
    own.defer(() => context.close());
    const page = await openPage(context, this.#address);
    return new EditorWindow(page, this.profile, context, this.#address, own, this.#server);
  }

  /** The same window after VS Code, which has quit, was started at another port: a site of its own for a browser. */
  async startAgain(): Promise<EditorWindow> {
    await this.page.close();
    const { start } = this.#server;
    const server = await start();
    const stop = () => server.stop();
    this.#resources.defer(stop);
    const address = new URL(this.#address);
    address.host = server.origin;
    const page = await openPage(this.#context, address.href);
    const own = new AsyncDisposableStack();
    own.defer(() => page.close());
    return new EditorWindow(page, this.profile, this.#context, address.href, own, { start, stop });
  }

  /** Shows the extension's view. A click on its icon would hide one that is being restored after a reload. */
  async openView(): Promise<void> {
    await this.runCommand('View: Show Sandbox Explorer');
    await this.page.locator('.sidebar .composite.title', { hasText: 'Sandbox Explorer' }).waitFor();
  }

  /** Loads the window anew, as *Reload Window* does. */
  async reload(): Promise<void> {
    await this.page.reload();
    await viewIcon(this.page).waitFor();
  }

  /**
   * Runs a command by the title that the palette shows, category included. A window that is still being restored shows
   * the icons of extensions before it knows their commands, and a palette that is open does not learn of them.
   */
  async runCommand(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input[type="text"]');
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first();
    const find = async (timeout: number) => {
      await this.page.keyboard.press('F1');
      await input.fill(`>${title}`);
      await row.waitFor({ timeout });
    };
    await find(5_000).catch(async () => {
      await this.page.keyboard.press('Escape');
      await find(30_000);
    });
    await row.click();
  }

  /** Keeps a picture of the window for people to look at. */
  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(cache, 'screenshots', `${name}.png`), animations: 'disabled' });
  }

  /** Ends the editor, extension host and all; what it has left on disk stays until `close`. */
  async quit(): Promise<void> {
    await this.#server.stop();
  }

  async close(): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
