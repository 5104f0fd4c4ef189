import { encodeModel } from '../../../shared/nlu/model/encode.ts';
import { intentReader, trainIntentModel } from '../../../shared/nlu/model/intent-model.ts';
import type { System } from './system.ts';

/** The linear model that every bot gets. */
export const linear: System = {
  name: 'linear',
  isDefault: true,
  train(examples, outside, validation) {
    const model = trainIntentModel(examples, { seed: 1, outside, ...(validation && { validation }) });
    const understand = intentReader(model, 1);
    return Promise.resolve({
      answer: (text: string) => {
        const { ranked, probability } = understand(text);
        return { intent: ranked[0]?.intent, confidence: ranked[0]?.confidence ?? 0, probability };
      },
      bytes: encodeModel(model).length,
      threshold: model.calibration.threshold,
    });
  },
};
