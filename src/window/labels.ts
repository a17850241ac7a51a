import type * as vscode from 'vscode';

/** The labels, by key, of versions that kept them in the editor's own storage. */
export const labelsOfOld = (storage: vscode.Memento): Readonly<Record<string, string>> =>
  storage.get<Record<string, string>>('labels', {});
