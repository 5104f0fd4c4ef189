import { it } from 'vitest';
import { execFileSync } from 'node:child_process';
import { readWav } from '../../shared/speech/wav.ts';
import { initialResampling, resample } from '../../shared/speech/rate.ts';
import { twilioGateway } from './testing/gateway-twilio.ts';
it('smoke', async () => {
  const t = await (await fetch('http://127.0.0.1:18080/v1/voice/tickets', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"locale":"en"}' })).json() as { ticket: string };
  const g = twilioGateway();
  await g.connect(`ws://127.0.0.1:18080/v1/voice/twilio?ticket=${t.ticket}`);
  const wav = readWav(execFileSync('espeak-ng', ['-v', 'en-us', '-s', '130', '--stdout', 'agent']));
  if (!wav.ok) throw new Error('wav');
  await g.wait(500);
  await g.speak(resample(initialResampling(wav.rate), wav.samples, 8000).sound);
  await g.wait(9000);
  console.log(g.heard().map((h) => [h.fromMs, h.toMs]), g.isOpen);
  g.hangUp();
  await g.wait(500);
}, 40000);
