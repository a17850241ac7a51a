import * as vscode from 'vscode';
import { plain } from '../../common/text.ts';
import { formatMib, formatMinutes, timeLeft } from '../../sandboxes/describe.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';

/** Everything the list knows of a sandbox. Its texts come from a server: they are data, never Markdown. */
export function tooltip(sandbox: Sandbox): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  markdown.appendMarkdown('**').appendText(plain(sandbox.name)).appendMarkdown('**\n\n');
  markdown.appendMarkdown('| | |\n| --- | --- |\n');
  for (const [label, value] of facts(sandbox)) {
    if (value === undefined) continue;
    markdown
      .appendMarkdown(`| ${label} | `)
      .appendText(plain(value).replaceAll('|', '¦'))
      .appendMarkdown(' |\n');
  }
  for (const warning of sandbox.warnings ?? []) markdown.appendMarkdown('\n\n⚠ ').appendText(plain(warning));
  return markdown;
}

function facts(sandbox: Sandbox): [label: string, value: string | undefined][] {
  const { vcpu, memoryMib, diskMib, timeoutSeconds } = sandbox;
  return [
    ['State', sandbox.state],
    ['ID', sandbox.id],
    ['Template', sandbox.template],
    ['vCPU', vcpu?.toString()],
    ['Memory', memoryMib === undefined ? undefined : formatMib(memoryMib)],
    ['Disk', diskMib === undefined ? undefined : formatMib(diskMib)],
    ['Network', sandbox.network],
    ['Created', sandbox.createdAt === undefined ? undefined : new Date(sandbox.createdAt).toLocaleString()],
    ['Time-out', timeoutSeconds === undefined ? undefined : formatMinutes(Math.round(timeoutSeconds / 60))],
    ['Ends', timeLeft(sandbox, Date.now())],
    ['At its end', { true: 'paused', false: 'deleted' }[String(sandbox.autoPause)]],
  ];
}
