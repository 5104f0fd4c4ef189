/** A CloudEvent of any kind, as it came: its attributes as text, its data as JSON has it. */
export interface CloudEvent {
  /** By name, extensions included; `specversion` and `datacontenttype` have been checked and left out. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Undefined where the event has none. */
  readonly data: unknown;
}

/** Why a request is not a CloudEvent: the attribute that is wrong, or `data`, or a header, and how. */
export interface Malformed {
  readonly ok: false;
  /** The HTTP status that says so: 400, or 415 for what is in a format that is not read here. */
  readonly status: 400 | 415;
  readonly attribute: string;
  readonly problem: string;
}

export const malformed = (attribute: string, problem: string, status: 400 | 415 = 400): Malformed => ({
  ok: false,
  status,
  attribute,
  problem,
});
