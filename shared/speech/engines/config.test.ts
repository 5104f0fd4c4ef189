import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../config/config.ts';
import { EnginesConfig } from './config.ts';

const engines = (text: string) => loadConfig(EnginesConfig, { TURNSTREAM_ASR_ENGINES: text }).TURNSTREAM_ASR_ENGINES;

describe('the list of recognisers', () => {
  it('is read in its order, with everything after the first sign of equality', () => {
    expect(engines('openai=https://a.example/v1#model=x&languages=en+zh, small=models/speech-en-small')).toEqual([
      { kind: 'openai', where: 'https://a.example/v1#model=x&languages=en+zh' },
      { kind: 'small', where: 'models/speech-en-small' },
    ]);
  });
  it('is the shipped one where nothing is said', () => {
    expect(loadConfig(EnginesConfig, {}).TURNSTREAM_ASR_ENGINES).toMatchObject([{ kind: 'small' }]);
  });
  it.each(['deepgram=x', 'small', 'small=', ','])('refuses %s', (text) => {
    expect(() => engines(text)).toThrow('TURNSTREAM_ASR_ENGINES');
  });
});
