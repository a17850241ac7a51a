import { unescape } from 'node:querystring';
import { hideHeader } from '../common/redactor.ts';
import type { Variables } from './variables.ts';
import { ProviderError } from './errors.ts';
import type { CreateRequest } from './provider.ts';

const endpointName = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const headersName = 'OTEL_EXPORTER_OTLP_HEADERS';

/**
 * The variables of a new sandbox. With `otelExport`, what this environment says about OpenTelemetry's OTLP exporter is
 * among them; the request's own variables win. Source: leap0.md, "Sandboxes".
 * @param environment of the process that asks
 * @param hide told of the exporter's headers, which are secrets
 * @throws ProviderError `invalid` when `otelExport` is asked for and the environment names no endpoint
 */
export function variablesOf(
  request: Pick<CreateRequest, 'env' | 'otelExport' | 'telemetry'>,
  environment: Readonly<Record<string, string | undefined>>,
  hide: (secret: string) => void,
): Variables {
  const wantsExport = request.otelExport ?? request.telemetry;
  const variables = { ...(wantsExport && exporterOf(environment)), ...request.env };
  hideHeaders(variables[headersName] ?? '', hide);
  return variables;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Why no sandbox can be made to export telemetry from this environment, and what to do; nothing when one can. */
export function exportFailure(environment: Environment): ProviderError | undefined {
  if (environment[endpointName]?.trim()) return undefined;
  return new ProviderError('invalid', 'The sandbox cannot be made to export telemetry.', {
    fields: [{ field: 'otelExport', error: `${endpointName} is not set in the editor's environment` }],
    advice: `Set ${endpointName} and start the editor anew, or create the sandbox without the export.`,
  });
}

function exporterOf(environment: Environment): Variables {
  const failure = exportFailure(environment);
  if (failure) throw failure;
  const [endpoint = '', headers] = [endpointName, headersName].map((name) => environment[name]?.trim());
  return { [endpointName]: endpoint, ...(headers && { [headersName]: headers }) };
}

/** They are a list `name=value,name=value` with values in percent-encoding (OpenTelemetry, "Protocol Exporter"). */
function hideHeaders(headers: string, hide: (secret: string) => void): void {
  hide(headers);
  for (const pair of headers.split(',')) {
    const value = pair.slice(pair.indexOf('=') + 1).trim();
    hideHeader(value, hide);
    hideHeader(unescape(value), hide);
  }
}
