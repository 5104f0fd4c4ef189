import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { audioSocketLine } from './audiosocket.ts';
import type { Frame, Line, LineEvent, Opening } from './line.ts';
import { recognise } from './recognise.ts';

// Each file is a conversation in the vendor's own documented messages: its first row says where they stand and how
// the connection was opened; then what the gateway sent and what it means, or what we do and how that is said.

type Said = string | { readonly bytes: string };
type Act = Exclude<keyof Line, 'hear'>;
interface Row {
  readonly source?: string;
  readonly opening?: Opening | { readonly tcp: true };
  readonly gateway?: string;
  readonly bytes?: string;
  readonly means?: readonly object[];
  readonly we?: Act;
  readonly of?: readonly (string | number)[];
  readonly say?: readonly Said[];
}

const folder = new URL('fixtures/', import.meta.url);
const read = (file: string): readonly Row[] =>
  readFileSync(new URL(file, folder), 'utf8')
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row) as Row);
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const shown = (event: LineEvent) =>
  event.kind === 'media' ? { ...event, sound: Buffer.from(event.sound).toString('base64') } : event;
const said = (frame: Frame): Said =>
  typeof frame === 'string' ? frame : { bytes: Buffer.from(frame).toString('base64') };

function act(line: Line, we: Act, of: readonly (string | number)[]): readonly Frame[] {
  const [first = '', second = 0] = of;
  switch (we) {
    case 'play':
      return line.play(bytes(String(first)));
    case 'accept':
      return line.accept(String(first), Number(second));
    case 'acknowledge':
      return line.acknowledge(Number(first));
    case 'partial':
      return line.partial(Number(first), String(second));
    case 'mark':
    case 'transfer':
      return line[we](String(first));
    default:
      return line[we]();
  }
}

describe.each(readdirSync(folder))('the documented messages of %s', (file) => {
  const [head, ...rows] = read(file);
  const opening = head?.opening;
  const line = !opening || 'tcp' in opening ? audioSocketLine() : recognise(opening);

  it('cite where they stand', () => {
    expect(head?.source).toMatch(/\d{4}-\d\d-\d\d$/u);
  });
  it.each(rows.map((row, i) => [i + 2, row] as const))('row %i', (_, { gateway, bytes: sent, means, we, of, say }) => {
    if (we) expect(act(line, we, of ?? []).map(said)).toEqual(say);
    else {
      const events = line.hear(gateway ?? bytes(sent ?? '')).map(shown);
      expect(events).toHaveLength(means?.length ?? 0);
      expect(events).toMatchObject(means ?? []);
    }
  });
});
