/**
 * For valibot: what is wrong with a value that was received, where a schema has no words of its own for it. Valibot's
 * own words would quote the value, which may be a secret.
 */
export const wordIssues = {
  message: ({ expected, received }: { readonly expected: string | null; readonly received: string }) => {
    if (received === 'undefined') return 'is missing';
    return expected ? `is not ${expected}` : 'is not right';
  },
};
