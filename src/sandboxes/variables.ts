import { isVariableName } from '../common/shell.ts';
import type { FieldError } from './errors.ts';

export type Variables = Readonly<Record<string, string>>;

/** What is wrong with variables for a sandbox, by name: `env.NAME`. */
export function checkVariables(variables: Variables): FieldError[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    const field = `env.${name}`;
    if (!isVariableName(name)) {
      return { field, error: 'A name has letters, digits and underscores, and begins with no digit.' };
    }
    return value.includes('\0') ? { field, error: 'A value has no NUL in it.' } : [];
  });
}
