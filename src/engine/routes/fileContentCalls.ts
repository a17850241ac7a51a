import * as v from 'valibot';
import { limits } from '../../providers/leap0/wire/limits.ts';
import * as wire from '../../providers/leap0/wire/requests.ts';
import { blaming, FileError } from '../filesystem/fileError.ts';
import type { Helper } from '../filesystem/helper.ts';
import { readFile } from '../filesystem/read.ts';
import { editFile, writeFile } from '../filesystem/write.ts';
import { decode } from '../http/body.ts';
import { invalidField } from '../http/httpError.ts';
import { formatMultipart, parseMultipart, type Part } from '../http/multipart.ts';
import { jsonCall, type FileCall } from './fileCall.ts';

/** The calls that tell what is in files. */
export const readingCalls: Record<string, FileCall> = {
  'read-file': jsonCall(wire.readFileRequest, async (helper, request) => {
    const bytes = await readFile(helper, request);
    return { status: 200, content: { type: 'application/octet-stream', bytes } };
  }),
  'read-files': jsonCall(wire.readFilesRequest, async (helper, { paths }) => ({
    status: 200,
    content: formatMultipart(await readFiles(helper, paths)),
  })),
};

/** The calls that change what is in files. */
export const writingCalls: Record<string, FileCall> = {
  'write-file': async (request) => {
    const { path, permissions } = decode(wire.writeFileQuery, Object.fromEntries(request.query));
    const content = await request.bytes();
    return async (helper) => {
      await writeFile(helper, path, content, permissions);
      return { status: 204 };
    };
  },
  'write-files': async (request) => {
    const parts = await parseMultipart(request.contentType, await request.bytes());
    const files = parts.map(decodePart);
    return async (helper) => {
      for (const { name, bytes: content } of files) {
        await blaming(name, () => writeFile(helper, name, content, undefined));
      }
      return { status: 204 };
    };
  },
  'edit-file': jsonCall(wire.editFileRequest, async (helper, { path, edits }) => ({
    status: 200,
    body: await editFile(helper, path, edits),
  })),
  'edit-files': jsonCall(wire.editFilesRequest, async (helper, { files, find, replace }) => {
    const items: EditResult[] = [];
    for (const file of files) items.push(await editOneOf(helper, file, { find, replace }));
    return { status: 200, body: { items } };
  }),
};

/** Schema `EditResult` of leap0-openapi.yaml. */
interface EditResult {
  file: string;
  success: boolean;
  error?: string;
}

async function editOneOf(helper: Helper, file: string, edit: wire.FileEdit): Promise<EditResult> {
  try {
    const { replacements } = await editFile(helper, file, [edit]);
    if (replacements === 0) return { file, success: false, error: 'the text to find is not in it' };
    return { file, success: true };
  } catch (error) {
    // What is wrong with one file is no reason to leave the others alone; what is wrong with the sandbox is.
    if (!(error instanceof FileError)) throw error;
    return { file, success: false, error: error.reason };
  }
}

/** @throws FileError; HttpError 400 when together they are more than one answer may hold */
async function readFiles(helper: Helper, paths: string[]): Promise<Part[]> {
  const parts: Part[] = [];
  let size = 0;
  for (const [index, path] of paths.entries()) {
    const bytes = await blaming(`paths.${index}`, () => readFile(helper, { path }));
    size += bytes.length;
    if (size > limits.bodyBytes)
      throw invalidField('paths', 'are more than 10 MiB together; read fewer at once');
    parts.push({ name: path, bytes });
  }
  return parts;
}

/** @throws HttpError 400 when its name is no path */
function decodePart({ name, bytes }: Part): Part {
  const path = v.safeParse(wire.filePath, name);
  if (!path.success) throw invalidField(name, path.issues[0].message);
  return { name: path.output, bytes };
}
