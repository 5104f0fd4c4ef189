export { ops } from '../../shared/http/ops.ts';
