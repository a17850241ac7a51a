import { defaultAddresses, keyHeaders } from '../../providers/leap0/addresses.ts';
import {
  checkKeyHeader,
  checkKeyText,
  checkSandboxDomain,
  checkServiceUrl,
} from '../../sandboxes/accountInput.ts';
import { checkNumber } from '../../sandboxes/createInput.ts';
import { timeoutRange } from '../accounts/accountSettings.ts';
import { message } from '../message.ts';
import type { Parts } from '../parts.ts';
import { settings } from '../settings.ts';
import {
  askInTurn,
  askWithin,
  choose,
  chooseOr,
  keep,
  other,
  type,
  typeSecret,
  type Answer,
  type Choice,
  type Place,
} from '../wizard.ts';
import { checkAccountName, freeAccountName, keyPrompt, trialOf } from './accounts.ts';

const title = 'Add Account';
/** How many questions there are, and how many more about the header of the key. */
const [usualSteps, headerSteps] = [6, 2];

interface Answers {
  readonly provider: string;
  /** Whether the user wants to say how the key is sent. */
  readonly asksHeader: boolean;
  readonly name: string;
  readonly baseUrl: string;
  readonly sandboxDomain: string;
  /** Nothing follows the setting for all. */
  readonly requestTimeout: number | undefined;
  /** Nothing is `Authorization`. */
  readonly authHeader: string | undefined;
  /** Nothing is with `Bearer `. */
  readonly bearer: boolean | undefined;
  readonly key: string;
}

const leap0 = { name: 'Leap0', ...defaultAddresses };
const usualHeader = { asksHeader: false, authHeader: undefined, bearer: undefined };

/** Adds an account whose key has been proved. */
export async function addAccount(parts: Parts): Promise<void> {
  const defaults: Answers = {
    provider: 'leap0',
    ...leap0,
    ...usualHeader,
    name: freeAccountName(parts, leap0.name),
    requestTimeout: undefined,
    key: '',
  };
  const steps = [askProvider, askName, askBaseUrl, askDomain, askTimeout, askKey];
  const answers = await askInTurn<Answers>(
    defaults,
    steps.map((ask, index) => (known) => {
      const totalSteps = usualSteps + (known.asksHeader ? headerSteps : 0);
      return ask(parts, known, { title, step: index + 1, totalSteps });
    }),
  );
  if (!answers) return;
  const { key, asksHeader: _asksHeader, ...account } = answers;
  await parts.accounts.add(account, key);
  await parts.view.refresh();
}

type Part = Promise<Answer<Partial<Answers>>>;

async function askProvider(_: Parts, { asksHeader }: Answers, place: Place): Part {
  const choices = [
    { label: 'Leap0', description: 'leap0.dev', value: false },
    {
      label: 'Leap0, with another header for the key…',
      description: 'or without Bearer',
      value: true,
    },
  ];
  const step = { ...place, placeholder: 'Choose a provider' };
  return keep(await choose(step, choices, choices[asksHeader ? 1 : 0]), (value) =>
    value ? { asksHeader: true } : usualHeader,
  );
}

async function askName(_: Parts, { name }: Answers, place: Place): Part {
  const step = { ...place, placeholder: leap0.name, prompt: 'A name of your own for the account.' };
  return keep(await type(step, name, checkAccountName), (text) => ({ name: text.trim() }));
}

async function askBaseUrl(_: Parts, { baseUrl }: Answers, place: Place): Part {
  const step = { ...place, placeholder: leap0.baseUrl, prompt: "The address of the service's API." };
  return keep(await type(step, baseUrl, checkServiceUrl), (text) => ({ baseUrl: text.trim() }));
}

async function askDomain(_: Parts, { sandboxDomain }: Answers, place: Place): Part {
  const prompt = 'The domain below which sandboxes have their addresses.';
  const step = { ...place, placeholder: leap0.sandboxDomain, prompt };
  return keep(await type(step, sandboxDomain, checkSandboxDomain), (text) => ({
    sandboxDomain: text.trim(),
  }));
}

async function askTimeout(_: Parts, { requestTimeout }: Answers, place: Place): Part {
  const usual = String(settings.timeouts().callMs / 1000);
  const prompt = `Seconds after which a call is given up; left empty, as the setting for all has it: ${usual}.`;
  const step = { ...place, placeholder: usual, prompt };
  return keep(await type(step, String(requestTimeout ?? ''), checkSeconds), (text) => ({
    requestTimeout: text.trim() ? Number(text) : undefined,
  }));
}

const checkSeconds = (text: string) => (text.trim() ? checkNumber(text, timeoutRange, 'seconds') : undefined);

async function askKey(parts: Parts, known: Answers, place: Place): Part {
  if (!known.asksHeader) return askSecret(parts, known, place);
  const { step = 1, ...others } = place;
  const questions = [askHeader, askBearer, askSecret];
  return askWithin(
    known,
    questions.map((ask, index) => (answers) => ask(parts, answers, { ...others, step: step + index })),
  );
}

async function askHeader(_: Parts, { authHeader }: Answers, place: Place): Part {
  const choices: Choice<string | typeof other>[] = [
    ...keyHeaders.map((name) => ({ label: name, value: name })),
    { label: 'Another header…', value: other },
  ];
  const [usual] = keyHeaders;
  const typeName = () => {
    const step = { ...place, placeholder: 'X-API-Key', prompt: "The header's name." };
    return type(step, authHeader ?? '', checkKeyHeader);
  };
  const step = { ...place, placeholder: 'Choose the header of the key' };
  const chosen = await chooseOr<string>(step, choices, authHeader ?? usual, typeName);
  return keep(chosen, (text) => {
    const name = text.trim();
    return { authHeader: name.toLowerCase() === usual.toLowerCase() ? undefined : name };
  });
}

async function askBearer(_: Parts, { authHeader, bearer }: Answers, place: Place): Part {
  const header = message(authHeader ?? keyHeaders[0]);
  const choices = [
    { label: `${header}: Bearer KEY`, value: true },
    { label: `${header}: KEY`, value: false },
  ];
  const step = { ...place, placeholder: 'Choose what the header holds' };
  return keep(await choose(step, choices, choices[bearer === false ? 1 : 0]), (value) => ({
    bearer: value ? undefined : false,
  }));
}

async function askSecret(parts: Parts, known: Answers, place: Place): Part {
  const step = { ...place, placeholder: 'API key', prompt: keyPrompt };
  return keep(await typeSecret(step, checkKeyText, trialOf(parts, { ...known, id: '' })), (key) => ({ key }));
}
