import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLocal } from '../../src/providers/index.ts';
import { actions, refusals } from '../../src/sandboxes/actions.ts';
import type { SandboxState } from '../../src/sandboxes/sandbox.ts';
import { root } from '../tools/paths.mts';

interface Command {
  command: string;
  title: string;
  category?: string;
  icon?: string;
}

interface MenuItem {
  /** Missing for one that opens another menu. */
  command?: string;
  submenu?: string;
  when?: string;
  group?: string;
}

interface Contributions {
  commands: Command[];
  menus: Record<string, MenuItem[]>;
  submenus: { id: string; label: string }[];
  keybindings: (MenuItem & { args?: string })[];
  configuration: { properties: Record<string, unknown> };
}

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const { commands, menus, submenus, keybindings, configuration }: Contributions = JSON.parse(
  read('package.json'),
).contributes;
const readme = read('README.md');
const byId = new Map(commands.map((command) => [command.command, command]));
const places = [...Object.values(menus).flat(), ...keybindings];
/** The menu of a row, with those that open from it. */
const rowMenu = [...(menus['view/item/context'] ?? []), ...submenus.flatMap(({ id }) => menus[id] ?? [])];

it('gives every command a title, the category and a place where it is found', () => {
  const hidden = new Set(menus['commandPalette']?.map(({ command }) => command));
  for (const { command, title, category } of commands) {
    expect(title, command).toMatch(/^[A-Z]/);
    expect(category, command).toBe('Sandbox');
    const isSomewhere =
      !hidden.has(command) || places.some((place) => place.command === command && place.group);
    expect(isSomewhere, command).toBe(true);
  }
});

it('names only commands that there are, each with an icon where only that is seen', () => {
  for (const { command, submenu, group } of places) {
    if (command === undefined) {
      expect(submenus.map(({ id }) => id)).toContain(submenu);
      continue;
    }
    expect(byId.has(command), command).toBe(true);
    if (/^(inline|navigation)/.test(group ?? '')) expect(byId.get(command)?.icon, command).toBeDefined();
  }
});

it('offers every action in the menu of a row, when the action is possible', () => {
  for (const action of Object.keys(refusals)) {
    const item = rowMenu.find(
      ({ command, group }) => command === `sandboxExplorer.${action}` && !group?.startsWith('inline'),
    );
    expect(item?.when, action).toContain(String.raw`viewItem =~ /^sandbox\b.*\b${action}\b/`);
  }
});

/** The icons of a row with this context value. */
function iconsOf(viewItem: string): string[] {
  return (menus['view/item/context'] ?? []).flatMap(({ command, when, group }) => {
    const [, operator, value = ''] = /viewItem (==|=~) (.+?)(?: &&|$)/.exec(when ?? '') ?? [];
    const matches = operator === '==' ? value === viewItem : new RegExp(value.slice(1, -1)).test(viewItem);
    return command && operator && matches && group?.startsWith('inline') ? [command] : [];
  });
}

it.each<SandboxState>(['starting', 'running', 'paused', 'stopped', 'unknown', 'deleting'])(
  'leaves room for the name of a sandbox beside its icons: %s',
  (state) => {
    const nothing = () => {};
    const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
    const timeouts = () => ({ callMs: 1, createMs: 1 });
    const provider = openLocal({ program: '', dataFolder: '', hide: nothing, log, timeouts });
    expect(iconsOf(['sandbox', ...actions({ state }, provider)].join(' ')).length).toBeLessThan(3);
  },
);

it.each(['account', 'session url', 'snapshots', 'snapshot', 'forward', 'url', 'hidden'])(
  'leaves room for the label of a row beside its icons: %s',
  (viewItem) => expect(iconsOf(viewItem).length).toBeLessThan(3),
);

it.each(['failure', 'failure setting', 'failure refused', 'failure setting refused'])(
  'leaves room for what is wrong beside the icons of its row: %s',
  (viewItem) => expect(iconsOf(viewItem).length).toBeLessThan(3),
);

it('uses groups in the menu of remote machines that VS Code does not ignore', () => {
  for (const { group } of menus['statusBar/remoteIndicator'] ?? []) {
    expect(group).toMatch(/^remote_\d\d_[a-z][a-z0-9+.-]*_.*@\d$/);
  }
});

it('tells of every command and every setting in the README', () => {
  for (const { command, title } of commands) {
    const isInternal = menus['commandPalette']?.some((item) => item.command === command);
    if (!isInternal) expect(readme, command).toContain(`**${title}**`);
  }
  for (const name of Object.keys(configuration.properties)) expect(readme).toContain(`\`${name}\``);
});
