export { serve, type Serving } from '../../shared/http/serve.ts';
