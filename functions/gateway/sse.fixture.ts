/** Server-sent events as a client reads them. */
export interface SseReader {
  /** Ids and data, in the order in which they came. */
  readonly events: readonly { readonly id: number; readonly data: Record<string, unknown> }[];
  /** Everything that came, comments too. */
  readonly text: string;
  readonly done: boolean;
  /** Goes away without a word. */
  cancel(): Promise<void>;
}

/** Reads a stream of events in the background. `limit`: goes away after so many events, in the middle of what comes. */
export function readSse(body: ReadableStream<Uint8Array>, limit = Infinity): SseReader {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const events: { id: number; data: Record<string, unknown> }[] = [];
  const state = { text: '', rest: '', done: false };
  const take = (block: string) => {
    const id = /^id: (\d+)$/mu.exec(block)?.[1];
    const data = /^data: (.*)$/mu.exec(block)?.[1];
    if (id !== undefined && data !== undefined && events.length < limit) {
      events.push({ id: Number(id), data: JSON.parse(data) as Record<string, unknown> });
    }
  };
  const loop = async () => {
    while (events.length < limit) {
      const { done, value } = await reader.read();
      if (done) break;
      const text = decoder.decode(value, { stream: true });
      state.text += text;
      const blocks = (state.rest + text).split('\n\n');
      state.rest = blocks.pop() ?? '';
      for (const block of blocks) take(block);
    }
  };
  void loop()
    .catch(() => undefined)
    .then(async () => {
      state.done = true;
      await reader.cancel().catch(() => undefined);
    });
  return {
    events,
    get text() {
      return state.text;
    },
    get done() {
      return state.done;
    },
    cancel: () => reader.cancel().catch(() => undefined),
  };
}
