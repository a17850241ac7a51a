import { isIPv4, isIPv6 } from 'node:net';
import { plain } from '../common/text.ts';
import { ProviderError } from '../sandboxes/errors.ts';
import type { SshAccess } from '../sandboxes/provider.ts';

const defaultPort = 22;
const maxPort = 65_535;
const maxNameLength = 253;

/** One blank between the words, ASCII only, and no option but `-p`: what a service has no reason to send is refused. */
const command =
  /^ssh (?:-p (?<before>[1-9]\d{0,4}) )?(?<user>[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127})@(?<host>[A-Za-z0-9:.[\]-]+)(?: -p (?<after>[1-9]\d{0,4}))?$/;
/** A domain's labels; the last one is no number, or a resolver would take `127.1` and `0x7f.1` for addresses. */
const domain =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$|0x[\da-f]*$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * Reads where to connect to out of a service's `ssh_command`: `ssh USER@HOST`, with `-p PORT` before or after it. The
 * text is never run.
 * @throws ProviderError `protocol` for anything else.
 */
export function readSshCommand(text: string): Pick<SshAccess, 'user' | 'host' | 'port'> {
  const { before, user, host, after } = command.exec(text)?.groups ?? {};
  const name = host && readHost(host);
  const port = Number(before ?? after ?? defaultPort);
  if (!user || !name || port > maxPort || (before && after)) throw notUnderstood(text);
  return { user, host: name, port };
}

function readHost(text: string): string | undefined {
  const address = /^\[(.+)\]$/.exec(text)?.[1] ?? text;
  if (isIPv6(address)) return address;
  if (text.length > maxNameLength) return undefined;
  return isIPv4(text) || domain.test(text) ? text : undefined;
}

const notUnderstood = (text: string) =>
  new ProviderError('protocol', `The service's SSH command is not understood: ${plain(text).slice(0, 200)}`, {
    advice: 'Update Sandbox Explorer; if that does not help, ask the service.',
  });
