// What is measured inside a real VS Code.
import { getCodeServer } from '../tools/codeServer.mts';
import { runInVsCode } from '../tools/vscodeSuite.mts';
import type { Report } from './run.mts';

export default async function vscode(report: Report): Promise<void> {
  await getCodeServer();
  const { measured, failed } = await runInVsCode(['test/bench/vscode/measures.test.ts']);
  if (failed > 0) throw new Error('What was to be measured in VS Code did not work');
  for (const [name, value] of Object.entries(measured)) report(name, value);
}
