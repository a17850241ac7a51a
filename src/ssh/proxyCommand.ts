import { ProviderError } from '../sandboxes/errors.ts';
import { isHostName } from './folder.ts';

/**
 * The value of an entry's `ProxyCommand`, which the user's shell runs, whichever it is.
 * @param launcher What `install` has put there.
 * @throws ProviderError `invalid` when not every shell can be told of such a path.
 */
export function proxyCommand(launcher: string, host: string): string {
  if (!isHostName(host)) throw new ProviderError('invalid', 'This is not the name of an SSH host.');
  return `${quoted(launcher)} ${host}`.replaceAll('%', '%%');
}

/**
 * Quotes a path for sh, fish and csh alike. Double quotes are the only ones that open-remote-ssh knows, so they are
 * used wherever they do.
 */
function quoted(path: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(path)) throw unusable(path);
  // Windows takes either slash, and open-remote-ssh a backslash for an escape.
  if (process.platform === 'win32') return `"${path.replaceAll('\\', '/')}"`;
  if (!/["$`\\!]/.test(path)) return `"${path}"`;
  // fish takes these two for escapes even between single quotes.
  if (/\\(?:[\\']|$)/.test(path)) throw unusable(path);
  // A quotation mark, and the exclamation mark that csh looks for everywhere, stand alone behind a backslash.
  return `'${path.replace(/['!]/g, String.raw`'\$&'`)}'`;
}

const unusable = (path: string): ProviderError =>
  new ProviderError('invalid', `OpenSSH cannot be told of a path such as ${JSON.stringify(path)}.`, {
    advice: 'Use a folder whose name has neither control characters nor backslashes.',
  });
