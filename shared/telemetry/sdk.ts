// Loaded only where spans are sent, as a whole: a bundler gives a CommonJS package that is itself imported at run time
// no named exports.
import { NodeSDK, tracing } from '@opentelemetry/sdk-node';

export const { AlwaysOnSampler, ParentBasedSampler, SimpleSpanProcessor } = tracing;
export { NodeSDK };
