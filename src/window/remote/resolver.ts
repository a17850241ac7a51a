/** What of an installed extension tells whether it opens `ssh-remote` windows. */
export interface Installed {
  readonly id: string;
  readonly packageJSON: unknown;
}

/** The extension that opens `ssh-remote` windows in this editor. */
export interface Resolver {
  readonly id: string;
  /** Where its settings are, such as `remote.SSH`. */
  readonly section: string;
  /** Whether it starts `ssh` with the config that its setting `configFile` names; else that is only for its list. */
  readonly usesConfigFile: boolean;
  /** Whether it can be told of a host's platform, and does not ask then. */
  readonly knowsPlatforms: boolean;
}

const activationEvent = 'onResolveRemoteAuthority:ssh-remote';
const configFile = /^(remote\..*SSH)\.configFile$/i;

/** Extensions that start `ssh` without `-F`. */
const withoutConfigFile = /^(codeium\.windsurf|google\.antigravity)-remote-openssh$/i;

/** Looks for one by what it says it can do: there are more of them than anybody has a list of. */
export function findResolver(extensions: readonly Installed[]): Resolver | undefined {
  for (const { id, packageJSON } of extensions) {
    const { activationEvents, contributes } = (packageJSON ?? {}) as Manifest;
    if (!Array.isArray(activationEvents) || !activationEvents.includes(activationEvent)) continue;
    const settings = settingsIn(contributes?.configuration);
    const section = settings.flatMap((name) => configFile.exec(name)?.[1] ?? [])[0];
    if (section === undefined) continue;
    return {
      id,
      section,
      usesConfigFile: !withoutConfigFile.test(id),
      knowsPlatforms: settings.includes(`${section}.remotePlatform`),
    };
  }
  return undefined;
}

interface Manifest {
  readonly activationEvents?: unknown;
  readonly contributes?: { readonly configuration?: unknown };
}

/** One group of settings, or a list of them. */
function settingsIn(configuration: unknown): string[] {
  const groups = (Array.isArray(configuration) ? configuration : [configuration]) as (
    | { readonly properties?: object }
    | undefined
  )[];
  return groups.flatMap((group) => Object.keys(group?.properties ?? {}));
}

const byScheme: Readonly<Record<string, string>> = {
  vscode: 'ms-vscode-remote.remote-ssh',
  'vscode-insiders': 'ms-vscode-remote.remote-ssh',
  cursor: 'anysphere.remote-ssh',
  windsurf: 'codeium.windsurf-remote-openssh',
  devin: 'codeium.windsurf-remote-openssh',
  antigravity: 'google.antigravity-remote-openssh',
};

/** The extension to install where there is none: Microsoft's may only be used in its own editors. */
export const resolverFor = (uriScheme: string): string =>
  byScheme[uriScheme.toLowerCase()] ?? 'jeanp413.open-remote-ssh';
