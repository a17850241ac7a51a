/** What a request can be refused with. Shapes: `ErrorResponse` and `ValidationErrorResponse` of leap0-openapi.yaml. */
export interface FieldError {
  field: string;
  error: string;
}

/** Answered as `{message}` with `status`; with `errors` where single fields are to blame. */
export class HttpError extends Error {
  readonly status: number;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    message: string,
    details: { errors?: FieldError[]; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.errors = details.errors;
    this.headers = details.headers ?? {};
  }

  body(): { message: string; errors?: FieldError[] } {
    return this.errors ? { message: this.message, errors: this.errors } : { message: this.message };
  }
}

export function invalidFields(errors: FieldError[]): HttpError {
  const first = errors[0];
  const summary = first ? `Invalid request: ${first.field} ${first.error}` : 'Invalid request';
  return new HttpError(400, summary, { errors });
}

export const invalidField = (field: string, error: string) => invalidFields([{ field, error }]);

export const notFound = (what: string) => new HttpError(404, what);

export const conflict = (message: string) => new HttpError(409, message);
