/** The OpenAPI document that `npm run test:openapi` was given. */
export function documentPath(): string {
  const path = process.env['OPENAPI_DOCUMENT'];
  if (!path) throw new Error('Run these tests by `npm run test:openapi -- FILE`.');
  return path;
}
