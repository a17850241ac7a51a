/** How sizes and times are spelled: with their units in their names as revision A does, or without as B does. */
export type Spelling = 'A' | 'B';

const spellings: Readonly<Record<string, Spelling>> = {
  memory_mib: 'A',
  disk_mib: 'A',
  timeout_min: 'A',
  memory: 'B',
  disk: 'B',
  timeout: 'B',
};

/** The spelling of an answer; missing where it has no such field, or has them in both. */
export function spellingOf(fields: Readonly<Record<string, unknown>>): Spelling | undefined {
  const used = Object.entries(spellings).filter(([name]) => fields[name] !== undefined);
  const [first, ...others] = new Set(used.map(([, spelling]) => spelling));
  return others.length > 0 ? undefined : first;
}

/** How services say that they do not know a field; that a value is wrong is said in other words. */
const unknownField =
  /\b(unknown|unrecogni[sz]ed|additional|extra|extraneous|unexpected (field|key|property|parameter))\b/i;
const fieldName = new RegExp(`\\b(${Object.keys(spellings).join('|')})\\b`);

/** The spelling of the first field that the texts of a refusal call unknown. */
export function unknownSpelling(texts: readonly string[]): Spelling | undefined {
  const [text] = texts.filter((one) => unknownField.test(one) && fieldName.test(one));
  const [name] = (text && fieldName.exec(text)) || [];
  return name ? spellings[name] : undefined;
}
