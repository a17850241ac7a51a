import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { refusals } from '../../src/sandboxes/actions.ts';
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
