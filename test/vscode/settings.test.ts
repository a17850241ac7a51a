import { deepEqual, equal, throws } from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { settings } from '../../src/window/settings.ts';
import { extension, withSettings } from './helpers.ts';

describe('a setting', () => {
  const { properties } = extension.packageJSON.contributes.configuration;
  const range = (name: string) => {
    const { minimum, maximum, default: usual } = properties[`sandboxExplorer.${name}`];
    return { minimum, maximum, usual };
  };
  const both = (value: unknown) => ({ requestTimeout: value, createTimeout: value });
  const bothInSeconds = () => {
    const { callMs, createMs } = settings.timeouts();
    return [callMs / 1000, createMs / 1000];
  };

  it('that is out of its range counts as the nearest that is in it', async () => {
    const { minimum, maximum } = range('requestTimeout');
    deepEqual(range('createTimeout').maximum, maximum);
    await withSettings(both(1e9), () => deepEqual(bothInSeconds(), [maximum, maximum]));
    await withSettings(both(-5), () => deepEqual(bothInSeconds(), [minimum, minimum]));
    await withSettings(both(7), () => deepEqual(bothInSeconds(), [7, 7]));
  });

  it('that is not of its kind counts as the default', async () => {
    const defaults = [range('requestTimeout').usual, range('createTimeout').usual];
    for (const wrong of ['60', null, true, []]) {
      await withSettings(both(wrong), () => deepEqual(bothInSeconds(), defaults));
    }
  });

  it('for the folder of the local engine may begin with the home folder, and is never relative', async () => {
    const folder = (value: string, check: () => void) => withSettings({ 'local.dataFolder': value }, check);
    await folder('~/sandboxes', () => equal(settings.localDataFolder(), join(homedir(), 'sandboxes')));
    await folder('~', () => equal(settings.localDataFolder(), homedir()));
    await folder(' /srv/x ', () => equal(settings.localDataFolder(), '/srv/x'));
    for (const wrong of ['sandboxes', './x', '~other/x', '../x']) {
      await folder(wrong, () =>
        throws(() => settings.localDataFolder(), {
          message: `The setting sandboxExplorer.local.dataFolder must be an absolute path, or begin with ~/; it is “${wrong}”.`,
        }),
      );
    }
  });
});
