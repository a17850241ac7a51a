import * as vscode from 'vscode';
import { plain } from '../../common/text.ts';
import { formatMib, formatSeconds, timeLeft } from '../../sandboxes/describe.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';
import { moment } from './moment.ts';

/** Everything the list knows of a sandbox. Its texts come from a server: they are data, never Markdown. */
export function tooltip(sandbox: Sandbox): vscode.MarkdownString {
  const rows = facts(sandbox).flatMap(([label, value]) =>
    value ? [`| ${label} | ${literally(value)} |`] : [],
  );
  const warnings = (sandbox.warnings ?? []).map((warning) => `⚠ ${literally(warning)}`);
  const table = ['| | |', '| --- | --- |', ...rows].join('\n');
  return new vscode.MarkdownString([`**${literally(sandbox.name)}**`, ...warnings, table].join('\n\n'));
}

/** Text as Markdown that shows just that text: every mark that could mean something is escaped. */
const literally = (text: string): string => plain(text).replace(/[!-/:-@[-`{-~]/g, String.raw`\$&`);

function facts(sandbox: Sandbox): [label: string, value: string | undefined][] {
  const { vcpu, memoryMib, diskMib, timeoutSeconds } = sandbox;
  const left = timeLeft(sandbox, Date.now());
  return [
    ['State', sandbox.state],
    ['ID', sandbox.id],
    ['Template', sandbox.template ?? sandbox.templateId],
    ['vCPU', vcpu?.toString()],
    ['Memory', memoryMib === undefined ? undefined : formatMib(memoryMib)],
    ['Disk', diskMib === undefined ? undefined : formatMib(diskMib)],
    ['Network', sandbox.network],
    ['Created', sandbox.createdAt === undefined ? undefined : moment(sandbox.createdAt)],
    ['Time-out', timeoutSeconds === undefined ? undefined : formatSeconds(timeoutSeconds)],
    ['Ends', left && sandbox.endsAt !== undefined ? `${moment(sandbox.endsAt)} (${left})` : undefined],
    ['At its end', { true: 'paused', false: 'deleted' }[String(sandbox.autoPause)]],
  ];
}
