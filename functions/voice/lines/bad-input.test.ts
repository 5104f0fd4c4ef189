import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { audioSocketLine } from './audiosocket.ts';
import { GATEWAYS, MAX_FRAME_BYTES, type Frame, type Line, type LineEvent } from './line.ts';
import { recognise } from './recognise.ts';

const line = (path: string): Line => recognise({ path, query: {}, protocols: [] });
const DIALECTS = [...GATEWAYS, 'any'] as const;
const lineTo = (name: (typeof DIALECTS)[number]) =>
  name === 'audiosocket' ? audioSocketLine() : line(`/v1/voice/${name}`);

const start = (more: object = {}) =>
  JSON.stringify({
    event: 'start',
    streamSid: 'MZ1',
    start: { callSid: 'CA1', mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000 }, ...more },
  });
const media = (payload: unknown) => JSON.stringify({ event: 'media', media: { chunk: '1', payload } });
const whys = (events: readonly LineEvent[]) =>
  events.map((event) => (event.kind === 'malformed' ? event.why : event.kind));

const shown = (event: LineEvent) => (event.kind === 'media' ? Buffer.from(event.sound).toString('hex') : event);

/** What gateways do say, to be broken. */
const spoken = readdirSync(new URL('fixtures/', import.meta.url)).flatMap((file) =>
  readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .flatMap((row) => {
      const { gateway } = JSON.parse(row) as { readonly gateway?: string };
      return gateway === undefined ? [] : [gateway];
    }),
);
const broken = fc
  .tuple(fc.constantFrom(...spoken), fc.nat(), fc.nat(), fc.string({ maxLength: 20 }))
  .map(([text, from, length, put]) => {
    const at = from % text.length;
    return text.slice(0, at) + put + text.slice(at + (length % 30));
  });
const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.constantFrom(...spoken),
  broken,
  fc.json(),
  fc.string(),
  fc.uint8Array({ maxLength: 700 }),
  fc.json().map((value) => `{"event":"media","media":${value}}`),
  fc.json().map((value) => `{"event":"start","start":${value}}`),
  fc.json().map((value) => `{"type":"open","format":${value}}`),
);

describe('whatever comes over a line', () => {
  it.each(DIALECTS)('never throws: %s', (name) => {
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 20 }), (all) => {
        const on = lineTo(name);
        const events = all.flatMap((frame) => on.hear(frame));
        const starts = events.filter(({ kind }) => kind === 'started');
        expect(starts.length).toBeLessThanOrEqual(1);
        const first = events.findIndex(({ kind }) => kind === 'started');
        const sound = events.findIndex(({ kind }) => kind === 'media' || kind === 'dtmf' || kind === 'mark');
        if (sound >= 0) expect(first).toBeLessThan(sound);
        const said = [on.play(new Uint8Array(1_000)), on.mark('m'), on.clear(), on.pause(), on.resume(), on.hangUp()];
        if (first < 0) expect(said.flat()).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('hears the same from TCP however it was cut', () => {
    const packet = (type: number, payload: Uint8Array) => [type, payload.length >> 8, payload.length & 255, ...payload];
    const packets = fc.array(
      fc.oneof(
        fc.uint8Array({ minLength: 320, maxLength: 320 }).map((sound) => packet(0x10, sound)),
        fc.constantFrom('0', '9', '*', '#').map((digit) => packet(0x03, new Uint8Array(Buffer.from(digit)))),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(packets, fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (all, cuts) => {
        const stream = new Uint8Array([...packet(0x01, new Uint8Array(16)), ...all.flat()]);
        const whole = audioSocketLine().hear(stream);
        const on = audioSocketLine();
        const events: LineEvent[] = [];
        for (let at = 0, i = 0; at < stream.length; i += 1) {
          const size = cuts[i % cuts.length] ?? 1;
          events.push(...on.hear(stream.slice(at, at + size)));
          at += size;
        }
        expect(events.map(shown)).toEqual(whole.map(shown));
      }),
    );
  });
});

describe('a frame that is wrong says why', () => {
  it.each([
    ['no JSON', ['{"event":'], ['not-json']],
    ['an array', ['[]'], ['not-json']],
    ['an event nobody knows', [start(), '{"event":"dance"}'], ['started', 'unknown-event']],
    ['base64 that is none', [start(), media('a*b=')], ['started', 'not-base64']],
    ['sound that is no text', [start(), media(7)], ['started', 'shape']],
    ['sound before the start', [media('AAAA')], ['not-started']],
    ['a second start', [start(), start()], ['started', 'started-twice']],
    ['a codec nobody has', [start({ mediaFormat: { encoding: 'opus', sampleRate: 48000 } })], ['codec']],
    ['two channels', [start({ mediaFormat: { encoding: 'l16', sampleRate: 8000, channels: 2 } })], ['codec']],
    ['a rate nobody has', [start({ mediaFormat: { encoding: 'l16', sampleRate: 7 } })], ['codec']],
    ['bytes where there is only text', [start(), new Uint8Array(160)], ['started', 'wrong-kind']],
    ['a giant', [start(), 'x'.repeat(MAX_FRAME_BYTES + 1), media('AAAA')], ['started', 'too-large']],
    ['a key of no telephone', [start(), '{"event":"dtmf","dtmf":{"digit":"E"}}'], ['started', 'shape']],
  ] as const)('%s', (_, sent, means) => {
    const on = line('/v1/voice/twilio');
    expect(whys(sent.flatMap((frame) => on.hear(frame)))).toEqual(means);
  });

  it('nobody knows the dialect of', () => {
    expect(line('/v1/voice').hear('{"hello":1}')).toEqual([{ kind: 'malformed', why: 'no-dialect', fatal: true }]);
    expect(line('/v1/voice').hear(new Uint8Array(10))).toEqual([{ kind: 'malformed', why: 'no-dialect', fatal: true }]);
  });

  it('is too long for AudioSocket', () => {
    expect(whys(audioSocketLine().hear(Uint8Array.of(0x10, 0xff, 0xff, 1)))).toEqual(['too-large']);
  });

  it('keeps parameters small and flat', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, i]));
    const custom = { deep: { no: 1 }, long: 'x'.repeat(5_000), ...many };
    const [event] = line('/v1/voice/twilio').hear(start({ customParameters: custom }));
    expect(event?.kind === 'started' && Object.keys(event.parameters)).toHaveLength(64);
    expect(event?.kind === 'started' && event.parameters['k0']).toBe('0');
  });
});
