/** What is wrong with one field of a request: a JSON path, a header or a parameter. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** Why a request was not carried out, as RFC 9457 has it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly [extension: string]: unknown;
}

const JSON_TYPE = 'application/problem+json';

/** A request that ends in a problem document; thrown by whatever reads the request, turned into an answer by its route. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.title);
    this.problem = problem;
    this.headers = headers;
  }
}

/** A problem of ours: `slug` names its kind for good, `detail` tells this case. */
export function problem(
  status: number,
  slug: string,
  title: string,
  more: {
    readonly detail?: string;
    readonly errors?: readonly FieldError[];
    readonly [extension: string]: unknown;
  } = {},
): Problem {
  return { type: `urn:turnstream:problem:${slug}`, title, status, ...more };
}

/** A request that is wrong in one field. */
export const invalid = (field: string, message: string, status = 400): HttpProblem =>
  new HttpProblem(problem(status, 'invalid-request', 'The request is not valid', { errors: [{ field, message }] }));

/** The answer to a request with a problem. `base`: headers that every answer has. */
export function problemResponse(
  { problem: body, headers }: Pick<HttpProblem, 'problem' | 'headers'>,
  base: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { ...base, ...headers, 'content-type': JSON_TYPE },
  });
}
