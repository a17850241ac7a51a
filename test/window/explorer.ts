import { expect } from 'vitest';
import type { EditorWindow } from './editor.ts';

/** What a user finds in the explorer's view and in the pickers above it. */
export class Explorer {
  readonly #window: EditorWindow;

  constructor(window: EditorWindow) {
    this.#window = window;
  }

  row(text: string) {
    return this.#window.page.locator('.pane-body .monaco-list-row', { hasText: text });
  }

  /** The names of the sandboxes, from top to bottom. */
  async names(): Promise<string[]> {
    const names = await this.#window.page
      .locator('.pane-body [aria-level="2"] .label-name')
      .allTextContents();
    return names.filter((name) => name !== 'Snapshots');
  }

  menu(label: string) {
    return this.#window.page.locator('.monaco-menu .action-item', { hasText: label });
  }

  /** A box of a wizard or picker, by what it shows while it is empty. */
  box(placeholder: string) {
    return this.#window.page.locator(`.quick-input-widget input[placeholder*="${placeholder}"]`);
  }

  /** What is wrong with what was typed, or what to type. */
  boxMessage(text: string) {
    return this.#window.page.locator('.quick-input-message', { hasText: text });
  }

  /** Types into the box that shows this while it is empty, and presses Enter: the mouse is not used. */
  async answer(placeholder: string, text?: string): Promise<void> {
    const box = this.box(placeholder);
    await box.waitFor();
    if (text !== undefined) await box.fill(text);
    await this.#window.page.keyboard.press('Enter');
  }

  /** Takes the choice whose label is typed. */
  async take(placeholder: string, label: string): Promise<void> {
    const box = this.box(placeholder);
    await box.waitFor();
    await box.fill(label);
    await this.choices().and(this.#window.page.locator('.focused')).filter({ hasText: label }).waitFor();
    await this.#window.page.keyboard.press('Enter');
  }

  /** Goes a step back from the box that shows this while it is empty, by VS Code's own key. */
  async back(placeholder: string): Promise<void> {
    const box = this.box(placeholder);
    await box.waitFor();
    await this.#window.page.keyboard.press('Control+Alt+Minus');
    await box.waitFor({ state: 'hidden' });
  }

  notification(text: string) {
    return this.#window.page.locator('.notification-list-item', { hasText: text });
  }

  choices() {
    return this.#window.page.locator('.quick-input-list .monaco-list-row');
  }

  async step(step: number, of: number): Promise<void> {
    await this.#window.page.locator('.quick-input-titlebar', { hasText: `${step}/${of}` }).waitFor();
  }

  /** Creates a sandbox with the defaults, which gets the next free name. */
  async create(name: string): Promise<void> {
    await this.#window.runCommand('Sandbox: Create Sandbox…');
    for (const step of [1, 2, 3]) {
      await this.step(step, 3);
      await this.#window.page.keyboard.press('Enter');
    }
    await this.showsState(name, 'running');
  }

  async showsState(name: string, state: string): Promise<void> {
    await this.row(name)
      .locator('.label-description', { hasText: new RegExp(`^${state}`) })
      .waitFor();
  }

  /** Runs an entry of a row's context menu. */
  async fromMenu(text: string, label: string): Promise<void> {
    await this.row(text).click({ button: 'right' });
    // A menu ignores a button that is released as soon as it opens.
    await this.menu(label).first().click({ delay: 300 });
  }

  icon(text: string, label: string) {
    return this.row(text).locator(`.action-label[aria-label^="${label}"]`);
  }

  async clickIcon(text: string, label: string): Promise<void> {
    await this.row(text).hover();
    await this.icon(text, label).click();
  }

  /** A key may be quicker than the news of the selection is in the extension host. */
  async pressUntil(key: string, shown: string): Promise<void> {
    const press = async () => {
      await this.#window.page.keyboard.press(key);
      return this.#window.page.locator(shown).first().isVisible();
    };
    await expect.poll(press, { interval: 500, timeout: 20_000 }).toBe(true);
  }
}
