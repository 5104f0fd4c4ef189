import { describeAudio } from './audio-log.contract.ts';
import { memoryAudioLog, memoryHearing } from './audio-memory.ts';

describeAudio('in memory', () =>
  Promise.resolve({ audio: memoryAudioLog(), hearing: memoryHearing(), stop: () => Promise.resolve() }),
);
