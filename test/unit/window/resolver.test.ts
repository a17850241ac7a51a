import { describe, expect, it } from 'vitest';
import { findResolver, resolverFor } from '../../../src/window/remote/resolver.ts';

const extension = (id: string, section: string, more: readonly string[] = []) => ({
  id,
  packageJSON: {
    activationEvents: ['onCommand:x', 'onResolveRemoteAuthority:ssh-remote'],
    contributes: {
      configuration: {
        properties: Object.fromEntries(['configFile', ...more].map((name) => [`${section}.${name}`, {}])),
      },
    },
  },
});

describe('the extension for Remote-SSH', () => {
  it.each([
    ['ms-vscode-remote.remote-ssh', 'remote.SSH', true],
    ['anysphere.remote-ssh', 'remote.SSH', true],
    ['jeanp413.open-remote-ssh', 'remote.SSH', true],
    ['codeium.windsurf-remote-openssh', 'remote.windsurfSSH', false],
    ['google.antigravity-remote-openssh', 'remote.antigravitySSH', false],
    ['somebody.else', 'remote.elseSSH', true],
  ])('%s is known by what it can do', (id, section, usesConfigFile) => {
    const found = findResolver([extension(id, section, ['remotePlatform'])]);
    expect(found).toEqual({ id, section, usesConfigFile, knowsPlatforms: true });
  });

  it('is found among others, and when it has its settings in several groups', () => {
    const { id, packageJSON } = extension('a.b', 'remote.SSH');
    const { configuration } = packageJSON.contributes;
    const inGroups = { ...packageJSON, contributes: { configuration: [{ properties: {} }, configuration] } };
    const others = [
      { id: 'no.manifest', packageJSON: undefined },
      { id: 'other.authority', packageJSON: { activationEvents: ['onResolveRemoteAuthority:wsl'] } },
      { id: 'only.settings', packageJSON: { ...packageJSON, activationEvents: ['*'] } },
      { id: 'only.event', packageJSON: { ...packageJSON, contributes: {} } },
    ];
    expect(findResolver(others)).toBeUndefined();
    expect(findResolver([...others, { id, packageJSON: inGroups }])).toMatchObject({
      id,
      knowsPlatforms: false,
    });
  });

  it.each([
    ['vscode', 'ms-vscode-remote.remote-ssh'],
    ['vscode-insiders', 'ms-vscode-remote.remote-ssh'],
    ['cursor', 'anysphere.remote-ssh'],
    ['vscodium', 'jeanp413.open-remote-ssh'],
    ['code-oss', 'jeanp413.open-remote-ssh'],
    ['windsurf', 'codeium.windsurf-remote-openssh'],
    ['antigravity', 'google.antigravity-remote-openssh'],
  ])('to install in the editor of %s:// is %s', (scheme, id) => {
    expect(resolverFor(scheme)).toBe(id);
  });
});
