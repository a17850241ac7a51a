import { plain } from '../../common/text.ts';
import { isHostName } from '../folder.ts';

/** Says something to the person who ran `ssh`, or whatever did. Texts from outside may be in it. */
export function tell(host: string, text: string): void {
  const about = isHostName(host) ? `Sandbox Explorer, ${host}` : 'Sandbox Explorer';
  console.error(`${about}: ${plain(text)}`);
}
