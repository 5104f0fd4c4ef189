import { beforeEach, describe, expect, it } from 'vitest';
import type { EventId } from '../../events/envelope.ts';
import { speechStarted } from '../../events/call.ts';
import { turnReplied } from '../../events/turn.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { tailOf } from '../../shared/log/append.ts';
import { memoryLog, type MemoryLog } from '../../shared/log/memory.ts';
import { memoryAudioLog } from '../../shared/speech/audio-memory.ts';
import type { CallRef } from '../../shared/speech/chunk.ts';
import { newCall } from '../../shared/speech/audio-log.contract.ts';
import { incoming, opening } from '../../shared/testing/rig.ts';
import { call, type Call } from './call.ts';
import type { Connection } from './connection.ts';
import type { Frame, Line } from './lines/line.ts';
import { recognise } from './lines/recognise.ts';
import { CALL_LIMITS, type Surroundings } from './options.ts';
import { hum, phoneBot } from './platform.fixture.ts';

const TICK_MS = 20;
const media = (chunk: number, bytes = 160) =>
  JSON.stringify({
    event: 'media',
    streamSid: 'MZ1',
    sequenceNumber: String(chunk + 1),
    media: {
      track: 'inbound',
      chunk: String(chunk),
      timestamp: String(chunk * 20),
      payload: Buffer.alloc(bytes, 0xff).toString('base64'),
    },
  });
const START = JSON.stringify({
  event: 'start',
  streamSid: 'MZ1',
  sequenceNumber: '1',
  start: {
    streamSid: 'MZ1',
    callSid: 'CA1',
    mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
  },
});

/** A call on logs in memory, with a clock that only the test moves. */
class Stand {
  readonly log: MemoryLog = memoryLog();
  readonly audio = memoryAudioLog();
  readonly ref: CallRef = newCall();
  readonly sent: Frame[] = [];
  waitingBytes = 0;
  closed = false;
  nowMs = 0;
  line: Line = recognise({ path: '/v1/voice/twilio', query: {}, protocols: [] });
  call!: Call;
  chunk = 0;
  readonly connection = connectionOf(this);

  async begin(over: Partial<Surroundings> = {}): Promise<void> {
    const tail = tailOf(this.log);
    await tail.append(incoming(this.ref, opening()));
    const [started] = this.line.hear(START);
    if (started?.kind !== 'started') throw new Error('not started');
    const at: Surroundings = {
      log: this.log,
      tail,
      audio: this.audio,
      budget: { hasRoom: () => true },
      voice: hum,
      lease: () => Promise.resolve(),
      partials: () => ({ stop: () => undefined }),
      bots: () => phoneBot,
      now: () => new Date(0),
      clock: () => this.nowMs,
      limits: CALL_LIMITS,
      watch: { began: () => undefined, ended: () => undefined, flaw: () => undefined, failed: () => undefined },
      ...over,
    };
    const { settings, ...rest } = phoneBot;
    const { voice: _voice, ...quiet } = settings;
    this.call = call(
      {
        ref: this.ref,
        position: 1,
        started,
        line: this.line,
        connection: this.connection,
        bot: { ...rest, settings: quiet },
        locale: 'en',
        channel: 'phone',
        timezone: undefined,
        transferTo: undefined,
      },
      at,
    );
  }
  hear(frame: Frame): void {
    for (const event of this.line.hear(frame)) this.call.hear(event);
  }
  /** Time passes; `speaks`: with a frame of sound every 20 ms. */
  async pass(ms: number, speaks = true): Promise<void> {
    for (let end = this.nowMs + ms; this.nowMs < end;) {
      this.nowMs += TICK_MS;
      if (speaks) this.hear(media(this.chunk++));
      this.call.tick(this.nowMs);
      if (this.nowMs % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  data(type: string): readonly unknown[] {
    return this.log.all.filter((s) => s.envelope.type === type).map((s) => s.envelope.data);
  }
  verbs(): readonly string[] {
    return this.sent.map((frame) => (JSON.parse(String(frame)) as { event: string }).event);
  }
}

function connectionOf(stand: { readonly sent: Frame[]; waitingBytes: number; closed: boolean }): Connection {
  return {
    send: (frame) => void stand.sent.push(frame),
    close: () => {
      stand.closed = true;
    },
    get waitingBytes() {
      return stand.waitingBytes;
    },
  };
}

let stand: Stand;
beforeEach(() => {
  stand = new Stand();
});
const ended = async () => {
  await stand.call.over;
  return stand.data('call.ended');
};

describe('the sound of a call', () => {
  it('becomes chunks of one length, linked, and the last says that it is', async () => {
    await stand.begin();
    await stand.pass(1_050);
    stand.hear(JSON.stringify({ event: 'stop', streamSid: 'MZ1', sequenceNumber: '99', stop: {} }));
    expect(await ended()).toEqual([{ call: stand.ref.call, reason: 'hung-up', ms: 1_060 }]);
    const { all } = stand.audio;
    expect(all.map(({ number }) => number)).toEqual(all.map((_, i) => i + 1));
    expect(all.map(({ fromMs }) => fromMs)).toEqual(all.map((_, i) => i * 100));
    expect(all.map(({ last }) => last)).toEqual(all.map((_, i) => i === all.length - 1));
    expect(all.slice(0, -1).every(({ sound }) => sound.length === 800)).toBe(true);
  });

  it('goes on as silence where the gateway sends none, until it is taken for dead', async () => {
    await stand.begin();
    await stand.pass(200);
    await stand.pass(30_000, false);
    expect(stand.audio.all.at(-1)?.fromMs).toBeGreaterThan(29_000);
    expect(stand.data('call.ended')).toEqual([]);
    await stand.pass(31_000, false);
    expect(await ended()).toMatchObject([{ reason: 'lost' }]);
  });

  it('of ten minutes of silence changes nothing but the time', async () => {
    await stand.begin();
    await stand.pass(600_000);
    expect(stand.data('call.ended')).toEqual([]);
    expect(stand.audio.all.length).toBe(6_000);
    expect(stand.log.all.length).toBe(1);
  });

  it('that comes far faster than anybody speaks ends the call', async () => {
    await stand.begin();
    for (let i = 0; i < 1_000; i++) stand.hear(media(stand.chunk++));
    expect(await ended()).toMatchObject([{ reason: 'malformed' }]);
    // Whoever listens is told that nothing follows.
    expect(stand.audio.all.at(-1)?.last).toBe(true);
  });

  it('that somebody else has closed is written no further, and neither is the end', async () => {
    await stand.begin();
    await stand.pass(300);
    const newest = await stand.audio.newest(stand.ref);
    if (!newest) return expect.fail('no chunk');
    await stand.audio.append(stand.ref, { ...newest, number: newest.number + 1, last: true }, newest.position);
    await stand.pass(300);
    expect(await stand.call.over).toBe('lost');
    expect(stand.data('call.ended')).toEqual([]);
  });

  it('is given up at once where its session was erased', async () => {
    const erased = new PlatformError('session.erased', 'the session was erased', { retry: 'never' });
    await stand.begin({ audio: { ...stand.audio, append: () => Promise.reject(erased) } });
    await stand.pass(300);
    expect(stand.closed).toBe(true);
  });

  it('is given up where the log stays away', async () => {
    await stand.begin({ audio: { ...stand.audio, append: () => Promise.reject(new Error('away')) } });
    await stand.pass(31_000);
    expect(stand.closed).toBe(true);
  });
});

describe('a call ends', () => {
  it('with a socket that breaks, as lost, and with one that is closed, as hung up', async () => {
    await stand.begin();
    // Another socket than the one it is on.
    stand.call.dropped(connectionOf(stand), 'broken');
    await stand.pass(100);
    expect(stand.data('call.ended')).toEqual([]);
    stand.call.dropped(stand.connection, 'broken');
    expect(await ended()).toMatchObject([{ reason: 'lost' }]);

    stand = new Stand();
    await stand.begin();
    stand.call.dropped(stand.connection, 'cleanly');
    expect(await ended()).toMatchObject([{ reason: 'hung-up' }]);
  });

  it('when it takes too long', async () => {
    await stand.begin({ limits: { ...CALL_LIMITS, longestMs: 5_000 } });
    await stand.pass(5_100);
    expect(await ended()).toMatchObject([{ reason: 'too-long' }]);
    expect(stand.closed).toBe(true);
  });

  it('when the other side does not read', async () => {
    await stand.begin();
    stand.waitingBytes = CALL_LIMITS.unreadBytes + 1;
    await stand.pass(20);
    expect(await ended()).toMatchObject([{ reason: 'too-slow' }]);
  });

  it('when there is more nonsense on the line than a gateway makes', async () => {
    await stand.begin();
    for (let i = 0; i < 200; i++) stand.hear('{"event":"what"}');
    expect(await ended()).toMatchObject([{ reason: 'malformed' }]);
  });
});

describe('what is said', () => {
  const reply = async (text: string) => {
    const event = incoming(stand.ref, turnReplied({ messages: [{ text, buttons: [] }], locale: 'en' }));
    await tailOf(stand.log).append(event);
    return event.id;
  };

  it('leaves in the rhythm of the line, with marks, and is written down when it was heard', async () => {
    await stand.begin();
    const of = await reply('Your parcel is on its way. It comes tomorrow.');
    await stand.pass(1_000);
    const early = stand.verbs().length;
    await stand.pass(500);
    expect(stand.verbs().length).toBeGreaterThan(early);
    await stand.pass(6_000);
    const [completed] = stand.data('playback.completed') as { of: EventId; heardMs: number; ofMs: number }[];
    expect(completed?.of).toBe(of);
    expect(completed?.ofMs).toBeGreaterThan(2_500);
    expect(stand.verbs().filter((verb) => verb === 'mark').length).toBeGreaterThan(3);
    // Chunks say whether the caller could hear us.
    expect(stand.audio.all.some(({ playing }) => playing)).toBe(true);
    expect(stand.audio.all.at(-1)?.playing).toBe(false);
  });

  it('is cleared when the caller speaks, and the words that were heard are written down', async () => {
    await stand.begin();
    await reply('Your parcel is on its way and comes tomorrow in the morning.');
    await stand.pass(1_500);
    const { call } = stand.ref;
    await tailOf(stand.log).append(incoming(stand.ref, speechStarted({ call, utterance: 1, fromMs: 1_400 })));
    await stand.pass(20);
    expect(stand.verbs()).toContain('clear');
    const [interrupted] = stand.data('playback.interrupted') as { heard: string; heardMs: number; reason: string }[];
    expect(interrupted?.reason).toBe('spoken-over');
    expect('Your parcel is on its way and comes'.startsWith(interrupted?.heard ?? '?')).toBe(true);
    expect(interrupted?.heard.split(' ').length).toBeGreaterThan(2);
    const sent = stand.verbs().length;
    await stand.pass(1_000);
    expect(stand.verbs().length).toBe(sent);
  });

  it('is told to be unsaid where there is no voice, or where it fails', async () => {
    await stand.begin({ voice: undefined });
    await reply('Hello.');
    await stand.pass(300);
    expect(stand.data('playback.interrupted')).toMatchObject([{ reason: 'no-speech', heard: '', heardMs: 0 }]);

    stand = new Stand();
    await stand.begin({ voice: { name: 'broken', say: () => Promise.reject(new Error('no')) } });
    await reply('Hello.');
    await stand.pass(300);
    expect(stand.data('playback.interrupted')).toMatchObject([{ reason: 'failed', heard: '' }]);
  });
});
