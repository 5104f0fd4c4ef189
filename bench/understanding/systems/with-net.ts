import { readFileSync } from 'node:fs';
import { encodeModel } from '../../../shared/nlu/model/encode.ts';
import { intentReader } from '../../../shared/nlu/model/intent-model.ts';
import { trainWithNet } from '../../../shared/nlu/model/train-net.ts';
import { readEncoder } from '../../../shared/nlu/net/encoder.ts';
import type { System } from './system.ts';

/** The linear model and a net behind it; fine-tuned from the shipped start, or from the ONNX file `start`. */
export const withNet = (start?: string): System => ({
  name: 'linear + net',
  async train(examples, outside, validation) {
    const encoder = start && readEncoder(readFileSync(start));
    const model = await trainWithNet(examples, {
      seed: 1,
      outside,
      ...(validation && { validation }),
      ...(encoder && { start: encoder }),
    });
    const understand = intentReader(model, 1);
    return {
      answer: (text) => {
        const { ranked, probability, by } = understand(text);
        return {
          intent: ranked[0]?.intent,
          confidence: ranked[0]?.confidence ?? 0,
          probability,
          further: by === 'net',
        };
      },
      bytes: encodeModel(model).length,
      threshold: model.calibration.threshold,
    };
  },
});
