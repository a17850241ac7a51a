import { plain } from '../common/text.ts';

/**
 * Text from outside for a notification, a progress title, a picker or the status bar. VS Code makes links of
 * `[text](address)`, commands included, and pictures of `$(name)`: what a service says must never become one.
 */
export function message(text: string): string {
  return plain(text).replace(/(\]\s*|\$)\(/g, '$1\u200b(');
}
