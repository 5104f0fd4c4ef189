import { describe, expect, it } from 'vitest';
import { TraceParent } from '../../events/envelope.ts';
import * as v from 'valibot';
import { isSampled, readTraceparent, traceparentOf, unsampled, unsampledTraceparent } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('a traceparent', () => {
  it('is read and written', () => {
    const read = readTraceparent(`00-${TRACE}-${SPAN}-01`);
    expect(read).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true });
    expect(read && traceparentOf(read)).toBe(`00-${TRACE}-${SPAN}-01`);
    expect(read && unsampled(read)).toBe(`00-${TRACE}-${SPAN}-00`);
  });

  it('of a newer version is read as far as it is known', () => {
    const read = readTraceparent(`cc-${TRACE}-${SPAN}-03-more`);
    expect(read && traceparentOf(read)).toBe(`00-${TRACE}-${SPAN}-01`);
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}\r\n-${SPAN}-01`,
  ])('that is none is ignored: %j', (text) => {
    expect(readTraceparent(text)).toBeUndefined();
  });

  it('tells whether it is sampled', () => {
    expect(isSampled(undefined)).toBe(false);
    expect(isSampled(`00-${TRACE}-${SPAN}-00`)).toBe(false);
    expect(isSampled(`00-${TRACE}-${SPAN}-01`)).toBe(true);
    expect(isSampled(`00-${TRACE}-${SPAN}-02`)).toBe(false);
    expect(isSampled(`00-${TRACE}-${SPAN}-03`)).toBe(true);
  });

  it('that nobody records is still one that an event may carry', () => {
    const made = unsampledTraceparent();
    expect(v.is(TraceParent, made)).toBe(true);
    expect(isSampled(made)).toBe(false);
    expect(readTraceparent(made)).toBeDefined();
    expect(unsampledTraceparent()).not.toBe(made);
  });
});
