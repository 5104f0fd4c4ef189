import { invalid } from '../../shared/http/problem.ts';

const BOUNDARY = /^multipart\/form-data *;(?:.*;)? *boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/iu;
const NAME = /^content-disposition *: *form-data *;(?:.*;)? *name="?([^";\r\n]*)"?/imu;
const MOST_PARTS = 32;
const LONGEST_HEAD = 4_096;

/** Whether a body is a form (RFC 7578). */
export const isForm = (contentType: string): boolean => /^multipart\/form-data\b/iu.test(contentType);

/**
 * One field of a form, as it is in the body: nothing is copied. Fails with a problem where the form is not well-formed
 * or does not have the field.
 */
export function fieldOf(form: Buffer, contentType: string, field: string): Buffer {
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw invalid('Content-Type', 'names no boundary');
  const line = Buffer.from(`--${boundary}`);
  // What stands before the first boundary is none of the form's.
  let at = form.indexOf(line);
  for (let parts = 0; at >= 0 && parts < MOST_PARTS; parts++) {
    const begin = at + line.length;
    if (form.subarray(begin, begin + 2).toString('latin1') === '--') break;
    const head = form.indexOf('\r\n\r\n', begin);
    const end = form.indexOf(Buffer.concat([Buffer.from('\r\n'), line]), begin);
    if (head < 0 || end < head || head - begin > LONGEST_HEAD) throw invalid('body', 'is not a well-formed form');
    if (NAME.exec(form.subarray(begin, head).toString('utf8'))?.[1] === field) return form.subarray(head + 4, end);
    at = end + 2;
  }
  throw invalid(field, 'is missing');
}
